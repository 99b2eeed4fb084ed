"""Application identifiers of measures and prices: many, regular, and rarely on a UDI label."""

from typing import Final

from .ai_entries import SIX, Entry, exactly, row, up_to

#: Beside a trade item; beside a trade item or logistic unit; beside any measured quantity.
_SOLD: Final = "01 02"
_LOGISTIC: Final = "00 01"
_MEASURED: Final = "30 31nn 32nn 35nn 36nn"

#: First three digits, title and Chinese title of the trade measures (beside 01 or 02) and of
#: the logistic ones (beside 00 or 01). The fourth digit, 0 to 5, is the decimal point.
_TRADE_MEASURES: Final = (
    ("310", "NET WEIGHT (kg)", "净重（千克）"),
    ("311", "LENGTH (m)", "长度（米）"),
    ("312", "WIDTH (m)", "宽度（米）"),
    ("313", "HEIGHT (m)", "高度（米）"),
    ("314", "AREA (m²)", "面积（平方米）"),
    ("315", "NET VOLUME (l)", "净体积（升）"),
    ("316", "NET VOLUME (m³)", "净体积（立方米）"),
    ("320", "NET WEIGHT (lb)", "净重（磅）"),
    ("321", "LENGTH (in)", ""),
    ("322", "LENGTH (ft)", ""),
    ("323", "LENGTH (yd)", ""),
    ("324", "WIDTH (in)", ""),
    ("325", "WIDTH (ft)", ""),
    ("326", "WIDTH (yd)", ""),
    ("327", "HEIGHT (in)", ""),
    ("328", "HEIGHT (ft)", ""),
    ("329", "HEIGHT (yd)", ""),
    ("350", "AREA (in²)", ""),
    ("351", "AREA (ft²)", ""),
    ("352", "AREA (yd²)", ""),
    ("356", "NET WEIGHT (tr oz)", ""),
    ("357", "NET VOLUME (oz)", ""),
    ("360", "NET VOLUME (qt (US))", ""),
    ("361", "NET VOLUME (gal.)", ""),
    ("364", "NET VOLUME (in³)", ""),
    ("365", "NET VOLUME (ft³)", ""),
    ("366", "NET VOLUME (yd³)", ""),
)
_LOGISTIC_MEASURES: Final = (
    ("330", "GROSS WEIGHT (kg)", "毛重（千克）"),
    ("331", "LENGTH (m), log", "物流长度（米）"),
    ("332", "WIDTH (m), log", "物流宽度（米）"),
    ("333", "HEIGHT (m), log", "物流高度（米）"),
    ("334", "AREA (m²), log", "物流面积（平方米）"),
    ("335", "VOLUME (l), log", "物流体积（升）"),
    ("336", "VOLUME (m³), log", "物流体积（立方米）"),
    ("340", "GROSS WEIGHT (lb)", "毛重（磅）"),
    ("341", "LENGTH (in), log", ""),
    ("342", "LENGTH (ft), log", ""),
    ("343", "LENGTH (yd), log", ""),
    ("344", "WIDTH (in), log", ""),
    ("345", "WIDTH (ft), log", ""),
    ("346", "WIDTH (yd), log", ""),
    ("347", "HEIGHT (in), log", ""),
    ("348", "HEIGHT (ft), log", ""),
    ("349", "HEIGHT (yd), log", ""),
    ("353", "AREA (in²), log", ""),
    ("354", "AREA (ft²), log", ""),
    ("355", "AREA (yd²), log", ""),
    ("362", "VOLUME (qt (US)), log", ""),
    ("363", "VOLUME (gal (US)), log", ""),
    ("367", "VOLUME (in³), log", ""),
    ("368", "VOLUME (ft³), log", ""),
    ("369", "VOLUME (yd³), log", ""),
)


def measures() -> list[Entry]:
    """The identifiers 31nn to 36nn: measures of six digits, the last of the AI their scale."""
    rows = [(measure, _SOLD) for measure in _TRADE_MEASURES]
    rows += [(measure, _LOGISTIC) for measure in _LOGISTIC_MEASURES]
    rows.append((("337", "KG PER m²", ""), "01"))
    entries: list[Entry] = []
    for (family, title, title_zh), beside in rows:
        entries += row(
            f"{family}0-{family}5",
            title,
            title_zh,
            SIX,
            needs=beside,
            excludes=f"{family}n",
            separated=False,
        )
    return entries


def prices() -> list[Entry]:
    """The identifiers 390n to 395n: amounts and prices, the last digit of the AI their scale."""
    currency, amount = exactly("N", 3, "iso4217"), up_to("N", 15)
    per_measure = "01+30 01+31nn 01+32nn 01+35nn 01+36nn"
    return [
        *row(
            "3900-3909", "AMOUNT", "金额", amount, needs="255 8020", excludes="390n 391n 394n 8111"
        ),
        *row(
            "3910-3919", "AMOUNT", "金额（带币种）", currency, amount, needs="8020", excludes="391n"
        ),
        *row("3920-3929", "PRICE", "价格", amount, needs=per_measure, excludes="392n 393n"),
        *row(
            "3930-3939",
            "PRICE",
            "价格（带币种）",
            currency,
            amount,
            needs=_MEASURED,
            excludes="393n",
        ),
        *row("3940-3943", "PRCNT OFF", "", exactly("N", 4), needs="255", excludes="394n 8111"),
        *row("3950-3955", "PRICE/UoM", "", SIX, needs=_MEASURED, excludes="392n 393n 395n 8005"),
        *row("8005", "PRICE PER UNIT", "单价", SIX, needs=_SOLD),
    ]
