"""Orders of customers, what came back, what was used 销售、退货、使用."""

from traceward.web.kit.documents import Related, document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.views import View, stages
from traceward.web.pages import coming, recalling

list_page(
    "sales.orders",
    cells=(
        "number",
        "state",
        "customer",
        "deliver_to",
        "site",
        "customer_reference",
        "ordered_on",
        "created_by",
    ),
    views=(
        View("open", "未完成", "Open", {"state": "open"}),
        View(
            "late",
            "下单超过 7 天",
            "Open > 7 d",
            {"state": "open", "ordered_on__lt": "today-7"},
            is_fault=True,
            sort="ordered_on",
        ),
    ),
    create="sales.order",
    bulk=(
        Bulk("outbound.allocate", icon="checklist"),
        Bulk("sales.close", icon="check"),
        Bulk("sales.cancel", icon="x"),
    ),
    phone=("number", "state", "customer", "deliver_to", "ordered_on"),
)
document_page(
    "sales.orders",
    lines={
        "lines": (
            "line_number",
            "item",
            "lot/serial",
            "quantity",
            "to_promise",
            "promised",
            "picked",
            "checked",
            "shipped",
            "signed",
            "unit_price",
            "amount",
        )
    },
    lead=coming.sales_orders,
    progress=("promised", "picked", "checked", "shipped", "signed"),
    related=(
        Related("warehousing.picks", "demand_id", "checklist"),
        Related("warehousing.shipments", "demand_id", "package-export"),
        Related("stock.reservations", "document_id", "packages"),
        Related("stock.moves", "document_id", "transfer"),
    ),
    lives=(("warehousing.picks", "demand_id"), ("warehousing.shipments", "demand_id")),
)
list_page(
    "sales.returns",
    cells=("number", "state", "customer", "shipment", "from_place", "reason", "returned_on"),
    views=(View("announced", "待收退货", "To receive", {"state": "announced"}),),
    bulk=(Bulk("sales.cancel_return", icon="x"),),
    summary=stages(
        "state",
        ("announced", "待收退货", "To receive", "tw-wait"),
        ("received", "已收", "Received", "tw-ok"),
        ("cancelled", "已取消", "Cancelled", ""),
    ),
)
document_page(
    "sales.returns",
    begins=recalling.OF_DOCUMENT,
    next=(
        "sales.receive_return",
        "sales.cancel_return",
    ),
    related=(
        Related("warehousing.shipments", "id", "package-export", key="shipment_id"),
        Related("warehousing.receipts", "id", "package-import", key="receipt_id"),
        Related("stock.moves", "document_id", "transfer"),
    ),
)
list_page(
    "sales.usages",
    cells=("number", "state", "place", "used_on", "created_by", "created_at"),
    views=(View("recent", "近 30 天", "Last 30 d", {"used_on__gte": "today-30"}),),
    bulk=(Bulk("sales.cancel_usage", icon="x"),),
)
list_page(
    "sales.order_lines",
    cells=(
        "order",
        "order_state",
        "customer",
        "item",
        "lot/serial",
        "quantity",
        "promised",
        "shipped",
        "signed",
        "amount",
    ),
    views=(View("open", "未完成", "Open", {"order_state": "open"}),),
    sums=("quantity",),
    phone=("order", "order_state", "customer", "item", "lot/serial", "quantity", "shipped"),
)
list_page(
    "sales.consignment_sales",
    cells=("order", "item", "quantity", "unit_price", "amount", "currency", "sold_on"),
    views=(View("recent", "近 30 天", "Last 30 d", {"sold_on__gte": "today-30"}),),
    sums=("amount",),
    sum_by="currency",
)
