"""One command posts a bounded number of rows, of whatever kind."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.kernel.verbs import EVERYWHERE
from tests.refusing import refused
from tests.stock.allocating import demand
from tests.world import World
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.stock.commands.allocation import reserve
from traceward.domain.stock.commands.moves import Difference, adjust
from traceward.domain.stock.commands.posting import collect, promise, relate
from traceward.domain.stock.rules import BalanceKey, Edge, Promise
from traceward.kernel.base.refusals import InvalidInput, NotFound, TooLarge
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.arguments import MAX_LINES
from traceward.kernel.command.run import command
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles

ROWS: dict[str, tuple[Callable[..., object], Any]] = {
    "collect": (collect, None),
    "promise": (promise, Promise(1, BalanceKey(1, 1, 1, 2, 1), 1)),
    "relate": (relate, Edge(1, None, 2, None, 1)),
}


@command("testing.post_many", **EVERYWHERE)
def post_many(what: str, times: int, count: int, *, by: Actor) -> int:
    """So many rows, so many times, are posted together."""
    gather, row = ROWS[what]
    for _ in range(times):
        gather([row] * count, by=by)
    return count


@pytest.mark.parametrize("what", ROWS)
def test_too_many_rows_are_refused(world: World, what: str) -> None:
    set_up_roles()
    with refused(TooLarge) as caught:
        post_many(what, 2, MAX_LINES // 2 + 1, by=world.by(roles.SYSTEM))
    assert caught.value.values["count"] == MAX_LINES + 2


HUGE = (10**60, -(10**60), 2**62, 10**9 + 1)


@pytest.mark.parametrize("size", [*HUGE, 0])
def test_a_difference_that_nobody_counts_is_refused_before_it_is_held(
    ledger: World, size: int
) -> None:
    lot = ledger.lot("STENT", "L1")
    found = Difference(lot.item_id, ledger.places["A-01"].pk, -1, ledger.us.pk, lot_id=lot.pk)
    with refused(InvalidInput, "differences.1.change"):
        adjust([found, replace(found, change=size)], "counted", by=ledger.by(roles.STOREKEEPER))


def test_a_count_needs_a_known_place_and_a_place_for_its_differences(ledger: World) -> None:
    lot, by = ledger.lot("STENT", "L1"), ledger.by(roles.STOREKEEPER)
    found = Difference(lot.item_id, ledger.places["A-01"].pk, -1, ledger.us.pk, lot_id=lot.pk)
    with refused(NotFound, "differences.0.place_id"):
        adjust([replace(found, place_id=10**7)], "counted", by=by.asking())
    Place.objects.filter(kind=PlaceKind.ADJUSTMENT).update(is_open=False)
    with refused(NotFound):
        adjust([found], "counted", by=by.asking())


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("priority", (*HUGE, 10**6 + 1)),
        ("quantity", (*HUGE, 0)),
        ("minimum_days", (*HUGE, -1)),
    ],
)
def test_a_demand_is_of_numbers_that_somebody_may_mean(
    ledger: World, name: str, sizes: tuple[int, ...]
) -> None:
    by, usual = ledger.by(roles.PLANNER), demand(ledger, 1)
    for size in sizes:
        with refused(InvalidInput, f"demands.0.{name}"):
            reserve([replace(usual, **{name: size})], by=by.asking())
