"""Goods that cross sites, come back, or end: transfers, and what arrived otherwise than it left."""

from traceward.domain.quality.models import Restriction
from traceward.domain.transfers.models import Discrepancy, TransferLine, TransferOrder
from traceward.domain.warehousing.models import Destination
from traceward.resources.documents import DEVICE, GOODS
from traceward.resources.kit import by_site, document, either, lines, resource

resource(
    "warehousing.destinations",
    Destination,
    scope=by_site("demand__"),
    columns=("id", "demand.*", "consignee.*", "deliver_to.*"),
)
document(
    "transfers.orders",
    TransferOrder,
    scope=either(by_site(), by_site("deliver_to__")),
    columns=(
        "to_site.*",
        "deliver_to.*",
        "from_owner.*",
        "to_owner.*",
        "reason",
        "wanted_on",
        "approved_by.*",
        "approved_at",
    ),
    parts={"lines": ("transfers.lines", "order_id")},
)
lines(
    "transfers.lines",
    TransferLine,
    of="order",
    scope=either(by_site("order__"), by_site("order__deliver_to__")),
    columns=(*GOODS, "quantity", *DEVICE),
)
resource(
    "transfers.discrepancies",
    Discrepancy,
    scope=either(by_site("shipment__"), by_site("shipment__deliver_to__")),
    columns=(
        "id",
        "uid",
        "shipment.*",
        "shipment_line",
        "receipt.*",
        "kind",
        "quantity",
        "found",
        "written_off",
        "noted_by.*",
        "noted_at",
        "decided_by.*",
        "decided_at",
        "decision",
    ),
)
resource(
    "quality.restrictions",
    Restriction,
    scope=by_site("source__"),
    columns=("id", "uid", "source.*", "item.*", "reason"),
)
