"""Orders are placed and approved; suppliers announce; what came settles both. # INB-01"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.queries import items_with_facts, papers_of, require_supply
from traceward.domain.catalog.scanning import Label, labels
from traceward.domain.partners.models import LicenceKind
from traceward.domain.partners.queries import licence_numbers
from traceward.domain.places.models import PlaceKind
from traceward.domain.places.queries import boundary_place
from traceward.domain.purchasing import events, queries, rules
from traceward.domain.purchasing.models import (
    NoticeState,
    OrderState,
    PurchaseOrder,
    PurchaseOrderLine,
    ReturnState,
    ShippingNotice,
    ShippingNoticeLine,
    SupplierReturn,
)
from traceward.domain.stock.commands import collect
from traceward.domain.stock.models import Code
from traceward.domain.stock.queries.wanted import require_quantity
from traceward.domain.warehousing.commands.destroying import Taking, taken_legs, write_taken
from traceward.domain.warehousing.commands.receiving import Announcement, expect
from traceward.domain.warehousing.commands.shipping import Transport, require_transport
from traceward.domain.warehousing.models import Receipt
from traceward.domain.warehousing.queries import still_to_come
from traceward.kernel.base.money import is_price, line_amount
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotFound,
    Refusal,
    WrongState,
    sentence,
)
from traceward.kernel.base.rows import add_rows, copy_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    add_line_ids,
    add_lines,
    amend,
    emit,
    enter,
    link,
    open_document,
    require_other_person,
    touch,
)
from traceward.kernel.org.models import Party, Site
from traceward.kernel.org.roles import (
    BUYER,
    COORDINATOR,
    DISPATCHER,
    EXECUTIVE,
    QUALITY_HEAD,
    STOREKEEPER,
    SUPERVISOR,
    SYSTEM,
)
from traceward.kernel.org.scope import ScopeKey, scope_of


class NotOrdered(Refusal):
    """The supplier announces what was not ordered, or more than is due. # INB-02"""


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

    Refused where the supplier is not qualified, a licence or certificate does not count, or
    nothing is agreed about quality and after-sales service (GSP art. 55, 56).
    """
    site = Site.objects.select_related("legal_entity").find(site_id)
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    day = site.day_at(by.now)
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
    return Ordered(made.pk, made.uid, sum((r.amount for r in rows), Decimal(0)), currency)


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


@command("purchasing.approve", roles=(SUPERVISOR, EXECUTIVE), scope=order_scope)
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


@dataclass(frozen=True)
class Noticed:
    """The barcodes of one pack as the supplier's file has them, and how many packs come."""

    raws: list[str]
    packs: int = 1


@dataclass(frozen=True)
class Notified:
    notice_id: int
    notice_uid: uuid.UUID
    lines: int
    base_units: int
    #: Item codes whose label said no lot or expiry although the item has them.
    warnings: list[str] = field(default_factory=list)


@command("purchasing.notify", roles=(BUYER, COORDINATOR, SYSTEM), scope=order_scope)
def notify(
    order_id: int,
    reference: str,
    lines: list[Noticed],
    *,
    expected_on: date | None = None,
    by: Actor,
) -> Notified:
    """The supplier's shipping notice is on file, and the warehouse may receive what it announces.

    Refused where a code cannot be read, an item was not ordered, more comes than is due, or a
    licence or certificate does not count any more.
    """
    found = PurchaseOrder.objects.lock(order_id)
    if found.state != OrderState.APPROVED:
        raise WrongState(
            sentence("{number} is “{state}”; only an approved order can be announced against."),
            field="order_id",
            number=str(found),
            state=found.state,
        )
    reference = reference.strip()
    _require_new_reference(found.supplier_id, reference)
    day = found.site.day_at(by.now)
    read = _read(lines, day)
    items = items_with_facts(label.item_id for label in read)
    supplied = [items[label.item_id] for label in read]
    require_supply(supplied, found.supplier_id, found.site, day, field="lines.{n}.raws")
    filled = _fill(found, read, lines)
    notice = ShippingNotice(
        order=found, supplier_id=found.supplier_id, reference=reference, expected_on=expected_on
    )
    open_document(notice, site=found.site, state=NoticeState.ANNOUNCED.value, by=by)
    link(found, notice, "notice")
    touch(found, by=by)
    told = _write(notice, read, filled)
    expect(notice, found.supplier_id, told, ordered_on=found.ordered_on)
    emit(events.GoodsAnnounced(notice.uid, found.uid), subject=notice.uid, by=by)
    silent = {x.item_code for x in read if x.has_lots and not (x.lot_number and x.expires)}
    return Notified(notice.pk, notice.uid, len(told), sum(r.quantity for r in told), sorted(silent))


def _require_new_reference(supplier_id: int, reference: str) -> None:
    if not reference:
        raise InvalidInput(sentence("Give the supplier's number of the notice."), field="reference")
    if ShippingNotice.objects.filter(supplier_id=supplier_id, reference=reference).exists():
        raise Conflict(
            sentence("The notice {reference} of this supplier is on file already."),
            field="reference",
            reference=reference,
        )


def _read(lines: Sequence[Noticed], today: date) -> list[Label]:
    if not lines:
        raise InvalidInput(sentence("The notice has no lines."), field="lines")
    read = labels([x.raws for x in lines], today, field="lines.{n}.raws")
    for n, (line, label) in enumerate(zip(lines, read, strict=True)):
        is_one = line.packs == 1 or not (label.has_serials and label.serial_number)
        if line.packs < 1 or not is_one:
            raise InvalidInput(
                sentence("The number of packs is at least 1, and 1 for what has a serial number."),
                field=f"lines.{n}.packs",
            )
        require_quantity(line.packs * label.base_units, f"lines.{n}.packs")
    return read


def _fill(
    found: PurchaseOrder, read: Sequence[Label], lines: Sequence[Noticed]
) -> list[rules.Filled]:
    announced = [
        (label.item_id, line.packs * label.base_units)
        for label, line in zip(read, lines, strict=True)
    ]
    filled, misfit = rules.fill(announced, queries.due_lines(found.pk))
    if misfit is not None:
        n, fits = misfit
        raise NotOrdered(
            sentence(
                "{announced} of {item} are announced, {due} are still due on {number}. "
                "Ask the supplier to correct the notice, or order more."
            ),
            field=f"lines.{n}.packs",
            announced=announced[n][1],
            item=read[n].item_code,
            due=fits,
            number=str(found),
        )
    return filled


def _write(
    notice: ShippingNotice, read: Sequence[Label], filled: Sequence[rules.Filled]
) -> list[Announcement]:
    """The lines are written; what they announce. Thousands at once are no model rows."""
    told, rows = [], []
    for line_id, part in zip(add_line_ids(notice, len(filled)), filled, strict=True):
        label = read[part.n]
        said = Announcement(
            line_id,
            label.item_id,
            part.quantity,
            label.lot_number if label.has_lots else "",
            label.serial_number if label.has_serials else "",
            label.expires.on if label.expires else None,
        )
        told.append(said)
        rows.append((*said, part.line_id, label.di, label.raw))
    names = (
        "line", "item", "quantity", "lot_number", "serial_number", "expires_on",
        "order_line", "di", "raw",
    )  # fmt: skip
    copy_rows(ShippingNoticeLine, names, rows, notice=notice.pk)
    return told


def notice_scope(expected_uid: uuid.UUID, **_: object) -> list[ScopeKey]:
    return scope_of(ShippingNotice, expected_uid, by="uid")


@dataclass(frozen=True)
class Settled:
    """What is still to come on the notice, and the states that follow from it."""

    still_to_come: int
    notice_state: str
    order_state: str


@command("purchasing.settle", roles=(SYSTEM,), scope=notice_scope, subscribes=("GoodsReceived",))
def settle(expected_uid: uuid.UUID, *, by: Actor) -> Settled:
    """Notice and order stand as received once all that they expect has come.

    Runs after every receipt; what was announced by no notice of ours is left alone. Doing it
    again changes nothing.
    """
    named = queries.NOTICE(expected_uid)
    if not named:
        return Settled(0, "", "")
    ((notice_id, order_id),) = named
    found = PurchaseOrder.objects.lock(order_id)
    notice = ShippingNotice.objects.lock(notice_id)
    rest = still_to_come(notice.pk)
    if rest == 0 and notice.state == NoticeState.ANNOUNCED:
        enter(notice, NoticeState.RECEIVED.value, by=by)
    if found.state == OrderState.APPROVED and rest == 0 and queries.has_come(found, notice):
        enter(found, OrderState.RECEIVED.value, by=by)
        emit(events.OrderReceived(found.uid), subject=found.uid, by=by)
    return Settled(rest, notice.state, found.state)


# --- What goes back to the supplier ----------------------------------------------------------


@dataclass(frozen=True)
class ReturnStep:
    """The state of the return after the step, and how many base units it is about."""

    return_id: int
    quantity: int
    state: str


def receipt_scope(receipt_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(Receipt, receipt_id)


def return_scope(return_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(SupplierReturn, return_id)


@command("purchasing.propose_return", roles=(BUYER, STOREKEEPER, SUPERVISOR), scope=receipt_scope)
def propose_return(receipt_id: int, lines: list[Taking], reason: str, *, by: Actor) -> ReturnStep:
    """Goods of the receipt are to go back to who supplied them; they stand where they are.

    No more than the receipt brought in and has not gone back yet. # REV-01
    """
    receipt = Receipt.objects.lock(receipt_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the goods go back."), field="reason")
    if receipt.expected.stand_at_id is not None:
        raise WrongState(
            sentence("{number} did not come from a supplier. Choose a receipt that did."),
            number=str(receipt),
        )
    document = SupplierReturn(
        of_receipt=receipt, supplier_id=receipt.supplier_id, reason=reason.strip()
    )
    open_document(document, site=receipt.site, state=ReturnState.PROPOSED.value, by=by)
    link(receipt, document, "return")
    rows = write_taken(document, lines, by=by)
    left = queries.returnable(receipt.pk, but=document.pk)
    for n, row in enumerate(rows):
        goods = (row.item_id, row.lot_id, row.serial_id)
        if row.quantity > left[goods]:
            raise InvalidInput(
                sentence("{number} brought {left} of these that have not gone back. Choose fewer."),
                field=f"lines.{n}.quantity",
                number=str(receipt),
                left=max(0, left[goods]),
            )
        left[goods] -= row.quantity
    return ReturnStep(document.pk, sum(row.quantity for row in rows), document.state)


@command("purchasing.approve_return", roles=(SUPERVISOR, QUALITY_HEAD), scope=return_scope)
def approve_return(return_id: int, *, by: Actor) -> ReturnStep:
    """The goods may be sent back; whoever proposed it cannot approve it."""
    document: SupplierReturn = SupplierReturn.objects.lock(return_id)
    require_other_person(document.created_by_id, by=by)
    enter(document, ReturnState.APPROVED.value, by=by)
    amend(document, by=by, approved_by_id=by.person_id, approved_at=by.now)
    return ReturnStep(document.pk, queries.returned(document.pk), document.state)


@command("purchasing.send_return", roles=(STOREKEEPER, DISPATCHER), scope=return_scope)
def send_return(return_id: int, transport: Transport, *, by: Actor) -> ReturnStep:
    """The goods are the supplier's again. The ledger refuses what is promised to others."""
    document: SupplierReturn = SupplierReturn.objects.lock(return_id)
    require_transport(transport)
    enter(document, ReturnState.SENT.value, by=by)
    place = boundary_place(document.site_id, PlaceKind.SUPPLIER, document.supplier_id)
    legs = taken_legs(
        document, Code.RETURN_TO_SUPPLIER, place.pk, document.supplier_id, document.reason
    )
    collect(legs, by=by)
    amend(
        document,
        by=by,
        sent_at=by.now,
        transport_mode=transport.mode.strip(),
        carrier_name=transport.carrier_name.strip(),
        waybill=transport.waybill.strip(),
        vehicle_plate=transport.vehicle_plate.strip(),
    )
    quantity = queries.returned(document.pk)
    emit(events.ReturnSent(document.uid, quantity), subject=document.uid, by=by)
    return ReturnStep(document.pk, quantity, document.state)


@command("purchasing.cancel_return", roles=(BUYER, SUPERVISOR, QUALITY_HEAD), scope=return_scope)
def cancel_return(return_id: int, reason: str, *, by: Actor) -> ReturnStep:
    """The goods do not go back; they stand where they are."""
    document: SupplierReturn = SupplierReturn.objects.lock(return_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the return is cancelled."), field="reason")
    by.work.facts["reason"] = reason
    enter(document, ReturnState.CANCELLED.value, by=by)
    return ReturnStep(document.pk, queries.returned(document.pk), document.state)
