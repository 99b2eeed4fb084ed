"""Issued goods that are not consumed: back into a bin, or scrapped. # PRO-01"""

from collections.abc import Sequence
from dataclasses import dataclass

from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.places.queries import boundary_place
from traceward.domain.production import events
from traceward.domain.production.commands.planning import order_scope
from traceward.domain.production.commands.wip import leg, picked_out, take_out, under_way
from traceward.domain.production.models import OrderState, WorkOrder
from traceward.domain.stock.commands import Said, collect
from traceward.domain.stock.models import Code
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.base.rows import save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import emit, touch
from traceward.kernel.org.roles import PRODUCTION, STOREKEEPER


@dataclass(frozen=True)
class GivenBack:
    """So many base units of the issued goods go to this place."""

    issued_id: int
    quantity: int
    place_id: int


@dataclass(frozen=True)
class Spoilt:
    """So many base units of the issued goods are of no use any more."""

    issued_id: int
    quantity: int


@dataclass(frozen=True)
class TakenOut:
    """So many base units left WIP."""

    base_units: int


@command(
    "production.return_issued",
    roles=(PRODUCTION, STOREKEEPER),
    scope=order_scope,
    from_states=(OrderState.RELEASED,),
)
def return_issued(order_id: int, lines: list[GivenBack], *, by: Actor) -> TakenOut:
    """What the order does not need stands in the warehouse again, free for others.

    Goods that were blocked or have expired meanwhile may come back too; they stay what they are.
    """
    order = under_way(order_id)
    taken = picked_out(order, [(x.issued_id, x.quantity) for x in lines], field="lines")
    _check_places(order, lines)
    gone = take_out(order, taken, by=by)
    said = Said("lines.{n}", place="lines.{n}.place_id", of=[g.n for g in gone])
    collect((leg(order, g, Code.MOVE, lines[g.n].place_id) for g in gone), said=said, by=by)
    for row, quantity in taken:
        row.returned += quantity
    save_rows([row for row, _ in taken], ["returned"])
    touch(order, by=by)
    total = sum(quantity for _, quantity in taken)
    emit(events.IssuedGoodsReturned(order.uid, total), subject=order.uid, by=by)
    return TakenOut(total)


def _check_places(order: WorkOrder, lines: Sequence[GivenBack]) -> None:
    kinds = (PlaceKind.BIN, PlaceKind.DOCK, PlaceKind.STAGING)
    places = Place.objects.filter(
        pk__in={x.place_id for x in lines}, site=order.site_id, kind__in=kinds
    )
    ours = set(places.exclude(pk=order.wip_id).values_list("pk", flat=True))
    for n, x in enumerate(lines):
        if x.place_id not in ours:
            raise InvalidInput(
                sentence("Choose a bin, dock or staging area of the site."),
                field=f"lines.{n}.place_id",
            )


@command(
    "production.scrap", roles=(PRODUCTION,), scope=order_scope, from_states=(OrderState.RELEASED,)
)
def scrap(order_id: int, lines: list[Spoilt], reason: str, *, by: Actor) -> TakenOut:
    """What was spoilt on the way is destroyed, for a reason; more may be issued instead."""
    order = under_way(order_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why it is scrapped."), field="reason")
    taken = picked_out(order, [(x.issued_id, x.quantity) for x in lines], field="lines")
    waste = boundary_place(order.site_id, PlaceKind.DESTRUCTION)
    gone = take_out(order, taken, by=by)
    said = Said("lines.{n}", of=[g.n for g in gone])
    collect((leg(order, g, Code.DESTROY, waste.pk, reason) for g in gone), said=said, by=by)
    for row, quantity in taken:
        row.scrapped += quantity
    save_rows([row for row, _ in taken], ["scrapped"])
    touch(order, by=by)
    total = sum(quantity for _, quantity in taken)
    by.work.facts["reason"] = reason
    emit(events.IssuedGoodsScrapped(order.uid, total), subject=order.uid, by=by)
    return TakenOut(total)
