"""What stands where now, with derived states: expired, on hold, recalled, in transit. # INV-03"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import connections
from psycopg.sql import SQL

from traceward.domain.stock.queries.which import ALL, MAX_ROWS, Which, narrowed, rows_of
from traceward.domain.stock.rules import StatusWord


class ItemOnHand(NamedTuple):
    """An item's stock in our own places, by stored status, and on its way; base units."""

    item_id: int
    pending: int
    qualified: int
    rejected: int
    in_transit: int
    reserved: int

    @property
    def on_hand(self) -> int:
        """What stands in our own places, whatever its status."""
        return self.pending + self.qualified + self.rejected


class Standing(NamedTuple):
    """Goods of one kind in one place: a balance other than zero, and what is derived for it."""

    balance_id: int
    item_id: int
    lot_id: int | None
    serial_id: int | None
    container_id: int | None
    place_id: int
    site_id: int
    place_kind: str
    status: StatusWord
    owner_id: int
    on_hand: int
    reserved: int
    is_expired: bool
    is_on_hold: bool
    is_recalled: bool
    #: The state that keeps it from being promised, by the ledger's own predicate; null: none.
    forbids_promise: str | None


# Summed by what tells the columns apart, one sum a row; only then spread over the columns.
ITEMS = SQL("""
SELECT g.item_id,
  coalesce(sum(g.on_hand) FILTER (WHERE g.status = 1 AND NOT g.is_moving), 0)::bigint,
  coalesce(sum(g.on_hand) FILTER (WHERE g.status = 2 AND NOT g.is_moving), 0)::bigint,
  coalesce(sum(g.on_hand) FILTER (WHERE g.status = 3 AND NOT g.is_moving), 0)::bigint,
  coalesce(sum(g.on_hand) FILTER (WHERE g.is_moving), 0)::bigint,
  sum(g.reserved)::bigint
FROM (
  SELECT b.item_id, b.status, p.kind = 'transit' AS is_moving,
    sum(b.on_hand) AS on_hand, sum(b.reserved) AS reserved
  FROM stock_balance b
  JOIN places_place p ON p.id = b.place_id AND stock_is_inside(p.kind)
  WHERE b.on_hand <> 0 {narrowed}
  GROUP BY b.item_id, b.status, p.kind = 'transit') g
GROUP BY g.item_id
ORDER BY g.item_id
LIMIT %(limit)s
""")


def items_on_hand(
    *,
    sites: Collection[int] | None,
    which: Which = ALL,
    limit: int = MAX_ROWS,
    using: str = "default",
) -> list[ItemOnHand]:
    """Per item, what stands inside: our own places and transit. Items without stock are absent."""
    conditions, values = narrowed(which, sites)
    with connections[using].cursor() as cursor:
        cursor.execute(ITEMS.format(narrowed=conditions), {**values, "limit": limit})
        return rows_of(ItemOnHand, cursor)


# Blocks are looked up from the block's side, each by its narrowest scope, so that no balance is
# compared with every block.
EACH = SQL("""
WITH active AS MATERIALIZED (
  SELECT k.kind, k.lot_id, k.serial_id, k.container_id, k.place_id, k.item_id
  FROM stock_block k WHERE k.lifted_at IS NULL AND (k.until IS NULL OR k.until > %(now)s)
), boxes AS MATERIALIZED (
  WITH RECURSIVE inner_box(outer_id, id) AS (
    SELECT DISTINCT container_id, container_id FROM active WHERE container_id IS NOT NULL
    UNION SELECT i.outer_id, c.id FROM stock_container c JOIN inner_box i ON c.parent_id = i.id)
  SELECT outer_id, id FROM inner_box
), hits AS (
  SELECT b.id, k.* FROM active k JOIN stock_balance b ON b.lot_id = k.lot_id
  UNION ALL
  SELECT b.id, k.* FROM active k JOIN stock_balance b ON b.serial_id = k.serial_id
  WHERE k.lot_id IS NULL
  UNION ALL
  SELECT b.id, k.* FROM active k
  JOIN boxes x ON x.outer_id = k.container_id JOIN stock_balance b ON b.container_id = x.id
  WHERE k.lot_id IS NULL AND k.serial_id IS NULL
  UNION ALL
  SELECT b.id, k.* FROM active k JOIN stock_balance b ON b.item_id = k.item_id
  WHERE k.lot_id IS NULL AND k.serial_id IS NULL AND k.container_id IS NULL
  UNION ALL
  SELECT b.id, k.* FROM active k
  JOIN places_place p ON k.place_id = ANY (p.path) JOIN stock_balance b ON b.place_id = p.id
  WHERE k.lot_id IS NULL AND k.serial_id IS NULL AND k.container_id IS NULL AND k.item_id IS NULL
), day AS MATERIALIZED (
  SELECT s.id AS site_id, stock_day(%(now)s, s.time_zone) AS today FROM org_site s
), blocked AS MATERIALIZED (
  SELECT b.id, bool_or(h.kind = 'hold') AS is_on_hold, bool_or(h.kind = 'recall') AS is_recalled
  FROM hits h
  JOIN stock_balance b ON b.id = h.id AND b.on_hand <> 0
  JOIN places_place p ON p.id = b.place_id
  WHERE (h.serial_id IS NULL OR h.serial_id = b.serial_id)
    AND (h.item_id IS NULL OR h.item_id = b.item_id)
    AND (h.place_id IS NULL OR h.place_id = ANY (p.path))
    AND (h.container_id IS NULL OR EXISTS (
      SELECT FROM boxes x WHERE x.outer_id = h.container_id AND x.id = b.container_id))
    {narrowed}
  GROUP BY b.id
)
SELECT b.id, b.item_id, b.lot_id, b.serial_id, b.container_id, b.place_id, p.site_id,
  p.kind AS place_kind, b.status, b.owner_id, b.on_hand, b.reserved,
  f.is_expired, f.is_on_hold, f.is_recalled,
  stock_forbidding_state(y.forbidden, b.status, f.is_expired, f.is_on_hold, f.is_recalled)
    AS forbids_promise
FROM stock_balance b
JOIN places_place p ON p.id = b.place_id
JOIN day d ON d.site_id = p.site_id
JOIN stock_policy() y ON y.action = 'allocate'
LEFT JOIN stock_lot l ON l.id = b.lot_id
LEFT JOIN blocked x ON x.id = b.id
CROSS JOIN LATERAL (
  SELECT coalesce(stock_is_expired(l.expires_on, d.today), false)
           AS is_expired,
         coalesce(x.is_on_hold, false) AS is_on_hold, coalesce(x.is_recalled, false) AS is_recalled
) f
WHERE b.on_hand <> 0 {narrowed}
""")
STANDING = SQL("{each} ORDER BY b.item_id, b.lot_id, b.place_id, b.id LIMIT %(limit)s")


def on_hand(
    *,
    sites: Collection[int] | None,
    now: datetime,
    which: Which = ALL,
    limit: int = MAX_ROWS,
    using: str = "default",
    is_inside: bool = False,
) -> list[Standing]:
    """By lot × place × status × owner × serial × container, everything that is not zero.

    Places outside (customers, used, suppliers) are included unless `is_inside`; narrow by place or
    read `place_kind`. Expiry counts by the day of the place's site at `now`.
    """
    conditions, values = narrowed(which, sites)
    if is_inside:
        conditions = conditions + SQL(" AND stock_is_inside(p.kind)")
    with connections[using].cursor() as cursor:
        each = EACH.format(narrowed=conditions)
        cursor.execute(STANDING.format(each=each), {**values, "now": now, "limit": limit})
        return rows_of(Standing, cursor)
