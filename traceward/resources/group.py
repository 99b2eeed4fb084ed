"""Goods that cross sites, come back, or end: transfers, and what arrived otherwise than it left."""

from traceward.domain.purchasing.models import SupplierReturn
from traceward.domain.quality.models import Restriction
from traceward.domain.sales import queries as sales
from traceward.domain.sales.models import (
    ConsignmentSale,
    CustomerReturn,
    CustomerReturnLine,
    SalesOrder,
)
from traceward.domain.sales.queries import Consigned, UsedAndSold
from traceward.domain.transfers import queries as transfers
from traceward.domain.transfers.models import Discrepancy, TransferLine, TransferOrder
from traceward.domain.transfers.queries import Unsettled
from traceward.domain.warehousing.models import Destination, Destruction, TakenLine
from traceward.kernel.base.refusals import NotFound, sentence
from traceward.resources import progress
from traceward.resources.documents import DEVICE, GOODS
from traceward.resources.kit import (
    Id,
    Reader,
    by_site,
    document,
    either,
    lines,
    now,
    question,
    resource,
)

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
        "short",
    ),
    made={"short": progress.TRANSFERRED_SHORT},
    finders=progress.WAITS_FOR_PICK,
    parts={"lines": ("transfers.lines", "transfer_id")},
)
lines(
    "transfers.lines",
    TransferLine,
    of="transfer=order.*",
    scope=either(by_site("order__"), by_site("order__deliver_to__")),
    columns=(
        "site=order.site.*",
        *GOODS,
        *("quantity", "promised", "picked", "checked", "shipped", "received", "short"),
        *DEVICE,
    ),
    made=progress.TRANSFERRED,
    asked=("short",),
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

document(
    "sales.returns",
    CustomerReturn,
    columns=(
        "shipment=of_shipment.*",
        "customer.*",
        "from_place.*",
        "reason",
        "receipt=of_receipt.*",
        "returned_on",
        "quality_state",
        "transport_conditions",
        "storage_conditions",
    ),
    parts={"lines": ("sales.return_lines", "return_id")},
)
lines(
    "sales.return_lines",
    CustomerReturnLine,
    of="return=of_return.*",
    columns=("order_line", *GOODS, "quantity", "received", *DEVICE),
)
document(
    "purchasing.returns",
    SupplierReturn,
    columns=(
        "receipt=of_receipt.*",
        "supplier.*",
        "reason",
        "approved_by.*",
        "approved_at",
        "sent_at",
        "transport_mode",
        "carrier_name",
        "waybill",
        "vehicle_plate",
        "driver.*",
        "transport_conditions",
        "departure_c",
    ),
    parts={"lines": ("warehousing.taken_lines", "document_id")},
)
document(
    "warehousing.destructions",
    Destruction,
    columns=(
        "reason",
        "method",
        "approved_by.*",
        "approved_at",
        "destroyed_by.*",
        "destroyed_at",
        "first_witness.*",
        "second_witness.*",
    ),
    parts={"lines": ("warehousing.taken_lines", "document_id")},
)
lines(
    "warehousing.taken_lines",
    TakenLine,
    of="document=line.document.*",
    columns=(*GOODS, "owner.*", "place.*", "status", "container.*", "quantity", *DEVICE),
)
resource(
    "sales.consignment_sales",
    ConsignmentSale,
    scope=by_site("usage_line__line__document__"),
    columns=(
        "id",
        "uid",
        "usage_line",
        "order_line",
        "order=order_line.line.document.*",
        "item=order_line.item.*",
        "quantity",
        "unit_price",
        "amount",
        "currency",
        "sold_on",
    ),
)


@question("sales.consigned", scope=None)
def consigned(customer_id: Id | None = None, *, to: Reader) -> list[Consigned]:
    """What of ours stands at customers' until it is used, with its age, what expires first."""
    return sales.consigned(now(), sites=to.sites(), customer_id=customer_id)


@question("sales.used_and_sold", scope=None)
def used_and_sold(order_id: Id, *, to: Reader) -> list[UsedAndSold]:
    """The sales record of what was used of a consignment order (GSP art. 84, 89)."""
    if not SalesOrder.objects.filter(by_site()(to.grants), pk=order_id).exists():
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="order_id",
            what=str(SalesOrder._meta.verbose_name),
            id=order_id,
        )
    return sales.used_and_sold(order_id)


@question("transfers.unsettled", scope=None)
def unsettled(site_id: Id | None = None, *, to: Reader) -> list[Unsettled]:
    """What of transfers is on the way or missing, with its age, for both of their sites."""
    return transfers.unsettled(now(), sites=to.sites(), site_id=site_id)
