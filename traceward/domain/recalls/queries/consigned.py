"""What each consignee of a recall got, by lot and serial: what its notice and its page name."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from traceward.domain.recalls.queries.found import MOVES


@dataclass(frozen=True)
class Consigned:
    """Goods of one lot or serial that a consignee got; what has left it since stays told."""

    item: str
    names: dict[str, str]
    model: str
    lot: str
    serial: str
    expires_on: date | None
    delivered: int
    #: Sent back, destroyed or passed on since.
    gone: int


# What a reversal says is that the move was not.
CONSIGNED = f"""
{MOVES}
SELECT s.party, i.code, i.name_zh, i.name_en, i.model, coalesce(lt.raw_number, ''),
       coalesce(se.raw_number, ''), lt.expires_on, sum(s.came)::bigint, sum(s.went)::bigint
FROM found u
JOIN stock_move m ON m.id = u.id
JOIN places_place f ON f.id = CASE WHEN m.code = 18 THEN m.to_place_id ELSE m.from_place_id END
JOIN places_place t ON t.id = CASE WHEN m.code = 18 THEN m.from_place_id ELSE m.to_place_id END
CROSS JOIN LATERAL (SELECT CASE WHEN m.code = 18 THEN -m.quantity ELSE m.quantity END AS n) q
CROSS JOIN LATERAL (
  SELECT t.party_id AS party, q.n AS came, 0 AS went WHERE t.kind IN ('customer', 'department')
  UNION ALL
  SELECT f.party_id, 0, q.n WHERE f.kind IN ('customer', 'department') AND t.kind <> 'used') s
JOIN catalog_item i ON i.id = m.item_id
LEFT JOIN stock_lot lt ON lt.id = m.lot_id
LEFT JOIN stock_serial se ON se.id = m.serial_id
WHERE s.party = ANY (%(parties)s)
  AND NOT (f.kind IN ('customer', 'department') AND t.kind IN ('customer', 'department')
           AND f.party_id IS NOT DISTINCT FROM t.party_id)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(s.came) <> 0
ORDER BY 1, 2, 6, 7
"""  # noqa: S608  # composed of constants only


def consigned(case_id: int, parties: Collection[int]) -> dict[int, list[Consigned]]:
    """What each of these consignees got, in order of item, lot and serial; one query."""
    found: dict[int, list[Consigned]] = defaultdict(list)
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"items": [], "lots": [], "serials": []}  # goods of no case
        cursor.execute(CONSIGNED, values | {"case": case_id, "parties": sorted(parties)})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    for party, item, zh, en, *rest in rows:
        found[party].append(Consigned(item, {"zh": zh or en, "en": en or zh}, *rest))
    return found
