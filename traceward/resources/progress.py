"""How far lines of orders and notices are, as columns: one statement for a page of them."""

from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from traceward.domain.places.models import PlaceKind
from traceward.domain.purchasing.models import NoticeState, PurchaseOrderLine, ShippingNoticeLine
from traceward.domain.purchasing.models import OrderState as Buying
from traceward.domain.quality.models import Inspection, InspectionState
from traceward.domain.sales.models import DeliveryLine, DeliveryState, SalesOrderLine
from traceward.domain.sales.models import OrderState as Selling
from traceward.domain.stock.models import Code, Reservation, Status, StockMove
from traceward.domain.transfers.models import TransferLine
from traceward.domain.transfers.models import TransferState as Moving
from traceward.domain.warehousing.models import (
    PickLine,
    PickState,
    ReceiptLine,
    RefusedLine,
    ShipmentLine,
)
from traceward.domain.warehousing.queries import stored
from traceward.kernel.base.refusals import sentence
from traceward.resources.kit import Finder

NOTHING = Value(0, output_field=BigIntegerField())


def total(rows: QuerySet[Any], line: str, quantity: str = "quantity") -> Coalesce:
    """The sum of the rows that name this line."""
    own = rows.filter(**{line: OuterRef("pk")}).order_by().values(line)
    summed = Subquery(own.annotate(total=Sum(quantity)).values("total"))
    return Coalesce(summed, NOTHING, output_field=BigIntegerField())


def left(condition: dict[str, Any], *done: str) -> Case:
    """What of the quantity is not done, while the condition holds; nothing after that."""
    rest: Any = F("quantity")
    for name in done:
        rest = rest - F(name)
    return Case(
        When(**condition, then=Greatest(rest, NOTHING)),
        default=NOTHING,
        output_field=BigIntegerField(),
    )


CAME = total(ReceiptLine.objects.all(), "expected_line")
#: What was refused at the door is not waited for; it may be announced again.
REFUSED = total(RefusedLine.objects.all(), "expected_line")

#: Of a line of a purchase order; of closed notices counts what came.
BOUGHT: dict[str, Any] = {
    "announced": total(
        ShippingNoticeLine.objects.exclude(notice__state=NoticeState.CLOSED).annotate(
            stands=F("quantity") - REFUSED
        ),
        "order_line",
        "stands",
    ),
    "received": total(ShippingNoticeLine.objects.annotate(came=CAME), "order_line", "came"),
    "refused": total(ShippingNoticeLine.objects.annotate(gone=REFUSED), "order_line", "gone"),
    "due": left({"order__state": Buying.APPROVED}, "received"),
    "short": left({"order__state": Buying.CLOSED}, "received"),
}
#: Of a line of a shipping notice, and of what else is expected.
ANNOUNCED: dict[str, Any] = {
    "received": CAME,
    "refused": REFUSED,
    "due": left({"notice__state": NoticeState.ANNOUNCED}, "received", "refused"),
    "short": left({"notice__state": NoticeState.CLOSED}, "received", "refused"),
}
EXPECTED: dict[str, Any] = {
    "received": CAME,
    "refused": REFUSED,
    "due": left({"delivery__is_ended": False}, "received", "refused"),
}
_OPEN = {"line__document__state": Selling.OPEN}
_CHECKED = (PickState.CHECKED, PickState.SHIPPED)
#: Of a line that goods are fetched for; what was picked stays promised until it leaves.
FETCHED: dict[str, Any] = {
    "promised": total(Reservation.objects.all(), "line"),
    "picked": total(
        PickLine.objects.exclude(pick__state=PickState.CANCELLED), "demand_line", "picked"
    ),
    "checked": total(PickLine.objects.filter(pick__state__in=_CHECKED), "demand_line", "picked"),
    "shipped": total(
        PickLine.objects.filter(pick__state=PickState.SHIPPED), "demand_line", "picked"
    ),
}
#: Of a line of a sales order.
SOLD: dict[str, Any] = {
    **FETCHED,
    "signed": total(
        DeliveryLine.objects.filter(line__document__state=DeliveryState.SIGNED), "order_line"
    ),
    "to_promise": left(_OPEN, "shipped", "promised"),
    "to_ship": left(_OPEN, "shipped"),
    "short": left({"line__document__state": Selling.CLOSED}, "signed"),
}
#: Of a line of a transfer; what came back to the giving site was not received.
TRANSFERRED: dict[str, Any] = {
    **FETCHED,
    "received": total(
        ShipmentLine.objects.annotate(
            came=total(
                ReceiptLine.objects.exclude(receipt__site=OuterRef("shipment__site")),
                "expected_line",
            )
        ),
        "demand_line",
        "came",
    ),
    "short": left({"order__state": Moving.CLOSED}, "received"),
}

#: What a receipt's line may stand as.
PARTLY = "partly qualified"
STANDS = CharField(choices=[(one, one) for one in (*(str(s.label) for s in Status), PARTLY)])
_QUALIFIED, _REJECTED = Value(str(Status.QUALIFIED.label)), Value(str(Status.REJECTED.label))
_OF_LOT = Inspection.objects.filter(
    Q(lot=OuterRef("lot")) | Q(lot=None), source=OuterRef("receipt"), item=OuterRef("item")
).annotate(
    said=Case(
        When(rejected=0, then=_QUALIFIED),
        When(accepted=0, then=_REJECTED),
        When(state=InspectionState.DECIDED, then=Value(PARTLY)),
        output_field=STANDS,
    )
)
_OF_SERIAL = StockMove.objects.filter(
    document__inspection__source=OuterRef("receipt"),
    serial=OuterRef("serial"),
    code__in=(Code.RELEASE, Code.REJECT),
).annotate(
    said=Case(When(code=Code.RELEASE, then=_QUALIFIED), default=_REJECTED, output_field=STANDS)
)
#: Of a line of a receipt: how its goods were decided about, of a serial itself, and how much of
#: it was put away since.
BROUGHT: dict[str, Any] = {
    "status": Coalesce(
        Subquery(_OF_SERIAL.values("said")[:1]),
        Subquery(_OF_LOT.values("said")[:1]),
        Value(str(Status.PENDING.label)),
        output_field=STANDS,
    ),
    "put_away": total(
        stored(document=OuterRef("receipt")).exclude(to_status=Status.PENDING),
        "line",
    ),
}


#: Promises in a bin that no open pick fetches.
_ON_SHELF = Reservation.objects.filter(quantity__gt=0, balance__place__kind=PlaceKind.BIN).exclude(
    Exists(PickLine.objects.filter(demand_line=OuterRef("line"), pick__state=PickState.OPEN))
)


def _waits_for_pick(is_wanted: bool) -> Q:
    promised = Exists(_ON_SHELF.filter(line__document=OuterRef("pk")))
    return Q(promised) if is_wanted else ~Q(promised)


WAITS = sentence("orders with promised goods that nobody fetches")
#: Orders of which something is promised and is not being fetched.
WAITS_FOR_PICK = {"waits_for_pick": Finder(bool, _waits_for_pick, WAITS)}


def ended_short(rows: QuerySet[Any], header: str, state: str, made: dict[str, Any]) -> Case:
    """What is short of all lines of a document that was closed; nothing in any other state."""
    own = rows.annotate(**made).filter(**{header: OuterRef("pk")}).order_by().values(header)
    summed = Subquery(own.annotate(total=Sum("short")).values("total"))
    return Case(
        When(state=state, then=Coalesce(summed, NOTHING)),
        default=NOTHING,
        output_field=BigIntegerField(),
    )


#: Of whole documents: base units that were ordered and never came, or were never delivered.
BOUGHT_SHORT = ended_short(PurchaseOrderLine.objects.all(), "order", Buying.CLOSED, BOUGHT)
SOLD_SHORT = ended_short(SalesOrderLine.objects.all(), "line__document", Selling.CLOSED, SOLD)
TRANSFERRED_SHORT = ended_short(TransferLine.objects.all(), "order", Moving.CLOSED, TRANSFERRED)
