"""One predicate: legs, promises, allocation and queries agree on what is usable. # INV-03 INV-07"""

import uuid
from datetime import date

import pytest

from tests.ledger import database_now, set_clock
from tests.stock.allocating import demand
from tests.stock.posting import Q, R, post, refused
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.stock import refusals
from traceward.domain.stock.commands.allocation import reserve
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, Lot, Status, StockBalance
from traceward.domain.stock.queries import Which, on_hand
from traceward.domain.stock.rules import BalanceKey, Promise
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.org import roles

REFUSED: dict[str | None, type[Refusal]] = {
    "pending": refusals.NotReleased,
    "rejected": refusals.NotReleased,
    "expired": refusals.Expired,
    "on_hold": refusals.Blocked,
    "recalled": refusals.Blocked,
}
STATES = [None, *REFUSED]


def made(world: World, state: str | None) -> Lot:
    """Five of a lot at C-01 in this state; the only ones of their item."""
    lot = world.lot("REAGENT", "R1", date(2035, 1, 1))
    if state == "pending":
        post(world, world.leg(Code.RECEIVE, lot, 5, "SUP", "C-01", status=Status.PENDING))
        return lot
    world.stock(lot, 5, "C-01")
    if state == "rejected":
        post(world, world.leg(Code.REJECT, lot, 5, "C-01", "C-01", from_status=Q, to_status=R))
    if state == "expired":
        set_clock(database_now().replace(year=2035, month=1, day=3))
    if state in ("on_hold", "recalled"):
        kind = BlockKind.HOLD if state == "on_hold" else BlockKind.RECALL
        block(Scope(lot_id=lot.pk), kind, "stop", by=world.by(roles.QUALITY_HEAD))
    return lot


@pytest.mark.parametrize("state", STATES)
def test_every_route_says_the_same(ledger: World, line: int, state: str | None) -> None:
    world = ledger
    lot = made(world, state)
    row = StockBalance.objects.get(lot=lot, on_hand=5, physical=True)
    [shown] = on_hand(sites=None, now=database_now(), which=Which(items=[lot.item_id],
                      places=[row.place_id]))  # fmt: skip
    assert shown.forbids_promise == state

    key = BalanceKey(*(getattr(row, name) for name in BalanceKey._fields))
    pick = world.leg(Code.PICK, lot, 1, row.place.code, "STAGE", status=row.status)
    for asked in ({"promises": [Promise(line, key, 1)]}, {"legs": [pick]}):
        legs = asked.pop("legs", [])
        if state is None:
            post(world, *legs, **asked)
        else:
            refused(REFUSED[state], world, *legs, **asked)

    wanted = demand(world, 1, item_id=lot.item_id)
    [got] = reserve([wanted], by=world.by(roles.SALES)).lines
    skipped = {r.code for r in got.reasons if r.code.startswith("skip.")}
    assert skipped & {f"skip.{s}" for s in REFUSED} == ({f"skip.{state}"} if state else set())
    assert got.shortage == (0 if state is None else 1)


def test_stock_in_the_wrong_place_does_not_end_the_search(world: World) -> None:  # OUT-03
    """The days that seem to hold enough are looked at first, and then all of them."""
    world.stock(world.lot("REAGENT", "WARM", date(2030, 1, 1)), 5, "C-01")
    Place.objects.filter(code="C-01").update(temperature_c_max=15)
    cold = Place.objects.get(code="C-01")
    cold.pk, cold.uid, cold.code, cold.temperature_c_max = None, uuid.uuid4(), "C-02", 8
    cold.save()
    world.places["C-02"] = cold
    world.stock(world.lot("REAGENT", "COLD", date(2031, 1, 1)), 5, "C-02")
    [got] = reserve([demand(world, 4, "REAGENT")], by=world.by(roles.SALES)).lines
    assert (got.shortage, [p.key.place_id for p in got.picks]) == (0, [cold.pk])
    assert got.reasons[1].code == "skip.temperature"
