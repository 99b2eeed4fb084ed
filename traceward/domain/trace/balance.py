"""The mass balance of a lot: every unit that entered stands somewhere or left. # TRC-01"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connections

#: The kinds of boundary and far places, and the word of each in the account.
OUTSIDE = (
    "supplier",
    "production",
    "adjustment",
    "customer",
    "department",
    "used",
    "destruction",
)


@dataclass(frozen=True)
class Flow:
    """What came from a kind of place outside, and what went to it; base units, gross."""

    kind: str
    came: int
    went: int


@dataclass(frozen=True)
class MassBalance:
    """A lot's account: from the moves, against what the balances say stands inside."""

    lot_id: int
    flows: tuple[Flow, ...]
    #: What stands in our own places and in transit, as the balances say.
    stands: int

    @property
    def came(self) -> int:
        return sum(flow.came for flow in self.flows)

    @property
    def went(self) -> int:
        return sum(flow.went for flow in self.flows)

    @property
    def missing(self) -> int:
        """Zero: what came in either stands inside or went out."""
        return self.came - self.went - self.stands


FLOWS = """
SELECT m.lot_id, k.kind, sum(k.came)::bigint, sum(k.went)::bigint
FROM stock_move m
JOIN places_place f ON f.id = m.from_place_id
JOIN places_place t ON t.id = m.to_place_id
CROSS JOIN LATERAL (VALUES (f.kind, m.quantity, 0), (t.kind, 0, m.quantity)) k(kind, came, went)
WHERE m.lot_id = ANY (%(lots)s::bigint[]) AND k.kind = ANY (%(outside)s::text[])
  AND f.id <> t.id
GROUP BY 1, 2
"""
STANDS = """
SELECT b.lot_id, sum(b.on_hand)::bigint
FROM stock_balance b JOIN places_place p ON p.id = b.place_id
WHERE b.lot_id = ANY (%(lots)s::bigint[]) AND NOT p.kind = ANY (%(outside)s::text[])
GROUP BY 1
"""


def mass_balances(lots: Collection[int], *, using: str = "default") -> list[MassBalance]:
    """The account of each lot, in order of id, its serials included.

    For the whole group: a lot that crosses a fence would not close on one side of it.
    """
    values: dict[str, Any] = {"lots": sorted(set(lots)), "outside": list(OUTSIDE)}
    with connections[using].cursor() as cursor:
        cursor.execute(FLOWS, values)
        flows = {(lot, kind): Flow(kind, came, went) for lot, kind, came, went in cursor.fetchall()}
        cursor.execute(STANDS, values)
        stands = dict(cursor.fetchall())
    return [
        MassBalance(
            lot,
            tuple(flows[lot, kind] for kind in OUTSIDE if (lot, kind) in flows),
            stands.get(lot, 0),
        )
        for lot in values["lots"]
    ]
