"""Whatever a scanner or a keyboard gives that is GS1's: which form is it, and what does it say.

The first characters decide; nothing is guessed. What is not recognised is refused with a reason;
other code systems are told apart by ``traceward.kernel.base.codes``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from .ai_table import AI_LENGTH
from .associations import check_associations, check_exclusions, check_repeats
from .dates import CodeDate, read_date
from .digital_link import parse_digital_link
from .elements import FNC1, GS1_SYMBOLS, Element, check_scan, parse_elements, parse_hri
from .keys import GTIN_LENGTHS, check_key, normalise_gtin
from .problems import CodeProblem

Form = Literal["element_string", "hri", "digital_link", "gtin", "sscc"]
Level = Literal["item", "package", "variable_measure", "logistic_unit"]

#: Digits in EAN/UPC symbols: EAN-13 (and UPC-A, UPC-E widened to 13), EAN-8.
EAN_SYMBOLS: Final = {"]E0": 13, "]E4": 8}
#: Between the linear part of an EAN/UPC composite symbol and its GS1 part.
_COMPOSITE_LINK: Final = "|]e0"

_SSCC_LENGTH: Final = 18
_TRACE_CODE_LENGTH: Final = 20
_TRACE_CODE: Final = "码上放心"


@dataclass(frozen=True, slots=True)
class Identification:
    """What a code says about the item that carries it.

    ``gtin`` has 14 digits and is the item's own; ``content_gtin`` is that of the items inside a
    logistic unit, ``count`` their number, or the number in a package of variable count.
    ``level`` follows from the key: a GTIN-14's first digit is 0 for an item, 1 to 8 for a
    package, 9 for variable measure. ``elements`` has everything in order, ``raws`` the scans as
    they came.
    """

    raws: tuple[str, ...]
    form: Form
    symbology: str
    elements: tuple[Element, ...]
    gtin: str | None
    content_gtin: str | None
    sscc: str | None
    lot: str | None
    serial: str | None
    expires: CodeDate | None
    produced: CodeDate | None
    count: int | None
    level: Level | None

    @property
    def raw(self) -> str:
        """The scan, or the first of several."""
        return self.raws[0]

    def value(self, ai: str) -> str | None:
        """The value of an application identifier, if the code has it."""
        return next((value for name, value in self.elements if name == ai), None)


@dataclass(frozen=True, slots=True)
class Symbol:
    """What one symbol or one typed text holds, not yet checked against the others of the item."""

    form: Form
    symbology: str
    elements: tuple[Element, ...]


def identify(raw: str, today: date) -> Identification:
    """What one scan says; raises ``CodeProblem`` when it cannot be read or is not complete.

    ``today`` decides the century of two-digit years.
    """
    return put_together((raw,), (read_symbol(raw),), today)


def identify_together(raws: Iterable[str], today: date) -> Identification:
    """What several barcodes of one item say together, such as (01) in one, (17)(10) in another.

    What is required or excluded is judged over all of them, as GS1 asks.
    """
    scans = tuple(raws)
    if not scans:
        raise CodeProblem("empty_scan")
    return put_together(scans, [read_symbol(raw, in_parts=True) for raw in scans], today)


def put_together(
    raws: Sequence[str], symbols: Sequence[Symbol], today: date, *, is_alone: bool = True
) -> Identification:
    """What the symbols of one item say together.

    Where codes of another system stand beside them (not `is_alone`), those may say what the item
    is, so that nothing is missing here.
    """
    elements = tuple(element for symbol in symbols for element in symbol.elements)
    if is_alone:
        check_associations(elements)
    else:
        check_exclusions(check_repeats(elements))
    first = symbols[0]
    return _identification(tuple(raws), Symbol(first.form, first.symbology, elements), today)


def read_symbol(raw: str, *, in_parts: bool = False) -> Symbol:
    """The elements of one scan, not yet checked against those of others.

    `in_parts`: it is one of several of the item, see `_read_digits`.
    """
    symbology, text = split_symbology(check_scan(raw))
    if symbology in GS1_SYMBOLS:
        return Symbol("element_string", symbology, parse_elements(text, associations=False))
    if symbology in EAN_SYMBOLS:
        return _read_ean(text, symbology)
    return _read_by_first_characters(text, symbology, in_parts)


def split_symbology(text: str) -> tuple[str, str]:
    """The symbology identifier, "" for none, and what follows it."""
    if not text.startswith("]"):
        return "", text
    symbology, rest = text[:3], text[3:]
    if len(symbology) < 3 or not symbology[1].isalpha() or not symbology[2].isalnum():
        raise CodeProblem("unknown_symbology", found=symbology)
    if not rest:
        raise CodeProblem("empty_scan")
    return symbology, rest


def _read_ean(text: str, symbology: str) -> Symbol:
    digits, composite, rest = text.partition(_COMPOSITE_LINK)
    expected = EAN_SYMBOLS[symbology]
    if len(digits) != expected:
        code = "value_too_short" if len(digits) < expected else "value_too_long"
        raise CodeProblem(code, ai="01", position=1, found=len(digits), expected=expected)
    elements: tuple[Element, ...] = (Element("01", normalise_gtin(digits)),)
    if composite:
        elements += parse_elements(rest, associations=False)
    return Symbol("gtin", symbology, elements)


def _read_by_first_characters(text: str, symbology: str, in_parts: bool) -> Symbol:
    if text[:7].lower() in {"http://", "https:/"}:
        return Symbol("digital_link", symbology, _link(text))
    if text[0] == "(" and text[1:3].isdigit():
        return Symbol("hri", symbology, parse_hri(text, associations=False))
    if text.isdigit():
        reading = _read_digits(text, symbology, in_parts)
        if reading:
            return reading
    if symbology:
        raise CodeProblem("not_gs1_symbol", symbology=symbology, found=text)
    if text[0] != FNC1 and text[:2] not in AI_LENGTH:
        raise CodeProblem("unknown_code", found=text)
    return Symbol("element_string", symbology, parse_elements(text, associations=False))


def _link(text: str) -> tuple[Element, ...]:
    return parse_digital_link(text, associations=False).elements


def _read_digits(text: str, symbology: str, in_parts: bool) -> Symbol | None:
    """A bare GTIN or SSCC, or None for digits that may be an element string.

    A number of such a length with a wrong check digit is refused rather than tried as an element
    string: a slip of the finger must not turn into another code. Among several scans of one item
    it may be one, such as (17) with (10), and is tried.
    """
    if len(text) == _TRACE_CODE_LENGTH and text[0] == "8":
        raise CodeProblem("scheme_not_read", scheme=_TRACE_CODE)
    is_gtin = len(text) in GTIN_LENGTHS
    if not is_gtin and len(text) != _SSCC_LENGTH:
        return None
    ai = "01" if is_gtin else "00"
    try:
        check_key(ai, text)
    except CodeProblem:
        if in_parts and not symbology:
            return None
        raise
    if is_gtin:
        return Symbol("gtin", symbology, (Element(ai, text.zfill(14)),))
    return Symbol("sscc", symbology, (Element(ai, text),))


def _identification(raws: tuple[str, ...], reading: Symbol, today: date) -> Identification:
    values = dict(reading.elements)
    get = values.get
    gtin, sscc = get("01") or get("03"), get("00")
    # Where both stand, the date with a time of day says more.
    expiry = "7003" if "7003" in values else "17"
    count = get("37") or get("30")
    return Identification(
        raws=raws,
        form=reading.form,
        symbology=reading.symbology,
        elements=reading.elements,
        gtin=gtin,
        content_gtin=get("02"),
        sscc=sscc,
        lot=get("10"),
        serial=get("21"),
        expires=_date(expiry, get(expiry), today),
        produced=_date("11", get("11"), today),
        count=int(count) if count else None,
        level="logistic_unit" if sscc else _level(gtin),
    )


def _level(gtin: str | None) -> Level | None:
    if gtin is None:
        return None
    if gtin[0] == "0":
        return "item"
    return "variable_measure" if gtin[0] == "9" else "package"


def _date(ai: str, raw: str | None, today: date) -> CodeDate | None:
    return None if raw is None else read_date(raw, today, ai=ai)
