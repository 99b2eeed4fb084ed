"""A sales order ends: by itself once all of it was signed for, by hand with less."""

import pytest

from tests.outbound import opened, ordered, shipped, short, sign_for, signed
from tests.refusing import refused
from tests.world import World
from traceward.domain.sales.commands import closing, delivering, ordering
from traceward.domain.sales.models import Delivery, OrderState, SalesOrder
from traceward.domain.stock.models import Reservation
from traceward.flows import outbound
from traceward.kernel.base.refusals import InvalidInput, WrongState
from traceward.kernel.org import roles


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 5)
    return world


def state(order_id: int) -> str:
    return SalesOrder.objects.get(pk=order_id).state


def test_an_order_is_closed_once_all_of_it_was_signed_for(stocked: World) -> None:
    going = shipped(stocked)
    part = sign_for(stocked, going, lines=[delivering.SignedLine(1, 2)])
    assert (part.order_state, state(going.order_id)) == ("open", "open")
    rest = sign_for(stocked, going)
    assert (rest.order_state, state(going.order_id)) == ("closed", "closed")
    planner, storekeeper = stocked.by(roles.PLANNER), stocked.by(roles.STOREKEEPER)
    with refused(WrongState):
        outbound.allocate(going.order_id, by=planner)
    with refused(WrongState):
        outbound.start_pick(going.order_id, stocked.places["STAGE"].pk, by=storekeeper)
    with refused(WrongState):
        closing.close(going.order_id, by=stocked.by(roles.SALES))
    with refused(WrongState):
        ordering.cancel(going.order_id, "no need", by=stocked.by(roles.SALES))


def test_an_order_whose_delivery_was_a_mistake_is_open_again(stocked: World) -> None:
    going = signed(stocked)
    delivery = Delivery.objects.get(of_shipment=going.shipment_id)
    by = stocked.by(roles.COORDINATOR).reauthenticated()
    delivering.cancel_delivery(delivery.pk, "wrong ward", by=by)
    assert state(going.order_id) == OrderState.OPEN
    assert sign_for(stocked, going).order_state == OrderState.CLOSED


def test_an_order_is_closed_short_with_a_reason_and_its_promises_are_free(stocked: World) -> None:
    going, sales = short(stocked, 5), stocked.by(roles.SALES)
    assert state(going.order_id) == OrderState.OPEN
    stocked.stock(stocked.lot("STENT", "L1"), 1)
    outbound.allocate(going.order_id, by=stocked.by(roles.PLANNER))
    with refused(InvalidInput, "reason"):
        closing.close(going.order_id, by=sales.asking())
    closed = closing.close(going.order_id, reason="the ward closes", by=sales.asking())
    assert closed.freed_line_ids == going.line_ids
    assert not Reservation.objects.filter(line__in=going.line_ids, quantity__gt=0).exists()
    assert state(going.order_id) == OrderState.CLOSED


def test_an_order_is_not_closed_while_goods_of_it_are_going(stocked: World) -> None:
    sales = stocked.by(roles.SALES)
    going = [ordered(stocked, quantity=1), shipped(stocked), opened(stocked, quantity=1)]
    for one in going:
        with refused(WrongState):
            closing.close(one.order_id, reason="no need", by=sales.asking())
