"""The tables hold their own rules, even against the owner. # INV-01 SEC-05"""

from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps

from tests.databases import ADMIN, pose
from tests.stock.belts import inserted, moved, state_of


def test_move_holds_its_checks(admin: psycopg.Connection) -> None:
    assert state_of(admin, moved()) == ""
    assert state_of(admin, moved(quantity="0")) == "23514"
    assert state_of(admin, moved(to_place_id="from_place_id")) == "23514"
    assert state_of(admin, moved("serial_id IS NOT NULL", quantity="2")) == "23514"
    with admin.transaction(force_rollback=True):
        admin.execute(moved(reverses_id="id"))
        assert state_of(admin, moved(reverses_id="id")) == "23505"


def test_balance_holds_its_checks(admin: psycopg.Connection) -> None:
    balance = "UPDATE stock_balance SET {} WHERE physical AND reserved > 0"
    assert state_of(admin, balance.format("on_hand = on_hand + 1")) == ""
    for change in ("on_hand = -1, reserved = 0", "reserved = -1", "reserved = on_hand + 1"):
        assert state_of(admin, balance.format(change)) == "23514"
    open_ended = "UPDATE stock_balance SET reserved = -1 WHERE NOT physical"
    assert state_of(admin, open_ended) == "23514"
    assert state_of(admin, "UPDATE stock_balance SET on_hand = 2 WHERE serial_id > 0") == "23514"
    columns = "item_id, lot_id, serial_id, place_id, status, owner_id, physical, on_hand"
    assert state_of(admin, inserted("stock_balance", columns)) == "23505"
    twice = inserted(
        "stock_balance", columns, "serial_id > 0 AND physical", status="3", on_hand="1"
    )
    assert state_of(admin, twice) == "23505"
    assert (
        state_of(admin, twice.replace("3, owner_id, physical, 1", "3, owner_id, physical, 0")) == ""
    )


def test_reservation_and_genealogy_hold_their_checks(admin: psycopg.Connection) -> None:
    columns = "line_id, balance_id, quantity, command_id"
    assert state_of(admin, inserted("stock_reservation", columns)) == "23505"
    assert state_of(admin, "UPDATE stock_reservation SET quantity = -1") == "23514"
    assert state_of(admin, "UPDATE stock_reservation SET line_id = 0") == "23503"
    assert state_of(admin, "UPDATE stock_reservation SET balance_id = 0") == "23503"
    columns = (
        "command_id, input_lot_id, input_serial_id, output_lot_id, output_serial_id, quantity,"
        " hash_version, leaf_hash"
    )
    assert state_of(admin, inserted("stock_genealogy", columns)) == ""
    assert state_of(admin, inserted("stock_genealogy", columns, quantity="0")) == "23514"
    for column in ("input_lot_id", "output_lot_id", "input_serial_id", "output_serial_id"):
        wrong = inserted("stock_genealogy", columns, **{column: "0"})
        assert state_of(admin, wrong) == "23503"


def test_tables_without_a_model_hold_their_checks(admin: psycopg.Connection) -> None:
    """What is what, and what each status allows: once each, and said to the end."""
    codes, policy, texts = "stock_move_code", "stock_status_policy", "base_sql_file"
    for table in (codes, policy, texts):
        columns = admin.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
            [table],
        ).fetchall()
        for (column,) in columns:
            gone = f"UPDATE {table} SET {column} = NULL"  # noqa: S608  # our own names
            assert state_of(admin, gone) == "23502", f"{table}.{column}"
    for twice in (
        f"UPDATE {codes} SET code = 2 WHERE code = 1",  # noqa: S608
        f"UPDATE {codes} SET name = 'move' WHERE code = 1",  # noqa: S608
        f"INSERT INTO {policy} SELECT * FROM {policy} LIMIT 1",  # noqa: S608
        f"INSERT INTO {texts} SELECT * FROM {texts} LIMIT 1",  # noqa: S608
    ):
        assert state_of(admin, twice) == "23505"


def test_what_the_database_adds_must_be_there(admin: psycopg.Connection) -> None:
    """Even where the triggers that write it were taken away."""
    with admin.transaction(force_rollback=True):
        admin.execute("ALTER TABLE stock_genealogy DISABLE TRIGGER USER")
        admin.execute("ALTER TABLE stock_move DISABLE TRIGGER USER")
        for change in (
            "stock_genealogy SET hash_version = NULL",
            "stock_genealogy SET leaf_hash = NULL",
            "stock_move SET xid = NULL",
        ):
            assert state_of(admin, f"UPDATE {change}") == "23502"


def test_checkpoint_holds_its_checks(admin: psycopg.Connection) -> None:
    columns = "at, sequence, made_at, late_from, moves, is_renewal"
    with admin.transaction(force_rollback=True):
        made = f"INSERT INTO stock_checkpoint ({columns}) VALUES ({{}})"  # noqa: S608
        late = "now() - interval '1 hour', 1, now(), now(), 0, false"
        assert state_of(admin, made.format(late.replace("1 hour", "59 minutes"))) == "23514"
        admin.execute(made.format(late))
        assert state_of(admin, made.format(late)) == "23505"
        admin.execute(
            "INSERT INTO stock_checkpoint_item (checkpoint_id, item_id, site_id, pending,"
            " qualified, rejected, in_transit, balance_ids, quantities)"
            " SELECT id, 1, 1, 0, 1, 0, 0, '{1}', '{1}' FROM stock_checkpoint"
        )
        uneven = "UPDATE stock_checkpoint_item SET quantities = '{1,2}'"
        assert state_of(admin, uneven) == "23514"
        names = "item_id, site_id, pending, qualified, rejected, in_transit, balance_ids"
        names += ", checkpoint_id, quantities"
        assert state_of(admin, inserted("stock_checkpoint_item", names)) == "23505"


#: What its model declares as history, and the ledger's own tables.
APPEND_ONLY = sorted(
    {m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)}
    | {"stock_move", "stock_genealogy", "stock_genealogy_void"}
)


@pytest.mark.parametrize("replica", ["origin", "replica"])
@pytest.mark.parametrize("table", [*APPEND_ONLY, "base_database"])
def test_history_stays_as_it_was_written(
    admin: psycopg.Connection, table: str, replica: str
) -> None:
    """INV-01: no UPDATE, DELETE or TRUNCATE, not even as a superuser posing as a replica."""
    column = admin.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND attidentity = '' ORDER BY attnum LIMIT 1", [table],
    ).fetchone()[0]  # fmt: skip
    rows = admin.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  # our own
    with admin.transaction(force_rollback=True):
        pose(admin, replica)
        assert state_of(admin, f"TRUNCATE {table} CASCADE") == "TW011"
        if rows:
            assert state_of(admin, f"DELETE FROM {table}") == "TW011"  # noqa: S608  # our own
            if table != "base_database":
                change = f"UPDATE {table} SET {column} = {column}"  # noqa: S608  # our own
                assert state_of(admin, change) == "TW011"
    triggers = admin.execute(
        "SELECT count(*), bool_and(tgenabled = 'A') FROM pg_trigger"
        " WHERE tgrelid = %s::regclass AND NOT tgisinternal"
        " AND tgfoid::regproc::text IN ('tw_refuse_change', 'tw_keep_database_row')", [table],
    ).fetchone()  # fmt: skip
    assert triggers == (2, True)


@pytest.mark.parametrize("replica", ["origin", "replica"])
def test_balances_are_never_removed(admin: psycopg.Connection, replica: str) -> None:
    with admin.transaction(force_rollback=True):
        pose(admin, replica)
        assert state_of(admin, "DELETE FROM stock_balance") == "TW011"
        assert state_of(admin, "TRUNCATE stock_balance CASCADE") == "TW011"


def test_what_serials_and_lines_refer_to_is_there_and_stays(admin: psycopg.Connection) -> None:
    rows = {
        "stock_serial": ("uid, item_id, lot_id, number, raw_number", ("item_id", "lot_id")),
        "documents_line": ("uid, document_id, line_number", ("document_id",)),
    }
    new = {"uid": "gen_random_uuid()", "number": "'NEW'", "line_number": "99"}
    for table, (columns, referring) in rows.items():
        fresh = {name: value for name, value in new.items() if name in columns}
        assert state_of(admin, inserted(table, columns, **fresh)) == ""
        for column in referring:
            wrong = inserted(table, columns, **{**fresh, column: "0"})
            assert state_of(admin, wrong) == "23503"
            change = f"UPDATE {table} SET {column} = 0"  # noqa: S608  # our own
            assert state_of(admin, change) == "23503"
    for table in ("stock_lot", "catalog_item", "documents_document", "documents_line"):
        assert state_of(admin, f"DELETE FROM {table}") == "TW011"  # noqa: S608  # our own
        assert state_of(admin, f"UPDATE {table} SET id = id") == "TW011"  # noqa: S608
        assert state_of(admin, f"TRUNCATE {table} CASCADE") == "TW011"


@pytest.mark.parametrize("replica", ["origin", "replica"])
def test_place_keeps_what_balances_copied(admin: psycopg.Connection, replica: str) -> None:
    place = "UPDATE places_place SET {} WHERE code = 'A-01'"
    with admin.transaction(force_rollback=True):
        pose(admin, replica)
        for change in (
            "kind = 'dock'",
            "physical = false",
            "site_id = (SELECT id FROM org_site WHERE code = 'CD')",
            "legal_entity_id = legal_entity_id + 1",
            "parent_id = NULL",
            "path = ARRAY[id]",
        ):
            assert state_of(admin, place.format(change)) == "TW011"
        assert state_of(admin, place.format("pick_rank = 9")) == ""
    assert state_of(admin, "UPDATE places_place SET physical = false") in ("TW011", "23514")


@pytest.mark.parametrize("replica", ["origin", "replica"])
def test_path_of_a_place_follows_from_its_parent(admin: psycopg.Connection, replica: str) -> None:
    """Whatever path is written; a place stands below one of its own site, or below none."""
    columns = (
        "uid, code, name_en, name_zh, kind, physical, site_id, legal_entity_id, is_open,"
        " pick_rank, sort_key, zone, path, parent_id"
    )
    spoilt = {"uid": "gen_random_uuid()", "path": "'{7}'"}
    with admin.transaction(force_rollback=True):
        pose(admin, replica)
        for code, parent in (("new-1", "id"), ("new-2", "NULL")):
            changed = {**spoilt, "code": f"'{code}'", "parent_id": parent}
            admin.execute(inserted("places_place", columns, "code = 'ZONE'", **changed))
        made = "SELECT path[1:cardinality(path) - 1], path[cardinality(path)] = id, code"
        rows = admin.execute(f"{made} FROM places_place WHERE code ~ '^new-' ORDER BY code")
        zone = admin.execute("SELECT path FROM places_place WHERE code = 'ZONE'").fetchone()
        assert rows.fetchall() == [(zone[0], True, "new-1"), ([], True, "new-2")]
        elsewhere = "(SELECT id FROM org_site WHERE code = 'CD')"
        for parent in ("id + 0", "0"):
            changed = {**spoilt, "code": "'new-3'", "parent_id": parent, "site_id": elsewhere}
            wrong = inserted("places_place", columns, "code = 'ZONE'", **changed)
            assert state_of(admin, wrong) == "TW011"


@pytest.mark.parametrize("replica", ["origin", "replica"])
def test_containers_never_stand_in_themselves(admin: psycopg.Connection, replica: str) -> None:
    """Nor deeper than five in one another; whoever writes the parent. # INV-10"""
    with admin.transaction(force_rollback=True):
        pose(admin, replica)
        admin.execute(
            "INSERT INTO stock_container (uid, code, is_closed) SELECT gen_random_uuid(),"
            " 'ring-' || n, false FROM generate_series(1, 6) n"
        )
        into = (
            "UPDATE stock_container SET parent_id = (SELECT id FROM stock_container"
            " WHERE code = 'ring-{}') WHERE code = 'ring-{}'"
        )
        for n in range(2, 6):
            admin.execute(into.format(n - 1, n))
        assert state_of(admin, into.format(5, 1)) == "TW017", "a ring"
        assert state_of(admin, into.format(5, 6)) == "TW017", "a sixth level"
        new = "INSERT INTO stock_container (uid, code, is_closed, parent_id) SELECT"
        new += " gen_random_uuid(), 'ring-7', false, id FROM stock_container WHERE code = 'ring-{}'"
        assert state_of(admin, new.format(5)) == "TW017", "a new one on the sixth level"
        assert state_of(admin, new.format(4)) == ""


@pytest.fixture
def blocked(admin: psycopg.Connection) -> Iterator[None]:
    """A block of everything, placed and signed for; and one of nothing, not signed."""
    with admin.transaction(force_rollback=True):
        admin.execute(
            "INSERT INTO stock_block (uid, kind, item_id, reason, placed_at, command_id,"
            " lift_reason) SELECT s.subject_uid, 'hold', i.id, 'stop', now(), 1, ''"
            " FROM audit_signature s, catalog_item i LIMIT 1"
        )
        admin.execute(
            "INSERT INTO stock_block (uid, kind, item_id, reason, placed_at, command_id,"
            " lift_reason) SELECT gen_random_uuid(), 'recall', item_id, '', now(), 1, ''"
            " FROM stock_block"
        )
        yield


def test_block_ends_after_it_begins(admin: psycopg.Connection) -> None:
    new = (
        "INSERT INTO stock_block (uid, kind, item_id, reason, placed_at, until, command_id,"
        " lift_reason) SELECT gen_random_uuid(), 'hold', id, 'stop', now(), now() + {}, 1, ''"
        " FROM catalog_item LIMIT 1"
    )
    assert state_of(admin, new.format("interval '0'")) == "23514"
    assert state_of(admin, new.format("interval '1 second'")) == ""


LIFT = "UPDATE stock_block SET lifted_at = now(), lift_reason = 'over' WHERE kind = '{}'"


@pytest.mark.usefixtures("blocked")
@pytest.mark.parametrize("replica", ["origin", "replica"])
def test_block_is_lifted_once_and_signed(admin: psycopg.Connection, replica: str) -> None:
    pose(admin, replica)
    assert state_of(admin, LIFT.format("recall")) == "TW011", "nobody signed for that one"
    assert state_of(admin, "UPDATE stock_block SET reason = 'told better'") == ""
    assert state_of(admin, LIFT.format("hold")) == ""
    admin.execute(LIFT.format("hold"))
    again = "UPDATE stock_block SET {} WHERE kind = 'hold'"
    for change in ("lifted_at = NULL", "lifted_at = '2020-01-01'", "lift_reason = 'other'"):
        assert state_of(admin, again.format(change)) == "TW011"
    assert state_of(admin, again.format("reason = 'told better'")) == ""


@pytest.mark.usefixtures("blocked")
@pytest.mark.parametrize("replica", ["origin", "replica"])
def test_block_keeps_what_it_covers(admin: psycopg.Connection, replica: str) -> None:
    """A block cannot be talked away by narrowing it."""
    pose(admin, replica)
    for change in (
        "until = now()",
        "lot_id = (SELECT min(id) FROM stock_lot)",
        "serial_id = (SELECT min(id) FROM stock_serial)",
        "container_id = 1",
        "place_id = (SELECT min(id) FROM places_place)",
        "item_id = (SELECT max(id) FROM catalog_item)",
        "kind = CASE kind WHEN 'hold' THEN 'recall' ELSE 'hold' END",
        "placed_at = now() - interval '1 day'",
        "command_id = 7",
        "uid = gen_random_uuid()",
    ):
        assert state_of(admin, f"UPDATE stock_block SET {change}") == "TW011"  # noqa: S608


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize("replica", ["origin", "replica"])
def test_blocks_closings_and_nestings_wait_for_posts(fresh_database: str, replica: str) -> None:
    """Whoever writes them: a post in flight holds lock 7202 shared."""
    with (
        psycopg.connect(ADMIN, dbname=fresh_database) as post,
        psycopg.connect(ADMIN, dbname=fresh_database) as other,
    ):
        post.execute("SELECT pg_advisory_xact_lock_shared(7202)")
        pose(other, replica)
        other.execute("SET lock_timeout = '100ms'")
        for statement in (
            "INSERT INTO stock_block (uid, kind, item_id, reason, placed_at, command_id,"
            " lift_reason) SELECT gen_random_uuid(), 'hold', id, '', now(), 1, ''"
            " FROM catalog_item LIMIT 1",
            "INSERT INTO stock_closed_period (uid, legal_entity_id, closed_until, closed_at)"
            " SELECT gen_random_uuid(), id, now(), now() FROM org_legal_entity LIMIT 1",
            "INSERT INTO stock_container (uid, code, is_closed, parent_id)"
            " VALUES (gen_random_uuid(), 'INNER', false, 1)",
            "SELECT stock_block_reservations('{}', 0)",
            "SELECT stock_nest(0, 0)",
        ):
            assert state_of(other, statement) == "55P03"


def test_identity_of_the_database_stays(admin: psycopg.Connection) -> None:
    database = "UPDATE base_database SET {}"
    assert state_of(admin, database.format("clock_offset = '1 day'")) == ""
    for change in ("uid = gen_random_uuid()", "is_sandbox = NOT is_sandbox"):
        assert state_of(admin, database.format(change)) == "TW011"


def test_clock_of_a_real_database_never_moves(admin: psycopg.Connection) -> None:
    with admin.transaction(force_rollback=True):
        admin.execute("ALTER TABLE base_database DISABLE TRIGGER keep_row")
        admin.execute("UPDATE base_database SET is_sandbox = false")
        admin.execute("ALTER TABLE base_database ENABLE ALWAYS TRIGGER keep_row")
        assert state_of(admin, "SELECT tw_set_clock(now() + interval '1 day')") == "TW010"
        assert state_of(admin, "UPDATE base_database SET clock_offset = '1 day'") == "TW011"
        assert state_of(admin, "UPDATE base_database SET clock_offset = '0'") == ""
        assert admin.execute("SELECT tw_now() = now()").fetchone() == (True,)


def test_clock_of_a_sandbox_moves(admin: psycopg.Connection) -> None:
    with admin.transaction(force_rollback=True):
        admin.execute("SELECT tw_set_clock('2040-01-01 00:00+00')")
        assert admin.execute("SELECT tw_now() = '2040-01-01 00:00+00'").fetchone() == (True,)
