"""Every unit of a recall, wherever it is, and what became of those that are not there any more."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from traceward.domain.places.models import PlaceKind
from traceward.domain.recalls.models import DrillAct, DrillAction
from traceward.domain.recalls.queries.targets import Goods
from traceward.domain.recalls.rules import Ladder, Rung
from traceward.domain.stock.queries import held_among
from traceward.domain.stock.rules import StatusWord
from traceward.kernel.base.refusals import TooLarge, in_both, sentence
from traceward.kernel.org.models import Party

#: Rows of one list; above it, ask for `groups` and list one kind of place after the other.
MAX_UNITS = 50_000


@dataclass(frozen=True)
class Unit:
    """Goods of the scope standing in one place, with their status and owner."""

    item: str
    names: dict[str, str]
    lot: str
    serial: str
    expires_on: date | None
    place: str
    kind: str
    site: str
    consignee_id: int | None
    status: StatusWord
    #: The gravest block on it: recall before hold; empty without.
    held_as: str
    owner: dict[str, str]
    #: At a customer or department, and still ours.
    is_consigned: bool
    sscc: str
    quantity: int


class Group(NamedTuple):
    """Goods of the scope by kind of place, site and consignee: so many rows, so many units."""

    kind: str
    site_id: int
    consignee_id: int | None
    is_consigned: bool
    #: Rejected: decided about, so that it is not used.
    is_rejected: bool
    rows: int
    quantity: int


@dataclass(frozen=True)
class Consignee:
    """Somebody outside who got goods of the scope, and what became of them; base units.

    By the moves: delivered less returned, used, destroyed and passed on; by the balances: what
    stands there. Reversed moves count as not having been.
    """

    #: None where the ledger does not say whose the place is.
    party_id: int | None
    #: The Chinese and the English name, as the value of a sentence.
    names: dict[str, str]
    delivered: int = 0
    returned: int = 0
    used: int = 0
    destroyed: int = 0
    passed_on: int = 0
    standing: int = 0
    #: Of what stands there, what is still ours.
    consigned: int = 0
    on_the_way: int = 0

    @property
    def gone(self) -> int:
        """What was there and is neither there nor used up."""
        return self.returned + self.destroyed + self.passed_on

    @property
    def difference(self) -> int:
        """0 where moves and balances agree."""
        return self.delivered - self.gone - self.used - self.standing


class Promise(NamedTuple):
    """A demand line with a promise of goods of the scope, which a block would take from it."""

    line_id: int
    document_id: int
    #: None of a document that has no number yet.
    number: str | None
    balance_id: int
    quantity: int


#: What is looked for: the scope of a case, by its id, or goods that no case has (yet).
Within = int | Collection[Goods]

# What the case is about, or else the goods that are given, by the narrowest that each names, so
# that each is found by its index. A serial and its lot may both be named, hence UNION below.
SCOPE = """
scope AS MATERIALIZED (
  SELECT DISTINCT r.item_id, r.lot_id, r.serial_id FROM recalls_scope r WHERE r.case_id = %(case)s
  UNION ALL
  SELECT g.* FROM unnest(%(items)s::bigint[], %(lots)s::bigint[], %(serials)s::bigint[])
    AS g(item_id, lot_id, serial_id)
)"""
BALANCES = f"""
WITH {SCOPE}, found AS MATERIALIZED (
  SELECT b.id FROM scope r JOIN stock_balance b ON b.lot_id = r.lot_id
  WHERE r.serial_id IS NULL AND b.physical AND b.on_hand <> 0
  UNION
  SELECT b.id FROM scope r JOIN stock_balance b ON b.serial_id = r.serial_id
  WHERE b.physical AND b.on_hand <> 0
  UNION
  SELECT b.id FROM scope r JOIN stock_balance b ON b.item_id = r.item_id
  WHERE r.lot_id IS NULL AND r.serial_id IS NULL AND b.physical AND b.on_hand <> 0
)"""  # noqa: S608  # composed of constants only
MOVES = f"""
WITH {SCOPE}, found AS MATERIALIZED (
  SELECT m.id FROM scope r JOIN stock_move m ON m.lot_id = r.lot_id WHERE r.serial_id IS NULL
  UNION
  SELECT m.id FROM scope r JOIN stock_move m ON m.serial_id = r.serial_id
  UNION
  SELECT m.id FROM scope r JOIN stock_lot l ON l.item_id = r.item_id
  JOIN stock_move m ON m.lot_id = l.id WHERE r.lot_id IS NULL AND r.serial_id IS NULL
  UNION
  SELECT m.id FROM scope r JOIN stock_serial s ON s.item_id = r.item_id
  JOIN stock_move m ON m.serial_id = s.id WHERE r.lot_id IS NULL AND r.serial_id IS NULL
)"""  # noqa: S608  # composed of constants only

# What was used is its owner's where the used place is nobody's: using made it theirs.
STANDING = """
FROM found u
JOIN stock_balance x ON x.id = u.id
JOIN places_place p ON p.id = x.place_id
LEFT JOIN warehousing_shipment sh ON sh.transit_id = p.id
LEFT JOIN places_place dt ON dt.id = sh.deliver_to_id  -- nobody's where the goods stay in the group
LEFT JOIN org_legal_entity e ON e.party_id = x.owner_id
CROSS JOIN LATERAL (SELECT
  coalesce(p.party_id, CASE WHEN dt.party_id IS NOT NULL THEN sh.consignee_id END,
           CASE WHEN p.kind = 'used' THEN x.owner_id END) AS party,
  p.kind IN ('customer', 'department') AND e.id IS NOT NULL AS is_consigned) w
"""

UNITS = f"""
{BALANCES}
SELECT i.code, i.name_zh, i.name_en, coalesce(lt.raw_number, ''), coalesce(se.raw_number, ''),
       lt.expires_on, p.code, p.kind, s.code, w.party, x.status, o.name_zh, o.name_en,
       w.is_consigned, coalesce(c.code, ''), x.on_hand, x.id
{STANDING}
JOIN org_site s ON s.id = p.site_id
JOIN catalog_item i ON i.id = x.item_id
JOIN org_party o ON o.id = x.owner_id
LEFT JOIN stock_lot lt ON lt.id = x.lot_id
LEFT JOIN stock_serial se ON se.id = x.serial_id
LEFT JOIN stock_container c ON c.id = x.container_id
WHERE %(kind)s::text IS NULL OR p.kind = %(kind)s
ORDER BY p.kind, s.code, p.code, i.code, lt.raw_number, se.raw_number, x.id
LIMIT %(limit)s
"""  # composed of constants only

GROUPS = f"""
{BALANCES}
SELECT p.kind, p.site_id, w.party, w.is_consigned, x.status = 3, count(*), sum(x.on_hand)::bigint
{STANDING}
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""  # composed of constants only

# Where each move really went: what a reversal says is that it did not.
REAL = """
SELECT CASE WHEN m.code = 18 THEN m.to_place_id ELSE m.from_place_id END AS from_id,
       CASE WHEN m.code = 18 THEN m.from_place_id ELSE m.to_place_id END AS to_id,
       CASE WHEN m.code = 18 THEN -m.quantity ELSE m.quantity END AS quantity
FROM found u JOIN stock_move m ON m.id = u.id"""

FLOWS = f"""
{MOVES}
SELECT f.physical, CASE WHEN f.physical THEN t.kind ELSE f.kind END, sum(r.quantity)::bigint
FROM ({REAL}) r
JOIN places_place f ON f.id = r.from_id
JOIN places_place t ON t.id = r.to_id
WHERE f.physical <> t.physical
GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608  # composed of constants only

# What was consumed by a command that also says into what; less what was taken back of it. With a
# limit, so that few rows are looked up by their index and no plan reads all edges that there are.
TRANSFORMED = f"""
{MOVES}
SELECT coalesce(sum(CASE WHEN m.code = 18 THEN -m.quantity ELSE m.quantity END), 0)::bigint
FROM found u
JOIN stock_move m ON m.id = u.id
LEFT JOIN stock_move o ON o.id = m.reverses_id
WHERE coalesce(o.code, m.code) = 9
  AND (SELECT true FROM stock_genealogy g
       WHERE g.input_node = coalesce(m.serial_id, m.lot_id)
       AND g.command_id = coalesce(o.command_id, m.command_id) LIMIT 1)
"""  # noqa: S608  # composed of constants only

HANDED = f"""
{MOVES}
SELECT s.party, s.what, sum(s.quantity)::bigint
FROM ({REAL}) r
JOIN places_place f ON f.id = r.from_id
JOIN places_place t ON t.id = r.to_id
CROSS JOIN LATERAL (
  SELECT t.party_id AS party, 'delivered' AS what, r.quantity
  WHERE t.kind IN ('customer', 'department')
  UNION ALL
  SELECT f.party_id, CASE
    WHEN t.kind = 'used' THEN 'used'
    WHEN t.kind = 'destruction' THEN 'destroyed'
    WHEN t.kind IN ('customer', 'department') THEN 'passed_on'
    ELSE 'returned' END, r.quantity
  WHERE f.kind IN ('customer', 'department')) s
WHERE NOT (f.kind IN ('customer', 'department') AND t.kind IN ('customer', 'department')
           AND f.party_id IS NOT DISTINCT FROM t.party_id)
GROUP BY 1, 2
"""  # noqa: S608  # composed of constants only


# What a block of them would take back; `stock_block_reservations` takes it.
PROMISES = f"""
{BALANCES}
SELECT v.line_id, d.id, d.number, v.balance_id, v.quantity
FROM found u
JOIN stock_reservation v ON v.balance_id = u.id AND v.quantity > 0
JOIN documents_line l ON l.id = v.line_id
JOIN documents_document d ON d.id = l.document_id
ORDER BY v.id
"""  # noqa: S608  # composed of constants only


def drilled(drill_id: int) -> list[Goods]:
    """The goods that a drill covered: those that it would have held."""
    held = DrillAction.objects.filter(drill=drill_id, act=DrillAct.HOLD).order_by("pk")
    return [Goods(*row) for row in held.values_list("item", "lot", "serial")]


def rows_within(query: str, within: Within, **values: Any) -> list[tuple[Any, ...]]:
    """What the query says of the scope of the case, or of these goods."""
    goods: Collection[Goods] = () if isinstance(within, int) else within
    columns = list(zip(*goods, strict=True)) or [(), (), ()]
    for name, column in zip(("items", "lots", "serials"), columns, strict=True):
        values[name] = list(column)
    with connection.cursor() as cursor:
        cursor.execute(query, {"case": within if isinstance(within, int) else None, **values})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def list_units(within: Within, *, kind: str | None = None) -> list[Unit]:
    """Every unit of the scope, wherever it stands: ours, on the way, at customers, used.

    With `kind`, in places of that kind only. Refused above MAX_UNITS rows, never cut off.
    """
    rows = rows_within(UNITS, within, kind=kind, limit=MAX_UNITS + 1)
    if len(rows) > MAX_UNITS:
        raise TooLarge(
            sentence(
                "The goods of this recall stand in more than {limit} rows. "
                "List one kind of place after the other, or look at their sums."
            ),
            limit=MAX_UNITS,
        )
    held = held_among([key for *_, key in rows])
    return [_unit(*row, held.get(key, "")) for *row, key in rows]


def _unit(item: str, zh: str, en: str, *rest: Any) -> Unit:
    *place, owner_zh, owner_en, is_consigned, sscc, quantity, held_as = rest
    told: list[Any] = [item, _names(zh, en), *place, held_as, _names(owner_zh, owner_en)]
    told += [is_consigned, sscc, quantity]
    return Unit(*told)


def _names(zh: str, en: str) -> dict[str, str]:
    """The same in both languages; in the one there is, where there is one."""
    return {"zh": zh or en, "en": en or zh}


def groups(within: Within) -> list[Group]:
    """The same, summed by kind of place, site and consignee; one query, however many rows."""
    return [Group(*row) for row in rows_within(GROUPS, within)]


def promises(within: Within) -> list[Promise]:
    """The demand lines that would lose goods of the scope, were it blocked; one query."""
    return [Promise(*row) for row in rows_within(PROMISES, within)]


def ladder(within: Within, *, standing: list[Group] | None = None) -> Ladder:
    """What came in and went out by the moves, against what stands by the balances."""
    came: list[Rung] = []
    went: list[Rung] = []
    for is_out, kind, quantity in rows_within(FLOWS, within):
        if quantity:
            (went if is_out else came).append(rung(kind, quantity))
    ((transformed,),) = rows_within(TRANSFORMED, within)
    consumed = sum(rung.quantity for rung in went if rung.what == "production")
    stands: dict[str, int] = defaultdict(int)
    consigned = 0
    for group in groups(within) if standing is None else standing:
        stands[group.kind] += group.quantity
        consigned += group.quantity if group.is_consigned else 0
    rungs = tuple(rung(kind, quantity) for kind, quantity in sorted(stands.items()))
    return Ladder(tuple(came), tuple(went), rungs, consigned, consumed - transformed)


def rung(kind: str, quantity: int) -> Rung:
    """So much by places of this kind."""
    return Rung(kind, quantity, in_both(str(PlaceKind(kind).label)))


def consignees(within: Within, *, standing: list[Group] | None = None) -> list[Consignee]:
    """Everybody outside who got goods of the scope, with quantities, in order of id."""
    sums: dict[int | None, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for party, what, quantity in rows_within(HANDED, within):
        sums[party][what] += quantity
    for group in groups(within) if standing is None else standing:
        if group.kind in ("customer", "department"):
            sums[group.consignee_id]["standing"] += group.quantity
            sums[group.consignee_id]["consigned"] += group.quantity if group.is_consigned else 0
        elif group.kind == "transit" and group.consignee_id is not None:
            sums[group.consignee_id]["on_the_way"] += group.quantity
    parties = Party.objects.in_bulk({pk for pk in sums if pk is not None})
    return [
        Consignee(pk, parties[pk].names if pk is not None else {}, **sums[pk])
        for pk in sorted(sums, key=lambda pk: (pk is None, pk))
    ]
