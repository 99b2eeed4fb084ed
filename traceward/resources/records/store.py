"""在库检查 and 盘点: the records of goods that stand."""

from django.db.models import F, Q

from traceward.domain.quality.models import StockCheckLine
from traceward.domain.warehousing.models import StockCountLine
from traceward.resources.records import terms
from traceward.resources.records.declaring import Field, When, record
from traceward.resources.records.terms import DEVICES, QUANTITY

CLIMATE = When(
    "有温湿度要求的库区",
    "places that keep a temperature",
    "74",
    Q(check_of__place__temperature_c_min__isnull=False),
)
DOUBTFUL = When(
    "有质量疑问的",
    "goods of doubtful quality",
    "74",
    Q(is_appearance_good=False) | Q(is_packaging_good=False),
)
DIFFERENT = When("有差异的", "where the books differed", "77", ~Q(booked=F("counted")))

record(
    "records.stock_checks",
    StockCheckLine,
    (
        Field("库位", "place", ("place_code=check_of.place.code",)),
        Field("检查日期", "date", ("checked_at=check_of.checked_at",)),
        Field("检查人员", "checked by", ("checked_by",)),
        Field("贮存与作业流程", "storage and work flow", ("is_flow_right=check_of.is_flow_right",)),
        Field("贮存条件与防护", "conditions, protection", ("is_protected=check_of.is_protected",)),
        Field("卫生环境", "hygiene", ("is_clean=check_of.is_clean",)),
        Field(
            "温湿度监测与冷库报警",
            "monitors and alarms",
            ("is_monitoring_right=check_of.is_monitoring_right",),
        ),
        Field("温度", "temperature", ("temperature_c=check_of.temperature_c",), CLIMATE),
        Field("湿度", "humidity", ("humidity_percent=check_of.humidity_percent",), CLIMATE),
        terms.NAME,
        terms.MODEL,
        terms.LOT,
        QUANTITY,
        Field("外观", "appearance", ("is_appearance_good",)),
        Field("包装", "packaging", ("is_packaging_good",)),
        Field("有效期", "expiry", ("is_expiry_good",)),
        Field("质量疑问", "doubt", ("note",), DOUBTFUL),
        Field("停止出库", "block", ("block_uid=block.uid",), DOUBTFUL),
    ),
    zh="在库检查记录",
    en="In-stock check record",
    articles="73, 74",
    header="check_of",
    of=("check_of",),
    where=DEVICES,
    made={"checked_by": terms.person("check_of__created_by")},
    asked=("checked_by",),
)

record(
    "records.counts",
    StockCountLine,
    (
        Field("库位", "place", ("place_code=count.place.code",)),
        Field("盘点日期", "date", ("counted_at=count.counted_at",)),
        Field("盘点人员", "counted by", ("counted_by",)),
        terms.NAME,
        terms.MODEL,
        terms.LOT,
        terms.EXPIRY,
        Field("账面数量", "quantity by the books", ("booked",)),
        Field("实盘数量", "quantity counted", ("counted",)),
        Field("差异原因", "why it differed", ("explanation=count.explanation",), DIFFERENT),
    ),
    zh="盘点记录",
    en="Stock count record",
    articles="77",
    header="count",
    of=("count",),
    where=DEVICES,
    made={"counted_by": terms.person("count__created_by")},
    asked=("counted_by",),
)
