"""What an MA code says.

Source: the issuer's coding manual as the reference of the field tells it: units between full
stops, the first five are the UDI-DI, each of the others begins with the letter of its kind. The
check characters follow a rule that is not public, so they are kept and not checked.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from html import unescape
from typing import Any, Final

from traceward.kernel.base.gs1 import CodeDate, CodeProblem, read_date
from traceward.kernel.base.gs1.elements import check_scan

_DI: Final = re.compile(r"MA\.[0-9]{3}\.M0\.[A-Z0-9]{6}\.[A-Z0-9]{8}")
_DI_UNITS: Final = 5
#: A unit: its letter and its value.
_UNIT: Final = re.compile(r"([A-Z])([^.]{1,40})")
_IN_ADDRESS: Final = "=MA."
_XML_HEAD: Final = re.compile(
    r"(?:<\?xml[^<>]{0,100}\?> *)?<UDI +IAC *= *[\"']MA[\"'] *>(.*)</UDI>"
)
_XML_PART: Final = re.compile(r" *<(DI|SN|MFG|LOT|EXP|VAL)(?: */>|>([^<>]*)</\1>) *")

#: Letter of a unit → field. P stands for the production date in some codes, M in most.
_FIELDS: Final = {
    "S": "serial",
    "L": "lot",
    "M": "produced",
    "P": "produced",
    "E": "expires",
    "V": "valid_until",
    "D": "sterilisation_lot",
}
_XML_FIELDS: Final = {"SN": "S", "LOT": "L", "MFG": "M", "EXP": "E", "VAL": "V"}
DATES: Final = frozenset({"produced", "expires", "valid_until"})


@dataclass(frozen=True, slots=True)
class MaCode:
    """What the code says. `expires` is 失效日期, `valid_until` 有效期; `others` as they stand."""

    di: str
    lot: str = ""
    serial: str = ""
    produced: CodeDate | None = None
    expires: CodeDate | None = None
    valid_until: CodeDate | None = None
    sterilisation_lot: str = ""
    #: Units of other kinds, among them the check (C): letter and value.
    others: tuple[tuple[str, str], ...] = field(default=())

    @property
    def level(self) -> str:
        """The packaging level: the first character of the product code."""
        return self.di.rpartition(".")[2][0]

    @property
    def last_day(self) -> CodeDate | None:
        """The day until which it may be used: the earlier one where the code says both."""
        said = [day for day in (self.valid_until, self.expires) if day is not None]
        return min(said, key=lambda day: day.on, default=None)


def is_ma(text: str) -> bool:
    """Whether the text, its symbology identifier taken off, is meant as an MA code."""
    start = text[:5].lower()
    is_address = start in ("http:", "https") and _IN_ADDRESS in text
    return is_address or text.startswith(("MA.", "<"))


def check_di(di: str) -> str:
    """The UDI-DI as it is stored; refused where it is none."""
    text = di.strip()
    if not _DI.fullmatch(text):
        raise CodeProblem("ma_di", found=text)
    return text


def parse_ma(raw: str, today: date) -> MaCode:
    """What one code says in any of its three forms; ``today`` decides the century of dates."""
    text = check_scan(_on_one_line(raw))
    if text.startswith("<"):
        return _of_xml(text, today)
    if not text.startswith("MA."):
        text = _of_address(text)
    units = text.split(".")
    di, rest = ".".join(units[:_DI_UNITS]), units[_DI_UNITS:]
    return _with_units(MaCode(check_di(di)), rest, today)


def _on_one_line(raw: str) -> str:
    """XML may stand on several lines; anything else may not."""
    if raw.lstrip().startswith("<"):
        return re.sub(r"[\t\r\n]", " ", raw)
    return raw


def _of_address(text: str) -> str:
    """What follows the = up to the next parameter."""
    if text.count(_IN_ADDRESS) != 1:
        raise CodeProblem("ma_address")
    units = text.partition(_IN_ADDRESS)[2]
    return "MA." + re.split("[&#]", units, maxsplit=1)[0]


def _of_xml(text: str, today: date) -> MaCode:
    """The elements of the XML form; read by its fixed form, so that no entity is ever fetched."""
    head = _XML_HEAD.fullmatch(text)
    if head is None:
        raise CodeProblem("ma_xml", found=text)
    di, units, at = "", [], 0
    inside = head[1]
    while at < len(inside):
        part = _XML_PART.match(inside, at)
        if part is None:
            raise CodeProblem("ma_xml", found=inside[at:])
        at = part.end()
        value = unescape(part[2] or "").strip()
        if part[1] == "DI":
            if di:
                raise CodeProblem("part_repeated", part="DI", found=value, expected=di)
            di = value
        elif value:
            units.append(_XML_FIELDS[part[1]] + value)
    return _with_units(MaCode(check_di(di)), units, today)


def _with_units(code: MaCode, units: list[str], today: date) -> MaCode:
    for unit in units:
        found = _UNIT.fullmatch(unit)
        if found is None or not found[2].isascii() or not found[2].isprintable():
            raise CodeProblem("ma_unit", found=unit)
        letter, text = found.groups()
        name = _FIELDS.get(letter)
        if name is None:
            code = replace(code, others=(*code.others, (letter, text)))
            continue
        value: Any = _date(letter, text, today) if name in DATES else text
        known = getattr(code, name)
        if known and _plain(known) != _plain(value):
            said, before = str(_plain(value)), str(_plain(known))
            raise CodeProblem("part_repeated", part=letter, found=said, expected=before)
        code = replace(code, **{name: value})
    return code


def _plain(value: Any) -> Any:
    return value.on if isinstance(value, CodeDate) else value


def _date(letter: str, digits: str, today: date) -> CodeDate:
    """YYMMDD or YYYYMMDD; day 00 is the month's last day, as in the other systems."""
    short = digits[2:] if len(digits) == 8 else digits
    problem = CodeProblem("no_such_date", found=f"{letter}{digits}", expected="YYMMDD")
    if len(short) != 6 or not digits.isdigit():
        raise problem
    # A date of eight digits says its own century: read as if in that year.
    then = today if len(digits) == 6 else _in_year(int(digits[:4]), problem)
    try:
        found = read_date(short, then)
    except CodeProblem:
        raise problem from None
    return replace(found, raw=digits)


def _in_year(year: int, problem: CodeProblem) -> date:
    if not 1 <= year <= 9999:
        raise problem
    return date(year, 1, 1)
