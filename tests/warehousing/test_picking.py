"""Picks fetch what was promised, from where it was promised, and can be taken back."""

import json
from datetime import date

import pytest

from tests.inbound import code
from tests.outbound import allocated, opened, ordered, picked, reserved, scan, standing
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.catalog.scanning import ContradictingScan
from traceward.domain.places.commands import close_place
from traceward.domain.stock import refusals as stock
from traceward.domain.stock.commands.allocation import release_reservations
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, Container, StockBalance, StockMove
from traceward.domain.warehousing.commands import checking, picking, putting_back
from traceward.domain.warehousing.models import Pick
from traceward.domain.warehousing.refusals import CheckFailed, WrongPick
from traceward.flows import outbound
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, WrongState, tell
from traceward.kernel.command import commands
from traceward.kernel.command.run import Held
from traceward.kernel.org import roles
from traceward.kernel.workflow.models import HeldCommand


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 5)
    return world


def block_lot(world: World, number: str = "L1") -> None:
    scope = Scope(lot_id=world.lot("STENT", number).pk)
    block(scope, BlockKind.HOLD, "seal doubtful", by=world.by(roles.QUALITY_CONTROLLER))


def test_pick_moves_goods_and_their_promise_to_staging(stocked: World) -> None:  # OUT-02
    going = opened(stocked)
    assert reserved() == {"A-01": 3}
    progress = picking.pick(going.pick_id, [scan("L1", 1)], by=stocked.by(roles.PICKER))
    assert (progress.taken, progress.left, progress.state) == (1, 2, "open")
    progress = picking.pick(going.pick_id, [scan("L1", 2)], by=stocked.by(roles.PICKER))
    assert (progress.left, progress.state) == (0, "picked")
    assert standing() == {"A-01": 2, "STAGE": 3}
    assert reserved() == {"STAGE": 3}
    moves = StockMove.objects.filter(code=Code.PICK)
    assert {(m.document_id, m.line_id, m.di) for m in moves} == {
        (going.pick_id, going.line_ids[0], "06901234567892")
    }


def test_picking_twice_with_one_request_id_picks_once(stocked: World) -> None:
    going = opened(stocked)
    by = stocked.by(roles.PICKER)
    first = picking.pick(going.pick_id, [scan("L1", 1)], by=by)
    assert picking.pick(going.pick_id, [scan("L1", 1)], by=by) == first
    assert standing()["STAGE"] == 1


def test_a_wrong_lot_item_or_place_is_refused_with_the_right_one(stocked: World) -> None:  # OUT-05
    stocked.stock(stocked.lot("STENT", "L2", date(2031, 12, 31)), 5)
    stocked.stock(stocked.lot("REAGENT", "R1"), 5, "C-01")
    going = opened(stocked)
    picker = stocked.by(roles.PICKER)
    wrong = (
        ("item", picking.PickScan([code("REAGENT", "R1")], "A-01")),
        ("lot", picking.PickScan([code("STENT", "L2", "311231")], "A-01")),
        ("place", picking.PickScan([code("STENT", "L1")], "A-02")),
        ("quantity", scan("L1", 4)),
    )
    arguments = {"place": "place_code", "quantity": "packs"}
    for what, one in wrong:
        with refused(WrongPick, f"scans.0.{arguments.get(what, 'codes')}") as caught:
            picking.pick(going.pick_id, [one], by=picker.asking())
        assert caught.value.values["what"] == what
        assert "Fetch 3 of STENT, lot L1 from A-01." in str(caught.value)


def test_one_wrong_scan_among_right_ones_takes_nothing(stocked: World) -> None:
    going = opened(stocked)
    with refused(WrongPick, "scans.1.place_code"):
        picking.pick(
            going.pick_id, [scan("L1", 1), scan("L1", 1, "A-02")], by=stocked.by(roles.PICKER)
        )


def test_a_label_with_another_expiry_or_an_unknown_lot_is_refused(stocked: World) -> None:
    going, by = opened(stocked), stocked.by(roles.PICKER)
    with refused(ContradictingScan, "scans.0.codes") as caught:  # INV-05
        scan = picking.PickScan([code("STENT", "L1", "290131")], "A-01")
        picking.pick(going.pick_id, [scan], by=by)
    assert "2029-01-31" in str(caught.value)
    assert "2030-12-31" in str(caught.value)
    with refused(InvalidInput, "scans.0.codes"):
        scan = picking.PickScan([code("STENT", "L9")], "A-01")
        picking.pick(going.pick_id, [scan], by=by.asking())


def test_a_label_that_is_scanned_twice_is_told_as_scanned(stocked: World) -> None:
    stocked.stock(stocked.lot("STENT", "L1"), 5)
    going, by = opened(stocked), stocked.by(roles.PICKER)
    twice = [scan("L1", 3), scan("L1", 1)]
    with refused(WrongPick, "scans.1.codes") as caught:
        picking.pick(going.pick_id, twice, by=by)
    assert "L1 was scanned already: line 1 of" in str(caught.value)
    assert "第 1 行已拣齐 3" in caught.value.in_language("zh-hans")
    going = picked(stocked)
    scans = [checking.CheckScan([code("STENT", "L1")], packs) for packs in (3, 1)]
    with refused(CheckFailed, "scans.1.codes") as again:
        checking.check(going.pick_id, scans, True, True, by=stocked.by(roles.CHECKER))
    told = again.value.in_language("zh-hans")
    assert "STENT 批号 L1 已扫过（第 1 次扫码）" in told
    assert "第 1 行已拣 3，加上第 2 次扫码为 4" in told


def test_goods_blocked_after_allocation_are_not_picked(stocked: World) -> None:  # OUT-03
    going = opened(stocked)
    block_lot(stocked)
    with refused(stock.Blocked) as caught:
        picking.pick(going.pick_id, [scan("L1")], by=stocked.by(roles.PICKER))
    assert "seal doubtful" in str(caught.value)


def test_nothing_promised_opens_no_pick(stocked: World) -> None:
    going = ordered(stocked)
    with refused(WrongState):
        outbound.start_pick(
            going.order_id, stocked.places["STAGE"].pk, by=stocked.by(roles.STOREKEEPER)
        )


def test_what_is_being_picked_is_not_opened_again(stocked: World) -> None:
    going = opened(stocked)
    with refused(WrongState):
        outbound.start_pick(
            going.order_id, stocked.places["STAGE"].pk, by=stocked.by(roles.STOREKEEPER)
        )


def test_a_pick_ends_in_a_staging_area_only(stocked: World) -> None:
    going = allocated(stocked)
    with refused(InvalidInput, "staging_id"):
        outbound.start_pick(
            going.order_id, stocked.places["A-02"].pk, by=stocked.by(roles.STOREKEEPER)
        )
    close_place(stocked.places["STAGE"].pk, "rebuilt", by=stocked.by(roles.SUPERVISOR))
    with refused(InvalidInput, "staging_id"):
        outbound.start_pick(
            going.order_id, stocked.places["STAGE"].pk, by=stocked.by(roles.STOREKEEPER)
        )


def test_a_cancelled_pick_brings_goods_and_promise_back(stocked: World) -> None:
    going = picked(stocked)
    done = putting_back.cancel_pick(going.pick_id, "wrong van", by=stocked.by(roles.STOREKEEPER))
    assert done.state == "cancelled"
    assert standing() == {"A-01": 5}
    assert reserved() == {"A-01": 3}
    outbound.start_pick(
        going.order_id, stocked.places["STAGE"].pk, by=stocked.by(roles.STOREKEEPER)
    )


def test_cancelled_goods_go_back_into_a_box_only_where_it_stands(world: World) -> None:
    """A box stands in one place. # INV-10"""
    lot, box = world.lot("STENT", "L1"), Container.objects.create(code="095200000000000011")
    world.stock(lot, 5)
    world.post(world.leg(Code.PACK, lot, 5, "A-01", "A-01", to_container_id=box.pk))
    rows = StockBalance.objects.filter(place__code="A-01", on_hand__gt=0)
    for moved_on, found in ((0, {box.pk: 5}), (3, {None: 2})):
        going = picked(world, quantity=2)
        if moved_on:
            inside = {"from_container_id": box.pk, "to_container_id": box.pk}
            world.post(world.leg(Code.MOVE, lot, moved_on, "A-01", "A-02", **inside))
        putting_back.cancel_pick(going.pick_id, "mistake", by=world.by(roles.STOREKEEPER))
        assert dict(rows.values_list("container_id", "on_hand")) == found
        assert reserved() == {"A-01": 2}
        release_reservations(going.line_ids, by=world.by(roles.PLANNER))


def test_blocked_goods_go_back_without_a_promise(stocked: World) -> None:
    going = picked(stocked)
    block_lot(stocked)
    putting_back.cancel_pick(going.pick_id, "blocked", by=stocked.by(roles.STOREKEEPER))
    assert standing() == {"A-01": 5}
    assert reserved() == {}


def test_cancelling_needs_a_reason_and_an_open_pick(stocked: World) -> None:
    going = picked(stocked)
    with refused(InvalidInput, "reason"):
        putting_back.cancel_pick(going.pick_id, " ", by=stocked.by(roles.STOREKEEPER))
    putting_back.cancel_pick(going.pick_id, "mistake", by=stocked.by(roles.STOREKEEPER))
    with refused(WrongState):
        putting_back.cancel_pick(going.pick_id, "again", by=stocked.by(roles.STOREKEEPER))


def test_a_pick_is_opened_for_any_demand_with_promises(stocked: World) -> None:  # OUT-05
    going = allocated(stocked)
    by, stage = stocked.by(roles.STOREKEEPER), stocked.places["STAGE"].pk
    with refused(InvalidInput, "staging_id"):
        picking.open_pick(going.order_id, stocked.places["DEP"].pk, by=by.asking())
    assert picking.open_pick(going.order_id, stage, by=by.asking()).lines == 1
    with refused(WrongState):
        picking.open_pick(going.order_id, stage, by=by.asking())


def test_a_pick_goes_where_its_demand_says(stocked: World) -> None:
    """Nobody can lead the goods elsewhere; what asks for no goods is not picked for."""
    pick = Pick.objects.get(pk=opened(stocked).pick_id)
    assert (pick.consignee_id, pick.deliver_to_id) == (
        stocked.hospital.pk,
        stocked.places["DEP"].pk,
    )
    by, stage = stocked.by(roles.STOREKEEPER), stocked.places["STAGE"].pk
    with refused(InvalidInput, "demand_id"):
        picking.open_pick(pick.pk, stage, by=by)


def test_a_pick_can_end_with_less(stocked: World) -> None:
    going = opened(stocked)
    picking.pick(going.pick_id, [scan("L1", 2)], by=stocked.by(roles.PICKER))
    with refused(InvalidInput, "reason"):
        picking.end_pick(going.pick_id, "", by=stocked.by(roles.STOREKEEPER))
    with refused(InvalidInput, "reason"):
        picking.end_pick(going.pick_id, " ", by=stocked.by(roles.PICKER))
    reported = picking.end_pick(going.pick_id, "one is damaged", by=stocked.by(roles.PICKER))
    assert isinstance(reported, Held), "who only picks reports it; the supervisor decides"
    with refused(WrongState):
        picking.end_pick(going.pick_id, "once more", by=stocked.by(roles.PICKER))
    done = picking.end_pick(going.pick_id, "one is damaged", by=stocked.by(roles.STOREKEEPER))
    assert (done.left, done.state) == (1, "picked")
    assert reserved() == {"A-01": 1, "STAGE": 2}


@pytest.mark.parametrize("reason", ["缺" * 300, '"' * 300, "\\\n" * 150, "a b " * 75])
def test_a_long_reason_waits_too(stocked: World, reason: str) -> None:  # OUT-02
    going = opened(stocked)
    assert isinstance(picking.end_pick(going.pick_id, reason, by=stocked.by(roles.PICKER)), Held)
    told = tell(json.loads(HeldCommand.objects.get().why), "zh-hans")
    assert "一件未拣到，缺 3" in told
    assert "…" in told


def test_of_a_pick_nothing_was_found(stocked: World) -> None:  # OUT-02
    """The picker reports it, which waits for the supervisor; the pick is cancelled then."""
    going = opened(stocked)
    reported = picking.end_pick(going.pick_id, "bin empty", by=stocked.by(roles.PICKER))
    assert isinstance(reported, Held)
    why = tell(json.loads(HeldCommand.objects.get().why), "en")
    assert "nothing was found, 3 are short: bin empty" in why
    assert Pick.objects.get(pk=going.pick_id).state == "open"
    commands.release(reported.held_uid, by=stocked.by(roles.SUPERVISOR))
    assert Pick.objects.get(pk=going.pick_id).state == "cancelled"
    assert reserved() == {"A-01": 3}, "what is promised stays so: it is looked for"
    again = outbound.start_pick(
        going.order_id, stocked.places["STAGE"].pk, by=stocked.by(roles.STOREKEEPER)
    )
    done = picking.end_pick(again.pick_id, "bin empty", by=stocked.by(roles.STOREKEEPER))
    assert (done.left, done.state) == (3, "cancelled")


def test_a_grant_for_another_site_does_not_count(stocked: World) -> None:  # ORG-03
    going = opened(stocked)
    picker = only_at(stocked, roles.PICKER, stocked.chengdu)
    keeper = only_at(stocked, roles.STOREKEEPER, stocked.chengdu)
    stage = stocked.places["STAGE"].pk
    attempts = (
        lambda: picking.pick(going.pick_id, [scan("L1")], by=picker.asking()),
        lambda: picking.end_pick(going.pick_id, "x", by=keeper.asking()),
        lambda: putting_back.cancel_pick(going.pick_id, "x", by=keeper.asking()),
        lambda: picking.open_pick(going.order_id, stage, by=keeper.asking()),
        lambda: outbound.start_pick(going.order_id, stage, by=keeper.asking()),
    )
    for attempt in attempts:
        with refused(NotAllowed):
            attempt()
