"""Pure decisions about recalls: clocks, ranges, the ladder, what stands in the way, drills."""

from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

#: Days within which sellers and users are told, by level (Order 29 of 2017).
NOTIFY_WITHIN_DAYS = {"1": 1, "2": 3, "3": 7}
#: Working days for the report of investigation and plan, and for the summary after the end; from
#: memory, to be checked against the text of Order 29 before they are relied on.
PLAN_WITHIN_WORKING_DAYS = 5
SUMMARY_WITHIN_WORKING_DAYS = 10
#: Who has not answered is reminded by e-mail after so many hours, by level; again after as many.
REMIND_AFTER_HOURS = {"1": 6, "2": 24, "3": 72}
#: … and so many hours before the limit of the notice ends; this often by itself, then by hand only.
REMIND_BEFORE_LIMIT_HOURS = 4
REMIND_AT_MOST = 5
#: So long a consignee may answer by a link.
LINK_DAYS = 14
#: Of the consignees that were told, so many in a hundred are checked before the end, by level.
CHECK_PERCENT = {"1": 100, "2": 50, "3": 20}


def notify_until(days: Mapping[str, int], level: int, decided_on: date) -> date:
    """The last day on which the notice is in time."""
    return decided_on + timedelta(days=days[str(level)])


def is_due(
    now: datetime, last: datetime, ends: datetime, after: timedelta, before: timedelta
) -> bool:
    """Whether who was spoken to last then, and has not answered, is reminded now.

    So long after it; and once more shortly before the limit ends.
    """
    return now - last >= after or last < ends - before <= now < ends


def checks_wanted(percent: int, told: int) -> int:
    """Of so many consignees that were told, those to be checked: at least so many in a hundred."""
    return -(-told * percent // 100)


def working_days_after(day: date, count: int) -> date:
    """So many working days later; Saturdays and Sundays are none. Public holidays are not known."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


@dataclass(frozen=True)
class Clock:
    """Something that has to be done by a day."""

    what: str
    until: date
    #: The day on which it was done; None while it was not.
    done_on: date | None
    #: What it is called in Chinese and English.
    names: dict[str, str] = field(default_factory=dict, compare=False)

    def state(self, today: date) -> str:
        """In time, late, running or overdue."""
        if self.done_on is not None:
            return "in time" if self.done_on <= self.until else "late"
        return "running" if today <= self.until else "overdue"


class NumberRange(NamedTuple):
    """Serial numbers that begin alike and end in a number between two others."""

    prefix: str
    first: int
    last: int


def number_range(first: str, last: str) -> NumberRange | None:
    """The range from one normalised serial number to another; None where they make none.

    Both begin alike and end in digits: SN0098 to SN0102. Leading zeros count for nothing.
    """
    a, b = _split(first), _split(last)
    if a is None or b is None:
        return None
    # SN98 to SN102, but also SN10A1 to SN10A9: what stands before the last digits is the prefix.
    if a[0] != b[0] or int(a[1]) > int(b[1]):
        return None
    return NumberRange(a[0], int(a[1]), int(b[1]))


def _split(number: str) -> tuple[str, str] | None:
    head = number.rstrip("0123456789")
    tail = number[len(head) :]
    return (head, tail) if tail else None


#: Kinds of place where goods are a consignee's affair.
AT_CONSIGNEE = frozenset({"customer", "department", "used", "transit"})
#: Kinds of place that are our own shelves: goods there need a decision.
OWN = frozenset({"bin", "dock", "staging", "repair"})


@dataclass(frozen=True)
class Rung:
    """Base units that came in through, went out to, or stand at places of one kind."""

    what: str
    quantity: int
    #: What it is called in Chinese and English.
    names: dict[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Ladder:
    """Where every unit is: what came in, less what went out, is what stands. # TRC-03

    What was taken back by a reversal counts as not having been.
    """

    came_in: tuple[Rung, ...]
    went_out: tuple[Rung, ...]
    stands: tuple[Rung, ...]
    #: Of what stands at customers and departments, what is still ours.
    consigned: int = 0
    #: Of what went into production, what has not come out as anything yet.
    in_process: int = 0

    @property
    def difference(self) -> int:
        """Units that the moves account for and the balances do not; 0 where it adds up."""
        sums = (sum(r.quantity for r in rungs) for rungs in (self.came_in, self.went_out))
        came, went = sums
        return came - went - sum(r.quantity for r in self.stands)


@dataclass(frozen=True)
class Holding:
    """What one consignee has of the goods: still there, and used up."""

    #: None where the ledger does not say whose the place is.
    consignee_id: int | None
    standing: int
    used: int
    is_acknowledged: bool
    found: int | None
    #: What has left it since it answered.
    gone_since: int = 0


class Shares(NamedTuple):
    """Of what stands at a consignee by the ledger."""

    #: Used, as it said, though the ledger does not know of it yet.
    used: int
    #: Set aside, as it said.
    aside: int
    #: Neither.
    open: int


def shares(
    standing: int, used: int, agrees: bool, aside: int | None, said_used: int | None
) -> Shares:
    """What an answer says of the units that stand there; what it leaves open stays open.

    Who answered with one number set everything aside where it agrees, and nothing where not.
    """
    gone = min(standing, max(0, (said_used or 0) - used))
    left = standing - gone
    kept = min(left, aside) if aside is not None else left if agrees else 0
    return Shares(gone, kept, left - kept)


@dataclass(frozen=True)
class OpenPoint:
    """Why the case cannot be closed yet."""

    why: str
    #: The Chinese and the English name of the consignee; None where it is our own affair.
    who: dict[str, str] | None
    #: Base units; 0 where it is not about units.
    quantity: int
    #: Why, in Chinese and English.
    names: dict[str, str] = field(default_factory=dict, compare=False)


def open_points(
    ladder: Ladder,
    undecided: int,
    uncovered: int,
    holdings: Sequence[Holding],
    names: Mapping[int, dict[str, str]],
    reported: Collection[str],
    unchecked: int = 0,
    failed: Collection[int] = (),
) -> list[OpenPoint]:
    """What has to be settled before the case can end, in the order in which to settle it.

    `undecided` units stand on our own shelves and were not rejected yet; `uncovered` scope rows
    have no active block. A consignee's answer counts where it found what the ledger says.
    `reported` are the kinds of report that the regulator got: no case ends without the decision
    and the plan; the summary follows the end. `unchecked` effectiveness checks are still wanted;
    at the consignees that `failed` the newest one found that what was asked is not done.
    """
    standing = {r.what: r.quantity for r in ladder.stands}
    points = []
    if ladder.difference:
        points.append(OpenPoint("ledger does not add up", None, ladder.difference))
    if uncovered:
        points.append(OpenPoint("scope without a block", None, uncovered))
    if standing.get("transit"):
        points.append(OpenPoint("still on the way", None, standing["transit"]))
    if ladder.in_process:
        points.append(OpenPoint("still in production", None, ladder.in_process))
    if undecided:
        points.append(OpenPoint("own stock not decided", None, undecided))
    for h in holdings:
        total = h.standing + h.used
        if h.consignee_id is None:
            points.append(OpenPoint("consignee not known", None, total))
            continue
        who = names.get(h.consignee_id)
        if not h.is_acknowledged:
            points.append(OpenPoint("notice not answered", who, total))
        elif h.found != total + h.gone_since:
            difference = total + h.gone_since - (h.found or 0)
            points.append(OpenPoint("answer differs from the ledger", who, difference))
        elif h.standing:
            points.append(OpenPoint("still at the consignee", who, h.standing))
        if h.consignee_id in failed:
            points.append(OpenPoint("check found it not done", who, total))
    if unchecked:
        points.append(OpenPoint("effectiveness not checked", None, 0))
    if "decision" not in reported:
        points.append(OpenPoint("decision not reported to the regulator", None, 0))
    if "plan" not in reported:
        points.append(OpenPoint("plan not reported to the regulator", None, 0))
    return points


#: What each aspect counts for; what is asked for is no more than their sum.
DRILL_WEIGHTS = {"adds_up": 40, "named": 20, "reachable": 15, "licensed": 5, "in_time": 20}
#: Minutes from the first question to the conclusion, by level: four hours, a day, a day.
DRILL_WITHIN_MINUTES = {"1": 240, "2": 1440, "3": 1440}
DRILL_EVERY_MONTHS = 12


@dataclass(frozen=True)
class DrillFacts:
    """What a drill found, as far as it is scored."""

    #: Base units that came in, and of them those that moves and balances disagree about.
    came_in: int
    difference: int
    #: Base units outside, and of them those whose holder the ledger names.
    outside: int
    named: int
    #: Consignees that are named, those that can be reached, those with a licence in force.
    consignees: int
    with_contact: int
    with_licence: int
    #: Milliseconds that it took, and that it may take.
    took: int
    limit: int


@dataclass(frozen=True)
class Scored:
    """So many points out of a weight, for a part of a whole."""

    aspect: str
    weight: int
    part: int
    whole: int

    @property
    def points(self) -> Decimal:
        """In tenths, never rounded up to what was not reached."""
        share = Fraction(self.part, self.whole) if self.whole else Fraction(1)
        return tenths(self.weight * share)

    @property
    def lost(self) -> Decimal:
        return self.weight - self.points


def tenths(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator * 10 // exact.denominator) / 10


def drill_points(facts: DrillFacts, weights: Mapping[str, int]) -> list[Scored]:
    """Each aspect with its part of the whole; where there is no whole, nothing is lacking."""
    located = max(0, facts.came_in - abs(facts.difference))
    reached = {
        "adds_up": (located, facts.came_in) if facts.came_in else (int(not facts.difference), 1),
        "named": (facts.named, facts.outside),
        "reachable": (facts.with_contact, facts.consignees),
        "licensed": (facts.with_licence, facts.consignees),
        "in_time": in_time(facts.took, facts.limit),
    }
    return [Scored(aspect, weights[aspect], *reached[aspect]) for aspect in DRILL_WEIGHTS]


def in_time(took: int, limit: int) -> tuple[int, int]:
    """The whole within the limit; twice the time, half of it."""
    return (limit, max(took, limit)) if limit else (0, 1)


def drill_score(found: Sequence[Scored]) -> Decimal:
    """Out of a hundred, whatever the weights add up to."""
    whole = sum(one.weight for one in found)
    reached = sum((Fraction(one.points) for one in found), Fraction(0))
    return tenths(100 * reached / whole) if whole else Decimal(0)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month; never beyond the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year >= date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
