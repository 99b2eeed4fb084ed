"""Transfers end: by themselves once all of it arrived or was written off, or by hand with less."""

from collections.abc import Mapping

from traceward.domain.transfers import events, queries
from traceward.domain.transfers.commands.requesting import (
    Ended,
    freed,
    order_scope,
    require_no_pick,
)
from traceward.domain.transfers.models import TransferOrder, TransferState
from traceward.domain.warehousing.models import Shipment, ShipmentState
from traceward.kernel.base.refusals import InvalidInput, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import emit, enter
from traceward.kernel.org.roles import PLANNER, SUPERVISOR


def end_settled(
    order: TransferOrder, arrived: Mapping[int, int], lost: Mapping[int, int], *, by: Actor
) -> str:
    """The locked transfer is closed once nothing of it is still to come; its state.

    For the commands of this area: by line, what of it arrives or is lost with the running command.
    """
    progress = queries.line_progress(order.pk)
    short = 0
    for line in progress:
        came = line.received + arrived.get(line.line_id, 0)
        if came + line.written_off + lost.get(line.line_id, 0) < line.ordered:
            return order.state
        short += line.ordered - came
    enter(order, TransferState.CLOSED.value, by=by)
    emit(events.TransferClosed(order.uid, short), subject=order.uid, by=by)
    return order.state


@command(
    "transfers.close",
    roles=(PLANNER, SUPERVISOR),
    scope=order_scope,
    from_states=(TransferState.APPROVED,),
)
def close(transfer_id: int, *, reason: str = "", by: Actor) -> Ended:
    """All that left has arrived, came back or was written off; the rest is not sent any more.

    What was not sent, or was lost, needs a reason.
    """
    order: TransferOrder = TransferOrder.objects.lock(transfer_id)
    order.require(TransferState.APPROVED)
    require_no_pick(order)
    going = Shipment.objects.filter(demand=transfer_id, state=ShipmentState.SHIPPED).first()
    if going is not None:
        raise WrongState(
            sentence(
                "{number} is still on the way, or some of it is missing. "
                "Receive it, or have the missing goods written off."
            ),
            number=str(going),
        )
    progress = queries.line_progress(transfer_id)
    short = sum(p.ordered - p.received for p in progress)
    if short and not reason.strip():
        raise InvalidInput(
            sentence("{short} of {ordered} units did not arrive. Say why the transfer ends short."),
            field="reason",
            short=short,
            ordered=sum(p.ordered for p in progress),
        )
    held = freed(order, by)
    by.work.facts["reason"] = reason
    enter(order, TransferState.CLOSED.value, by=by)
    emit(events.TransferClosed(order.uid, short), subject=order.uid, by=by)
    return Ended(order.state, held)
