"""GS1 codes: read, check and write element strings, bracketed text and Digital Links.

Pure functions without a clock: where a century matters, ``today`` is an argument. Everything
that is wrong with a code is one exception, ``CodeProblem``, with a stable code and plain values;
``explain`` makes it a sentence in English or Chinese. See ``docs/reference/gs1.md``.
"""

from .ai_table import AI_TABLE
from .associations import check_associations
from .check_digits import check_digit, check_pair, has_check_digit, has_check_pair
from .dates import CodeDate, full_year, read_date, write_date
from .digital_link import DigitalLink, build_digital_link, parse_digital_link
from .elements import (
    FNC1,
    GS1_SYMBOLS,
    SCAN_LIMIT,
    Element,
    build_elements,
    build_hri,
    check_element,
    parse_elements,
    parse_hri,
)
from .identify import (
    EAN_SYMBOLS,
    Identification,
    Symbol,
    identify,
    identify_together,
    put_together,
    read_symbol,
    split_symbology,
)
from .keys import build_sscc, normalise_gtin
from .problems import MESSAGES, CodeProblem, explain

__all__ = [
    "AI_TABLE",
    "EAN_SYMBOLS",
    "FNC1",
    "GS1_SYMBOLS",
    "MESSAGES",
    "SCAN_LIMIT",
    "CodeDate",
    "CodeProblem",
    "DigitalLink",
    "Element",
    "Identification",
    "Symbol",
    "build_digital_link",
    "build_elements",
    "build_hri",
    "build_sscc",
    "check_associations",
    "check_digit",
    "check_element",
    "check_pair",
    "explain",
    "full_year",
    "has_check_digit",
    "has_check_pair",
    "identify",
    "identify_together",
    "normalise_gtin",
    "parse_digital_link",
    "parse_elements",
    "parse_hri",
    "put_together",
    "read_date",
    "read_symbol",
    "split_symbology",
    "write_date",
]
