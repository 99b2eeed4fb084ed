"""A barcode as a person reads it: its GS1 parts, (01) (17) (10) (21), with the day as a day."""

import re

from traceward.kernel.base.gs1 import (
    FNC1,
    CodeProblem,
    has_check_digit,
    parse_elements,
    parse_hri,
)

#: What a reader says of the symbol before its content.
SYMBOL = re.compile(r"^\][A-Za-z][0-9]")
#: Parts that are days, as YYMMDD.
DAYS = frozenset({"11", "12", "13", "15", "16", "17"})
#: Codes of one field that are read.
MOST = 20
#: Digits of an SSCC.
SSCC = 18
Part = tuple[str, str]


def parts_of(code: str) -> list[Part]:
    """The parts of one code; none where it is no GS1 element string."""
    text = SYMBOL.sub("", code.strip()).strip(FNC1)
    try:
        parse = parse_hri if text.startswith("(") else parse_elements
        return [(one.ai, _said(one.ai, one.value)) for one in parse(text, associations=False)]
    except CodeProblem:
        return []


def is_sscc(code: str) -> bool:
    """Whether it is the number of a box without the identifier before it, as people type it."""
    return len(code) == SSCC and code.isdecimal() and has_check_digit(code)


def read(text: str) -> list[list[Part]]:
    """The parts of each code of a field."""
    found = [parts_of(code) for code in text.split("\n")[:MOST] if code.strip()]
    return [parts for parts in found if parts]


def _said(ai: str, value: str) -> str:
    if ai not in DAYS or len(value) != 6:
        return value
    day = f"20{value[:2]}-{value[2:4]}"  # as labels of devices mean it
    return day if value[4:] == "00" else f"{day}-{value[4:]}"
