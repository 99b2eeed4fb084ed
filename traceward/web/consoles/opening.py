"""A recall is put together before anything is held: what it would reach is counted. # TRC-03

    /recall/new                                the form of `recalls.open`, beside it the count
    /recall/new?targets.0.lot_id=%2317         … begun with a lot; any argument may be given

The count follows what is typed (`opening.js`), or a button asks for it. It is a question; the form
is sent to `recalls.open`, or to `recalls.drill` to try it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from traceward.domain.recalls import queries
from traceward.domain.recalls.queries import Target, WhatIf
from traceward.domain.recalls.queries.progress import Answered, Progress
from traceward.domain.recalls.rules import OWN
from traceward.domain.stock.models import Lot, Serial
from traceward.kernel.base.refusals import Refusal, tell
from traceward.kernel.command.arguments import check_arguments
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import Done
from traceward.kernel.org.models import Site
from traceward.resources import labels
from traceward.resources.kit import now
from traceward.web.consoles import names
from traceward.web.consoles.names import Names
from traceward.web.consoles.told import Sum, rungs
from traceward.web.kit import fields, forms
from traceward.web.kit.forms import Form
from traceward.web.kit.frames import forbidden
from traceward.web.kit.pickers import Resolver
from traceward.web.kit.problems import problems_of, told_of
from traceward.web.kit.verbs import FORMS
from traceward.web.visitors import Visitor, visitor_of

OPEN, DRILL, ASK = "recalls.open", "recalls.drill", "recalls.what_if"
CASES = "recalls.cases"
PATH = FORMS[OPEN]
#: Where the visitor goes once it is done.
AFTER = {OPEN: ("case_id", "/recall/{}"), DRILL: ("drill_id", "/drill/{}")}
#: Goods, consignees and documents that the count names.
NAMED = 12
#: … and those that open beneath them.
MOST = 200


def show_opening(request: HttpRequest) -> HttpResponse:
    """The form with its count; sent, the recall runs or the drill is there."""
    to = visitor_of(request)
    request.about = CASES  # type: ignore[attr-defined]  # read by what stands around the page
    verb = DRILL if "try" in request.POST else OPEN
    for name in (verb, ASK):
        if not to.may(name):
            return forbidden(request, name)
    command = REGISTRY[OPEN]
    if request.method != "POST":
        form = Form(request, command, to, forms.texts(request.GET))
        return _page(form, forms.begun(form))
    form = Form(request, command, to, forms.texts(request.POST))
    if "X-Look" in request.headers:
        return render(request, "tw/reach.html", {"reach": counted(form)})
    if (relined := forms.with_lines(form)) is not None:
        return _page(relined, forms.context_of(relined, None))
    form = forms.closed_up(form)
    if "look" in request.POST:
        reach = counted(form)
        return _page(form, forms.context_of(form, None, reach.problems), reach=reach)
    return _send(form, verb)


def _send(form: Form, verb: str) -> HttpResponse:
    asked = replace(form, command=REGISTRY[verb])
    try:
        done = forms.send(asked)
    except Refusal as refusal:
        context, status = forms.refused(form, refusal)
        return _page(form, context, status)
    form.request.session["told"] = forms.told(asked, done).kept()
    after = "/"
    if isinstance(done, Done):
        column, address = AFTER[verb]
        after = address.format(getattr(done.answer, column))
    return forms.onwards(form.request, after)


def _page(
    form: Form, context: dict[str, Any], status: int = 200, reach: "Counted | None" = None
) -> HttpResponse:
    reach = reach or counted(form)
    context |= {
        "action": PATH,
        "tone": "tw-bad",
        "reach": reach,
        "send": reach.verb,
        "drill": labels.of_verb(DRILL).in_language(form.to.language) if form.to.may(DRILL) else "",
    }
    return render(form.request, "tw/opening.html", context, status=status)


@dataclass(frozen=True)
class Named:
    """Something that the count names: what, where its page is, how many."""

    text: str
    address: str
    count: str = ""


@dataclass
class Counted:
    """What a recall of the goods in the form would reach, or what is wrong with them."""

    to: Visitor
    found: WhatIf | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    told: str = ""

    @cached_property
    def what(self) -> WhatIf:
        assert self.found is not None
        return self.found

    @property
    def sums(self) -> list[tuple[str, str]]:
        """How many, of what."""
        counts = {
            gettext("lots and serials"): self.lots,
            gettext("units"): self.what.standing,
            gettext("consignees"): len(self.what.consignees),
            gettext("orders hit"): len(self.what.documents),
        }
        return [(f"{count:,}", words) for words, count in counts.items()]

    @cached_property
    def lots(self) -> int:
        """Lots and serials that it names, those of whole items as well."""
        named = [one for one in self.what.goods if one.lot_id or one.serial_id]
        whole = {one.item_id for one in self.what.goods if not (one.lot_id or one.serial_id)}
        if not whole:
            return self.what.scopes
        others = sum(1 for one in named if one.item_id not in whole)
        lots = Lot.objects.filter(item__in=whole).count()
        return others + lots + Serial.objects.filter(item__in=whole, lot=None).count()

    @property
    def is_counted(self) -> bool:
        return self.found is not None

    @property
    def verb(self) -> str:
        """What the red button does, with how much of it."""
        word = labels.of_verb(OPEN).in_language(self.to.language)
        if not self.is_counted:
            return word
        told = gettext("{verb} · holds {units}, tells {consignees}")
        held = sum(one.quantity for one in self.what.groups if one.kind in OWN)
        who = len(self.what.consignees)
        return told.format(verb=word, units=f"{held:,}", consignees=f"{who:,}")

    @cached_property
    def ladder(self) -> Sum:
        """As the console shows it, of a recall of which nobody was told yet."""
        answers = tuple(
            Answered(one, None, None, None, None, 0, "", 0) for one in self.what.consignees
        )
        progress = Progress(self.what.ladder, self.what.groups, answers, (), ())
        return rungs(progress, is_held=False)

    def _say(self, words: Mapping[str, str]) -> str:
        return words.get("zh" if self.to.language.startswith("zh") else "en", "")

    @cached_property
    def consignees(self) -> list[Named]:
        """Who has most of it first."""
        may_open = self.to.may(names.PARTIES)
        ranked = sorted(self.what.consignees, key=lambda one: (-one.standing, -one.delivered))
        return [
            Named(
                self._say(one.names) or gettext("A consignee that nobody named"),
                f"/org/parties/{one.party_id}" if may_open and one.party_id else "",
                f"{one.standing:,} / {one.delivered:,}",
            )
            for one in ranked[:MOST]
        ]

    @cached_property
    def documents(self) -> list[Named]:
        """Whose promise falls."""
        called = Names(self.to)
        called.want(names.DOCUMENTS, (one.document_id for one in self.what.documents[:MOST]))
        made = []
        for one in self.what.documents[:MOST]:
            name = called.of(names.DOCUMENTS, one.document_id)
            text = name.text or one.number or f"#{one.document_id}"
            made.append(Named(text, name.address, f"{one.quantity:,}"))
        return made

    @cached_property
    def downstream(self) -> list[Named]:
        """What was made of the goods."""
        made_of = [one for one in self.what.goods if one.is_downstream][:NAMED]
        called = Names(self.to)
        called.want(names.LOTS, (one.lot_id for one in made_of if not one.serial_id))
        called.want(names.SERIALS, (one.serial_id for one in made_of))
        found = []
        for one in made_of:
            listed, key = (
                (names.SERIALS, one.serial_id) if one.serial_id else (names.LOTS, one.lot_id)
            )
            name = called.of(listed, key)
            found.append(Named(name.text or f"#{key}", name.address))
        return found

    @property
    def overlaps(self) -> list[Named]:
        """Running recalls that cover some of it already."""
        return [
            Named(one.number, f"/recall/{one.case_id}", f"{one.goods:,}")
            for one in self.what.overlaps
        ]

    @property
    def limits(self) -> list[tuple[str, str]]:
        """By level, until when consignees would have to know."""
        return [
            (
                labels.of_value(f"{CASES}.level", str(one.level)).in_language(self.to.language),
                f"{one.notify_until:%Y-%m-%d}",
            )
            for one in self.what.limits
        ]

    @property
    def more(self) -> dict[str, int]:
        """How many of each are not named."""
        return {
            "consignees": max(0, len(self.what.consignees) - MOST),
            "documents": max(0, len(self.what.documents) - MOST),
            "downstream": max(0, self.what.downstream - len(self.downstream)),
        }


def counted(form: Form) -> Counted:
    """What the lines of the form name now; what is wrong with them is said at the line."""
    to, command = form.to, form.command
    given = fields.closed_up(form.schema, form.defs, form.given)
    lines = {"properties": {"targets": form.schema["properties"]["targets"]}}
    resolver = Resolver(command.verb, to, {})
    try:
        targets = persistent(lambda: fields.read(lines, form.defs, given, resolver)).get("targets")
        if resolver.problems:
            read = {
                path: tell(told, to.language) if isinstance(told, dict) else told
                for path, told in resolver.problems.items()
            }
            return Counted(to, problems=read)
        if not targets:
            return Counted(to)
        asked = {"site_id": 1, "level": 1, "reason": "-", "targets": targets}
        wanted: list[Target] = check_arguments(command, asked).arguments["targets"]
        return Counted(to, persistent(lambda: _what_if(wanted, given, to)))
    except Refusal as refusal:
        problems = problems_of(refusal, command.verb, to.language)
        return Counted(to, None, problems, told_of(refusal, command.verb, to.language))


def _what_if(wanted: list[Target], given: Mapping[str, str], to: Visitor) -> WhatIf:
    at = now()
    text = given.get("site_id", "").removeprefix("#").partition(" ")[0]
    site = Site.objects.find(int(text)) if text.isdecimal() and len(text) < 19 else None
    return queries.what_if(wanted, at, site.day_at(at) if site else to.today)
