"""A transformation that was taken back: no trace follows it, and a self-check knows. # TRC-01"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction

from tests import world as worlds
from tests.ledger import post_all
from tests.stock.clock import set_clock
from tests.world import World
from traceward.domain.stock import checks
from traceward.domain.stock.commands.moves import reverse
from traceward.domain.stock.models import Code, Status, StockMove
from traceward.domain.stock.queries import Moment
from traceward.domain.stock.rules import Edge
from traceward.domain.trace.queries import Start, backward, forward
from traceward.kernel.audit.checks import CHECKS
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles

DAY = datetime(2026, 5, 4, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def ledger(fresh_database: str) -> World:
    """RAW became MADE on day 0, which was taken back on day 2; and KEPT on day 1, which was not."""
    world = worlds.build()
    set_up_roles()
    set_clock(DAY)
    raw = world.lot("STENT", "RAW")
    world.stock(raw, 50)
    for day, name in enumerate(("MADE", "KEPT")):
        set_clock(DAY + timedelta(days=day, hours=1))
        made = world.lot("STENT", name)
        legs = [
            world.leg(Code.CONSUME, raw, 20, "A-01", "PRD"),
            world.leg(Code.PRODUCE, made, 10, "PRD", "A-02", status=Status.PENDING),
        ]
        edges = [Edge(raw.pk, None, made.pk, None, 20)]
        post_all(legs, edges=edges, by=world.by(roles.SYSTEM))
    set_clock(DAY + timedelta(days=2))
    slip = StockMove.objects.filter(code__in=(Code.CONSUME, Code.PRODUCE)).order_by("pk")[:2]
    reverse([m.pk for m in slip], "slip", by=world.by(roles.SUPERVISOR))
    return world


def numbers(world: World, name: str, **when: Moment) -> set[str]:
    start = Start(lots=[world.lot("STENT", name).pk])
    ways = [way(start, sites=None, **when) for way in (forward, backward)]
    edges = {e.id for way in ways for e in way.edges}
    found = {node.number for way in ways for node in way.nodes}
    assert len(edges) == len(found) - 1
    return found


def test_no_trace_follows_what_was_taken_back(ledger: World) -> None:
    assert numbers(ledger, "RAW") == {"RAW", "KEPT"}
    assert numbers(ledger, "MADE") == {"MADE"}
    assert numbers(ledger, "KEPT") == {"RAW", "KEPT"}


def test_as_of_a_moment_it_counts_until_it_was_taken_back(ledger: World) -> None:
    for day, expected in ((0, {"RAW", "MADE"}), (1, {"RAW", "MADE", "KEPT"}), (2, {"RAW", "KEPT"})):
        moment = Moment(DAY + timedelta(days=day, hours=2))
        assert numbers(ledger, "RAW", moment=moment) == expected
    known = Moment(DAY + timedelta(days=3), posted=DAY + timedelta(days=1, hours=2))
    assert numbers(ledger, "RAW", moment=known) == {"RAW", "MADE", "KEPT"}


def whys() -> set[str]:
    return {str(row.values["why"]) for row in CHECKS[checks.GENEALOGY]("owner")}


@pytest.fixture
def plant(ledger: World) -> Iterator[Callable[[str, str], set[str]]]:
    """Runs a statement as the owner, the table's triggers off; gives what the check then finds."""
    with transaction.atomic(using="owner"):

        def run(table: str, statement: str) -> set[str]:
            with connections["owner"].cursor() as cursor:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cursor.execute(statement)
                assert cursor.rowcount != 0, "nothing was planted"
            return whys()

        yield run
        transaction.set_rollback(True, using="owner")


def test_an_honest_ledger_has_no_findings(ledger: World) -> None:
    assert whys() == set()


def test_edges_that_should_be_void_are_named(plant: Callable[[str, str], set[str]]) -> None:
    found = plant("stock_genealogy_void", "DELETE FROM stock_genealogy_void")
    assert found == {"counts though taken back"}


@pytest.mark.parametrize("column", ["command_id", "by_command_id"])
def test_a_wrong_void_row_is_named(plant: Callable[[str, str], set[str]], column: str) -> None:
    found = plant("stock_genealogy_void", f"UPDATE stock_genealogy_void SET {column} = 987654")  # noqa: S608
    assert found == {"counts though taken back", "is void but stands"}


def test_edges_hidden_by_a_void_row_are_named(plant: Callable[[str, str], set[str]]) -> None:
    found = plant(
        "stock_genealogy_void",
        "INSERT INTO stock_genealogy_void SELECT max(command_id), 1 FROM stock_genealogy",
    )
    assert found == {"is void but stands"}


def test_half_a_reversal_is_named(plant: Callable[[str, str], set[str]]) -> None:
    found = plant(
        "stock_move",
        "UPDATE stock_move SET reverses_id = NULL, code = 3 WHERE id ="
        " (SELECT min(id) FROM stock_move WHERE code = 18)",
    )
    assert found == {"was taken back in part"}
