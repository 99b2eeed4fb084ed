"""Production orders, what was made of what 生产."""

from traceward.web.kit.documents import document_page
from traceward.web.kit.lists import View, list_page

list_page(
    "production.orders",
    cells=("number", "state", "item", "quantity", "made", "lost", "site", "due_on", "is_rework"),
    views=(
        View("released", "生产中", "Under way", {"state": "released"}),
        View("planned", "待下达", "To release", {"state": "planned"}),
    ),
)
document_page(
    "production.orders",
    next={
        "planned": ("production.release", "production.cancel_order"),
        "released": ("production.allocate", "production.issue", "production.complete"),
    },
)
list_page(
    "production.transformations",
    cells=("number", "state", "order", "site", "made_on", "lost", "created_by", "created_at"),
)
