"""Customers order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.queries import items_with_facts, papers_of
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.sales import events
from traceward.domain.sales.models import (
    OrderContact,
    OrderState,
    SalesOrder,
    SalesOrderLine,
    TransferPoint,
)
from traceward.domain.stock.commands.allocation import release_reservations
from traceward.domain.stock.models import Reservation
from traceward.domain.stock.queries.wanted import require_wanted
from traceward.domain.warehousing.commands.picking import destine
from traceward.domain.warehousing.models import Pick, PickState
from traceward.domain.warehousing.queries import require_may_go_out
from traceward.kernel.base.days import require_happened
from traceward.kernel.base.money import is_price, line_amount
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, fill, sentence
from traceward.kernel.base.rows import add_rows, save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_lines, emit, enter, open_document, set_values
from traceward.kernel.documents.models import DocumentLine
from traceward.kernel.org.models import Party, Site
from traceward.kernel.org.roles import SALES
from traceward.kernel.org.scope import ScopeKey, scope_of


@dataclass(frozen=True)
class OrderedItem:
    """So many base units of an item at a price; of one lot or serial only where it is given."""

    item_id: int
    quantity: int
    unit_price: Decimal = Decimal(0)
    lot_id: int | None = None
    serial_id: int | None = None


@dataclass(frozen=True)
class Warned:
    """What a line says is taken, but should be looked at."""

    line: int
    zh: str
    en: str


@dataclass(frozen=True)
class Ordered:
    order_id: int
    order_uid: str
    line_ids: list[int]
    amount: Decimal
    warnings: list[Warned] = field(default_factory=list)


def site_scope(site_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Site, site_id, site="pk")


def order_scope(order_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(SalesOrder, order_id)


@command("sales.order", roles=(SALES,), scope=site_scope)
def order(
    site_id: int,
    customer_id: int,
    deliver_to_id: int,
    lines: list[OrderedItem],
    *,
    customer_reference: str = "",
    delivery_address: str = "",
    contact: Erasable | None = None,
    transfer_point: TransferPoint = TransferPoint.DELIVERY,
    ordered_on: date | None = None,
    by: Actor,
) -> Ordered:
    """The customer's order is in the books, and everything on it may be sold to the customer.

    Our own licence, the customer's and the certificates are asked for today. It goes to the
    customer's own address where no other is given. A price of zero is warned about. # OUT-03
    """
    site = Site.objects.select_related("legal_entity").find(site_id)
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    today = site.day_at(by.now)
    require_happened(ordered_on, today, "ordered_on")
    _check_place(deliver_to_id, customer_id)
    items = _checked_items(lines)
    wanted = [items[line.item_id] for line in lines]
    licences = require_may_go_out(
        site.legal_entity.party_id, customer_id, wanted, today, field="lines.{n}.item_id"
    )
    customer = Party.objects.get(pk=customer_id)
    address = delivery_address.strip() or customer.address
    _require_reachable(customer, address)
    document = SalesOrder(
        customer=customer,
        customer_name=customer.name("zh"),
        customer_phone=customer.phone,
        deliver_to_id=deliver_to_id,
        customer_reference=customer_reference.strip(),
        delivery_address=address,
        ordered_on=ordered_on or today,
        currency=site.legal_entity.currency,
        transfer_point=transfer_point.value,
    )
    _check_reference(document)
    open_document(document, site=site, state=OrderState.OPEN, by=by)
    destine(document, customer_id, deliver_to_id, delivery_address=address)
    numbers = {pk: verdict.number for pk, verdict in licences.items()}
    made = _add_order_lines(document, lines, items, numbers, today)
    if contact:
        OrderContact.objects.create(order=document, text=contact.reveal())
    emit(events.OrderPlaced(document.uid, len(made)), subject=document.uid, by=by)
    return Ordered(
        document.pk,
        str(document.uid),
        [row.pk for row in made],
        sum((row.amount for row in made), Decimal(0)),
        _warnings(lines, items),
    )


FREE = sentence("{item} is ordered for nothing. If it is not given away, cancel and order again.")


def _warnings(lines: list[OrderedItem], items: dict[int, Item]) -> list[Warned]:
    """A line without a price is taken: samples and replacements are; it may be forgotten, too."""
    free = [(n, {"item": items[x.item_id].code}) for n, x in enumerate(lines) if not x.unit_price]
    return [Warned(n, fill(FREE, said, "zh-hans"), fill(FREE, said, "en")) for n, said in free]


def _check_place(place_id: int, customer_id: int) -> None:
    place = Place.objects.find(place_id)
    if place is None or place.kind not in (PlaceKind.CUSTOMER, PlaceKind.DEPARTMENT):
        raise InvalidInput(
            sentence("Choose a receiving point or department of the customer."),
            field="deliver_to_id",
        )
    if place.party_id != customer_id:
        raise InvalidInput(
            sentence("{place} is no place of this customer. Choose one of theirs."),
            field="deliver_to_id",
            place=place.code,
        )


def _checked_items(lines: list[OrderedItem]) -> dict[int, Item]:
    """The items by id; refused where a line cannot be sold as it is written."""
    if not lines:
        raise InvalidInput(sentence("The order has no lines. Enter at least one."), field="lines")
    items = items_with_facts(line.item_id for line in lines)
    for n, line in enumerate(lines):
        item = items.get(line.item_id)
        if item is None or not item.is_active:
            raise InvalidInput(
                sentence("This item does not exist or is not sold any more. Choose another one."),
                field=f"lines.{n}.item_id",
            )
        if not is_price(line.unit_price):
            raise InvalidInput(
                sentence("The price is zero or more, with at most six decimals."),
                field=f"lines.{n}.unit_price",
            )
    require_wanted(lines)
    return items


def _require_reachable(customer: Party, address: str) -> None:
    """The sales record states where the goods go, and the customer's telephone (GSP art. 84)."""
    if not (address and customer.phone):
        raise InvalidInput(
            sentence(
                "The sales record states the address and telephone of {party}; one is missing. "
                "Have it entered first."
            ),
            field="customer_id" if address else "delivery_address",
            party=customer.names,
        )


def _check_reference(document: SalesOrder) -> None:
    """The customer's number is taken once, so that an order sent twice is delivered once."""
    if not document.customer_reference:
        return
    twin = SalesOrder.objects.filter(
        customer=document.customer_id, customer_reference=document.customer_reference
    ).first()
    if twin is not None:
        raise InvalidInput(
            sentence("The customer's order {reference} is {number} already. Open that one."),
            field="customer_reference",
            reference=document.customer_reference,
            number=str(twin),
        )


def _add_order_lines(
    document: SalesOrder,
    lines: list[OrderedItem],
    items: dict[int, Item],
    licences: dict[int, str],
    today: date,
) -> list[SalesOrderLine]:
    papers = papers_of(items.values(), today)
    numbered = add_lines(document, len(lines))
    return add_rows(
        SalesOrderLine(
            line=number,
            item_id=line.item_id,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line_amount(line.quantity, line.unit_price, document.currency),
            lot_id=line.lot_id,
            serial_id=line.serial_id,
            customer_licence=licences.get(line.item_id, ""),
            **papers[line.item_id],
        )
        for number, line in zip(numbered, lines, strict=True)
    )


def keep_licences(lines: Sequence[SalesOrderLine], licences: Mapping[int, str], by: Actor) -> None:
    """Lines of what became a device since it was ordered name the licence that covers it now."""
    late = [x for x in lines if not x.customer_licence and licences.get(x.item_id)]
    for line in late:
        set_values(line, by=by, customer_licence=licences[line.item_id])
    if late:
        save_rows(late, ["customer_licence"])


@dataclass(frozen=True)
class OrderEnded:
    """Ids of the lines to which stock was promised; it is free again."""

    freed_line_ids: list[int]


@command("sales.cancel", roles=(SALES,), scope=order_scope, from_states=(OrderState.OPEN,))
def cancel(order_id: int, reason: str, *, by: Actor) -> OrderEnded:
    """Nobody waits for the order any more: what was promised to its lines is free again.

    Refused while goods are being picked for it or have left.
    """
    document: SalesOrder = SalesOrder.objects.lock(order_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the order is cancelled."), field="reason")
    require_no_pick(order_id)
    if Pick.objects.filter(demand=order_id, state=PickState.SHIPPED).exists():
        raise WrongState(
            sentence(
                "Goods of {number} have left. Close the order once they are signed for, or take "
                "them back as a return."
            ),
            number=str(document),
        )
    held = freed(order_id, by=by)
    by.work.facts["reason"] = reason
    enter(document, OrderState.CANCELLED, by=by)
    emit(events.OrderCancelled(document.uid), subject=document.uid, by=by)
    return OrderEnded(held)


def require_no_pick(order_id: int) -> None:
    """Refused while goods are being fetched for the order."""
    ended = (PickState.CANCELLED, PickState.SHIPPED)
    picking = Pick.objects.filter(demand=order_id).exclude(state__in=ended).first()
    if picking is not None:
        raise WrongState(
            sentence("{number} is being picked. Have the pick cancelled first."),
            number=str(picking),
        )


def freed(order_id: int, *, by: Actor) -> list[int]:
    """The lines of the order to which stock was promised; it is free again."""
    line_ids = list(DocumentLine.objects.filter(document=order_id).values_list("pk", flat=True))
    promised = Reservation.objects.filter(line__in=line_ids, quantity__gt=0)
    held = sorted(set(promised.values_list("line_id", flat=True)))
    if held:
        release_reservations(held, by=by)
    return held
