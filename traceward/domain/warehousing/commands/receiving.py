"""Goods in: a delivery is expected, then received by its UDI codes. # INB-01 INB-02"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from traceward.domain.catalog.queries import papers_of
from traceward.domain.catalog.scanning import Label
from traceward.domain.places.models import Place, PlaceKind, Zone
from traceward.domain.places.queries import boundary_place
from traceward.domain.stock.commands import Said, collect
from traceward.domain.stock.commands.identity import LotFacts, ensure_lots, ensure_serials
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.rules import Leg
from traceward.domain.warehousing import events, queries, rules
from traceward.domain.warehousing.commands.journeys import (
    Journey,
    check_handover,
    check_journey,
)
from traceward.domain.warehousing.models import (
    ExpectedDelivery,
    ExpectedLine,
    Receipt,
    ReceiptDeliverer,
    ReceiptLine,
    ReceiptState,
)
from traceward.domain.warehousing.scanning.announced import (
    REFUSE,
    NotAnnounced,
    identified,
    matched,
)
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.base.rows import copy_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_line_ids, emit, link, open_document, touch
from traceward.kernel.documents.models import Document
from traceward.kernel.org.roles import STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of


class Announcement(NamedTuple):
    """What one document line announces, in base units."""

    line_id: int
    item_id: int
    quantity: int
    lot_number: str = ""
    serial_number: str = ""
    expires_on: date | None = None


def expect(
    document: Document,
    supplier_id: int,
    lines: Iterable[Announcement],
    *,
    ordered_on: date | None = None,
    stand_at_id: int | None = None,
) -> ExpectedDelivery:
    """The document's goods may be received. Called by the commands that announce them.

    What stands in a place of the ledger is taken over from there (`arriving.take_over`).
    """
    delivery = ExpectedDelivery.objects.create(
        document_id=document.pk,
        supplier_id=supplier_id,
        ordered_on=ordered_on,
        stand_at_id=stand_at_id,
    )
    names = ("line", "item", "quantity", "lot_number", "serial_number", "expires_on")
    copy_rows(ExpectedLine, names, lines, delivery=delivery.pk)
    return delivery


def expect_no_more(document: Document) -> None:
    """What the locked document announced and has not come is not received any more.

    Called by the commands that end it.
    """
    ExpectedDelivery.objects.filter(document=document).update(is_ended=True)


@dataclass(frozen=True)
class Scan:
    """The barcodes of one pack, as the scanner gave them, and how many such packs there are."""

    codes: list[str]
    packs: int = 1


@dataclass(frozen=True)
class Received:
    """The receipt that was made, and how much it brought in."""

    receipt_id: int
    receipt_uid: uuid.UUID
    lines: int
    base_units: int


def place_scope(place_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(Place, place_id)


@command("warehousing.receive", roles=(STOREKEEPER, SUPERVISOR), scope=place_scope)
def receive(
    document_id: int,
    place_id: int,
    delivery_note: str,
    scans: list[Scan],
    *,
    journey: Journey | None = None,
    is_intact: bool = True,
    by: Actor,
) -> Received:
    """The scanned goods of an announced delivery wait for inspection at a dock or in such a zone.

    Refused where a code cannot be read or contradicts what was announced or is known, where
    more comes than was announced, where supplier, we, or the certificate may not (MDM-04), where
    goods are expired or damaged, or the cold chain is broken or not on record.
    """
    place = receiving_place(place_id)
    document = Document.objects.lock(document_id)
    delivery = delivery_to(place, document)
    _require_expected(delivery, document)
    if not delivery_note.strip():
        raise InvalidInput(
            sentence("Give the number of the delivery note 随货同行单."), field="delivery_note"
        )
    if not is_intact:
        raise NotAnnounced(
            sentence(
                "Damaged goods are not received. Refuse them by “{verb}”, or put "
                "them aside for quality."
            ),
            field="is_intact",
            verb=REFUSE,
        )
    day = place.site.day_at(by.now)
    found, items = identified([s.codes for s in scans], delivery.supplier_id, place.site, day)
    journey = journey or Journey()
    check_journey(journey, items.values())
    lines = queries.announced(document.pk)
    scanned, parts = matched(found, [s.packs for s in scans], document, lines, day)
    identities = _identify(found, scanned, by)
    check_handover(journey, by)
    receipt = open_receipt(delivery, place, delivery_note, journey, by)
    assert journey.deliverer, "asked for by check_handover"
    ReceiptDeliverer.objects.create(receipt=receipt, text=journey.deliverer.reveal())
    written = _write_lines(receipt, found, parts, papers_of(items.values(), day), identities)
    said = Said("scans.{n}.codes", place="place_id", of=[part.scan for part in parts])
    legs = _legs(receipt, place, found, zip(written, parts, strict=True), identities)
    collect(legs, said=said, by=by)
    touch(document, by=by)
    emit(events.GoodsReceived(receipt.uid, document.uid), subject=receipt.uid, by=by)
    return Received(receipt.pk, receipt.uid, len(written), sum(p.quantity for p in parts))


def receiving_place(place_id: int, also: Zone = Zone.PENDING) -> Place:
    """The dock or 待验 zone where what comes in waits; refused where it is another place."""
    rows = Place.objects.select_related("site__legal_entity", "legal_entity")
    place = rows.find(place_id)
    if place is None:
        raise NotFound(sentence("There is no place with id {id}."), field="place_id", id=place_id)
    is_dock = place.kind == PlaceKind.DOCK and place.zone in ("", Zone.PENDING, also)
    if not (is_dock or (place.kind == PlaceKind.BIN and place.zone in (Zone.PENDING, also))):
        raise InvalidInput(
            sentence(
                "Goods wait for inspection at a dock or in a 待验 zone, not at {code}. "
                "Choose such a place."
            ),
            field="place_id",
            code=place.code,
        )
    return place


def delivery_to(place: Place, document: Document) -> ExpectedDelivery:
    """What the locked document lets come to the place's site from a supplier."""
    rows = ExpectedDelivery.objects.select_related("supplier")
    delivery = rows.find(document.pk)
    is_from_outside = delivery is not None and delivery.stand_at_id is None
    if delivery is None or not is_from_outside or document.site_id != place.site_id:
        raise NotAnnounced(
            sentence(
                "{document} announces nothing for this site. "
                "Have the supplier's shipping notice entered first."
            ),
            field="document_id",
            document=str(document),
        )
    delivery.document = document
    return delivery


def _require_expected(delivery: ExpectedDelivery, document: Document) -> None:
    if delivery.is_ended:
        raise NotAnnounced(
            sentence(
                "{document} is closed; nothing more of it is expected. "
                "Put the goods aside and ask the buyer."
            ),
            field="document_id",
            document=str(document),
        )


class Identity(NamedTuple):
    lot_id: int | None
    serial_id: int | None


def _identify(
    found: Sequence[Label], scanned: Sequence[rules.Scanned], by: Actor
) -> list[Identity]:
    """By scan, the lot and serial, known from now on."""
    lots = ensure_lots(_lots_said(found), by=by)
    lot_ids = {key: lot.pk for key, lot in lots.items()}
    of_scan = [lot_ids[x.item_id, x.lot] if x.lot else None for x in scanned]
    wanted = [
        (label.item_id, lot_id, label.serial_number)
        for label, lot_id in zip(found, of_scan, strict=True)
        if label.has_serials
    ]
    serials = ensure_serials(wanted, by=by) if wanted else {}
    return [
        Identity(lot_id, serials[x.item_id, x.serial].pk if x.serial else None)
        for x, lot_id in zip(scanned, of_scan, strict=True)
    ]


def _lots_said(found: Sequence[Label]) -> list[LotFacts]:
    """What the labels say of lots; what many of them say alike is said once."""
    said: dict[tuple[Any, ...], LotFacts] = {}
    for x in found:
        key = (x.item_id, x.lot_number, x.expires, x.expiry_basis, x.sterilisation_lot, x.produced)
        if x.has_lots and key not in said:
            said[key] = _lot_facts(x)
    return list(said.values())


def _lot_facts(label: Label) -> LotFacts:
    expires = label.expires
    return LotFacts(
        label.item_id,
        label.lot_number,
        expires.on if expires else None,
        expiry_precision=expires.precision if expires else "day",
        expiry_raw=expires.raw if expires else "",
        expiry_basis=label.expiry_basis,
        sterilisation_lot=label.sterilisation_lot,
        made_on=label.produced.on if label.produced else None,
    )


def open_receipt(
    delivery: ExpectedDelivery, place: Place, delivery_note: str, journey: Journey, by: Actor
) -> Receipt:
    """The record of what arrived at the place, who sent it and how it came."""
    sender = delivery.supplier
    receipt = Receipt(
        expected=delivery,
        supplier=sender,
        supplier_name=sender.name("zh"),
        supplier_address=sender.address,
        supplier_phone=sender.phone,
        place=place,
        delivery_note=delivery_note.strip(),
        transport_mode=journey.transport_mode.strip(),
        departed_at=journey.departed_at,
        arrived_at=by.now,
        arrival_c=journey.arrival_c,
        transit_c_min=journey.transit_c_min,
        transit_c_max=journey.transit_c_max,
    )
    open_document(receipt, site=place.site, state=ReceiptState.RECEIVED.value, by=by)
    link(delivery.document, receipt, "receipt")
    return receipt


#: The columns in which the lines of a receipt differ, but for the device's papers.
COLUMNS = (
    "line", "expected_line", "item", "lot", "serial", "packaging", "quantity", "raw", "expires_on",
    "udi_di",
)  # fmt: skip


def _write_lines(
    receipt: Receipt,
    found: Sequence[Label],
    parts: Sequence[rules.Part],
    papers: Mapping[int, Mapping[str, Any]],
    identities: Sequence[Identity],
) -> list[int]:
    """The lines are written; their keys. Thousands of them at once are no model rows."""
    kept = [name for name in next(iter(papers.values())) if name != "udi_di"]
    same = {pk: [facts[name] for name in kept] for pk, facts in papers.items()}
    lines = add_line_ids(receipt, len(parts))
    rows = []
    for line_id, part in zip(lines, parts, strict=True):
        label = found[part.scan]
        rows.append(
            (
                line_id,
                part.line_id,
                label.item_id,
                *identities[part.scan],
                label.packaging_id,
                part.quantity,
                label.raw,
                label.expires.on if label.expires else None,
                label.di,
                *same[label.item_id],
            )
        )
    copy_rows(ReceiptLine, (*COLUMNS, *kept), rows, receipt=receipt.pk)
    return lines


def _legs(
    receipt: Receipt,
    place: Place,
    found: Sequence[Label],
    lines: Iterable[tuple[int, rules.Part]],
    identities: Sequence[Identity],
) -> Iterable[Leg]:
    """From the supplier, and its own, to our dock, and ours, pending inspection."""
    source = boundary_place(place.site_id, PlaceKind.SUPPLIER, receipt.supplier_id)
    us = place.legal_entity.party_id
    return [
        Leg(
            code=Code.RECEIVE,
            item_id=found[part.scan].item_id,
            lot_id=identities[part.scan].lot_id,
            serial_id=identities[part.scan].serial_id,
            quantity=part.quantity,
            from_place_id=source.pk,
            from_status=Status.PENDING,
            from_owner_id=receipt.supplier_id,
            to_place_id=place.pk,
            to_status=Status.PENDING,
            to_owner_id=us,
            document_id=receipt.pk,
            line_id=line_id,
            di=found[part.scan].di,
        )
        for line_id, part in lines
    ]
