"""How much of the goods can be traced, and what is missing where it cannot. # TRC-05"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connections

from traceward.domain.trace.queries.start import as_array

#: Gaps that are listed; their number is always told in full.
MAX_GAPS = 1_000


class Gap(NamedTuple):
    """A lot or serial that lacks something."""

    kind: str
    #: "document", "supplier", "udi", "expiry", "inputs", "outputs", "consignee" or "certificate".
    lacks: str
    node_id: int
    item: str
    lot: str
    serial: str


@dataclass(frozen=True)
class Completeness:
    """Of one kind of goods: how many lots and serials, and how many of them lack nothing."""

    #: raw, wip, semi-finished, finished or shipped.
    kind: str
    nodes: int
    complete: int

    @property
    def ratio(self) -> float | None:
        """1 where all can be traced; None where there is nothing to trace."""
        return self.complete / self.nodes if self.nodes else None


@dataclass(frozen=True)
class Report:
    kinds: tuple[Completeness, ...]
    #: The first of them, by kind; `gap_count` says how many there are.
    gaps: tuple[Gap, ...]
    gap_count: int


KINDS = ("raw", "wip", "semi-finished", "finished", "shipped")

# What each node went through, by its moves; reversed moves count as not having been.
CHECKED = """
WITH node AS (
  SELECT l.id, l.id AS lot_id, NULL::bigint AS serial_id, l.item_id, l.expires_on
  FROM stock_lot l JOIN catalog_item i ON i.id = l.item_id AND NOT i.has_serials
  WHERE %(nodes)s::bigint[] IS NULL OR l.id = ANY (%(nodes)s::bigint[])
  UNION ALL
  SELECT s.id, s.lot_id, s.id, s.item_id, l.expires_on
  FROM stock_serial s LEFT JOIN stock_lot l ON l.id = s.lot_id
  WHERE %(nodes)s::bigint[] IS NULL OR s.id = ANY (%(nodes)s::bigint[])
), went AS (
  SELECT n.id,
    count(*) FILTER (WHERE f.kind = 'production') > 0 AS produced,
    count(*) FILTER (WHERE t.kind = 'production') > 0 AS consumed,
    count(*) FILTER (WHERE t.kind IN ('customer', 'department')) > 0 AS shipped,
    count(*) FILTER (WHERE m.document_id IS NULL AND (f.kind = 'supplier'
      OR t.kind IN ('customer', 'department', 'used', 'production'))) > 0 AS bare,
    count(*) FILTER (WHERE f.kind = 'supplier' AND f.party_id IS NULL
      AND r.supplier_id IS NULL) > 0 AS nobodys,
    count(*) FILTER (WHERE f.kind = 'supplier' AND m.di IS NULL) > 0 AS unscanned,
    count(*) FILTER (WHERE t.kind IN ('customer', 'department')
      AND t.party_id IS NULL) > 0 AS adrift
  FROM node n
  CROSS JOIN LATERAL (
    SELECT x.* FROM stock_move x
    WHERE n.serial_id IS NULL AND x.lot_id = n.lot_id AND x.serial_id IS NULL
    UNION ALL
    SELECT x.* FROM stock_move x WHERE x.serial_id = n.serial_id) m
  JOIN places_place f ON f.id = m.from_place_id
  JOIN places_place t ON t.id = m.to_place_id
  LEFT JOIN warehousing_receipt r ON r.document_ptr_id = m.document_id
  WHERE m.code <> 18 AND NOT EXISTS (SELECT FROM stock_move y WHERE y.reverses_id = m.id)
    AND (%(sites)s::bigint[] IS NULL
         OR f.site_id = ANY (%(sites)s) OR t.site_id = ANY (%(sites)s))
  GROUP BY n.id
), told AS (
  SELECT n.*, w.produced, w.consumed, w.shipped, w.bare, w.nobodys, w.unscanned,
    w.adrift, i.code AS item, i.product_id IS NOT NULL AS is_device,
    i.product_id IS NULL AND i.non_device_reason = '' AS unpapered,
    i.shelf_life_days IS NOT NULL AND n.expires_on IS NULL AS undated,
    EXISTS (SELECT FROM stock_genealogy g WHERE g.output_node IN (n.id, n.lot_id)
      AND NOT EXISTS (SELECT FROM stock_genealogy_void v WHERE v.command_id = g.command_id))
      AS has_inputs,
    EXISTS (SELECT FROM stock_genealogy g WHERE g.input_node = n.id
      AND NOT EXISTS (SELECT FROM stock_genealogy_void v WHERE v.command_id = g.command_id))
      AS has_outputs
  FROM node n JOIN went w USING (id) JOIN catalog_item i ON i.id = n.item_id
), kind AS (
  SELECT t.*, CASE
    WHEN t.produced AND (t.consumed OR NOT t.is_device) THEN 'semi-finished'
    WHEN t.produced THEN 'finished'
    WHEN t.consumed OR NOT t.is_device THEN 'raw'
    ELSE 'finished' END AS kind
  FROM told t
), checked AS (
  SELECT k.id, k.lot_id, k.serial_id, k.item, x.kind, x.lacks
  FROM kind k CROSS JOIN LATERAL (VALUES
    (k.kind, CASE WHEN k.bare THEN 'document' END),
    (k.kind, CASE WHEN k.nobodys THEN 'supplier' END),
    (k.kind, CASE WHEN k.unscanned AND k.is_device THEN 'udi' END),
    (k.kind, CASE WHEN k.undated THEN 'expiry' END),
    (k.kind, CASE WHEN k.produced AND NOT k.has_inputs THEN 'inputs' END),
    (CASE WHEN k.consumed THEN 'wip' END,
     CASE WHEN NOT k.has_outputs THEN 'outputs' END),
    (CASE WHEN k.shipped THEN 'shipped' END, CASE WHEN k.adrift THEN 'consignee' END),
    (CASE WHEN k.shipped THEN 'shipped' END, CASE WHEN k.unpapered THEN 'certificate' END)
  ) x(kind, lacks)
  WHERE x.kind IS NOT NULL
)"""

COUNTS = f"""
{CHECKED}
SELECT kind, count(DISTINCT id), count(DISTINCT id) FILTER (WHERE lacks IS NOT NULL),
       count(lacks)
FROM checked GROUP BY kind
"""  # noqa: S608  # composed of constants only

GAPS = f"""
{CHECKED}
SELECT c.kind, c.lacks, c.id, c.item, coalesce(l.raw_number, ''), coalesce(s.raw_number, '')
FROM checked c
LEFT JOIN stock_lot l ON l.id = c.lot_id
LEFT JOIN stock_serial s ON s.id = c.serial_id
WHERE c.lacks IS NOT NULL AND c.id > %(after)s
ORDER BY c.id, c.kind, c.lacks LIMIT %(limit)s
"""  # noqa: S608  # composed of constants only


def completeness(
    nodes: Collection[int] | None,
    *,
    sites: Collection[int] | None,
    after: int = 0,
    limit: int = MAX_GAPS,
    using: str = "default",
) -> Report:
    """How complete the trace of these lots and serials is (of all where None), and the gaps.

    Raw goods were received and are no device or were consumed; finished ones are devices, received
    or made, that were not; semi-finished ones were made and consumed or are no device. Whatever was
    consumed counts under wip too, whatever was delivered under shipped. Two queries; gaps come in
    pages by node: the last id of one page is `after` of the next.
    """
    values: dict[str, Any] = {
        "nodes": None if nodes is None else as_array(sorted(set(nodes))),
        "sites": None if sites is None else sorted(sites),
        "after": after,
        "limit": min(limit, MAX_GAPS),
    }
    with connections[using].cursor() as cursor:
        cursor.execute(COUNTS, values)
        counts = {kind: row for kind, *row in cursor.fetchall()}
        cursor.execute(GAPS, values)
        gaps = tuple(map(Gap._make, cursor.fetchall()))
    kinds = []
    for kind in KINDS:
        total, lacking, _ = counts.get(kind, (0, 0, 0))
        kinds.append(Completeness(kind, total, total - lacking))
    return Report(tuple(kinds), gaps, sum(row[2] for row in counts.values()))
