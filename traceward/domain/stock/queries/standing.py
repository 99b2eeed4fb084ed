"""What stands in each place of a site: the tree of its own places with sums. # INV-01"""

from dataclasses import dataclass

from django.db import connection

#: Places of one site that are told; the rest is in the list of places.
MOST = 5_000


@dataclass(frozen=True)
class PlaceStock:
    """A place of the site and what stands in it itself; base units, and of how many lots."""

    place_id: int
    place: str
    names: dict[str, str]
    kind: str
    zone: str
    parent_id: int | None
    parent: str
    is_open: bool
    on_hand: int
    reserved: int
    lots: int
    items: int


STANDING = """
SELECT p.id, p.code, p.name_zh, p.name_en, p.kind, p.zone, p.parent_id, coalesce(u.code, ''),
       p.is_open, coalesce(b.on_hand, 0), coalesce(b.reserved, 0), coalesce(b.lots, 0),
       coalesce(b.items, 0)
FROM places_place p LEFT JOIN places_place u ON u.id = p.parent_id
LEFT JOIN LATERAL (
  SELECT sum(x.on_hand)::bigint AS on_hand, sum(x.reserved)::bigint AS reserved,
         count(DISTINCT x.lot_id) AS lots, count(DISTINCT x.item_id) AS items
  FROM stock_balance x WHERE x.place_id = p.id AND x.on_hand > 0) b ON true
WHERE p.site_id = %s AND p.kind IN ('warehouse', 'zone', 'bin', 'dock', 'staging')
ORDER BY p.code LIMIT %s
"""


def standing(site_id: int) -> list[PlaceStock]:
    """The site's own places, by code, with what stands in each."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [site_id, MOST])
        return [
            PlaceStock(pk, code, {"zh": zh or code, "en": en or code}, *rest)
            for pk, code, zh, en, *rest in cursor.fetchall()
        ]
