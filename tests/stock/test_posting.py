"""The ledger takes what is right and refuses the rest, leaving nothing behind."""

import pytest

from tests.world import World
from traceward.domain.stock import refusals
from traceward.domain.stock.models import Code, Status, StockBalance, StockMove


def test_received_goods_stand_pending_and_balances_equal_moves(world: World) -> None:  # INV-01
    lot = world.lot("STENT", "L1")
    world.post(world.leg(Code.RECEIVE, lot, 5, "SUP", "A-01", status=Status.PENDING))
    assert StockMove.objects.count() == 1
    rows = StockBalance.objects.filter(lot=lot).values_list("place__code", "on_hand")
    assert dict(rows) == {"SUP": -5, "A-01": 5}


def test_more_than_on_hand_is_refused_and_nothing_changes(world: World) -> None:  # INV-04
    lot = world.lot("STENT", "L1")
    world.stock(lot, 5)
    with pytest.raises(refusals.ShortStock) as refused:
        world.post(world.leg(Code.MOVE, lot, 6, "A-01", "A-02"))
    assert refused.value.details[0]["on_hand"] == 5
    assert "5 on hand" in str(refused.value)
    assert StockMove.objects.count() == 2


def test_unreleased_goods_are_not_picked(world: World) -> None:  # INV-03
    lot = world.lot("STENT", "L1")
    world.post(world.leg(Code.RECEIVE, lot, 5, "SUP", "A-01", status=Status.PENDING))
    with pytest.raises(refusals.NotReleased):
        world.post(world.leg(Code.PICK, lot, 1, "A-01", "STAGE", status=Status.PENDING))
