"""Work orders from their plan to their end. # PRO-01 PRO-02"""

import pytest

from tests.making import (
    EXPIRY,
    complete,
    issued,
    out_of,
    pacers,
    planned,
    plant,
    released,
)
from tests.outbound import reserved, standing
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.production import queries
from traceward.domain.production.commands import cancelling, issuing, planning, returning
from traceward.domain.production.commands.returning import GivenBack, Spoilt
from traceward.domain.production.models import (
    OrderState,
    TransformationLine,
    WorkOrder,
)
from traceward.domain.production.refusals import NotCleared
from traceward.domain.quality import commands as quality
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Lot, Serial, StockBalance
from traceward.domain.trace import queries as trace
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, NotFound, WrongState
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles


@pytest.fixture
def stocked(world: World) -> World:
    return plant(world)


def test_an_order_is_made_closed_and_traced_both_ways(stocked: World) -> None:
    world = stocked
    order_id = issued(world)
    assert standing() == {"A-01": 14, "STAGE": 6}
    assert reserved() == {"STAGE": 6}
    assert [(r.lot.number, r.quantity) for r in out_of(order_id)] == [("RAW2", 6)]
    done = complete(world, order_id, pacers(world, "S1", "S2", "S3"))
    assert standing() == {"A-01": 14, "A-02": 3}
    assert reserved() == {}
    assert done.made == 3
    number = Document.objects.get(pk=order_id).number.rsplit("-", 1)[-1]
    (lot_id,) = done.lot_ids
    lot = Lot.objects.get(pk=lot_id)
    assert lot.number == done.lot_numbers[0] == f"HA{lot.made_on:%y}{number}01"
    assert lot.expires_on == EXPIRY
    line = TransformationLine.objects.filter(direction="output")[0]
    assert (line.model, line.registration_number) == ("PACER", "国械注准20223130001")
    by = world.by(roles.PRODUCTION)
    assert planning.close(order_id, by=by.asking()).state == OrderState.CLOSED
    raw = world.lot("STENT", "RAW2").pk
    for serial in Serial.objects.filter(item=world.items["PACER"]):
        assert raw in trace.backward(trace.Start(serials=(serial.pk,)), sites=None).node_ids
        assert serial.pk in trace.forward(trace.Start(lots=(raw,)), sites=None).node_ids
    progress = queries.order_progress(order_id)
    assert (progress.state, progress.yield_share) == ("closed", 1.0)
    assert (progress.components[0].required, progress.components[0].in_wip) == (6, 0)


def test_what_is_made_waits_for_inspection_by_another_person(stocked: World) -> None:
    world = stocked
    order_id = issued(world)
    done = complete(world, order_id, pacers(world, "S1", "S2", "S3"))
    document = Document.objects.get(pk=done.transformation_id)
    opened = quality.open_inspections(document.uid, by=world.by(roles.SYSTEM))
    (row,) = Inspection.objects.filter(pk__in=opened.inspection_ids)
    assert (row.lot_id, row.quantity, row.supplier) == (done.lot_ids[0], 3, world.us)
    for check in ("packaging", "label", "certificate"):
        quality.record_result(row.pk, check, True, 1, by=world.by(roles.INSPECTOR))
    shares = [Share(world.places["A-02"].pk, 1, 0, serial_id=pk) for pk in done.serial_ids]
    by = world.by(roles.QUALITY_HEAD).reauthenticated()
    quality.decide(row.pk, shares, "fit for use", by=by)
    made = StockBalance.objects.filter(place__code="A-02", on_hand=1)
    assert {b.status for b in made} == {2}
    with refused(WrongState):
        cancelling.cancel(done.transformation_id, "late", by=world.by(roles.PRODUCTION))


def test_an_order_closes_when_what_was_issued_is_accounted_for(stocked: World) -> None:
    order_id, by = issued(stocked), stocked.by(roles.PRODUCTION)
    complete(stocked, order_id, pacers(stocked, "S1"))
    (row,) = out_of(order_id)
    with refused(NotCleared, "order_id"):
        planning.close(order_id, by=by.asking())
    bin_, b01 = stocked.places["A-01"].pk, stocked.places["B-01"].pk
    for lines, field in (
        ([], "lines"),
        ([GivenBack(row.pk, 5, bin_)], "lines.0.quantity"),
        ([GivenBack(row.pk, 3, bin_), GivenBack(row.pk, 2, bin_)], "lines.1.quantity"),
        ([GivenBack(row.pk, 1, b01)], "lines.0.place_id"),
    ):
        with refused(InvalidInput, field):
            returning.return_issued(order_id, lines, by=by.asking())
    with refused(InvalidInput, "reason"):
        returning.scrap(order_id, [Spoilt(row.pk, 1)], " ", by=by.asking())
    lines = [GivenBack(row.pk, 1, bin_), GivenBack(row.pk, 1, stocked.places["DOCK"].pk)]
    assert returning.return_issued(order_id, lines, by=by.asking()).base_units == 2
    returning.scrap(order_id, [Spoilt(row.pk, 2)], "dropped", by=by.asking())
    assert standing() == {"A-01": 15, "A-02": 1, "DES": 2, "DOCK": 1}
    assert planning.close(order_id, by=by.asking()).state == "closed"
    with refused(WrongState):
        complete(stocked, order_id, pacers(stocked, "S2"))


def test_an_order_is_cancelled_while_nothing_is_out_for_it(stocked: World) -> None:
    order_id, by = released(stocked), stocked.by(roles.PLANNER)
    issuing.allocate(order_id, by=by.asking())
    with refused(InvalidInput, "reason"):
        planning.cancel_order(order_id, "", by=by.asking())
    assert planning.cancel_order(order_id, "no demand", by=by.asking()).state == "cancelled"
    assert reserved() == {}
    with refused(WrongState):
        planning.release(order_id, by=stocked.by(roles.PRODUCTION))
    under_way = issued(stocked)
    with refused(NotCleared):
        planning.cancel_order(under_way, "no demand", by=by.asking())
    complete(stocked, under_way, pacers(stocked, "S1", "S2", "S3"))
    with refused(WrongState):
        planning.cancel_order(under_way, "no demand", by=by.asking())


def test_a_cancelled_completion_opens_the_order_again(stocked: World) -> None:  # ADR 0052
    order_id, by = issued(stocked), stocked.by(roles.PRODUCTION)
    done = complete(stocked, order_id, pacers(stocked, "S1", "S2", "S3"))
    document = Document.objects.get(pk=done.transformation_id)
    quality.open_inspections(document.uid, by=stocked.by(roles.SYSTEM))
    planning.close(order_id, by=by.asking())
    cancelling.cancel(done.transformation_id, "wrong lot", by=by.asking())
    assert standing() == {"A-01": 14, "STAGE": 6}
    assert reserved() == {"STAGE": 6}
    order = WorkOrder.objects.get(pk=order_id)
    assert (order.state, order.made) == ("released", 0)
    assert [r.consumed for r in out_of(order_id)] == [0]
    assert Inspection.objects.get().state == "withdrawn"
    with refused(NotFound, "document_uid"):
        quality.open_inspections(document.uid, by=stocked.by(roles.SYSTEM))
    complete(stocked, order_id, pacers(stocked, "S1", "S2", "S3"))
    planning.close(order_id, by=by.asking())


def test_what_is_blocked_comes_back_without_a_promise(stocked: World) -> None:
    order_id, by = issued(stocked), stocked.by(roles.PRODUCTION)
    done = complete(stocked, order_id, pacers(stocked, "S1", "S2", "S3"))
    scope = Scope(lot_id=stocked.lot("STENT", "RAW2").pk)
    block(scope, BlockKind.RECALL, "doubt", by=stocked.by(roles.QUALITY_HEAD))
    cancelling.cancel(done.transformation_id, "wrong lot", by=by.asking())
    assert standing() == {"A-01": 14, "STAGE": 6}
    assert reserved() == {}


def test_a_grant_for_another_site_does_not_count_for_orders(stocked: World) -> None:  # ORG-03
    by = only_at(stocked, roles.PRODUCTION, stocked.chengdu)
    order_id = planned(stocked).order_id
    with refused(NotAllowed):
        planning.release(order_id, by=by)
