"""The mass balance of lots and serials: what came in stands somewhere or left. # TRC-01"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import connections

from traceward.domain.stock.queries import Moment


@dataclass(frozen=True)
class MassBalance:
    """The account of a node in base units: what came and went by the moves, what stands by the
    balances; of a past moment both by the moves. A reversal takes back what it reverses.
    """

    node_id: int
    #: From suppliers, out of production, found by a count.
    received: int = 0
    produced: int = 0
    found: int = 0
    #: Back to suppliers, into production, missed by a count.
    returned: int = 0
    consumed: int = 0
    lost: int = 0
    #: In our own places, on the way, at customers and departments, used up, destroyed.
    inside: int = 0
    in_transit: int = 0
    delivered: int = 0
    used: int = 0
    destroyed: int = 0
    #: Of what was delivered, what is still ours.
    consigned: int = 0
    #: Of what was consumed, that of which the genealogy says into what.
    transformed: int = 0

    #: What came in, went out, and stands somewhere, used up and destroyed included.
    came: int = field(init=False, default=0)
    went: int = field(init=False, default=0)
    stands: int = field(init=False, default=0)
    #: Zero: what came in either stands somewhere or went out.
    missing: int = field(init=False, default=0)
    #: Consumed, and nothing has come of it yet.
    in_process: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        came = self.received + self.produced + self.found
        went = self.returned + self.consumed + self.lost
        stands = self.inside + self.in_transit + self.delivered + self.used + self.destroyed
        vars(self).update(
            came=came,
            went=went,
            stands=stands,
            missing=came - went - stands,
            in_process=self.consumed - self.transformed,
        )


def total(accounts: Iterable[MassBalance], *, node_id: int = 0) -> MassBalance:
    """The accounts summed: a lot with its serials, or the units of one item."""
    rows = list(accounts)
    names = [f.name for f in fields(MassBalance) if f.init and f.name != "node_id"]
    return MassBalance(node_id, **{n: sum(getattr(row, n) for row in rows) for n in names})


#: The questions name the set, the moment and how it was known.
KNOWN = """
  (%(happened)s::timestamptz IS NULL OR m.happened_at <= %(happened)s)
  AND (%(posted)s::timestamptz IS NULL OR m.posted_at <= %(posted)s)
  AND (%(sequence)s::bigint IS NULL OR EXISTS (SELECT FROM outbox_order o
       WHERE o.command_id = m.command_id AND o.sequence <= %(sequence)s))"""

MOVES = """
unnest(%(nodes)s::bigint[]) n(id)
CROSS JOIN LATERAL (
  SELECT * FROM stock_move x WHERE x.lot_id = n.id AND (%(members)s OR x.serial_id IS NULL)
  UNION ALL SELECT * FROM stock_move x WHERE x.serial_id = n.id) m"""

# A reversal from an open-ended place took something out of it before, and the other way round.
FLOWS = f"""
SELECT n.id, CASE WHEN f.physical THEN t.kind ELSE f.kind END,
  coalesce(sum(CASE WHEN m.code = 18 THEN -m.quantity ELSE m.quantity END)
    FILTER (WHERE f.physical = (m.code = 18)), 0)::bigint,
  coalesce(sum(CASE WHEN m.code = 18 THEN -m.quantity ELSE m.quantity END)
    FILTER (WHERE f.physical <> (m.code = 18)), 0)::bigint
FROM {MOVES}
JOIN places_place f ON f.id = m.from_place_id
JOIN places_place t ON t.id = m.to_place_id
WHERE f.physical <> t.physical AND {KNOWN}
GROUP BY 1, 2
"""  # noqa: S608  # composed of constants only

STANDS = """
SELECT n.id, p.kind, sum(b.on_hand)::bigint,
       coalesce(sum(b.on_hand) FILTER (WHERE e.id IS NOT NULL), 0)::bigint
FROM unnest(%(nodes)s::bigint[]) n(id)
CROSS JOIN LATERAL (
  SELECT * FROM stock_balance x
  WHERE x.lot_id = n.id AND x.physical AND (%(members)s OR x.serial_id IS NULL)
  UNION ALL SELECT * FROM stock_balance x WHERE x.serial_id = n.id AND x.physical) b
JOIN places_place p ON p.id = b.place_id
LEFT JOIN org_legal_entity e ON e.party_id = b.owner_id
WHERE b.on_hand <> 0
GROUP BY 1, 2
"""

STOOD = f"""
SELECT n.id, p.kind, sum(s.change)::bigint,
       coalesce(sum(s.change) FILTER (WHERE e.id IS NOT NULL), 0)::bigint
FROM {MOVES}
CROSS JOIN LATERAL (VALUES
  (m.from_place_id, m.from_owner_id, -m.quantity), (m.to_place_id, m.to_owner_id, m.quantity)
) s(place_id, owner_id, change)
JOIN places_place p ON p.id = s.place_id AND p.physical
LEFT JOIN org_legal_entity e ON e.party_id = s.owner_id
WHERE {KNOWN}
GROUP BY 1, 2 HAVING sum(s.change) <> 0
"""  # noqa: S608  # composed of constants only

# What was consumed by a command that also says into what; less what was taken back of it.
TRANSFORMED = f"""
SELECT n.id, sum(CASE WHEN m.code = 18 THEN -m.quantity ELSE m.quantity END)::bigint
FROM {MOVES}
LEFT JOIN stock_move o ON o.id = m.reverses_id
WHERE coalesce(o.code, m.code) = 9 AND {KNOWN}
  AND EXISTS (SELECT FROM stock_genealogy g WHERE g.input_node = coalesce(m.serial_id, m.lot_id)
              AND g.command_id = coalesce(o.command_id, m.command_id))
GROUP BY 1
"""  # noqa: S608  # composed of constants only

CAME = {"supplier": "received", "production": "produced", "adjustment": "found"}
WENT = {"supplier": "returned", "production": "consumed", "adjustment": "lost"}
STAND = {
    "transit": "in_transit",
    "customer": "delivered",
    "department": "delivered",
    "used": "used",
    "destruction": "destroyed",
}


def mass_balances(
    nodes: Collection[int],
    *,
    with_members: bool = False,
    moment: Moment | None = None,
    using: str = "default",
) -> list[MassBalance]:
    """The account of each lot or serial, in order of id; three queries.

    A lot's own units, as in a trace, where each serial is a node; with `with_members` those that
    have a serial too. For the whole group: a lot that crosses a fence would not close on one side
    of it.
    """
    none = {"happened": None, "sequence": None, "posted": None}
    values: dict[str, Any] = {**(vars(moment) if moment else none), "nodes": sorted(set(nodes))}
    values["members"] = with_members
    found: dict[int, dict[str, int]] = {node: {} for node in values["nodes"]}
    with connections[using].cursor() as cursor:
        cursor.execute(FLOWS, values)
        for node, kind, came, went in cursor.fetchall():
            found[node][CAME[kind]], found[node][WENT[kind]] = came, went
        cursor.execute(STOOD if moment else STANDS, values)
        for node, kind, quantity, ours in cursor.fetchall():
            sums, name = found[node], STAND.get(kind, "inside")
            sums[name] = sums.get(name, 0) + quantity
            if name == "delivered":
                sums["consigned"] = sums.get("consigned", 0) + ours
        cursor.execute(TRANSFORMED, values)
        for node, quantity in cursor.fetchall():
            found[node]["transformed"] = quantity
    return [MassBalance(node, **sums) for node, sums in found.items()]
