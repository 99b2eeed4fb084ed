"""Orders are placed and approved. # INB-01"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.queries import items_with_facts, papers_of, require_supply
from traceward.domain.partners.models import LicenceKind
from traceward.domain.partners.queries import licence_numbers
from traceward.domain.purchasing import events
from traceward.domain.purchasing.commands.warned import Warned, warned
from traceward.domain.purchasing.models import (
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
)
from traceward.domain.stock.queries.wanted import require_quantity
from traceward.kernel.base.days import require_near
from traceward.kernel.base.money import is_price, line_amount
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotFound,
    sentence,
)
from traceward.kernel.base.rows import add_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    add_lines,
    amend,
    emit,
    enter,
    open_document,
    require_other_person,
)
from traceward.kernel.org.models import Party, Site
from traceward.kernel.org.roles import (
    BUYER,
    EXECUTIVE,
    SUPERVISOR,
    SYSTEM,
)
from traceward.kernel.org.scope import ScopeKey, scope_of


@dataclass(frozen=True)
class Wanted:
    """So many base units of an item, at this price for one."""

    item_id: int
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True)
class Ordered:
    order_id: int
    order_uid: uuid.UUID
    amount: Decimal
    currency: str
    warnings: list[Warned] = field(default_factory=list)


NO_PRICE = sentence(
    "{item} is ordered for nothing. Where it is no gift or sample 赠品、样品, close the order and "
    "place it with a price."
)


def site_scope(site_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(Site, site_id, site="pk")


@command("purchasing.order", roles=(BUYER, SYSTEM), scope=site_scope)
def order(
    site_id: int,
    supplier_id: int,
    lines: list[Wanted],
    *,
    wanted_on: date | None = None,
    quality_terms: str = "",
    after_sales_terms: str = "",
    by: Actor,
) -> Ordered:
    """The order waits for approval. Each line keeps the device's papers as they are today.

    Warns of lines without a price.
    Refused where the supplier is not qualified, a licence or certificate does not count, or
    nothing is agreed about quality and after-sales service (GSP art. 55, 56).
    """
    site = Site.objects.select_related("legal_entity").find(site_id)
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    day = site.day_at(by.now)
    require_near(wanted_on, day, "wanted_on")
    items = _wanted_items(lines)
    require_supply(
        [items[w.item_id] for w in lines],
        supplier_id,
        site,
        day,
        field="lines.{n}.item_id",
        supplier_field="supplier_id",
    )
    supplier = Party.objects.find(supplier_id)
    assert supplier is not None, "who supplies is known"
    agreement = _agreement(supplier_id, day, quality_terms, after_sales_terms)
    currency = site.legal_entity.currency
    made = PurchaseOrder(
        supplier_id=supplier_id,
        supplier_name=supplier.name("zh"),
        currency=currency,
        ordered_on=day,
        wanted_on=wanted_on,
        quality_terms=quality_terms,
        after_sales_terms=after_sales_terms,
        agreement_number=agreement,
    )
    open_document(made, site=site, state=OrderState.SUBMITTED.value, by=by)
    facts = papers_of(items.values(), day)
    rows = add_rows(
        PurchaseOrderLine(
            line=line,
            order=made,
            item_id=w.item_id,
            quantity=w.quantity,
            unit_price=w.unit_price,
            amount=line_amount(w.quantity, w.unit_price, currency),
            **facts[w.item_id],
        )
        for line, w in zip(add_lines(made, len(lines)), lines, strict=True)
    )
    amount = sum((r.amount for r in rows), Decimal(0))
    return Ordered(made.pk, made.uid, amount, currency, _warnings(lines, items))


def _warnings(lines: Sequence[Wanted], items: Mapping[int, Item]) -> list[Warned]:
    """Once for each item that is ordered for nothing."""
    found: dict[int, Warned] = {}
    for n, w in enumerate(lines):
        if not w.unit_price and w.item_id not in found:
            found[w.item_id] = warned(n, NO_PRICE, {"item": items[w.item_id].code})
    return list(found.values())


def _agreement(supplier_id: int, day: date, quality_terms: str, after_sales_terms: str) -> str:
    """The number of the quality agreement in force; the order needs one, or terms of its own."""
    number = licence_numbers([supplier_id], LicenceKind.AGREEMENT, day).get(supplier_id, "")
    if not number and not (quality_terms.strip() and after_sales_terms.strip()):
        raise InvalidInput(
            sentence(
                "Agree on quality liability and after-sales service: write both terms, or enter "
                "the supplier's quality agreement."
            ),
            field="after_sales_terms" if quality_terms.strip() else "quality_terms",
        )
    return number


def _wanted_items(lines: Sequence[Wanted]) -> dict[int, Item]:
    """The items by id; refused where a line has none that may be bought, or no quantity."""
    if not lines:
        raise InvalidInput(sentence("An order has at least one line."), field="lines")
    items = items_with_facts(w.item_id for w in lines)
    for n, w in enumerate(lines):
        item = items.get(w.item_id)
        if item is None or not item.is_active:
            raise NotFound(
                sentence("There is no active item with id {id}."),
                field=f"lines.{n}.item_id",
                id=w.item_id,
            )
        require_quantity(w.quantity, f"lines.{n}.quantity")
        if not is_price(w.unit_price):
            raise InvalidInput(
                sentence("The price is zero or more, with at most six decimals."),
                field=f"lines.{n}.unit_price",
            )
    return items


def order_scope(order_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(PurchaseOrder, order_id)


@dataclass(frozen=True)
class Approved:
    order_id: int
    state: str


@command(
    "purchasing.approve",
    roles=(SUPERVISOR, EXECUTIVE),
    scope=order_scope,
    from_states=(OrderState.SUBMITTED,),
)
def approve(order_id: int, *, by: Actor) -> Approved:
    """The order may be sent to the supplier; whoever wrote it cannot approve it.

    Licences and certificates are checked again: they may have ended since. # ORG-03
    """
    found = PurchaseOrder.objects.lock(order_id)
    require_other_person(found.created_by_id, by=by)
    ids = list(found.lines.order_by("pk").values_list("item_id", flat=True))
    items = items_with_facts(ids)
    day = found.site.day_at(by.now)
    enter(found, OrderState.APPROVED.value, by=by)
    require_supply([items[i] for i in ids], found.supplier_id, found.site, day, field="order_id")
    amend(found, by=by, approved_by_id=by.person_id, approved_at=by.now)
    emit(events.OrderApproved(found.uid), subject=found.uid, by=by)
    return Approved(found.pk, found.state)
