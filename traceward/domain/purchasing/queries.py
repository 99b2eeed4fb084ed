"""What an order still expects."""

from collections import defaultdict

from django.db.models import OuterRef, Subquery, Sum

from traceward.domain.purchasing.models import (
    NoticeState,
    PurchaseOrder,
    PurchaseOrderLine,
    ReturnState,
    ShippingNotice,
    ShippingNoticeLine,
    SupplierReturn,
)
from traceward.domain.purchasing.rules import Due
from traceward.domain.warehousing.models import ReceiptLine, TakenLine
from traceward.kernel.base.prepared import Prepared

_TOLD = Prepared(
    lambda order: (
        ShippingNoticeLine.objects.filter(order_line__order_id=order)
        .exclude(notice__state=NoticeState.CLOSED)
        .values_list("order_line_id")
        .annotate(total=Sum("quantity"))
    )
)
#: Of a closed notice counts what has come.
_CAME_SHORT = Prepared(
    lambda order: (
        ShippingNoticeLine.objects.filter(
            order_line__order_id=order, notice__state=NoticeState.CLOSED
        )
        .annotate(
            came=Subquery(
                ReceiptLine.objects.filter(expected_line=OuterRef("pk"))
                .order_by()
                .values("expected_line")
                .annotate(total=Sum("quantity"))
                .values("total")
            )
        )
        .values_list("order_line_id", "came")
    )
)
_ORDERED = Prepared(
    lambda order: (
        PurchaseOrderLine.objects.filter(order_id=order)
        .order_by("line__line_number")
        .values_list("pk", "item_id", "quantity")
    )
)


def due_lines(order_id: int) -> list[Due]:
    """Each order line with what was not announced yet, in line order.

    What a closed notice announced and did not bring may be announced again.
    """
    told = defaultdict(int, _TOLD(order_id))
    for line_id, came in _CAME_SHORT(order_id):
        told[line_id] += came or 0
    rows = _ORDERED(order_id)
    return [Due(pk, item, quantity - told[pk]) for pk, item, quantity in rows]


def has_come(order: PurchaseOrder, notice: ShippingNotice) -> bool:
    """Whether nothing but this notice is waited for: no other one, and nothing unannounced."""
    others = set(waited_for(order.pk)) - {notice.pk}
    return not others and not any(line.quantity for line in due_lines(order.pk))


#: By the order, the keys of its notices that goods are still to come of.
waited_for = Prepared(
    lambda order: (
        ShippingNotice.objects.filter(order_id=order, state=NoticeState.ANNOUNCED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
)
#: By its uid, the key of a notice and of its order.
NOTICE = Prepared(lambda uid: ShippingNotice.objects.filter(uid=uid).values_list("pk", "order_id"))


def returnable(
    receipt_id: int, *, but: int
) -> defaultdict[tuple[int, int | None, int | None], int]:
    """By item, lot and serial, what the receipt brought in and no other return is about.

    Two queries. Returns that were cancelled do not count, nor does the given one.
    """
    left: defaultdict[tuple[int, int | None, int | None], int] = defaultdict(int)
    goods = ("item", "lot", "serial", "quantity")
    for item, lot, serial, quantity in ReceiptLine.objects.filter(receipt=receipt_id).values_list(
        *goods
    ):
        left[item, lot, serial] += quantity
    returns = SupplierReturn.objects.filter(of_receipt=receipt_id).exclude(
        state=ReturnState.CANCELLED
    )
    rows = TakenLine.objects.filter(line__document__in=returns.exclude(pk=but).values("pk"))
    for item, lot, serial, quantity in rows.values_list(*goods):
        left[item, lot, serial] -= quantity
    return left


def returned(return_id: int) -> int:
    """How many base units the return is about."""
    rows = TakenLine.objects.filter(line__document=return_id)
    return sum(rows.values_list("quantity", flat=True))
