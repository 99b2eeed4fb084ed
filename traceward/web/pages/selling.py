"""Orders of customers, what came back, what was used 销售、退货、使用."""

from traceward.web.kit.documents import document_page
from traceward.web.kit.lists import View, list_page

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
    views=(View("open", "未完成", "Open", {"state": "open"}),),
    create="sales.order",
)
document_page(
    "sales.orders",
    lines={
        "lines": (
            "line_number",
            "item",
            "lot/serial",
            "quantity",
            "promised",
            "picked",
            "shipped",
            "signed",
            "unit_price",
            "amount",
        )
    },
    next={"open": ("outbound.allocate", "outbound.start_pick", "sales.close")},
)
list_page(
    "sales.returns",
    cells=("number", "state", "customer", "shipment", "from_place", "reason", "returned_on"),
    views=(View("announced", "待收退货", "To receive", {"state": "announced"}),),
)
document_page(
    "sales.returns",
    next={"announced": ("sales.receive_return", "sales.cancel_return")},
)
list_page("sales.usages", cells=("number", "state", "place", "used_on", "created_by", "created_at"))
