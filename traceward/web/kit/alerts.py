"""Alerts: what is wrong or waits for the visitor's decision, until it is over.

Each row is one of a list, told by the waits of the boards that say `is_alert`. The bell counts
kinds that have a row that the visitor has not seen, so that it can reach zero. Who has seen a row
says so; it stays, marked, until what is wrong has ended, and counts no longer for who has seen it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from traceward.kernel.workflow.models import Acknowledgement
from traceward.web.kit.boards import Found, Line, Wait, find, open_lists
from traceward.web.visitors import Visitor

#: Rows of each kind that are acknowledged with one press; the rest is in its list.
EACH = 200
#: … of which so many stand open on the page.
SHOWN = 8
Key = tuple[str, int]


@dataclass(frozen=True)
class Seen:
    """Who has seen it, and when."""

    name: str
    at: datetime
    time_zone: str

    @property
    def when(self) -> str:
        return self.at.astimezone(ZoneInfo(self.time_zone)).strftime("%m-%d %H:%M")


@dataclass(frozen=True)
class Alert:
    """One thing that is wrong: its kind, its row, who has seen it."""

    wait: Wait
    line: Line
    seen: tuple[Seen, ...]
    is_mine: bool
    to: Visitor

    @property
    def kind(self) -> str:
        return self.wait.words.in_language(self.to.language)


@dataclass(frozen=True)
class Kind:
    """Open alerts of one kind, the first of them, and where all of them are."""

    title: str
    wait: Wait
    found: Found
    alerts: tuple[Alert, ...]

    @property
    def subject(self) -> str:
        return self.wait.name

    @property
    def records(self) -> str:
        """What one press acknowledges."""
        return ",".join(str(line.record) for line in self.found.lines if line.record)

    @property
    def first(self) -> tuple[Alert, ...]:
        return self.alerts[:SHOWN]

    @property
    def rest(self) -> tuple[Alert, ...]:
        return self.alerts[SHOWN:]

    @property
    def is_cut(self) -> bool:
        """Whether there are more than stand here."""
        return self.found.count > len(self.alerts)


@dataclass(frozen=True)
class Alerts:
    """What is open for the visitor by its kind, the worst first, and what they have seen."""

    kinds: tuple[Kind, ...]
    acknowledged: tuple[Alert, ...]

    @property
    def count(self) -> int:
        """Kinds that are open."""
        return len(self.kinds)


def alerts(waits: Sequence[Wait], to: Visitor) -> Alerts:
    """What is wrong now for who has these waits."""
    wrong = _told(waits)
    mine = set(
        Acknowledgement.objects.filter(person=to.person, subject__in={one.name for one in wrong})
        .values_list("subject", flat=True)
        .distinct()
    )
    found = zip(wrong, find(wrong, to, EACH, is_seen=False), strict=True)
    opened = [(one, some) for one, some in found if some.count]
    known = [one for one in wrong if one.name in mine]
    seen = list(zip(known, find(known, to, EACH, is_seen=True), strict=True))
    who = _who((line for _, some in [*opened, *seen] for line in some.lines), to)
    kinds = tuple(
        Kind(one.words.in_language(to.language), one, some, _alerts(one, some, who, to))
        for one, some in opened
    )
    told = (_alerts(one, some, who, to, is_mine=True) for one, some in seen)
    return Alerts(kinds, tuple(alert for several in told for alert in several))


def open_kinds(waits: Sequence[Wait], to: Visitor) -> int:
    """How many kinds are open: one query for all lists, and what each question takes."""
    wrong = _told(waits)
    asked = find([one for one in wrong if one.is_question], to, 1, is_seen=False)
    lists = [one for one in wrong if not one.is_question]
    return open_lists(lists, to) + sum(bool(found.count) for found in asked)


def _told(waits: Sequence[Wait]) -> list[Wait]:
    return [one for one in waits if one.is_alert]


def _alerts(
    one: Wait, found: Found, who: dict[Key, tuple[Seen, ...]], to: Visitor, *, is_mine: bool = False
) -> tuple[Alert, ...]:
    return tuple(
        Alert(one, line, who.get((line.subject, line.record), ()), is_mine, to)
        for line in found.lines
    )


def _who(lines: Iterable[Line], to: Visitor) -> dict[Key, tuple[Seen, ...]]:
    """Who has seen which of them; one query."""
    keys = {(line.subject, line.record) for line in lines}
    rows = (
        Acknowledgement.objects.filter(
            subject__in={subject for subject, _ in keys}, record__in={record for _, record in keys}
        )
        .select_related("person")
        .order_by("acknowledged_at")
    )
    found: dict[Key, list[Seen]] = defaultdict(list)
    for row in rows:
        one = Seen(row.person.name(to.language), row.acknowledged_at, to.time_zone)
        found[row.subject, row.record].append(one)
    return {key: tuple(several) for key, several in found.items()}
