"""Each self-check names the corruption that was planted, and an honest ledger has no findings.

The corruption is planted as the tables' owner with triggers off, seen by the check in the same
transaction, and rolled back.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from tests import world as worlds
from tests.stock.clock import sequence_all, set_clock
from tests.world import World, post_legs
from traceward.domain.stock import checks
from traceward.domain.stock.checkpoints import keep_checkpoints
from traceward.domain.stock.commands.posting import relate
from traceward.domain.stock.models import Code, Container, Serial, Status
from traceward.domain.stock.rules import Edge
from traceward.kernel.audit.checks import CHECKS, Finding
from traceward.kernel.audit.references import REFERENCES
from traceward.kernel.command.run import command
from traceward.kernel.org import roles
from traceward.kernel.org.scope import WHOLE_GROUP

DAY = datetime(2026, 5, 4, 1, tzinfo=UTC)
ALL = (
    checks.BALANCES,
    checks.RESERVED,
    checks.SERIALS,
    checks.CONTAINERS,
    checks.GENEALOGY,
    checks.COMMANDS,
    checks.REFERENCES,
    checks.CHECKPOINTS,
    REFERENCES,
)


@command("testing.make", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def make(legs: list[worlds.Leg], edges: list[Edge], *, by: worlds.Actor) -> int:
    """Legs and edges as they are given; for tests only."""
    post_legs(legs=legs, by=by)
    relate(edges, by=by)
    return len(edges)


@pytest.fixture(scope="module")
def ledger(fresh_database: str) -> World:
    """A company with a made lot, a serial, two containers and a checkpoint."""
    world = worlds.build()
    set_clock(DAY)
    raw, made = world.lot("STENT", "RAW"), world.lot("REAGENT", "MADE")
    world.stock(raw, 50)
    legs = [
        world.leg(Code.CONSUME, raw, 20, "A-01", "PRD"),
        world.leg(Code.PRODUCE, made, 10, "PRD", "C-01", status=Status.PENDING),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO org_role_permission (uid, role_id, permission)"
            " SELECT gen_random_uuid(), id, 'testing.make' FROM org_role WHERE code = 'system'"
            " ON CONFLICT DO NOTHING"
        )
    make(legs=legs, edges=[Edge(raw.pk, None, made.pk, None, 20)], by=world.by(roles.SYSTEM))
    lot = world.lot("PACER", "PL")
    serial = Serial.objects.create(item=lot.item, lot=lot, number="S1", raw_number="S1")
    world.post(
        world.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=Status.PENDING, serial_id=serial.pk)
    )
    outer = Container.objects.create(code="OUTER")
    inner = Container.objects.create(code="INNER", parent=outer)
    for box in (outer, inner):
        world.post(world.leg(Code.PACK, raw, 2, "A-01", "A-01", to_container_id=box.pk))
    set_clock(DAY + timedelta(days=3))
    sequence_all()
    kept = keep_checkpoints(spacing=3)
    assert kept.made >= 2
    return world


@pytest.fixture
def plant(ledger: World) -> Iterator[Callable[..., None]]:
    """Runs a statement as the owner with the table's triggers off; rolled back after the test."""
    with transaction.atomic(using="owner"):

        def run(table: str, statement: str, *parameters: object) -> None:
            with connections["owner"].cursor() as cursor:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cursor.execute(statement, parameters)
                assert cursor.rowcount != 0, "nothing was planted"

        yield run
        transaction.set_rollback(True, using="owner")


def found(check: str) -> list[Finding]:
    rows = CHECKS[check]("owner")
    for row in rows:
        assert row.check == check
        assert "{" not in str(row), str(row)
    return rows


@pytest.mark.parametrize("check", ALL)
def test_an_honest_ledger_has_no_findings(ledger: World, check: str) -> None:
    assert CHECKS[check]("verify") == []


def test_a_different_balance_is_named(plant: Callable[..., None]) -> None:  # INV-02
    plant(
        "stock_balance",
        "UPDATE stock_balance SET on_hand = on_hand + 1 WHERE id ="
        " (SELECT min(id) FROM stock_balance WHERE on_hand = 26)",
    )
    [row] = found(checks.BALANCES)
    assert (row.values["stated"], row.values["counted"]) == (27, 26)
    assert (row.values["lot"], row.values["place"]) == ("RAW", "A-01")


def test_a_missing_balance_is_named(plant: Callable[..., None]) -> None:  # INV-02
    plant("stock_balance", "DELETE FROM stock_balance WHERE on_hand = 26")
    [row] = found(checks.BALANCES)
    assert (row.values["stated"], row.values["counted"]) == (None, 26)


def test_an_extra_balance_is_named(plant: Callable[..., None], ledger: World) -> None:  # INV-02
    plant(
        "stock_balance",
        "INSERT INTO stock_balance (item_id, lot_id, place_id, status, owner_id, physical, on_hand)"
        " SELECT item_id, lot_id, %s, status, owner_id, physical, 7 FROM stock_balance"
        " WHERE on_hand = 26",
        ledger.places["B-01"].pk,
    )
    [row] = found(checks.BALANCES)
    assert (row.values["place"], row.values["stated"], row.values["counted"]) == ("B-01", 7, 0)


def test_an_edited_or_removed_move_is_named(plant: Callable[..., None]) -> None:  # INV-02
    plant(
        "stock_move",
        "DELETE FROM stock_move WHERE code = 10",
    )
    assert {row.values["place"] for row in found(checks.BALANCES)} == {"PRD", "C-01"}
    [command] = found(checks.COMMANDS)
    assert (command.values["counted"], command.values["stated"]) == (1, 2)
    assert "another number" in str(command)


def test_a_promise_without_reservation_is_named(plant: Callable[..., None]) -> None:
    plant("stock_balance", "UPDATE stock_balance SET reserved = 3 WHERE on_hand = 26")
    [row] = found(checks.RESERVED)
    assert (row.values["stated"], row.values["counted"]) == (3, 0)


def test_a_serial_in_two_places_is_named(plant: Callable[..., None], ledger: World) -> None:
    plant("stock_balance", "DROP INDEX stock_balance_serial_once")
    plant(
        "stock_balance",
        "INSERT INTO stock_balance (item_id, lot_id, serial_id, place_id, status, owner_id,"
        " physical, on_hand) SELECT item_id, lot_id, serial_id, %s, status, owner_id, true, 1"
        " FROM stock_balance WHERE serial_id IS NOT NULL AND on_hand = 1",
        ledger.places["A-02"].pk,
    )
    [row] = found(checks.SERIALS)
    assert (row.values["serial"], row.values["count"]) == ("S1", 2)
    assert row.values["places"] == "A-01, A-02"


def test_a_container_in_itself_is_named(plant: Callable[..., None]) -> None:  # INV-10
    plant(
        "stock_container",
        "UPDATE stock_container SET parent_id = (SELECT id FROM stock_container"
        " WHERE code = 'INNER') WHERE code = 'OUTER'",
    )
    rows = found(checks.CONTAINERS)
    assert [r.values["container"] for r in rows] == ["OUTER", "INNER"]
    assert {r.values["why"] for r in rows} == {"stands in itself"}


def test_a_box_in_another_place_than_its_container_is_named(
    plant: Callable[..., None], ledger: World
) -> None:  # INV-10
    plant(
        "stock_balance",
        "UPDATE stock_balance SET place_id = %s WHERE container_id ="
        " (SELECT id FROM stock_container WHERE code = 'INNER')",
        ledger.places["A-02"].pk,
    )
    [row] = found(checks.CONTAINERS)
    assert (row.values["container"], row.values["places"]) == ("OUTER", "A-01, A-02")


def test_an_edge_of_what_was_not_consumed_is_named(
    plant: Callable[..., None], ledger: World
) -> None:
    other = ledger.lot("STENT", "OTHER")
    plant("stock_genealogy", "UPDATE stock_genealogy SET input_lot_id = %s", other.pk)
    whys = {(r.values["lot"], r.values["why"]) for r in found(checks.GENEALOGY)}
    assert whys == {
        ("OTHER", "input was not consumed"),
        ("RAW", "was consumed and leads nowhere"),
    }


def test_an_edge_of_more_than_was_consumed_is_named(plant: Callable[..., None]) -> None:
    plant("stock_genealogy", "UPDATE stock_genealogy SET quantity = 21")
    [row] = found(checks.GENEALOGY)
    assert row.values["why"] == "more went in than was consumed"


def test_a_removed_edge_is_named(plant: Callable[..., None]) -> None:
    plant("stock_genealogy", "DELETE FROM stock_genealogy")
    whys = {(r.values["lot"], r.values["why"]) for r in found(checks.GENEALOGY)}
    assert whys == {
        ("RAW", "was consumed and leads nowhere"),
        ("MADE", "was produced and comes from nowhere"),
    }


def test_a_move_without_audit_entry_is_named(plant: Callable[..., None]) -> None:
    plant(
        "audit_entry",
        "DELETE FROM audit_entry WHERE id = (SELECT command_id FROM stock_move WHERE code = 10)",
    )
    [row] = found(checks.COMMANDS)
    assert row.values["why"] == "has no audit entry"


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("item_id", "item"),
        ("lot_id", "lot"),
        ("serial_id", "serial"),
        ("from_place_id", "place"),
        ("to_owner_id", "owner"),
        ("to_container_id", "container"),
        ("document_id", "document"),
        ("line_id", "document line"),
        ("actor_id", "person"),
        ("reverses_id", "reversed move"),
    ],
)
def test_an_orphan_is_named(plant: Callable[..., None], column: str, name: str) -> None:
    plant(
        "stock_move",
        f"UPDATE stock_move SET {column} = 987654, quantity = 1 WHERE code = 9",  # noqa: S608
    )
    rows = [r.values for r in found(checks.REFERENCES)]
    assert (name, 987654) in {(r["kind"], r["value"]) for r in rows}
    assert len({r["id"] for r in rows}) == 1


@pytest.mark.parametrize("column", ["item_id", "lot_id"])
def test_an_orphan_without_a_foreign_key_is_named(plant: Callable[..., None], column: str) -> None:
    plant("stock_serial", f"UPDATE stock_serial SET {column} = 987654")  # noqa: S608
    [row] = found(REFERENCES)
    assert (row.values["what"], row.values["value"]) == ("serial", 987654)


def test_a_changed_checkpoint_is_named(plant: Callable[..., None]) -> None:  # INV-08
    plant(
        "stock_checkpoint_item",
        "UPDATE stock_checkpoint_item SET quantities[1] = quantities[1] + 5"
        " WHERE id = (SELECT min(id) FROM stock_checkpoint_item)",
    )
    rows = found(checks.CHECKPOINTS)
    first = min(r.values["at"] for r in rows)
    assert {r.values["at"] for r in rows} == {first}, "only the changed one is at fault"
    assert any(r.values["stated"] == r.values["counted"] + 5 for r in rows)


def test_changed_totals_of_a_checkpoint_are_named(plant: Callable[..., None]) -> None:
    plant(
        "stock_checkpoint_item",
        "UPDATE stock_checkpoint_item SET qualified = qualified + 1"
        " WHERE id = (SELECT max(id) FROM stock_checkpoint_item)",
    )
    [row] = found(checks.CHECKPOINTS)
    assert row.values["place"] == "—"


def test_a_row_put_behind_a_checkpoint_is_named(plant: Callable[..., None]) -> None:
    plant(
        "stock_move",
        "UPDATE stock_move SET quantity = quantity + 1 WHERE id = (SELECT min(id) FROM stock_move)",
    )
    assert found(checks.CHECKPOINTS)
