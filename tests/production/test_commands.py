"""One consume-and-produce command, with its lot logic. # PRO-02"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.outbound import standing
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.production.commands import cancelling
from traceward.domain.production.commands import transforming as production
from traceward.domain.production.commands.goods import Input, Output, Part
from traceward.domain.production.refusals import LotLogicBroken
from traceward.domain.stock import refusals as stock
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.commands.moves import Line, move, reverse
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    GenealogyEdge,
    Lot,
    Precision,
    StockBalance,
    StockMove,
)
from traceward.domain.trace import queries as trace
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, NotFound, WrongState
from traceward.kernel.org import roles

EXPIRY = date(2029, 6, 30)


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "RAW1", date(2030, 12, 31)), 10)
    world.stock(world.lot("STENT", "RAW2", EXPIRY), 10)
    return world


def of(world: World, lot: str, quantity: int, place: str = "A-01") -> Input:
    row = world.lot("STENT", lot)
    return Input(row.item_id, quantity, world.places[place].pk, row.pk)


def pacers(world: World, *serials: str, lot: str = "FIN1", **more) -> Output:
    values = {"expires_on": EXPIRY, "quantity": len(serials), **more}
    return Output(
        world.items["PACER"].pk,
        world.places["A-02"].pk,
        lot_number=lot,
        serial_numbers=list(serials),
        **values,
    )


def reagent(world: World, lot: str, quantity: int, parts: list[Part], **more) -> Output:
    values = {"expires_on": EXPIRY, **more}
    return Output(
        world.items["REAGENT"].pk, world.places["C-01"].pk, quantity, lot, parts=parts, **values
    )


def transform(world: World, inputs, outputs, **more) -> production.Transformed:
    by = more.pop("by", None) or world.by(roles.PRODUCTION)
    return production.transform(world.shanghai.pk, inputs, outputs, by=by, **more)


def test_inputs_are_gone_outputs_wait_and_the_genealogy_is_known(stocked: World) -> None:
    inputs = [of(stocked, "RAW1", 4), of(stocked, "RAW2", 2)]
    done = transform(stocked, inputs, [pacers(stocked, "S1", "S2")])
    assert standing() == {"A-01": 14, "A-02": 2}
    made = StockBalance.objects.filter(place__code="A-02", on_hand=1)
    assert {row.status for row in made} == {1}
    (lot_id,) = done.lot_ids
    assert Lot.objects.get(pk=lot_id).made_on is not None
    edges = GenealogyEdge.objects.values_list("input_lot__number", "output_lot", "quantity")
    assert sorted(edges) == [("RAW1", lot_id, 4), ("RAW2", lot_id, 2)]
    book = StockBalance.objects.filter(place__code="PRD").values_list("lot__number", "on_hand")
    assert sorted(book) == [("FIN1", -1), ("FIN1", -1), ("RAW1", 4), ("RAW2", 2)]


def test_two_output_lots_say_what_went_into_them(stocked: World) -> None:
    inputs = [of(stocked, "RAW1", 4)]
    without = [reagent(stocked, "R1", 1, []), reagent(stocked, "R2", 1, [])]
    with refused(InvalidInput, "outputs.0.parts"):
        transform(stocked, inputs, without)
    short = [reagent(stocked, "R1", 1, [Part(0, 1)]), reagent(stocked, "R2", 1, [Part(0, 2)])]
    with refused(LotLogicBroken, "inputs.0.quantity"):
        transform(stocked, inputs, short)
    foreign = [reagent(stocked, "R1", 1, [Part(3, 4)])]
    with refused(InvalidInput, "outputs.0.parts"):
        transform(stocked, inputs, foreign)
    right = [reagent(stocked, "R1", 1, [Part(0, 1)]), reagent(stocked, "R2", 1, [Part(0, 3)])]
    transform(stocked, inputs, right)
    assert sorted(GenealogyEdge.objects.values_list("output_lot__number", "quantity")) == [
        ("R1", 1),
        ("R2", 3),
    ]


def test_an_unreleased_input_is_refused(stocked: World) -> None:
    lot = stocked.lot("STENT", "NEW")
    stocked.post(stocked.leg(Code.RECEIVE, lot, 5, "SUP", "A-01", status=1))
    with refused(stock.NotReleased, "inputs.0"):
        transform(stocked, [of(stocked, "NEW", 1)], [pacers(stocked, "S1")])


def test_a_blocked_or_short_input_is_refused_by_the_ledger(stocked: World) -> None:
    with refused(stock.ShortStock):
        transform(stocked, [of(stocked, "RAW1", 11)], [pacers(stocked, "S1")])
    scope = Scope(lot_id=stocked.lot("STENT", "RAW1").pk)
    block(scope, BlockKind.HOLD, "doubt", by=stocked.by(roles.QUALITY_HEAD))
    with refused(stock.Blocked):
        transform(stocked, [of(stocked, "RAW1", 1)], [pacers(stocked, "S1")])


def test_an_output_does_not_outlive_its_inputs(stocked: World) -> None:
    inputs = [of(stocked, "RAW1", 4), of(stocked, "RAW2", 2)]
    late = EXPIRY + timedelta(days=1)
    with refused(LotLogicBroken, "outputs.0.expires_on"):
        transform(stocked, inputs, [pacers(stocked, "S1", expires_on=late)])
    done = transform(stocked, inputs, [pacers(stocked, "S1", expires_on=None)])
    assert Lot.objects.get(pk=done.lot_ids[0]).expires_on == EXPIRY


def test_an_expiry_may_be_known_to_its_month_only(stocked: World) -> None:  # INV-05
    inputs, month = [of(stocked, "RAW1", 1)], {"expiry_precision": Precision.MONTH}
    with refused(InvalidInput, "outputs.0.expires_on"):
        early = EXPIRY - timedelta(days=1)
        transform(stocked, inputs, [pacers(stocked, "S1", expires_on=early, **month)])
    done = transform(stocked, inputs, [pacers(stocked, "S1", **month)])
    made = Lot.objects.get(pk=done.lot_ids[0])
    assert (made.expires_on, made.expiry_precision) == (EXPIRY, "month")


def test_an_output_is_not_made_before_its_inputs_or_tomorrow(stocked: World) -> None:
    Lot.objects.filter(number="RAW1").update(made_on=date(2026, 1, 10))
    inputs = [of(stocked, "RAW1", 1)]
    with refused(LotLogicBroken, "made_on"):
        transform(stocked, inputs, [pacers(stocked, "S1")], made_on=date(2026, 1, 9))
    tomorrow = timezone.now().date() + timedelta(days=2)
    with refused(InvalidInput, "made_on"):
        transform(stocked, inputs, [pacers(stocked, "S1")], made_on=tomorrow)


def test_nothing_is_made_of_itself(stocked: World) -> None:
    output = Output(
        stocked.items["STENT"].pk, stocked.places["A-02"].pk, 1, "RAW2", expires_on=EXPIRY
    )
    with refused(LotLogicBroken, "outputs.0"):
        transform(stocked, [of(stocked, "RAW2", 1)], [output])


def test_lists_that_cannot_be_are_refused(stocked: World) -> None:
    good, made = [of(stocked, "RAW1", 1)], [pacers(stocked, "S1")]
    stent = stocked.items["STENT"].pk
    cases = (
        ([], made, "inputs"),
        (good, [], "outputs"),
        (good * 2, made, "inputs.1"),
        ([of(stocked, "RAW1", 0)], made, "inputs.0.quantity"),
        ([of(stocked, "RAW1", 1, "B-01")], made, "inputs.0.place_id"),
        (good, [pacers(stocked, "S1", "S1")], "outputs.0.serial_numbers"),
        (good, [pacers(stocked, "S1", lot="")], "outputs.0.lot_number"),
        (good, [Output(stent, 0, 1, "X")], "outputs.0.place_id"),
    )
    for inputs, outputs, field in cases:
        with refused(InvalidInput, field):
            transform(stocked, inputs, outputs)
    with refused(NotFound, "site_id"):
        production.transform(0, good, made, by=stocked.by(roles.PRODUCTION))
    with refused(NotFound, "inputs.0.item_id"):
        transform(stocked, [replace(good[0], item_id=2**63)], made)
    with refused(NotFound, "outputs.0.item_id"):
        transform(stocked, good, [replace(made[0], item_id=0)])


def test_a_grant_for_another_site_does_not_count(stocked: World) -> None:  # ORG-03
    by = only_at(stocked, roles.PRODUCTION, stocked.chengdu)
    with refused(NotAllowed):
        transform(stocked, [of(stocked, "RAW1", 1)], [pacers(stocked, "S1")], by=by)


def test_a_cancelled_transformation_leaves_inputs_and_no_genealogy(stocked: World) -> None:
    before = standing()
    done = transform(stocked, [of(stocked, "RAW1", 4)], [pacers(stocked, "S1", "S2")])
    by = stocked.by(roles.PRODUCTION)
    with refused(InvalidInput, "reason"):
        cancelling.cancel(done.transformation_id, " ", by=by.asking())
    assert cancelling.cancel(done.transformation_id, "wrong lot", by=by.asking()).quantity == 6
    assert standing() == before
    (lot_id,) = done.lot_ids
    assert lot_id is not None
    assert not trace.backward(trace.Start(lots=(lot_id,)), sites=None).edges
    with refused(WrongState):
        cancelling.cancel(done.transformation_id, "again", by=by.asking())


def test_a_transformation_whose_output_moved_on_is_not_cancelled(stocked: World) -> None:
    done = transform(stocked, [of(stocked, "RAW1", 4)], [reagent(stocked, "R1", 2, [])])
    (lot_id,) = done.lot_ids
    line = Line(
        stocked.items["REAGENT"].pk,
        1,
        stocked.places["C-01"].pk,
        stocked.places["DOCK"].pk,
        stocked.entity.party_id,
        lot_id,
        status=1,
    )
    move([line], by=stocked.by(roles.STOREKEEPER))
    with refused(stock.ShortStock):
        cancelling.cancel(done.transformation_id, "wrong", by=stocked.by(roles.PRODUCTION).asking())
    moves = StockMove.objects.filter(document=done.transformation_id)
    with refused(stock.ReversalRefused):
        reverse([m.pk for m in moves], "x", by=stocked.by(roles.SUPERVISOR).asking())
