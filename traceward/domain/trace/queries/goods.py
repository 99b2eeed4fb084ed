"""Which lots and serials an identifier stands for, in words: what one may trace of it. # TRC-01"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connections

from traceward.domain.trace.queries.start import Start, as_array, starting_nodes

MAX_GOODS = 500


class Goods(NamedTuple):
    """A lot or a serial that stands at a start."""

    id: int
    is_serial: bool
    item_id: int
    item: str
    number: str
    expires_on: date | None


@dataclass(frozen=True)
class Found:
    """The first of the goods, by id, and how many there are."""

    goods: tuple[Goods, ...]
    total: int


GOODS = """
SELECT l.id, false, l.item_id, i.code, l.raw_number, l.expires_on
FROM stock_lot l JOIN catalog_item i ON i.id = l.item_id
WHERE l.id = ANY ((SELECT %(nodes)s::bigint[])::bigint[])
UNION ALL
SELECT s.id, true, s.item_id, i.code, s.raw_number, l.expires_on
FROM stock_serial s JOIN catalog_item i ON i.id = s.item_id LEFT JOIN stock_lot l ON l.id = s.lot_id
WHERE s.id = ANY ((SELECT %(nodes)s::bigint[])::bigint[])
ORDER BY 1
"""


def goods(start: Start, *, sites: Collection[int] | None, using: str = "default") -> Found:
    """The lots and serials of the start, those that stand or stood at the sites; two queries."""
    nodes = starting_nodes(start, sites=sites, with_members=False, using=using)
    with connections[using].cursor() as cursor:
        cursor.execute(GOODS, {"nodes": as_array(nodes[:MAX_GOODS])})
        return Found(tuple(map(Goods._make, cursor.fetchall())), len(nodes))
