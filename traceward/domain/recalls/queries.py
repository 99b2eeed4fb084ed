"""Where every unit of a recall is, who has it, and whether it adds up. # TRC-03"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from traceward.domain.places.models import OPEN_ENDED
from traceward.domain.recalls import rules
from traceward.domain.recalls.models import RecallNotice, RecallScope
from traceward.domain.recalls.rules import Holding, Ladder, OpenPoint, Rung
from traceward.domain.trace.queries import Start, forward
from traceward.kernel.org.models import Party


@dataclass(frozen=True)
class Unit:
    """Goods of the scope standing in one place, with their status and owner."""

    item: str
    lot: str
    serial: str
    expires_on: date | None
    place: str
    kind: str
    site: str
    consignee_id: int | None
    status: int
    owner: str
    sscc: str
    quantity: int


@dataclass(frozen=True)
class Consignee:
    """Somebody outside who got goods of the scope: what was handed over, is there, was used."""

    party_id: int
    #: The Chinese and the English name, as the value of a sentence.
    names: dict[str, str]
    delivered: int
    standing: int
    used: int
    on_the_way: int


#: Everything the case is about, as rows of balances or moves `x` with item, lot and serial.
IN_SCOPE = """EXISTS (SELECT FROM recalls_scope r WHERE r.case_id = %(case)s
  AND r.item_id = x.item_id
  AND (r.lot_id IS NULL OR r.lot_id = x.lot_id)
  AND (r.serial_id IS NULL OR r.serial_id = x.serial_id))"""

UNITS = f"""
SELECT i.code, coalesce(lt.raw_number, ''), coalesce(se.raw_number, ''), lt.expires_on, p.code,
       p.kind, s.code, coalesce(p.party_id,
         CASE WHEN dt.party_id IS NOT NULL THEN sh.consignee_id END,
         CASE WHEN p.kind = 'used' THEN x.owner_id END), x.status,
       coalesce(nullif(o.name_en, ''), o.name_zh), coalesce(c.code, ''), x.on_hand
FROM stock_balance x
JOIN places_place p ON p.id = x.place_id AND p.physical
JOIN org_site s ON s.id = p.site_id
JOIN catalog_item i ON i.id = x.item_id
JOIN org_party o ON o.id = x.owner_id
LEFT JOIN stock_lot lt ON lt.id = x.lot_id
LEFT JOIN stock_serial se ON se.id = x.serial_id
LEFT JOIN stock_container c ON c.id = x.container_id
LEFT JOIN warehousing_shipment sh ON sh.transit_id = p.id
LEFT JOIN places_place dt ON dt.id = sh.deliver_to_id  -- nobody's where the goods stay in the group
WHERE x.on_hand <> 0 AND {IN_SCOPE}
ORDER BY p.kind, s.code, p.code, i.code, lt.raw_number, se.raw_number, x.id
"""  # noqa: S608  # composed of constants only

FLOWS = f"""
SELECT f.kind, t.kind, sum(x.quantity)::bigint
FROM stock_move x
JOIN places_place f ON f.id = x.from_place_id
JOIN places_place t ON t.id = x.to_place_id
WHERE f.physical <> t.physical AND {IN_SCOPE}
GROUP BY f.kind, t.kind ORDER BY f.kind, t.kind
"""  # noqa: S608  # composed of constants only

DELIVERED = f"""
SELECT p.party_id, sum(CASE WHEN x.code = 18 THEN -x.quantity ELSE x.quantity END)::bigint
FROM stock_move x
LEFT JOIN stock_move back ON back.id = x.reverses_id
JOIN places_place p ON p.id = CASE WHEN x.code = 18 THEN x.from_place_id ELSE x.to_place_id END
WHERE (x.code = 7 OR back.code = 7) AND p.party_id IS NOT NULL AND {IN_SCOPE}
GROUP BY p.party_id
"""  # noqa: S608  # composed of constants only


def list_units(case_id: int) -> list[Unit]:
    """Every unit of the case, wherever it stands: ours, on the way, at customers, used; one query.

    What was used is its owner's where the used place is nobody's: using made it theirs.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNITS, {"case": case_id})
        return [Unit(*row) for row in cursor.fetchall()]


def ladder(case_id: int) -> Ladder:
    """What came in and went out by the moves, against what stands by the balances; two queries."""
    with connection.cursor() as cursor:
        cursor.execute(FLOWS, {"case": case_id})
        flows = cursor.fetchall()
    came: dict[str, int] = defaultdict(int)
    went: dict[str, int] = defaultdict(int)
    for source, target, quantity in flows:
        if source in OPEN_ENDED:
            came[source] += quantity
        else:
            went[target] += quantity
    stands: dict[str, int] = defaultdict(int)
    for unit in list_units(case_id):
        stands[unit.kind] += unit.quantity
    return Ladder(_rungs(came), _rungs(went), _rungs(stands))


def _rungs(sums: dict[str, int]) -> tuple[Rung, ...]:
    return tuple(Rung(kind, quantity) for kind, quantity in sorted(sums.items()))


def consignees(case_id: int) -> list[Consignee]:
    """Everybody outside who got goods of the case, with quantities; two queries and the names."""
    with connection.cursor() as cursor:
        cursor.execute(DELIVERED, {"case": case_id})
        delivered: dict[int, int] = dict(cursor.fetchall())
    by_kind: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for unit in list_units(case_id):
        if unit.consignee_id is not None and unit.kind in rules.AT_CONSIGNEE:
            by_kind[unit.consignee_id][unit.kind] += unit.quantity
    parties = Party.objects.in_bulk(set(delivered) | set(by_kind))
    return [
        Consignee(
            pk,
            parties[pk].names,
            delivered.get(pk, 0),
            by_kind[pk]["customer"] + by_kind[pk]["department"],
            by_kind[pk]["used"],
            by_kind[pk]["transit"],
        )
        for pk in sorted(parties)
    ]


def what_is_open(case_id: int) -> list[OpenPoint]:
    """What has to be settled before the case can be closed."""
    units = list_units(case_id)
    undecided = sum(u.quantity for u in units if u.kind in rules.OWN and u.status != 3)
    scopes = RecallScope.objects.filter(case=case_id).select_related("block")
    uncovered = sum(1 for s in scopes if s.block is None or s.block.lifted_at is not None)
    notices = {n.consignee_id: n for n in RecallNotice.objects.filter(case=case_id)}
    holdings, names = [], {}
    for c in consignees(case_id):
        notice = notices.get(c.party_id)
        names[c.party_id] = c.names
        if c.standing or c.used or notice:
            is_answered = notice is not None and notice.acknowledged_at is not None
            found = notice.found if notice else None
            holdings.append(Holding(c.party_id, c.standing, c.used, is_answered, found))
    return rules.open_points(ladder(case_id), undecided, uncovered, holdings, names)


def made_of(nodes: Iterable[int]) -> list[tuple[int, int | None, int | None]]:
    """The lots and serials given by id, and all that was made of them at any distance.

    Rows of (item id, lot id, serial id); a serial whose whole lot is among them is left out.
    """
    start = sorted(set(nodes))
    found = forward(Start(lots=start, serials=start), sites=None).nodes
    lots = {node.id for node in found if not node.is_serial}
    return [
        (node.item_id, node.lot_id, node.id if node.is_serial else None)
        for node in found
        if not node.is_serial or node.lot_id not in lots
    ]
