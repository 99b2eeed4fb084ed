"""What items are made of, and orders to make them, until they are closed. # PRO-01"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.queries import (
    items_with_facts,
    need_of,
    papers_of,
    require_certificates,
)
from traceward.domain.partners.queries import require_licences
from traceward.domain.partners.rules import Act
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.production import events, queries, rules
from traceward.domain.production.models import (
    Bom,
    BomLine,
    BomLineKind,
    ComponentLine,
    IssuedGoods,
    OrderState,
    WorkOrder,
)
from traceward.domain.production.refusals import NotCleared
from traceward.domain.stock.commands.allocation import release_reservations
from traceward.domain.stock.models import Reservation
from traceward.domain.stock.queries.wanted import require_quantity
from traceward.kernel.base.days import require_near
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_lines, amend, created, emit, enter, open_document
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import DATA_OWNER, PLANNER, PRODUCTION
from traceward.kernel.org.scope import ScopeKey, scope_of


@dataclass(frozen=True)
class BomPart:
    """A component, or a by-product, with its quantity for the bill's `per_quantity`."""

    item_id: int
    quantity: int
    scrap_share: Decimal = Decimal(0)
    kind: BomLineKind = BomLineKind.COMPONENT


@dataclass(frozen=True)
class BomVersion:
    bom_id: int
    version: int


@command("production.define_bom", roles=(DATA_OWNER, PRODUCTION), scope=whole_group)
def define_bom(
    item_id: int,
    lines: list[BomPart],
    effective_from: date,
    *,
    per_quantity: int = 1,
    effective_until: date | None = None,
    by: Actor,
) -> BomVersion:
    """The item is made of this from that day on; the version before ends the day before.

    Refused where the item would be needed to make itself, at whatever depth.
    """
    item: Item = Item.objects.lock(item_id)
    _check_bom(item, lines, effective_from, per_quantity, effective_until)
    last = Bom.objects.filter(item=item).aggregate(last=Max("version"))["last"] or 0
    for before in Bom.objects.filter(item=item, effective_from__lt=effective_from).exclude(
        effective_until__lt=effective_from
    ):
        amend(before, by=by, effective_until=effective_from - timedelta(days=1))
    bom = Bom.objects.create(
        item=item,
        version=last + 1,
        per_quantity=per_quantity,
        effective_from=effective_from,
        effective_until=effective_until,
    )
    BomLine.objects.bulk_create(
        BomLine(
            bom=bom,
            kind=part.kind.value,
            item_id=part.item_id,
            quantity=part.quantity,
            scrap_share=part.scrap_share,
        )
        for part in lines
    )
    created(bom, by=by, item=item.code, version=bom.version, effective_from=effective_from)
    emit(events.BomDefined(bom.uid, bom.version), subject=bom.uid, by=by)
    return BomVersion(bom.pk, bom.version)


def _check_bom(
    item: Item, lines: Sequence[BomPart], start: date, per_quantity: int, end: date | None
) -> None:
    require_quantity(per_quantity, "per_quantity")
    if end is not None and end < start:
        raise InvalidInput(
            sentence("It ends ({until}) before it begins ({start}). Correct the days."),
            field="effective_until",
            until=str(end),
            start=str(start),
        )
    _check_parts(lines, "lines")
    if all(part.kind != BomLineKind.COMPONENT for part in lines):
        raise InvalidInput(sentence("Say what it is made of."), field="lines")
    components = queries.components_of(start)
    components[item.pk] = {p.item_id for p in lines if p.kind == BomLineKind.COMPONENT}
    if rules.circle(item.pk, components):
        raise InvalidInput(
            sentence("{item} would be needed to make itself. Take it out of the lines."),
            field="lines",
            item=item.code,
        )


def _check_parts(lines: Sequence[BomPart], name: str) -> None:
    known = set(
        Item.objects.filter(pk__in={p.item_id for p in lines}, is_active=True).values_list(
            "pk", flat=True
        )
    )
    seen: set[int] = set()
    for n, part in enumerate(lines):
        if part.item_id not in known or part.item_id in seen:
            raise InvalidInput(
                sentence("Each line has an item of its own that exists and is in use."),
                field=f"{name}.{n}.item_id",
            )
        seen.add(part.item_id)
        require_quantity(part.quantity, f"{name}.{n}.quantity")
        if not 0 <= part.scrap_share < 1 or part.scrap_share != round(part.scrap_share, 4):
            raise InvalidInput(
                sentence("The scrap share is from 0 to below 1, with four decimals: 0.05 is 5 %."),
                field=f"{name}.{n}.scrap_share",
            )


def site_scope(site_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Site, site_id, site="pk")


def order_scope(order_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(WorkOrder, order_id)


@dataclass(frozen=True)
class Planned:
    order_id: int
    order_uid: str
    line_ids: list[int]


@command("production.plan", roles=(PLANNER, PRODUCTION), scope=site_scope)
def plan(
    site_id: int,
    item_id: int,
    quantity: int,
    wip_id: int,
    *,
    due_on: date | None = None,
    by: Actor,
) -> Planned:
    """So much is to be made at the site, of what the bill of material of today says."""
    site, item = _site_and_item(site_id, item_id)
    today = site.day_at(by.now)
    require_near(due_on, today, "due_on")
    bom = queries.effective_bom(item_id, today)
    if bom is None:
        raise InvalidInput(
            sentence("{item} has no bill of material that counts today. Have one defined."),
            field="item_id",
            item=item.code,
        )
    order = WorkOrder(bom=bom, per_quantity=bom.per_quantity, due_on=due_on)
    parts = [
        BomPart(line.item_id, line.quantity, line.scrap_share)
        for line in bom.lines.filter(kind=BomLineKind.COMPONENT).order_by("pk")
    ]
    return _open(order, site, item, quantity, wip_id, parts, by)


@command("production.plan_rework", roles=(PLANNER, PRODUCTION), scope=site_scope)
def plan_rework(
    site_id: int,
    item_id: int,
    quantity: int,
    wip_id: int,
    *,
    parts: list[BomPart] | None = None,
    due_on: date | None = None,
    by: Actor,
) -> Planned:
    """So many units that came out once go back in, with the parts that one of them takes."""
    site, item = _site_and_item(site_id, item_id)
    require_near(due_on, site.day_at(by.now), "due_on")
    _check_parts(parts or [], "parts")
    lines = [BomPart(item_id, 1), *(p for p in parts or [] if p.kind == BomLineKind.COMPONENT)]
    if len({p.item_id for p in lines}) < len(lines) or len(lines) <= len(parts or []):
        raise InvalidInput(
            sentence("Name the parts that rework takes besides the item itself."), field="parts"
        )
    order = WorkOrder(is_rework=True, due_on=due_on)
    return _open(order, site, item, quantity, wip_id, lines, by)


def _site_and_item(site_id: int, item_id: int) -> tuple[Site, Item]:
    site = Site.objects.select_related("legal_entity").find(site_id)
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    item = Item.objects.filter(pk=item_id, is_active=True).first()
    if item is None:
        raise NotFound(sentence("There is no item with id {id}."), field="item_id", id=item_id)
    return site, item


def _open(
    order: WorkOrder,
    site: Site,
    item: Item,
    quantity: int,
    wip_id: int,
    parts: Sequence[BomPart],
    by: Actor,
) -> Planned:
    require_quantity(quantity, "quantity")
    wip = Place.objects.filter(pk=wip_id, site=site, kind=PlaceKind.STAGING, is_open=True).first()
    if wip is None:
        raise InvalidInput(
            sentence("Choose an open staging area of the site: issued goods stand there."),
            field="wip_id",
        )
    items = items_with_facts({item.pk} | {p.item_id for p in parts})
    papers = papers_of(items.values(), site.day_at(by.now))
    order.item, order.quantity, order.wip = items[item.pk], quantity, wip
    for name, value in papers[item.pk].items():
        setattr(order, name, value)
    open_document(order, site=site, state=OrderState.PLANNED, by=by)
    lines = ComponentLine.objects.bulk_create(
        ComponentLine(
            line=line,
            order=order,
            item_id=part.item_id,
            quantity_per=part.quantity,
            quantity=rules.required(quantity, part.quantity, order.per_quantity, part.scrap_share),
            **papers[part.item_id],
        )
        for line, part in zip(add_lines(order, len(parts)), parts, strict=True)
    )
    emit(events.OrderPlanned(order.uid), subject=order.uid, by=by)
    return Planned(order.pk, str(order.uid), [line.pk for line in lines])


@dataclass(frozen=True)
class OrderStands:
    order_id: int
    state: str


@command(
    "production.release", roles=(PRODUCTION,), scope=order_scope, from_states=(OrderState.PLANNED,)
)
def release(order_id: int, *, by: Actor) -> OrderStands:
    """Goods may be issued to the order: our production licence and the certificate cover it.

    # MDM-04
    """
    order: WorkOrder = WorkOrder.objects.lock(order_id)
    order.require(OrderState.PLANNED)
    today = order.site.day_at(by.now)
    item = items_with_facts([order.item_id])[order.item_id]
    require_certificates([item], today, field="order_id")
    us = order.legal_entity.party_id
    require_licences([need_of(item, us, Act.MAKE)], today, field="order_id")
    enter(order, OrderState.RELEASED, by=by)
    emit(events.OrderReleased(order.uid), subject=order.uid, by=by)
    return OrderStands(order.pk, order.state)


@command(
    "production.close", roles=(PRODUCTION,), scope=order_scope, from_states=(OrderState.RELEASED,)
)
def close(order_id: int, *, by: Actor) -> OrderStands:
    """The order is at its end: issued = consumed + returned + scrapped, nothing is in WIP.

    # PRO-02
    """
    order: WorkOrder = WorkOrder.objects.lock(order_id)
    order.require(OrderState.RELEASED)
    _require_cleared(queries.issued_to(order_id))
    free(order, by=by)
    enter(order, OrderState.CLOSED, by=by)
    emit(events.WorkOrderClosed(order.uid), subject=order.uid, by=by)
    return OrderStands(order.pk, order.state)


@command(
    "production.cancel_order",
    roles=(PLANNER, PRODUCTION),
    scope=order_scope,
    from_states=(OrderState.PLANNED, OrderState.RELEASED),
)
def cancel_order(order_id: int, reason: str, *, by: Actor) -> OrderStands:
    """Nothing is made of the order; refused once something was, or while goods are out for it."""
    order: WorkOrder = WorkOrder.objects.lock(order_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the order is cancelled."), field="reason")
    if order.made or order.lost:
        raise WrongState(
            sentence("Something was made of {number} already. Close it instead."),
            number=str(order),
        )
    _require_cleared(queries.issued_to(order_id))
    free(order, by=by)
    by.work.facts["reason"] = reason
    enter(order, OrderState.CANCELLED, by=by)
    emit(events.WorkOrderCancelled(order.uid), subject=order.uid, by=by)
    return OrderStands(order.pk, order.state)


def _require_cleared(issued: Iterable[IssuedGoods]) -> None:
    left = [row for row in issued if row.left]
    if not left:
        return
    rows = [
        {
            "issued": row.pk,
            "item": row.component.item.code,
            "lot": str(row.lot or "—"),
            "serial": str(row.serial or "—"),
            "left": row.left,
        }
        for row in left[:50]
    ]
    raise NotCleared(
        sentence(
            "{left} of {item}, lot {lot}, issued to the order still stand in WIP ({count} such "
            "rows). Consume, return or scrap them first."
        ),
        field="order_id",
        details=rows,
        count=len(left),
        **{name: rows[0][name] for name in ("left", "item", "lot")},
    )


def free(order: WorkOrder, *, by: Actor) -> None:
    """Nothing in the bins is promised to the order any more."""
    lines = list(order.lines.values_list("pk", flat=True))
    held = Reservation.objects.filter(line__in=lines, quantity__gt=0)
    if promised := sorted(set(held.values_list("line_id", flat=True))):
        release_reservations(promised, by=by)
