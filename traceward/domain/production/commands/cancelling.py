"""A transformation that was recorded by mistake is taken back as a whole. # PRO-02"""

from dataclasses import dataclass
from typing import Any

from traceward.domain.production import events, queries
from traceward.domain.production.commands.wip import wip_key
from traceward.domain.production.models import (
    Direction,
    OrderState,
    Transformation,
    TransformationLine,
    TransformationState,
    WorkOrder,
)
from traceward.domain.quality.commands import withdraw
from traceward.domain.stock.commands import promise
from traceward.domain.stock.commands.moves import take_back
from traceward.domain.stock.rules import Promise, is_expired
from traceward.domain.warehousing.queries import blocking
from traceward.kernel.base.rows import save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, emit, enter
from traceward.kernel.org.roles import PRODUCTION
from traceward.kernel.org.scope import ScopeKey, scope_of


def transformation_scope(transformation_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Transformation, transformation_id)


@dataclass(frozen=True)
class TransformationUndone:
    """So many base units were moved back, inputs and outputs together."""

    quantity: int


@command(
    "production.cancel",
    roles=(PRODUCTION,),
    scope=transformation_scope,
    from_states=(TransformationState.DONE,),
)
def cancel(transformation_id: int, reason: str, *, by: Actor) -> TransformationUndone:
    """A transformation that was recorded by mistake is cancelled as a whole.

    The inputs stand again where they were, the outputs are gone, and nothing went into anything;
    inspections of the outputs are withdrawn. A completed order is under way again, and what it
    had taken is promised to it in WIP. Refused once the outputs were moved on or decided about.
    """
    known = Transformation.objects.filter(pk=transformation_id).only("order_id").first()
    order: WorkOrder | None = None
    if known is not None and known.order_id is not None:
        order = WorkOrder.objects.lock(known.order_id)  # before its completion, as `complete` does
    document: Transformation = Transformation.objects.lock(transformation_id)
    enter(document, TransformationState.CANCELLED, by=by)
    quantity = take_back(document, reason, by=by)
    withdraw(document, by=by)
    if order is not None:
        _reopen(order, document, by)
    emit(events.TransformationCancelled(document.uid), subject=document.uid, by=by)
    return TransformationUndone(quantity)


def _reopen(order: WorkOrder, document: Transformation, by: Actor) -> None:
    """The order has its issued goods again, and has made that much less."""
    if order.state == OrderState.CLOSED:
        enter(order, OrderState.RELEASED, by=by)
    lines = TransformationLine.objects.filter(transformation=document)
    made = sum(
        x.quantity for x in lines if x.direction == Direction.OUTPUT and x.item_id == order.item_id
    )
    amend(order, by=by, made=order.made - made, lost=order.lost - document.lost)
    back = {x.issued_id: x.quantity for x in lines if x.issued_id}
    rows = [row for row in queries.issued_to(order.pk) if row.pk in back]
    for row in rows:
        row.consumed -= back[row.pk]
    save_rows(rows, ["consumed"])
    keys = [wip_key(order, row) for row in rows]
    blocked = {found["n"] - 1 for found in blocking(keys)}
    today = order.site.day_at(by.now)
    promise(
        (
            Promise(row.component_id, key, back[row.pk])
            for n, (row, key) in enumerate(zip(rows, keys, strict=True))
            if n not in blocked and not is_expired(row.lot.expires_on if row.lot else None, today)
        ),
        by=by,
    )
