"""The fields that many records ask for, and when one of them does not apply.

The words are those of GSP 2023 (国家药监局公告 2023 年第 153 号).
"""

from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf

from traceward.domain.catalog.models import Agency, PackagingLevel
from traceward.domain.warehousing.rules import COLD_BELOW_C
from traceward.resources.records.declaring import Field, When

COLD = When("冷链", "cold chain", "63", Q(item__storage_c_max__lte=COLD_BELOW_C))


def named(path: str, *last: str) -> Coalesce:
    """The Chinese name of whom the path leads to, or else the English one, or else these fields."""
    names = [NullIf(F(f"{path}__{name}"), Value("")) for name in ("name_zh", "name_en", *last)]
    return Coalesce(*names, output_field=CharField())


def person(path: str) -> Coalesce:
    """The name of a person, or the login of one who has none."""
    return named(path, "login")


def devices(goods: str = "") -> Q:
    """GSP is about devices (art. 2): raw material and packaging are none, nor is what quality
    declared so. What is said to be no device and is not declared has gaps here.
    """
    item = f"{goods}item__"
    undeclared = {f"{item}material_category": "non_device", f"{item}non_device_reason": ""}
    return Q(**{f"{item}product__isnull": False}) | Q(**undeclared)


def device(facts: str = "", goods: str = "") -> tuple[Field, ...]:
    """名称、型号、规格、注册证编号、注册人、受托生产企业、生产许可证号, as kept on that day.

    `facts` and `goods` are the paths to the row that keeps them, and to the one with the item.
    """

    def kept(zh: str, en: str, *names: str, when: When | None = None) -> Field:
        return Field(zh, en, tuple(f"{name}={facts}{name}" for name in names), when)

    at, of = facts.replace(".", "__"), goods.replace(".", "__")
    contracted = When(
        "委托生产的",
        "made for the registrant by another firm",
        "65, 70, 84, 88, 91, 106",
        ~Q(**{f"{at}maker_name": F(f"{at}registrant_name")}),
    )
    made_here = When(
        "境内生产的（进口产品无生产许可证）",
        "made in China (what is imported has no production licence)",
        "65, 70, 84, 88, 91, 106",
        Q(**{f"{of}item__maker__country": "CN"}),
    )
    return (
        kept("名称", "name", "device_name"),
        kept("型号、规格", "model or specification", "model", "specification"),
        kept("注册证编号／备案编号", "registration or filing number", "registration_number"),
        kept("注册人／备案人", "registrant or filer", "registrant_name"),
        kept("受托生产企业", "contract manufacturer", "contract_maker_name", when=contracted),
        kept(
            "生产许可证号／备案编号",
            "production licence or filing number",
            "production_licence",
            when=made_here,
        ),
    )


def identity(facts: str = "", goods: str = "") -> tuple[Field, Field]:
    """生产批号或者序列号, 使用期限或者失效日期."""
    lot = (f"lot_number={goods}lot.raw_number", f"serial_number={goods}serial.raw_number")
    expiry = (f"expires_on={goods}lot.expires_on", f"service_life={facts}service_life")
    return (
        Field("生产批号／序列号", "lot or serial number", lot),
        Field("使用期限／失效日期", "expiry or service life", expiry),
    )


DEVICES = devices()
DEVICE = NAME, MODEL, REGISTRATION, REGISTRANT, CONTRACT_MAKER, LICENCE = device()
LOT, EXPIRY = identity()
#: What is traded, and what tells it apart.
GOODS = (*DEVICE, LOT, EXPIRY)

WITH_UDI = When(
    "有唯一标识的",
    "devices that have a UDI",
    "65, 70, 88, 106",
    Q(
        Exists(
            PackagingLevel.objects.filter(item=OuterRef("item_id")).exclude(agency=Agency.OWN.value)
        )
    ),
)
CONDITIONED = When(
    "标签有贮存条件要求的",
    "where the label asks for conditions",
    "91, 106",
    Q(item__storage_c_min__isnull=False)
    | Q(item__storage_c_max__isnull=False)
    | ~Q(item__storage_note=""),
)
UDI = Field("医疗器械唯一标识", "UDI", ("udi_di",), WITH_UDI)
UNIT = Field("单位", "unit", ("unit",))
QUANTITY = Field("数量", "quantity", ("quantity",))
STORAGE = Field("贮存条件", "storage conditions", ("storage_conditions",), CONDITIONED)
