"""Pure decisions about recalls: limits, the ladder, and what still stands in the way of the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

#: Days within which sellers and users are told, by level (Order 29 of 2017).
NOTIFY_WITHIN_DAYS = {1: 1, 2: 3, 3: 7}


def notify_until(level: int, decided_on: date) -> date:
    """The last day on which the notice is in time."""
    return decided_on + timedelta(days=NOTIFY_WITHIN_DAYS[level])


#: Kinds of place where goods are a consignee's affair.
AT_CONSIGNEE = frozenset({"customer", "department", "used", "transit"})
#: Kinds of place that are our own shelves: goods there need a decision.
OWN = frozenset({"bin", "dock", "staging", "repair"})


@dataclass(frozen=True)
class Rung:
    """Base units that came in through, went out to, or stand at places of one kind."""

    what: str
    quantity: int


@dataclass(frozen=True)
class Ladder:
    """Where every unit is: what came in, less what went out, is what stands. # TRC-03"""

    came_in: tuple[Rung, ...]
    went_out: tuple[Rung, ...]
    stands: tuple[Rung, ...]

    @property
    def difference(self) -> int:
        """Units that the moves account for and the balances do not; 0 where it adds up."""
        sums = (sum(r.quantity for r in rungs) for rungs in (self.came_in, self.went_out))
        came, went = sums
        return came - went - sum(r.quantity for r in self.stands)


@dataclass(frozen=True)
class Holding:
    """What one consignee has of the goods: still there, and used up."""

    consignee_id: int
    standing: int
    used: int
    is_acknowledged: bool
    found: int | None


@dataclass(frozen=True)
class OpenPoint:
    """Why the case cannot be closed yet."""

    why: str
    #: The Chinese and the English name of the consignee; None where it is our own affair.
    who: dict[str, str] | None
    quantity: int


def open_points(
    ladder: Ladder,
    undecided: int,
    uncovered: int,
    holdings: Sequence[Holding],
    names: dict[int, dict[str, str]],
) -> list[OpenPoint]:
    """What has to be settled before the case can end, in the order in which to settle it.

    `undecided` units stand on our own shelves and were not rejected yet; `uncovered` scope rows
    have no active block. A consignee's answer counts where it found what the ledger says.
    """
    standing = {r.what: r.quantity for r in ladder.stands}
    points = []
    if ladder.difference:
        points.append(OpenPoint("ledger does not add up", None, ladder.difference))
    if uncovered:
        points.append(OpenPoint("scope without a block", None, uncovered))
    if standing.get("transit"):
        points.append(OpenPoint("still on the way", None, standing["transit"]))
    if undecided:
        points.append(OpenPoint("own stock not decided", None, undecided))
    for h in holdings:
        who = names.get(h.consignee_id)
        total = h.standing + h.used
        if not h.is_acknowledged:
            points.append(OpenPoint("notice not answered", who, total))
        elif h.found != total:
            points.append(OpenPoint("answer differs from the ledger", who, total - (h.found or 0)))
        elif h.standing:
            points.append(OpenPoint("still at the consignee", who, h.standing))
    return points
