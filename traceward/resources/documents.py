"""The documents of the main job with their lines, but for those of sales, and what links them."""

from django.db.models import Exists, OuterRef, Q

from traceward.domain.production.models import (
    ComponentLine,
    IssuedGoods,
    Transformation,
    TransformationLine,
    WorkOrder,
)
from traceward.domain.purchasing.models import (
    PurchaseOrder,
    PurchaseOrderLine,
    ShippingNotice,
    ShippingNoticeLine,
)
from traceward.domain.quality.models import Inspection, Result, StockCheck, StockCheckLine
from traceward.domain.recalls.queries.settling import to_fetch
from traceward.domain.transfers.models import TransferOrder
from traceward.domain.warehousing.models import (
    ExpectedDelivery,
    ExpectedLine,
    KeptScan,
    Pick,
    PickLine,
    Receipt,
    ReceiptDeliverer,
    ReceiptLine,
    Shipment,
    ShipmentLine,
    StockCount,
    StockCountLine,
)
from traceward.kernel.documents.models import (
    Document,
    DocumentLine,
    DocumentLink,
)
from traceward.kernel.org.scope import Grant
from traceward.resources import progress
from traceward.resources.kit import Finder, by_site, document, either, lines, resource
from traceward.resources.personal import read_by

#: What a line keeps of the device as it was that day.
DEVICE = (
    "device_name",
    "model",
    "specification",
    "registration_number",
    "registrant_name",
    "maker_name",
    "contract_maker_name",
    "production_licence",
    "udi_di",
    "storage_conditions",
    "service_life",
    "unit",
)
GOODS = ("item.*", "lot.*", "lot.expires_on", "serial.*")


def arriving(grants: tuple[Grant, ...]) -> Q:
    """Documents that another site made, and whose goods come to where the reader looks."""
    if Grant(None, None) in grants:
        return Q()
    here = by_site("deliver_to__")(grants)
    coming = [kind.objects.filter(here, pk=OuterRef("pk")) for kind in (Shipment, TransferOrder)]
    return Q(Exists(coming[0])) | Q(Exists(coming[1]))


document(
    "documents.documents",
    Document,
    scope=either(by_site(), arriving),
    columns=("kind",),
)
resource(
    "documents.links",
    DocumentLink,
    scope=by_site("later__"),
    columns=("id", "uid", "earlier.*", "earlier.kind", "later.*", "later.kind", "kind"),
)
resource(
    "documents.lines",
    DocumentLine,
    scope=by_site("document__"),
    columns=("id", "uid", "document.*", "document.kind", "line_number"),
    only=("uid", "document_id"),
)

document(
    "purchasing.orders",
    PurchaseOrder,
    columns=(
        "supplier.*",
        "supplier_name",
        "currency",
        "ordered_on",
        "wanted_on",
        "quality_terms",
        "after_sales_terms",
        "agreement_number",
        "approved_by.*",
        "approved_at",
        "short",
    ),
    made={"short": progress.BOUGHT_SHORT},
    parts={"lines": ("purchasing.order_lines", "order_id")},
)
lines(
    "purchasing.order_lines",
    PurchaseOrderLine,
    of="order",
    columns=(
        *("order.state", "supplier=order.supplier.*", "item.*", "quantity"),
        *("announced", "received", "refused", "due", "short"),
        *("unit_price", "amount", *DEVICE),
    ),
    made=progress.BOUGHT,
    asked=("due", "short"),
)
document(
    "purchasing.notices",
    ShippingNotice,
    columns=("order.*", "supplier.*", "reference", "expected_on"),
    search=("number", "reference"),
    parts={"lines": ("purchasing.notice_lines", "notice_id")},
)
lines(
    "purchasing.notice_lines",
    ShippingNoticeLine,
    of="notice",
    columns=(
        *("notice.state", "order=notice.order", "order_line", "item.*"),
        *("quantity", "received", "refused", "due", "short"),
        "di",
        "lot_number",
        "serial_number",
        "expires_on",
        "raw",
    ),
    made=progress.ANNOUNCED,
    asked=("due", "short"),
)

resource(
    "warehousing.expected_deliveries",
    ExpectedDelivery,
    scope=by_site("document__"),
    columns=(
        *("id", "document.*", "document.kind", "document.state"),
        *("supplier.*", "ordered_on", "stand_at.*", "is_ended"),
    ),
)
lines(
    "warehousing.expected_lines",
    ExpectedLine,
    of="delivery",
    columns=(
        *("document=delivery.document.*", "document_kind=delivery.document.kind"),
        *("delivery.is_ended", "item.*", "quantity", "received", "refused", "due"),
        *("lot_number", "serial_number", "expires_on"),
    ),
    made=progress.EXPECTED,
    asked=("due",),
)
document(
    "warehousing.receipts",
    Receipt,
    columns=(
        "expected",
        "order=expected.document.shippingnotice.order.*",
        "supplier.*",
        "supplier_name",
        "supplier_address",
        "supplier_phone",
        "place.*",
        "delivery_note",
        "transport_mode",
        "departed_at",
        "arrived_at",
        "arrival_c",
        "transit_c_min",
        "transit_c_max",
        "deliverer_read_by",
    ),
    made={"deliverer_read_by": read_by(ReceiptDeliverer, "receipt")},
    search=("number", "delivery_note"),
    parts={"lines": ("warehousing.receipt_lines", "receipt_id")},
)
lines(
    "warehousing.receipt_lines",
    ReceiptLine,
    of="receipt",
    columns=(
        "expected_line",
        *GOODS,
        *("packaging", "packaging.di", "packaging.base_units"),
        "quantity",
        *("status", "put_away"),
        "raw",
        "expires_on",
        "is_damaged",
        *DEVICE,
    ),
    made=progress.BROUGHT,
)

document(
    "quality.inspections",
    Inspection,
    columns=(
        "source.*",
        "supplier.*",
        "supplier_name",
        "supplier_address",
        "supplier_phone",
        "owner.*",
        "item.*",
        "lot.*",
        "lot.expires_on",
        "quantity",
        "accepted",
        "rejected",
        "conclusion",
        "defects",
        "disposition",
        "inspected_by.*",
        "inspected_at",
        "decided_by.*",
        "decided_at",
        *DEVICE,
    ),
    parts={"results": ("quality.results", "inspection_id")},
)
resource(
    "quality.results",
    Result,
    scope=by_site("inspection__"),
    columns=(
        "id",
        "uid",
        "inspection.*",
        *("check_name", "is_additional", "is_passed"),
        *("sample_quantity", "defective_quantity", "note"),
        "recorded_by.*",
        "recorded_at",
    ),
)

document(
    "quality.stock_checks",
    StockCheck,
    columns=(
        "place.*",
        "checked_at",
        "temperature_c",
        "humidity_percent",
        "is_flow_right",
        "is_protected",
        "is_clean",
        "is_monitoring_right",
        "measures",
    ),
    parts={"lines": ("quality.stock_check_lines", "check_id")},
)
lines(
    "quality.stock_check_lines",
    StockCheckLine,
    of="check=check_of.*",
    columns=(
        *GOODS,
        "quantity",
        "is_appearance_good",
        "is_packaging_good",
        "is_expiry_good",
        "note",
        "block",
        *DEVICE,
    ),
)
document(
    "warehousing.counts",
    StockCount,
    columns=("place.*", "counted_at", "explanation"),
    parts={"lines": ("warehousing.count_lines", "count_id")},
)
lines(
    "warehousing.count_lines",
    StockCountLine,
    of="count",
    columns=(*GOODS, "owner.*", "container.*", "status", "booked", "counted", *DEVICE),
)

document(
    "warehousing.picks",
    Pick,
    columns=(
        "demand.*",
        "consignee.*",
        "consignee_name",
        "delivery_address",
        "deliver_to.*",
        "staging.*",
        "checked_by.*",
        "checked_at",
    ),
    parts={"lines": ("warehousing.pick_lines", "pick_id")},
)
lines(
    "warehousing.pick_lines",
    PickLine,
    of="pick",
    columns=(
        "demand_line",
        *GOODS,
        "owner.*",
        "place.*",
        "from_container.*",
        "quantity",
        "picked",
        "picked_by.*",
        "container.*",
        *DEVICE,
    ),
)
TO_FETCH = "True: recalled goods are on it or at its consignee that no return is announced for."


def _is_to_fetch(asked: bool) -> Q:
    """Shipments whose recalled goods are to be fetched back, or the others."""
    return to_fetch() if asked else ~to_fetch()


document(
    "warehousing.shipments",
    Shipment,
    scope=either(by_site(), by_site("deliver_to__")),
    columns=(
        "pick=from_pick.*",
        "demand.*",
        "demand_kind=demand.kind",
        "shipper_name",
        "consignee.*",
        "consignee_name",
        "consignee_address",
        "consignee_phone",
        *("deliver_to.*", "deliver_to_site=deliver_to.site"),
        "transit.*",
        "dispatched_at",
        "transport_mode",
        "carrier_name",
        "waybill",
        "vehicle_plate",
        "driver.*",
        "transport_conditions",
        "departure_c",
    ),
    search=("number", "demand_number", "waybill", "vehicle_plate"),
    finders={"is_to_fetch": Finder(bool, _is_to_fetch, TO_FETCH)},
    parts={"lines": ("warehousing.shipment_lines", "shipment_id")},
)
lines(
    "warehousing.shipment_lines",
    ShipmentLine,
    of="shipment",
    scope=either(by_site("shipment__"), by_site("shipment__deliver_to__")),
    columns=("demand_line", *GOODS, "owner.*", "container.*", "quantity", "received", *DEVICE),
    made={"received": progress.CAME},
)
resource(
    "warehousing.scans",
    KeptScan,
    scope=by_site("document__"),
    columns=(
        "id",
        "document.*",
        "command_id",
        "scan_number",
        "raw",
        "packs",
        *("packaging", "packaging.di", "packaging.base_units"),
        "item.*",
        "lot.*",
        "serial.*",
    ),
    only=("document_id", "command_id"),
)

document(
    "production.orders",
    WorkOrder,
    columns=(
        "item.*",
        "quantity",
        "bom",
        "bom.version",
        "per_quantity",
        "is_rework",
        "wip.*",
        "due_on",
        "made",
        "lost",
        *DEVICE,
    ),
    parts={
        "lines": ("production.components", "order_id"),
        "issued": ("production.issued", "order_id"),
    },
)
lines(
    "production.components",
    ComponentLine,
    of="order",
    columns=("item.*", "quantity_per", "quantity", *DEVICE),
)
resource(
    "production.issued",
    IssuedGoods,
    scope=by_site("component__line__document__"),
    columns=(
        "id",
        "uid",
        "order=component.order",
        "order_number=component.order.number",
        "component",
        "item=component.item",
        "item_code=component.item.code",
        "item_name_zh=component.item.name_zh",
        "item_name_en=component.item.name_en",
        "lot.*",
        "serial.*",
        "quantity",
        "consumed",
        "returned",
        "scrapped",
    ),
)
document(
    "production.transformations",
    Transformation,
    columns=("made_on", "order.*", "lost"),
    parts={"lines": ("production.transformation_lines", "transformation_id")},
)
lines(
    "production.transformation_lines",
    TransformationLine,
    of="transformation",
    columns=("direction", *GOODS, "place.*", "quantity"),
)
