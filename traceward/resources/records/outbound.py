"""销售、出库复核、随货同行单、运输: the records of goods on their way out."""

from collections import defaultdict

from babel.numbers import get_currency_precision, list_currencies
from django.db.models import Case, DecimalField, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models import When as Where
from django.db.models.functions import Round

from traceward.domain.sales.models import (
    ConsignmentSale,
    SalesOrderLine,
    TransferPoint,
    UsageState,
)
from traceward.domain.warehousing.models import PickLine, ShipmentLine, ShipmentState
from traceward.domain.warehousing.queries import HANDED_OVER
from traceward.resources.kit import by_site
from traceward.resources.records import terms
from traceward.resources.records.declaring import Field, When, record
from traceward.resources.records.terms import CONDITIONED, DEVICES, GOODS, QUANTITY, UDI, UNIT

MONEY = DecimalField(max_digits=18, decimal_places=4)
ORDERED = SalesOrderLine.objects.filter(pk=OuterRef("demand_line"))


def rounded() -> Case:
    """Quantity times price, rounded half up to the minor unit of the order's currency."""
    digits = defaultdict(list)
    for code in sorted(list_currencies()):
        digits[get_currency_precision(code)].append(code)
    of_order = "shipment__demand__salesorder__currency__in"
    product = ExpressionWrapper(F("quantity") * F("unit_price"), output_field=MONEY)
    return Case(
        *[Where(**{of_order: codes}, then=Round(product, n)) for n, codes in digits.items()],
        output_field=MONEY,
    )


BUYER = (
    Field("购货者名称", "buyer", ("buyer=shipment.demand.salesorder.customer_name",)),
    Field("购货者许可证号／备案编号", "buyer's licence or filing number", ("customer_licence",)),
    Field(
        "收货地址",
        "delivery address",
        ("delivery_address=shipment.demand.salesorder.delivery_address",),
    ),
    Field(
        "购货者联系方式",
        "buyer's contact",
        ("buyer_phone=shipment.demand.salesorder.customer_phone",),
    ),
)
SENT = ~Q(shipment__state=ShipmentState.CANCELLED.value)

record(
    "records.sales",
    ShipmentLine,
    (
        *GOODS,
        QUANTITY,
        Field("单价", "unit price", ("unit_price",)),
        Field("金额", "amount", ("amount",)),
        Field("销售日期", "sale date", ("sold_on=shipment.demand.salesorder.ordered_on",)),
        *BUYER,
    ),
    zh="销售记录",
    en="Sales record",
    articles="84",
    header="shipment",
    of=("shipment", "shipment__demand"),
    where=DEVICES
    & SENT
    & Q(shipment__demand__salesorder__transfer_point=TransferPoint.DELIVERY.value),
    made={
        "unit_price": Subquery(ORDERED.values("unit_price")),
        "customer_licence": Subquery(ORDERED.values("customer_licence")),
        "amount": rounded(),
    },
)

ORDER = "order_line.line.document.salesorder."

record(
    "records.used_sales",
    ConsignmentSale,
    (
        *terms.device("order_line.", "usage_line."),
        *terms.identity("order_line.", "usage_line."),
        QUANTITY,
        Field("单价", "unit price", ("unit_price",)),
        Field("金额", "amount", ("amount",)),
        Field("销售日期", "sale date", ("sold_on",)),
        Field("购货者名称", "buyer", (f"buyer={ORDER}customer_name",)),
        Field(
            "购货者许可证号／备案编号",
            "buyer's licence or filing number",
            ("customer_licence=order_line.customer_licence",),
        ),
        Field("收货地址", "delivery address", (f"delivery_address={ORDER}delivery_address",)),
        Field("购货者联系方式", "buyer's contact", (f"buyer_phone={ORDER}customer_phone",)),
    ),
    zh="销售记录（选配、寄售，使用后）",
    en="Sales record of what was used",
    articles="84, 89, 90",
    header="usage_line.line.document",
    of=("usage_line__line__document", "order_line__line__document"),
    where=terms.devices("usage_line__")
    & ~Q(usage_line__line__document__state=UsageState.CANCELLED.value),
    scope=by_site("usage_line__line__document__"),
    facts="order_line__",
    goods="usage_line__",
)

record(
    "records.outbound_checks",
    PickLine,
    (
        *GOODS,
        UDI,
        UNIT,
        Field("数量", "quantity", ("picked",)),
        Field("购货者", "buyer", ("buyer=pick.consignee_name",)),
        Field("出库日期", "outbound date", ("checked_at=pick.checked_at",)),
        Field("复核人员", "checked by", ("checked_by",)),
    ),
    zh="出库复核记录",
    en="Outbound check record",
    articles="87, 88",
    header="pick",
    of=("pick", "pick__demand"),
    where=DEVICES & Q(pick__checked_at__isnull=False, picked__gt=0),
    made={"checked_by": terms.person("pick__checked_by")},
    asked=("checked_by",),
)

ENTRUSTED = When("委托运输的", "where a carrier is entrusted", "91", Q(shipment__vehicle_plate=""))

record(
    "records.delivery_notes",
    ShipmentLine,
    (
        Field("供货者", "supplier", ("shipper_name=shipment.shipper_name",)),
        *GOODS,
        QUANTITY,
        terms.STORAGE,
        Field(
            "运输条件",
            "transport conditions",
            ("transport_conditions=shipment.transport_conditions",),
            CONDITIONED,
        ),
        Field("受托企业名称", "entrusted firm", ("carrier_name=shipment.carrier_name",), ENTRUSTED),
        Field("收货单位名称", "consignee", ("consignee_name=shipment.consignee_name",)),
        Field(
            "收货单位地址", "consignee's address", ("consignee_address=shipment.consignee_address",)
        ),
        Field("联系方式", "consignee's contact", ("consignee_phone=shipment.consignee_phone",)),
        Field("发货日期", "dispatch date", ("dispatched_at=shipment.dispatched_at",)),
    ),
    zh="随货同行单",
    en="Delivery note",
    articles="91, 92",
    header="shipment",
    of=("shipment", "shipment__demand"),
    where=DEVICES & SENT & Q(shipment__deliver_to__kind__in=sorted(HANDED_OVER)),
)

CARRIED = When("委托运输的", "by a carrier", "96", Q(shipment__vehicle_plate=""))
DRIVEN = When("自行运输的", "by our own vehicle", "96", ~Q(shipment__vehicle_plate=""))

record(
    "records.transports",
    ShipmentLine,
    (
        Field("收货单位名称", "consignee", ("consignee_name=shipment.consignee_name",)),
        Field(
            "收货单位地址", "consignee's address", ("consignee_address=shipment.consignee_address",)
        ),
        Field("联系方式", "consignee's contact", ("consignee_phone=shipment.consignee_phone",)),
        Field("运输方式", "transport mode", ("transport_mode=shipment.transport_mode",)),
        terms.NAME,
        terms.MODEL,
        terms.REGISTRATION,
        terms.LOT,
        UNIT,
        QUANTITY,
        Field("发货日期", "dispatch date", ("dispatched_at=shipment.dispatched_at",)),
        Field("承运企业名称", "carrier", ("carrier_name=shipment.carrier_name",), CARRIED),
        Field("运单号", "waybill number", ("waybill=shipment.waybill",), CARRIED),
        Field("车牌号", "vehicle plate", ("vehicle_plate=shipment.vehicle_plate",), DRIVEN),
        Field("运输人员", "driver", ("driver",), DRIVEN),
        Field(
            "启运温度", "departure temperature", ("departure_c=shipment.departure_c",), terms.COLD
        ),
    ),
    zh="运输记录",
    en="Transport record",
    articles="96, 97",
    header="shipment",
    of=("shipment", "shipment__demand"),
    where=DEVICES & SENT,
    made={"driver": terms.person("shipment__driver")},
    asked=("driver",),
)
