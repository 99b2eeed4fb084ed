"""Orders to suppliers and what goes back to them 采购、退供应商."""

from traceward.web.kit.documents import document_page
from traceward.web.kit.lists import View, list_page

list_page(
    "purchasing.orders",
    cells=(
        "number",
        "state",
        "supplier",
        "site",
        "ordered_on",
        "wanted_on",
        "agreement_number",
        "created_by",
    ),
    views=(
        View("submitted", "待审批", "To approve", {"state": "submitted"}),
        View("approved", "待到货", "To arrive", {"state": ("approved", "received")}),
    ),
    create="purchasing.order",
)
document_page(
    "purchasing.orders",
    lines={
        "lines": (
            "line_number",
            "item",
            "quantity",
            "announced",
            "received",
            "due",
            "unit_price",
            "amount",
            "registration_number",
        )
    },
    next={
        "submitted": ("purchasing.approve",),
        "approved": ("purchasing.notify", "purchasing.close"),
        "received": ("purchasing.notify", "purchasing.close"),
    },
)
list_page(
    "purchasing.returns",
    cells=("number", "state", "supplier", "receipt", "reason", "approved_by", "sent_at"),
    views=(View("proposed", "待审批", "To approve", {"state": "proposed"}),),
)
document_page(
    "purchasing.returns",
    next={
        "proposed": ("purchasing.approve_return", "purchasing.cancel_return"),
        "approved": ("purchasing.send_return", "purchasing.cancel_return"),
    },
)
