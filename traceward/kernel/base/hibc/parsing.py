"""What the HIBC barcodes of one label say.

Source: ANSI/HIBC 2.6, Health Industry Bar Code Supplier Labeling Standard. The older quantity form
($$8, $$9) and the form without $ are read too, since goods live longer than standards.
"""

import re
from calendar import isleap, monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any, Final

from traceward.kernel.base.gs1 import CodeDate, CodeProblem, full_year
from traceward.kernel.base.gs1.elements import check_scan

from .characters import check_character, without_check

_PRIMARY: Final = re.compile(r"([A-Z][A-Z0-9]{3})([A-Z0-9]{1,18})([0-9])")
_LABELER: Final = re.compile(r"[A-Z][A-Z0-9]{3}")
_OLD_SECONDARY: Final = re.compile(r"([0-9]{5})([A-Z0-9.\-]{0,18})")
#: Lot and serial numbers; the standard has letters and digits, labels have - and . too.
VALUE: Final = re.compile(r"[A-Z0-9.\-]{1,18}")
QUANTITY: Final = re.compile(r"[0-9]{1,9}")
_LONG_DATE: Final = re.compile(r"(14D|16D)([0-9]{8})")

#: Flag of a date → its form; without a flag it is a month.
FORMS: Final = {"2": "MMDDYY", "3": "YYMMDD", "4": "YYMMDDHH", "5": "YYJJJ", "6": "YYJJJHH"}
_MONTH: Final = "MMYY"
#: Flag of a quantity in the old form → its digits.
_COUNTED: Final = {"8": 2, "9": 5}


@dataclass(frozen=True, slots=True)
class Hibc:
    """What a label says. `unit_of_measure` 0 is the unit of use, 1 to 8 packs, 9 variable."""

    labeler: str
    product: str
    unit_of_measure: int
    lot: str = ""
    serial: str = ""
    expires: CodeDate | None = None
    produced: CodeDate | None = None
    quantity: int | None = None

    @property
    def di(self) -> str:
        """The UDI-DI: labeler, product and unit of measure."""
        return f"{self.labeler}{self.product}{self.unit_of_measure}"


def is_hibc(text: str) -> bool:
    """Whether the text, its symbology identifier taken off, is meant as HIBC."""
    return text.startswith(("+", "*+"))


def check_di(di: str) -> str:
    """The UDI-DI as it is stored; refused where it is none.

    A + before it is taken off, and a check character after it, with which registers often have it.
    """
    text = di.strip().removeprefix("+")
    if not _PRIMARY.fullmatch(text) and text[-1:] == check_character("+" + text[:-1]):
        text = text[:-1]
    return _primary(text).di


def parse_hibc(raws: Iterable[str], today: date) -> Hibc:
    """What one symbol, or the first and second symbol of a label, say together, in any order.

    ``today`` decides the century of two-digit years. A space at the end may be the check
    character, so scans are not to be trimmed.
    """
    primary: tuple[Hibc, str] | None = None
    seconds = []
    sections: list[str] = []
    for raw in raws:
        code = _bare(raw)
        if len(code) > 1 and code[1] in "$0123456789" and not _is_odd_labeler(code):
            seconds.append(code)
            continue
        body = without_check(code)
        first, *rest = body[1:].split("/")
        found = _primary(first)
        if primary is not None and primary[0].di != found.di:
            raise CodeProblem("part_repeated", part="+", found=found.di, expected=primary[0].di)
        primary = (found, code[-1])
        sections += rest
    for code in seconds:
        sections += _of_second(code, primary)
    assert primary is not None or not seconds
    if primary is None:
        raise CodeProblem("empty_scan")
    return _with_sections(primary[0], sections, today)


def _bare(raw: str) -> str:
    """The code without the asterisks that stand around it where people read it."""
    text = check_scan(raw, blanks="\t\r\n").lstrip(" ")
    if text.startswith("*"):
        text = text.rstrip(" ").removeprefix("*").removesuffix("*")
    if not text.startswith("+"):
        raise CodeProblem("hibc_labeler", found=text)
    return text


def _is_odd_labeler(code: str) -> bool:
    """Whether digits follow the + that are not those of a date: a labeler written wrongly."""
    return code[1].isdigit() and not code[1:6].isdigit()


def _primary(text: str) -> Hibc:
    found = _PRIMARY.fullmatch(text)
    if found is None:
        is_labeler = _LABELER.match(text) is not None
        raise CodeProblem("hibc_primary" if is_labeler else "hibc_labeler", found=text)
    labeler, product, unit = found.groups()
    return Hibc(labeler, product, int(unit))


def _of_second(code: str, primary: tuple[Hibc, str] | None) -> list[str]:
    """The sections of a second symbol, which ends with the first one's check character."""
    body = without_check(code)
    if primary is None:
        raise CodeProblem("hibc_no_primary", found=code)
    # Where the first symbol carried more than the primary data, the link is still that of the
    # primary data alone.
    expected = check_character("+" + primary[0].di)
    data, link = body[1:-1], body[-1]
    if link not in (primary[1], expected) or not data:
        raise CodeProblem("hibc_link", found=link, expected=expected)
    return data.split("/")


def _with_sections(found: Hibc, sections: Iterable[str], today: date) -> Hibc:
    for section in sections:
        for name, value in _section(section, today).items():
            known = getattr(found, name)
            if known in ("", None):
                found = replace(found, **{name: value})
            elif _plain(known) != _plain(value):
                said, before = str(_plain(value)), str(_plain(known))
                raise CodeProblem("part_repeated", part=PARTS[name], found=said, expected=before)
    return found


#: What a field is called in the code.
PARTS: Final = {"lot": "$", "serial": "/S", "expires": "/14D", "produced": "/16D", "quantity": "/Q"}


def _plain(value: Any) -> Any:
    return value.on if isinstance(value, CodeDate) else value


def _section(text: str, today: date) -> dict[str, Any]:
    """The fields that one section between the slashes says."""
    if text.startswith("$$"):
        return _dated(text, today)
    if text.startswith("$+"):
        return {"serial": _value("$+", text[2:])}
    if text.startswith("$"):
        return {"lot": _value("$", text[1:])}
    if text.startswith("S"):
        return {"serial": _value("/S", text[1:])}
    if text.startswith("Q") and QUANTITY.fullmatch(text[1:]):
        return {"quantity": int(text[1:])}
    if long := _LONG_DATE.fullmatch(text):
        kind, digits = long.groups()
        return {"expires" if kind == "14D" else "produced": _long_date(digits)}
    if old := _OLD_SECONDARY.fullmatch(text):
        said: dict[str, Any] = {"expires": _date(old[1], "YYJJJ", today)}
        return {**said, "lot": old[2]} if old[2] else said
    raise CodeProblem("hibc_secondary", found=text)


def _dated(text: str, today: date) -> dict[str, Any]:
    """$$ with a date and a lot, or $$+ with a date and a serial."""
    name, rest = ("serial", text[3:]) if text.startswith("$$+") else ("lot", text[2:])
    said: dict[str, Any] = {}
    width = _COUNTED.get(rest[:1], 0) if name == "lot" else 0
    if width:
        digits, rest = rest[1 : 1 + width], rest[1 + width :]
        if len(digits) < width or not digits.isdigit():
            raise CodeProblem("hibc_secondary", found=text)
        said["quantity"] = int(digits)
    if rest.startswith("7"):
        rest = rest[1:]
    elif rest or not width:
        form = FORMS.get(rest[:1], _MONTH)
        start = 0 if form is _MONTH else 1
        said["expires"] = _date(rest[start : start + len(form)], form, today)
        rest = rest[start + len(form) :]
    if rest:
        said[name] = _value("$$", rest)
    return said


def _value(part: str, text: str) -> str:
    if not VALUE.fullmatch(text):
        raise CodeProblem("hibc_value", part=part, found=text)
    return text


def _date(digits: str, form: str, today: date) -> CodeDate:
    """The date of so many digits in this form; JJJ is the day of the year, HH the hour."""
    if len(digits) != len(form) or not digits.isdigit():
        raise CodeProblem("no_such_date", found=digits, expected=form)
    part = {x: int(digits[form.index(x) : form.rindex(x) + 1]) for x in set(form)}
    try:
        year = full_year(part["Y"], today)
        at = time(part["H"]) if "H" in part else None
        if "J" in part:
            if not 1 <= part["J"] <= 365 + isleap(year):
                raise ValueError
            return CodeDate(date(year, 1, 1) + timedelta(part["J"] - 1), "day", digits, at)
        if "D" in part:
            return CodeDate(date(year, part["M"], part["D"]), "day", digits, at)
        last = monthrange(year, part["M"])[1]
        return CodeDate(date(year, part["M"], last), "month", digits)
    except ValueError:
        raise CodeProblem("no_such_date", found=digits, expected=form) from None


def _long_date(digits: str) -> CodeDate:
    try:
        on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise CodeProblem("no_such_date", found=digits, expected="CCYYMMDD") from None
    return CodeDate(on, "day", digits)
