"""Outbound: picks, shipments and deliveries 拣货、复核、发运、签收."""

from traceward.web.kit.documents import document_page
from traceward.web.kit.lists import View, list_page

list_page(
    "warehousing.picks",
    cells=("number", "state", "demand", "consignee", "deliver_to", "site", "staging", "created_at"),
    views=(
        View("open", "待拣货", "To pick", {"state": "open"}),
        View("picked", "待复核", "To check", {"state": "picked"}),
        View("checked", "待发运", "To ship", {"state": "checked"}),
    ),
)
document_page(
    "warehousing.picks",
    lines={
        "lines": (
            "line_number",
            "item",
            "lot/serial",
            "lot_expires_on",
            "place",
            "quantity",
            "picked",
            "picked_by",
            "container",
        )
    },
    next={
        "open": ("warehousing.pick", "warehousing.end_pick", "warehousing.cancel_pick"),
        "picked": ("warehousing.check", "warehousing.cancel_pick"),
        "checked": ("warehousing.ship", "warehousing.pack"),
    },
)
list_page(
    "warehousing.shipments",
    cells=(
        "number",
        "state",
        "demand",
        "consignee",
        "deliver_to",
        "carrier_name/waybill",
        "dispatched_at",
        "departure_c",
    ),
    views=(View("shipped", "在途", "On the way", {"state": "shipped"}),),
)
document_page(
    "warehousing.shipments",
    lines={
        "lines": (
            "line_number",
            "item",
            "lot/serial",
            "lot_expires_on",
            "quantity",
            "container",
            "registration_number",
        )
    },
    next={"shipped": ("sales.sign_for", "transfers.receive", "warehousing.print_delivery_note")},
)
list_page(
    "sales.deliveries",
    cells=("number", "state", "shipment", "place", "signed_at", "handed_over_by", "arrival_c"),
)
