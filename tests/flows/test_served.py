"""Stock is promised to what asks for it, while it asks, whichever way somebody tries."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import making, outbound, transferring
from tests.inbound import code
from tests.outbound import allocated, reserved, signed
from tests.refusing import refused
from tests.stock.allocating import demand
from tests.world import World
from traceward.domain.places.models import PlaceKind
from traceward.domain.production.commands import issuing, planning
from traceward.domain.production.models import ComponentLine
from traceward.domain.sales.commands import ordering
from traceward.domain.stock.commands.allocation import reserve
from traceward.domain.stock.queries.asked import TELLING
from traceward.domain.transfers.commands import receiving, requesting
from traceward.domain.warehousing.commands import picking
from traceward.domain.warehousing.commands.arriving import Pack
from traceward.flows import outbound as flow
from traceward.kernel.base.refusals import InvalidInput, WrongState
from traceward.kernel.documents.models import Document, DocumentLine, kinds
from traceward.kernel.org import roles

Made = Callable[[World], int]


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 20)
    return world


def cancelled_order(world: World) -> int:
    going = outbound.ordered(world)
    ordering.cancel(going.order_id, "budget", by=world.by(roles.SALES))
    return going.order_id


def delivered_order(world: World) -> int:
    return signed(world).order_id


def asked_transfer(world: World) -> int:
    return transferring.requested(world).transfer_id


def cancelled_transfer(world: World) -> int:
    going = transferring.approved(world)
    requesting.cancel(going.transfer_id, "found some", by=world.by(roles.PLANNER))
    return going.transfer_id


def planned_work(world: World) -> int:
    return making.planned(making.plant(world)).order_id


def cancelled_work(world: World) -> int:
    order_id = making.released(making.plant(world))
    planning.cancel_order(order_id, "budget", by=world.by(roles.PLANNER))
    return order_id


ENDED = [
    cancelled_order,
    delivered_order,
    asked_transfer,
    cancelled_transfer,
    planned_work,
    cancelled_work,
]


def ways(world: World, document_id: int) -> list[Callable[[], Any]]:
    """All the ways to stock for the document: its own verbs and the plain ones."""
    stage = world.places["STAGE"].pk
    planner, keeper = world.by(roles.PLANNER), world.by(roles.STOREKEEPER)
    line = DocumentLine.objects.filter(document=document_id).order_by("pk")[0]

    def plainly(role: roles.RoleName) -> Callable[[], Any]:
        by = world.by(role)
        return lambda: reserve([demand(world, 1, line_id=line.pk)], by=by.asking())

    plain = [plainly(r) for r in (roles.SALES, roles.PLANNER, roles.STOREKEEPER, roles.SUPERVISOR)]
    of_kind: dict[str, list[Callable[[], Any]]] = {
        "sales.order": [
            lambda: flow.allocate(document_id, by=planner.asking()),
            lambda: flow.start_pick(document_id, stage, by=keeper.asking()),
            lambda: picking.open_pick(document_id, stage, by=keeper.asking()),
        ],
        "transfers.order": [
            lambda: requesting.allocate(document_id, by=planner.asking()),
            lambda: requesting.start_pick(document_id, stage, by=keeper.asking()),
            lambda: picking.open_pick(document_id, stage, by=keeper.asking()),
        ],
        "production.order": [
            lambda: issuing.allocate(document_id, by=planner.asking()),
            lambda: issuing.issue(document_id, by=keeper.asking()),
        ],
    }
    return [*plain, *of_kind[Document.objects.get(pk=document_id).kind]]


@pytest.mark.parametrize("make", ENDED)
def test_what_does_not_ask_for_goods_now_gets_none(stocked: World, make: Made) -> None:  # INV-06
    document_id = make(stocked)
    for way in ways(stocked, document_id):
        with refused(WrongState):
            way()


def test_all_kinds_that_are_served_are_tried() -> None:
    """A new kind of demand is added to the tests above."""
    served = {name for name, kind in kinds().items() if kind.SERVED_IN}
    assert served == {"sales.order", "transfers.order", "production.order"}
    assert set(TELLING) == served, "say what its lines ask for: told_by"


def test_the_refusal_says_when_it_would_be_served(stocked: World) -> None:
    line = DocumentLine.objects.filter(document=cancelled_order(stocked))[0].pk
    with refused(WrongState) as caught:
        reserve([demand(stocked, 1, line_id=line)], by=stocked.by(roles.PLANNER))
    assert "“cancelled”" in str(caught.value)
    assert "“open”" in str(caught.value)
    assert "“已取消”" in caught.value.in_language("zh-hans")


def test_one_closed_document_among_many_refuses_all(stocked: World) -> None:
    closed = DocumentLine.objects.filter(document=cancelled_order(stocked))[0].pk
    good = demand(stocked, 1, line_id=outbound.ordered(stocked).line_ids[0])
    with refused(WrongState):
        reserve([good, demand(stocked, 1, line_id=closed)], by=stocked.by(roles.PLANNER))


def test_what_never_asks_for_goods_gets_none(stocked: World) -> None:
    shipment = outbound.shipped(stocked).shipment_id
    line = DocumentLine.objects.filter(document=shipment)[0].pk
    asked = [demand(stocked, 1), demand(stocked, 1, line_id=line)]
    with refused(InvalidInput, "demands.1.line_id"):
        reserve(asked, by=stocked.by(roles.PLANNER))


def test_a_promise_that_was_left_is_not_fetched(stocked: World) -> None:
    """However it came about: a document that ended is not picked for. # OUT-05"""
    going = allocated(stocked)
    Document.objects.filter(pk=going.order_id).update(state="closed")
    assert reserved() == {"A-01": 3}
    stage, by = stocked.places["STAGE"].pk, stocked.by(roles.STOREKEEPER)
    for open_pick in (flow.start_pick, picking.open_pick):
        with refused(WrongState):
            open_pick(going.order_id, stage, by=by.asking())


ASKING: list[Callable[[World], int]] = [
    lambda world: outbound.ordered(world).line_ids[0],
    lambda world: transferring.approved(world).line_ids[0],
    lambda world: component(making.released(making.plant(world), quantity=1)),
]


def component(order_id: int) -> int:
    return ComponentLine.objects.get(order=order_id).pk


@pytest.mark.parametrize("make", ASKING)
def test_other_goods_or_more_than_asked_are_not_promised(stocked: World, make: Made) -> None:
    """Whoever could promise them would have them picked and sent. # OUT-05"""
    line, by = make(stocked), stocked.by(roles.PLANNER)
    with refused(InvalidInput, "demands.0.item_id"):
        reserve([demand(stocked, 1, "REAGENT", line_id=line)], by=by.asking())
    with refused(InvalidInput, "demands.0.quantity"):
        reserve([demand(stocked, 4, line_id=line)], by=by.asking())
    assert reserve([demand(stocked, 2, line_id=line)], by=by.asking()).shortage == 0


def test_what_left_is_not_promised_a_second_time(stocked: World) -> None:
    going, by = outbound.shipped(stocked), stocked.by(roles.PLANNER)
    with refused(InvalidInput, "demands.0.quantity") as caught:
        reserve([demand(stocked, 1, line_id=going.line_ids[0])], by=by)
    assert "asks for 0 base units more" in str(caught.value)


def test_what_came_back_of_a_transfer_is_promised_again(stocked: World) -> None:  # TRF-01
    going, by = transferring.shipped(stocked, 3), stocked.by(roles.PLANNER)
    line = going.line_ids[0]
    with refused(InvalidInput, "demands.0.quantity"):
        reserve([demand(stocked, 1, line_id=line)], by=by.asking())
    back = transferring.place(stocked, PlaceKind.DOCK, stocked.shanghai)
    packs = [Pack([code("STENT", "L1")], 3)]
    keeper = stocked.by(roles.STOREKEEPER)
    receiving.receive(going.shipment_id, back.pk, packs, by=keeper)
    assert reserve([demand(stocked, 3, line_id=line)], by=by.asking()).shortage == 0


def test_only_the_named_lot_and_serial_are_promised(stocked: World) -> None:
    lot, other = stocked.lot("STENT", "L1"), stocked.lot("STENT", "L2")
    stocked.stock(other, 5)
    (line,) = ordering.order(
        stocked.shanghai.pk,
        stocked.hospital.pk,
        stocked.places["DEP"].pk,
        [ordering.OrderedItem(lot.item_id, 3, lot_id=lot.pk)],
        by=stocked.by(roles.SALES),
    ).line_ids
    by = stocked.by(roles.PLANNER)
    for wrong in (None, other.pk):
        with refused(InvalidInput, "demands.0.lot_id"):
            reserve([demand(stocked, 1, line_id=line, lot_id=wrong)], by=by.asking())
    named = demand(stocked, 3, line_id=line, lot_id=lot.pk)
    assert reserve([named], by=by.asking()).shortage == 0
