"""What an order gives: lots, serials, by-products, rework, genealogy. # PRO-01 PRO-02"""

from datetime import date, timedelta

import pytest
from django.db.models import Sum

from tests.making import (
    EXPIRY,
    START,
    complete,
    issued,
    out_of,
    pacers,
    plant,
    released,
    rule,
    spot,
)
from tests.outbound import reserved
from tests.refusing import refused
from tests.world import World
from traceward.domain.production import queries
from traceward.domain.production.commands import issuing, planning, returning
from traceward.domain.production.commands.completing import Used
from traceward.domain.production.commands.goods import Input, Output
from traceward.domain.production.commands.planning import BomPart
from traceward.domain.production.commands.returning import GivenBack
from traceward.domain.production.models import (
    WorkOrder,
)
from traceward.domain.production.refusals import LotLogicBroken, NotIssued
from traceward.domain.stock import refusals as stock
from traceward.domain.stock.commands.blocks import Scope, block, lift_block
from traceward.domain.stock.models import BlockKind, Code, GenealogyEdge, Lot, StockBalance
from traceward.domain.trace import queries as trace
from traceward.kernel.base.refusals import InvalidInput, NotFound
from traceward.kernel.org import roles


@pytest.fixture
def stocked(world: World) -> World:
    return plant(world)


def test_an_order_is_completed_in_parts_of_one_lot_or_several(stocked: World) -> None:
    order_id = issued(stocked)
    first = complete(stocked, order_id, pacers(stocked, "S1"))
    second = complete(stocked, order_id, pacers(stocked, "S2", lot_number=first.lot_numbers[0]))
    third = complete(stocked, order_id, pacers(stocked, "S3"))
    assert first.lot_ids == second.lot_ids != third.lot_ids
    assert third.lot_numbers[0].endswith("02")
    assert WorkOrder.objects.get(pk=order_id).made == 3
    with refused(InvalidInput, "outputs"):
        complete(stocked, order_id, pacers(stocked, "S4"))
    rule("production.over_production_percent", 40)
    with refused(NotIssued, "outputs"):
        complete(stocked, order_id, pacers(stocked, "S4"))


def test_what_was_consumed_may_be_said(stocked: World) -> None:
    order_id = released(stocked)
    goods = [Input(*spot(stocked, "RAW1", 3)), Input(*spot(stocked, "RAW2", 3))]
    issuing.issue(order_id, goods=goods, by=stocked.by(roles.STOREKEEPER))
    first, second = out_of(order_id)
    wrong = (
        ([], InvalidInput, "consumed"),
        ([Used(first.pk, 4)], InvalidInput, "consumed.0.quantity"),
        ([Used(0, 1)], NotFound, "consumed.0.issued_id"),
    )
    for consumed, kind, field in wrong:
        with refused(kind, field):
            complete(stocked, order_id, pacers(stocked, "S1"), consumed=consumed)
    done = complete(
        stocked,
        order_id,
        pacers(stocked, "S1", "S2"),
        consumed=[Used(first.pk, 3), Used(second.pk, 2)],
        lost=1,
    )
    edges = GenealogyEdge.objects.values_list("input_lot__number", "output_lot", "quantity")
    assert sorted(edges) == [("RAW1", done.lot_ids[0], 3), ("RAW2", done.lot_ids[0], 2)]
    progress = queries.order_progress(order_id)
    assert (progress.made, progress.lost, progress.yield_share) == (2, 1, 2 / 3)


def test_by_products_have_their_inputs_too(stocked: World) -> None:
    order_id = issued(stocked)
    besides = Output(stocked.items["REAGENT"].pk, stocked.places["C-01"].pk, 2)
    done = complete(stocked, order_id, pacers(stocked, "S1", "S2", "S3"), besides)
    raw = stocked.lot("STENT", "RAW2").pk
    for lot_id in done.lot_ids:
        assert raw in trace.backward(trace.Start(lots=(lot_id,)), sites=None).node_ids
    assert GenealogyEdge.objects.aggregate(total=Sum("quantity"))["total"] == 6
    stent = Output(stocked.items["STENT"].pk, stocked.places["A-02"].pk, 1)
    other = issued(stocked, 1)
    with refused(InvalidInput, "outputs.1.item_id"):
        complete(stocked, other, pacers(stocked, "T1"), stent)
    with refused(InvalidInput, "outputs"):
        complete(stocked, order_id, besides)


def test_an_input_too_small_to_be_shared_has_to_be_said(stocked: World) -> None:
    order_id = released(stocked, 1)
    goods = [Input(*spot(stocked, "RAW1", 1)), Input(*spot(stocked, "RAW2", 1))]
    issuing.issue(order_id, goods=goods, by=stocked.by(roles.STOREKEEPER))
    besides = Output(stocked.items["REAGENT"].pk, stocked.places["C-01"].pk, 1)
    with refused(InvalidInput, "outputs.0.parts"):
        complete(stocked, order_id, pacers(stocked, "S1"), besides)


def test_lot_logic_is_kept(stocked: World) -> None:  # PRO-02
    order_id = issued(stocked)
    late, foreign = EXPIRY + timedelta(days=1), "FOREIGN"
    stocked.post(
        stocked.leg(
            Code.RECEIVE, stocked.lot("REAGENT", foreign, EXPIRY), 1, "SUP", "C-01", status=1
        )
    )
    besides = Output(stocked.items["REAGENT"].pk, stocked.places["C-01"].pk, 1, foreign)
    three = ("S1", "S2", "S3")
    with refused(LotLogicBroken, "outputs.0.expires_on"):
        complete(stocked, order_id, pacers(stocked, *three, expires_on=late))
    with refused(LotLogicBroken, "outputs.1.lot_number"):
        complete(stocked, order_id, pacers(stocked, *three), besides)
    first = complete(stocked, order_id, pacers(stocked, "S1"))
    other = issued(stocked, 1)
    with refused(LotLogicBroken, "outputs.0.lot_number"):
        complete(stocked, other, pacers(stocked, "T1", lot_number=first.lot_numbers[0]))
    Lot.objects.filter(number="RAW2").update(made_on=date(2026, 1, 10))
    with refused(LotLogicBroken, "made_on"):
        complete(stocked, order_id, pacers(stocked, "S2"), made_on=date(2026, 1, 9))
    for outputs, lost, field in (
        ((), 0, "outputs"),
        ((pacers(stocked, "S2"),), -1, "lost"),
        ((pacers(stocked, "S2", "S2"),), 0, "outputs.0.serial_numbers"),
    ):
        with refused(InvalidInput, field):
            complete(stocked, order_id, *outputs, lost=lost)


def test_the_shelf_life_of_the_item_counts_where_it_is_shorter(stocked: World) -> None:
    item = stocked.items["PACER"]
    type(item).objects.filter(pk=item.pk).update(shelf_life_days=30)
    done = complete(stocked, issued(stocked), pacers(stocked, "S1"))
    lot = Lot.objects.get(pk=done.lot_ids[0])
    assert lot.expires_on == lot.made_on + timedelta(days=29)


def test_blocked_goods_in_wip_are_not_consumed_but_may_come_back(stocked: World) -> None:
    order_id, by = issued(stocked), stocked.by(roles.QUALITY_HEAD).reauthenticated()
    placed = block(Scope(lot_id=stocked.lot("STENT", "RAW2").pk), BlockKind.HOLD, "doubt", by=by)
    assert reserved() == {}
    with refused(stock.Blocked):
        complete(stocked, order_id, pacers(stocked, "S1"))
    (row,) = out_of(order_id)
    back = [GivenBack(row.pk, 2, stocked.places["A-01"].pk)]
    returning.return_issued(order_id, back, by=stocked.by(roles.PRODUCTION))
    lift_block(placed.block_uid, "fine", by=by.asking().reauthenticated())
    complete(stocked, order_id, pacers(stocked, "S1", "S2"))
    planning.close(order_id, by=stocked.by(roles.PRODUCTION))


def test_a_semi_finished_lot_goes_into_the_next_order(stocked: World) -> None:
    world = stocked
    kit = world.items["REAGENT"]
    type(kit).objects.filter(pk=kit.pk).update(storage_c_min=None, storage_c_max=None)
    planning.define_bom(
        kit.pk, [BomPart(world.items["PACER"].pk, 1)], START, by=world.by(roles.DATA_OWNER)
    )
    done = complete(world, issued(world, 1), pacers(world, "S1"))
    lot, (serial_id,) = Lot.objects.get(pk=done.lot_ids[0]), done.serial_ids
    values = {"from_status": 1, "to_status": 2, "serial_id": serial_id}
    place = world.places["A-02"].pk
    made = planning.plan(
        world.shanghai.pk, kit.pk, 1, world.places["STAGE"].pk, by=world.by(roles.PLANNER)
    )
    planning.release(made.order_id, by=world.by(roles.PRODUCTION))
    goods = [Input(lot.item_id, 1, place, lot.pk, serial_id)]
    with refused(stock.NotReleased, "goods.0"):
        issuing.issue(made.order_id, goods=goods, by=world.by(roles.STOREKEEPER))
    world.post(world.leg(Code.RELEASE, lot, 1, "A-02", "A-02", **values))
    issuing.issue(made.order_id, goods=goods, by=world.by(roles.STOREKEEPER))
    last = complete(world, made.order_id, Output(kit.pk, world.places["DOCK"].pk, 1))
    back = trace.backward(trace.Start(lots=(last.lot_ids[0],)), sites=None)
    assert {world.lot("STENT", "RAW2").pk, serial_id} <= set(back.node_ids)


def test_rework_gives_the_serial_back_with_its_new_part(stocked: World) -> None:
    world = stocked
    done = complete(world, issued(world, 1), pacers(world, "S1"))
    lot, (serial_id,) = Lot.objects.get(pk=done.lot_ids[0]), done.serial_ids
    values = {"from_status": 1, "to_status": 2, "serial_id": serial_id}
    world.post(world.leg(Code.RELEASE, lot, 1, "A-02", "A-02", **values))
    planned_ = planning.plan_rework(
        world.shanghai.pk,
        lot.item_id,
        1,
        world.places["STAGE"].pk,
        parts=[BomPart(world.items["STENT"].pk, 1)],
        by=world.by(roles.PLANNER),
    )
    order_id = planned_.order_id
    planning.release(order_id, by=world.by(roles.PRODUCTION))
    goods = [
        Input(lot.item_id, 1, world.places["A-02"].pk, lot.pk, serial_id),
        Input(*spot(world, "RAW1", 1)),
    ]
    issuing.issue(order_id, goods=goods, by=world.by(roles.STOREKEEPER))
    with refused(NotIssued, "outputs"):
        complete(world, order_id, pacers(world, "S2"))
    again = complete(world, order_id, pacers(world, "S1"))
    assert again.serial_ids == [serial_id]
    assert again.lot_ids == [lot.pk]
    (balance,) = StockBalance.objects.filter(serial=serial_id, on_hand=1, physical=True)
    assert (balance.place.code, balance.status) == ("A-02", 1)
    back = trace.backward(trace.Start(serials=(serial_id,)), sites=None).node_ids
    assert {world.lot("STENT", n).pk for n in ("RAW1", "RAW2")} <= set(back)
    ahead = trace.forward(trace.Start(lots=(world.lot("STENT", "RAW1").pk,)), sites=None)
    assert serial_id in ahead.node_ids
    planning.close(order_id, by=world.by(roles.PRODUCTION))
