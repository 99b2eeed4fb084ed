"""How much of lots and serials went from where to where, summed by station. # TRC-01"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal, NamedTuple

from django.db import connections

from traceward.domain.stock.queries import Moment
from traceward.domain.trace.queries.accounts import KNOWN
from traceward.domain.trace.queries.start import as_array
from traceward.domain.trace.queries.stations import BETWEEN
from traceward.domain.trace.queries.timeline import MOVES

StationKind = Literal[
    "site",
    "transit",
    "consignee",
    "used",
    "supplier",
    "production",
    "adjustment",
    "destruction",
]


class Flow(NamedTuple):
    """So many base units went from one station to the other, less what was taken back of it."""

    from_kind: StationKind
    #: The site, transit place, or party; null where the ledger does not say whose it is.
    from_id: int | None
    to_kind: StationKind
    to_id: int | None
    #: Under which document goods came in or went out; null between stations where goods stand.
    document_id: int | None
    quantity: int
    moves: int
    first_at: datetime
    last_at: datetime


# A reversal goes the other way: it counts against the flow that it takes back.
FLOWS = f"""
WITH {MOVES}, went AS (
  SELECT m.quantity * CASE WHEN m.code = 18 THEN -1 ELSE 1 END AS quantity, m.happened_at,
    CASE WHEN m.code = 18 THEN t.kind ELSE f.kind END AS from_kind,
    CASE WHEN m.code = 18 THEN t.id ELSE f.id END AS from_id,
    CASE WHEN m.code = 18 THEN f.kind ELSE t.kind END AS to_kind,
    CASE WHEN m.code = 18 THEN f.id ELSE t.id END AS to_id,
    CASE WHEN NOT f.physical OR NOT t.physical THEN m.document_id END AS document_id
  {BETWEEN}
  WHERE %(since)s::timestamptz IS NULL OR m.happened_at > %(since)s
)
SELECT from_kind, from_id, to_kind, to_id, document_id, sum(quantity)::bigint, count(*),
  min(happened_at), max(happened_at)
FROM went
WHERE (from_kind, from_id) IS DISTINCT FROM (to_kind, to_id)
GROUP BY 1, 2, 3, 4, 5 HAVING sum(quantity) <> 0
ORDER BY 8, 1, 2, 3, 4, 5 LIMIT %(limit)s
"""  # noqa: S608  # composed of constants only

#: Flows of one answer: stations times documents, of which one lot never has as many.
MAX_FLOWS = 10_000


def flows(
    nodes: Collection[int],
    *,
    sites: Collection[int] | None,
    since: datetime | None = None,
    moment: Moment | None = None,
    using: str = "default",
) -> list[Flow]:
    """What went between stations, the first first; after `since` only, and up to the moment.

    A lot's flows are those of all its units. `sites` leaves out moves that touched none of them.
    """
    none = {"happened": None, "sequence": None, "posted": None}
    values: dict[str, Any] = {
        **(vars(moment) if moment else none),
        "nodes": as_array(sorted(set(nodes))),
        "sites": None if sites is None else sorted(sites),
        "since": since,
        "limit": MAX_FLOWS,
    }
    with connections[using].cursor() as cursor:
        cursor.execute(FLOWS, values)
        return list(map(Flow._make, cursor.fetchall()))


MADE = f"""
SELECT n.id, sum(CASE WHEN m.code = 18 THEN -m.quantity ELSE m.quantity END)::bigint
FROM unnest(%(nodes)s::bigint[]) n(id)
CROSS JOIN LATERAL (
  SELECT * FROM stock_move x WHERE x.lot_id = n.id
  UNION ALL SELECT * FROM stock_move x WHERE x.serial_id = n.id) m
JOIN places_place p ON p.id = CASE WHEN m.code = 18 THEN m.to_place_id ELSE m.from_place_id END
WHERE p.kind = 'production' AND {KNOWN}
GROUP BY 1
HAVING %(sites)s::bigint[] IS NULL OR bool_and(p.site_id = ANY (%(sites)s))
"""  # noqa: S608  # composed of constants only


def made(
    nodes: Collection[int],
    *,
    sites: Collection[int] | None,
    moment: Moment | None = None,
    using: str = "default",
) -> dict[int, int]:
    """How much of each lot or serial came out of production, as its mass balance says.

    Only of those of which all was made at these sites.
    """
    none = {"happened": None, "sequence": None, "posted": None}
    values: dict[str, Any] = {
        **(vars(moment) if moment else none),
        "nodes": as_array(sorted(set(nodes))),
        "sites": None if sites is None else sorted(sites),
    }
    with connections[using].cursor() as cursor:
        cursor.execute(MADE, values)
        return dict(cursor.fetchall())


def papers_of_commands(
    commands: Collection[int], *, using: str = "default"
) -> dict[int, int | None]:
    """Of each command the document under which it moved goods."""
    if not commands:
        return {}
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT m.command_id, max(m.document_id) FROM stock_move m"
            " WHERE m.command_id = ANY (%(commands)s::bigint[]) GROUP BY 1",
            {"commands": as_array(sorted(commands))},
        )
        return dict(cursor.fetchall())
