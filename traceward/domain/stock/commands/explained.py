"""Why stock was, or would be, promised to a line or not: asked of today's stock, nothing written.

The decision is `allocation.allocate`, as when stock is promised; here all rows are looked at and
none is locked, so that between the answer and the promise somebody else may take from them.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from traceward.domain.stock.allocation import Demand, Line, Stock, allocate
from traceward.domain.stock.allocation_reasons import SENTENCES, passed_over
from traceward.domain.stock.commands.terms import known_of, lines_of, rows
from traceward.domain.stock.queries.promises import Promised, promised_to
from traceward.domain.stock.rules import BalanceKey
from traceward.kernel.base.refusals import Refusal, in_both, sentence

#: Balances of all lines together that are looked at; the nearest to their end first.
MOST = 5_000

LOOKED_AT = """
WITH blocked AS MATERIALIZED (
  SELECT DISTINCT ON (x.balance_id) x.*
  FROM (SELECT * FROM stock_blocked_balances(%(items)s, 'allocate', tw_now())
        UNION ALL SELECT * FROM stock_gated_balances(%(items)s)) x
  ORDER BY x.balance_id, x.kind DESC
)
SELECT b.item_id, b.lot_id, b.place_id, b.status::int, b.owner_id, b.serial_id, b.container_id,
       p.site_id, b.on_hand - b.reserved, lt.expires_on, lt.first_received_at, p.pick_rank,
       coalesce(lt.raw_number, se.raw_number, '')::text, p.code::text,
       coalesce(stock_forbidding_state(y.forbidden, b.status,
         stock_is_expired(lt.expires_on, stock_day(tw_now(), st.time_zone)),
         k.balance_id IS NOT NULL, coalesce(k.kind = 'recall', false)),
       CASE WHEN p.kind <> 'bin' THEN 'not_bin' WHEN NOT p.is_open THEN 'closed'
            WHEN NOT stock_keeps(p.kind, p.temperature_c_min, p.temperature_c_max,
                                 i.storage_c_min, i.storage_c_max) THEN 'temperature'
            ELSE '' END),
       coalesce(k.reason, '')::text, b.on_hand, b.reserved
FROM stock_balance b
JOIN places_place p ON p.id = b.place_id AND p.kind IN ('bin', 'dock', 'staging')
JOIN org_site st ON st.id = p.site_id
JOIN catalog_item i ON i.id = b.item_id
JOIN stock_policy() y ON y.action = 'allocate'
LEFT JOIN stock_lot lt ON lt.id = b.lot_id
LEFT JOIN stock_serial se ON se.id = b.serial_id
LEFT JOIN blocked k ON k.balance_id = b.id
WHERE b.item_id = ANY (%(items)s) AND b.owner_id = ANY (%(owners)s) AND b.on_hand > 0
  AND p.site_id = ANY (%(sites)s)
ORDER BY lt.expires_on, b.id
LIMIT %(limit)s
"""
TAKEN = sentence("{quantity} would be promised now.")
HELD = sentence("{quantity} are promised to this line.")
FREE = in_both(sentence("Free, but not needed: what is taken goes before it."))
PROMISED = in_both(sentence("All of it is promised to other lines."))
ENOUGH = in_both(sentence("Free; the line has all it asks for."))
NOTHING = in_both(sentence("None of it that may be promised stands at this site."))


@dataclass(frozen=True)
class Considered:
    """A balance that could serve a line, and what comes of it. Quantities in base units."""

    line_id: int
    item_id: int
    lot_id: int | None
    lot: str
    why: dict[str, str]
    serial_id: int | None
    #: None where nothing stands that could serve the line.
    place_id: int | None
    place: str
    expires_on: date | None
    on_hand: int
    reserved: int
    #: Promised to this line already, and what would be now.
    promised: int
    quantity: int


def explained(demands: Sequence[Demand]) -> list[Considered]:
    """For each line, every balance of its goods at its site, in the order in which it is asked."""
    line_ids = [d.line_id for d in demands]
    held: dict[int, list[Promised]] = defaultdict(list)
    for one in promised_to(line_ids):
        held[one.line_id].append(one)
    lines = lines_of(demands, known_of(demands), held)
    found = _looked_at(demands)
    given = allocate(lines, [replace(stock) for stock, *_ in found])
    told = []
    for line in lines:
        picks = {pick.key: pick.quantity for pick in given[line.demand.line_id].picks}
        mine = {one.key: one.quantity for one in held[line.demand.line_id]}
        asked = [one for one in found if _is_asked(line.demand, one[0])]
        told += [
            _considered(line, stock, (on_hand, reserved), mine.get(stock.key, 0), picks)
            for stock, on_hand, reserved in asked
        ] or [_nothing(line.demand)]
    return told


def _looked_at(demands: Collection[Demand]) -> list[tuple[Stock, int, int]]:
    given = {
        "items": list({d.item_id for d in demands}),
        "owners": list({d.owner_id for d in demands}),
        "sites": list({d.site_id for d in demands}),
        "limit": MOST,
    }
    return [_stock(row) for row in rows(LOOKED_AT, given)]


def _stock(row: tuple[Any, ...]) -> tuple[Stock, int, int]:
    site, left, expires_on, received_at, rank, lot, place, skip, why, on_hand, reserved = row[7:]
    key = BalanceKey(*row[:7])
    stock = Stock(key, site, left, expires_on, received_at, rank, lot, place, skip, why)
    return stock, on_hand, reserved


def _is_asked(d: Demand, s: Stock) -> bool:
    return (
        s.key.item_id == d.item_id
        and s.site_id == d.site_id
        and s.key.owner_id == d.owner_id
        and d.lot_id in (None, s.key.lot_id)
        and (not d.serial_ids or s.key.serial_id in d.serial_ids)
    )


def _nothing(d: Demand) -> Considered:
    return Considered(d.line_id, d.item_id, d.lot_id, "", NOTHING, None, None, "", None, 0, 0, 0, 0)


def _considered(
    line: Line, s: Stock, there: tuple[int, int], promised: int, picks: dict[BalanceKey, int]
) -> Considered:
    taken = picks.get(s.key, 0)
    return Considered(
        line.demand.line_id,
        s.key.item_id,
        s.key.lot_id,
        s.lot,
        _why(line, s, promised, taken),
        s.key.serial_id,
        s.key.place_id,
        s.place,
        s.expires_on,
        *there,
        promised,
        taken,
    )


def _why(line: Line, s: Stock, promised: int, taken: int) -> dict[str, str]:
    """What comes of the balance for the line, in both languages."""
    if promised:
        return _both(HELD, quantity=promised)
    if taken:
        return _both(TAKEN, quantity=taken)
    if s.skip:
        reason = passed_over(s.skip, s.lot, s.place, s.why, s.expires_on)
        return _both(SENTENCES[reason.code], **dict(reason.values))
    if s.expires_on is not None and s.expires_on < line.good_until(s.key.lot_id):
        days, required = (s.expires_on - line.counted_from).days, line.days_for(s.key.lot_id)
        return _both(SENTENCES["skip.short_life"], lot=s.lot, days=days, required=required)
    if s.left <= 0:
        return PROMISED
    return FREE if line.missing else ENOUGH


def _both(message: str, **values: Any) -> dict[str, str]:
    told = Refusal(message, **values)
    return {"zh": told.in_language("zh-hans"), "en": told.in_language("en")}
