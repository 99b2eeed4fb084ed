"""Forward and backward traces: the set of nodes first, then what is known of it. # TRC-01

Carrying paths or quantities through the recursion multiplies rows on every diamond; a set of
nodes does not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal, NamedTuple

from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg.pq import Format
from psycopg.sql import SQL, Composable

from traceward.domain.stock.queries import Moment
from traceward.domain.stock.rules import StatusWord
from traceward.domain.trace.queries.start import (
    MAX_NODES,
    Start,
    as_array,
    few_enough,
    starting_nodes,
)

Direction = Literal["forward", "backward"]


class Node(NamedTuple):
    """A lot or a serial. Quantities in base units, net, as the ledger's balances tell them, of
    the sites that the trace covers.
    """

    id: int
    is_serial: bool
    item_id: int
    lot_id: int | None
    number: str
    expires_on: date | None
    #: In our own places.
    inside: int
    in_transit: int
    #: At customers and departments.
    delivered: int
    used: int
    destroyed: int

    @property
    def quantity(self) -> int:
        """All that stands anywhere, whether it can still be used or not."""
        return self.inside + self.in_transit + self.delivered + self.used + self.destroyed


class Edge(NamedTuple):
    """So much of the input went into the output; null where that was done at no site of ours."""

    id: int
    command_id: int
    input_id: int
    output_id: int
    quantity: int | None


class Whereabouts(NamedTuple):
    """Where goods of a node stand: places outside, used and destroyed goods included."""

    node_id: int
    item_id: int
    place_id: int
    place_kind: str
    site_id: int
    party_id: int | None
    container_id: int | None
    status: StatusWord
    owner_id: int
    quantity: int


@dataclass(frozen=True)
class Trace:
    """What was asked, and the whole set that it leads to, the start included."""

    start: tuple[int, ...]
    direction: Direction
    moment: Moment | None
    #: The sites whose quantities are told; null is the whole group.
    sites: tuple[int, ...] | None
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    whereabouts: tuple[Whereabouts, ...]

    @property
    def node_ids(self) -> tuple[int, ...]:
        return tuple(node.id for node in self.nodes)


FORWARD = SQL("""
WITH RECURSIVE found(node) AS (
  SELECT unnest(%(start)s::bigint[])
  UNION
  SELECT n.node FROM found f CROSS JOIN LATERAL (
    SELECT g.output_node AS node FROM stock_genealogy g WHERE g.input_node = f.node {counts}
    UNION ALL
    SELECT s.id FROM stock_serial s WHERE s.lot_id = f.node) n
)
SELECT node FROM found LIMIT %(limit)s
""")
BACKWARD = SQL("""
WITH RECURSIVE found(node) AS (
  SELECT unnest(%(start)s::bigint[])
  UNION
  SELECT n.node FROM found f CROSS JOIN LATERAL (
    SELECT g.input_node AS node FROM stock_genealogy g WHERE g.output_node = f.node {counts}
    UNION ALL
    SELECT s.lot_id FROM stock_serial s WHERE s.id = f.node AND s.lot_id IS NOT NULL) n
)
SELECT node FROM found LIMIT %(limit)s
""")
#: Of each direction its recursion, and the side by which an edge is found: the other side of it is
#: in the set, because the set is closed.
WAYS = {
    "forward": (FORWARD, SQL("g.input_node")),
    "backward": (BACKWARD, SQL("g.output_node")),
}
#: Whether an edge counts: its transformation was not taken back.
COUNTS = SQL(
    " AND NOT EXISTS (SELECT FROM stock_genealogy_void v WHERE v.command_id = g.command_id{then})"
)
#: All moves of a command happened at one moment, so any of them tells when the edge was made, or
#: when it was taken back.
THEN = SQL(
    " AND EXISTS (SELECT FROM (SELECT happened_at, posted_at FROM stock_move m"
    " WHERE m.command_id = {command} LIMIT 1) m"
    " WHERE m.happened_at <= %(happened)s"
    " AND (%(posted)s::timestamptz IS NULL OR m.posted_at <= %(posted)s))"
    " AND (%(sequence)s::bigint IS NULL OR EXISTS (SELECT FROM outbox_order o"
    " WHERE o.command_id = {command} AND o.sequence <= %(sequence)s))"
)


def forward(
    start: Start,
    *,
    sites: Collection[int] | None,
    moment: Moment | None = None,
    using: str = "default",
) -> Trace:
    """Everything that the start went into, and where all of it stands.

    `sites` narrows the start to what stands or stood there, and quantities and whereabouts; not
    the set that it leads to: a genealogy that ends at a fence would hide a recall's units. With
    `moment`, as of then.
    """
    nodes = starting_nodes(start, sites=sites, with_members=False, using=using)
    return _trace("forward", nodes, sites, moment, using)


def backward(
    start: Start,
    *,
    sites: Collection[int] | None,
    moment: Moment | None = None,
    using: str = "default",
) -> Trace:
    """Everything that went into the start; a lot stands for its serials too."""
    nodes = starting_nodes(start, sites=sites, with_members=True, using=using)
    return _trace("backward", nodes, sites, moment, using)


def reached(
    start: Start, *, further: bool = True, using: str = "default"
) -> list[tuple[int, int | None, int | None]]:
    """Item, lot and serial of each node that the start stands for, and of all it went into.

    What a recall needs, without quantities; not `further` than the start where so asked.
    """
    found = starting_nodes(start, sites=None, with_members=False, using=using)
    with connections[using].cursor() as cursor:
        if further:
            limits: dict[str, Any] = {"start": found, "limit": MAX_NODES + 1}
            cursor.execute(FORWARD.format(counts=_counts(None)), limits)
            found = few_enough([row[0] for row in cursor.fetchall()])
        cursor.execute(FACTS, {"nodes": as_array(found)})
        return [
            (item, lot, node if is_serial else None)
            for node, is_serial, item, lot, _, _ in cursor.fetchall()
        ]


def _trace(
    direction: Direction,
    start: list[int],
    sites: Collection[int] | None,
    moment: Moment | None,
    using: str,
) -> Trace:
    recursion, side = WAYS[direction]
    counts = _counts(moment)
    values: dict[str, Any] = dict(vars(moment)) if moment is not None else {}
    quantity = SQL("g.quantity")
    if sites is not None:
        values["sites"], quantity = sorted(sites), DONE_HERE
    with connections[using].cursor() as cursor:
        cursor.cursor.format = Format.BINARY  # tens of thousands of numbers are read sooner so
        limits: dict[str, Any] = {"start": start, "limit": MAX_NODES + 1}
        cursor.execute(recursion.format(counts=counts), {**values, **limits})
        found = few_enough([row[0] for row in cursor.fetchall()])
        values["nodes"] = as_array(found)
        cursor.execute(EDGES.format(side=side, counts=counts, quantity=quantity), values)
        edges = _rows(Edge, cursor)
        cursor.execute(FACTS, values)
        facts = cursor.fetchall()
        cursor.execute(STANDS_NOW if moment is None else STOOD_THEN, values)
        stood = cursor.fetchall()
        cursor.execute(PLACES, {"places": as_array({row[2] for row in stood})})
        places = {p: (*at, SUMS.get(at[0], 0)) for p, *at in cursor.fetchall()}
    sums, whereabouts = _summed(stood, places, None if sites is None else set(sites))
    nodes = tuple(tuple.__new__(Node, (*fact, *sums.get(fact[0], NONE))) for fact in facts)
    seen = None if sites is None else tuple(sorted(sites))
    return Trace(tuple(start), direction, moment, seen, nodes, edges, whereabouts)


def _rows(kind: Any, cursor: CursorWrapper) -> tuple[Any, ...]:
    """All rows as named tuples; `_make` says the same, more slowly."""
    return tuple(map(partial(tuple.__new__, kind), cursor.fetchall()))


def _counts(moment: Moment | None) -> Composable:
    """The condition on an edge `g`: made, and not taken back, by the moment."""
    if moment is None:
        return COUNTS.format(then=SQL(""))
    made, void = (THEN.format(command=SQL(f"{t}_id")) for t in ("g.command", "v.by_command"))
    return made + COUNTS.format(then=void)


EDGES = SQL("""
SELECT g.id, g.command_id, g.input_node, g.output_node, {quantity}
FROM stock_genealogy g
WHERE {side} = ANY ((SELECT %(nodes)s::bigint[])::bigint[]) {counts}
ORDER BY g.id
""")

#: How much went into what is told to those at whose sites it was done.
DONE_HERE = SQL(
    "CASE WHEN EXISTS (SELECT FROM stock_move m"
    " JOIN places_place p ON p.id IN (m.from_place_id, m.to_place_id)"
    " WHERE m.command_id = g.command_id AND p.site_id = ANY (%(sites)s::bigint[]))"
    " THEN g.quantity END"
)

# The balances of the set: of its lots by lot, and of single serials whose lot is not in it. The
# recursion's estimate would lead the planner astray, so the set comes as an array; in a subquery,
# because planning for thousands of constants takes longer than looking them up.
STANDS_NOW = """
SELECT b.lot_id AS node, b.item_id, b.place_id AS place, b.container_id, b.status AS status,
       b.owner_id, b.on_hand
FROM stock_balance b
WHERE b.lot_id = ANY ((SELECT %(nodes)s::bigint[])::bigint[]) AND b.serial_id IS NULL
  AND b.on_hand <> 0 AND b.physical
UNION ALL
SELECT b.serial_id, b.item_id, b.place_id, b.container_id, b.status, b.owner_id, b.on_hand
FROM stock_balance b
WHERE b.serial_id = ANY ((SELECT %(nodes)s::bigint[])::bigint[])
  AND b.on_hand <> 0 AND b.physical
ORDER BY node, place, status
"""

STOOD_THEN = """
SELECT n.id AS node, m.item_id, s.place_id AS place, s.container_id, s.status AS status,
       s.owner_id, sum(s.change)::bigint
FROM unnest(%(nodes)s::bigint[]) n(id)
CROSS JOIN LATERAL (
  SELECT * FROM stock_move x WHERE x.lot_id = n.id AND x.serial_id IS NULL
  UNION ALL SELECT * FROM stock_move x WHERE x.serial_id = n.id) m
CROSS JOIN LATERAL (VALUES
  (m.from_place_id, m.from_status, m.from_owner_id, m.from_container_id, -m.quantity),
  (m.to_place_id, m.to_status, m.to_owner_id, m.to_container_id, m.quantity)
) s(place_id, status, owner_id, container_id, change)
JOIN places_place p ON p.id = s.place_id AND p.physical
WHERE m.happened_at <= %(happened)s
  AND (%(posted)s::timestamptz IS NULL OR m.posted_at <= %(posted)s)
  AND (%(sequence)s::bigint IS NULL OR EXISTS (SELECT FROM outbox_order o
       WHERE o.command_id = m.command_id AND o.sequence <= %(sequence)s))
GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(s.change) <> 0
ORDER BY node, place, status
"""

# Once for each place: a place has more goods of a trace than facts.
PLACES = """
SELECT p.id, p.kind, p.site_id, p.party_id FROM places_place p
WHERE p.id = ANY ((SELECT %(places)s::bigint[])::bigint[])
"""

FACTS = """
SELECT l.id, false, l.item_id, l.id, l.raw_number, l.expires_on
FROM stock_lot l WHERE l.id = ANY ((SELECT %(nodes)s::bigint[])::bigint[])
UNION ALL
SELECT s.id, true, s.item_id, s.lot_id, s.raw_number, l.expires_on
FROM stock_serial s LEFT JOIN stock_lot l ON l.id = s.lot_id
WHERE s.id = ANY ((SELECT %(nodes)s::bigint[])::bigint[])
ORDER BY 1
"""

#: Under which of a node's sums a kind of place counts, by position; all others are our own.
SUMS = {"transit": 1, "customer": 2, "department": 2, "used": 3, "destruction": 4}
NONE = (0, 0, 0, 0, 0)


def _summed(
    stood: list[tuple[Any, ...]],
    places: dict[int, tuple[Any, ...]],
    sites: Collection[int] | None,
) -> tuple[dict[int, list[int]], tuple[Whereabouts, ...]]:
    """Each node's sums and whereabouts, of what the asker may see."""
    sums: dict[int, list[int]] = {}
    seen = []
    of_node: list[int] = []
    for node, item, place, container, status, owner, quantity in stood:
        kind, site, party, at = places[place]
        if sites is not None and site not in sites:
            continue
        if node not in sums:
            of_node = sums[node] = [0, 0, 0, 0, 0]
        of_node[at] += quantity  # the rows of a node stand together
        row = (node, item, place, kind, site, party, container, status, owner, quantity)
        seen.append(tuple.__new__(Whereabouts, row))
    return sums, tuple(seen)
