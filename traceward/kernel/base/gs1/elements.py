"""Element strings: what a GS1 barcode carries, and its bracketed form for people.

Source: GS1 General Specifications, sections 7.8 (element strings, FNC1) and 4.14 (text below
the bars). Associations between application identifiers are in ``associations``.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from .ai_entries import Entry
from .ai_table import AI_LENGTH, AI_TABLE
from .associations import check_associations
from .linters import check_charset, check_length
from .problems import CodeProblem

#: The separator FNC1 as scanners send it.
FNC1: Final = "\x1d"

#: Symbology identifiers (ISO/IEC 15424) of symbols that say they hold GS1 element strings.
GS1_SYMBOLS: Final = {
    "]C1": "GS1-128",
    "]d2": "GS1 DataMatrix",
    "]Q3": "GS1 QR Code",
    "]e0": "GS1 DataBar",
    "]J1": "GS1 DotCode",
}

#: Longest scan that is read; the longest GS1 message of one symbol is far shorter.
SCAN_LIMIT: Final = 1000

_BRACKETED_AI: Final = re.compile(r"\(([0-9]{2,4})\)")
#: A value up to the next bracket that is not written \( .
_BRACKETED_VALUE: Final = re.compile(r"(?:[^(\\]|\\\(|\\)*")
_NON_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_CONTROL: Final = re.compile(r"[\x00-\x1c\x1e\x1f\x7f]")


class Element(NamedTuple):
    """One application identifier with its value, as in the code."""

    ai: str
    value: str

    @property
    def title(self) -> str:
        """GS1's data title, such as BATCH/LOT."""
        return AI_TABLE[self.ai].title

    @property
    def title_zh(self) -> str:
        """The Chinese title, or GS1's where there is none."""
        return AI_TABLE[self.ai].title_zh or AI_TABLE[self.ai].title


def check_scan(raw: str, blanks: str = " \t\r\n") -> str:
    """The scan without the line end that scanners add; it is short, ASCII, without controls.

    ``blanks`` are taken off at both ends.
    """
    if len(raw) > SCAN_LIMIT:
        raise CodeProblem("scan_too_long", found=len(raw), expected=SCAN_LIMIT)
    text = raw.strip(blanks)
    if not text:
        raise CodeProblem("empty_scan")
    if not text.isascii():
        wrong = _NON_ASCII.search(text)
        assert wrong is not None
        raise CodeProblem("non_ascii", position=wrong.start() + 1, found=wrong.group())
    control = _CONTROL.search(text)
    if control:
        found = f"{ord(control.group()):02X}"
        raise CodeProblem("control_character", position=control.start() + 1, found=found)
    return text


def check_element(ai: str, value: str) -> None:
    """The application identifier exists and is supported, and the value is one that it allows."""
    entry = AI_TABLE.get(ai)
    if entry is None:
        raise CodeProblem("unknown_ai", position=1, found=ai)
    _check_value(entry, value)


def _check_value(entry: Entry, value: str) -> None:
    _check(entry.ai, value)


@lru_cache(maxsize=4096)
def _check(ai: str, value: str) -> None:
    """A delivery has the same value many times, such as the GTIN; it is looked at once."""
    entry = AI_TABLE[ai]
    match = entry.pattern.fullmatch(value)
    if match is None or not entry.supported:
        raise _value_problem(entry, value)
    for group, lint in entry.checks:
        part = match[group]
        if part is None:
            continue
        try:
            lint(part)
        except CodeProblem as problem:
            position = int(problem.params["position"]) + match.start(group)
            raise CodeProblem(
                problem.code, **{**problem.params, "position": position, "ai": entry.ai}
            ) from None


def _value_problem(entry: Entry, value: str) -> CodeProblem:
    """Why the value does not have the form of its application identifier."""
    if not entry.supported:
        return CodeProblem("ai_not_supported", ai=entry.ai)
    try:
        check_length(value, entry.shortest, entry.longest)
        start = 0
        for part in entry.components:
            piece = value[start : start + part.longest]
            if part.optional and not piece:
                break
            check_charset(part.charset, piece)
            check_length(piece, part.shortest, part.longest)
            start += len(piece)
    except CodeProblem as problem:
        params = {**problem.params, "ai": entry.ai}
        if problem.code in {"not_digit", "bad_character"}:
            params["position"] = int(problem.params["position"]) + start
        return CodeProblem(problem.code, **params)
    raise AssertionError(f"({entry.ai}) fits its components but not its pattern")


def parse_elements(raw: str, *, associations: bool = True) -> tuple[Element, ...]:
    """The elements of a message with FNC1 separators, in order, each value checked.

    A leading FNC1, one after an element of fixed length, and one at the end are tolerated.
    With ``associations`` the message is also checked as a whole: what is required, excluded or
    repeated. A symbology identifier must have been taken off (``identify`` does).
    """
    text = check_scan(raw)
    end = len(text)
    at = 1 if text[0] == FNC1 else 0
    if at == end:
        raise CodeProblem("empty_scan")
    elements: list[Element] = []
    while at < end:
        width = AI_LENGTH.get(text[at : at + 2], 2)
        ai = text[at : at + width]
        entry = AI_TABLE.get(ai)
        if entry is None:
            code = "empty_element" if ai.startswith(FNC1) else "unknown_ai"
            raise CodeProblem(code, position=at + 1, found=ai.partition(FNC1)[0])
        start = at + width
        at = text.find(FNC1, start)
        if at < 0:
            at = end
        if not entry.separated:
            at = min(at, start + entry.longest)
        value = text[start:at]
        _check_value(entry, value)
        elements.append(Element(ai, value))
        if at < end and text[at] == FNC1:
            at += 1
    if associations:
        check_associations(elements)
    return tuple(elements)


def parse_hri(raw: str, *, associations: bool = True) -> tuple[Element, ...]:
    """The elements of bracketed text such as ``(01)09521234543213(10)A1``.

    Spaces around a value are dropped, since no value has any. A left bracket inside a value is
    written ``\\(``.
    """
    text = check_scan(raw)
    elements: list[Element] = []
    at = 0
    while at < len(text):
        head = _BRACKETED_AI.match(text, at)
        if head is None:
            raise CodeProblem("hri_bracket", position=at + 1, found=text[at : at + 6])
        body = _BRACKETED_VALUE.match(text, head.end())
        assert body is not None
        entry = AI_TABLE.get(head[1])
        if entry is None:
            raise CodeProblem("unknown_ai", position=at + 2, found=head[1])
        value = body.group().strip(" ").replace("\\(", "(")
        _check_value(entry, value)
        elements.append(Element(head[1], value))
        at = body.end()
    if associations:
        check_associations(elements)
    return tuple(elements)


def build_elements(
    elements: Iterable[tuple[str, str]], *, symbology: str = "", associations: bool = True
) -> str:
    """The message with FNC1 after each element that needs one, none at either end.

    The order is kept; put elements of fixed length first for the shortest symbol. Values and
    associations are checked. ``parse_elements`` gives the same elements back. With a symbology
    identifier in front, one of ``GS1_SYMBOLS``, it is what a scanner sends.
    """
    if symbology and symbology not in GS1_SYMBOLS:
        raise CodeProblem("unknown_symbology", found=symbology)
    parts: list[str] = [symbology]
    for ai, value in _checked(elements, associations):
        parts += (ai, value, FNC1 if AI_TABLE[ai].separated else "")
    return "".join(parts[:-1])


def build_hri(elements: Iterable[tuple[str, str]], *, associations: bool = True) -> str:
    """The message as bracketed text; ``parse_hri`` gives the same elements back."""
    checked = _checked(elements, associations)
    return "".join(f"({ai})" + value.replace("(", "\\(") for ai, value in checked)


def _checked(elements: Iterable[tuple[str, str]], associations: bool) -> list[Element]:
    checked = [Element(ai, value) for ai, value in elements]
    if not checked:
        raise CodeProblem("empty_scan")
    for ai, value in checked:
        check_element(ai, value)
    if associations:
        check_associations(checked)
    return checked
