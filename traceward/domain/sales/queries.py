"""How far each order line is, and the sales record, read from orders and the ledger."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from traceward.domain.sales.models import SalesOrder, SalesOrderLine
from traceward.domain.stock.models import Code, Reservation, StockMove
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


def line_progress(order_id: int) -> list[LineProgress]:
    """The lines of the order with what the ledger says of them; three queries.

    Picked goods that were brought back count as not picked.
    """
    rows = SalesOrderLine.objects.filter(line__document=order_id).select_related("line", "item")
    ids = [row.pk for row in rows]
    moved: dict[tuple[int | None, int], int] = defaultdict(int)
    for move in StockMove.objects.filter(line__in=ids).select_related("reverses"):
        if move.reverses is not None:
            moved[move.line_id, move.reverses.code] -= move.quantity
        elif move.code == Code.MOVE:
            moved[move.line_id, Code.PICK] -= move.quantity
        else:
            moved[move.line_id, move.code] += move.quantity
    promises = Reservation.objects.filter(line__in=ids).values_list("line_id")
    promised = dict(promises.annotate(total=Sum("quantity")).values_list("line_id", "total"))
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
