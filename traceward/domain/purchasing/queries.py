"""What an order still expects."""

from django.db.models import Sum

from traceward.domain.purchasing.models import PurchaseOrderLine, ShippingNoticeLine
from traceward.domain.purchasing.rules import Due
from traceward.domain.warehousing.queries import announced


def due_lines(order_id: int) -> list[Due]:
    """Each order line with what was not announced yet, in line order."""
    told = dict(
        ShippingNoticeLine.objects.filter(order_line__order_id=order_id)
        .values_list("order_line_id")
        .annotate(total=Sum("quantity"))
    )
    rows = PurchaseOrderLine.objects.filter(order_id=order_id).order_by("line__line_number")
    return [Due(row.pk, row.item_id, row.quantity - told.get(row.pk, 0)) for row in rows]


def still_to_come(notice_id: int) -> int:
    """Base units that the notice announced and that were not received yet."""
    return sum(line.open_quantity for line in announced(notice_id))
