"""The recall console: what a recall has reached, against the clock. # TRC-03

    /recall/9058                 clocks, rings, the quantity ladder, what is to do, the consignees
    /recall/9058?show=waiting    of the consignees those that have not answered
    /recall/9058?q=华山           … those of that name, contact or lot

All of it is answered by the recall's own questions; what is done, is done by the forms of commands.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from traceward.domain.recalls.models import CaseState
from traceward.domain.recalls.queries import Progress
from traceward.domain.recalls.queries.consigned import consigned
from traceward.domain.recalls.rules import Clock
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, labels, reading
from traceward.resources.kit import QUESTIONS, RESOURCES, now
from traceward.web.consoles import names
from traceward.web.consoles.consignees import (
    Curve,
    Way,
    acts_of,
    checked_of,
    curve,
    hidden,
    is_named,
    outlet_told,
    way_of,
)
from traceward.web.consoles.settling import Settle
from traceward.web.consoles.todo import steps_of
from traceward.web.consoles.told import (
    NOT_ANSWERED,
    SHOWN,
    THERE,
    Limit,
    Ring,
    Step,
    Told,
    origin_of,
    remaining,
    rungs,
    secured,
    told_of,
    worst_first,
)
from traceward.web.kit.documents import page_of
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import Link
from traceward.web.kit.shown import Shown
from traceward.web.kit.verbs import address, who_does
from traceward.web.visitors import Visitor, visitor_of

CASES, PROGRESS, UNITS, SCOPES = (
    *("recalls.cases", "recalls.progress", "recalls.units", "recalls.scopes"),
)
#: Goods of the scope that the head names, consignees of the page, printed notices in one file.
GOODS, ROWS, SHEETS = 8, 300, 200
#: Consignees that the address of a form names.
CHASED = 60


def show_recall(request: HttpRequest, key: int) -> HttpResponse:
    """The recall, as far as the visitor may see recalls as a whole."""
    to = visitor_of(request)
    request.about = CASES  # type: ignore[attr-defined]  # read by what stands around the page
    for name in (CASES, PROGRESS):
        if not to.may(name):
            return forbidden(request, name)
    return render(request, "tw/recall.html", {"r": opened(key, request.GET, to)})


def opened(key: int, given: Any, to: Visitor) -> "Room":
    """The recall; not found where there is none that the visitor may see."""
    if key >= 2**63:
        raise Http404
    return Room(key, given, to)


@dataclass(frozen=True)
class Row:
    """A consignee with how it is reached, whether it was checked, and what can be done."""

    told: Told
    way: Way
    check: Way | None
    acts: list[Link]
    may_choose: bool
    #: Who fetches the goods back, where the visitor may not.
    who: str = ""


class Room:
    """One recall as the page shows it."""

    def __init__(self, key: int, given: Any, to: Visitor) -> None:
        self.key, self.to, self.now = key, to, now()
        self.row = self._row()
        self.show = given.get("show", "") if given.get("show") in SHOWN else "all"
        self.asked = given.get("q", "").strip()[:60]
        self.names = names.Names(to)

    def _row(self) -> dict[str, Any]:
        resource = RESOURCES[CASES]
        columns = tuple(resource.columns.values())
        try:
            to = self.to.reader(CASES)
            return persistent(
                lambda: reading.one(resource, str(self.key), columns, to, whole=False)
            )
        except Refusal as refusal:
            raise Http404(refusal.in_language(self.to.language)) from None

    @cached_property
    def progress(self) -> Progress:
        asked = QUESTIONS[PROGRESS]
        found: Progress = persistent(lambda: asked.function(self.key, to=self.to.reader(PROGRESS)))
        return found

    def say(self, words: dict[str, str]) -> str:
        own = "zh" if self.to.language.startswith("zh") else "en"
        told = words.get(own) or words.get("zh", "")
        return told[:1].upper() + told[1:]

    @property
    def seconds(self) -> int:
        """The time of the server, by which the clocks go on."""
        return int(self.now.timestamp())

    @property
    def path(self) -> str:
        return f"/recall/{self.key}"

    @property
    def case_address(self) -> str:
        return f"/recalls/cases/{self.key}"

    @property
    def number(self) -> str:
        return self.row["number"] or str(self.key)

    @property
    def is_open(self) -> bool:
        return bool(self.row["state"] == CaseState.OPEN)

    @property
    def level(self) -> str:
        told = labels.of_value(f"{CASES}.level", str(self.row["level"]))
        return told.in_language(self.to.language)

    @property
    def state(self) -> str:
        told = labels.of_value(f"{CASES}.state", self.row["state"]).in_language(self.to.language)
        if not self.is_open:
            return told
        days = (self.to.today - self.row["decided_on"]).days + 1
        return f"{told} · " + gettext("day {days}").format(days=max(1, days))

    @property
    def who(self) -> str:
        """Who opened it and when it was decided."""
        zh, en = self.row["created_by_name_zh"], self.row["created_by_name_en"]
        who = zh if self.to.language.startswith("zh") else en or zh
        told = gettext("opened by {who}, decided {day}")
        return told.format(who=who, day=f"{self.row['decided_on']:%Y-%m-%d}")

    @property
    def origin(self) -> tuple[str, str]:
        return origin_of(self.row, self.to.language)

    @cached_property
    def listed_goods(self) -> list[dict[str, Any]]:
        if not self.to.may(SCOPES):
            return []
        resource = RESOURCES[SCOPES]
        given = {"case_id": [str(self.key)], "sort": ["id"], "limit": [str(GOODS + 1)]}
        asked = asking.read(resource, given)
        return persistent(lambda: list(reading.page(resource, asked, self.to.reader(SCOPES)).rows))

    @property
    def goods(self) -> list[Link]:
        """Lots, serials and whole items of the scope, each by its own page."""
        made = []
        for one in self.listed_goods[:GOODS]:
            for stem, text, listed in (
                ("serial", one["serial_raw_number"], "/stock/serials"),
                ("lot", one["lot_raw_number"], "/stock/lots"),
                ("item", one["item_code"], "/catalog/items"),
            ):
                if one[f"{stem}_id"]:
                    made.append(Link(text or "", f"{listed}/{one[f'{stem}_id']}"))
                    break
        return made

    @property
    def has_more_goods(self) -> bool:
        return len(self.listed_goods) > GOODS

    @property
    def goods_address(self) -> str:
        return f"/recalls/scopes?{urlencode({'case_id': self.key})}"

    @property
    def title(self) -> str:
        """What is recalled, and why."""
        own = "zh" if self.to.language.startswith("zh") else "en"
        items = dict.fromkeys(
            one[f"item_name_{own}"] or one["item_name_zh"] for one in self.listed_goods[:GOODS]
        )
        first = next(iter(items), "")
        if len(items) > 1:
            told = gettext("{item} and others")
            first = told.format(item=first)
        return " · ".join(filter(None, (first, self.row["reason"])))

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.settle.sites[self.row["site_id"]].time_zone)

    @cached_property
    def limits(self) -> list[Limit]:
        """The clocks, what is still to be done first, the soonest before the others."""
        clocks = sorted(
            self.progress.clocks, key=lambda one: (one.done_on is not None, one.until, one.what)
        )
        return [self._limit(one) for one in clocks]

    def _limit(self, clock: Clock) -> Limit:
        ends = datetime.combine(clock.until + timedelta(days=1), time(), self._zone)
        name, until = self.say(clock.names), f"{clock.until:%Y-%m-%d}"
        if clock.done_on is not None:
            state = clock.state(self.to.today)
            told = gettext("on {day}").format(day=f"{clock.done_on:%Y-%m-%d}")
            if state == "late":
                return Limit(name, told, until, "tw-warn", gettext("late"))
            return Limit(name, told, until, "tw-ok", gettext("in time"))
        left = ends - self.now
        is_over = left < timedelta()
        near = is_over or left < timedelta(days=1)
        word = gettext("overdue by") if is_over else gettext("still")
        return Limit(
            *(name, remaining(left), until, "tw-bad" if near else "tw-info", word),
            ends=int(ends.timestamp()),
        )

    @cached_property
    def clocks(self) -> list[Limit]:
        """Those that run; of a recall where all is done the last one."""
        running = [one for one in self.limits if one.ends]
        return running[:2] or self.limits[-1:]

    @property
    def other_limits(self) -> list[Limit]:
        return [one for one in self.limits if one not in self.clocks]

    @cached_property
    def consignees(self) -> list[Told]:
        """Everybody outside who got goods, the worst first."""
        made = [told_of(one, self.to, self.now, self.say) for one in self.progress.answers]
        goods = consigned(self.key, [one.party_id for one in made if one.party_id])
        for one in made:
            kind = one.reached.customer_class
            told = labels.of_value("partners.partners.customer_class", kind) if kind else None
            one.tier = told.in_language(self.to.language) if told else ""
            got = goods.get(one.party_id or 0, [])
            one.lots = tuple(dict.fromkeys(g.lot or g.serial for g in got if g.lot or g.serial))
        return sorted(made, key=worst_first)

    @cached_property
    def counts(self) -> dict[str, int]:
        return {
            name: sum(1 for one in self.consignees if one.rank in ranks)
            for name, ranks in SHOWN.items()
        }

    @property
    def filters(self) -> list[Link]:
        words = {
            "all": gettext("All"),
            "waiting": gettext("Not answered"),
            "differing": gettext("Differing"),
            "there": gettext("To come back"),
            "done": gettext("Done"),
        }
        return [
            Link(
                *(words[name], self.path + (f"?show={name}" if name != "all" else "")),
                *(name == self.show, f"{count:,}"),
            )
            for name, count in self.counts.items()
        ]

    @cached_property
    def rows(self) -> list[Row]:
        """Of the consignees those asked for, each with what can be done about it."""
        shown = [one for one in self.consignees if one.rank in SHOWN[self.show]]
        if self.asked:
            shown = [one for one in shown if is_named(one, self.asked)]
        may_open = self.to.may(names.PARTIES)
        made = []
        for one in shown[:ROWS]:
            one.address = f"/org/parties/{one.party_id}" if may_open and one.party_id else ""
            printed = f"{self.path}/notices.pdf?consignee={one.party_id}"
            language = self.to.language
            way, check = way_of(one, self.to), checked_of(one.reached, language)
            may_choose = one.rank == NOT_ANSWERED and bool(self.form("recalls.remind"))
            acts = acts_of(one, self.form, printed)
            back = self.settle.acts(one.party_id) if self.is_open else []
            acts = [*back, *acts] if one.rank == THERE else [*acts, *back]
            who = self.settle.who(one.party_id) if self.is_open and one.rank == THERE else ""
            made.append(Row(one, way, check, acts, may_choose, who))
        return made

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What the form that reminds the chosen ones sends along; nothing where nobody may."""
        about = self._possible.get("recalls.remind")
        if about is None or not any(row.may_choose for row in self.rows):
            return []
        return hidden(self._shown.filled(about, self.path))

    @cached_property
    def curve(self) -> Curve | None:
        """How answers came in, against the limit of the notice."""
        told = [one.told_at for one in self.progress.answers if one.told_at]
        ends = datetime.combine(self.row["notify_until"] + timedelta(days=1), time(), self._zone)
        if not told:
            return None
        answered = [one.answered_at for one in self.progress.answers if one.answered_at]
        return curve(answered, len(told), min(told).astimezone(self._zone), ends, self.now)

    @property
    def checks(self) -> str:
        """At how many consignees it was checked whether the recall works, of how many by rule."""
        if not self.progress.told:
            return ""
        told = gettext("Effectiveness checks: {made} of {wanted} by the rule")
        wanted = self.progress.checks_wanted
        return told.format(made=self.progress.checked, wanted=wanted)

    @property
    def is_checked(self) -> bool:
        return self.progress.checked >= self.progress.checks_wanted

    @property
    def mailing(self) -> str:
        """What is to be known of where e-mails go."""
        return outlet_told() if self.is_open else ""

    @property
    def prints(self) -> list[Link]:
        """Printed notices of those that no e-mail reaches, in as many files as it takes."""
        without = sum(
            1 for one in self.consignees if one.is_told and one.party_id and not one.reached.email
        )
        made = []
        for first in range(1, without + 1, SHEETS):
            part = f" {first}–{min(first + SHEETS - 1, without)}" if without > SHEETS else ""
            made.append(Link(part, f"{self.path}/notices.pdf?from={first}"))
        return made

    @property
    def left_out(self) -> int:
        return 0 if self.asked else max(0, self.counts[self.show] - ROWS)

    @property
    def table_address(self) -> str:
        return f"/ask/{PROGRESS}?{urlencode({'case_id': f'#{self.key}'})}"

    @property
    def rings(self) -> list[Ring]:
        """How many consignees answered; how much of what may still be used cannot be used."""
        everybody, answered = len(self.progress.answers), self.progress.answered
        safe, all_of_it = secured(self.progress, self.is_held)
        return [
            Ring(
                *(gettext("Acknowledged"), answered, everybody, "tw-brand"),
                gettext("{part} of {whole} consignees").format(part=answered, whole=everybody),
            ),
            Ring(
                *(gettext("Secured"), safe, all_of_it, "tw-ok"),
                gettext("{part} of {whole} unused units").format(
                    part=f"{safe:,}", whole=f"{all_of_it:,}"
                ),
            ),
        ]

    @property
    def is_held(self) -> bool:
        """Whether all of the scope is blocked, as a running recall must."""
        whys = {point.why for point in self.progress.open_points}
        return self.is_open and "scope without a block" not in whys

    @cached_property
    def ladder(self) -> Any:
        return rungs(self.progress, self.is_held)

    @property
    def units_address(self) -> str:
        return self.units_of("")

    def units_of(self, kind: str) -> str:
        """The list of the units, of one kind of place; empty where the visitor may not see it."""
        if not self.to.may(UNITS):
            return ""
        asked = {"case_id": f"#{self.key}", "kind": kind}
        return f"/ask/{UNITS}?{urlencode({k: v for k, v in asked.items() if v})}"

    @cached_property
    def _shown(self) -> Shown:
        return Shown(page_of(CASES), self.row, self.to)

    @cached_property
    def _possible(self) -> dict[str, Any]:
        return {one.verb: one for one in self._shown.page.legal(self.row, self.to)}

    def form(self, verb: str, **given: Any) -> str:
        """The form of the command about this case; empty where the visitor may not use it."""
        about = self._possible.get(verb)
        if about is None:
            return ""
        return address(verb, **self._shown.filled(about, self.path), **given)

    @cached_property
    def settle(self) -> Settle:
        """What is to be begun of its goods, and what is under way."""
        return Settle(self.key, self.number, self.row["reason"], self.path, self.to)

    @cached_property
    def steps(self) -> list[Step]:
        """What is to do, in the order in which to do it, with one verb for each."""
        return steps_of(self)

    @property
    def coming(self) -> Link | None:
        """What is due of the case itself, where the visitor may do it."""
        return self._shown.coming(self._shown.steps, self.path)

    @property
    def closed_by(self) -> str:
        """Who may end it: somebody else than whoever opened it."""
        if not self.is_open:
            return ""
        zh, en = self.row["created_by_name_zh"], self.row["created_by_name_en"]
        opener = zh if self.to.language.startswith("zh") else en or zh
        told = gettext("Closed by: {roles}, but not by {opener}, who opened it.")
        return told.format(roles=who_does("recalls.close", self.to), opener=opener)

    @cached_property
    def untold(self) -> int:
        """Consignees of a running recall that are known and have no notice."""
        if not self.is_open:
            return 0
        return sum(1 for one in self.consignees if one.party_id and not one.is_told)

    @property
    def reminded(self) -> list[str]:
        """Those that wait for their answer and have an e-mail address, as the form names them."""
        waiting = (one for one in self.consignees if one.rank == NOT_ANSWERED)
        found = [str(one.party_id) for one in waiting if one.party_id and one.reached.email]
        return found if len(found) <= CHASED else []

    @property
    def first(self) -> Link | None:
        """The one red verb: tell who was not told, remind who did not answer, else what is due."""
        if self.untold and (form := self.form("recalls.notify")):
            text = labels.of_verb("recalls.notify").in_language(self.to.language)
            return Link(f"{text} · {self.untold}", form)
        waiting = self.counts["waiting"] - self.untold
        if self.is_open and waiting and (form := self.form("recalls.remind")):
            ids = {"consignee_ids": "\n".join(self.reminded)} if self.reminded else {}
            form = self.form("recalls.remind", **ids)
            return Link(gettext("Chase {count} unacknowledged").format(count=waiting), form)
        return self.coming

    @property
    def returned(self) -> str:
        """What came back from consignees; it stands in the house, or went on from there."""
        count = sum(one.returned for one in self.consignees)
        told = gettext("Returned by consignees in all: {count}; it is counted where it went.")
        return told.format(count=f"{count:,}") if count else ""

    @property
    def waits_for(self) -> str:
        """Who does what is due, where the visitor may not."""
        return self._shown.waits_for
