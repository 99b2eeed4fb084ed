"""What has to be looked after in time: lots that end, stock out of its limits, stock that rests.

The days and limits are parameters, which users read and change: the most specific one counts.
# INV-07 INV-11
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from psycopg.sql import SQL

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Code, Lot, Status
from traceward.domain.stock.queries.now import EACH
from traceward.domain.stock.queries.which import ALL, Which, narrowed, rows_of
from traceward.domain.stock.rules import StatusWord, step_of, warning_days
from traceward.kernel.base.refusals import in_both, sentence
from traceward.kernel.org.models import Party
from traceward.kernel.rules.queries import ParameterReader, declare, reader

DIMENSIONS = ("item", "product_line", "site")
NEAR_DAYS = declare(
    "stock.near_expiry.days",
    [180, 90, 30],
    *DIMENSIONS,
    doc="Days before the last usable one on which a lot is warned about.",
)
NEAR_PERCENTS = declare(
    "stock.near_expiry.percents",
    [],
    *DIMENSIONS,
    doc="The same in percent of the shelf life; where given, it counts instead of the days.",
)
MINIMUM = declare(
    "stock.minimum",
    0,
    *DIMENSIONS,
    doc="Usable base units of an item that a site holds at least; 0: no limit.",
)
MAXIMUM = declare(
    "stock.maximum",
    0,
    *DIMENSIONS,
    doc="Usable base units of an item that a site holds at most; 0: no limit.",
)
RESTING_DAYS = declare(
    "stock.resting_days",
    180,
    *DIMENSIONS,
    doc="Days after which stock of which nothing went out counts as dead.",
)
#: Usage is reckoned from so many days.
USAGE_DAYS = 90
#: What sends goods out of a site or uses them up.
OUTWARD = (Code.SHIP, Code.CONSUME)


class _Ending(NamedTuple):
    item_id: int
    lot_id: int
    place_id: int
    site_id: int
    place_kind: str
    status: StatusWord
    owner_id: int
    is_expired: bool
    is_on_hold: bool
    is_recalled: bool
    on_hand: int
    reserved: int
    expires_on: date
    days_left: int


ENDING = SQL("""
SELECT s.item_id, s.lot_id, s.place_id, s.site_id, s.place_kind, s.status, s.owner_id,
  s.is_expired, s.is_on_hold, s.is_recalled,
  sum(s.on_hand)::bigint, sum(s.reserved)::bigint,
  l.expires_on, l.expires_on - stock_day(%(now)s, x.time_zone)
FROM ({each}) s
JOIN stock_lot l ON l.id = s.lot_id
JOIN org_site x ON x.id = s.site_id
GROUP BY s.item_id, s.lot_id, s.place_id, s.site_id, s.place_kind, s.status, s.owner_id,
  s.is_expired, s.is_on_hold, s.is_recalled, l.expires_on, x.time_zone
ORDER BY l.expires_on, s.lot_id, s.place_id, s.status, s.owner_id
""")
# Ours at hospitals counts with what stands inside; what hospitals own is theirs.
UNTIL = SQL("""
  AND b.stands AND b.lot_id IN (SELECT id FROM stock_lot WHERE expires_on <= %(until)s)
  AND (stock_is_inside(p.kind) OR (p.kind IN ('customer', 'department')
    AND b.owner_id IN (SELECT party_id FROM org_legal_entity)))
""")


@dataclass(frozen=True)
class Ending:
    """Goods of a lot that ends soon or has ended, where they stand, and what to do about them."""

    item_id: int
    item: str
    names: dict[str, str]
    lot_id: int
    lot: str
    place_id: int
    place: str
    site_id: int
    site: str
    owner: dict[str, str]
    status: str
    on_hand: int
    reserved: int
    expires_on: date
    #: Days until the last usable one, at the site; negative once it is over.
    days_left: int
    #: The most urgent step that is reached, in days; null once it is over.
    step: int | None
    is_on_hold: bool
    is_recalled: bool
    what_to_do: dict[str, str]


def near_expiry(
    *,
    sites: Collection[int] | None,
    now: datetime,
    which: Which = ALL,
    limit: int = 1_000,
) -> list[Ending]:
    """Lots that end within the days that the rules say, the most urgent first. # INV-07

    On its last day a lot is usable and has 0 days left; from the next one on it is expired, and
    stands in `expired`.
    """
    days, percents = reader(NEAR_DAYS), reader(NEAR_PERCENTS)
    furthest = _furthest(days, percents)
    found = _ending(now + timedelta(days=furthest + 1), sites=sites, now=now, which=which)
    items = _items(found)
    steps: dict[tuple[int, int], list[int]] = {}
    due = []
    for row in found:
        key = row.item_id, row.site_id
        if key not in steps:
            where = context_of(items[row.item_id], row.site_id)
            steps[key] = warning_days(
                _numbers(days.value_for(where).value),
                _numbers(percents.value_for(where).value),
                items[row.item_id].shelf_life_days,
            )
        step = step_of(row.days_left, steps[key])
        if step is not None and not row.is_expired:
            due.append((row, step))
            if len(due) == limit:
                break
    return _told(due, items)


def expired(
    *,
    sites: Collection[int] | None,
    now: datetime,
    which: Which = ALL,
    limit: int = 1_000,
) -> list[Ending]:
    """What has ended and stands as if it had not: neither rejected nor on hold. # INV-07

    It is shut by itself, and nothing of it can be promised or shipped; it has to leave its shelf.
    """
    found = _ending(now, sites=sites, now=now, which=which)
    rows = [
        (row, None)
        for row in found
        if row.is_expired
        and not (row.is_on_hold or row.is_recalled)
        and row.status != Status.REJECTED
    ][:limit]
    return _told(rows, _items(row for row, _ in rows))


def _ending(
    until: datetime, *, sites: Collection[int] | None, now: datetime, which: Which
) -> list[_Ending]:
    """What stands of lots that end until that day; found from the lots, not from the balances."""
    conditions, values = narrowed(which, sites)
    each = EACH.format(narrowed=conditions + UNTIL)
    with connection.cursor() as cursor:
        cursor.execute(ENDING.format(each=each), {**values, "now": now, "until": until.date()})
        return rows_of(_Ending, cursor)


def _items(rows: Iterable[_Ending]) -> dict[int, Item]:
    """The items of the rows, with what is told of them and what rules go by."""
    found = Item.objects.only(
        *("code", "name_zh", "name_en", "product_line", "shelf_life_days"),
    )
    return found.in_bulk({row.item_id for row in rows})


def _numbers(value: Any) -> list[int]:
    """A rule's list; what is no number in it counts for nothing."""
    return [one for one in value if isinstance(one, int) and one >= 0]


def context_of(item: Item, site_id: int) -> dict[str, Any]:
    return {"item": item.pk, "product_line": item.product_line, "site": site_id}


def values_of(rules: ParameterReader) -> Iterable[Any]:
    """Every value that counts somewhere."""
    yield rules.spec.default
    for candidate in rules.candidates:
        yield candidate.value


def _furthest(days: ParameterReader, percents: ParameterReader) -> int:
    """No rule warns earlier than so many days before."""
    found = max((n for value in values_of(days) for n in _numbers(value)), default=0)
    most = max((n for value in values_of(percents) for n in _numbers(value)), default=0)
    if not most:
        return found
    lives = Item.objects.filter(shelf_life_days__isnull=False).order_by("-shelf_life_days")
    longest = lives.values_list("shelf_life_days", flat=True).first() or 0
    return max(found, longest * most // 100)


def _told(due: Sequence[tuple[_Ending, int | None]], items: Mapping[int, Item]) -> list[Ending]:
    """… with names, and what to do."""
    rows = [row for row, _ in due]
    lots = Lot.objects.only("raw_number").in_bulk({row.lot_id for row in rows})
    named = Place.objects.select_related("site").only("code", "site__code")
    places = named.in_bulk({row.place_id for row in rows})
    owners = Party.objects.only("name_zh", "name_en").in_bulk({row.owner_id for row in rows})
    return [
        Ending(
            item_id=row.item_id,
            item=items[row.item_id].code,
            names=items[row.item_id].names,
            lot_id=row.lot_id,
            lot=lots[row.lot_id].raw_number,
            place_id=row.place_id,
            place=places[row.place_id].code,
            site_id=row.site_id,
            site=places[row.place_id].site.code,
            owner=owners[row.owner_id].names,
            status=Status(row.status).name.lower(),
            on_hand=row.on_hand,
            reserved=row.reserved,
            expires_on=row.expires_on,
            days_left=row.days_left,
            step=step,
            is_on_hold=row.is_on_hold,
            is_recalled=row.is_recalled,
            what_to_do=in_both(ADVICE[_advice(row)]),
        )
        for row, step in due
    ]


ADVICE = {
    "blocked": sentence("Wait for quality: the goods are on hold or recalled."),
    "rejected": sentence("Send them back to the supplier, or have them destroyed."),
    "expired": sentence("Move them to the rejected zone, and have them destroyed."),
    "pending": sentence("Inspect them first: they are not released, and end soon."),
    "consigned": sentence("Have the hospital use them first, or take them back."),
    "sell": sentence("Sell or use them first, move them where they are used, or send them back."),
}


def _advice(row: _Ending) -> str:
    if row.is_on_hold or row.is_recalled:
        return "blocked"
    if row.status == Status.REJECTED:
        return "rejected"
    if row.is_expired:
        return "expired"
    if row.status == Status.PENDING:
        return "pending"
    return "consigned" if row.place_kind in ("customer", "department") else "sell"
