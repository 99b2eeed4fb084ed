"""Stock held against its limits, and stock of which nothing goes out. # INV-11"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q
from psycopg.sql import SQL

from traceward.domain.catalog.models import Item
from traceward.domain.stock.models import StockBalance
from traceward.domain.stock.queries.alerts import (
    MAXIMUM,
    MINIMUM,
    OUTWARD,
    RESTING_DAYS,
    USAGE_DAYS,
    context_of,
    values_of,
)
from traceward.domain.stock.queries.now import EACH
from traceward.domain.stock.queries.which import Which, narrowed, rows_of
from traceward.domain.stock.rules import Level, lasts_days, proposed
from traceward.kernel.org.models import Site
from traceward.kernel.rules.queries import ParameterReader, reader
from traceward.kernel.rules.rules import Candidate

#: An item at a site.
Spot = tuple[int, int]


@dataclass(frozen=True)
class OutOfLimits:
    """What is usable of an item at a site is below its minimum or above its maximum.

    Usable is what may be promised: released, not expired, not on hold; promised or not.
    """

    item_id: int
    item: str
    names: dict[str, str]
    site_id: int
    site: str
    legal_entity: str
    usable: int
    reserved: int
    minimum: int
    maximum: int
    is_below: bool
    #: Base units that went out in the last 90 days, and how long what is usable lasts by that.
    used: int
    lasts_days: int | None
    runs_out_on: date | None
    #: Proposed: below, so many from the other site, which has most to spare, or to be bought where
    #: none is named; above, so many to the other site, which lacks most, if one does.
    quantity: int
    other_site: str


def out_of_limits(
    *, sites: Collection[int] | None, now: datetime, limit: int = 1_000
) -> list[OutOfLimits]:
    """Items below the minimum or above the maximum that the rules set for a site; who lacks most
    first."""
    minimum, maximum = reader(MINIMUM), reader(MAXIMUM)
    items = _limited((minimum, maximum))
    known = _sites(sites)
    held = _held(items, known, now)
    levels: dict[Spot, Level] = {}
    for item_id, site_id in _spots(items, known, (minimum, maximum)):
        where = context_of(items[item_id], site_id)
        low, high = (x.value_for(where).value for x in (minimum, maximum))
        usable = held.get((item_id, site_id), (0, 0))[0]
        levels[item_id, site_id] = Level(usable, low, high)
    used = outgoing(known, now - timedelta(days=USAGE_DAYS), items=items)
    wrong = [spot for spot, level in levels.items() if level.lacking or level.is_above]
    wrong.sort(key=lambda spot: (-levels[spot].lacking, items[spot[0]].code, spot))
    return [
        _row(items[item], known[site], known, levels, held, used, now)
        for item, site in wrong[:limit]
    ]


def _row(
    item: Item,
    site: Site,
    known: Mapping[int, Site],
    levels: Mapping[Spot, Level],
    held: Mapping[Spot, tuple[int, int]],
    used: Mapping[Spot, "Outgoing"],
    now: datetime,
) -> OutOfLimits:
    spot = item.pk, site.pk
    level = levels[spot]
    gone = used[spot].quantity if spot in used else 0
    lasts = lasts_days(level.usable, gone, USAGE_DAYS)
    others = {s: levels[i, s] for i, s in levels if i == item.pk and s != site.pk}
    quantity, other = proposed(level, others)
    return OutOfLimits(
        item_id=item.pk,
        item=item.code,
        names=item.names,
        site_id=site.pk,
        site=site.code,
        legal_entity=site.legal_entity.code,
        usable=level.usable,
        reserved=held.get(spot, (0, 0))[1],
        minimum=level.minimum,
        maximum=level.maximum,
        is_below=level.lacking > 0,
        used=gone,
        lasts_days=lasts,
        runs_out_on=None if lasts is None else site.day_at(now) + timedelta(days=lasts),
        quantity=quantity,
        other_site=known[other].code if other is not None else "",
    )


def _sites(sites: Collection[int] | None) -> dict[int, Site]:
    rows = Site.objects.select_related("legal_entity")
    return (rows if sites is None else rows.filter(pk__in=sites)).in_bulk()


def _limits(rules: Iterable[ParameterReader]) -> Iterable[Candidate]:
    """The rules that set a limit somewhere."""
    return (x for one in rules for x in one.candidates if isinstance(x.value, int) and x.value > 0)


def _limited(rules: tuple[ParameterReader, ...]) -> dict[int, Item]:
    """The items for which a rule sets a limit, at one site or another."""
    wanted = Q(pk__in=())
    for rule in _limits(rules):
        one = Q()
        if "item" in rule.context:
            one &= Q(pk=rule.context["item"])
        if "product_line" in rule.context:
            one &= Q(product_line=rule.context["product_line"])
        wanted |= one if one else Q(pk__gt=0)
    return Item.objects.filter(wanted, is_active=True).in_bulk()


def _spots(
    items: Mapping[int, Item], sites: Mapping[int, Site], rules: tuple[ParameterReader, ...]
) -> list[Spot]:
    """Where a limit may count: at the sites that rules name, and where the item ever stood."""
    named = {x.context["site"] for x in _limits(rules) if "site" in x.context} & set(sites)
    stood = StockBalance.objects.filter(item__in=items, place__site__in=sites, physical=True)
    found = set(stood.values_list("item", "place__site").distinct())
    return sorted(found | {(item, site) for item in items for site in named})


HELD = SQL("""
SELECT s.item_id, s.site_id,
  coalesce(sum(s.on_hand) FILTER (
    WHERE s.forbids_promise IS NULL AND s.place_kind <> 'transit'), 0)::bigint,
  sum(s.reserved)::bigint
FROM ({each}) s
WHERE stock_is_inside(s.place_kind)
GROUP BY s.item_id, s.site_id
""")


def _held(items: Iterable[int], sites: Iterable[int], now: datetime) -> dict[Spot, tuple[int, int]]:
    """By item and site, what may be promised of what stands there, and what is."""
    conditions, values = narrowed(Which(items=list(items)), list(sites))
    with connection.cursor() as cursor:
        cursor.execute(HELD.format(each=EACH.format(narrowed=conditions)), {**values, "now": now})
        return {(item, site): (usable, held) for item, site, usable, held in cursor.fetchall()}


class Outgoing(NamedTuple):
    """So many base units went out or were used up since then, and when the last of them did."""

    quantity: int
    last_at: datetime


# Nothing is posted before it happened, so the posting's index leads to what happened since.
OUTGOING = SQL("""
SELECT m.item_id, p.site_id, sum(m.quantity)::bigint, max(m.happened_at)
FROM stock_move m JOIN places_place p ON p.id = m.from_place_id
WHERE m.posted_at >= %(since)s AND m.happened_at >= %(since)s AND m.code = ANY (%(codes)s)
  AND p.site_id = ANY (%(sites)s) {items}
  AND NOT EXISTS (SELECT FROM stock_move r WHERE r.reverses_id = m.id)
GROUP BY m.item_id, p.site_id
""")
OF_ITEMS = SQL(" AND m.item_id = ANY (%(items)s)")


def outgoing(
    sites: Iterable[int], since: datetime, *, items: Iterable[int] | None = None
) -> dict[Spot, Outgoing]:
    """By item and site, what was shipped or consumed since then and not taken back."""
    values: dict[str, Any] = {
        "since": since,
        "codes": list(map(int, OUTWARD)),
        "sites": sorted(sites),
    }
    if items is not None:
        values["items"] = sorted(items)
    with connection.cursor() as cursor:
        query = OUTGOING.format(items=OF_ITEMS if items is not None else SQL(""))
        cursor.execute(query, values)
        return {(item, site): Outgoing(*rest) for item, site, *rest in cursor.fetchall()}


class _Standing(NamedTuple):
    item_id: int
    site_id: int
    on_hand: int
    oldest_at: datetime


STANDS = SQL("""
SELECT b.item_id, p.site_id, sum(b.on_hand)::bigint, min(l.first_received_at)
FROM stock_balance b
JOIN places_place p ON p.id = b.place_id AND stock_is_inside(p.kind) AND p.kind <> 'transit'
JOIN stock_lot l ON l.id = b.lot_id
WHERE b.on_hand > 0 AND p.site_id = ANY (%(sites)s)
GROUP BY b.item_id, p.site_id
HAVING min(l.first_received_at) < %(before)s
""")


@dataclass(frozen=True)
class Resting:
    """Stock of an item at a site of which nothing went out for as long as the rule says."""

    item_id: int
    item: str
    names: dict[str, str]
    site_id: int
    site: str
    on_hand: int
    #: The rule's days, and since when the oldest lot is known.
    days: int
    received_on: date
    #: When something went out last; null where that is longer ago than any rule looks.
    last_out_on: date | None


def resting(*, sites: Collection[int] | None, now: datetime, limit: int = 1_000) -> list[Resting]:
    """Dead stock: lots that are here longer than the rule's days, of an item of which nothing was
    shipped or consumed in that time; the most units first."""
    rule = reader(RESTING_DAYS)
    all_days = [x for x in values_of(rule) if isinstance(x, int)]
    known = _sites(sites)
    with connection.cursor() as cursor:
        before = now - timedelta(days=min(all_days))
        cursor.execute(STANDS, {"sites": sorted(known), "before": before})
        standing = rows_of(_Standing, cursor)
    items = Item.objects.in_bulk({row.item_id for row in standing})
    gone = outgoing(known, now - timedelta(days=max(all_days)))
    found = []
    for row in sorted(standing, key=lambda x: (-x.on_hand, x.item_id, x.site_id)):
        item, site = items[row.item_id], known[row.site_id]
        days = rule.value_for(context_of(item, site.pk)).value
        since = now - timedelta(days=days)
        last = gone.get((row.item_id, row.site_id))
        if row.oldest_at >= since or (last is not None and last.last_at >= since):
            continue
        found.append(
            Resting(
                item_id=item.pk,
                item=item.code,
                names=item.names,
                site_id=site.pk,
                site=site.code,
                on_hand=row.on_hand,
                days=days,
                received_on=site.day_at(row.oldest_at),
                last_out_on=site.day_at(last.last_at) if last else None,
            )
        )
    return found[:limit]
