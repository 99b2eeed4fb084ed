"""Transfers between sites 调拨."""

from traceward.web.kit.documents import Related, document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.suggestions import below
from traceward.web.kit.views import View, stages
from traceward.web.pages import coming

list_page(
    "transfers.orders",
    cells=(
        "number",
        "state",
        "site",
        "to_site",
        "deliver_to",
        "reason",
        "wanted_on",
        "created_by",
        "created_at",
    ),
    views=(
        View("requested", "待审批", "To approve", {"state": "requested"}),
        View("approved", "执行中", "Under way", {"state": "approved"}),
        View(
            "late",
            "逾期",
            "Late",
            {"state": ("requested", "approved"), "wanted_on__lt": "today"},
            is_fault=True,
            sort="wanted_on",
        ),
    ),
    bulk=(
        Bulk("transfers.approve", icon="check"),
        Bulk("transfers.allocate", icon="checklist"),
        Bulk("transfers.close", icon="lock"),
        Bulk("transfers.cancel", icon="x"),
    ),
    summary=stages(
        "state",
        ("requested", "待审批", "To approve", "tw-warn"),
        ("approved", "执行中", "Under way", "tw-info"),
        ("closed", "已关闭", "Closed", "tw-ok"),
        ("cancelled", "已取消", "Cancelled", ""),
    ),
    phone=("number", "state", "site", "to_site", "wanted_on"),
    create="transfers.request",
)
document_page(
    "transfers.orders",
    lead=coming.transfers,
    related=(
        Related("warehousing.picks", "demand_id", "checklist"),
        Related("warehousing.shipments", "demand_id", "package-export"),
        Related("stock.reservations", "document_id", "packages"),
    ),
    lives=(("warehousing.picks", "demand_id"), ("warehousing.shipments", "demand_id")),
    progress=("promised", "picked", "checked", "shipped", "received"),
    lines={
        "lines": (
            "line_number",
            "item",
            "lot/serial",
            "quantity",
            *("promised", "picked", "checked", "shipped", "received"),
        )
    },
    promised={"closed": "wanted_on"},
)
list_page(
    "transfers.discrepancies",
    cells=(
        "shipment",
        "receipt",
        "kind",
        "quantity",
        "found",
        "written_off",
        "noted_by",
        "noted_at",
        "decision",
    ),
    views=(View("open", "待处理", "To decide", {"decided_at__isnull": "true"}, is_fault=True),),
)
list_page(
    "transfers.lines",
    cells=(
        "transfer",
        "item",
        "lot/serial",
        "lot_expires_on",
        "quantity",
        "received",
        "short",
    ),
    sums=("quantity",),
)
below("transfers.approve", "lines", "line_number", "item", "lot/serial", "quantity")
document_page("transfers.discrepancies", lead=coming.discrepancies)
