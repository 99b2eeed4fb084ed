"""Lots, serials and containers come to be known, each once in the whole group."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from traceward.domain.catalog.models import Item
from traceward.domain.stock.models import Container, Lot, Precision, Serial
from traceward.domain.stock.rules import is_same_expiry, normalised
from traceward.kernel.base.refusals import Conflict, InvalidInput, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.write import created


@dataclass(frozen=True)
class LotFacts:
    """What a label, a notice or a production run says of a lot."""

    item_id: int
    number: str
    expires_on: date | None
    expiry_precision: str = Precision.DAY.value
    expiry_raw: str = ""
    expiry_basis: str = "expiry"
    made_on: date | None = None
    supplier_lot: str = ""
    sterilisation_lot: str = ""


class LotContradiction(Conflict):
    """The lot is known with another expiry or another spelling; quality decides. # INV-05"""


def ensure_lots(facts: Iterable[LotFacts], *, by: Actor) -> dict[tuple[int, str], Lot]:
    """Each lot is known; keyed by (item id, normalised number). A contradiction is refused."""
    wanted: dict[tuple[int, str], LotFacts] = {}
    for f in facts:
        if not f.number.strip():
            raise InvalidInput(sentence("The lot number is missing. Scan the label."), field="lot")
        key = (f.item_id, normalised(f.number))
        _agree(wanted.setdefault(key, f), f)
    items = Item.objects.in_bulk({f.item_id for f in wanted.values()})
    lots = [
        Lot(
            item_id=f.item_id,
            maker_id=items[f.item_id].maker_id,
            number=number,
            raw_number=f.number.strip(),
            supplier_lot=f.supplier_lot,
            sterilisation_lot=f.sterilisation_lot,
            made_on=f.made_on,
            expires_on=f.expires_on,
            expiry_precision=f.expiry_precision,
            expiry_basis=f.expiry_basis,
            expiry_raw=f.expiry_raw,
            first_received_at=by.now,
        )
        for (_, number), f in sorted(wanted.items())
    ]
    Lot.objects.bulk_create(lots, ignore_conflicts=True)
    uids = {lot.uid for lot in lots}
    known: dict[tuple[int, str], Lot] = {}
    numbers = {number for _, number in wanted}
    for lot in Lot.objects.filter(item_id__in=items, number__in=numbers):
        key = (lot.item_id, lot.number)
        if key not in wanted:
            continue
        known[key] = lot
        if lot.uid in uids:
            created(lot, by=by, number=lot.raw_number, expires_on=lot.expires_on)
        else:
            _agree(_facts_of(lot), wanted[key])
    return known


def _facts_of(lot: Lot) -> LotFacts:
    return LotFacts(lot.item_id, lot.raw_number, lot.expires_on, lot.expiry_precision)


def _agree(known: LotFacts, said: LotFacts) -> None:
    if not is_same_expiry(said.expires_on, said.expiry_precision, known.expires_on):
        raise LotContradiction(
            sentence(
                "Lot {lot} is known with expiry {known}, this says {said}. "
                "Put it aside and ask quality to decide."
            ),
            field="expires_on",
            lot=said.number,
            known=known.expires_on,
            said=said.expires_on,
        )
    if said.number.strip() != known.number.strip():
        raise LotContradiction(
            sentence(
                "Lot {said} reads like the known lot {known} in another spelling. "
                "Put it aside and ask quality to decide."
            ),
            field="lot",
            known=known.number,
            said=said.number,
        )


def ensure_serials(
    wanted: Iterable[tuple[int, int | None, str]], *, by: Actor
) -> dict[tuple[int, str], Serial]:
    """Each serial (item id, lot id, number) is known, in its lot; keyed by (item id, number)."""
    rows: dict[tuple[int, str], Serial] = {}
    for item_id, lot_id, number in wanted:
        if not number.strip():
            raise InvalidInput(sentence("The serial number is missing."), field="serial")
        raw = number.strip()
        said = Serial(item_id=item_id, lot_id=lot_id, number=normalised(number), raw_number=raw)
        _agree_serial(rows.setdefault((item_id, said.number), said), said)
    Serial.objects.bulk_create([rows[key] for key in sorted(rows)], ignore_conflicts=True)
    known = {}
    items, numbers = {k[0] for k in rows}, [k[1] for k in rows]
    for serial in Serial.objects.filter(item_id__in=items, number__in=numbers):
        key = (serial.item_id, serial.number)
        if key in rows:
            known[key] = serial
            _agree_serial(serial, rows[key])
    by.work.facts["serials"] = len(known)
    return known


def _agree_serial(known: Serial, said: Serial) -> None:
    if known.lot_id != said.lot_id:
        raise LotContradiction(
            sentence(
                "Serial {serial} belongs to another lot. Put it aside and ask quality to decide."
            ),
            field="serial",
            serial=known.raw_number,
        )
    if known.raw_number != said.raw_number:
        raise LotContradiction(
            sentence(
                "Serial {said} reads like the known serial {known} in another spelling. "
                "Put it aside and ask quality to decide."
            ),
            field="serial",
            known=known.raw_number,
            said=said.raw_number,
        )


def ensure_container(code: str, *, by: Actor) -> Container:
    """The container with this SSCC is known."""
    container, is_new = Container.objects.get_or_create(code=code)
    if is_new:
        created(container, by=by, code=code)
    return container
