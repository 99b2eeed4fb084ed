"""How far each order line is, and the sales record, read from orders and the ledger."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F, Min, Sum

from traceward.domain.sales.models import (
    ConsignmentSale,
    CustomerReturnLine,
    Delivery,
    DeliveryLine,
    DeliveryState,
    ReturnState,
    SalesOrder,
    SalesOrderLine,
    UsageState,
)
from traceward.domain.stock.models import Code, Reservation, Status, StockBalance, StockMove
from traceward.domain.stock.queries.asked import Asked, told_by
from traceward.domain.warehousing.models import Pick, Shipment
from traceward.domain.warehousing.queries import HANDED_OVER, shipped_of
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.documents.models import DocumentLine

STEPS = (Code.PICK, Code.SHIP, Code.DELIVER)


@dataclass(frozen=True)
class LineProgress:
    """Base units of an order line at each step; each scan that made it true is a move."""

    line_id: int
    line_number: int
    item: str
    ordered: int
    promised: int
    picked: int
    shipped: int
    delivered: int


_ORDER_LINES = Prepared(
    lambda order: SalesOrderLine.objects.filter(line__document=order).select_related("line", "item")
)
_MOVES = Prepared(
    lambda lines, documents: StockMove.objects.filter(
        document__in=documents, line__in=lines
    ).select_related("reverses")
)
_PROMISED = Prepared(
    lambda lines: (
        Reservation.objects.filter(line__in=lines)
        .values_list("line_id")
        .annotate(total=Sum("quantity"))
        .values_list("line_id", "total")
    )
)


def _documents(order_id: int) -> list[int]:
    """The order's picks, shipments and deliveries: the moves of its lines are theirs."""
    picks = Pick.objects.filter(demand=order_id).values_list("pk")
    shipments = Shipment.objects.filter(demand=order_id).values_list("pk")
    deliveries = Delivery.objects.filter(of_shipment__demand=order_id).values_list("pk")
    return [pk for (pk,) in picks.union(shipments, deliveries)]


@told_by(SalesOrder)
def still_asked(line_ids: Collection[int]) -> dict[int, Asked]:
    """What has not left of these lines; two queries."""
    left = shipped_of(line_ids)
    rows = SalesOrderLine.objects.filter(pk__in=line_ids)
    return {
        row.pk: Asked(row.item_id, row.quantity - left.get(row.pk, 0), row.lot_id, row.serial_id)
        for row in rows
    }


def line_progress(order_id: int) -> list[LineProgress]:
    """The lines of the order with what the ledger says of them; four queries.

    Picked goods that were brought back count as not picked.
    """
    rows = _ORDER_LINES(order_id)
    ids = [row.pk for row in rows]
    moved: dict[tuple[int | None, int], int] = defaultdict(int)
    for move in _MOVES(ids, _documents(order_id)):
        if move.reverses is not None:
            moved[move.line_id, move.reverses.code] -= move.quantity
        elif move.code == Code.MOVE:
            moved[move.line_id, Code.PICK] -= move.quantity
        else:
            moved[move.line_id, move.code] += move.quantity
    promised = dict(_PROMISED(ids))
    return [
        LineProgress(
            row.pk,
            row.line.line_number,
            row.item.code,
            row.quantity,
            promised.get(row.pk, 0),
            *(moved[row.pk, step] for step in STEPS),
        )
        for row in sorted(rows, key=lambda r: r.line.line_number)
    ]


@dataclass(frozen=True)
class SalesRecord:
    """销售记录 (GSP art. 84): one shipped lot or serial of one order line."""

    order: str
    sold_on: date
    buyer: str
    buyer_licence: str
    delivery_address: str
    device_name: str
    model: str
    specification: str
    registration_number: str
    registrant_name: str
    maker_name: str
    production_licence: str
    unit: str
    lot: str
    serial: str
    expires_on: date | None
    quantity: int
    unit_price: Decimal


def sales_record(order_id: int) -> list[SalesRecord]:
    """What was sold by this order, as it left; three queries."""
    order = SalesOrder.objects.select_related("customer").get(pk=order_id)
    lines = SalesOrderLine.objects.in_bulk(
        list(DocumentLine.objects.filter(document=order_id).values_list("pk", flat=True))
    )
    moves = StockMove.objects.filter(line__in=lines, code=Code.SHIP).select_related("lot", "serial")
    return [
        SalesRecord(
            order=str(order),
            sold_on=order.ordered_on,
            buyer=order.customer.name("zh"),
            buyer_licence=lines[m.line_id].customer_licence,
            delivery_address=order.delivery_address,
            device_name=lines[m.line_id].device_name,
            model=lines[m.line_id].model,
            specification=lines[m.line_id].specification,
            registration_number=lines[m.line_id].registration_number,
            registrant_name=lines[m.line_id].registrant_name,
            maker_name=lines[m.line_id].maker_name,
            production_licence=lines[m.line_id].production_licence,
            unit=lines[m.line_id].unit,
            lot=m.lot.raw_number if m.lot else "",
            serial=m.serial.raw_number if m.serial else "",
            expires_on=m.lot.expires_on if m.lot else None,
            quantity=m.quantity,
            unit_price=lines[m.line_id].unit_price,
        )
        for m in moves.order_by("pk")
    ]


@dataclass(frozen=True)
class Consigned:
    """Goods of ours that stand at a customer's until they are used, with age and expiry."""

    customer: dict[str, str]
    place_id: int
    place: str
    item_id: int
    item: str
    names: dict[str, str]
    lot: str
    serial: str
    expires_on: date | None
    quantity: int
    #: Since when the oldest of them stand there; null where no delivery brought them.
    since: date | None
    days_there: int | None
    #: Days until the last usable one; negative once it is over.
    days_left: int | None


def consigned(
    now: datetime, *, sites: Collection[int] | None, customer_id: int | None = None
) -> list[Consigned]:
    """What stands at customers' places and is not theirs, what expires first first; two queries.

    Of these sites, by their days; None is the whole group.
    """
    rows = StockBalance.objects.filter(
        place__kind__in=HANDED_OVER, place__party__isnull=False, on_hand__gt=0
    ).exclude(owner=F("place__party"))
    if sites is not None:
        rows = rows.filter(place__site__in=sites)
    if customer_id is not None:
        rows = rows.filter(place__party=customer_id)
    rows = rows.select_related("place__party", "place__site", "item", "lot", "serial")
    goods = ("to_place", "item", "lot", "serial")
    came = StockMove.objects.filter(
        code=Code.DELIVER, to_place__in={row.place_id for row in rows}
    ).values_list(*goods)
    oldest = {tuple(key): at for *key, at in came.annotate(at=Min("happened_at"))}
    found = []
    for row in rows:
        at = oldest.get((row.place_id, row.item_id, row.lot_id, row.serial_id))
        since = row.place.site.day_at(at) if at else None
        today = row.place.site.day_at(now)
        expires_on = row.lot.expires_on if row.lot else None
        found.append(
            Consigned(
                row.place.party.names if row.place.party else {},
                row.place_id,
                row.place.code,
                row.item_id,
                row.item.code,
                row.item.names,
                row.lot.raw_number if row.lot else "",
                row.serial.raw_number if row.serial else "",
                expires_on,
                row.on_hand,
                since,
                (today - since).days if since else None,
                (expires_on - today).days if expires_on else None,
            )
        )
    return sorted(found, key=lambda c: (c.expires_on or date.max, c.place, c.item, c.lot))


@dataclass(frozen=True)
class UsedAndSold:
    """销售记录 of what was used 选配 (GSP art. 84, 89): one lot or serial of one order line."""

    usage: str
    order: str
    sold_on: date
    buyer: str
    buyer_licence: str
    delivery_address: str
    device_name: str
    model: str
    specification: str
    registration_number: str
    registrant_name: str
    maker_name: str
    production_licence: str
    unit: str
    lot: str
    serial: str
    expires_on: date | None
    quantity: int
    unit_price: Decimal
    amount: Decimal
    currency: str


def used_and_sold(order_id: int) -> list[UsedAndSold]:
    """What of the consignment order was sold by being used, cancelled usages left out."""
    order = SalesOrder.objects.select_related("customer").get(pk=order_id)
    rows = ConsignmentSale.objects.filter(order_line__line__document=order_id).exclude(
        usage_line__line__document__state=UsageState.CANCELLED
    )
    rows = rows.select_related(
        "order_line", "usage_line__line__document", "usage_line__lot", "usage_line__serial"
    )
    found = []
    for sale in rows.order_by("pk"):
        line, used = sale.order_line, sale.usage_line
        assert line is not None, "the sale was found by its order line"
        assert sale.unit_price is not None
        assert sale.amount is not None
        papers = {name: getattr(line, name) for name in PAPERS}
        found.append(
            UsedAndSold(
                usage=str(used.line.document),
                order=str(order),
                sold_on=sale.sold_on,
                buyer=order.customer.name("zh"),
                buyer_licence=line.customer_licence,
                delivery_address=order.delivery_address,
                **papers,
                lot=used.lot.raw_number if used.lot else "",
                serial=used.serial.raw_number if used.serial else "",
                expires_on=used.lot.expires_on if used.lot else None,
                quantity=sale.quantity,
                unit_price=sale.unit_price,
                amount=sale.amount,
                currency=sale.currency,
            )
        )
    return found


PAPERS = (
    "device_name",
    "model",
    "specification",
    "registration_number",
    "registrant_name",
    "maker_name",
    "production_licence",
    "unit",
)


#: By item, lot and serial.
GOODS = ("item", "lot", "serial")
GoodsLeft = defaultdict[tuple[int, int | None, int | None], int]


def delivered_by(shipment: Shipment) -> GoodsLeft:
    """By goods, what was signed for of the shipment and is not on its way back."""
    left: GoodsLeft = defaultdict(int)
    deliveries = Delivery.objects.filter(of_shipment=shipment, state=DeliveryState.SIGNED)
    signed = DeliveryLine.objects.filter(line__document__in=deliveries.values("pk"))
    for item, lot, serial, quantity in signed.values_list(*GOODS, "quantity"):
        left[item, lot, serial] += quantity
    _less_returned(left, shipment, shipment.deliver_to_id)
    return left


def returnable(place_id: int) -> GoodsLeft:
    """By goods, what stands in the place, to be used, and is not announced to come back."""
    left: GoodsLeft = defaultdict(int)
    for row in StockBalance.objects.filter(
        place=place_id, status=Status.QUALIFIED, on_hand__gt=0
    ).order_by("pk"):
        left[row.item_id, row.lot_id, row.serial_id] += row.on_hand
    announced = CustomerReturnLine.objects.filter(
        of_return__from_place=place_id, of_return__state=ReturnState.ANNOUNCED
    )
    for item, lot, serial, quantity in announced.values_list(*GOODS, "quantity"):
        left[item, lot, serial] -= quantity
    return left


def _less_returned(left: GoodsLeft, shipment: Shipment, place_id: int) -> None:
    """Less what came back from the place, or is announced to."""
    rows = CustomerReturnLine.objects.filter(
        of_return__of_shipment=shipment, of_return__from_place=place_id
    ).exclude(of_return__state=ReturnState.CANCELLED)
    for row in rows.select_related("of_return"):
        is_announced = row.of_return.state == ReturnState.ANNOUNCED
        quantity = row.quantity if is_announced else row.received
        left[row.item_id, row.lot_id, row.serial_id] -= quantity


def comes_back(shipment: Shipment) -> tuple[bool, GoodsLeft]:
    """Whether it comes back from the way, never handed over; and by goods, how many may."""
    on_the_way = returnable(shipment.transit_id)
    if any(quantity > 0 for quantity in on_the_way.values()):
        return True, on_the_way
    left, there = delivered_by(shipment), returnable(shipment.deliver_to_id)
    for goods in left:
        left[goods] = min(left[goods], there[goods])
    return False, left
