"""The tables hold their own rules and hashes, even against the owner. # INV-01 SEC-05"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.apps import apps

from tests import world as worlds
from tests.databases import ADMIN, pose
from tests.ledger import database_now, demand_line, post_all
from traceward.domain.stock.models import Code, Serial, Status
from traceward.domain.stock.rules import BalanceKey, Edge, Promise
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles


@pytest.fixture(scope="module")
def admin(fresh_database: str, django_db_blocker: Any) -> Iterator[psycopg.Connection]:
    """A superuser in a database with a move of every table, in a transaction per statement."""
    with django_db_blocker.unblock():
        world = worlds.build()
        set_up_roles()
        lot, made = world.lot("STENT", "L1"), world.lot("STENT", "L2")
        world.stock(lot, 10)
        by = world.by(roles.SYSTEM)
        consume = world.leg(Code.CONSUME, lot, 2, "A-01", "PRD")
        produce = world.leg(Code.PRODUCE, made, 2, "PRD", "A-01", status=Status.PENDING)
        edge = Edge(lot.pk, None, made.pk, None, 2)
        post_all([consume, produce], edges=[edge], by=by)
        key = BalanceKey(lot.item_id, lot.pk, world.places["A-01"].pk, 2, world.us.pk)
        line = demand_line(world.shanghai, by.person_id, database_now())
        post_all([], promises=[Promise(line, key, 3)], by=by.asking())
        pacer = world.lot("PACER", "P1")
        unit = Serial.objects.create(item=pacer.item, lot=pacer, number="S1", raw_number="S1")
        received = world.leg(
            Code.RECEIVE, pacer, 1, "SUP", "A-01", status=Status.PENDING, serial_id=unit.pk
        )
        post_all([received], by=by.asking())
    with psycopg.connect(ADMIN, dbname=fresh_database) as connection:
        yield connection


def state_of(admin: psycopg.Connection, statement: str) -> str:
    """The SQLSTATE with which the statement is refused; "" where it passes."""
    try:
        with admin.transaction(force_rollback=True):
            admin.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return ""


MOVE = (
    "command_id, posted_at, happened_at, code, item_id, lot_id, serial_id, quantity,"
    " from_place_id, from_status, from_owner_id, from_container_id, to_place_id, to_status,"
    " to_owner_id, to_container_id, actor_id, reverses_id"
)


def inserted(table: str, columns: str, where: str = "true", **changed: str) -> str:
    """An INSERT of a copy of the table's first such row with these columns changed."""
    names = [c.strip() for c in columns.split(",")]
    picked = ", ".join(changed.get(name, name) for name in names)
    return (
        f"INSERT INTO {table} ({columns}) SELECT {picked} FROM {table}"  # noqa: S608  # our own
        f" WHERE {where} ORDER BY id LIMIT 1"
    )


def moved(where: str = "true", **changed: str) -> str:
    changed |= {"hash_version": "0", "content_hash": "''::bytea"}
    return inserted("stock_move", f"{MOVE}, hash_version, content_hash", where, **changed)


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


#: What its model declares as history, and the ledger's own tables.
APPEND_ONLY = sorted(
    {m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)}
    | {"stock_move", "stock_genealogy"}
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
        ):
            assert state_of(admin, place.format(change)) == "TW011"
        assert state_of(admin, place.format("pick_rank = 9")) == ""
    assert state_of(admin, "UPDATE places_place SET physical = false") in ("TW011", "23514")


@pytest.mark.parametrize("replica", ["origin", "replica"])
def test_rows_are_hashed_by_the_database(admin: psycopg.Connection, replica: str) -> None:
    """What the writer says of the hash does not count."""
    with admin.transaction(force_rollback=True):
        pose(admin, replica)
        admin.execute(moved())
        row = "SELECT m.content_hash = tw_move_hash(m), m.hash_version FROM stock_move m"
        assert set(admin.execute(row).fetchall()) == {(True, 1)}
        edge = "SELECT g.leaf_hash = tw_genealogy_hash(g), g.hash_version FROM stock_genealogy g"
        assert set(admin.execute(edge).fetchall()) == {(True, 1)}
        signed = "SELECT s.leaf_hash = tw_signature_hash(s), s.hash_version FROM audit_signature s"
        columns = "uid, at, meaning, subject_kind, subject_uid, content_hash, command_id, person_id"
        admin.execute(
            inserted(
                "audit_signature",
                f"{columns}, hash_version, leaf_hash",
                uid="gen_random_uuid()",
                hash_version="0",
                leaf_hash="''::bytea",
            )
        )
        assert set(admin.execute(signed).fetchall()) == {(True, 1)}
        entry = "SELECT e.content_hash = tw_audit_hash(e), e.hash_version FROM audit_entry e"
        assert set(admin.execute(entry).fetchall()) == {(True, 1)}


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


LIFT = "UPDATE stock_block SET lifted_at = now(), lift_reason = 'over' WHERE kind = '{}'"


@pytest.mark.usefixtures("blocked")
@pytest.mark.parametrize("replica", ["origin", "replica"])
def test_block_is_lifted_once_and_signed(admin: psycopg.Connection, replica: str) -> None:
    pose(admin, replica)
    assert state_of(admin, LIFT.format("recall")) == "TW011", "nobody signed for that one"
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
def test_blocks_and_closings_wait_for_posts(fresh_database: str, replica: str) -> None:
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
        assert admin.execute("SELECT tw_now() = now()").fetchone() == (True,)


def test_clock_of_a_sandbox_moves(admin: psycopg.Connection) -> None:
    with admin.transaction(force_rollback=True):
        admin.execute("SELECT tw_set_clock('2040-01-01 00:00+00')")
        assert admin.execute("SELECT tw_now() = '2040-01-01 00:00+00'").fetchone() == (True,)


# --- the byte form, as docs/reference/byte-form.md says it ---------------------------------------


def _text(value: str | None) -> str:
    return "-" if value is None else f"{len(value.encode())}:{value}"


def _moment(value: datetime) -> str:
    return str((value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def _leaf(*parts: str) -> bytes:
    return hashlib.sha256(b"\0" + "|".join(parts).encode()).digest()


def _row(admin: psycopg.Connection, query: str) -> dict[str, Any]:
    cursor = admin.execute(query)
    assert cursor.description
    names = [column.name for column in cursor.description]
    row = cursor.fetchone()
    assert row
    return dict(zip(names, row, strict=True))


NUMBERS = (
    "item_id", "lot_id", "serial_id", "quantity", "from_place_id", "from_status",
    "from_owner_id", "from_container_id", "to_place_id", "to_status", "to_owner_id",
    "to_container_id", "actor_id", "reverses_id",
)  # fmt: skip


@pytest.mark.parametrize("full", [True, False])
def test_move_hash_is_of_the_documented_bytes(admin: psycopg.Connection, full: bool) -> None:
    columns = f"{MOVE}, document_id, line_id, di, reason, device, clock_offset_ms"
    filled = {
        "serial_id": "NULL", "document_id": "71", "line_id": "72", "from_container_id": "73",
        "to_container_id": "74", "reverses_id": "75", "di": "'09521234543213'",
        "reason": "'盘点|差异'", "device": "''", "clock_offset_ms": "-40",
        "happened_at": "'1969-12-31 23:59:59.000001+00'", "posted_at": "'2026-01-02+00'",
    }  # fmt: skip
    changed = filled if full else {}
    columns += ", hash_version, content_hash"
    changed |= {"hash_version": "0", "content_hash": "''::bytea"}
    with admin.transaction(force_rollback=True):
        admin.execute(inserted("stock_move", columns, **changed))
        m = _row(admin, "SELECT * FROM stock_move ORDER BY id DESC LIMIT 1")
        assert m["content_hash"] == _leaf(
            "M1", str(m["id"]), str(m["command_id"]), _moment(m["posted_at"]),
            _moment(m["happened_at"]), str(m["code"]), _number(m["document_id"]),
            _number(m["line_id"]), *(_number(m[name]) for name in NUMBERS), _text(m["di"]),
            _text(m["reason"]), _text(m["device"]), _number(m["clock_offset_ms"]),
        )  # fmt: skip


def test_edge_and_entry_hashes_are_of_the_documented_bytes(admin: psycopg.Connection) -> None:
    with admin.transaction(force_rollback=True):
        admin.execute(
            "INSERT INTO stock_genealogy (command_id, input_lot_id, input_serial_id,"
            " output_lot_id, output_serial_id, quantity, hash_version, leaf_hash)"
            " SELECT 1, lot_id, id, lot_id, id, 7, 0, '' FROM stock_serial LIMIT 1"
        )
        for g in (
            _row(admin, "SELECT * FROM stock_genealogy ORDER BY id DESC LIMIT 1"),
            _row(admin, "SELECT * FROM stock_genealogy ORDER BY id LIMIT 1"),
        ):
            assert g["leaf_hash"] == _leaf(
                "G1", str(g["id"]), str(g["command_id"]), _number(g["input_lot_id"]),
                _number(g["input_serial_id"]), _number(g["output_lot_id"]),
                _number(g["output_serial_id"]), str(g["quantity"]),
            )  # fmt: skip
    e = _row(admin, "SELECT * FROM audit_entry ORDER BY id LIMIT 1")
    assert e["content_hash"] == _leaf(
        "A1", str(e["id"]), _moment(e["at"]), str(e["actor_id"]), _text(e["verb"]),
        _text(str(e["request_id"])), _text(e["origin"]), _text(e["outcome"]),
        _text(e["arguments_digest"].hex()), _text(e["detail"]),
    )  # fmt: skip
    s = _row(admin, "SELECT * FROM audit_signature ORDER BY id LIMIT 1")
    assert s["leaf_hash"] == _leaf(
        "S1", str(s["id"]), _text(str(s["uid"])), str(s["person_id"]), _moment(s["at"]),
        _text(s["meaning"]), _text(s["subject_kind"]), _text(str(s["subject_uid"])),
        _text(s["content_hash"].hex()), str(s["command_id"]),
    )  # fmt: skip
