"""The release console: what waits for release, its evidence, and one signature for many. # QUA-02

    /release                what waits, the most urgent first; the first of them with its evidence
    /release?at=17          this one; sent, that its evidence was looked through, and on to the next
    /release?show=ready     of what waits those that pass every gate, that lack one, or that were
                            looked through
    /release/sign           those that were looked through, signed with one entry of the password
    /release/sign?lot=17    this one alone
    /release/signed         what came of it

What may be released is judged by the rules of the commands; the page has none of its own.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext

from traceward.domain.quality.commands.releasing import (
    Judged,
    Look,
    standing_looks,
    together,
)
from traceward.kernel.base.refusals import Refusal, fill, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.run import run_json
from traceward.resources import asking, labels, reading, releasing
from traceward.resources.kit import RESOURCES, now
from traceward.web.consoles.evidence import Evidence
from traceward.web.kit.boards import WAITS, here
from traceward.web.kit.by_hand import CONSOLES
from traceward.web.kit.done import Told
from traceward.web.kit.frames import forbidden
from traceward.web.kit.items import DAYS, HOURS
from traceward.web.kit.lists import Link
from traceward.web.kit.problems import told_of
from traceward.web.kit.verbs import address
from traceward.web.visitors import Visitor, visitor_of

INSPECTIONS, DECIDE, RELEASE, LOOK = (
    *("quality.inspections", "quality.decide", "quality.release", "quality.look_through"),
)
JUDGE = "quality.judge_release"
PATH, SIGN = "/release", "/release/sign"
CONSOLES[JUDGE] = PATH
#: So many that wait are looked at, and so many stand beside the evidence.
MOST, LISTED = 300, 80
#: What is kept at or below so many °C is cold; who waits so many days is late.
COLD, LATE = 10, 3
HOUR = timedelta(hours=1)
SHOWN = ("all", "ready", "lacking", "looked")
LOOKED = sentence("{what}: looked through, to be signed.")
GONE = sentence("{what} does not wait for release any more.")


@dataclass(frozen=True)
class Item:
    """A lot as it stands in the list."""

    judged: Judged
    look: Look | None
    #: Units that orders wait for, at its site.
    wanted: int
    hours: int
    to: Visitor

    @property
    def id(self) -> int:
        return self.judged.inspection.pk

    @property
    def name(self) -> str:
        item = self.judged.inspection.item
        return item.name(self.to.language)

    @property
    def lot(self) -> str:
        lot = self.judged.inspection.lot
        return str(lot) if lot else str(self.judged.inspection)

    @property
    def what(self) -> str:
        return f"{self.name} {self.lot}"

    @property
    def under(self) -> str:
        own = self.judged.inspection
        return f"{self.lot} · {own.quantity:,} · {own.site.code}"

    @property
    def is_cold(self) -> bool:
        limit = self.judged.inspection.item.storage_c_max
        return limit is not None and limit <= COLD

    @property
    def kind(self) -> str:
        """The filter that it stands under."""
        if self.look is not None:
            return "looked"
        return "ready" if self.judged.is_clear else "lacking"

    @property
    def tone(self) -> str:
        return {"looked": "tw-info", "ready": "tw-ok", "lacking": "tw-warn"}[self.kind]

    @property
    def lacks(self) -> int:
        return sum(why is not None for _, why in self.judged.said)

    @property
    def since(self) -> str:
        """How long it waits."""
        phrase, count = (DAYS, self.hours // 24) if self.hours >= 24 else (HOURS, self.hours)
        return fill(phrase, {"n": count}, self.to.language)

    @property
    def is_late(self) -> bool:
        return self.hours >= LATE * 24

    @property
    def rank(self) -> Any:
        """Wanted by orders, cold, then who waits longest."""
        own = self.judged.inspection
        return (not self.wanted, not self.is_cold, own.created_at, own.pk)


class Console:
    """What waits for release where the visitor may release, each judged for them."""

    def __init__(self, request: HttpRequest, to: Visitor) -> None:
        self.request, self.to, self.now = request, to, now()
        asked = request.GET.get("show", "")
        self.show = asked if asked in SHOWN else "all"

    @cached_property
    def _waiting(self) -> list[int]:
        resource, wait = RESOURCES[INSPECTIONS], WAITS["inspections"]
        given = {**here(wait, resource, self.to), **wait.given(self.to), "fields": ["id"]}
        asked = asking.read(resource, given)
        rows = reading.matching(resource, asked, self.to.reader(INSPECTIONS))
        rows = rows.filter(resource.scope(self.to.grants[RELEASE]))
        found = rows.order_by("created_at", "pk").values_list("pk", flat=True)[: MOST + 1]
        return persistent(lambda: list(found))

    @property
    def is_cut(self) -> bool:
        return len(self._waiting) > MOST

    @cached_property
    def items(self) -> list[Item]:
        """All of them, the most urgent first; as many statements for many as for one."""
        to, ids = self.to.reader(JUDGE), self._waiting[:MOST]
        judged = persistent(lambda: releasing.judged(ids, self.now, to=to))
        looks = persistent(lambda: standing_looks(judged, to.person_id, self.now))
        wanted = self._wanted({one.inspection.item_id for one in judged})
        made = [
            Item(
                *(one, looks.get(one.inspection.pk)),
                wanted.get((one.inspection.site_id, one.inspection.item_id), 0),
                *(int((self.now - one.inspection.created_at) / HOUR), self.to),
            )
            for one in judged
        ]
        return sorted(made, key=lambda item: item.rank)

    def _wanted(self, of: set[int]) -> dict[tuple[int, int], int]:
        """By site and item, how many units orders wait for that nothing is promised to."""
        found: dict[tuple[int, int], int] = {}
        items = sorted(of)
        name = "sales.order_lines"
        if not items or not self.to.may(name):
            return found
        resource, to = RESOURCES[name], self.to.reader(name)
        columns = [resource.columns[one] for one in ("site_id", "item_id", "to_promise")]
        asked = asking.read(resource, {"to_promise__gt": ["0"]})
        lines = reading.matching(resource, asked, to, columns).filter(item__in=items)
        for site, item, count in persistent(
            lambda: list(lines.values_list(*(one.key for one in columns))[: MOST * 10])
        ):
            found[site, item] = found.get((site, item), 0) + int(count or 0)
        return found

    # --- The list ---------------------------------------------------------------------------

    @cached_property
    def counts(self) -> dict[str, int]:
        kinds = [item.kind for item in self.items]
        return {name: kinds.count(name) if name != "all" else len(kinds) for name in SHOWN}

    @property
    def figure(self) -> str:
        return f"{self.counts['all']:,}{'+' if self.is_cut else ''}"

    @property
    def filters(self) -> list[Link]:
        words = {
            "all": gettext("All"),
            "ready": gettext("Ready"),
            "lacking": gettext("Lacking"),
            "looked": gettext("To sign"),
        }
        return [
            Link(words[name], self._of(show=name), name == self.show, f"{self.counts[name]:,}")
            for name in SHOWN
        ]

    @cached_property
    def listed(self) -> list[Item]:
        """Those of the filter; the one that is looked at stays."""
        return [one for one in self.items if self.show in ("all", one.kind) or one.id == self.asked]

    @cached_property
    def asked(self) -> int | None:
        found = re.fullmatch(r"[0-9]{1,18}", self.request.GET.get("at", ""))
        return int(found[0]) if found else None

    @cached_property
    def at(self) -> Item | None:
        """The one that is looked at: the first that is ready where the address names none."""
        found = next((one for one in self.listed if one.id == self.asked), None)
        ready = next((one for one in self.listed if one.kind == "ready"), None)
        return found or ready or (self.listed[0] if self.listed else None)

    @property
    def told(self) -> str:
        """That what the address names is over."""
        if self.asked is None or any(one.id == self.asked for one in self.items):
            return ""
        name = labels.of_row(INSPECTIONS).in_language(self.to.language)
        return fill(GONE, {"what": f"{name} {self.asked}"}, self.to.language)

    @property
    def rows(self) -> list[tuple[Item, str, bool]]:
        """Beside the evidence: the item, its address, whether it is the one that is looked at."""
        at = self.at
        start = 0
        if at is not None:
            place = self.listed.index(at)
            start = max(0, min(place - LISTED // 2, len(self.listed) - LISTED))
        return [
            (one, self._of(at=one.id), one is at) for one in self.listed[start : start + LISTED]
        ]

    @property
    def more(self) -> int:
        return max(0, len(self.listed) - LISTED)

    def _of(self, **changes: Any) -> str:
        """The page with some of it asked for in another way."""
        given = {"show": self.show, "at": None, **changes}
        if given["show"] == "all":
            del given["show"]
        asked = urlencode({name: value for name, value in given.items() if value})
        return f"{PATH}?{asked}" if asked else PATH

    @cached_property
    def next(self) -> str:
        return self._beside(1)

    @cached_property
    def before(self) -> str:
        return self._beside(-1)

    def _beside(self, step: int) -> str:
        if self.at is None:
            return ""
        place = self.listed.index(self.at) + step
        return self._of(at=self.listed[place].id) if 0 <= place < len(self.listed) else ""

    @property
    def place(self) -> int:
        return self.listed.index(self.at) + 1 if self.at else 0

    def after_look(self, looked: int) -> str:
        """On to the next that is ready and was not looked through."""
        ids = [one.id for one in self.items]
        at = ids.index(looked) if looked in ids else -1
        for one in [*self.items[at + 1 :], *self.items[: max(at, 0)]]:
            if one.kind == "ready":
                return self._of(at=one.id)
        return SIGN

    # --- The evidence -----------------------------------------------------------------------

    @property
    def here(self) -> str:
        return self._of(at=self.at.id if self.at else None)

    @cached_property
    def evidence(self) -> Evidence:
        assert self.at is not None, "asked for where something waits"
        return Evidence(self.at.judged, self.at.wanted, self.to, self.here)

    @cached_property
    def alone(self) -> str:
        """Why the one that is looked at is signed by itself."""
        assert self.at is not None, "asked for where something waits"
        refusal = together([self.at.judged.inspection]).alone.get(self.at.id)
        return refusal.in_language(self.to.language) if refusal else ""

    @property
    def sign_one(self) -> str:
        return f"{SIGN}?lot={self.at.id}" if self.at else SIGN

    @property
    def others(self) -> list[Link]:
        """What else may be done with it: rejected, decided in parts, put on hold."""
        assert self.at is not None, "asked for where something waits"
        own, back = self.at.judged.inspection, self.here
        made = []
        if self.to.may(DECIDE):
            reject = gettext("Reject")
            ready = f"/work/inspections?at={own.pk}&do=reject"
            form = address(DECIDE, inspection_id=own.pk, next=back)
            may = {gate.name: why is None for gate, why in self.at.judged.said[:4]}
            made.append(Link(reject, ready if all(may.values()) else form, tone="r"))
            made.append(Link(gettext("Decide in parts"), form))
        if self.to.may("stock.block") and (own.lot_id or own.item_id):
            scope = {"scope.lot_id": own.lot_id} if own.lot_id else {"scope.item_id": own.item_id}
            made.append(Link(gettext("Put on hold"), address("stock.block", **scope, next=back)))
        return made

    @property
    def request_id(self) -> uuid.UUID:
        return uuid.uuid4()


def opened(request: HttpRequest) -> Console | HttpResponse:
    """The console, for who may release somewhere."""
    to = visitor_of(request)
    request.about = JUDGE  # type: ignore[attr-defined]  # read by what stands around the page
    for name in (INSPECTIONS, RELEASE, JUDGE):
        if not to.may(name):
            return forbidden(request, name)
    return Console(request, to)


def show_release(request: HttpRequest) -> HttpResponse:
    """What waits, and the evidence of one; sent, that it was looked through."""
    console = opened(request)
    if isinstance(console, HttpResponse):
        return console
    if request.method == "POST" and console.asked is not None:
        return _looked(console, console.asked)
    return render(request, "tw/release.html", {"r": console})


def request_id_of(request: HttpRequest) -> uuid.UUID:
    """What the form is asked for with: sent twice, it counts once."""
    try:
        return uuid.UUID(request.POST.get("request_id", ""))
    except ValueError:
        return uuid.uuid4()


def _looked(console: Console, at: int) -> HttpResponse:
    """That the evidence was looked through is on record; then the next, or the signature."""
    request, to = console.request, console.to
    item = next((one for one in console.items if one.id == at), None)
    given = {"inspection_id": at, "evidence": request.POST.get("evidence", "")[:100]}
    by: Actor = to.actor(request_id_of(request))
    try:
        run_json(LOOK, given, by)
    except Refusal as refusal:
        told = told_of(refusal, LOOK, to.language)
        status = refusal.http_status
        return render(request, "tw/release.html", {"r": console, "refused": told}, status=status)
    if request.POST.get("then") == "sign":
        return HttpResponseRedirect(f"{SIGN}?lot={at}")
    told = fill(LOOKED, {"what": item.what if item else at}, to.language)
    request.session["told"] = Told(told).kept()
    return HttpResponseRedirect(console.after_look(at))
