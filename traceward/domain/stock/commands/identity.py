"""Lots, serials and containers come to be known, each once in the whole group."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F

from traceward.domain.stock.models import Container, Lot, Precision
from traceward.domain.stock.rules import is_same_expiry, normalised
from traceward.kernel.base import ids
from traceward.kernel.base.arrays import numbers, texts, uids
from traceward.kernel.base.prepared import Prepared
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


#: The columns of a new lot that differ from one to the next, in the order of the statement.
COLUMNS = (
    "uid", "item_id", "number", "raw_number", "supplier_lot", "sterilisation_lot", "made_on",
    "expires_on", "expiry_precision", "expiry_basis", "expiry_raw",
)  # fmt: skip


class LotContradiction(Conflict):
    """The lot is known with another expiry or another spelling; quality decides. # INV-05"""


def ensure_lots(facts: Iterable[LotFacts], *, by: Actor) -> dict[tuple[int, str], Lot]:
    """Each lot is known; keyed by (item id, normalised number). A contradiction is refused.

    One statement where none of them was known before, else two.
    """
    wanted: dict[tuple[int, str], LotFacts] = {}
    for f in facts:
        if not f.number.strip():
            raise InvalidInput(sentence("The lot number is missing. Scan the label."), field="lot")
        key = (f.item_id, normalised(f.number))
        _agree(wanted.setdefault(key, f), f)
    known: dict[tuple[int, str], Lot] = {}
    for lot in _new_lots(wanted, by.now):
        known[lot.item_id, lot.number] = lot
        created(lot, by=by, number=lot.raw_number, expires_on=lot.expires_on)
    for lot in _known_lots(wanted.keys() - known.keys()):
        known[lot.item_id, lot.number] = lot
        said = LotFacts(lot.item_id, lot.raw_number, lot.expires_on, lot.expiry_precision)
        _agree(said, wanted[lot.item_id, lot.number])
    return known


def _new_lots(wanted: Mapping[tuple[int, str], LotFacts], now: datetime) -> list[Lot]:
    """Those that were not known of their item's maker are, from now on; added in order."""
    lots = [
        Lot(
            item_id=f.item_id,
            number=number,
            raw_number=f.number.strip(),
            supplier_lot=f.supplier_lot,
            sterilisation_lot=f.sterilisation_lot,
            made_on=f.made_on,
            expires_on=f.expires_on,
            expiry_precision=f.expiry_precision,
            expiry_basis=f.expiry_basis,
            expiry_raw=f.expiry_raw,
            first_received_at=now,
        )
        for (_, number), f in sorted(wanted.items())
    ]
    if not lots:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stock_lot (maker_id, own_lot, first_received_at, uid, item_id, number,"
            " raw_number, supplier_lot, sterilisation_lot, made_on, expires_on, expiry_precision,"
            " expiry_basis, expiry_raw)"
            " SELECT i.maker_id, '', %s, x.* FROM unnest(%s::uuid[], %s::bigint[], %s::text[],"
            " %s::text[], %s::text[], %s::text[], %s::date[], %s::date[], %s::text[], %s::text[],"
            " %s::text[]) x(uid, item, number, raw, supplier, sterilised, made_on, expires_on,"
            " precision, basis, expiry) JOIN catalog_item i ON i.id = x.item"
            " ORDER BY x.item, x.number"
            " ON CONFLICT (maker_id, item_id, number) DO NOTHING RETURNING uid, id, maker_id",
            [now, *([getattr(lot, name) for lot in lots] for name in COLUMNS)],
        )
        made = {uid: (pk, maker) for uid, pk, maker in cursor.fetchall()}
    new = [lot for lot in lots if lot.uid in made]
    for lot in new:
        lot.pk, lot.maker_id = made[lot.uid]
        lot._state.adding, lot._state.db = False, connection.alias
    return new


def _known_lots(keys: Collection[tuple[int, str]]) -> Iterable[Lot]:
    """The lots of these items by their makers, with these numbers."""
    if not keys:
        return ()
    rows = _LOTS({item for item, _ in keys}, {number for _, number in keys})
    return (row for row in rows if (row.item_id, row.number) in keys)


_LOTS = Prepared(
    lambda items, numbers: Lot.objects.filter(
        item_id__in=items, number__in=numbers, maker_id=F("item__maker_id")
    )
)


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


class Unit(NamedTuple):
    """A serial as it is known: thousands of them at once are no model rows."""

    pk: int
    item_id: int
    lot_id: int | None
    number: str
    raw_number: str


def ensure_serials(
    wanted: Iterable[tuple[int, int | None, str]], *, by: Actor
) -> dict[tuple[int, str], Unit]:
    """Each serial (item id, lot id, number) is known, in its lot; keyed by (item id, number).

    One statement where none of them was known before, else two.
    """
    rows: dict[tuple[int, str], Unit] = {}
    for item_id, lot_id, number in wanted:
        if not number.strip():
            raise InvalidInput(sentence("The serial number is missing."), field="serial")
        said = Unit(0, item_id, lot_id, normalised(number), number.strip())
        _agree_serial(rows.setdefault((item_id, said.number), said), said)
    known = {(x.item_id, x.number): x for x in _new_serials([rows[key] for key in sorted(rows)])}
    for serial in _known_serials([key for key in rows if key not in known]):
        key = (serial.item_id, serial.number)
        known[key] = serial
        _agree_serial(serial, rows[key])
    by.work.facts["serials"] = len(known)
    return {key: known[key] for key in rows if key in known}


def _new_serials(wanted: Sequence[Unit]) -> list[Unit]:
    """Those that were not known are, from now on; added in the order given."""
    _, items, lots, names, raw = zip(*wanted, strict=True) if wanted else ((),) * 5
    return _units(
        "INSERT INTO stock_serial (uid, item_id, lot_id, number, raw_number) SELECT * FROM unnest("
        "%s::uuid[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])"
        " ON CONFLICT (item_id, number) DO NOTHING"
        " RETURNING id, item_id, lot_id, number, raw_number",
        [
            uids(ids.new_uid() for _ in wanted),
            numbers(items),
            numbers(lots),
            texts(names),
            texts(raw),
        ],
    )


def _known_serials(keys: Sequence[tuple[int, str]]) -> list[Unit]:
    if not keys:
        return []
    return _units(
        "SELECT s.id, s.item_id, s.lot_id, s.number, s.raw_number"
        " FROM unnest(%s::bigint[], %s::text[]) x(item, number)"
        " JOIN stock_serial s ON s.item_id = x.item AND s.number = x.number",
        [numbers([item for item, _ in keys]), texts([number for _, number in keys])],
    )


def _units(statement: str, values: list[Any]) -> list[Unit]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Unit(*row) for row in cursor.fetchall()]


def _agree_serial(known: Unit, said: Unit) -> None:
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
