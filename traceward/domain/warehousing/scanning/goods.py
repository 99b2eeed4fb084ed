"""Scans resolved to goods that are known: item, lot, serial, quantity; held against the record."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from traceward.domain.catalog.scanning import (
    WHAT,
    Label,
    Misfit,
    Named,
    Option,
    UnreadableCode,
    contradiction,
    labels_of,
    read,
)
from traceward.domain.stock.models import Container, Lot, Serial
from traceward.domain.stock.refusals import goods_named
from traceward.domain.stock.rules import normalised
from traceward.domain.warehousing.queries import Goods
from traceward.kernel.base.codes import LabelText, fits, own_text
from traceward.kernel.base.gs1 import CodeProblem
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import InvalidInput, Phrase, sentence

#: Lots or serials that one text may stand for; more are not told apart by naming them.
MAX_OPTIONS = 20


class IncompleteLabel(InvalidInput):
    """The label says more in another barcode, which is to be scanned as well."""


@dataclass(frozen=True)
class Scanned:
    """One scan resolved to known goods, in base units."""

    label: Label
    goods: Goods
    quantity: int


def goods_of(label: Label) -> Phrase:
    """What the label names, in words."""
    return goods_named(label.item_code, label.lot_number, label.serial_number)


Key = tuple[int, str]


@dataclass(frozen=True)
class Identities:
    """The lots and serials that labels name, as far as they are known, by item and number."""

    lots: dict[Key, Lot]
    serials: dict[Key, Serial]

    def lot_of(self, label: Label) -> Lot | None:
        """The lot that the label names; where it names none, that of its serial."""
        if not label.has_lots:
            return None
        if not label.lot_number and (serial := self.serial_of(label)):
            return serial.lot
        return self.lots.get((label.item_id, normalised(label.lot_number)))

    def serial_of(self, label: Label) -> Serial | None:
        """The serial that the label names."""
        if not (label.has_serials and label.serial_number):
            return None
        return self.serials.get((label.item_id, normalised(label.serial_number)))


def scanned(
    scans: Sequence[tuple[Sequence[str], int]], today: date, *, field: str
) -> list[Scanned]:
    """Each scan (barcodes of one pack, number of such packs) as goods that we know.

    Refused, naming the scan, where it cannot be read, the lot or serial is not known, or the label
    contradicts itself or what is known of the goods. As many queries for many scans as for few.
    """
    texts = read([codes for codes, _ in scans], today, field=field)
    found = labels_of(texts, field=field, named=options_of(texts))
    known = identities(found)
    goods = []
    for n, (label, (_, packs)) in enumerate(zip(found, scans, strict=True)):
        at = field.format(n=n)
        if packs < 1:
            raise InvalidInput(sentence("Give how many packs there are, at least one."), field=at)
        lot, serial = known.lot_of(label), known.serial_of(label)
        require_numbers(label, lot is not None, at)
        for misfit in misfits(label, known):
            raise contradiction(misfit, at, n, label.raw)
        if (label.has_lots and lot is None) or (label.has_serials and serial is None):
            raise unknown_goods(label, at, n)
        of = Goods(label.item_id, lot.pk if lot else None, serial.pk if serial else None)
        goods.append(Scanned(label, of, packs * label.base_units))
    return goods


def unknown_goods(label: Label, field: str, n: int) -> InvalidInput:
    """The refusal for a lot or serial that is not known here."""
    return InvalidInput(
        sentence(
            "{goods} was never received here. Scan all barcodes of the label; "
            "if they are right, report it to quality."
        ),
        field=field,
        details=[{"n": n, "raw": label.raw}],
        goods=goods_of(label),
    )


def require_numbers(label: Label, is_lot_known: bool, field: str) -> None:
    """Refused where the label lacks a number by which the item is followed."""
    for is_kept, is_there, what in (
        (label.has_lots, bool(label.lot_number) or is_lot_known, WHAT["lot"]),
        (label.has_serials, bool(label.serial_number), WHAT["serial"]),
    ):
        if is_kept and not is_there:
            raise IncompleteLabel(
                sentence("The label of {item} says no {what}. Scan its other barcode too."),
                field=field,
                details=[{"n": 0, "raw": label.raw}],
                item=label.item_code,
                what=what,
            )


def require_agreement(found: Sequence[Label], *, field: str) -> None:
    """Refused where a label contradicts what is known of its lot or serial already. # INV-05"""
    known = identities(found)
    if not (known.lots or known.serials):
        return
    for n, label in enumerate(found):
        for misfit in misfits(label, known):
            raise contradiction(misfit, field.format(n=n), n, label.raw)


def misfits(label: Label, known: Identities) -> Iterator[Misfit]:
    """Where the label contradicts the record of its serial or lot.

    The production date is that of a lot; of an item with serials each unit may have its own.
    """
    system = label.agency
    serial = known.serial_of(label)
    named = known.lots.get((label.item_id, normalised(label.lot_number)))
    if serial and label.has_lots and label.lot_number and serial.lot != named:
        yield Misfit("lot", label.lot_number, str(serial.lot or "—"), system)
    lot = known.lot_of(label)
    if lot is None:
        return
    if label.expires and not (lot.expires_on and fits(label.expires, lot.expires_on)):
        yield Misfit("expires", str(label.expires.on), str(lot.expires_on or "—"), system)
    made = label.produced if not label.has_serials else None
    if made and lot.made_on and not fits(made, lot.made_on):
        yield Misfit("produced", str(made.on), str(lot.made_on), system)


def identities(found: Sequence[Label]) -> Identities:
    """What is known of the lots and serials of these labels; two queries."""
    return Identities(_lots_of(found), _serials_of(found))


def _lots_of(found: Iterable[Label]) -> dict[Key, Lot]:
    wanted = {(x.item_id, normalised(x.lot_number)) for x in found if x.lot_number}
    if not wanted:
        return {}
    rows = _LOTS({k[0] for k in wanted}, {k[1] for k in wanted})
    return {(row.item_id, row.number): row for row in rows}


def _serials_of(found: Iterable[Label]) -> dict[Key, Serial]:
    wanted = {(x.item_id, normalised(x.serial_number)) for x in found if x.serial_number}
    if not wanted:
        return {}
    rows = _SERIALS({k[0] for k in wanted}, {k[1] for k in wanted})
    return {(row.item_id, row.number): row for row in rows}


_LOTS = Prepared(
    lambda items, numbers: Lot.objects.filter(
        item_id__in=items, number__in=numbers, maker_id=F("item__maker_id")
    )
)
_SERIALS = Prepared(
    lambda items, numbers: Serial.objects.select_related("lot").filter(
        item_id__in=items, number__in=numbers
    )
)


def options_of(texts: Iterable[LabelText]) -> Named:
    """The lots and serials that plain texts among the scans may name; no query without such."""
    plain = {text for label in texts for text in (*label.texts, *label.doubtful)}
    if not plain:
        return {}
    numbers = {normalised(text): text for text in plain}
    found: dict[str, list[Option]] = defaultdict(list)
    is_named = Q(number__in=numbers) | (Q(own_lot__in=plain) & ~Q(own_lot=""))
    lots = Lot.objects.select_related("item").filter(is_named).order_by("pk")
    for lot in lots[: MAX_OPTIONS * len(plain)]:
        option = Option(lot.pk, lot.item_id, lot.item.code, lot.raw_number)
        for text in {numbers.get(lot.number, ""), lot.own_lot} & plain:
            found[text].append(option)
    serials = Serial.objects.select_related("item", "lot").filter(number__in=numbers)
    for row in serials.order_by("pk")[: MAX_OPTIONS * len(plain)]:
        number = row.lot.raw_number if row.lot else ""
        option = Option(row.pk, row.item_id, row.item.code, number, row.raw_number)
        found[numbers[row.number]].append(option)
    return found


def place_code(raw: str, *, field: str) -> str:
    """The code of a place as its label says it, without what the scanner adds."""
    return _text(raw, field)


def _text(raw: str, field: str) -> str:
    try:
        return own_text(raw)
    except CodeProblem as problem:
        raise UnreadableCode.of(problem, field, raw) from None


def sscc_of(raw: str, today: date, *, field: str) -> str:
    """The code of the container that the scanned label belongs to: its SSCC, or a known one."""
    (label,) = read([[raw]], today, field=field)
    sscc = label.fact("sscc")
    if sscc:
        return str(sscc)
    for text in (*label.texts, *label.doubtful):
        if Container.objects.filter(code=text).exists():
            return text
    if label.problem is not None and label.problem.code != "unknown_code":
        raise UnreadableCode.of(label.problem, field, raw)
    raise InvalidInput(
        sentence("This code is no SSCC. Scan the label of the case or pallet."),
        field=field,
        details=[{"n": 0, "raw": raw}],
    )
