"""The GS1 application identifiers: the facts of the GS1 General Specifications as our own table.

A conformance test compares every field with the GS1 syntax dictionary. Titles are GS1's data
titles; Chinese titles are given where healthcare and logistics use them.
"""

from functools import cache
from typing import Final

from .ai_entries import (
    COUNTRY,
    DATE,
    GLN,
    GTIN,
    KEY18,
    PIECE,
    REAL_DATE,
    SIGNED,
    TIME,
    Entry,
    exactly,
    row,
    up_to,
)
from .ai_measures import measures, prices

#: What an attribute of a product may stand beside; space means "or", plus means "and".
_ITEM: Final = "01 02 03 8006 8026"
_OWN: Final = "01 03 8006"
_SOLD: Final = "01 02"
_TRADE: Final = "01 02 03"
_PATIENT_OR_PROVIDER: Final = "8017 8018"


def _identification() -> list[Entry]:
    return [
        *row(
            "00",
            "SSCC",
            "系列货运包装箱代码",
            exactly("N", 18, "csum", "gcppos2"),
            key="",
            separated=False,
        ),
        *row(
            "01",
            "GTIN",
            "全球贸易项目代码",
            GTIN,
            excludes="255 37",
            key="22 10 21 | 235",
            separated=False,
        ),
        *row(
            "02", "CONTENT", "内含贸易项目代码", GTIN, needs="37", excludes="01 03", separated=False
        ),
        *row(
            "03",
            "MTO GTIN",
            "定制贸易项目代码",
            GTIN,
            excludes="01 02 37 235",
            separated=False,
            in_query=False,
        ),
        *row("10", "BATCH/LOT", "批号", up_to("X", 20), needs=_ITEM),
        *row("11", "PROD DATE", "生产日期", DATE, needs=_ITEM, separated=False),
        *row("12", "DUE DATE", "付款截止日期", DATE, needs="8020", separated=False),
        *row("13", "PACK DATE", "包装日期", DATE, needs=_ITEM, separated=False),
        *row("15", "BEST BEFORE or BEST BY", "最佳使用日期", DATE, needs=_ITEM, separated=False),
        *row("16", "SELL BY", "销售截止日期", DATE, needs=_ITEM, separated=False),
        *row(
            "17",
            "USE BY or EXPIRY",
            "失效日期",
            DATE,
            needs="01 02 03 255 8006 8026",
            separated=False,
        ),
        *row("20", "VARIANT", "产品变体", exactly("N", 2), needs=_ITEM, separated=False),
        *row("21", "SERIAL", "序列号", up_to("X", 20), needs=_OWN, excludes="235", in_query=False),
        *row("22", "CPV", "消费品变体", up_to("X", 20), needs="01", in_query=False),
    ]


def _details() -> list[Entry]:
    return [
        *row("235", "TPX", "第三方序列号", up_to("X", 28), needs="01", in_query=False),
        *row("240", "ADDITIONAL ID", "附加产品标识", up_to("X", 30), needs=_ITEM),
        *row("241", "CUST. PART No.", "客户方代码", up_to("X", 30), needs=_ITEM),
        *row("242", "MTO VARIANT", "定制产品变体代码", up_to("N", 6), needs="01 02 8006 8026"),
        *row("243", "PCN", "包装组件代码", up_to("X", 20), needs="01 03"),
        *row("250", "SECONDARY SERIAL", "二级序列号", up_to("X", 30), needs="01+21 03+21 8006+21"),
        *row("251", "REF. TO SOURCE", "源实体参考代码", up_to("X", 30), needs=_OWN),
        *row("253", "GDTI", "全球文件类型代码", GLN, up_to("X", 17).but_optional(), key=""),
        *row(
            "254",
            "GLN EXTENSION COMPONENT",
            "GLN 扩展部分",
            up_to("X", 20),
            needs="414",
            in_query=False,
        ),
        *row(
            "255",
            "GCN",
            "全球优惠券代码",
            GLN,
            up_to("N", 12).but_optional(),
            excludes="01 02 415 8006 8020 8026",
            key="",
        ),
        *row("30", "VAR. COUNT", "变量数量", up_to("N", 8), needs=_SOLD),
        *row("37", "COUNT", "内含数量", up_to("N", 8), needs="00+02 00+8026"),
    ]


def _places() -> list[Entry]:
    more = COUNTRY.but_optional()
    return [
        *row("400", "ORDER NUMBER", "订单号", up_to("X", 30)),
        *row("401", "GINC", "全球托运货物代码", up_to("X", 30, "gcppos1"), key=""),
        *row("402", "GSIN", "全球装运货物代码", exactly("N", 17, "csum", "gcppos1"), key=""),
        *row("403", "ROUTE", "路径代码", up_to("X", 30), needs="00"),
        *row("410", "SHIP TO LOC", "收货方位置码", GLN, separated=False),
        *row("411", "BILL TO", "开票方位置码", GLN, separated=False),
        *row("412", "PURCHASE FROM", "供货方位置码", GLN, separated=False),
        *row("413", "SHIP FOR LOC", "最终收货方位置码", GLN, separated=False),
        *row("414", "LOC No.", "物理位置码", GLN, key="254 | 7040", separated=False),
        *row("415", "PAY TO", "收款方位置码", GLN, needs="8020", key="8020", separated=False),
        *row("416", "PROD/SERV LOC", "生产或服务地点位置码", GLN, separated=False),
        *row("417", "PARTY", "参与方位置码", GLN, key="7040", separated=False),
        *row("420", "SHIP TO POST", "收货方邮编", up_to("X", 20), excludes="421"),
        *row(
            "421",
            "SHIP TO POST",
            "收货方国家（地区）代码和邮编",
            COUNTRY,
            up_to("X", 9),
            excludes="4307",
        ),
        *row("422", "ORIGIN", "原产国（地区）", COUNTRY, needs=_ITEM, excludes="426"),
        *row(
            "423",
            "COUNTRY - INITIAL PROCESS",
            "初始加工国（地区）",
            COUNTRY,
            more,
            more,
            more,
            more,
            needs=_TRADE,
            excludes="426",
        ),
        *row("424", "COUNTRY - PROCESS", "加工国（地区）", COUNTRY, needs=_TRADE, excludes="426"),
        *row(
            "425",
            "COUNTRY - DISASSEMBLY",
            "拆分国（地区）",
            COUNTRY,
            more,
            more,
            more,
            more,
            needs=_TRADE,
            excludes="426",
        ),
        *row("426", "COUNTRY - FULL PROCESS", "全程加工国（地区）", COUNTRY, needs=_TRADE),
        *row(
            "427", "ORIGIN SUBDIVISION", "原产地行政区", up_to("X", 3), needs="01+422 02+422 03+422"
        ),
    ]


def _address(first: int, whom: str, whom_zh: str, tail: list[Entry]) -> list[Entry]:
    """The seven text lines and the country of a transport address."""
    lines = (
        ("COMP", "单位", 35),
        ("NAME", "联系人", 35),
        ("ADD1", "地址一", 70),
        ("ADD2", "地址二", 70),
        ("SUB", "郊区", 70),
        ("LOC", "城市", 70),
        ("REG", "地区", 70),
    )
    entries: list[Entry] = []
    for offset, (line, line_zh, length) in enumerate(lines):
        beside = str(first + 2) if line == "ADD2" else "00"
        entries += row(
            str(first + offset),
            f"{whom} {line}",
            whom_zh + line_zh,
            up_to("X", length, "pcenc"),
            needs=beside,
        )
    country = exactly("X", 2, "iso3166alpha2")
    entries += row(str(first + 7), f"{whom} COUNTRY", whom_zh + "国家（地区）", country, needs="00")
    return entries + tail


def _transport() -> list[Entry]:
    point = exactly("N", 10, "latitude"), exactly("N", 10, "longitude")
    yes_or_no = exactly("N", 1, "yesno")
    return [
        *_address(
            4300,
            "SHIP TO",
            "收货",
            [
                *row("4308", "SHIP TO PHONE", "收货电话", up_to("X", 30), needs="00"),
                *row("4309", "SHIP TO GEO", "收货地理坐标", *point, needs="00"),
            ],
        ),
        *_address(
            4310,
            "RTN TO",
            "退货",
            [
                *row("4318", "RTN TO POST", "退货邮编", up_to("X", 20), needs="00"),
                *row("4319", "RTN TO PHONE", "退货电话", up_to("X", 30), needs="00"),
            ],
        ),
        *row("4320", "SRV DESCRIPTION", "服务说明", up_to("X", 35, "pcenc"), needs="00"),
        *row("4321", "DANGEROUS GOODS", "危险品标志", yes_or_no, needs="00"),
        *row("4322", "AUTH TO LEAVE", "允许无人签收", yes_or_no, needs="00"),
        *row("4323", "SIG REQUIRED", "须签收", yes_or_no, needs="00"),
        *row("4324", "NOT BEF DEL DT", "最早交货时间", DATE, TIME, needs="00"),
        *row("4325", "NOT AFT DEL DT", "最晚交货时间", DATE, TIME, needs="00"),
        *row("4326", "REL DATE", "放行日期", REAL_DATE, needs="00"),
        *row("4330", "MAX TEMP F.", "最高温度（华氏）", *SIGNED, needs="00", excludes="4331"),
        *row("4331", "MAX TEMP C.", "最高温度（摄氏）", *SIGNED, needs="00", excludes="4330"),
        *row("4332", "MIN TEMP F.", "最低温度（华氏）", *SIGNED, needs="00", excludes="4333"),
        *row("4333", "MIN TEMP C.", "最低温度（摄氏）", *SIGNED, needs="00", excludes="4332"),
    ]


def _attributes() -> list[Entry]:
    return [
        *row("7001", "NSN", "", exactly("N", 13), needs="01 02 8006 8026"),
        *row("7002", "MEAT CUT", "", up_to("X", 30), needs=_SOLD),
        *row("7003", "EXPIRY TIME", "失效日期和时间", REAL_DATE, TIME, needs=_TRADE),
        *row("7004", "ACTIVE POTENCY", "有效成分含量", up_to("N", 4), needs="01+10 03+10"),
        *row("7005", "CATCH AREA", "", up_to("X", 12), needs=_SOLD),
        *row("7006", "FIRST FREEZE DATE", "首次冷冻日期", REAL_DATE, needs=_SOLD),
        *row("7007", "HARVEST DATE", "", REAL_DATE, REAL_DATE.but_optional(), needs=_SOLD),
        *row("7008", "AQUATIC SPECIES", "", up_to("X", 3), needs=_SOLD),
        *row("7009", "FISHING GEAR TYPE", "", up_to("X", 10), needs=_SOLD),
        *row("7010", "PROD METHOD", "", up_to("X", 2), needs=_TRADE),
        *row("7011", "TEST BY DATE", "检验截止日期", REAL_DATE, TIME.but_optional(), needs=_TRADE),
    ]


def _conditions() -> list[Entry]:
    importer = (exactly("N", 1), exactly("X", 1), exactly("X", 1), exactly("X", 1, "importeridx"))
    return [
        *row("7020", "REFURB LOT", "翻新批号", up_to("X", 20), needs="01+416 03+416 8006+416"),
        *row("7021", "FUNC STAT", "功能状态", up_to("X", 20), needs=_OWN),
        *row("7022", "REV STAT", "修订状态", up_to("X", 20), needs="01+7021 03+7021 8006+7021"),
        *row("7023", "GIAI - ASSEMBLY", "组装件资产代码", up_to("X", 30, "gcppos1")),
        *(
            entry
            for number in range(10)
            for entry in row(
                f"703{number}",
                f"PROCESSOR # {number}",
                "",
                exactly("N", 3, "iso3166999"),
                up_to("X", 27),
                needs=_SOLD,
            )
        ),
        *row("7040", "UIC+EXT", "", *importer, in_query=False),
        *row(
            "7041",
            "UFRGT UNIT TYPE",
            "货运单元类型",
            up_to("X", 4, "packagetype"),
            needs="00",
            in_query=False,
        ),
        *(
            entry
            for number, name in enumerate(("PZN", "CIP", "CN", "DRN", "AIM", "NDC", "AIC", "SRN"))
            for entry in row(
                f"71{number}",
                f"NHRN {name}",
                f"国家医疗报销代码 {name}",
                up_to("X", 20),
                needs="01",
            )
        ),
        *(
            entry
            for number in range(10)
            for entry in row(
                f"723{number}",
                f"CERT # {number + 1}",
                f"认证编号 {number + 1}",
                exactly("X", 2),
                up_to("X", 28),
                needs="01 8004",
            )
        ),
        *row("7240", "PROTOCOL", "试验方案编号", up_to("X", 20), needs="01 8006", excludes="03"),
    ]


def _people() -> list[Entry]:
    born = exactly("N", 8, "yyyymmdd")
    name = up_to("X", 40, "pcenc")
    both, patient = _PATIENT_OR_PROVIDER, "8018"
    return [
        *row("7241", "AIDC MEDIA TYPE", "载体类型", exactly("N", 2, "mediatype"), needs=both),
        *row("7242", "VCN", "版本控制号", up_to("X", 25), needs=both),
        *row("7250", "DOB", "出生日期", born, needs=patient, excludes="7251"),
        *row("7251", "DOB TIME", "出生日期和时间", born, TIME, needs=patient, excludes="7250"),
        *row("7252", "BIO SEX", "生理性别", exactly("N", 1, "iso5218"), needs=patient),
        *row("7253", "FAMILY NAME", "姓", name, needs=both, excludes="7256 7259"),
        *row("7254", "GIVEN NAME", "名", name, needs=both, excludes="7256 7259"),
        *row("7255", "SUFFIX", "姓名后缀", up_to("X", 10), needs=both, excludes="7256 7259"),
        *row("7256", "FULL NAME", "全名", up_to("X", 90, "pcenc"), needs=both),
        *row("7257", "PERSON ADDR", "个人地址", up_to("X", 70, "pcenc"), needs=patient),
        *row(
            "7258",
            "BIRTH SEQUENCE",
            "出生顺序",
            exactly("X", 3, "posinseqslash"),
            needs="8018+7259",
        ),
        *row("7259", "BABY", "新生儿姓", name, needs=patient, excludes="7256"),
    ]


def _assets() -> list[Entry]:
    size = [exactly("N", length, "nonzero") for length in (4, 5, 3)]
    clock = [exactly("N", 2, "mi").but_optional(), exactly("N", 2, "ss").but_optional()]
    return [
        *row(
            "8001", "DIMENSIONS", "", *size, exactly("N", 1, "winding"), exactly("N", 1), needs="01"
        ),
        *row("8002", "CMT No.", "", up_to("X", 20)),
        *row(
            "8003",
            "GRAI",
            "全球可回收资产代码",
            exactly("N", 1, "zero"),
            GLN,
            up_to("X", 16).but_optional(),
            key="",
        ),
        *row("8004", "GIAI", "全球单个资产代码", up_to("X", 30, "gcppos1"), key="7040"),
        *row("8006", "ITIP", "贸易项目组件代码", GTIN, PIECE, excludes="01 03 37", key="22 10 21"),
        *row("8007", "IBAN", "国际银行账号", up_to("X", 34, "iban"), needs="415"),
        *row(
            "8008",
            "PROD TIME",
            "生产日期和时间",
            REAL_DATE,
            exactly("N", 2, "hh"),
            *clock,
            needs=_TRADE,
        ),
        *row("8009", "OPTSEN", "光学传感器", up_to("X", 50), needs="00 01 03"),
    ]


def _models() -> list[Entry]:
    pair = ("csumalpha", "gcppos1")
    return [
        *row("8010", "CPID", "部件代码", up_to("Y", 30, "gcppos1"), key="8011"),
        *row(
            "8011",
            "CPID SERIAL",
            "部件序列号",
            up_to("N", 12, "nozeroprefix"),
            needs="8010",
            in_query=False,
        ),
        *row("8012", "VERSION", "软件版本", up_to("X", 20), needs=_OWN),
        *row("8013", "GMN", "全球型号代码", up_to("X", 25, *pair), key=""),
        *row(
            "8014",
            "MUDI",
            "主 UDI-DI",
            up_to("X", 25, *pair, "hasnondigit"),
            needs="01",
            in_query=False,
        ),
    ]


def _services() -> list[Entry]:
    signed_keys = "00 01+21 03+21 253 255 8003 8004 8006+21 8010+8011 8017 8018"
    return [
        *row("8017", "GSRN - PROVIDER", "服务提供方代码", KEY18, excludes="8018", key="8019"),
        *row("8018", "GSRN - RECIPIENT", "服务接受方代码", KEY18, excludes="8017", key="8019"),
        *row(
            "8019",
            "SRIN",
            "服务关系事项代码",
            up_to("N", 10),
            needs=_PATIENT_OR_PROVIDER,
            in_query=False,
        ),
        *row("8020", "REF No.", "付款单代码", up_to("X", 25), needs="415", in_query=False),
        *row(
            "8026",
            "ITIP CONTENT",
            "内含贸易项目组件代码",
            GTIN,
            PIECE,
            needs="37",
            excludes="02 03 8006",
        ),
        *row("8030", "DIGSIG", "数字签名", up_to("Z", 90), needs=signed_keys),
        *row("8040", "IMEI", "", exactly("N", 15), needs="01+21", in_query=False),
        *row("8041", "IMEI2", "", exactly("N", 15), needs="01+21+8040", in_query=False),
        *row("8042", "ESIM", "", exactly("N", 32), needs="01+21+8040", in_query=False),
        *row(
            "8043",
            "PSIM",
            "",
            exactly("N", 18),
            up_to("N", 2).but_optional(),
            needs="01+21+8040",
            in_query=False,
        ),
        *row("8110", "", "", up_to("X", 70, "couponcode")),
        *row("8111", "POINTS", "", exactly("N", 4), needs="255"),
        *row("8112", "", "", up_to("X", 70, "couponposoffer")),
        *row("8200", "PRODUCT URL", "", up_to("X", 70), needs="01", in_query=False),
        *row("90", "INTERNAL", "企业内部信息", up_to("X", 30)),
        *row("91-99", "INTERNAL", "企业内部信息", up_to("X", 90)),
    ]


#: Application identifier → entry, 541 of them.
AI_TABLE: Final[dict[str, Entry]] = {
    entry.ai: entry
    for part in (
        _identification,
        _details,
        measures,
        prices,
        _places,
        _transport,
        _attributes,
        _conditions,
        _people,
        _assets,
        _models,
        _services,
    )
    for entry in part()
}

#: First two digits → length of the application identifier; GS1 allots them so.
AI_LENGTH: Final[dict[str, int]] = {ai[:2]: len(ai) for ai in AI_TABLE}


@cache
def family(pattern: str) -> frozenset[str]:
    """The application identifiers that "17", "310n" or "31nn" stands for."""
    stem = pattern.rstrip("n")
    if stem == pattern:
        return frozenset({pattern})
    return frozenset(ai for ai in AI_TABLE if len(ai) == len(pattern) and ai.startswith(stem))
