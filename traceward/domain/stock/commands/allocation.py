"""Promising stock to demand lines by strategy, with reasons, and giving it back. # INV-06

One call takes thousands of lines with a constant number of statements: the rules, the stock that
can matter (locked in key order), the promises. The decision is `allocation.allocate`, the same
for one line and for many.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from traceward.domain.stock.allocation import (
    WHOLE,
    Allocated,
    Demand,
    Line,
    Pick,
    Shortfall,
    Stock,
    Strategy,
    allocate,
)
from traceward.domain.stock.allocation_reasons import SENTENCES
from traceward.domain.stock.commands.posting import promise
from traceward.domain.stock.commands.terms import (
    facts_of,
    lines_of,
    lock_documents,
    promised_before,
    rows,
)
from traceward.domain.stock.queries.promises import Promised, promised_to
from traceward.domain.stock.queries.wanted import require_quantity
from traceward.domain.stock.refusals import ShortStock
from traceward.domain.stock.rules import BalanceKey, Promise
from traceward.kernel.base.days import require_near
from traceward.kernel.base.refusals import InvalidInput, TooLarge, phrase, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.arguments import MAX_LINES
from traceward.kernel.command.run import command
from traceward.kernel.org.roles import PLANNER, SALES, STOREKEEPER, SUPERVISOR, SYSTEM
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey

#: Beyond it a priority is a slip of the hand.
MAX_PRIORITY = 1_000_000
#: Lines of one item that ask for more different shelf lives than this see all of its stock.
MAX_WAVES = 4


@dataclass(frozen=True)
class Reserved:
    """What each line got, in the order asked for."""

    lines: list[Allocated]

    @property
    def shortage(self) -> int:
        return sum(line.shortage for line in self.lines)


@dataclass(frozen=True)
class Released:
    """What was promised and is free again."""

    lines: list[Promised]


def reserve_scope(demands: list[Demand], **_: Any) -> list[ScopeKey]:
    """The sites that the stock is asked from, and those of the lines' documents."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT legal_entity_id, id FROM org_site WHERE id = ANY (%s)"
            " UNION SELECT d.legal_entity_id, d.site_id FROM documents_line l"
            " JOIN documents_document d ON d.id = l.document_id WHERE l.id = ANY (%s)",
            [list({d.site_id for d in demands}), [d.line_id for d in demands]],
        )
        return [ScopeKey(*row) for row in cursor.fetchall()] or [WHOLE_GROUP]


@command(
    "stock.reserve",
    roles=(SALES, PLANNER, STOREKEEPER, SUPERVISOR, SYSTEM),
    scope=reserve_scope,
)
def reserve(
    demands: list[Demand],
    *,
    shortfall: Shortfall = Shortfall.TAKE,
    expires_at: datetime | None = None,
    by: Actor,
) -> Reserved:
    """Each line has stock promised by its strategy, as far as there is some, with the reasons.

    What a line was promised before counts: only what is missing is added. Once in a transaction.
    """
    assert "stock.reserve" not in by.work.facts, "name all lines in one stock.reserve"
    _check(demands, expires_at, by)
    facts = facts_of(demands)
    before = promised_before(demands, facts, by)
    lines = lines_of(demands, facts, before)
    stock = _candidates([x for x in lines if x.missing], by)
    found = allocate(lines, stock, shortfall)
    if shortfall == Shortfall.REFUSE:
        _refuse_short(demands, found)
    picks = ((d.line_id, p) for d in demands for p in found[d.line_id].picks)
    made = [Promise(line_id, p.key, p.quantity) for line_id, p in picks]
    if made:
        promise(made, expires_at=expires_at, by=by)
    by.work.facts["stock.reserve"] = {
        "lines": len(lines),
        "short_lines": sum(1 for x in found.values() if x.shortage),
        "promised": sum(p.change for p in made),
        "rules": sorted({rule for x in lines for rule in x.rules}),
    }
    return Reserved([found[d.line_id] for d in demands])


def promise_instead(
    demand: Demand, was: BalanceKey, held: int, *, field: str, by: Actor
) -> Allocated:
    """Other lots are promised to the line by its rules, all that it asks for, and `was` is not.

    Refused, with the reasons, where they do not suffice. Called by the commands of a pick.
    """
    facts = facts_of([demand])
    promised_before([demand], facts, by)
    (line,) = lines_of([demand], facts, {})
    own = was.lot_id or was.serial_id or 0
    stock = [s for s in _candidates([line], by, is_whole=True) if s.lot_key != own]
    found = allocate([line], stock)[demand.line_id]
    if found.shortage:
        why = next((one for one in found.reasons if one.code.startswith("skip.")), None)
        values: dict[str, Any] = {"missing": found.shortage, "asked": demand.quantity}
        if why is not None:
            values["why"] = phrase(SENTENCES[why.code], **dict(why.values))
        raise ShortStock(
            sentence("No other lot may be fetched instead: {missing} of {asked} are missing. {why}")
            if why is not None
            else sentence("No other lot may be fetched instead: {missing} of {asked} are missing."),
            field=field,
            **values,
        )
    made = [Promise(demand.line_id, pick.key, pick.quantity) for pick in found.picks]
    promise([Promise(demand.line_id, was, -held), *made] if held else made, by=by)
    by.work.facts["stock.reserve"] = {"instead": own, "rules": sorted(found.rules)}
    return found


def release_scope(line_ids: list[int], **_: Any) -> list[ScopeKey]:
    """The sites in which something is promised to the lines, and those of their documents."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.legal_entity_id, p.site_id FROM stock_reservation v"
            " JOIN stock_balance b ON b.id = v.balance_id JOIN places_place p ON p.id = b.place_id"
            " WHERE v.line_id = ANY (%s) AND v.quantity > 0"
            " UNION SELECT d.legal_entity_id, d.site_id FROM documents_line l"
            " JOIN documents_document d ON d.id = l.document_id WHERE l.id = ANY (%s)",
            [line_ids, line_ids],
        )
        return [ScopeKey(*row) for row in cursor.fetchall()] or [WHOLE_GROUP]


@command(
    "stock.release_reservations",
    roles=(SALES, PLANNER, STOREKEEPER, SUPERVISOR, SYSTEM),
    scope=release_scope,
)
def release_reservations(line_ids: list[int], *, by: Actor) -> Released:
    """Nothing is promised to the lines any more."""
    _limit(line_ids, "line_ids")
    lock_documents(line_ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stock_lock_promises(%s, '{}')", [line_ids])
    held = promised_to(line_ids)
    if held:
        promise((Promise(p.line_id, p.key, -p.quantity) for p in held), by=by)
    return Released(held)


def _limit(rows: Sequence[Any], name: str) -> None:
    if len(rows) > MAX_LINES:
        raise TooLarge(
            sentence("{count} lines are too many for one command; send at most {limit}."),
            field=name,
            count=len(rows),
            limit=MAX_LINES,
        )


def _check(demands: Sequence[Demand], expires_at: datetime | None, by: Actor) -> None:
    _limit(demands, "demands")
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= by.now):
        raise InvalidInput(
            sentence("Promises must end at a later moment than now, given with its time zone."),
            field="expires_at",
        )
    seen: set[int] = set()
    for n, d in enumerate(demands):
        if d.quantity <= 0 or d.minimum_days < 0:
            raise InvalidInput(
                sentence("Ask for a whole number above zero, and no negative shelf life."),
                field=f"demands.{n}.quantity" if d.quantity <= 0 else f"demands.{n}.minimum_days",
            )
        require_quantity(d.quantity, f"demands.{n}.quantity")
        if abs(d.priority) > MAX_PRIORITY:
            raise InvalidInput(
                sentence("A priority lies between −{limit} and {limit}; the lowest comes first."),
                field=f"demands.{n}.priority",
                limit=MAX_PRIORITY,
            )
        require_near(d.due_on, by.now.date(), f"demands.{n}.due_on")
        if d.line_id in seen:
            raise InvalidInput(
                sentence("Line {line} is asked for twice. Put it together."),
                field=f"demands.{n}.line_id",
                line=d.line_id,
            )
        seen.add(d.line_id)
        if d.serial_ids and len(set(d.serial_ids)) != d.quantity:
            raise InvalidInput(
                sentence("Line {line} asks for {quantity}, but names {count} serials."),
                field=f"demands.{n}.serial_ids",
                line=d.line_id,
                quantity=d.quantity,
                count=len(set(d.serial_ids)),
            )


# --- The stock -------------------------------------------------------------------------------

SORTING = {Strategy.FIFO: "fifo", Strategy.LEFO: "lefo", Strategy.NEAREST: "nearest"}
CANDIDATES = (
    "SELECT * FROM stock_candidates(%s, %s, %s, %s::bigint[], %s::bigint[], %s::bigint[],"
    " %s::bigint[], %s::bigint[], %s::text[], %s::date[], %s::bigint[])"
)
#: Whether these may be taken is for the line to say: it knows the days, and what is left.
FOR_THE_LINE = frozenset({"promised", "short_life"})


class Wave(NamedTuple):
    """Lines that take the same stock in the same order; see sql/allocate.sql."""

    #: Exactly one of item, lot and serial is filled.
    item_id: int | None
    site_id: int
    owner_id: int
    lot_id: int | None
    serial_id: int | None
    sorting: str
    good_until: date | None
    total: int | None


def _candidates(lines: Sequence[Line], by: Actor, *, is_whole: bool = False) -> list[Stock]:
    """The stock that the lines can need, or all of it, locked; what cannot be taken says why."""
    waves = _waves(lines, is_whole)
    if not waves:
        return []
    columns = [list(column) for column in zip(*waves, strict=True)]
    line_ids = [x.demand.line_id for x in lines]
    items = list({x.demand.item_id for x in lines})
    found = rows(CANDIDATES, by.work.command_id, line_ids, items, *columns)
    return [_stock(row) for row in found]


def _stock(row: tuple[Any, ...]) -> Stock:
    """A row of stock_candidates: the balance key, then what is said of it."""
    site, left, expires_on, received_at, rank, lot, place, skip, why = row[7:]
    skip = "" if skip in FOR_THE_LINE else skip
    key = BalanceKey(*row[:7])
    return Stock(key, site, left, expires_on, received_at, rank, lot, place, skip, why or "")


def _waves(lines: Sequence[Line], is_whole: bool) -> list[Wave]:
    totals: dict[tuple[int, int, int], int] = defaultdict(int)
    for x in lines:
        totals[_pool(x.demand)] += x.missing
    named: dict[Wave, None] = {}
    pools: dict[tuple[int, int, int], dict[Wave, None]] = defaultdict(dict)
    for x in lines:
        d, pool = x.demand, _pool(x.demand)
        is_all = is_whole or x.strategy in WHOLE or x.lot_days
        total = None if is_all else totals[pool]
        good = None if x.lot_days else x.good_until(d.lot_id)
        sorting = SORTING.get(x.strategy, "fefo")
        here = (d.site_id, d.owner_id)
        if d.serial_ids:
            waves = (Wave(None, *here, None, s, "fefo", good, None) for s in d.serial_ids)
            named.update(dict.fromkeys(waves))
        elif d.lot_id:
            named[Wave(None, *here, d.lot_id, None, sorting, good, total)] = None
        else:
            pools[pool][Wave(d.item_id, *here, None, None, sorting, good, total)] = None
    for pool, waves_of_pool in pools.items():
        if len(waves_of_pool) > MAX_WAVES:
            waves_of_pool = {Wave(*pool, None, None, "fefo", None, None): None}
        named.update(waves_of_pool)
    return list(named)


def _pool(d: Demand) -> tuple[int, int, int]:
    return d.item_id, d.site_id, d.owner_id


def _refuse_short(demands: Iterable[Demand], found: Mapping[int, Allocated]) -> None:
    short = [(d, found[d.line_id]) for d in demands if found[d.line_id].shortage]
    if not short:
        return
    rows = [
        {
            "line": d.line_id,
            "item": d.item_id,
            "asked": d.quantity,
            "missing": a.shortage,
            "reasons": [{"code": r.code, "values": dict(r.values)} for r in a.reasons],
        }
        for d, a in short[:50]
    ]
    raise ShortStock(
        sentence(
            "{count} lines cannot be served in full; the first misses {missing} of {asked}. "
            "Nothing was promised. Allow part of it, or take other stock."
        ),
        details=rows,
        count=len(short),
        missing=rows[0]["missing"],
        asked=rows[0]["asked"],
    )


__all__ = ["Allocated", "Demand", "Pick", "Released", "Reserved", "release_reservations", "reserve"]
