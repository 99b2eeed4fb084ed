"""HIBC codes written: one symbol with everything, or a first and a second one."""

from traceward.kernel.base.gs1 import CodeProblem

from .characters import check_character
from .parsing import VALUE, Hibc, check_di


def build_hibc(code: Hibc) -> str:
    """One symbol: primary data, and what else there is between slashes; the check at the end."""
    body = "/".join(["+" + check_di(code.di), *_sections(code)])
    return body + check_character(body)


def build_pair(code: Hibc) -> tuple[str, str]:
    """The first and the second of two linear symbols; the second is "" where there is no more."""
    first = "+" + check_di(code.di)
    link = check_character(first)
    sections = _sections(code)
    if not sections:
        return first + link, ""
    if not sections[0].startswith("$"):
        sections.insert(0, "$$7")  # no date and no lot: a second symbol begins with one of them
    second = "+" + "/".join(sections) + link
    return first + link, second + check_character(second)


def _sections(code: Hibc) -> list[str]:
    for part, value in (("$", code.lot), ("/S", code.serial)):
        if value and not VALUE.fullmatch(value):
            raise CodeProblem("hibc_value", part=part, found=value)
    sections = []
    serial = code.serial
    if code.expires and not code.lot and serial:
        sections.append("$$+" + _expiry(code) + serial)
        serial = ""
    elif code.expires:
        sections.append("$$" + _expiry(code) + code.lot)
    elif code.lot:
        sections.append("$" + code.lot)
    elif serial:
        sections.append("$+" + serial)
        serial = ""
    if serial:
        sections.append("S" + serial)
    if code.produced:
        sections.append(f"16D{code.produced.on:%Y%m%d}")
    if code.quantity is not None:
        sections.append(f"Q{code.quantity}")
    return sections


def _expiry(code: Hibc) -> str:
    """The date with its flag: a month, a day, or a day with its hour."""
    assert code.expires is not None
    on, at = code.expires.on, code.expires.at
    if code.expires.precision == "month":
        return f"{on:%m%y}"
    return f"4{on:%y%m%d}{at:%H}" if at else f"3{on:%y%m%d}"
