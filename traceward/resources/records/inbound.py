"""采购、收货、验收、入库: the records of goods on their way in."""

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Exists, Max, OuterRef, Q, Subquery, Sum
from django.db.models.lookups import IsNull

from traceward.domain.purchasing.models import PurchaseOrderLine, ShippingNotice
from traceward.domain.quality.models import Inspection, InspectionState
from traceward.domain.stock.models import Status
from traceward.domain.warehousing.models import ReceiptDeliverer, ReceiptLine
from traceward.domain.warehousing.queries import stored
from traceward.resources.personal import read_by
from traceward.resources.records import terms
from traceward.resources.records.declaring import Field, When, record
from traceward.resources.records.terms import COLD, DEVICES, GOODS, QUANTITY, UDI, UNIT

record(
    "records.purchases",
    PurchaseOrderLine,
    (
        terms.NAME,
        terms.MODEL,
        terms.REGISTRANT,
        terms.REGISTRATION,
        UNIT,
        QUANTITY,
        Field("单价", "unit price", ("unit_price",)),
        Field("金额", "amount", ("amount",)),
        Field("供货者", "supplier", ("supplier_name=order.supplier_name",)),
        Field("购货日期", "purchase date", ("ordered_on=order.ordered_on",)),
        Field(
            "质量责任",
            "quality liability",
            ("quality_terms=order.quality_terms", "agreement_number=order.agreement_number"),
        ),
        Field(
            "售后服务责任",
            "after-sales terms",
            (
                "after_sales_terms=order.after_sales_terms",
                "agreement_number=order.agreement_number",
            ),
        ),
    ),
    zh="采购记录",
    en="Purchase record",
    articles="55, 56, 58",
    header="order",
    of=("order",),
    where=DEVICES & Q(order__approved_at__isnull=False),
)

#: What we bought; what comes from our own sites or back from customers has other records.
BOUGHT = ShippingNotice.KIND

record(
    "records.receipts",
    ReceiptLine,
    (
        Field("供货者", "supplier", ("supplier_name=receipt.supplier_name",)),
        Field("发货通知", "shipping notice", ("notice=receipt.expected.document.number",)),
        Field("随货同行单号", "delivery note number", ("delivery_note=receipt.delivery_note",)),
        Field("运输方式", "transport mode", ("transport_mode=receipt.transport_mode",)),
        Field("到货时间", "arrival time", ("arrived_at=receipt.arrived_at",)),
        terms.NAME,
        terms.MODEL,
        terms.LOT,
        Field("数量", "quantity", ("quantity",)),
        Field("收货人", "received by", ("received_by",)),
        Field("送货人签字", "signed by the deliverer", ("is_signed",)),
        Field("启运时间", "departure time", ("departed_at=receipt.departed_at",), COLD),
        Field("到货温度", "arrival temperature", ("arrival_c=receipt.arrival_c",), COLD),
        Field("在途最低温度", "lowest on the way", ("transit_c_min=receipt.transit_c_min",), COLD),
        Field("在途最高温度", "highest on the way", ("transit_c_max=receipt.transit_c_max",), COLD),
    ),
    zh="收货记录",
    en="Receiving record",
    articles="60-63",
    header="receipt",
    of=("receipt", "receipt__expected"),
    where=DEVICES & Q(receipt__expected__document__kind=BOUGHT),
    made={
        "received_by": terms.person("receipt__created_by"),
        "is_signed": Exists(ReceiptDeliverer.objects.filter(receipt=OuterRef("receipt"))),
        "deliverer_read_by": read_by(ReceiptDeliverer, "receipt", "receipt"),
    },
    also=("deliverer_read_by",),
    asked=("received_by",),
)

REJECTED = When("有不合格的", "where something was rejected", "65", Q(rejected__gt=0))
WITHOUT_LOT = ReceiptLine.objects.filter(
    receipt=OuterRef("source"), item=OuterRef("item"), lot=None, serial__isnull=False
)

record(
    "records.acceptances",
    Inspection,
    (
        *terms.DEVICE,
        Field(
            "生产批号／序列号",
            "lot or serial numbers",
            ("lot_number=lot.raw_number", "serial_numbers"),
        ),
        terms.EXPIRY,
        UDI,
        QUANTITY,
        Field("购进日期", "purchase date", ("ordered_on=source.receipt.expected.ordered_on",)),
        Field("供货者名称", "supplier", ("supplier_name",)),
        Field("供货者地址", "supplier's address", ("supplier_address",)),
        Field("供货者联系方式", "supplier's contact", ("supplier_phone",)),
        Field("验收结论", "conclusion", ("conclusion",)),
        Field("验收合格数量", "accepted quantity", ("accepted",)),
        Field("验收人员", "inspector", ("inspected_by=inspector",)),
        Field("验收日期", "date of inspection", ("inspected_at",)),
        Field("不合格事项", "defects", ("defects",), REJECTED),
        Field("处置措施", "disposition", ("disposition",), REJECTED),
        Field(
            "运输方式", "transport mode", ("transport_mode=source.receipt.transport_mode",), COLD
        ),
        Field("启运时间", "departure time", ("departed_at=source.receipt.departed_at",), COLD),
        Field("到货时间", "arrival time", ("arrived_at=source.receipt.arrived_at",), COLD),
        Field(
            "在途最低温度",
            "lowest on the way",
            ("transit_c_min=source.receipt.transit_c_min",),
            COLD,
        ),
        Field(
            "在途最高温度",
            "highest on the way",
            ("transit_c_max=source.receipt.transit_c_max",),
            COLD,
        ),
        Field("到货温度", "arrival temperature", ("arrival_c=source.receipt.arrival_c",), COLD),
    ),
    zh="进货查验记录",
    en="Acceptance record",
    articles="64, 65, 67",
    header="",
    of=("pk", "source", "source__receipt__expected"),
    where=DEVICES
    & Q(state=InspectionState.DECIDED.value)
    & Q(source__receipt__expected__document__kind=BOUGHT),
    asked=("inspector",),
    made={
        "inspector": terms.person("inspected_by"),
        "serial_numbers": Subquery(
            WITHOUT_LOT.order_by()
            .values("item")
            .annotate(all=StringAgg("serial__raw_number", ", ", order_by="serial__raw_number"))
            .values("all")
        ),
    },
)

#: Goods of the receipt's line that were put away for sale.
STORED = stored(
    document=OuterRef("receipt"), line=OuterRef("line"), to_status=Status.QUALIFIED
).order_by()

#: … so many. Asked for each line by itself: joined, every line meets all moves of its receipt.
STORED_QUANTITY = Subquery(STORED.values("line").annotate(all=Sum("quantity")).values("all"))

record(
    "records.storings",
    ReceiptLine,
    (
        *GOODS,
        UDI,
        Field("入库数量", "quantity put away", ("stored",)),
        Field("入库日期", "inbound date", ("stored_at",)),
    ),
    zh="入库记录",
    en="Inbound record",
    articles="69, 70",
    header="receipt",
    of=("receipt", "receipt__expected"),
    where=DEVICES & Q(IsNull(STORED_QUANTITY, False)),
    made={
        "stored": STORED_QUANTITY,
        "stored_at": Subquery(
            STORED.values("line").annotate(last=Max("happened_at")).values("last")
        ),
    },
)
