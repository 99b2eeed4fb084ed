"""The barcodes of one label, of whatever systems, and whether they say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Final

from traceward.kernel.base.ahm import is_ahm, parse_ahm
from traceward.kernel.base.gs1 import (
    EAN_SYMBOLS,
    FNC1,
    GS1_SYMBOLS,
    CodeDate,
    CodeProblem,
    Identification,
    Symbol,
    put_together,
    read_symbol,
    split_symbology,
)
from traceward.kernel.base.gs1.elements import SCAN_LIMIT
from traceward.kernel.base.hibc import is_hibc, parse_hibc
from traceward.kernel.base.ma import is_ma, parse_ma

#: Barcodes of one label that are read together.
MAX_BARCODES: Final = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """What the barcodes of one system on a label say. "" and None where they do not."""

    system: str
    #: Element string, bracketed text, Digital Link … as its system names it.
    form: str
    di: str = ""
    lot: str = ""
    serial: str = ""
    expires: CodeDate | None = None
    #: What the label calls the day: expiry, or valid until.
    expiry_basis: str = "expiry"
    produced: CodeDate | None = None
    sterilisation_lot: str = ""
    quantity: int | None = None
    sscc: str = ""
    #: The UDI-DI of what is in a logistic unit, and how many.
    content_di: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two systems on one label say different things: what, and each with its system."""

    what: str
    said: str
    known: str
    source: str
    other: str


#: What is compared between the systems of a label.
COMPARED: Final = ("lot", "serial", "expires", "produced", "quantity", "sterilisation_lot")


@dataclass(frozen=True, slots=True)
class LabelText:
    """A label as read: a reading for each system on it, and texts that may be codes of our own."""

    raws: tuple[str, ...]
    readings: tuple[Reading, ...] = ()
    #: Texts that no system claims, without symbology identifiers.
    texts: tuple[str, ...] = ()
    #: Texts that were read as a system's but need not be: bare digits, for example.
    doubtful: tuple[str, ...] = ()
    #: Why such a text is no code of a system.
    problem: CodeProblem | None = None

    @property
    def raw(self) -> str:
        """The scans as they came, one on a line."""
        return "\n".join(self.raws)

    def fact(self, name: str) -> Any:
        """What the label says; of two dates the one that says more."""
        if len(self.readings) == 1:  # as on most labels
            value = getattr(self.readings[0], name)
            return None if value == "" else value
        said = [value for r in self.readings if (value := getattr(r, name)) not in ("", None)]
        exact = [value for value in said if getattr(value, "precision", "day") == "day"]
        return next(iter(exact or said), None)

    @property
    def disagreements(self) -> tuple[Disagreement, ...]:
        """Where its systems contradict each other."""
        if len(self.readings) < 2:
            return ()
        return tuple(
            Disagreement(what, _shown(second), _shown(first), later.system, earlier.system)
            for earlier, later in combinations(self.readings, 2)
            for what in COMPARED
            if (first := getattr(earlier, what)) not in ("", None)
            and (second := getattr(later, what)) not in ("", None)
            and not _is_same(first, second)
        )


def _shown(value: Any) -> str:
    return str(value.on) if isinstance(value, CodeDate) else str(value)


def _is_same(one: Any, other: Any) -> bool:
    """Numbers are the same in capitals, since HIBC has no others."""
    if isinstance(one, CodeDate):
        return fits(one, other.on) or fits(other, one.on)
    return str(one).upper() == str(other).upper()


def fits(said: CodeDate, known: date) -> bool:
    """Whether a date on a label can be the known day: the same, or just its month."""
    if said.precision == "month":
        return (said.on.year, said.on.month) == (known.year, known.month)
    return said.on == known


def read_label(raws: Sequence[str], today: date) -> LabelText:
    """What the barcodes of one label say; raises ``CodeProblem`` for one that cannot be read.

    ``today`` decides the century of two-digit years. A text that no system claims is kept for
    whoever knows our own codes.
    """
    if not raws:
        raise CodeProblem("empty_scan")
    if len(raws) > MAX_BARCODES:
        raise CodeProblem("too_many_barcodes", found=len(raws), expected=MAX_BARCODES)
    return _Label(tuple(raws), today).read()


def own_text(raw: str) -> str:
    """The text of a plain symbol, such as a place's, without its symbology identifier."""
    if len(raw) > SCAN_LIMIT:
        raise CodeProblem("scan_too_long", found=len(raw), expected=SCAN_LIMIT)
    text = split_symbology(raw.strip())[1]
    if not text:
        raise CodeProblem("empty_scan")
    for position, character in enumerate(text, 1):
        if not character.isprintable():
            found = f"{ord(character):02X}"
            raise CodeProblem("control_character", position=position, found=found)
    return text


class _Label:
    """The barcodes sorted by system, each system's read together."""

    def __init__(self, raws: tuple[str, ...], today: date) -> None:
        self.raws, self.today = raws, today
        self.readings: list[Reading] = []
        self.texts: list[str] = []
        self.doubtful: list[str] = []
        self.problem: CodeProblem | None = None

    def read(self) -> LabelText:
        hibc: list[str] = []
        gs1: list[tuple[str, bool]] = []
        for raw in self.raws:
            symbology, text = _split(raw)
            if is_hibc(text):
                hibc.append(text)
            elif is_ma(text):
                self.readings.append(_of_ma(text, self.today))
            elif is_ahm(text):
                self._add_ahm(raw, text)
            else:
                gs1.append((raw, _is_gs1(symbology, text)))
        if hibc:
            self.readings.append(_of_hibc(hibc, self.today))
        self._add_gs1(gs1)
        texts, doubtful = (tuple(dict.fromkeys(x)) for x in (self.texts, self.doubtful))
        return LabelText(self.raws, tuple(self.readings), texts, doubtful, self.problem)

    def _add_ahm(self, raw: str, text: str) -> None:
        """AHM's reading; what only begins like it may be a code of our own."""
        try:
            self.readings.append(_of_ahm(text, self.today))
            self.doubtful.append(text)
        except CodeProblem as problem:
            self._is_text(raw, False, problem)

    def _add_gs1(self, scans: list[tuple[str, bool]]) -> None:
        """GS1's reading; a text that only may be GS1's, and is not, is one of our own."""
        symbols: list[tuple[str, Symbol, bool]] = []
        for raw, is_certain in scans:
            try:
                symbols.append((raw, read_symbol(raw, in_parts=len(scans) > 1), is_certain))
            except CodeProblem as problem:
                self._is_text(raw, is_certain, problem)
        if not symbols:
            return
        is_alone = not (self.readings or self.texts)
        raws, read, certain = zip(*symbols, strict=True)
        try:
            found = put_together(raws, read, self.today, is_alone=is_alone)
        except CodeProblem as problem:
            for raw in raws:
                self._is_text(raw, any(certain), problem)
            return
        self.readings.insert(0, _of_gs1(found))
        self.doubtful += [own_text(raw) for raw, _, is_certain in symbols if not is_certain]

    def _is_text(self, raw: str, is_certain: bool, problem: CodeProblem) -> None:
        if is_certain or problem.code in NEVER_TEXT:
            raise problem
        self.texts.append(own_text(raw))
        self.problem = self.problem or problem


#: What no text of ours can be either.
NEVER_TEXT: Final = frozenset({"empty_scan", "scan_too_long", "control_character"})


def _split(raw: str) -> tuple[str, str]:
    """Symbology identifier and text. XML keeps its lines, HIBC the space at its end."""
    if len(raw) > SCAN_LIMIT:
        raise CodeProblem("scan_too_long", found=len(raw), expected=SCAN_LIMIT)
    return split_symbology(raw.strip("\t\r\n").lstrip(" "))


def _is_gs1(symbology: str, text: str) -> bool:
    """Whether it must be GS1's: the symbol says so, or the form leaves no doubt."""
    if symbology in GS1_SYMBOLS or symbology in EAN_SYMBOLS:
        return True
    is_bracketed = text[:1] == "(" and text[1:3].isdigit()
    return is_bracketed or FNC1 in text or text.lower().startswith(("http:", "https:"))


def _of_gs1(found: Identification) -> Reading:
    return Reading(
        "GS1",
        found.form,
        di=found.gtin or "",
        lot=found.lot or "",
        serial=found.serial or "",
        expires=found.expires,
        produced=found.produced,
        quantity=int(count) if (count := found.value("30")) else None,
        sscc=found.sscc or "",
        content_di=found.content_gtin or "",
    )


def _of_hibc(raws: Sequence[str], today: date) -> Reading:
    found = parse_hibc(raws, today)
    return Reading(
        "HIBC",
        "pair" if len(raws) > 1 else "single",
        di=found.di,
        lot=found.lot,
        serial=found.serial,
        expires=found.expires,
        produced=found.produced,
        quantity=found.quantity,
    )


def _of_ma(text: str, today: date) -> Reading:
    found = parse_ma(text, today)
    last = found.last_day
    return Reading(
        "MA",
        "xml" if text.startswith("<") else "plain" if text.startswith("MA.") else "address",
        di=found.di,
        lot=found.lot,
        serial=found.serial,
        expires=last,
        expiry_basis="valid until" if last and last is found.valid_until else "expiry",
        produced=found.produced,
        sterilisation_lot=found.sterilisation_lot,
    )


def _of_ahm(text: str, today: date) -> Reading:
    found = parse_ahm(text, today)
    last = found.expires or found.best_before
    return Reading(
        "AHM",
        "plain",
        di=found.di,
        lot=found.lot,
        serial=found.serial,
        expires=last,
        expiry_basis="best before" if last and last is found.best_before else "expiry",
        produced=found.produced,
    )
