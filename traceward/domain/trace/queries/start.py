"""Where a trace begins: the lots and serials that an identifier stands for. # TRC-01"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from psycopg.sql import SQL

from traceward.kernel.base.refusals import TooLarge, sentence

#: Nodes of one trace; more is a mistake in the genealogy or a question for an export.
MAX_NODES = 200_000


@dataclass(frozen=True)
class Start:
    """Where a trace begins; all that is given is taken together. Ids of rows.

    Containers, places and partners stand for everything that was ever there, came from there or
    was sent there; a container includes the ones inside it, a place the ones below it. A document
    stands for what moved under it and under the documents that followed from it, a line for what
    moved for it.
    """

    lots: Sequence[int] = ()
    serials: Sequence[int] = ()
    containers: Sequence[int] = ()
    documents: Sequence[int] = ()
    lines: Sequence[int] = ()
    places: Sequence[int] = ()
    #: Suppliers, consignees, owners of places: parties.
    partners: Sequence[int] = ()


# A balance is never removed, so that what was ever somewhere has one there.
STARTING = SQL("""
WITH RECURSIVE boxes AS (
  SELECT unnest(%(containers)s::bigint[]) AS id
  UNION SELECT c.id FROM stock_container c JOIN boxes b ON c.parent_id = b.id
), papers AS (
  SELECT unnest(%(documents)s::bigint[]) AS id
  UNION SELECT l.later_id FROM documents_link l JOIN papers p ON l.earlier_id = p.id
), spots AS (
  SELECT p.id FROM places_place p
  WHERE p.path && %(places)s::bigint[] OR p.id = ANY (%(places)s::bigint[])
  UNION SELECT p.id FROM places_place p WHERE p.party_id = ANY (%(partners)s::bigint[])
  UNION SELECT s.transit_id FROM warehousing_shipment s
    WHERE s.consignee_id = ANY (%(partners)s::bigint[])
), found AS (
  SELECT id FROM stock_lot WHERE id = ANY (%(lots)s::bigint[])
  UNION SELECT id FROM stock_serial WHERE id = ANY (%(serials)s::bigint[])
  UNION SELECT coalesce(b.serial_id, b.lot_id) FROM stock_balance b JOIN boxes x
    ON x.id = b.container_id {balance}
  UNION SELECT coalesce(b.serial_id, b.lot_id) FROM stock_balance b JOIN spots x
    ON x.id = b.place_id {balance}
  UNION SELECT coalesce(m.serial_id, m.lot_id) FROM stock_move m JOIN papers x
    ON x.id = m.document_id {move}
  UNION SELECT coalesce(m.serial_id, m.lot_id) FROM documents_line l JOIN stock_move m
    ON m.document_id = l.document_id AND m.line_id = l.id
    WHERE l.id = ANY (%(lines)s::bigint[]) {move}
  UNION SELECT coalesce(r.serial_id, r.lot_id) FROM warehousing_receipt d
    JOIN warehousing_receipt_line r ON r.receipt_id = d.document_ptr_id
    JOIN documents_document h ON h.id = d.document_ptr_id {paper}
    WHERE d.supplier_id = ANY (%(partners)s::bigint[])
), started AS (
  SELECT id FROM found
  UNION SELECT s.id FROM stock_serial s JOIN found f ON s.lot_id = f.id WHERE %(members)s
)
SELECT n.id FROM started n {node} ORDER BY n.id LIMIT %(limit)s
""")
#: What is added where only some sites may be seen: the goods stand or stood there, and so did
#: those by which a box, place, paper or partner leads to them.
FENCE = {
    "balance": SQL(
        "JOIN places_place w ON w.id = b.place_id AND w.site_id = ANY (%(sites)s::bigint[])"
    ),
    "move": SQL(
        "AND EXISTS (SELECT FROM places_place w WHERE w.id IN (m.from_place_id, m.to_place_id)"
        " AND w.site_id = ANY (%(sites)s::bigint[]))"
    ),
    "paper": SQL("AND h.site_id = ANY (%(sites)s::bigint[])"),
    "node": SQL(
        "WHERE EXISTS (SELECT FROM stock_balance b"
        " JOIN places_place w ON w.id = b.place_id AND w.site_id = ANY (%(sites)s::bigint[])"
        " WHERE b.lot_id = n.id OR b.serial_id = n.id)"
    ),
}
NO_FENCE = dict.fromkeys(FENCE, SQL(""))


def starting_nodes(
    start: Start, *, sites: Collection[int] | None, with_members: bool, using: str
) -> list[int]:
    """The lots and serials that the start stands for, in order; with the serials of its lots.

    With `sites`, only those that stand or stood there.
    """
    values: dict[str, Any] = {name: list(ids) for name, ids in vars(start).items()}
    values |= {"members": with_members, "limit": MAX_NODES + 1}
    if sites is not None:
        values["sites"] = sorted(sites)
    with connections[using].cursor() as cursor:
        cursor.execute(STARTING.format(**(NO_FENCE if sites is None else FENCE)), values)
        return few_enough([row[0] for row in cursor.fetchall()])


def few_enough(nodes: list[int]) -> list[int]:
    """The nodes; refused where there are more than one trace takes."""
    if len(nodes) > MAX_NODES:
        raise TooLarge(
            sentence("The trace leads to more than {limit} lots and serials. Narrow its start."),
            limit=MAX_NODES,
        )
    return nodes


def as_array(ids: Iterable[int]) -> str:
    """As PostgreSQL writes it; the driver takes a text many times faster than a list."""
    return "{" + ",".join(map(str, ids)) + "}"
