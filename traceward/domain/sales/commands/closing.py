"""Orders end: by themselves once everything was signed for, or by hand with less."""

from django.db.models import Sum

from traceward.domain.sales import events
from traceward.domain.sales.commands.ordering import (
    OrderEnded,
    freed,
    order_scope,
    require_no_pick,
)
from traceward.domain.sales.models import (
    DeliveryLine,
    DeliveryState,
    OrderState,
    SalesOrder,
    SalesOrderLine,
)
from traceward.domain.warehousing.models import Shipment, ShipmentState
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import InvalidInput, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import emit, enter
from traceward.kernel.org.roles import SALES

#: Ordered and signed for, by line of the order.
_SIGNED_FOR = Prepared(
    lambda order: (
        DeliveryLine.objects.filter(order_line__document=order)
        .exclude(line__document__state=DeliveryState.CANCELLED)
        .values_list("order_line_id")
        .annotate(total=Sum("quantity"))
        .values_list("order_line_id", "total")
    )
)
_ORDERED = Prepared(
    lambda order: SalesOrderLine.objects.filter(line__document=order).values_list("pk", "quantity")
)


def _short(order_id: int) -> tuple[int, int]:
    """Base units that were ordered, and how many of them nobody signed for."""
    signed_for = dict(_SIGNED_FOR(order_id))
    rows = _ORDERED(order_id)
    short = sum(max(0, quantity - signed_for.get(pk, 0)) for pk, quantity in rows)
    return sum(quantity for _, quantity in rows), short


def end_delivered(order_id: int, *, by: Actor) -> str:
    """The order is closed once all of it was signed for; its state. For the commands of this area.

    A return does not open it again: what was delivered was delivered.
    """
    document: SalesOrder = SalesOrder.objects.lock(order_id)
    if document.state == OrderState.OPEN and not _short(order_id)[1]:
        enter(document, OrderState.CLOSED, by=by)
        emit(events.OrderClosed(document.uid, 0), subject=document.uid, by=by)
    return document.state


def resume_order(order_id: int, *, by: Actor) -> str:
    """The order is open again, since goods of it are on their way again; its state."""
    document: SalesOrder = SalesOrder.objects.lock(order_id)
    if document.state == OrderState.CLOSED:
        enter(document, OrderState.OPEN, by=by)
        emit(events.OrderReopened(document.uid), subject=document.uid, by=by)
    return document.state


@command("sales.close", roles=(SALES,), scope=order_scope, from_states=(OrderState.OPEN,))
def close(order_id: int, *, reason: str = "", by: Actor) -> OrderEnded:
    """Nothing more is sent: what left was signed for or came back, the rest is not waited for.

    What was promised to its lines is free again. An order that ends short needs a reason.
    """
    document: SalesOrder = SalesOrder.objects.lock(order_id)
    document.require(OrderState.OPEN)
    require_no_pick(order_id)
    going = Shipment.objects.filter(demand=order_id, state=ShipmentState.SHIPPED).first()
    if going is not None:
        raise WrongState(
            sentence(
                "{number} is still on the way. Have it signed for, or what was not accepted "
                "brought back."
            ),
            number=str(going),
        )
    if not Shipment.objects.filter(demand=order_id).exclude(state=ShipmentState.CANCELLED).exists():
        raise WrongState(
            sentence("Nothing of {number} has left. Cancel it instead."), number=str(document)
        )
    ordered, short = _short(order_id)
    if short and not reason.strip():
        raise InvalidInput(
            sentence(
                "{short} of {ordered} units were not delivered. Say why the order ends short."
            ),
            field="reason",
            short=short,
            ordered=ordered,
        )
    held = freed(order_id, by=by)
    by.work.facts["reason"] = reason
    enter(document, OrderState.CLOSED, by=by)
    emit(events.OrderClosed(document.uid, short), subject=document.uid, by=by)
    return OrderEnded(held)
