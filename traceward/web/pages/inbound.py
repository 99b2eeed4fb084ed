"""Inbound: notices, receipts and their acceptance 收货、验收."""

from traceward.web.kit.documents import document_page
from traceward.web.kit.lists import View, list_page

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
    views=(OPEN_NOTICES,),
    create="purchasing.notify",
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
    next={"announced": ("inbound.receive_notice", "purchasing.close_notice")},
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
    views=(RECEIVED,),
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
            "packaging",
            "is_damaged",
            "registration_number",
        )
    },
    next={"received": ("inbound.decide_lots", "inbound.record_results", "warehousing.put_away")},
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
    views=(OPEN_INSPECTIONS,),
)
document_page(
    "quality.inspections",
    next={"open": ("quality.record_result", "quality.decide")},
)
