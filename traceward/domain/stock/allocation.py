"""Which stock serves which demand line, and why: pure decisions over plain values. # INV-06

`allocate` serves the lines one after the other from the rows it is given. The database hands it
only rows that can matter (see sql/allocate.sql), so the same code decides about one line and
about thousands. docs/reference/allocation.md says what each strategy means.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

from traceward.domain.stock.allocation_reasons import Reason, passed_over, reason
from traceward.domain.stock.rules import BalanceKey

#: So many skipped lots are named on one line; then "others" closes the list.
MAX_NAMED = 20


class Strategy(StrEnum):
    """In which order stock is taken."""

    FEFO = "fefo"
    EDD = "edd"
    FIFO = "fifo"
    LEFO = "lefo"
    LOT_FIRST = "lot_first"
    ONE_LOT = "one_lot"
    NEAREST = "nearest"


#: These may look at every row before they decide; the others stop when the line is served.
WHOLE = frozenset({Strategy.ONE_LOT, Strategy.LOT_FIRST})


class Shortfall(StrEnum):
    """What happens where there is too little."""

    #: What is there is promised, and the rest is the line's shortage.
    TAKE = "take"
    #: A line gets everything it asks for or nothing.
    LINE = "line"
    #: The whole command is refused where one line is short.
    REFUSE = "refuse"


@dataclass(frozen=True)
class Demand:
    """What a document line asks for: a quantity of base units from one site and owner.

    `strategy` decides instead of the parameter; `minimum_days` may only ask for more remaining
    shelf life than the parameter does. `serial_ids` asks for exactly these serials.
    A lower `priority` is served first.
    """

    line_id: int
    item_id: int
    quantity: int
    site_id: int
    owner_id: int
    strategy: Strategy | None = None
    customer_id: int | None = None
    customer_class: str = ""
    minimum_days: int = 0
    lot_id: int | None = None
    serial_ids: tuple[int, ...] = ()
    priority: int = 0
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A demand with the terms that the rules set for it, and what it still misses."""

    demand: Demand
    strategy: Strategy
    #: Remaining shelf life in days is counted from here.
    counted_from: date
    minimum_days: int
    #: Lots with a minimum of their own.
    lot_days: Mapping[int, int]
    #: What is missing besides the quantity promised before.
    missing: int
    #: Lots promised to the line before; "one lot only" goes on with them.
    own_lots: frozenset[int] = frozenset()
    rules: tuple[str, ...] = ()
    serial_numbers: Mapping[int, str] = field(default_factory=dict)

    def days_for(self, lot_id: int | None) -> int:
        own = self.lot_days.get(lot_id or 0)
        return self.minimum_days if own is None else max(own, self.demand.minimum_days)

    def good_until(self, lot_id: int | None) -> date:
        """The earliest last usable day that the line accepts."""
        return self.counted_from + timedelta(days=self.days_for(lot_id))

    @property
    def served(self) -> tuple[int, bool, date, int]:
        """Lines are served in this order: EDD by due date, the others by their id."""
        due = self.demand.due_on if self.strategy == Strategy.EDD else None
        return self.demand.priority, due is None, due or date.max, self.demand.line_id


@dataclass(slots=True)
class Stock:
    """A balance in the site. `skip` says why nobody may take from it; `left` shrinks."""

    key: BalanceKey
    site_id: int
    left: int
    expires_on: date | None
    received_at: datetime | None
    pick_rank: int
    lot: str
    place: str
    skip: str = ""
    why: str = ""

    @property
    def tie(self) -> tuple[int, ...]:
        k = self.key
        where = (k.place_id, k.status, k.owner_id, k.serial_id or 0, k.container_id or 0)
        return k.item_id, k.lot_id or 0, *where

    @property
    def lot_key(self) -> int:
        return self.key.lot_id or self.key.serial_id or 0


@dataclass(frozen=True)
class Pick:
    """So much is promised from this balance."""

    key: BalanceKey
    quantity: int


@dataclass(frozen=True)
class Allocated:
    """What one line got, what it misses, and why."""

    line_id: int
    picks: list[Pick]
    #: Base units that could not be promised.
    shortage: int
    strategy: Strategy
    minimum_days: int
    #: The rules that set strategy and minimum, as "key=rule".
    rules: tuple[str, ...]
    reasons: list[Reason] = field(default_factory=list)


def _soonest(s: Stock) -> date:
    """What never expires comes last."""
    return s.expires_on or date.max


def _first_received(s: Stock) -> float:
    return s.received_at.timestamp() if s.received_at else float("inf")


#: The order in which stock is taken; equal rows by place rank, then by balance key.
ORDERS: dict[Strategy, Callable[[Stock], tuple[Any, ...]]] = {
    Strategy.FEFO: lambda s: (_soonest(s), s.pick_rank, s.tie),
    Strategy.EDD: lambda s: (_soonest(s), s.pick_rank, s.tie),
    Strategy.ONE_LOT: lambda s: (_soonest(s), s.pick_rank, s.tie),
    Strategy.LOT_FIRST: lambda s: (_soonest(s), s.pick_rank, s.tie),
    Strategy.FIFO: lambda s: (_first_received(s), s.pick_rank, s.tie),
    Strategy.LEFO: lambda s: (-_soonest(s).toordinal(), s.pick_rank, s.tie),
    Strategy.NEAREST: lambda s: (s.pick_rank, _soonest(s), s.tie),
}


Taken = list[tuple[Stock, int]]


class _Shelf:
    """The rows that lines of one shape may take, in their order, and why not the others."""

    def __init__(self, line: Line, rows: Iterable[Stock]) -> None:
        self.order = ORDERS[line.strategy]
        ordered = sorted(rows, key=self.order)
        self.rows: list[Stock] = []
        skipped: dict[Reason, Stock] = {}
        for s in ordered:
            why = _why_not(line, s)
            if why is None:
                self.rows.append(s)
            elif len(skipped) <= MAX_NAMED:
                skipped.setdefault(why, s)
        self.skipped, self.places = list(skipped), [self.order(s) for s in skipped.values()]
        there = {s.key.serial_id for s in ordered}
        for serial_id in line.demand.serial_ids:
            if serial_id not in there:
                name = line.serial_numbers.get(serial_id, "")
                self.skipped.append(reason("serial.absent", serial=name))
        #: Rows before this one are used up; the first of them are told.
        self.start = 0
        self.used: list[Reason] = []

    def advance(self) -> None:
        while self.start < len(self.rows) and self.rows[self.start].left <= 0:
            if len(self.used) <= MAX_NAMED:
                self.used.append(_promised(self.rows[self.start]))
            self.start += 1

    def passed_over(self, last: Stock) -> list[Reason]:
        """Why the rows before the last one that was taken were not."""
        before = self.skipped[: bisect(self.places, self.order(last))] if self.skipped else []
        return [*before, *self.used]

    def all_passed_over(self) -> list[Reason]:
        """Why each row was not taken: of some nothing is left, they are promised to others."""
        used = (s for s in self.rows if s.left <= 0)
        return [*self.skipped, *(_promised(s) for s in islice(used, MAX_NAMED + 1))]


def _promised(s: Stock) -> Reason:
    return reason("skip.promised", lot=s.lot, place=s.place)


def _why_not(line: Line, s: Stock) -> Reason | None:
    if s.skip:
        return passed_over(s.skip, s.lot, s.place, s.why, s.expires_on)
    if s.expires_on is not None and s.expires_on < line.good_until(s.key.lot_id):
        return reason(
            "skip.short_life",
            lot=s.lot,
            days=(s.expires_on - line.counted_from).days,
            required=line.days_for(s.key.lot_id),
        )
    return None


def allocate(
    lines: Iterable[Line], stock: Iterable[Stock], shortfall: Shortfall = Shortfall.TAKE
) -> dict[int, Allocated]:
    """Each line's picks, by line id; lines are served in order, and what one takes is gone."""
    by_pool: dict[tuple[int, int, int], list[Stock]] = defaultdict(list)
    by_serial: dict[int, list[Stock]] = defaultdict(list)
    for s in stock:
        by_pool[s.key.item_id, s.site_id, s.key.owner_id].append(s)
        if s.key.serial_id:
            by_serial[s.key.serial_id].append(s)
    shelves: dict[tuple[Any, ...], _Shelf] = {}
    found: dict[int, Allocated] = {}
    for line in sorted(lines, key=lambda x: x.served):
        shape = _shape(line)
        shelf = shelves.get(shape)
        if shelf is None:
            shelf = shelves[shape] = _Shelf(line, _rows_for(line, by_pool, by_serial))
        found[line.demand.line_id] = _serve(line, shelf, shortfall)
    return found


def _shape(line: Line) -> tuple[Any, ...]:
    d = line.demand
    place = (d.item_id, d.site_id, d.owner_id, d.lot_id, d.serial_ids)
    life = (line.good_until(None), line.days_for(None), d.minimum_days)
    return *place, *life, ORDERS[line.strategy]


def _rows_for(
    line: Line,
    by_pool: Mapping[tuple[int, int, int], list[Stock]],
    by_serial: Mapping[int, list[Stock]],
) -> Iterable[Stock]:
    d = line.demand
    if d.serial_ids:
        rows = [s for serial in d.serial_ids for s in by_serial.get(serial, ())]
        return [s for s in rows if s.site_id == d.site_id and s.key.owner_id == d.owner_id]
    rows = by_pool.get((d.item_id, d.site_id, d.owner_id), [])
    return [s for s in rows if d.lot_id in (None, s.key.lot_id)]


def _serve(line: Line, shelf: _Shelf, shortfall: Shortfall) -> Allocated:
    shelf.advance()
    taken, too_small = _choose(line, shelf) if line.missing else ([], [])
    missing = line.missing - sum(quantity for _, quantity in taken)
    if missing and shortfall != Shortfall.TAKE:
        taken, missing = [], line.missing
    reasons: list[Reason] = []
    if missing or line.demand.serial_ids or line.strategy in WHOLE:
        reasons = _named([*shelf.all_passed_over(), *too_small]) if line.missing else []
    elif taken:
        reasons = _named(shelf.passed_over(taken[-1][0]))
    if taken:
        reasons.insert(0, _why_first(line, taken[0][0]))
    if missing:
        reasons.append(reason("short", missing=missing, asked=line.demand.quantity))
    for s, quantity in taken:
        s.left -= quantity
    return Allocated(
        line.demand.line_id,
        [Pick(s.key, quantity) for s, quantity in taken],
        missing,
        line.strategy,
        line.minimum_days,
        line.rules,
        reasons,
    )


def _choose(line: Line, shelf: _Shelf) -> tuple[Taken, list[Reason]]:
    if line.strategy == Strategy.ONE_LOT and not line.demand.serial_ids:
        return _one_lot(line, shelf.rows)
    if line.strategy == Strategy.LOT_FIRST:
        return _take(_smallest_lots_first(shelf.rows), 0, line.missing), []
    return _take(shelf.rows, shelf.start, line.missing), []


def _take(rows: Sequence[Stock], start: int, missing: int) -> Taken:
    taken: Taken = []
    while missing > 0 and start < len(rows):
        s = rows[start]
        quantity = min(s.left, missing)
        if quantity > 0:
            taken.append((s, quantity))
            missing -= quantity
        start += 1
    return taken


def _by_lot(rows: Iterable[Stock]) -> list[list[Stock]]:
    """Rows with something left, together by lot; lots and rows keep their order."""
    lots: dict[int, list[Stock]] = {}
    for s in rows:
        if s.left > 0:
            lots.setdefault(s.lot_key, []).append(s)
    return list(lots.values())


def _smallest_lots_first(rows: Iterable[Stock]) -> list[Stock]:
    """The lot with the least left comes first, so that remnants go and whole lots stay."""
    return [s for lot in sorted(_by_lot(rows), key=_left) for s in lot]


def _left(rows: Iterable[Stock]) -> int:
    return sum(s.left for s in rows)


def _one_lot(line: Line, rows: Iterable[Stock]) -> tuple[Taken, list[Reason]]:
    """The first lot that covers all that is missing; why the ones before it do not."""
    too_small: list[Reason] = []
    for lot in _by_lot(rows):
        if line.own_lots and lot[0].lot_key not in line.own_lots:
            too_small.append(reason("skip.other_lot", lot=lot[0].lot))
        elif _left(lot) < line.missing:
            values = {"there": _left(lot), "needed": line.missing}
            too_small.append(reason("skip.too_small", lot=lot[0].lot, **values))
        else:
            return _take(lot, 0, line.missing), too_small
    return [], too_small


def _named(skipped: list[Reason]) -> list[Reason]:
    if not skipped:
        return skipped
    once = list(dict.fromkeys(skipped))
    return once if len(once) <= MAX_NAMED else [*once[:MAX_NAMED], reason("others")]


def _why_first(line: Line, s: Stock) -> Reason:
    if line.demand.serial_ids:
        return reason("first.serial")
    if line.demand.lot_id:
        return reason("first.lot", lot=s.lot)
    if line.strategy == Strategy.FIFO:
        day = s.received_at.date().isoformat() if s.received_at else None
        return reason("first.fifo", lot=s.lot, received_on=day)
    day = s.expires_on.isoformat() if s.expires_on else None
    return reason(f"first.{line.strategy.value}", lot=s.lot, place=s.place, expires_on=day)
