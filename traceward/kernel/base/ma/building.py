"""MA codes written, plain and as XML. The check of the product code is the issuer's to give."""

from html import escape

from traceward.kernel.base.gs1 import CodeDate, CodeProblem

from .parsing import MaCode, check_di

_XML_NAMES = {"S": "SN", "L": "LOT", "M": "MFG", "E": "EXP", "V": "VAL"}


def build_ma(code: MaCode) -> str:
    """The UDI-DI and one unit for everything else that there is."""
    return ".".join([check_di(code.di), *(letter + value for letter, value in _units(code))])


def build_ma_xml(code: MaCode) -> str:
    """The XML form, which has no place for a sterilisation lot or units of other kinds."""
    parts = [f"<DI>{check_di(code.di)}</DI>"]
    for letter, value in _units(code):
        name = _XML_NAMES.get(letter)
        if name is None:
            raise CodeProblem("ma_unit", found=letter + value)
        parts.append(f"<{name}>{escape(value)}</{name}>")
    return f'<UDI IAC="MA">{"".join(parts)}</UDI>'


def _units(code: MaCode) -> list[tuple[str, str]]:
    units = [
        ("L", code.lot),
        ("M", _digits(code.produced)),
        ("V", _digits(code.valid_until)),
        ("E", _digits(code.expires)),
        ("D", code.sterilisation_lot),
        ("S", code.serial),
    ]
    units = [*((letter, value) for letter, value in units if value), *code.others]
    for letter, value in units:
        if "." in value or not value.isascii() or not value.isprintable() or len(value) > 40:
            raise CodeProblem("ma_unit", found=letter + value)
    return units


def _digits(day: CodeDate | None) -> str:
    """YYYYMMDD, with day 00 where only the month is meant."""
    if day is None:
        return ""
    return f"{day.on:%Y%m}" + (f"{day.on:%d}" if day.precision == "day" else "00")
