"""Outbound: picks, shipments and deliveries 拣货、复核、发运、签收."""

from traceward.web.kit.documents import Related, document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.views import View, stages
from traceward.web.pages import coming, labelling, recalling

list_page(
    "warehousing.picks",
    cells=("number", "state", "demand", "consignee", "deliver_to", "site", "staging", "created_at"),
    views=(
        View("open", "待拣货", "To pick", {"state": "open"}),
        View("picked", "待复核", "To check", {"state": "picked"}),
        View("checked", "待发运", "To ship", {"state": "checked"}),
    ),
    bulk=(Bulk("warehousing.cancel_pick", icon="x"),),
    summary=stages(
        "state",
        ("open", "待拣货", "To pick", "tw-info"),
        ("picked", "待复核", "To check", "tw-warn"),
        ("checked", "待发运", "To ship", "tw-ok"),
        ("shipped", "已发运", "Shipped", ""),
        ("cancelled", "已取消", "Cancelled", ""),
    ),
    phone=("number", "state", "consignee", "deliver_to", "created_at"),
)
document_page(
    "warehousing.picks",
    begins=labelling.BOXES_OF_LINES,
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
    lead=coming.picks,
    next=("warehousing.change_lot", "warehousing.end_pick", "warehousing.cancel_pick"),
    related=(
        Related("warehousing.shipments", "pick_id", "package-export"),
        Related("stock.moves", "document_id", "transfer"),
        Related("warehousing.scans", "document_id", "scan"),
    ),
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
    views=(
        View("shipped", "在途", "On the way", {"state": "shipped"}),
        View(
            "late",
            "在途超过 7 天",
            "On the way > 7 d",
            {"state": "shipped", "dispatched_at__lt": "today-7"},
            is_fault=True,
            sort="dispatched_at",
        ),
        View(
            *("recalled", "召回待追回", "Recalled, to fetch back", {"is_to_fetch": "true"}),
            is_fault=True,
        ),
    ),
    bulk=(Bulk("warehousing.arrive", icon="package-import"),),
    phone=("number", "state", "consignee", "carrier_name/waybill", "dispatched_at"),
)
document_page(
    "warehousing.shipments",
    begins=(*labelling.BOXES_OF_LINES, *recalling.OF_DOCUMENT),
    facts=(
        *("site", "pick", "demand", "consignee", "deliver_to", "consignee_address"),
        *("consignee_phone", "dispatched_at", "transport_mode", "carrier_name", "waybill"),
        *("vehicle_plate", "driver", "transport_conditions", "departure_c"),
    ),
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
    lead=coming.shipments,
    next=("warehousing.print_delivery_note",),
    when={
        "sales.sign_for": {"demand_kind": "sales.order"},
        "transfers.receive": {"demand_kind": "transfers.order"},
    },
    at={"transfers.receive": "deliver_to_site_id"},
    related=(
        Related("warehousing.picks", "id", "checklist", key="pick_id"),
        Related("sales.deliveries", "shipment_id", "signature"),
        Related("sales.returns", "shipment_id", "package-import"),
        Related("stock.moves", "document_id", "transfer"),
    ),
)
list_page(
    "sales.deliveries",
    cells=("number", "state", "shipment", "place", "signed_at", "handed_over_by", "arrival_c"),
    views=(View("recent", "近 7 天", "Last 7 d", {"signed_at__gte": "today-7"}),),
)
list_page(
    "warehousing.pick_lines",
    cells=(
        "pick",
        "item",
        "lot/serial",
        "lot_expires_on",
        "place",
        "quantity",
        "picked",
        "picked_by",
    ),
    sums=("quantity", "picked"),
)
list_page(
    "warehousing.shipment_lines",
    cells=("shipment", "item", "lot/serial", "lot_expires_on", "quantity", "owner", "container"),
    sums=("quantity",),
)

document_page(
    "sales.deliveries",
    next=("sales.cancel_delivery",),
    related=(Related("warehousing.shipments", "id", "package-export", key="shipment_id"),),
)
