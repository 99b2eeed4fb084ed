"""Forward and backward traces: the set of nodes first, then what is known of it. # TRC-01

Carrying paths or quantities through the recursion multiplies rows on every diamond; a set of
nodes does not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connections
from psycopg.sql import SQL, Composable

from traceward.domain.stock.queries import Moment
from traceward.kernel.base.refusals import TooLarge, sentence

#: Nodes of one trace; more is a mistake in the genealogy or a question for an export.
MAX_NODES = 200_000
MAX_DOCUMENTS = 1_000


@dataclass(frozen=True)
class Start:
    """Where a trace begins; all that is given is taken together. Ids of rows.

    `containers`, `places` and `partners` stand for everything that was ever there or came from
    there; a container includes the ones inside it.
    """

    lots: Collection[int] = ()
    serials: Collection[int] = ()
    containers: Collection[int] = ()
    documents: Collection[int] = ()
    places: Collection[int] = ()
    partners: Collection[int] = ()


class Node(NamedTuple):
    """A lot or a serial. Quantities in base units, net, as the ledger's balances tell them."""

    id: int
    is_serial: bool
    item_id: int
    lot_id: int | None
    number: str
    expires_on: Any
    #: From suppliers, production and count gains, less what went back there.
    entered: int
    #: In our own places.
    inside: int
    in_transit: int
    #: At customers and departments.
    delivered: int
    used: int
    destroyed: int


class Edge(NamedTuple):
    """So much of the input went into the output."""

    id: int
    command_id: int
    input_id: int
    output_id: int
    quantity: int


class Whereabouts(NamedTuple):
    """Where goods of a node stand: every place but those that only give."""

    node_id: int
    item_id: int
    place_id: int
    place_kind: str
    site_id: int
    party_id: int | None
    container_id: int | None
    status: int
    owner_id: int
    quantity: int


class TracedDocument(NamedTuple):
    id: int
    kind: str
    number: str | None
    state: str


@dataclass(frozen=True)
class Trace:
    """What was asked, and the whole set that it leads to, the start included."""

    start: tuple[int, ...]
    direction: str
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

    `sites` narrows whereabouts only: a genealogy that ends at a fence would hide a recall's
    units. With `moment`, as of then.
    """
    nodes = starting_nodes(start, with_members=False, using=using)
    return _trace("forward", FORWARD, nodes, sites, moment, using)


def backward(
    start: Start,
    *,
    sites: Collection[int] | None,
    moment: Moment | None = None,
    using: str = "default",
) -> Trace:
    """Everything that went into the start; a lot stands for its serials too."""
    nodes = starting_nodes(start, with_members=True, using=using)
    return _trace("backward", BACKWARD, nodes, sites, moment, using)


def starting_nodes(start: Start, *, with_members: bool, using: str) -> list[int]:
    """The lots and serials that the start stands for, in order."""
    with connections[using].cursor() as cursor:
        cursor.execute(STARTING, {name: list(ids) for name, ids in vars(start).items()})
        nodes = {row[0] for row in cursor.fetchall()}
        if with_members:
            cursor.execute("SELECT id FROM stock_serial WHERE lot_id = ANY (%s)", [list(nodes)])
            nodes |= {row[0] for row in cursor.fetchall()}
    return sorted(nodes)


STARTING = """
WITH RECURSIVE boxes AS (
  SELECT unnest(%(containers)s::bigint[]) AS id
  UNION SELECT c.id FROM stock_container c JOIN boxes b ON c.parent_id = b.id
), spots AS (
  SELECT unnest(%(places)s::bigint[]) AS id
  UNION SELECT p.id FROM places_place p WHERE p.party_id = ANY (%(partners)s::bigint[])
)
SELECT id FROM stock_lot WHERE id = ANY (%(lots)s::bigint[])
UNION SELECT id FROM stock_serial WHERE id = ANY (%(serials)s::bigint[])
UNION SELECT coalesce(b.serial_id, b.lot_id) FROM stock_balance b JOIN boxes x
  ON x.id = b.container_id
UNION SELECT coalesce(b.serial_id, b.lot_id) FROM stock_balance b JOIN spots x
  ON x.id = b.place_id
UNION SELECT coalesce(m.serial_id, m.lot_id) FROM stock_move m
  WHERE m.document_id = ANY (%(documents)s::bigint[])
"""


def _trace(
    direction: str,
    recursion: SQL,
    start: list[int],
    sites: Collection[int] | None,
    moment: Moment | None,
    using: str,
) -> Trace:
    counts = _counts(moment)
    values = vars(moment) if moment is not None else {}
    with connections[using].cursor() as cursor:
        cursor.execute(
            recursion.format(counts=counts), {**values, "start": start, "limit": MAX_NODES + 1}
        )
        found = [row[0] for row in cursor.fetchall()]
        if len(found) > MAX_NODES:
            raise TooLarge(
                sentence(
                    "The trace leads to more than {limit} lots and serials. Narrow its start."
                ),
                limit=MAX_NODES,
            )
        cursor.execute(
            EDGES.format(counts=counts),
            {**values, "nodes": found},
        )
        edges = tuple(map(Edge._make, cursor.fetchall()))
    if moment is None:
        nodes, whereabouts = _now(found, sites, using)
    else:
        nodes, whereabouts = _then(found, sites, moment, using)
    return Trace(tuple(start), direction, nodes, edges, whereabouts)


def _counts(moment: Moment | None) -> Composable:
    """The condition on an edge `g`: made, and not taken back, by the moment."""
    if moment is None:
        return COUNTS.format(then=SQL(""))
    made, void = (THEN.format(command=SQL(f"{t}_id")) for t in ("g.command", "v.by_command"))
    return made + COUNTS.format(then=void)


EDGES = SQL("""
SELECT g.id, g.command_id, g.input_node, g.output_node, g.quantity
FROM stock_genealogy g
WHERE g.input_node = ANY (%(nodes)s::bigint[]) AND g.output_node = ANY (%(nodes)s::bigint[])
  {counts}
ORDER BY g.id
""")

# The balances of the set: of its lots by lot, and of single serials whose lot is not in it. The
# recursion's estimate would lead the planner astray, so the set comes as an array.
STANDS_NOW = """
SELECT n.id, b.item_id, b.place_id, p.kind, p.site_id, p.party_id, b.container_id, b.status,
       b.owner_id, b.on_hand
FROM unnest(%(nodes)s::bigint[]) n(id)
JOIN stock_balance b ON b.lot_id = n.id AND b.serial_id IS NULL
JOIN places_place p ON p.id = b.place_id
WHERE b.on_hand <> 0
UNION ALL
SELECT n.id, b.item_id, b.place_id, p.kind, p.site_id, p.party_id, b.container_id, b.status,
       b.owner_id, b.on_hand
FROM unnest(%(nodes)s::bigint[]) n(id)
JOIN stock_balance b ON b.serial_id = n.id
JOIN places_place p ON p.id = b.place_id
WHERE b.on_hand <> 0
"""

STOOD_THEN = """
SELECT n.id, m.item_id, s.place_id, p.kind, p.site_id, p.party_id, s.container_id, s.status,
       s.owner_id, sum(s.change)::bigint
FROM unnest(%(nodes)s::bigint[]) n(id)
CROSS JOIN LATERAL (
  SELECT * FROM stock_move x WHERE x.lot_id = n.id AND x.serial_id IS NULL
  UNION ALL SELECT * FROM stock_move x WHERE x.serial_id = n.id) m
CROSS JOIN LATERAL (VALUES
  (m.from_place_id, m.from_status, m.from_owner_id, m.from_container_id, -m.quantity),
  (m.to_place_id, m.to_status, m.to_owner_id, m.to_container_id, m.quantity)
) s(place_id, status, owner_id, container_id, change)
JOIN places_place p ON p.id = s.place_id
WHERE m.happened_at <= %(happened)s
  AND (%(posted)s::timestamptz IS NULL OR m.posted_at <= %(posted)s)
  AND (%(sequence)s::bigint IS NULL OR EXISTS (SELECT FROM outbox_order o
       WHERE o.command_id = m.command_id AND o.sequence <= %(sequence)s))
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(s.change) <> 0
"""

FACTS = """
SELECT l.id, false, l.item_id, l.id, l.raw_number, l.expires_on
FROM stock_lot l WHERE l.id = ANY (%(nodes)s::bigint[])
UNION ALL
SELECT s.id, true, s.item_id, s.lot_id, s.raw_number, l.expires_on
FROM stock_serial s LEFT JOIN stock_lot l ON l.id = s.lot_id
WHERE s.id = ANY (%(nodes)s::bigint[])
ORDER BY 1
"""

Found = tuple[tuple[Node, ...], tuple[Whereabouts, ...]]


def _now(nodes: list[int], sites: Collection[int] | None, using: str) -> Found:
    return _summed(STANDS_NOW, {"nodes": nodes}, sites, using)


def _then(nodes: list[int], sites: Collection[int] | None, moment: Moment, using: str) -> Found:
    return _summed(STOOD_THEN, {"nodes": nodes, **vars(moment)}, sites, using)


#: Under which of a node's sums a kind of place counts.
SUMS = {
    "supplier": "entered",
    "production": "entered",
    "adjustment": "entered",
    "transit": "in_transit",
    "customer": "delivered",
    "department": "delivered",
    "used": "used",
    "destruction": "destroyed",
}


def _summed(query: str, values: dict[str, Any], sites: Collection[int] | None, using: str) -> Found:
    with connections[using].cursor() as cursor:
        cursor.execute(FACTS, {"nodes": values["nodes"]})
        facts = cursor.fetchall()
        cursor.execute(query, values)
        rows = cursor.fetchall()
    sums: dict[int, dict[str, int]] = {}
    whereabouts = []
    for row in rows:
        name = SUMS.get(row[3], "inside")
        of_node = sums.setdefault(row[0], dict.fromkeys(Node._fields[6:], 0))
        if name == "entered":
            of_node[name] -= row[9]
            continue
        of_node[name] += row[9]
        if sites is None or row[4] in sites:
            whereabouts.append(Whereabouts._make(row))
    none = dict.fromkeys(Node._fields[6:], 0)
    nodes = tuple(Node(*fact, *sums.get(fact[0], none).values()) for fact in facts)
    return nodes, tuple(sorted(whereabouts, key=lambda w: (w.node_id, w.place_id, w.status)))


DOCUMENTS = """
SELECT DISTINCT d.id, d.kind, d.number, d.state
FROM stock_move m
JOIN documents_document d ON d.id = m.document_id
JOIN org_site s ON s.id = d.site_id
WHERE (m.lot_id = ANY (%(nodes)s::bigint[]) OR m.serial_id = ANY (%(nodes)s::bigint[]))
  AND (%(sites)s::bigint[] IS NULL OR d.site_id = ANY (%(sites)s::bigint[]))
  AND (%(happened)s::timestamptz IS NULL OR m.happened_at <= %(happened)s)
ORDER BY d.id
LIMIT %(limit)s
"""


def documents(
    nodes: Collection[int],
    *,
    sites: Collection[int] | None,
    happened: datetime | None = None,
    limit: int = MAX_DOCUMENTS,
    using: str = "default",
) -> list[TracedDocument]:
    """The documents under which goods of these nodes moved: receipts, orders, shipments, uses."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            DOCUMENTS,
            {
                "nodes": list(nodes),
                "sites": None if sites is None else sorted(sites),
                "happened": happened,
                "limit": limit,
            },
        )
        return list(map(TracedDocument._make, cursor.fetchall()))
