"""Production orders, what was made of what 生产."""

from traceward.web.kit.documents import Related, document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.views import View, stages
from traceward.web.pages import coming, recalling

list_page(
    "production.orders",
    cells=("number", "state", "item", "quantity", "made", "lost", "site", "due_on", "is_rework"),
    views=(
        View("released", "生产中", "Under way", {"state": "released"}),
        View("planned", "待下达", "To release", {"state": "planned"}),
        View(
            "late",
            "逾期",
            "Late",
            {"state": ("planned", "released"), "due_on__lt": "today"},
            is_fault=True,
            sort="due_on",
        ),
    ),
    create="production.plan",
    bulk=(
        Bulk("production.release", icon="check"),
        Bulk("production.allocate", icon="checklist"),
        Bulk("production.close", icon="lock"),
        Bulk("production.cancel_order", icon="x"),
    ),
    summary=stages(
        "state",
        ("planned", "待下达", "To release", "tw-warn"),
        ("released", "生产中", "Under way", "tw-info"),
        ("closed", "已关闭", "Closed", "tw-ok"),
        ("cancelled", "已取消", "Cancelled", ""),
    ),
    sums=("quantity", "made", "lost"),
    phone=("number", "state", "item", "quantity", "due_on"),
)
document_page(
    "production.orders",
    begins=recalling.OF_DOCUMENT,
    lead=coming.work_orders,
    related=(
        Related("production.transformations", "order_id", "tools"),
        Related("stock.reservations", "document_id", "packages"),
        Related("stock.moves", "document_id", "transfer"),
    ),
    promised={"closed": "due_on"},
)
list_page(
    "production.transformations",
    cells=("number", "state", "order", "site", "made_on", "lost", "created_by", "created_at"),
    views=(View("recent", "近 7 天", "Last 7 d", {"made_on__gte": "today-7"}),),
)
list_page(
    "production.boms",
    cells=("code", "item", "per_quantity", "effective_from", "effective_until"),
    create="production.define_bom",
)
