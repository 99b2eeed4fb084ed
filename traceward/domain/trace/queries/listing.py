"""A trace as a flat list with names, and as a picture of items where it is too large. # TRC-01"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connections

from traceward.domain.stock.rules import StatusWord
from traceward.domain.trace.queries.graph import Trace, Whereabouts
from traceward.domain.trace.queries.start import as_array

#: Rows of one page.
MAX_ROWS = 5_000
#: A graph with more nodes is drawn by items.
MAX_DRAWN = 500


class Row(NamedTuple):
    """Goods of a node in one place, in words."""

    item: str
    lot: str
    serial: str
    expires_on: date | None
    site: str
    place: str
    kind: str
    consignee: str
    status: StatusWord
    owner: str
    sscc: str
    quantity: int


@dataclass(frozen=True)
class Page:
    rows: tuple[Row, ...]
    #: Of all pages together.
    total: int


NAMES = """
SELECT i.code, coalesce(l.raw_number, ''), coalesce(s.raw_number, ''), l.expires_on, st.code,
  p.code, p.kind, coalesce(nullif(y.name_zh, ''), y.name_en, ''), w.status,
  coalesce(nullif(o.name_zh, ''), o.name_en), coalesce(c.code, ''), w.quantity
FROM unnest(%(nodes)s::bigint[], %(items)s::bigint[], %(places)s::bigint[], %(boxes)s::bigint[],
            %(statuses)s::int[], %(owners)s::bigint[], %(quantities)s::bigint[])
  WITH ORDINALITY AS w(node, item, place, box, status, owner, quantity, n)
JOIN catalog_item i ON i.id = w.item
JOIN places_place p ON p.id = w.place
JOIN org_site st ON st.id = p.site_id
JOIN org_party o ON o.id = w.owner
LEFT JOIN stock_serial s ON s.id = w.node
LEFT JOIN stock_lot l ON l.id = coalesce(s.lot_id, w.node)
LEFT JOIN stock_container c ON c.id = w.box
LEFT JOIN warehousing_shipment sh ON sh.transit_id = p.id
LEFT JOIN org_party y ON y.id = coalesce(p.party_id, sh.consignee_id)
ORDER BY w.n
"""


def listing(
    trace: Trace, *, offset: int = 0, limit: int = MAX_ROWS, using: str = "default"
) -> Page:
    """The whereabouts of the trace in words, a page at a time, by node and place; one query."""
    rows = trace.whereabouts[offset : offset + min(limit, MAX_ROWS)]
    with connections[using].cursor() as cursor:
        cursor.execute(NAMES, _columns(rows))
        return Page(tuple(map(Row._make, cursor.fetchall())), len(trace.whereabouts))


def _columns(rows: Sequence[Whereabouts]) -> dict[str, Any]:
    return {
        "nodes": as_array(w.node_id for w in rows),
        "items": as_array(w.item_id for w in rows),
        "places": as_array(w.place_id for w in rows),
        "boxes": "{" + ",".join(str(w.container_id or "NULL") for w in rows) + "}",
        "statuses": as_array(w.status for w in rows),
        "owners": as_array(w.owner_id for w in rows),
        "quantities": as_array(w.quantity for w in rows),
    }


class ItemNode(NamedTuple):
    """All nodes of one item together."""

    item_id: int
    nodes: int
    inside: int
    in_transit: int
    delivered: int
    used: int
    destroyed: int


class ItemEdge(NamedTuple):
    """All edges from goods of one item to goods of another."""

    input_item: int
    output_item: int
    edges: int
    quantity: int


@dataclass(frozen=True)
class ItemGraph:
    """A trace by items: what a graph shows where its nodes would be too many to see."""

    nodes: tuple[ItemNode, ...]
    edges: tuple[ItemEdge, ...]


def by_items(trace: Trace) -> ItemGraph:
    """The trace's nodes and edges summed by item; the sums are of what the trace tells."""
    items: dict[int, list[int]] = {}
    for node in trace.nodes:
        sums = items.setdefault(node.item_id, [0] * 6)
        counts = (1, node.inside, node.in_transit, node.delivered, node.used, node.destroyed)
        for n, value in enumerate(counts):
            sums[n] += value
    of = {node.id: node.item_id for node in trace.nodes}
    edges: dict[tuple[int, int], list[int]] = {}
    for edge in trace.edges:
        sums = edges.setdefault((of[edge.input_id], of[edge.output_id]), [0, 0])
        sums[0] += 1
        sums[1] += edge.quantity or 0
    return ItemGraph(
        tuple(ItemNode(item, *sums) for item, sums in sorted(items.items())),
        tuple(ItemEdge(*pair, *sums) for pair, sums in sorted(edges.items())),
    )
