"""A transfer is asked for, approved by another person, promised, and ends. # TRF-01"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.queries import items_with_facts, papers_of
from traceward.domain.places.models import Place, PlaceKind, Zone
from traceward.domain.stock.allocation import Demand, Shortfall, Strategy
from traceward.domain.stock.commands.allocation import Reserved, release_reservations, reserve
from traceward.domain.stock.commands.terms import require_served
from traceward.domain.stock.models import Reservation
from traceward.domain.stock.queries.wanted import require_wanted
from traceward.domain.transfers import events, queries
from traceward.domain.transfers.models import TransferLine, TransferOrder, TransferState
from traceward.domain.warehousing.commands.picking import PickOpened, destine, open_pick
from traceward.domain.warehousing.models import Pick, PickState
from traceward.domain.warehousing.queries import require_may_be_transferred
from traceward.kernel.base.days import require_near
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    add_lines,
    amend,
    emit,
    enter,
    open_document,
    require_other_person,
    touch,
)
from traceward.kernel.documents.models import DocumentLine
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import EXECUTIVE, PLANNER, STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of


@dataclass(frozen=True)
class WantedItem:
    """So many base units of an item; of one lot or serial only where it is given."""

    item_id: int
    quantity: int
    lot_id: int | None = None
    serial_id: int | None = None


@dataclass(frozen=True)
class Requested:
    transfer_id: int
    transfer_uid: uuid.UUID
    line_ids: list[int]


def target_scope(deliver_to_id: int, **_: Any) -> list[ScopeKey]:
    """Who needs the goods asks for them: the receiving site."""
    return scope_of(Place, deliver_to_id)


def order_scope(transfer_id: int, **_: Any) -> list[ScopeKey]:
    """The giving site, whose document the transfer is."""
    return scope_of(TransferOrder, transfer_id)


@command("transfers.request", roles=(PLANNER, STOREKEEPER, SUPERVISOR), scope=target_scope)
def request(
    from_site_id: int,
    deliver_to_id: int,
    lines: list[WantedItem],
    reason: str,
    *,
    wanted_on: date | None = None,
    by: Actor,
) -> Requested:
    """The other site is asked for goods; nothing is promised before somebody there approves."""
    place = _target(deliver_to_id)
    site = Site.objects.select_related("legal_entity").find(from_site_id)
    if site is None:
        raise NotFound(
            sentence("There is no site with id {id}."), field="from_site_id", id=from_site_id
        )
    if site.pk == place.site_id:
        raise InvalidInput(
            sentence("{place} is at the same site. Move the goods there instead."),
            field="deliver_to_id",
            place=place.code,
        )
    if not reason.strip():
        raise InvalidInput(sentence("Say why the goods are needed there."), field="reason")
    today = site.day_at(by.now)
    require_near(wanted_on, today, "wanted_on")
    items = _checked_items(lines)
    order = TransferOrder(
        to_site_id=place.site_id,
        deliver_to=place,
        from_owner_id=site.legal_entity.party_id,
        to_owner_id=place.legal_entity.party_id,
        reason=reason.strip(),
        wanted_on=wanted_on,
    )
    wanted = [items[line.item_id] for line in lines]
    require_may_be_transferred(
        order.from_owner_id, order.to_owner_id, wanted, today, field="lines.{n}.item_id"
    )
    open_document(order, site=site, state=TransferState.REQUESTED.value, by=by)
    destine(order, order.to_owner_id, place.pk)
    papers = papers_of(items.values(), today)
    rows = TransferLine.objects.bulk_create(
        TransferLine(
            line=number,
            order=order,
            item_id=line.item_id,
            quantity=line.quantity,
            lot_id=line.lot_id,
            serial_id=line.serial_id,
            **papers[line.item_id],
        )
        for number, line in zip(add_lines(order, len(lines)), lines, strict=True)
    )
    emit(events.TransferRequested(order.uid, len(rows)), subject=order.uid, by=by)
    return Requested(order.pk, order.uid, [row.pk for row in rows])


def _target(place_id: int) -> Place:
    place = Place.objects.select_related("legal_entity").find(place_id)
    is_right = place is not None and (
        (place.kind == PlaceKind.DOCK and place.zone in ("", Zone.PENDING))
        or (place.kind == PlaceKind.BIN and place.zone == Zone.PENDING)
    )
    if place is None or not is_right or not place.is_open:
        raise InvalidInput(
            sentence("Choose an open dock or 待验 zone of the site that needs the goods."),
            field="deliver_to_id",
        )
    return place


def _checked_items(lines: Sequence[WantedItem]) -> dict[int, Item]:
    """The items by id; refused where a line names nothing that can be sent."""
    if not lines:
        raise InvalidInput(
            sentence("The transfer has no lines. Enter at least one."), field="lines"
        )
    items = items_with_facts(line.item_id for line in lines)
    for n, line in enumerate(lines):
        if line.item_id not in items:
            raise NotFound(
                sentence("There is no item with id {id}."),
                field=f"lines.{n}.item_id",
                id=line.item_id,
            )
    require_wanted(lines)
    return items


@dataclass(frozen=True)
class Decided:
    """The state of the transfer after the step."""

    transfer_id: int
    state: str


@command(
    "transfers.approve",
    roles=(SUPERVISOR, EXECUTIVE),
    scope=order_scope,
    from_states=(TransferState.REQUESTED,),
)
def approve(transfer_id: int, *, by: Actor) -> Decided:
    """The goods may be promised and sent; whoever asked for them cannot approve it.

    # ORG-03
    """
    order: TransferOrder = TransferOrder.objects.lock(transfer_id)
    require_other_person(order.created_by_id, by=by)
    enter(order, TransferState.APPROVED.value, by=by)
    _require_may_go(order, by)
    amend(order, by=by, approved_by_id=by.person_id, approved_at=by.now)
    emit(events.TransferApproved(order.uid), subject=order.uid, by=by)
    return Decided(order.pk, order.state)


def _require_may_go(order: TransferOrder, by: Actor) -> None:
    """The gates are asked again today. # OUT-03"""
    ids = list(order.lines.order_by("pk").values_list("item_id", flat=True))
    items = items_with_facts(ids)
    require_may_be_transferred(
        order.from_owner_id,
        order.to_owner_id,
        [items[i] for i in ids],
        order.site.day_at(by.now),
        field="lines.{n}",
    )


@command(
    "transfers.allocate",
    roles=(PLANNER, STOREKEEPER, SUPERVISOR),
    scope=order_scope,
    from_states=(TransferState.APPROVED,),
)
def allocate(
    transfer_id: int,
    *,
    strategy: Strategy | None = None,
    shortfall: Shortfall = Shortfall.TAKE,
    by: Actor,
) -> Reserved:
    """The transfer's lines have stock of the giving site promised, as far as it is there."""
    order: TransferOrder = TransferOrder.objects.lock(transfer_id)
    require_served(order.kind, order.state, str(order))
    _require_may_go(order, by)
    lines = list(order.lines.order_by("pk"))
    asked = queries.still_asked([line.pk for line in lines])
    demands = [
        Demand(
            line_id=line.pk,
            item_id=line.item_id,
            quantity=asked[line.pk].quantity,
            site_id=order.site_id,
            owner_id=order.from_owner_id,
            strategy=strategy,
            customer_id=order.to_owner_id,
            lot_id=line.lot_id,
            serial_ids=(line.serial_id,) if line.serial_id else (),
        )
        for line in lines
        if asked[line.pk].quantity > 0
    ]
    if not demands:
        raise WrongState(
            sentence("Everything of {number} has left already. There is nothing to allocate."),
            number=str(order),
        )
    touch(order, by=by)
    return reserve(demands, shortfall=shortfall, by=by)


@command(
    "transfers.start_pick",
    roles=(STOREKEEPER, SUPERVISOR),
    scope=order_scope,
    from_states=(TransferState.APPROVED,),
)
def start_pick(transfer_id: int, staging_id: int, *, by: Actor) -> PickOpened:
    """What is promised to the transfer is a pick for the other site, in walking order."""
    return open_pick(TransferOrder.objects.lock(transfer_id).pk, staging_id, by=by)


@dataclass(frozen=True)
class Ended:
    """The state, and the ids of the lines to which stock was promised; it is free again."""

    state: str
    freed_line_ids: list[int]


@command(
    "transfers.cancel",
    roles=(PLANNER, SUPERVISOR),
    scope=order_scope,
    from_states=(TransferState.REQUESTED, TransferState.APPROVED),
)
def cancel(transfer_id: int, reason: str, *, by: Actor) -> Ended:
    """Nobody waits for the transfer any more: declined, or not needed; its promises are free.

    Refused while goods are being picked for it or have left.
    """
    order: TransferOrder = TransferOrder.objects.lock(transfer_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the transfer is cancelled."), field="reason")
    require_no_pick(order)
    if Pick.objects.filter(demand=transfer_id, state=PickState.SHIPPED).exists():
        raise WrongState(
            sentence("Goods of {number} have left. Receive them, and close the transfer."),
            number=str(order),
        )
    held = freed(order, by)
    by.work.facts["reason"] = reason
    enter(order, TransferState.CANCELLED.value, by=by)
    emit(events.TransferCancelled(order.uid), subject=order.uid, by=by)
    return Ended(order.state, held)


def require_no_pick(order: TransferOrder) -> None:
    """Refused while goods are being picked for the transfer."""
    ended = (PickState.CANCELLED, PickState.SHIPPED)
    picking = Pick.objects.filter(demand=order.pk).exclude(state__in=ended).first()
    if picking is not None:
        raise WrongState(
            sentence("{number} is being picked. Have the pick cancelled first."),
            number=str(picking),
        )


def freed(order: TransferOrder, by: Actor) -> list[int]:
    """Nothing is promised to the transfer any more; the lines that had something."""
    line_ids = list(DocumentLine.objects.filter(document=order.pk).values_list("pk", flat=True))
    promised = Reservation.objects.filter(line__in=line_ids, quantity__gt=0)
    held = sorted(set(promised.values_list("line_id", flat=True)))
    if held:
        release_reservations(held, by=by)
    return held
