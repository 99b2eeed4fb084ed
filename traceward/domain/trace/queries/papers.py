"""The documents under which goods moved. # TRC-01"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import connections

MAX_DOCUMENTS = 1_000


class TracedDocument(NamedTuple):
    id: int
    kind: str
    number: str | None
    state: str


DOCUMENTS = """
SELECT d.id, d.kind, d.number, d.state
FROM (
  SELECT m.document_id FROM stock_move m WHERE m.lot_id = ANY (%(nodes)s::bigint[])
    AND (%(happened)s::timestamptz IS NULL OR m.happened_at <= %(happened)s)
  UNION
  SELECT m.document_id FROM stock_move m WHERE m.serial_id = ANY (%(nodes)s::bigint[])
    AND (%(happened)s::timestamptz IS NULL OR m.happened_at <= %(happened)s)) x
JOIN documents_document d ON d.id = x.document_id
WHERE %(sites)s::bigint[] IS NULL OR d.site_id = ANY (%(sites)s::bigint[])
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
