"""Goods are issued by lot 配料, to one order and nothing else. # PRO-01 PRO-02"""

from datetime import timedelta

import pytest

from tests.inbound import code
from tests.making import (
    EXPIRY,
    LATER,
    complete,
    issued,
    out_of,
    pacers,
    planned,
    plant,
    released,
    rule,
    spot,
)
from tests.outbound import reserved
from tests.refusing import refused
from tests.world import World, move_clock
from traceward.domain.production.commands import issuing, returning
from traceward.domain.production.commands.goods import Input
from traceward.domain.production.commands.issuing import IssueScan
from traceward.domain.production.commands.returning import GivenBack, Spoilt
from traceward.domain.production.models import (
    TransformationLine,
)
from traceward.domain.production.refusals import LotLogicBroken
from traceward.domain.stock import refusals as stock
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code
from traceward.kernel.base.refusals import InvalidInput, WrongState
from traceward.kernel.org import roles


@pytest.fixture
def stocked(world: World) -> World:
    return plant(world)


def test_goods_are_issued_as_scanned_and_reserved_to_nothing_else(stocked: World) -> None:
    order_id, bin_, by = released(stocked), "A-01", stocked.by(roles.STOREKEEPER)
    scan = IssueScan([code("STENT", "RAW1")], bin_, 4)
    done = issuing.issue(order_id, scans=[scan], by=by.asking())
    assert done.base_units == 4
    assert reserved() == {"STAGE": 4}
    named = Input(*spot(stocked, "RAW2", 2))
    issuing.issue(order_id, goods=[named], by=by.asking())
    assert {r.lot.number: r.quantity for r in out_of(order_id)} == {"RAW1": 4, "RAW2": 2}
    other = released(stocked, 10)
    reserve = issuing.allocate(other, by=stocked.by(roles.PLANNER))
    assert reserve.shortage == 6  # 14 of 20 are in the bins


def test_what_may_not_be_issued_is_refused(stocked: World) -> None:
    order_id, by = released(stocked), stocked.by(roles.STOREKEEPER)
    fresh = stocked.lot("STENT", "NEW", LATER)
    stocked.post(stocked.leg(Code.RECEIVE, fresh, 5, "SUP", "A-01", status=1))
    reagent = stocked.lot("REAGENT", "R9")
    item, place = reagent.item_id, stocked.places["C-01"].pk
    cases = (
        (Input(*spot(stocked, "NEW", 1)), stock.NotReleased, "goods.0"),
        (Input(*spot(stocked, "RAW1", 7)), InvalidInput, "order_id"),
        (Input(*spot(stocked, "RAW1", 0)), InvalidInput, "goods.0.quantity"),
        (Input(item, 1, place, reagent.pk), InvalidInput, "goods.0"),
    )
    for goods, kind, field in cases:
        with refused(kind, field):
            issuing.issue(order_id, goods=[goods], by=by.asking())
    with refused(WrongState):
        issuing.issue(order_id, by=by.asking())
    scope = Scope(lot_id=stocked.lot("STENT", "RAW1").pk)
    block(scope, BlockKind.HOLD, "doubt", by=stocked.by(roles.QUALITY_HEAD))
    with refused(stock.Blocked):
        issuing.issue(order_id, goods=[Input(*spot(stocked, "RAW1", 1))], by=by.asking())
    unplanned = planned(stocked).order_id
    with refused(WrongState):
        issuing.allocate(unplanned, by=stocked.by(roles.PLANNER))


def test_expired_goods_are_not_issued(stocked: World) -> None:
    order_id = released(stocked)
    move_clock(EXPIRY + timedelta(days=1))
    with refused(stock.Expired):
        goods = [Input(*spot(stocked, "RAW2", 1))]
        issuing.issue(order_id, goods=goods, by=stocked.by(roles.STOREKEEPER))


def test_everything_issued_leaves_nothing_to_allocate(stocked: World) -> None:
    order_id = issued(stocked)
    with refused(WrongState):
        issuing.allocate(order_id, by=stocked.by(roles.PLANNER))
    (row,) = out_of(order_id)
    returning.scrap(order_id, [Spoilt(row.pk, 2)], "dropped", by=stocked.by(roles.PRODUCTION))
    again = issuing.allocate(order_id, by=stocked.by(roles.PLANNER))
    assert again.shortage == 0
    assert issuing.issue(order_id, by=stocked.by(roles.PRODUCTION)).base_units == 2


def test_a_component_whose_lots_are_not_mixed_comes_of_one_lot(stocked: World) -> None:
    rule("production.mixes_lots", False, item=stocked.items["STENT"].pk)
    order_id = released(stocked, 5)
    issuing.allocate(order_id, by=stocked.by(roles.PLANNER))
    issuing.issue(order_id, by=stocked.by(roles.PRODUCTION))
    assert [(r.lot.number, r.quantity) for r in out_of(order_id)] == [("RAW2", 10)]
    (row,) = out_of(order_id)
    bin_ = stocked.places["A-01"].pk
    by = stocked.by(roles.PRODUCTION)
    returning.return_issued(order_id, [GivenBack(row.pk, 4, bin_)], by=by.asking())
    issuing.issue(order_id, goods=[Input(*spot(stocked, "RAW1", 4))], by=by.asking())
    with refused(LotLogicBroken, "inputs"):
        complete(stocked, order_id, pacers(stocked, "S1", "S2", "S3", "S4"))
    complete(stocked, order_id, pacers(stocked, "S1", "S2", "S3"))
    with refused(LotLogicBroken, "inputs"):  # the first lot went into it before
        complete(stocked, order_id, pacers(stocked, "S4", lot_number=_lot_of(order_id)))
    complete(stocked, order_id, pacers(stocked, "S4"))


def _lot_of(order_id: int) -> str:
    row = TransformationLine.objects.filter(
        transformation__order=order_id, direction="output"
    ).first()
    return row.lot.raw_number
