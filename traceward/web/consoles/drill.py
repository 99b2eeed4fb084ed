"""The console of a drill: what a recall would have reached, how soon, and how well. # TRC-04

    /drill/9058      score and time, the ladder, what a recall would have done, the consignees

It stands beside the console of a recall and is drawn by the same parts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from traceward.domain.recalls import queries
from traceward.domain.recalls.models import DrillAct, DrillAspect, DrillState
from traceward.domain.recalls.queries import DrillResult
from traceward.domain.recalls.queries.reach import Outside
from traceward.domain.recalls.rules import Scored
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, labels, reading
from traceward.resources.kit import RESOURCES
from traceward.web.consoles import names
from traceward.web.consoles.told import Ring, Sum, remaining, rungs
from traceward.web.kit.cells import WORDED
from traceward.web.kit.documents import page_of
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import Link
from traceward.web.kit.shown import Shown
from traceward.web.visitors import Visitor, visitor_of

DRILLS, UNITS, TARGETS, ACTIONS = (
    *("recalls.drills", "recalls.drill_units", "recalls.drill_targets", "recalls.drill_actions"),
)
CONSIGNEES = "recalls.drill_consignees"
#: Consignees and drafts that the page lists.
ROWS = 100
#: Steps of the server, as the drill keeps their time.
STEPS = ("found_ms", "located_ms", "consignees_ms", "promises_ms")


def show_drill(request: HttpRequest, key: int) -> HttpResponse:
    """The drill, to who may see drills and recalled goods of the whole group."""
    to = visitor_of(request)
    request.about = DRILLS  # type: ignore[attr-defined]  # read by what stands around the page
    if (name := forbidden_name(to)) != "":
        return forbidden(request, name)
    return render(request, "tw/drill.html", {"d": opened(key, to)})


def forbidden_name(to: Visitor) -> str:
    """What of it the visitor may not read; empty where they may read all."""
    return next((name for name in (DRILLS, UNITS) if not to.may(name)), "")


def opened(key: int, to: Visitor) -> "Drill":
    """The drill; not found where there is none that the visitor may see."""
    if key >= 2**63:
        raise Http404
    return Drill(key, to)


@dataclass(frozen=True)
class Aspect:
    """One aspect: what it is, what was reached, points out of its weight."""

    name: str
    why: str
    points: Decimal
    weight: int
    #: It cannot be said yet: the drill runs.
    is_open: bool = False

    @property
    def told(self) -> str:
        return f"{'—' if self.is_open else self.points} / {self.weight}"

    @property
    def lost(self) -> Decimal:
        return self.weight - self.points

    @property
    def width(self) -> str:
        return f"{100 * self.points / self.weight:.1f}" if self.weight else "0"

    @property
    def tone(self) -> str:
        if self.is_open:
            return "tw-info"
        return "tw-warn" if self.lost else "tw-ok"


@dataclass(frozen=True)
class Would:
    """What a recall would have done: how often, of how many units, and where the drafts are."""

    what: str
    count: str
    units: str
    address: str


class Drill:
    """One drill as its page shows it."""

    def __init__(self, key: int, to: Visitor) -> None:
        self.key, self.to = key, to
        self.row = self._row()

    def _row(self) -> dict[str, Any]:
        resource = RESOURCES[DRILLS]
        asked = asking.read(resource, {"id": [str(self.key)]})
        rows = persistent(lambda: reading.page(resource, asked, self.to.reader(DRILLS)).rows)
        if not rows:
            raise Http404
        return dict(rows[0])

    @cached_property
    def result(self) -> DrillResult:
        return persistent(lambda: queries.drill_result(self.key))

    @property
    def path(self) -> str:
        return f"/drill/{self.key}"

    @property
    def address(self) -> str:
        return f"/recalls/drills/{self.key}"

    @property
    def number(self) -> str:
        return self.row["number"] or str(self.key)

    @property
    def title(self) -> str:
        return str(self.row["reason"])

    @property
    def is_over(self) -> bool:
        return bool(self.row["state"] == DrillState.CONCLUDED)

    def _word(self, column: str) -> str:
        told = labels.of_value(f"{DRILLS}.{column}", str(self.row[column]))
        return told.in_language(self.to.language)

    @property
    def level(self) -> str:
        return self._word("level")

    @property
    def state(self) -> str:
        return self._word("state")

    @property
    def score(self) -> str:
        return f"{self.row['score'] if self.is_over else self._so_far[0]:.1f}"

    @property
    def score_of(self) -> str:
        """Out of how many points; while it runs, of those that can be said already."""
        if self.is_over:
            return gettext("of 100 points")
        return gettext("of {count} points so far").format(count=self._so_far[1])

    @cached_property
    def _so_far(self) -> tuple[Decimal, int]:
        settled = [one for one in self.points if not one.is_open]
        return sum((one.points for one in settled), Decimal()), sum(one.weight for one in settled)

    def moment(self, name: str) -> str:
        """The moment in the visitor's time zone; empty where it has not come."""
        at = self.row[name]
        return f"{at.astimezone(ZoneInfo(self.to.time_zone)):%Y-%m-%d %H:%M}" if at else ""

    @property
    def who(self) -> str:
        zh, en = self.row["created_by_name_zh"], self.row["created_by_name_en"]
        who = zh if self.to.language.startswith("zh") else en or zh
        return gettext("by {who}, {at}").format(who=who, at=self.moment("began_at"))

    @cached_property
    def goods(self) -> list[Link]:
        """What it supposed to be recalled, each by its own page where it is one record."""
        resource = RESOURCES[TARGETS]
        if not self.to.may(TARGETS):
            return []
        asked = asking.read(resource, {"drill_id": [str(self.key)], "limit": ["9"]})
        rows = persistent(lambda: list(reading.page(resource, asked, self.to.reader(TARGETS)).rows))
        return [link for row in rows if (link := _named(row))]

    @property
    def server_time(self) -> str:
        """How long the server took for everything."""
        return seconds(sum(self.row[step] for step in STEPS))

    @property
    def steps(self) -> list[tuple[str, str]]:
        return [(_step(step), seconds(self.row[step])) for step in STEPS]

    @property
    def took(self) -> str:
        """From the first question to the conclusion; empty while people are at it."""
        if self.row["concluded_at"] is None:
            return ""
        return remaining(self.row["concluded_at"] - self.row["began_at"])

    @property
    def limit(self) -> str:
        return remaining(timedelta(minutes=self.row["limit_minutes"]))

    @property
    def next_on(self) -> str:
        return f"{self.row['next_on']:%Y-%m-%d}"

    @property
    def rings(self) -> list[Ring]:
        """The score, and how much of what came in is accounted for."""
        came = sum(one.quantity for one in self.result.ladder.came_in)
        located = max(0, came - abs(self.result.ladder.difference))
        return [
            Ring(
                *(gettext("Score"), *self._shares, "tw-brand"),
                f"{self.score} {self.score_of}",
            ),
            Ring(
                *(gettext("Located"), located, came, "tw-ok"),
                gettext("{part} of {whole} units").format(part=f"{located:,}", whole=f"{came:,}"),
            ),
        ]

    @property
    def _shares(self) -> tuple[int, int]:
        """The score and out of how much, in tenths of points."""
        if self.is_over:
            return int(10 * self.row["score"]), 1000
        return int(10 * self._so_far[0]), 10 * self._so_far[1]

    @cached_property
    def points(self) -> list[Aspect]:
        """Where points were lost first."""
        made = [
            Aspect(
                labels.of_value("recalls.drill_points.aspect", one.aspect).in_language(
                    self.to.language
                ),
                self._why(one),
                *(one.points, one.weight),
                one.aspect == DrillAspect.IN_TIME and not self.is_over,
            )
            for one in self.result.points
        ]
        return sorted(made, key=lambda one: (one.is_open, -one.lost))

    def _why(self, one: Scored) -> str:
        if one.aspect == DrillAspect.IN_TIME:
            if not self.is_over:
                told = gettext("said once it is concluded; the limit is {limit}")
                return told.format(limit=self.limit)
            if one.part == one.whole:
                return gettext("within the limit of {limit}").format(limit=self.limit)
            took = remaining(timedelta(milliseconds=one.whole))
            return gettext("{took} instead of {limit}").format(took=took, limit=self.limit)
        told = {
            DrillAspect.ADDS_UP: gettext("{part} of {whole} units that came in are accounted for"),
            DrillAspect.NAMED: gettext("{part} of {whole} units outside have a named holder"),
            DrillAspect.REACHABLE: gettext(
                "{part} of {whole} consignees can be reached by telephone or e-mail"
            ),
            DrillAspect.LICENSED: gettext("{part} of {whole} consignees have a licence in force"),
        }[DrillAspect(one.aspect)]
        return told.format(part=f"{one.part:,}", whole=f"{one.whole:,}")

    @cached_property
    def ladder(self) -> Sum:
        return rungs(self.result.progress, is_held=False)

    @cached_property
    def would(self) -> list[Would]:
        """What a recall would have done, in the order in which it does it."""
        found = {one.act: one for one in self.result.drafts}
        made = []
        for act in DrillAct.values:
            if (one := found.get(act)) is not None:
                word = labels.of_value(f"{ACTIONS}.act", act).in_language(self.to.language)
                units = f"{one.quantity:,}" if one.quantity else ""
                asked = urlencode({"drill_id": self.key, "act": act})
                address = f"/recalls/drill_actions?{asked}" if self.to.may(ACTIONS) else ""
                made.append(Would(word, f"{one.count:,}", units, address))
        return made

    @cached_property
    def consignees(self) -> list[tuple[str, str, Outside, list[str]]]:
        """Those that could not be reached first, then by what they have: name, page, facts; what
        they got, used, have, is on the way and came back.
        """
        own = "zh" if self.to.language.startswith("zh") else "en"
        may_open = self.to.may(names.PARTIES)

        def rank(one: Outside) -> tuple[bool, bool, int]:
            return one.has_contact, one.has_licence, -one.consignee.standing

        made = []
        for one in sorted(self.result.outside, key=rank)[:ROWS]:
            who, party = one.consignee.names, one.consignee.party_id
            name = who.get(own) or gettext("A consignee that nobody named")
            of = one.consignee
            counts = [of.delivered, of.used, of.standing, of.on_the_way, of.returned]
            address = f"/org/parties/{party}" if may_open and party else ""
            made.append((name, address, one, [f"{count:,}" for count in counts]))
        return made

    @property
    def left_out(self) -> int:
        return max(0, len(self.result.outside) - ROWS)

    @property
    def table_address(self) -> str:
        return f"/{CONSIGNEES.replace('.', '/')}?{urlencode({'drill_id': self.key})}"

    @property
    def units_address(self) -> str:
        return f"/ask/{UNITS}?{urlencode({'drill_id': f'#{self.key}'})}"

    @cached_property
    def next(self) -> Link | None:
        """What is to do: to conclude it; nothing once that was done, or for who may not."""
        shown = Shown(page_of(DRILLS), self.row, self.to)
        return shown.coming(shown.steps, self.path)


def seconds(milliseconds: int) -> str:
    """In milliseconds below a second."""
    if milliseconds < 1000:
        return gettext("{count} ms").format(count=milliseconds)
    return gettext("{count} s").format(count=f"{milliseconds / 1000:.2f}")


def _in_words(milliseconds: int) -> str:
    """How long it took; to the second where it was soon."""
    if milliseconds < 60_000:
        return seconds(milliseconds)
    return remaining(timedelta(milliseconds=milliseconds))


def _measured(column: str) -> Callable[[Mapping[str, Any]], str | None]:
    """Of the point for time, part and whole are how long it took and might take."""

    def give(row: Mapping[str, Any]) -> str | None:
        return _in_words(row[column]) if row["aspect"] == DrillAspect.IN_TIME else None

    return give


for _column in ("part", "whole"):
    WORDED[f"recalls.drill_points.{_column}"] = _measured(_column)


def _timed(column: str) -> Callable[[Mapping[str, Any]], str | None]:
    return lambda row: seconds(row[column])


for _column in STEPS:
    WORDED[f"{DRILLS}.{_column}"] = _timed(_column)
WORDED[f"{DRILLS}.limit_minutes"] = lambda row: remaining(timedelta(minutes=row["limit_minutes"]))


def _step(step: str) -> str:
    return {
        "found_ms": gettext("Scope, with what was made of it"),
        "located_ms": gettext("Every unit and the ladder"),
        "consignees_ms": gettext("Consignees and how to reach them"),
        "promises_ms": gettext("Promises and other recalls"),
    }[step]


def _named(row: dict[str, Any]) -> Link | None:
    for stem, text, listed in (
        ("serial", row["serial_raw_number"], "/stock/serials"),
        ("lot", row["lot_raw_number"], "/stock/lots"),
        ("document", row["document_number"], "/documents/documents"),
        ("place", row["place_code"], "/places/places"),
        ("item", row["item_code"], "/catalog/items"),
    ):
        if row[f"{stem}_id"]:
            return Link(text or "", f"{listed}/{row[f'{stem}_id']}")
    text = row["supplier_lot"] or row["serial_from"]
    return Link(text, "") if text else None
