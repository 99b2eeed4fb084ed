"""What the console of one lot or serial asks for: by its address, once for each question."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, QueryDict
from django.utils.translation import gettext

from traceward.domain.trace.queries import Events, Flow, MassBalance, Trace
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.resources import labels, reading
from traceward.resources.kit import QUESTIONS, RESOURCES, now
from traceward.web.consoles.names import Names
from traceward.web.kit.answers import aware, local
from traceward.web.kit.verbs import address
from traceward.web.visitors import Visitor

#: Where a trace has a page of its own.
KINDS = {"lot": "stock.lots", "serial": "stock.serials"}
WAYS, RECALL = ("up", "both", "down"), "recalls.open"
#: Events of a page, and of its print.
EVENTS, PRINTED = 20, 200


class Asked:
    """One lot or serial, as of a moment, one way or both, as far as the visitor may see it."""

    def __init__(self, kind: str, key: int, given: Any, to: Visitor) -> None:
        self.kind, self.key, self.to = kind, key, to
        self.problems: list[str] = []
        self.given = given
        self.now = now()
        self.row = self._row()
        self.way = given.get("way", "both") if given.get("way") in WAYS else "both"
        self.at = self._moment("at")
        #: Whether only what the system knew at that moment counts, as it was posted by then.
        self.is_as_known = self.at is not None and given.get("known") == "then"
        self.opened = frozenset(given.getlist("open")[:20] if isinstance(given, QueryDict) else ())
        self.every = given.get("every") == "1"
        #: The label that led here, where it does not fit the record.
        self.code = str(given.get("code", ""))
        #: The moment that this one is compared with, and the end of an earlier page of events.
        self.other, self.before = self._moment("with"), self._moment("before_at")
        self.names = Names(to)
        self.events_shown = EVENTS

    def _ask(self, name: str, **arguments: Any) -> Any:
        return persistent(lambda: QUESTIONS[name].function(**arguments, to=self.to.reader(name)))

    def _row(self) -> dict[str, Any]:
        resource = RESOURCES[KINDS[self.kind]]
        columns = tuple(resource.columns.values())
        try:
            return persistent(
                lambda: reading.one(resource, str(self.key), columns, self.to.reader(resource.name))
            )
        except Refusal as refusal:
            raise Http404(refusal.in_language(self.to.language)) from None

    def _moment(self, name: str) -> datetime | None:
        """The moment that was asked for; None is now, also where it lies ahead."""
        text = str(self.given.get(name, "")).strip()
        if not text:
            return None
        try:
            found = datetime.fromisoformat(aware(text[:40], self.to))
            found = found.astimezone(ZoneInfo("UTC"))
        except (ValueError, OverflowError):
            told = gettext("“{text}” is no moment. Write it as 2026-05-31T16:00.")
            self.problems.append(told.format(text=text[:40]))
            return None
        if found < self.now:
            return found
        if found > self.now + timedelta(days=1):  # today is not over yet
            told = gettext("{text} lies ahead. What holds now is shown.")
            self.problems.append(told.format(text=text[:40]))
        return None

    @property
    def row_address(self) -> str:
        return f"/{KINDS[self.kind].replace('.', '/')}/{self.key}"

    @property
    def path(self) -> str:
        return f"/trace/{self.kind}/{self.key}"

    def address(self, **changes: Any) -> str:
        """The page as it is, with some of it asked for in another way."""
        asked: dict[str, Any] = {
            "way": self.way if self.way != "both" else "",
            "at": self.at_text,
            "known": self.known,
            "every": "1" if self.every else "",
            "open": sorted(self.opened),
            "code": self.code,
        }
        asked |= changes
        asked = {name: value for name, value in asked.items() if value}
        return self.path + (f"?{urlencode(asked, doseq=True)}" if asked else "")

    @property
    def ways(self) -> list[tuple[str, str, bool]]:
        words = {
            "up": gettext("Upstream"),
            "both": gettext("Both ways"),
            "down": gettext("Downstream"),
        }
        return [
            (words[way], self.address(way=way if way != "both" else ""), way == self.way)
            for way in WAYS
        ]

    @property
    def now_address(self) -> str:
        return self.address(at="", known="")

    @property
    def closed_address(self) -> str:
        return self.address(open="")

    @property
    def every_address(self) -> str:
        return self.address(every="" if self.every else "1")

    @property
    def every_same(self) -> str:
        return self.address()

    @property
    def on_hand_address(self) -> str:
        return f"/ask/stock.on_hand?{urlencode({f'{self.kind}s': f'#{self.key}'})}"

    @property
    def recall_form(self) -> str:
        """Where a recall of it is put together; empty for who may open none."""
        if not self.to.may(RECALL):
            return ""
        number = self.row["raw_number"] or ""
        return address(RECALL, **{f"targets.0.{self.kind}_id": f"#{self.key} {number}"})

    @property
    def recall_verb(self) -> str:
        return labels.of_verb(RECALL).in_language(self.to.language)

    @property
    def report(self) -> str:
        return self._file("report.pdf")

    @property
    def events_file(self) -> str:
        return self._file("epcis.json")

    def _file(self, name: str) -> str:
        given = {"at": self.at_text, "known": self.known} if self.at else {}
        asked = urlencode({column: text for column, text in given.items() if text})
        return f"{self.path}/{name}" + (f"?{asked}" if asked else "")

    @property
    def moment(self) -> dict[str, datetime | None]:
        """Up to when it happened, and up to when it was posted, as questions ask for it."""
        return {"happened": self.at, "posted": self.at if self.is_as_known else None}

    @property
    def knowing_choices(self) -> list[tuple[str, str]]:
        """By which records the moment is told: all that there are, or those that there were."""
        return [("", gettext("Known now")), ("then", gettext("Known then"))]

    @property
    def knowings(self) -> list[tuple[str, str, bool]]:
        return [
            (words, self.address(known=value), value == self.known)
            for value, words in self.knowing_choices
        ]

    @property
    def known(self) -> str:
        return "then" if self.is_as_known else ""

    @property
    def at_text(self) -> str:
        return local(self.at.isoformat(), self.to) if self.at else ""

    def said(self, at: datetime) -> str:
        """The moment at the visitor's place."""
        return at.astimezone(ZoneInfo(self.to.time_zone)).strftime("%Y-%m-%d %H:%M")

    @property
    def at_told(self) -> str:
        now = gettext("As it stood on {at}, by what is known now.")
        then = gettext("As it stood on {at}, by what was on record then.")
        told = then if self.is_as_known else now
        return told.format(at=self.said(self.at)) if self.at else ""

    @property
    def _start(self) -> dict[str, list[int]]:
        return {f"{self.kind}s": [self.key]}

    @cached_property
    def backward(self) -> Trace | None:
        if self.way == "down":
            return None
        found: Trace = self._ask("trace.backward", **self._start, **self.moment)
        return found

    @cached_property
    def forward(self) -> Trace | None:
        if self.way == "up":
            return None
        found: Trace = self._ask("trace.forward", **self._start, **self.moment)
        return found

    @property
    def trace(self) -> Trace:
        found = self.forward or self.backward
        assert found is not None, "one way at least is asked for"
        return found

    @cached_property
    def is_seen(self) -> bool:
        """Whether anything of it is, or ever was, where the visitor may see it."""
        return bool(self.trace.start)

    @property
    def is_partial(self) -> bool:
        return self.trace.sites is not None

    @property
    def partial_told(self) -> str:
        return gettext(
            "You see quantities, places and documents of your own sites; the rest is hidden, so "
            "the mass balance of the whole group is not shown."
        )

    @cached_property
    def epcis(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("trace.epcis", nodes=[self.key], **self.moment)
        return found

    @cached_property
    def flows(self) -> list[Flow]:
        found: list[Flow] = self._ask("trace.flows", nodes=[self.key], **self.moment)
        return found

    def asked_events(self, **asked: Any) -> Events:
        """The newest of its events as of the moment; those of other goods where they are named."""
        given = {"nodes": [self.key], "limit": EVENTS, **self.moment, **asked}
        found: Events = self._ask("trace.events", **given)
        return found

    @cached_property
    def _events(self) -> Events:
        text = str(self.given.get("before_id", ""))
        before_id = int(text) if text.removeprefix("-").isdecimal() and len(text) < 19 else 0
        most = max(PRINTED, self.events_shown)
        asked = {"every": self.every, "before_at": self.before, "before_id": before_id}
        return self.asked_events(**asked, limit=most)

    @cached_property
    def account(self) -> MassBalance | None:
        """The account of the whole group; None for who may not see all of it."""
        if not self.to.may("trace.mass_balances"):
            return None
        (found,) = self._ask("trace.mass_balances", nodes=[self.key], **self.moment)
        assert isinstance(found, MassBalance), "the question says so"
        return found

    @cached_property
    def first_on(self) -> Any:
        """The day of its first flow, at the visitor's place."""
        flows = self.flows if self.at is None else self._ask("trace.flows", nodes=[self.key])
        if not flows:
            return None
        first = min(flow.first_at for flow in flows)
        return first.astimezone(ZoneInfo(self.to.time_zone)).date()

    @property
    def days(self) -> int:
        """How many days its story has by now."""
        return (self.to.today - self.first_on).days if self.first_on else 0

    @property
    def day(self) -> int:
        """The day of the slider."""
        if self.at is None or self.first_on is None:
            return self.days
        on = self.at.astimezone(ZoneInfo(self.to.time_zone)).date()
        return max(0, min(self.days, (on - self.first_on).days))

    @property
    def older(self) -> str:
        """Where the events before these are; empty where there are none."""
        shown = self._events.events[: self.events_shown]
        if self._events.next is None and len(shown) == len(self._events.events):
            return ""
        last = shown[-1]
        return self.address(before_at=last.at.isoformat(), before_id=last.id) + "#events"

    @property
    def is_later_page(self) -> bool:
        return self.before is not None

    def _is_own(self, node: Any) -> bool:
        return node.id == self.key or (node.is_serial and node.lot_id == self.key)

    @cached_property
    def own_whereabouts(self) -> list[Any]:
        own = {node.id for node in self.trace.nodes if self._is_own(node)}
        return [one for one in self.trace.whereabouts if one.node_id in own]
