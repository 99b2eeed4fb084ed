"""What an order still expects."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Upper

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.queries import items_with_facts
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
from traceward.domain.stock.models import Serial, StockBalance
from traceward.domain.stock.rules import normalised
from traceward.domain.warehousing.models import ReceiptLine, RefusedLine, TakenLine
from traceward.kernel.base.prepared import Prepared

_TOLD = Prepared(
    lambda order: (
        ShippingNoticeLine.objects.filter(order_line__order_id=order)
        .exclude(notice__state=NoticeState.CLOSED)
        .values_list("order_line_id")
        .annotate(total=Sum("quantity"))
    )
)
#: What was refused at the door may be announced again.
_REFUSED = Prepared(
    lambda order: (
        RefusedLine.objects.filter(
            refusal__expected__document__shippingnotice__order_id=order,
            refusal__expected__is_ended=False,
            expected_line__isnull=False,
        )
        .annotate(
            order_line=Subquery(
                ShippingNoticeLine.objects.filter(pk=OuterRef("expected_line")).values("order_line")
            )
        )
        .values_list("order_line", "quantity")
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

    What a closed notice announced and did not bring may be announced again, and so may what was
    refused at the door.
    """
    told = defaultdict(int, _TOLD(order_id))
    for line_id, refused in _REFUSED(order_id):
        told[line_id] -= refused
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


def returned_items(return_id: int) -> list[Item]:
    """The items that the return is about, in the order of its lines."""
    rows = TakenLine.objects.filter(line__document=return_id).order_by("line__line_number")
    items = items_with_facts(ids := list(rows.values_list("item_id", flat=True)))
    return [items[pk] for pk in dict.fromkeys(ids)]


def returned(return_id: int) -> int:
    """How many base units the return is about."""
    rows = TakenLine.objects.filter(line__document=return_id)
    return sum(rows.values_list("quantity", flat=True))


@dataclass(frozen=True)
class KnownSerials:
    """Of serials by item and normalised number, what is known already."""

    #: The kind of place where it stands.
    standing: dict[tuple[int, str], str]
    #: The number of the open notice that announces it.
    announced: dict[tuple[int, str], str]
    #: The normalised number of its lot.
    lots: dict[tuple[int, str], str]


def known_serials(keys: Collection[tuple[int, str]], *, but: int) -> KnownSerials:
    """What is known of these serials, but by the given notice; three queries."""
    items, numbers = {item for item, _ in keys}, {number for _, number in keys}
    wanted = set(keys)
    standing = StockBalance.objects.filter(
        serial__number__in=numbers, item__in=items, place__physical=True, on_hand__gt=0
    ).values_list("item_id", "serial__number", "place__kind")
    lots = Serial.objects.filter(number__in=numbers, item__in=items, lot__isnull=False)
    noticed = (
        ShippingNoticeLine.objects.filter(notice__state=NoticeState.ANNOUNCED, item__in=items)
        .exclude(notice=but)
        .annotate(number=Upper("serial_number"))
        .filter(number__in=numbers)
        .select_related("notice")
    )
    return KnownSerials(
        {(item, number): kind for item, number, kind in standing if (item, number) in wanted},
        {
            key: str(row.notice)
            for row in noticed
            if (key := (row.item_id, normalised(row.serial_number))) in wanted
        },
        {
            (item, number): lot
            for item, number, lot in lots.values_list("item_id", "number", "lot__number")
            if (item, number) in wanted
        },
    )
