"""What is in a box, where it stands, which boxes are in it, and with what it was sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet, Sum

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Container, Lot, Serial, Status
from traceward.domain.stock.queries import Standing, boxes_at
from traceward.domain.warehousing.models import Shipment, ShipmentLine, ShipmentState

#: Rows of contents, boxes and shipments that are told.
MAX_TOLD = 1_000
#: Containers within one, at most so deep.
MAX_DEPTH = 8


@dataclass(frozen=True)
class InnerBox:
    """A box within the one that was asked for."""

    id: int
    sscc: str
    #: The box that it stands in.
    parent_id: int
    is_closed: bool


@dataclass(frozen=True)
class Contained:
    """Base units of one lot or serial, in one box, place and state."""

    sscc: str
    item_id: int
    item_code: str
    item_zh: str
    item_en: str
    lot_id: int | None
    lot: str
    serial_id: int | None
    serial: str
    expires_on: date | None
    place_id: int
    place: str
    place_kind: str
    site_id: int
    status: str
    quantity: int
    base_unit: str
    is_expired: bool
    is_on_hold: bool
    is_recalled: bool


@dataclass(frozen=True)
class SentWith:
    """A shipment that the box, or one within it, went with; and so many base units in them."""

    shipment_id: int
    number: str
    state: str
    consignee_id: int
    consignee: str
    dispatched_at: datetime
    waybill: str
    quantity: int


@dataclass(frozen=True)
class BoxFound:
    """A box and what is in it now; all that the asker may see of it."""

    id: int
    sscc: str
    is_closed: bool
    #: The box that it stands in itself; empty where it stands in none.
    parent_id: int | None
    parent_sscc: str
    boxes: tuple[InnerBox, ...]
    contents: tuple[Contained, ...]
    #: The newest first; a shipment that was cancelled is not among them.
    shipments: tuple[SentWith, ...]
    #: Whether these are all; the rest stands in `stock/balances`.
    is_complete: bool


def with_inner(container_id: int) -> set[int]:
    """The container and those inside it."""
    boxes = inner = {container_id}
    for _ in range(MAX_DEPTH):
        inner = set(Container.objects.filter(parent__in=inner).values_list("pk", flat=True))
        if not inner:
            break
        boxes = boxes | inner
    return boxes


def box_found(
    container_id: int, ids: set[int], there: Sequence[Standing], sites: Collection[int] | None
) -> BoxFound:
    """The box with these boxes in it, itself included, and these goods. # INV-10 WMS-01"""
    box = Container.objects.get(pk=container_id)
    inner = list(_seen(Container.objects.filter(pk__in=ids - {box.pk}), sites)[: MAX_TOLD + 1])
    parent = _seen(Container.objects.filter(pk__in=[box.parent_id or 0]), sites).first()
    shipments = _shipments(ids, sites)
    lists: tuple[Sequence[Any], ...] = (inner, there, shipments)
    return BoxFound(
        id=box.pk,
        sscc=box.code,
        is_closed=box.is_closed,
        parent_id=parent.pk if parent else None,
        parent_sscc=parent.code if parent else "",
        boxes=tuple(
            InnerBox(b.pk, b.code, b.parent_id or 0, b.is_closed) for b in inner[:MAX_TOLD]
        ),
        contents=_contents(there[:MAX_TOLD]),
        shipments=tuple(shipments[:MAX_TOLD]),
        is_complete=all(len(one) <= MAX_TOLD for one in lists),
    )


def _seen(boxes: QuerySet[Container], sites: Collection[int] | None) -> QuerySet[Container]:
    """Of these boxes the ones that the asker may see, in the order in which they were made."""
    return (boxes if sites is None else boxes.filter(boxes_at(sites))).order_by("pk")


def _contents(rows: Sequence[Standing]) -> tuple[Contained, ...]:
    """The goods with their names; by box, item, lot and serial."""
    boxes = Container.objects.in_bulk({row.container_id for row in rows})
    items = Item.objects.in_bulk({row.item_id for row in rows})
    lots = Lot.objects.in_bulk({row.lot_id for row in rows if row.lot_id})
    serials = Serial.objects.in_bulk({row.serial_id for row in rows if row.serial_id})
    places = Place.objects.in_bulk({row.place_id for row in rows})
    told = []
    for row in rows:
        item, place = items[row.item_id], places[row.place_id]
        lot, serial = lots.get(row.lot_id or 0), serials.get(row.serial_id or 0)
        told.append(
            Contained(
                sscc=boxes[row.container_id].code if row.container_id else "",
                item_id=item.pk,
                item_code=item.code,
                item_zh=item.name("zh"),
                item_en=item.name("en"),
                lot_id=row.lot_id,
                lot=lot.raw_number if lot else "",
                serial_id=row.serial_id,
                serial=serial.raw_number if serial else "",
                expires_on=lot.expires_on if lot else None,
                place_id=place.pk,
                place=place.code,
                place_kind=place.kind,
                site_id=row.site_id,
                status=str(Status(row.status).label),
                quantity=row.on_hand,
                base_unit=item.base_unit,
                is_expired=row.is_expired,
                is_on_hold=row.is_on_hold,
                is_recalled=row.is_recalled,
            )
        )
    return tuple(sorted(told, key=lambda c: (c.sscc, c.item_code, c.lot, c.serial, c.place)))


def _shipments(boxes: Collection[int], sites: Collection[int] | None) -> list[SentWith]:
    """The shipments with a line in one of the boxes; the sender's paper, shown at its site."""
    lines = ShipmentLine.objects.filter(container__in=boxes)
    sent = dict(lines.values_list("shipment").annotate(total=Sum("quantity")))
    found = Shipment.objects.filter(pk__in=sent).exclude(state=ShipmentState.CANCELLED)
    if sites is not None:
        found = found.filter(site__in=sites)
    return [
        SentWith(
            shipment_id=shipment.pk,
            number=str(shipment),
            state=shipment.state,
            consignee_id=shipment.consignee_id,
            consignee=shipment.consignee_name,
            dispatched_at=shipment.dispatched_at,
            waybill=shipment.waybill,
            quantity=sent[shipment.pk],
        )
        for shipment in found.order_by("-dispatched_at", "-pk")[: MAX_TOLD + 1]
    ]
