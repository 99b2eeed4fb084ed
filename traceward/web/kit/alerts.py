"""Alerts: what is wrong or waits for the visitor's decision, until it is over.

Each row is one of a list, told by the waits of the boards that say `is_alert`. Who has seen it says
so; it stays, marked, until what is wrong has ended, and counts no longer for who has seen it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from traceward.kernel.workflow.models import Acknowledgement
from traceward.web.kit.boards import Line, Wait, find
from traceward.web.visitors import Visitor

#: Rows of each kind that are told; the rest is in its list.
EACH = 200
#: … of which so many stand open on the page.
SHOWN = 8
Key = tuple[str, int]


@dataclass(frozen=True)
class Seen:
    """Who has seen it, and when."""

    person_id: int
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
    to: Visitor

    @property
    def kind(self) -> str:
        return self.wait.words.in_language(self.to.language)

    @property
    def is_mine(self) -> bool:
        """Whether the visitor has seen it."""
        assert self.to.person is not None, "nobody unknown has alerts"
        return any(one.person_id == self.to.person.pk for one in self.seen)


@dataclass(frozen=True)
class Kind:
    """Open alerts of one kind."""

    title: str
    wait: Wait
    alerts: tuple[Alert, ...]

    @property
    def subject(self) -> str:
        return self.alerts[0].line.subject

    @property
    def first(self) -> tuple[Alert, ...]:
        return self.alerts[:SHOWN]

    @property
    def rest(self) -> tuple[Alert, ...]:
        return self.alerts[SHOWN:]


@dataclass(frozen=True)
class Alerts:
    """All of the visitor's, the worst first, and those of which only the number is known."""

    found: tuple[Alert, ...]
    #: Kinds of which there are more: (words, how many more, where they are).
    more: tuple[tuple[str, int, str], ...]
    at: datetime

    @property
    def open(self) -> list[Alert]:
        return [one for one in self.found if not one.is_mine]

    @property
    def kinds(self) -> list["Kind"]:
        """What is open by its kind, each to be acknowledged at once."""
        found: dict[str, list[Alert]] = {}
        for one in self.open:
            found.setdefault(one.wait.key, []).append(one)
        return [
            Kind(several[0].kind, several[0].wait, tuple(several)) for several in found.values()
        ]

    @property
    def acknowledged(self) -> list[Alert]:
        return [one for one in self.found if one.is_mine]

    @property
    def count(self) -> int:
        """What is open for the visitor."""
        return len(self.open) + sum(count for _, count, _ in self.more)

    @property
    def figure(self) -> str:
        return str(self.count) if self.count < 100 else "99+"


def alerts(waits: Sequence[Wait], to: Visitor, at: datetime) -> Alerts:
    """What is wrong now for who has these waits."""
    told: dict[Key, tuple[Wait, Line]] = {}
    more = []
    for one in waits:
        if not one.is_alert:
            continue
        found = find(one, to, EACH)
        for line in found.lines:
            told.setdefault((line.subject, line.record), (one, line))
        if found.count > len(found.lines):
            left = found.count - len(found.lines)
            more.append((one.words.in_language(to.language), left, found.address))
    seen = _seen(told, to)
    rows = tuple(Alert(one, line, seen.get(key, ()), to) for key, (one, line) in told.items())
    return Alerts(rows, tuple(more), at)


def _seen(told: Mapping[Key, object], to: Visitor) -> dict[Key, tuple[Seen, ...]]:
    """Who has seen which of them; one query."""
    subjects = {subject for subject, _ in told}
    records = {record for _, record in told}
    rows = (
        Acknowledgement.objects.filter(subject__in=subjects, record__in=records)
        .select_related("person")
        .order_by("acknowledged_at")
    )
    found: dict[Key, list[Seen]] = defaultdict(list)
    for row in rows:
        name = row.person.name(to.language)
        one = Seen(row.person_id, name, row.acknowledged_at, to.time_zone)
        found[row.subject, row.record].append(one)
    return {key: tuple(several) for key, several in found.items()}
