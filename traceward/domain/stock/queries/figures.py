"""Sums over all stock and all work: what stands in which state, what ends when, what came and went.

Each is one statement over the balances in our own places, or the papers of the last days.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from traceward.domain.stock.models import Status


@dataclass(frozen=True)
class SiteStock:
    """What stands in a site's own places, in base units, and of how many lots."""

    site_id: int
    site: str
    names: dict[str, str]
    qualified: int
    pending: int
    rejected: int
    lots: int


@dataclass(frozen=True)
class SiteEnding:
    """How many lots at a site end within so many days; what never ends is left out."""

    site_id: int
    site: str
    names: dict[str, str]
    ended: int
    within_30: int
    within_60: int
    within_90: int
    within_180: int
    within_365: int
    later: int


@dataclass(frozen=True)
class Day:
    """How many receipts came in on a day, and how many shipments left."""

    day: date
    received: int
    shipped: int


BY_STATUS = """
SELECT s.id, s.code, s.name_zh, s.name_en,
       coalesce(sum(b.on_hand) FILTER (WHERE b.status = %(qualified)s), 0)::bigint,
       coalesce(sum(b.on_hand) FILTER (WHERE b.status = %(pending)s), 0)::bigint,
       coalesce(sum(b.on_hand) FILTER (WHERE b.status = %(rejected)s), 0)::bigint,
       count(DISTINCT b.lot_id)
FROM stock_balance b JOIN places_place p ON p.id = b.place_id JOIN org_site s ON s.id = p.site_id
WHERE b.stands AND b.physical AND p.kind IN ('warehouse', 'zone', 'bin', 'dock', 'staging')
  AND (%(sites)s::bigint[] IS NULL OR s.id = ANY (%(sites)s::bigint[]))
GROUP BY s.id ORDER BY s.code
"""
# Once per site: a day reckoned for each lot and each column costs more than all the rest.
ENDING = """
WITH today AS MATERIALIZED (
  SELECT s.id AS site_id, stock_day(tw_now(), s.time_zone) AS day FROM org_site s
), here AS (
  SELECT DISTINCT p.site_id, b.lot_id
  FROM stock_balance b JOIN places_place p ON p.id = b.place_id
  WHERE b.stands AND b.physical AND b.lot_id IS NOT NULL
    AND p.kind IN ('warehouse', 'zone', 'bin', 'dock', 'staging')
    AND (%(sites)s::bigint[] IS NULL OR p.site_id = ANY (%(sites)s::bigint[]))
), left_ AS (
  SELECT h.site_id, l.expires_on - t.day AS days
  FROM here h JOIN stock_lot l ON l.id = h.lot_id JOIN today t ON t.site_id = h.site_id
  WHERE l.expires_on IS NOT NULL
)
SELECT s.id, s.code, s.name_zh, s.name_en,
       count(*) FILTER (WHERE days < 0), count(*) FILTER (WHERE days BETWEEN 0 AND 30),
       count(*) FILTER (WHERE days BETWEEN 31 AND 60),
       count(*) FILTER (WHERE days BETWEEN 61 AND 90),
       count(*) FILTER (WHERE days BETWEEN 91 AND 180),
       count(*) FILTER (WHERE days BETWEEN 181 AND 365), count(*) FILTER (WHERE days > 365)
FROM left_ x JOIN org_site s ON s.id = x.site_id
GROUP BY s.id ORDER BY s.code
"""
BY_DAY = """
WITH day AS (
  SELECT d::date AS day FROM generate_series(
    stock_day(tw_now(), 'Asia/Shanghai') - (%(days)s - 1), stock_day(tw_now(), 'Asia/Shanghai'),
    interval '1 day') d
), done AS (
  SELECT stock_day(d.created_at, 'Asia/Shanghai') AS day, d.kind
  FROM documents_document d
  WHERE d.kind IN ('warehousing.receipt', 'warehousing.shipment')
    AND d.created_at >= (SELECT min(day) FROM day)::timestamp AT TIME ZONE 'Asia/Shanghai'
    AND (%(sites)s::bigint[] IS NULL OR d.site_id = ANY (%(sites)s::bigint[]))
)
SELECT day.day, count(*) FILTER (WHERE done.kind = 'warehousing.receipt'),
       count(*) FILTER (WHERE done.kind = 'warehousing.shipment')
FROM day LEFT JOIN done ON done.day = day.day
GROUP BY day.day ORDER BY day.day
"""


def by_status(*, sites: Collection[int] | None) -> list[SiteStock]:
    """Per site, what stands there by its stored status."""
    given = {
        "qualified": Status.QUALIFIED.value,
        "pending": Status.PENDING.value,
        "rejected": Status.REJECTED.value,
    }
    rows = _rows(BY_STATUS, sites, **given)
    return [SiteStock(pk, code, _names(zh, en), *sums) for pk, code, zh, en, *sums in rows]


def ending_by_site(*, sites: Collection[int] | None) -> list[SiteEnding]:
    """Per site, how many of its lots end when; days are counted at the site."""
    rows = _rows(ENDING, sites)
    return [SiteEnding(pk, code, _names(zh, en), *sums) for pk, code, zh, en, *sums in rows]


def by_day(days: int, *, sites: Collection[int] | None) -> list[Day]:
    """Receipts and shipments of the last days, today included."""
    return [Day(*row) for row in _rows(BY_DAY, sites, days=days)]


def _names(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh or en, "en": en or zh}


def _rows(query: str, sites: Collection[int] | None, **given: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"sites": None if sites is None else list(sites), **given})
        return cursor.fetchall()
