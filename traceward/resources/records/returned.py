"""退货: the record of goods that come back from customers."""

from django.db.models import Exists, OuterRef, Q, Subquery

from traceward.domain.quality.models import Inspection, InspectionState
from traceward.domain.sales.models import CustomerReturnLine, ReturnState
from traceward.resources.records import terms
from traceward.resources.records.declaring import Field, When, record
from traceward.resources.records.terms import CONDITIONED, DEVICES

#: An item without lots has one inspection for all that came of it.
INSPECTED = Inspection.objects.filter(
    Q(lot=OuterRef("lot")) | Q(lot=None),
    source=OuterRef("of_return__of_receipt"),
    item=OuterRef("item"),
    state=InspectionState.DECIDED.value,
).order_by("pk")
ONCE_INSPECTED = When("验收之后", "once inspected", "107", Q(Exists(INSPECTED)))

record(
    "records.returns",
    CustomerReturnLine,
    (
        Field("退货日期", "return date", ("returned_on=of_return.returned_on",)),
        Field("原出库单号", "original outbound number", ("shipment=of_return.of_shipment.number",)),
        Field("退货单位名称", "returning firm", ("returned_by",)),
        terms.NAME,
        terms.MODEL,
        terms.REGISTRANT,
        terms.CONTRACT_MAKER,
        terms.REGISTRATION,
        Field(
            "运输条件",
            "transport conditions",
            ("transport_conditions=of_return.transport_conditions",),
            CONDITIONED,
        ),
        Field(
            "贮存条件",
            "storage conditions",
            ("return_storage=of_return.storage_conditions", "storage_conditions"),
            CONDITIONED,
        ),
        terms.LOT,
        terms.EXPIRY,
        terms.UDI,
        Field("退货原因", "reason", ("reason=of_return.reason",)),
        Field("产品质量状态", "quality state", ("quality_state=of_return.quality_state",)),
        Field("退货数量", "quantity", ("received",)),
        Field("验收人员", "inspector", ("inspected_by",), ONCE_INSPECTED),
    ),
    zh="退货记录",
    en="Return record",
    articles="106, 107",
    header="of_return",
    of=("of_return", "of_return__of_shipment"),
    where=DEVICES & Q(of_return__state=ReturnState.RECEIVED.value, received__gt=0),
    made={
        "returned_by": terms.named("of_return__customer"),
        "inspected_by": Subquery(
            INSPECTED.annotate(name=terms.person("inspected_by")).values("name")[:1]
        ),
    },
    asked=("returned_by",),
)
