"""Serial numbers of a notice: each once, and warned about where they are known already. # INB-02"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from traceward.domain.catalog.scanning import Label
from traceward.domain.purchasing import queries
from traceward.domain.stock.rules import normalised
from traceward.domain.warehousing.scanning import goods_of
from traceward.kernel.base.refusals import InvalidInput, sentence

#: So many serials are named; a file sent twice would name every one.
MOST = 50

STANDS = sentence(
    "{goods} stands in the books already (place: {kind}). Ask the supplier which unit is meant."
)
ANNOUNCED = sentence(
    "{goods} is on its way by {number} already. Close that notice, or ask the supplier which unit "
    "is meant."
)
OTHER_LOT = sentence(
    "{goods} is known as a unit of lot {known}; the receipt will refuse it. Ask the supplier for "
    "the right numbers."
)
MORE = sentence("{more} more serial numbers of the notice are known already.")

#: An item and a serial number, normalised.
Key = tuple[int, str]


class Doubt(NamedTuple):
    """What is to be cleared up about a line, and the values of the sentence."""

    n: int
    message: str
    values: Mapping[str, object]


def _keys(read: Sequence[Label]) -> Iterator[tuple[int, Key]]:
    for n, label in enumerate(read):
        if label.has_serials and label.serial_number:
            yield n, (label.item_id, normalised(label.serial_number))


def require_each_once(read: Sequence[Label]) -> None:
    """Refused at the line that names a serial of an earlier line."""
    first: dict[Key, int] = {}
    for n, key in _keys(read):
        before = first.setdefault(key, n)
        if before != n:
            raise InvalidInput(
                sentence(
                    "{goods} is on line {line} of the notice already. Ask the supplier which units "
                    "come."
                ),
                field=f"lines.{n}.codes",
                goods=goods_of(read[n]),
                line=before + 1,
            )


def serial_doubts(read: Sequence[Label], notice_id: int) -> list[Doubt]:
    """The serials that stand somewhere, are announced elsewhere, or are of another lot."""
    of_line = dict(_keys(read))
    if not of_line:
        return []
    known = queries.known_serials(set(of_line.values()), but=notice_id)
    found = []
    for n, key in of_line.items():
        label, goods = read[n], goods_of(read[n])
        lot = known.lots.get(key, "")
        if key in known.standing:
            found.append(Doubt(n, STANDS, {"goods": goods, "kind": known.standing[key]}))
        elif lot and label.has_lots and label.lot_number and normalised(label.lot_number) != lot:
            found.append(Doubt(n, OTHER_LOT, {"goods": goods, "known": lot}))
        elif key in known.announced:
            found.append(Doubt(n, ANNOUNCED, {"goods": goods, "number": known.announced[key]}))
    more = len(found) - MOST
    last = [Doubt(found[MOST].n, MORE, {"more": more})] if more > 0 else []
    return found[:MOST] + last
