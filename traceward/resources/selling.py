"""The documents of sales with their lines: order, delivery, use."""

from traceward.domain.sales.models import (
    Delivery,
    DeliveryLine,
    DeliveryReceiver,
    OrderContact,
    SalesOrder,
    SalesOrderLine,
    Usage,
    UsageLine,
)
from traceward.resources import progress
from traceward.resources.documents import DEVICE, GOODS
from traceward.resources.kit import document, lines
from traceward.resources.personal import read_by

document(
    "sales.orders",
    SalesOrder,
    columns=(
        "customer.*",
        "customer_name",
        "customer_phone",
        "deliver_to.*",
        "customer_reference",
        "delivery_address",
        "ordered_on",
        "currency",
        "transfer_point",
        "short",
        "contact_read_by",
    ),
    made={"short": progress.SOLD_SHORT, "contact_read_by": read_by(OrderContact, "order")},
    search=("number", "customer_reference"),
    finders=progress.WAITS_FOR_PICK,
    parts={"lines": ("sales.order_lines", "order_id")},
)
lines(
    "sales.order_lines",
    SalesOrderLine,
    of="order=line.document",
    columns=(
        *("order_number=line.document.number", "order_state=line.document.state"),
        "customer=line.document.salesorder.customer.*",
        "site=line.document.site",
        "item.*",
        "quantity",
        *("promised", "picked", "checked", "shipped", "signed"),
        *("to_promise", "to_ship", "short"),
        "unit_price",
        "amount",
        "lot.*",
        "serial.*",
        "customer_licence",
        *DEVICE,
    ),
    made=progress.SOLD,
    asked=("to_promise", "to_ship", "short"),
)
document(
    "sales.deliveries",
    Delivery,
    columns=(
        *(
            "shipment=of_shipment.*",
            "place.*",
            "signed_at",
            "handed_over_by.*",
            "remark",
            "arrival_c",
        ),
        "receiver_read_by",
    ),
    made={"receiver_read_by": read_by(DeliveryReceiver, "delivery")},
    parts={"lines": ("sales.delivery_lines", "delivery_id")},
)
lines(
    "sales.delivery_lines",
    DeliveryLine,
    of="delivery=line.document.*",
    columns=("order_line", *GOODS, "quantity"),
)
document(
    "sales.usages",
    Usage,
    columns=("place.*", "used_on"),
    parts={"lines": ("sales.usage_lines", "usage_id")},
)
lines(
    "sales.usage_lines",
    UsageLine,
    of="usage=line.document.*",
    columns=(*GOODS, "quantity"),
)
