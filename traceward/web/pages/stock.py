"""Stock: what stands where, its lots, serials and boxes, its ledger, what holds it."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from traceward.web.kit.documents import Related, document_page
from traceward.web.kit.lists import list_page
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.suggestions import Row, Suggested, suggest
from traceward.web.kit.views import ALL, View, ending, stages
from traceward.web.pages import labelling, recalling
from traceward.web.visitors import Visitor

#: Where goods stand with us: suppliers, customers and what left are places, too.
HERE = ("warehouse", "zone", "bin", "dock", "staging")

list_page(
    "stock.balances",
    cells=(
        "item",
        "lot/serial",
        "site/place",
        "lot_expires_on",
        "on_hand",
        "reserved",
        "status/held_as",
        "owner",
    ),
    views=(
        View(
            "pending",
            "待验",
            "Pending inspection",
            {"status": "pending inspection", "place_kind": HERE},
        ),
        View(
            "near",
            "近效期 ≤ 90 天",
            "Expiring ≤ 90 d",
            {
                "lot_expires_on__gte": "today",
                "lot_expires_on__lte": "today+90",
                "place_kind": HERE,
            },
            sort="lot_expires_on",
        ),
        View(
            "expired",
            "已过期未处置",
            "Expired, not dealt with",
            {
                "lot_expires_on__lt": "today",
                "place_kind": HERE,
                "status": ("qualified", "pending inspection"),
            },
            is_fault=True,
            sort="lot_expires_on",
        ),
        View(
            "rejected",
            "不合格",
            "Rejected",
            {"status": "rejected", "place_kind": HERE},
            is_fault=True,
        ),
        View(
            "held",
            "冻结与召回",
            "On hold or recalled",
            {"is_held": "true", "place_kind": HERE},
        ),
        View(
            *("recalled", "召回待销毁", "Recalled, to destroy", {"is_to_destroy": "true"}),
            is_fault=True,
        ),
        View("here", "在库", "In our places", {"place_kind": HERE}),
    ),
    bulk=(
        Bulk(
            "transfers.request",
            lines="lines",
            fill={
                "item_id": "item_id",
                "lot_id": "lot_id",
                "serial_id": "serial_id",
                "quantity": "on_hand",
            },
            common={"from_site_id": "site_id"},
            when={"status": ("qualified",), "place_kind": HERE},
            icon="transfer",
        ),
        Bulk(
            "stock.block",
            fill={
                "scope.item_id": "item_id",
                "scope.lot_id": "lot_id",
                "scope.serial_id": "serial_id",
                "scope.place_id": "place_id",
            },
            when={"place_kind": HERE},
            icon="lock",
        ),
        Bulk(
            "warehousing.propose_destruction",
            lines="lines",
            fill={"balance_id": "id", "quantity": "on_hand"},
            common={"site_id": "site_id"},
            when={"place_kind": HERE},
            icon="trash",
        ),
        labelling.labels_of(
            labelling.GOODS,
            fill={"lot_id": "lot_id", "serial_id": "serial_id"},
            common={"site_id": "site_id"},
            when={"place_kind": HERE},
        ),
    ),
    summary=ending("lot_expires_on", place_kind=HERE),
    sums=("on_hand", "reserved"),
    phone=("item", "lot/serial", "site/place", "lot_expires_on", "on_hand", "status/held_as"),
)
list_page(
    "stock.lots",
    cells=(
        "item",
        "raw_number/supplier_lot",
        "held_as",
        "expires_on",
        "made_on",
        "maker",
        "first_received_at",
    ),
    views=(
        ALL,
        View(
            "near",
            "近效期 ≤ 90 天",
            "Expiring ≤ 90 d",
            {"expires_on__gte": "today", "expires_on__lte": "today+90"},
            sort="expires_on",
        ),
        View(
            "recent",
            "近 30 天首次到货",
            "First came in 30 d",
            {"first_received_at__gte": "today-30"},
        ),
    ),
    bulk=(
        Bulk("stock.block", fill={"scope.lot_id": "id"}, icon="lock"),
        labelling.labels_of(labelling.GOODS, fill={"lot_id": "id"}),
    ),
    summary=ending("expires_on"),
    phone=("item", "raw_number/supplier_lot", "held_as", "expires_on"),
)
list_page(
    "stock.serials",
    cells=("item", "raw_number", "held_as", "lot", "lot_expires_on"),
    bulk=(
        Bulk("stock.block", fill={"scope.serial_id": "id"}, icon="lock"),
        labelling.labels_of(labelling.GOODS, fill={"serial_id": "id"}),
    ),
    summary=ending("lot_expires_on"),
)
list_page(
    "stock.containers",
    cells=("code", "parent", "is_closed"),
    views=(
        ALL,
        View("inside", "在外层容器中", "Inside another", {"parent_id__isnull": "false"}),
    ),
    bulk=(
        Bulk("stock.unnest_container", icon="packages"),
        Bulk("stock.block", fill={"scope.container_id": "id"}, icon="lock"),
        labelling.labels_of(labelling.BOXES, fill={"container_id": "id"}),
    ),
)
list_page(
    "stock.moves",
    cells=(
        "posted_at",
        "code",
        "document",
        "item",
        "lot/serial",
        "quantity",
        "from_place/from_status",
        "to_place/to_status",
    ),
    views=(ALL, View("today", "今天", "Today", {"posted_at__gte": "today"})),
    sums=("quantity",),
    phone=("posted_at", "code", "item", "lot/serial", "quantity"),
)
list_page(
    "stock.reservations",
    cells=("document", "item", "lot/serial", "place", "quantity", "expires_at"),
    views=(
        ALL,
        View("ending", "限时预留", "Promised for a time", {"expires_at__isnull": "false"}),
    ),
    sums=("quantity",),
)
list_page(
    "stock.genealogy",
    cells=("input_lot/input_serial", "output_lot/output_serial", "quantity"),
)
list_page(
    "stock.alerts",
    cells=("item", "site", "kind", "quantity", "threshold", "raised_at", "ended_at"),
    views=(
        View("standing", "未解除", "Standing", {"ended_at__isnull": "true"}, is_fault=True),
        View("recent", "近 30 天", "Last 30 d", {"raised_at__gte": "today-30"}),
    ),
    bulk=(
        Bulk(
            "workflow.acknowledge",
            fill={"records": "id"},
            fixed={"subject": "stock.alerts"},
            icon="check",
        ),
    ),
    summary=stages(
        "kind",
        ("below_minimum", "低于下限", "Below minimum", "tw-bad"),
        ("above_maximum", "高于上限", "Above maximum", "tw-warn"),
        ("resting", "呆滞", "Dead stock", ""),
    ),
)
list_page(
    "stock.early_warnings",
    cells=("lot", "licence/registration", "site", "until", "step", "warned_at"),
    views=(
        View(
            "lots",
            "批次",
            "Lots",
            {"lot_id__isnull": "false", "until__gte": "today"},
            sort="until",
        ),
        View("papers", "证照", "Papers", {"lot_id__isnull": "true"}, sort="until"),
        View("recent", "近 7 天预警", "Warned in 7 d", {"warned_at__gte": "today-7"}),
    ),
    bulk=(
        Bulk(
            "workflow.acknowledge",
            fill={"records": "id"},
            fixed={"subject": "stock.early_warnings"},
            icon="check",
        ),
    ),
    summary=ending("until", ends=True),
)
list_page("stock.closed_periods", cells=("legal_entity", "closed_until", "closed_at"))
list_page(
    "warehousing.counts",
    cells=("number", "site/place", "counted_at", "explanation", "created_by"),
    views=(View("recent", "近 30 天", "Last 30 d", {"counted_at__gte": "today-30"}),),
    create="warehousing.count",
)
list_page(
    "quality.stock_checks",
    cells=(
        "number",
        "site/place",
        "checked_at",
        "temperature_c",
        "humidity_percent",
        "measures",
        "created_by",
    ),
    views=(View("recent", "近 30 天", "Last 30 d", {"checked_at__gte": "today-30"}),),
    create="quality.check_stock",
)
document_page(
    "warehousing.counts",
    lines={
        "lines": (
            *("line_number", "item", "lot/serial", "lot_expires_on"),
            *("booked", "counted", "status", "owner", "container"),
        )
    },
)
document_page(
    "quality.stock_checks",
    lines={
        "lines": (
            *("line_number", "item", "lot/serial", "lot_expires_on", "quantity"),
            *("is_appearance_good", "is_packaging_good", "is_expiry_good", "note"),
        )
    },
)

document_page(
    "stock.lots",
    next=("stock.block",),
    begins=(*labelling.OF_LOT, *recalling.OF_LOT),
    related=(
        Related("stock.balances", "lot_id", "packages"),
        Related("stock.moves", "lot_id", "transfer"),
        Related("quality.inspections", "lot_id", "shield-check"),
        Related("stock.serials", "lot_id", "scan"),
        Related("warehousing.receipt_lines", "lot_id", "package-import"),
        Related("warehousing.shipment_lines", "lot_id", "package-export"),
        Related("stock.blocks", "lot_id", "lock"),
        Related("warehousing.printed_labels", "lot_id", "file-text"),
    ),
)

document_page(
    "stock.serials",
    next=("stock.block",),
    begins=(*labelling.OF_SERIAL, *recalling.OF_SERIAL),
    related=(
        Related("stock.balances", "serial_id", "packages"),
        Related("stock.moves", "serial_id", "transfer"),
        Related("stock.blocks", "serial_id", "lock"),
        Related("warehousing.printed_labels", "serial_id", "file-text"),
    ),
)
document_page(
    "stock.containers",
    begins=labelling.OF_BOX,
    related=(
        Related("stock.balances", "container_id", "packages"),
        Related("stock.containers", "parent_id", "packages"),
        Related("warehousing.printed_labels", "container_id", "file-text"),
    ),
)


@suggest("stock.close_period")
def close_period(_entity: Row, to: Visitor) -> Suggested:
    """The months that are over."""
    begins = datetime.combine(to.today.replace(day=1), time(), ZoneInfo(to.time_zone))
    return {"closed_until": begins}
