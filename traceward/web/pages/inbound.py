"""Inbound: notices, receipts and their acceptance 收货、验收."""

from traceward.web.kit.documents import Related, document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.views import ALL, View, stages
from traceward.web.pages import coming, labelling, recalling
from traceward.web.pages.inspecting import receipt_way

OPEN_NOTICES = View("announced", "待收货", "To receive", {"state": "announced"})
RECEIVED = View("received", "待验收、待上架", "To accept or put away", {"state": "received"})
OPEN_INSPECTIONS = View("open", "待判定", "To decide", {"state": "open"})

list_page(
    "purchasing.notices",
    cells=(
        "number",
        "state",
        "supplier",
        "order",
        "site",
        "expected_on",
        "reference",
        "created_at",
    ),
    views=(
        OPEN_NOTICES,
        View(
            "late",
            "逾期未到",
            "Late",
            {"state": "announced", "expected_on__lt": "today"},
            is_fault=True,
            sort="expected_on",
        ),
    ),
    create="purchasing.notify",
    bulk=(Bulk("purchasing.close_notice", icon="x"),),
    phone=("number", "state", "supplier", "expected_on", "site"),
)
document_page(
    "purchasing.notices",
    lines={
        "lines": (
            "line_number",
            "item",
            "lot_number/serial_number",
            "expires_on",
            "quantity",
            "received",
            "due",
        )
    },
    next=(
        "inbound.receive_notice",
        "purchasing.close_notice",
    ),
    related=(Related("purchasing.orders", "id", "shopping-cart", key="order_id"),),
    promised={"received": "expected_on"},
    progress=("received",),
)
list_page(
    "warehousing.receipts",
    cells=(
        "number",
        "state",
        "supplier",
        "order",
        "site/place",
        "delivery_note",
        "arrived_at",
        "arrival_c",
    ),
    views=(RECEIVED, View("cleared", "已清理完毕", "Cleared", {"state": "cleared"})),
    summary=stages(
        "state",
        ("received", "待验收、待上架", "To accept or put away", "tw-wait"),
        ("cleared", "已清理完毕", "Cleared", "tw-ok"),
        ("put away", "已上架", "Put away", "tw-ok"),
    ),
    phone=("number", "state", "supplier", "site/place", "arrived_at"),
)
document_page(
    "warehousing.receipts",
    lines={
        "lines": (
            "line_number",
            "item",
            "lot/serial",
            "lot_expires_on",
            "quantity",
            "status",
            "put_away",
            "is_damaged",
            "registration_number",
        )
    },
    when={"quality.open_inspections": {"state": "received"}},
    begins=(*labelling.LOTS_OF_LINES, *recalling.OF_DOCUMENT),
    lead=coming.receipts,
    way=receipt_way,
    lives=(("quality.inspections", "source_id"),),
    related=(
        Related("quality.inspections", "source_id", "shield-check"),
        Related("purchasing.orders", "id", "shopping-cart", key="order_id"),
        Related("stock.moves", "document_id", "transfer"),
        Related("warehousing.scans", "document_id", "scan"),
    ),
)
list_page(
    "quality.inspections",
    cells=(
        "number",
        "state",
        "item",
        "lot",
        "lot_expires_on",
        "supplier",
        "quantity",
        "accepted",
        "rejected",
        "decided_by/decided_at",
    ),
    views=(
        OPEN_INSPECTIONS,
        View(
            "rejected",
            "判不合格",
            "With rejects",
            {"state": "decided", "rejected__gt": "0"},
        ),
    ),
    summary=stages(
        "state",
        ("open", "待判定", "To decide", "tw-wait"),
        ("decided", "已判定", "Decided", "tw-ok"),
        ("withdrawn", "已撤回", "Withdrawn", ""),
    ),
    sums=("quantity", "accepted", "rejected"),
    phone=("number", "state", "item", "lot", "quantity", "supplier"),
)
list_page(
    "warehousing.expected_lines",
    cells=(
        *("document/line_number", "item", "quantity", "received", "refused", "due"),
        *("lot_number", "serial_number", "expires_on", "delivery_is_ended"),
    ),
    phone=("document/line_number", "item", "quantity", "due", "lot_number"),
)
list_page(
    "warehousing.refusal_lines",
    cells=(
        *("refusal/line_number", "item", "quantity", "reason", "seen"),
        *("lot_number", "serial_number", "expires_on", "raw"),
    ),
    phone=("refusal/line_number", "item", "quantity", "reason"),
)
list_page(
    "warehousing.expected_deliveries",
    cells=("document", "document_kind", "supplier", "ordered_on", "stand_at", "is_ended"),
    views=(View("waiting", "待到货", "To arrive", {"is_ended": "false"}),),
)
list_page(
    "warehousing.refusals",
    cells=("number", "supplier", "site/place", "reason", "seen", "delivery_note", "arrived_at"),
    views=(View("recent", "近 30 天", "Last 30 d", {"created_at__gte": "today-30"}),),
)
list_page(
    "warehousing.scans",
    cells=("document", "scan_number", "item", "lot/serial", "packs", "packaging", "raw"),
)
list_page(
    "purchasing.notice_lines",
    cells=(
        "notice",
        "notice_state",
        "item",
        "lot_number/serial_number",
        "expires_on",
        "quantity",
        "received",
        "due",
    ),
    views=(View("due", "未到齐", "Still due", {"notice_state": "announced"}),),
    sums=("quantity",),
)
list_page(
    "warehousing.receipt_lines",
    cells=(
        "receipt",
        "item",
        "lot/serial",
        "lot_expires_on",
        "quantity",
        "status",
        "put_away",
        "packaging",
        "is_damaged",
        "registration_number",
    ),
    views=(
        ALL,
        View("damaged", "破损", "Damaged", {"is_damaged": "true"}),
    ),
    sums=("quantity",),
)
document_page(
    "quality.inspections",
    lead=coming.inspections,
    related=(
        Related("quality.results", "inspection_id", "checklist"),
        Related("stock.moves", "document_id", "transfer"),
        Related("stock.balances", "lot_id", "packages", key="lot_id"),
        Related(
            "stock.blocks", "lot_id", "lock", where={"lifted_at__isnull": "true"}, key="lot_id"
        ),
    ),
)
