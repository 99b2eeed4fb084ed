"""Orders to suppliers and what goes back to them 采购、退供应商."""

from traceward.kernel.documents.models import Document
from traceward.web.kit.documents import Related, document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.suggestions import below
from traceward.web.kit.views import View, stages
from traceward.web.pages import coming
from traceward.web.pages.quality import TAKEN

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
        View("approved", "待到货", "To arrive", {"state": "approved"}),
        View(
            "late",
            "逾期未到",
            "Late",
            {"state": "approved", "wanted_on__lt": "today"},
            is_fault=True,
            sort="wanted_on",
        ),
    ),
    bulk=(
        Bulk("purchasing.approve", icon="check"),
        Bulk("purchasing.close", icon="x"),
    ),
    summary=stages(
        "state",
        ("submitted", "待审批", "To approve", "tw-warn"),
        ("approved", "待到货", "To arrive", "tw-info"),
        ("received", "已收货", "Received", "tw-ok"),
        ("closed", "已关闭", "Closed", ""),
    ),
    phone=("number", "state", "supplier", "wanted_on", "site"),
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
    lead=coming.purchases,
    next=("purchasing.close",),
    related=(
        Related("purchasing.notices", "order_id", "package-import"),
        Related("warehousing.receipts", "order_id", "packages"),
    ),
    promised={"received": "wanted_on"},
    progress=("announced", "received"),
)
list_page(
    "purchasing.returns",
    cells=("number", "state", "supplier", "receipt", "reason", "approved_by", "sent_at"),
    views=(
        View("proposed", "待审批", "To approve", {"state": "proposed"}),
        View("approved", "待发出", "To send", {"state": "approved"}),
    ),
    bulk=(
        Bulk("purchasing.approve_return", icon="check"),
        Bulk("purchasing.cancel_return", icon="x"),
    ),
)
list_page(
    "purchasing.order_lines",
    cells=(
        "order",
        "order_state",
        "supplier",
        "item",
        "quantity",
        "announced",
        "received",
        "due",
        "unit_price",
        "amount",
    ),
    views=(View("due", "待到货", "To arrive", {"order_state": "approved"}),),
    sums=("quantity",),
)
below("purchasing.approve_return", "lines", *TAKEN)
below(
    "purchasing.approve",
    "lines",
    *("line_number", "item", "quantity", "unit_price", "amount", "registration_number"),
)
document_page(
    "purchasing.returns",
    lead=coming.by_another(
        "purchasing.approve_return", Document, "created_by", "purchasing.send_return"
    ),
    next=("purchasing.cancel_return",),
    related=(Related("stock.moves", "document_id", "transfer"),),
    lines={"lines": TAKEN},
)
