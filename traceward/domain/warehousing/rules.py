"""Holding what was scanned against what was announced; pure."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeVar

#: What the label asks to be kept below this is cold chain: its journey must be on record.
COLD_BELOW_C = Decimal(15)
#: So many contradictions are named; a file of the wrong goods would name every line.
MAX_FAULTS = 50


class Scanned(NamedTuple):
    """One code, with the base units that it stands for. Numbers are normalised, "" for none."""

    item_id: int
    quantity: int
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None


class Announced(NamedTuple):
    """What one announced line still has to come; "" and None where it does not say."""

    line_id: int
    item_id: int
    open_quantity: int
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None


class Part(NamedTuple):
    """So much of a scan belongs to this announced line."""

    scan: int
    line_id: int
    quantity: int


class RefusalReason(StrEnum):
    """Why goods are not taken over at the door (GSP art. 60-63). # INB-02"""

    DAMAGED = "damaged"
    TEMPERATURE = "wrong temperature"
    NO_TEMPERATURE = "no temperature record"
    PAPERS_MISSING = "papers missing"
    PAPERS_DIFFER = "papers differ"
    WRONG_GOODS = "wrong goods"
    TOO_MANY = "too many"
    EXPIRED = "expired"
    UNREADABLE = "unreadable label"
    NOT_QUALIFIED = "not qualified"
    OTHER = "other"


class Fault(StrEnum):
    ITEM = "item"
    LOT = "lot"
    SERIAL = "serial"
    EXPIRY = "expires_on"
    OVER = "quantity"


@dataclass(frozen=True)
class Contradiction:
    """A scan that does not agree: the field, what was announced and what was scanned."""

    scan: int
    fault: Fault
    announced: str
    scanned: str


Key = tuple[int, str, str, date | None]


class _Open:
    """Announced lines by what they say, each group in line order, less what was matched."""

    def __init__(self, lines: Sequence[Announced]) -> None:
        self.groups: dict[Key, deque[Announced]] = defaultdict(deque)
        self.by_item: dict[int, list[Announced]] = defaultdict(list)
        self.rest = {line.line_id: line.open_quantity for line in lines}
        for line in lines:
            key = (line.item_id, line.lot, line.serial, line.expires_on)
            self.groups[key].append(line)
            self.by_item[line.item_id].append(line)

    def exactly(self, n: int, scan: Scanned) -> Part | None:
        """All of the scan, where the next line that says just the same has room for it."""
        group = self.groups.get((scan.item_id, scan.lot, scan.serial, scan.expires_on))
        if not group:
            return None
        line_id = group[0].line_id
        rest = self.rest[line_id] - scan.quantity
        if rest < 0:
            return None
        self.rest[line_id] = rest
        if not rest:
            group.popleft()
        return Part(n, line_id, scan.quantity)

    def agreeing(self, scan: Scanned) -> list[deque[Announced]]:
        """The groups that say the same as the scan or nothing, those that say most first."""
        keys = dict.fromkeys(
            (scan.item_id, lot, serial, expires_on)
            for lot in (scan.lot, "")
            for serial in (scan.serial, "")
            for expires_on in (scan.expires_on, None)
        )
        return [self.groups[key] for key in keys if key in self.groups]

    def take(self, n: int, scan: Scanned, groups: Sequence[deque[Announced]]) -> list[Part]:
        """Parts of the scan, until it is all matched or the groups are used up."""
        parts = []
        wanted = scan.quantity
        for group in groups:
            while wanted and group:
                line_id = group[0].line_id
                taken = min(wanted, self.rest[line_id])
                if taken:
                    parts.append(Part(n, line_id, taken))
                self.rest[line_id] -= taken
                wanted -= taken
                if self.rest[line_id] <= 0:
                    group.popleft()
        return parts


def match(
    scans: Sequence[Scanned], lines: Sequence[Announced]
) -> tuple[list[Part], list[Contradiction]]:
    """Each scan in announced lines that agree with it, and the first contradictions. # INB-02

    A scan may fill several lines of the same lot. More than was announced is a contradiction.
    Takes time in proportion to scans and lines.
    """
    left = _Open(lines)
    parts: list[Part] = []
    faults: list[Contradiction] = []
    for n, scan in enumerate(scans):
        part = left.exactly(n, scan)
        if part is not None:
            parts.append(part)
            continue
        groups = left.agreeing(scan)
        if not groups:
            faults.append(_contradiction(n, scan, left.by_item[scan.item_id]))
        else:
            mine = left.take(n, scan, groups)
            parts.extend(mine)
            matched = sum(p.quantity for p in mine)
            if matched < scan.quantity:
                faults.append(Contradiction(n, Fault.OVER, str(matched), str(scan.quantity)))
        if len(faults) == MAX_FAULTS:
            break
    return parts, faults


def _contradiction(n: int, scan: Scanned, lines: Sequence[Announced]) -> Contradiction:
    """Where the scan first differs from every line of its item: lot, then serial, then expiry."""
    left = list(lines)
    for fault, name in ((Fault.LOT, "lot"), (Fault.SERIAL, "serial"), (Fault.EXPIRY, "expires_on")):
        said = getattr(scan, name)
        agreeing = [line for line in left if getattr(line, name) in ("", None, said)]
        if left and not agreeing:
            announced = sorted({str(getattr(line, name)) for line in left})
            more = ", …" if len(announced) > 3 else ""
            return Contradiction(n, fault, ", ".join(announced[:3]) + more, str(said or "—"))
        left = agreeing
    return Contradiction(n, Fault.ITEM, "", "")


G = TypeVar("G")


def cleared(
    receipts: Iterable[int], rests: Mapping[int, Mapping[G, int]], waiting: Mapping[G, int]
) -> list[int]:
    """The receipts, in this order, of which nothing waits any more. # INB-01

    `rests` is what was not put away of each, by goods; `waiting` what of them still stands where
    goods come in. The difference has left by other ways, and is counted for the first ones.
    """
    gone: dict[G, int] = defaultdict(int)
    for rest in rests.values():
        for goods, quantity in rest.items():
            gone[goods] += quantity
    for goods, quantity in waiting.items():
        gone[goods] -= quantity
    found = []
    for receipt in receipts:
        if all(quantity <= gone[goods] for goods, quantity in rests[receipt].items() if quantity):
            found.append(receipt)
            for goods, quantity in rests[receipt].items():
                gone[goods] -= quantity
    return found


def needs_cold_chain(storage_c_max: Decimal | None) -> bool:
    """Whether the journey's temperatures must be on record (GSP art. 63)."""
    return storage_c_max is not None and storage_c_max <= COLD_BELOW_C


def is_within(measured: Decimal, c_min: Decimal | None, c_max: Decimal | None) -> bool:
    """Whether a measured temperature is one the label allows."""
    return (c_min is None or measured >= c_min) and (c_max is None or measured <= c_max)


#: What a label allows, in degrees Celsius; None means no limit on that side.
Limits = tuple[Decimal | None, Decimal | None]


def in_common(one: Limits, other: Limits) -> Limits | None:
    """The temperatures that both labels allow, or None where there are none."""
    low = max((x for x in (one[0], other[0]) if x is not None), default=None)
    high = min((x for x in (one[1], other[1]) if x is not None), default=None)
    return None if low is not None and high is not None and low > high else (low, high)


def fitting(limits: Iterable[Limits]) -> list[bool]:
    """Whether each travels with the first: in turn, as long as a temperature suits them all."""
    common: Limits = (None, None)
    fits = []
    for one in limits:
        both = in_common(common, one)
        fits.append(both is not None)
        common = both or common
    return fits


# --- Papers ---------------------------------------------------------------------------------

#: GSP: records are kept so many years past the last day of use; without such a day, so many.
KEPT_PAST_EXPIRY, KEPT_WITHOUT = 2, 5


def kept_until(
    written_on: date, expiries: Iterable[date | None], has_implants: bool
) -> date | None:
    """The last day on which the papers of these goods must be there; None means for ever.

    Records of implants are permanent. The longest of what the goods ask for counts.
    """
    if has_implants:
        return None
    return max(
        _years_on(day, KEPT_PAST_EXPIRY) if day else _years_on(written_on, KEPT_WITHOUT)
        for day in list(expiries) or [None]
    )


def _years_on(day: date, years: int) -> date:
    """The same day so many years later; the last of February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
