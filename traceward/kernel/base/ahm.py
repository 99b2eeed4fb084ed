"""AHM codes (阿里健康) of devices, as far as their form is known.

MF and the product identifier, then parts that begin with two letters, each after an asterisk.
Our sources disagree on the letters of the lot, BA or BN: both are read. None are written.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from traceward.kernel.base.gs1 import CodeDate, CodeProblem, read_date
from traceward.kernel.base.gs1.elements import check_scan

_DI: Final = re.compile(r"MF[A-Z0-9]{1,13}")
_PART: Final = re.compile(r"([A-Z]{2})([^*]{1,40})")
_FIELDS: Final = {
    "BA": "lot",
    "BN": "lot",
    "SN": "serial",
    "MD": "produced",
    "BD": "best_before",
    "ED": "expires",
    "PL": "level",
}
_DATES: Final = frozenset({"produced", "best_before", "expires"})

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "ahm_di": (
        "{found} is no AHM product identifier: MF and 1 to 13 capital letters and digits. "
        "Scan again; if it stays, the label is wrong.",
        "{found} 不是 AHM 产品标识：应为 MF 加 1 至 13 位大写字母或数字。"
        "请重新扫码；若仍如此，则标签有误。",
    ),
    "ahm_part": (
        "“{found}” is no part of an AHM code: {expected}, each with its value. Scan again; "
        "if it stays, the label is wrong.",
        "“{found}”不是 AHM 码的有效部分：应为 {expected} 之一加内容。"
        "请重新扫码；若仍如此，则标签有误。",
    ),
}


@dataclass(frozen=True, slots=True)
class AhmCode:
    """What the code says."""

    di: str
    lot: str = ""
    serial: str = ""
    produced: CodeDate | None = None
    expires: CodeDate | None = None
    best_before: CodeDate | None = None
    level: str = ""


def is_ahm(text: str) -> bool:
    """Whether the text, its symbology identifier taken off, is an AHM code."""
    return _DI.fullmatch(text.partition("*")[0]) is not None


def check_di(di: str) -> str:
    """The UDI-DI as it is stored; refused where it is none."""
    text = di.strip()
    if not _DI.fullmatch(text):
        raise CodeProblem("ahm_di", found=text)
    return text


def parse_ahm(raw: str, today: date) -> AhmCode:
    """What one code says; ``today`` decides the century of its dates."""
    di, *parts = check_scan(raw).split("*")
    code = AhmCode(check_di(di))
    for part in parts:
        found = _PART.fullmatch(part)
        name = _FIELDS.get(found[1]) if found else None
        if found is None or name is None or not part.isprintable():
            raise CodeProblem("ahm_part", found=part, expected=" ".join(_FIELDS))
        value: Any = _date(part, found[2], today) if name in _DATES else found[2]
        known = getattr(code, name)
        if known and known != value:
            raise CodeProblem("part_repeated", part=found[1], found=str(value), expected=str(known))
        code = replace(code, **{name: value})
    return code


def _date(part: str, digits: str, today: date) -> CodeDate:
    problem = CodeProblem("no_such_date", found=part, expected="YYMMDD")
    if len(digits) != 6 or not digits.isdigit():
        raise problem
    try:
        return read_date(digits, today)
    except CodeProblem:
        raise problem from None
