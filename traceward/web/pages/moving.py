"""Transfers between sites 调拨."""

from traceward.web.kit.documents import document_page
from traceward.web.kit.lists import View, list_page

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
    ),
    create="transfers.request",
)
document_page(
    "transfers.orders",
    next={
        "requested": ("transfers.approve", "transfers.cancel"),
        "approved": ("transfers.allocate", "transfers.start_pick", "transfers.close"),
    },
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
    ),
)
