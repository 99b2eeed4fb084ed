"""From the codes on a label to a pack of an item: the one way in which scans are read.

Every system that gives a UDI-DI is read, and our own codes for what has none. What does not fit
together is refused with both values; what may mean several things, with all of them. # INV-05
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from traceward.domain.catalog.models import Identifier, PackagingLevel
from traceward.kernel.base.codes import (
    MESSAGES,
    OWN,
    LabelText,
    Reader,
    Reading,
    explain,
)
from traceward.kernel.base.gs1 import CodeDate, CodeProblem
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import Conflict, InvalidInput, Phrase, phrase, sentence


class UnreadableCode(InvalidInput):
    """The scanned code cannot be read, or is not complete. The sentences are those of `codes`."""

    @staticmethod
    def of(problem: CodeProblem, field: str, raw: str = "", n: int = 0) -> "UnreadableCode":
        english, _ = MESSAGES[problem.code]
        values: dict[str, Any] = {**problem.params, "problem": problem.code}
        details = [{"n": n, "raw": raw}] if raw else None
        return UnreadableCode(english, field=field, details=details, **values)

    def in_language(self, language: str) -> str:
        """The sentence that explains the problem."""
        params = {k: v for k, v in self.values.items() if k != "problem"}
        return explain(CodeProblem(self.values["problem"], **params), language)


class UnknownCode(InvalidInput):
    """The code is right, but no item of ours has it."""


class AmbiguousCode(InvalidInput):
    """The code stands for several things; `details` has them all."""


class ContradictingScan(Conflict):
    """The codes of a label contradict each other or the record; both values are named. # INV-05"""


#: What may differ, in words.
WHAT = {
    "item": sentence("item"),
    "level": sentence("packaging level"),
    "lot": sentence("lot"),
    "serial": sentence("serial number"),
    "expires": sentence("expiry"),
    "produced": sentence("production date"),
    "quantity": sentence("quantity"),
    "sterilisation_lot": sentence("sterilisation lot"),
}
#: What stands twice on a label with different values, by its name in the code system.
REPEATED = {
    "01": "item",
    "+": "item",
    "DI": "item",
    **dict.fromkeys(("10", "$", "L", "BA", "BN"), "lot"),
    **dict.fromkeys(("21", "/S", "S", "SN"), "serial"),
    **dict.fromkeys(("17", "/14D", "E", "V", "ED", "BD"), "expires"),
    **dict.fromkeys(("11", "/16D", "M", "P", "MD"), "produced"),
    **dict.fromkeys(("30", "/Q"), "quantity"),
}


@dataclass(frozen=True)
class Misfit:
    """Two values that ought to be the same: what, as scanned, and as known from elsewhere."""

    what: str
    said: str
    known: str
    #: The code system of each; the known one is "" where it is our record.
    source: str
    other: str = ""


def contradiction(misfit: Misfit, field: str, n: int, raw: str) -> ContradictingScan:
    """The refusal that names what does not agree, with both values."""
    is_record = not misfit.other
    return ContradictingScan(
        sentence(
            "{what}: the label says {said}, the record has {known}. "
            "Put the goods aside and ask quality to decide."
        )
        if is_record
        else sentence(
            "{what}: one code of the label ({source}) says {said}, another ({other}) {known}. "
            "Put the goods aside and ask quality to decide."
        ),
        field=field,
        details=[{"n": n, "raw": raw, **vars(misfit)}],
        **{**vars(misfit), "what": WHAT[misfit.what]},
    )


@dataclass(frozen=True)
class Label:
    """What a label says: one pack of an item. `base_units` is what one such pack holds."""

    raw: str
    agency: str
    di: str
    item_id: int
    item_code: str
    packaging_id: int
    level: int
    base_units: int
    has_lots: bool
    has_serials: bool
    has_expiry: bool
    lot_number: str = ""
    serial_number: str = ""
    expires: CodeDate | None = None
    expiry_basis: str = "expiry"
    produced: CodeDate | None = None
    sterilisation_lot: str = ""
    #: How many the label says are in the pack; not compared, since makers count differently.
    quantity: int | None = None


@dataclass(frozen=True)
class Option:
    """One thing that a text of ours may stand for: an item, or a lot or serial of it."""

    #: Of the narrowest record that it names.
    id: int
    item_id: int
    item_code: str
    lot_number: str = ""
    serial_number: str = ""

    @property
    def kind(self) -> str:
        """What the text names: "item", "lot" or "serial"."""
        return "serial" if self.serial_number else "lot" if self.lot_number else "item"

    @property
    def name(self) -> str:
        """The code or number that it is known by."""
        return self.serial_number or self.lot_number or self.item_code


#: What an option names, from wide to narrow.
KINDS = ("item", "lot", "serial")
#: By text, what it may stand for beyond items.
Named = Mapping[str, Sequence[Option]]


def read(scans: Sequence[Sequence[str]], today: date, *, field: str) -> list[LabelText]:
    """What each scan (one or more barcodes of one pack) says; refused where it cannot be read.

    `today` decides the century of two-digit years; `field` has "{n}" for the number of the scan.
    """
    found, reader = [], Reader(today)
    for n, raws in enumerate(scans):
        try:
            label = reader.read(raws)
        except CodeProblem as problem:
            raise refusal_of(problem, field.format(n=n), "\n".join(raws), n) from None
        if len(label.readings) > 1:
            for misfit in misfits_of(label):
                raise contradiction(misfit, field.format(n=n), n, label.raw)
        found.append(label)
    return found


def refusal_of(problem: CodeProblem, field: str, raw: str, n: int = 0) -> Conflict | InvalidInput:
    """A value that stands twice contradicts itself; all else cannot be read."""
    name = str(problem.params.get("ai") or problem.params.get("part"))
    if problem.code in ("ai_repeated", "part_repeated") and name in REPEATED:
        said, known = str(problem.params["found"]), str(problem.params["expected"])
        misfit = Misfit(REPEATED[name], said, known, name, name)
        return contradiction(misfit, field, n, raw)
    return UnreadableCode.of(problem, field, raw, n)


def misfits_of(label: LabelText) -> Iterator[Misfit]:
    """Where the codes of the label contradict each other."""
    for d in label.disagreements:
        yield Misfit(d.what, d.said, d.known, d.source, d.other)


def labels(scans: Sequence[Sequence[str]], today: date, *, field: str = "scans.{n}") -> list[Label]:
    """Each scan resolved to the pack of an item; one query for all, two where texts are among them.

    Refused, naming the scan, where a code cannot be read, contradicts another one of the label, or
    belongs to no packaging level of ours.
    """
    return labels_of(read(scans, today, field=field), field=field)


def labels_of(
    read_labels: Sequence[LabelText], *, field: str, named: Named | None = None
) -> list[Label]:
    """The labels, read before, with the pack of each; `named` says what other texts stand for."""
    known = Packs(read_labels, named or {})
    return [
        known.plain(label) or known.label_of(label, field.format(n=n), n)
        for n, label in enumerate(read_labels)
    ]


_IDENTIFIERS = Prepared(
    lambda dis: Identifier.objects.filter(di__in=dis, withdrawn_at=None).select_related(
        "packaging__item"
    )
)


class Packs:
    """The packs that these labels may be of, asked for at once."""

    def __init__(self, read_labels: Iterable[LabelText], named: Named) -> None:
        all_labels = list(read_labels)
        texts = {t for label in all_labels for t in (*label.texts, *label.doubtful)}
        dis = {r.di for label in all_labels for r in label.readings if r.di}
        rows = _IDENTIFIERS(dis | texts)
        self.by_code = {(row.agency, row.di): row.packaging for row in rows}
        self.named = named
        self.by_item: dict[int, PackagingLevel] = {}
        self.by_item_code: dict[str, PackagingLevel] = {}
        #: By code, what its labels say of item and pack.
        self._facts: dict[tuple[str, str], tuple[int, str, int, int, int, bool, bool, bool]] = {}
        if texts:
            self._ask_for_items(texts)

    def _ask_for_items(self, texts: set[str]) -> None:
        """The base units of items that are named by their code, or whose lot or serial is."""
        ids = {option.item_id for options in self.named.values() for option in options}
        rows = PackagingLevel.objects.select_related("item").filter(level=0)
        for row in rows.filter(item__code__in=texts) | rows.filter(item__in=ids):
            self.by_item[row.item_id] = row
            self.by_item_code[row.item.code] = row

    def options(self, text: str) -> list[tuple[PackagingLevel, Option]]:
        """What a text of ours may stand for."""
        own, base = self.by_code.get((OWN, text)), self.by_item_code.get(text)
        found = [(own, _item(own))] if own else []
        if base and not (own and own.item_id == base.item_id):
            found.append((base, _item(base)))
        named = self.named.get(text, ())
        found += [(self.by_item[o.item_id], o) for o in named if o.item_id in self.by_item]
        return found

    def plain(self, label: LabelText) -> Label | None:
        """The pack of a label that one system alone is on, as on nearly all; None for others."""
        if len(label.readings) != 1 or label.texts or label.doubtful:
            return None
        (said,) = label.readings
        pack = self.by_code.get((said.system, said.di))
        if pack is None:
            return None
        facts = self._facts.get((said.system, said.di))
        if facts is None:
            item = pack.item
            kept = (item.has_lots, item.has_serials, item.has_expiry)
            facts = (item.pk, item.code, pack.pk, pack.level, pack.base_units, *kept)
            self._facts[said.system, said.di] = facts
        return Label(
            label.raws[0] if len(label.raws) == 1 else label.raw,
            said.system,
            said.di,
            *facts,
            said.lot,
            said.serial,
            said.expires,
            said.expiry_basis,
            said.produced,
            said.sterilisation_lot,
            said.quantity,
        )

    def label_of(self, label: LabelText, field: str, n: int) -> Label:
        """The pack that the label is on; refused where that is none, several or contradictory."""
        by_system = self._by_system(label)
        for misfit in pack_misfits(by_system):
            raise contradiction(misfit, field, n, label.raw)
        pack = next((p for _, p in by_system), None)
        texts = label.texts
        if pack is None and any(self.options(text) for text in label.doubtful):
            # What looked like a system's code is one of ours; what it seemed to say is nothing.
            texts, label = (*texts, *label.doubtful), replace(label, readings=())
        elif pack is not None:
            self._require_no_other(label, pack, field, n)
        found = [(pack, _item(pack))] if pack else []
        for text in texts:
            found = self._narrowed(found, text, label, field, n)
        if not found:
            raise self._unknown(label, field, n)
        if len(found) > 1:
            raise ambiguous(label.raw, [option for _, option in found], field, n)
        pack, option = found[0]
        return self._label(label, pack, option, field, n)

    def _by_system(self, label: LabelText) -> list[tuple[Reading, PackagingLevel]]:
        return [(r, pack) for r in label.readings if (pack := self.by_code.get((r.system, r.di)))]

    def _require_no_other(self, label: LabelText, pack: PackagingLevel, at: str, n: int) -> None:
        """Bare digits that are a GTIN and also a code of ours for something else."""
        others = [o for text in label.doubtful for p, o in self.options(text) if p.pk != pack.pk]
        if others:
            mine = _item(pack)
            raise ambiguous(label.raw, [mine, *others], at, n)

    def _narrowed(
        self,
        found: list[tuple[PackagingLevel, Option]],
        text: str,
        label: LabelText,
        field: str,
        n: int,
    ) -> list[tuple[PackagingLevel, Option]]:
        """What agrees with one text more."""
        options = self.options(text)
        if not options:
            if found and text in (label.fact("lot"), label.fact("serial")):
                return found
            raise self._unread(text, label, field, n)
        if not found:
            return options
        both = [
            (pack if option.kind == "item" else its_pack, joined)
            for pack, option in found
            for its_pack, other in options
            if (joined := _joined(option, other)) is not None
        ]
        if not both:
            said, known = options[0][1].name, found[0][1].name
            raise contradiction(Misfit("item", said, known, text, known), field, n, label.raw)
        return list(dict.fromkeys(both))

    def _unread(self, text: str, label: LabelText, field: str, n: int) -> InvalidInput:
        problem = label.problem or CodeProblem("unknown_code", found=text)
        return UnreadableCode.of(problem, field, label.raw, n)

    def _unknown(self, label: LabelText, field: str, n: int) -> InvalidInput:
        first = next((r for r in label.readings if r.di), None)
        sscc = next((r.sscc for r in label.readings if r.sscc), "")
        details = [{"n": n, "raw": label.raw, "system": first.system if first else ""}]
        if first is None and sscc:
            return UnknownCode(
                sentence(
                    "{sscc} is the SSCC of a container and names no item. "
                    "Scan the label of a pack in it."
                ),
                field=field,
                details=details,
                sscc=sscc,
            )
        if first is None:
            return UnreadableCode.of(
                CodeProblem("unknown_code", found=label.raws[0]), field, label.raw, n
            )
        return UnknownCode(
            sentence(
                "No item of ours has the code {di}. Check the label; if it is right, "
                "have the packaging level added to the item."
            ),
            field=field,
            details=details,
            di=first.di,
        )

    def _label(
        self, label: LabelText, pack: PackagingLevel, option: Option, field: str, n: int
    ) -> Label:
        item = pack.item
        said = {name: label.fact(name) or "" for name in ("lot", "serial")}
        for what, known in (("lot", option.lot_number), ("serial", option.serial_number)):
            if known and said[what] and said[what].upper() != known.upper():
                misfit = Misfit(what, said[what], known, "", option.name)
                raise contradiction(misfit, field, n, label.raw)
        dated = next((r for r in label.readings if r.expires == label.fact("expires")), None)
        scanned = [(r.system, r.di) for r, p in self._by_system(label) if p.pk == pack.pk]
        agency, di = scanned[0] if scanned else (pack.agency, pack.di)
        return Label(
            raw=label.raw,
            agency=agency,
            di=di,
            item_id=item.pk,
            item_code=item.code,
            packaging_id=pack.pk,
            level=pack.level,
            base_units=pack.base_units,
            has_lots=item.has_lots,
            has_serials=item.has_serials,
            has_expiry=item.has_expiry,
            lot_number=said["lot"] or option.lot_number,
            serial_number=said["serial"] or option.serial_number,
            expires=label.fact("expires"),
            expiry_basis=dated.expiry_basis if dated else "expiry",
            produced=label.fact("produced"),
            sterilisation_lot=label.fact("sterilisation_lot") or "",
            quantity=label.fact("quantity"),
        )


def pack_misfits(by_system: Sequence[tuple[Reading, PackagingLevel]]) -> Iterator[Misfit]:
    """Where codes of several systems name different packs, such as HIBC against GS1."""
    for (first, one), (second, other) in pairwise(by_system):
        if one.item_id != other.item_id:
            said, known = other.item.code, one.item.code
            yield Misfit("item", said, known, second.system, first.system)
        elif one.pk != other.pk:
            said, known = str(other.level), str(one.level)
            yield Misfit("level", said, known, second.system, first.system)


def _joined(one: Option, other: Option) -> Option | None:
    """Both as one, where they can be of the same goods."""
    if one.item_id != other.item_id:
        return None
    for a, b in ((one.lot_number, other.lot_number), (one.serial_number, other.serial_number)):
        if a and b and a.upper() != b.upper():
            return None
    wide, narrow = sorted((one, other), key=lambda option: KINDS.index(option.kind))
    return replace(narrow, lot_number=narrow.lot_number or wide.lot_number)


def _item(pack: PackagingLevel) -> Option:
    return Option(pack.item_id, pack.item_id, pack.item.code)


CANDIDATE = {
    "item": sentence("item {item}"),
    "lot": sentence("lot {name} of {item}"),
    "serial": sentence("serial number {name} of {item}"),
}


def ambiguous(raw: str, options: Sequence[Option], field: str, n: int) -> AmbiguousCode:
    """The refusal that names what the code may stand for."""
    return AmbiguousCode(
        sentence("{raw} may be {candidates}. Scan another barcode of the label too."),
        field=field,
        details=[
            {"n": n, "raw": raw, "kind": o.kind, "id": o.id, "name": o.name, "item": o.item_code}
            for o in options
        ],
        raw=raw,
        candidates=[candidate_words(option) for option in options],
    )


def candidate_words(option: Option) -> Phrase:
    """What the text may stand for, in words."""
    return phrase(CANDIDATE[option.kind], name=option.name, item=option.item_code)
