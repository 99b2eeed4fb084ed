"""Trace: where a lot or a unit came from, where every unit stands, at any moment. # TRC-01

    /trace                       a code is asked for
    /trace?code=…                what it may stand for; straight to it where that is one thing
    /trace/lot/17                the lot, both ways
    /trace/serial/9?way=down&at=2026-05-01T12:00

All of it is answered by questions that the API answers, too; a link shows whoever opens it what
they may see.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext

from traceward.domain.trace.queries import Meaning, Start
from traceward.kernel.base.gs1 import SCAN_LIMIT
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, labels, reading
from traceward.resources.kit import QUESTIONS, RESOURCES
from traceward.web.consoles import names
from traceward.web.consoles.asked import KINDS
from traceward.web.consoles.beginnings import IDENTIFY, Choice, beginning
from traceward.web.consoles.label import held, unreadable
from traceward.web.consoles.names import Names
from traceward.web.consoles.traced import Console
from traceward.web.kit.by_hand import CONSOLES
from traceward.web.kit.cells import plain
from traceward.web.kit.codes import parts_of
from traceward.web.kit.frames import forbidden
from traceward.web.kit.pickers import UNREADABLE
from traceward.web.visitors import Visitor, visitor_of

CONSOLES[IDENTIFY] = "/trace"
#: What else the page asks; who may not ask it sees nothing.
NEEDED = ("trace.backward", "trace.forward", "trace.flows", "trace.events")
#: Lots of an item, and the parts of a label that say which.
LOTS_OF, OWN_PARTS = "/stock/lots?", frozenset({"10", "21"})
#: Of what goods may be chosen, and how many of them are offered.
STARTS, CHOICES = tuple(Start.__dataclass_fields__), 200


def show_trace(request: HttpRequest) -> HttpResponse:
    """What the code stands for: its trace, or a choice."""
    to = visitor_of(request)
    request.about = IDENTIFY  # type: ignore[attr-defined]  # read by what stands around the page
    if not to.may(IDENTIFY):
        return forbidden(request, IDENTIFY)
    code = request.GET.get("code", "").strip(" \t\r\n\u3000")
    start = {name: request.GET.getlist(name) for name in STARTS if name in request.GET}
    choices: list[Choice] = []
    begins: list[Choice] = []
    problem = _problem(code)
    try:
        if code and not problem:
            found = persistent(lambda: _identified(code, to))
            choices = found
            begins = [] if found else beginning(code, to)
            if found:
                problem = _unknown_part(code, found)
            elif not begins:
                problem = _nothing(code, to)
        elif start:
            choices = persistent(lambda: _goods(start, to))
            problem = "" if choices else gettext("There is nothing of it that you may see.")
    except Refusal as refusal:
        problem = refusal.in_language(to.language)
    if len(choices) == 1 and choices[0].address and not problem:
        return HttpResponseRedirect(_with_label(choices[0].address, code, to))
    context: dict[str, Any] = {"code": code, "choices": choices[:CHOICES], "problem": problem}
    context["begins"] = begins
    context["more"] = max(0, len(choices) - CHOICES)
    if start and choices:
        chosen = {name: [f"#{pk}" for pk in texts] for name, texts in start.items()}
        context["table"] = f"/ask/trace.forward?{urlencode(chosen, doseq=True)}"
    return render(request, "tw/trace_start.html", context, status=422 if problem else 200)


def _problem(code: str) -> str:
    if len(code) > SCAN_LIMIT:
        told = gettext("This is longer than any code: at most {limit} characters can be looked up.")
        return told.format(limit=SCAN_LIMIT)
    if UNREADABLE.search(code):
        return gettext(
            "This holds characters that no number, name or barcode has. Type it by hand."
        )
    return ""


def _with_label(address: str, code: str, to: Visitor) -> str:
    """The page of the goods; with the label that led there, where that does not fit them."""
    label = (
        held(code, to) if address.startswith(tuple(f"/trace/{kind}/" for kind in KINDS)) else None
    )
    return f"{address}?{urlencode({'code': code})}" if label and label.told else address


def _nothing(code: str, to: Visitor) -> str:
    if told := unreadable(code, to):
        return told
    told = gettext(
        "Nothing here is called “{code}”. Check the number, or scan the label again: a lot, a "
        "serial, a box (SSCC), a document, a supplier or a consignee can be traced."
    )
    return told.format(code=code[:60])


def _unknown_part(code: str, found: list[Choice]) -> str:
    """The goods of a label are known, but not the lot or serial on it."""
    named = [value for ai, value in parts_of(code) if ai in OWN_PARTS]
    if not named or any(not one.address.startswith(LOTS_OF) for one in found):
        return ""
    told = gettext(
        "{goods} are known, but not {number} of them. Check the label, or look among those below."
    )
    return told.format(goods=found[0].name, number=" ".join(named))


def _identified(code: str, to: Visitor) -> list[Choice]:
    """Each meaning of the code; lots and serials by their own page, others by what they hold."""
    meanings: list[Meaning] = QUESTIONS[IDENTIFY].function(code, to=to.reader(IDENTIFY))
    own = [one for one in meanings if one.kind in KINDS]
    if len(own) == 1 and all(one.kind in (*KINDS, "item") for one in meanings):
        meanings = own  # a label's item comes along with its lot
    choices = []
    known = {kind: _goods_of([m.id for m in own if m.kind == kind], kind, to) for kind in KINDS}
    for one in meanings:
        kind = labels.of_value(f"{IDENTIFY}.kind", one.kind).in_language(to.language)
        more = known[one.kind].get(one.id, "") if one.kind in KINDS else ""
        choices.append(Choice(kind, one.name, more, _address(one)))
    return choices


def _address(one: Meaning) -> str:
    """Where the meaning is traced, or the goods that it stands for are chosen from."""
    if one.kind in KINDS:
        return f"/trace/{one.kind}/{one.id}"
    if one.kind == "item":
        return f"{LOTS_OF}{urlencode({'item_id': one.id})}"
    given = {name: list(ids) for name, ids in vars(one.start).items() if ids}
    return f"/trace?{urlencode(given, doseq=True)}"


def _goods_of(ids: Sequence[int], kind: str, to: Visitor) -> dict[int, str]:
    """Which goods the lots or serials are of, in words."""
    if not ids or not to.may(KINDS[kind]):
        return {}
    resource = RESOURCES[KINDS[kind]]
    columns = {"fields": ["id,item_id,item_code,item_name_zh,item_name_en"]}
    asked = replace(asking.read(resource, columns), condition=Q(pk__in=ids), limit=len(ids))
    rows = reading.page(resource, asked, to.reader(resource.name)).rows
    return {row["id"]: f"{plain(resource, 'item', row, to)}" for row in rows}


def _goods(start: dict[str, list[str]], to: Visitor) -> list[Choice]:
    """The lots and serials that a box, a document or a partner stands for."""
    ids = {
        name: [int(text.removeprefix("#")) for text in texts if text.removeprefix("#").isdecimal()]
        for name, texts in start.items()
    }
    ids = {
        name: [pk for pk in several if 0 < pk < 2**63][:CHOICES] for name, several in ids.items()
    }
    if not any(ids.values()):
        return []
    found = QUESTIONS["trace.goods"].function(**ids, to=to.reader("trace.goods"))
    called = Names(to)
    called.want(names.ITEMS, (one.item_id for one in found.goods))
    made = []
    for one in found.goods:
        kind = "serial" if one.is_serial else "lot"
        item = called.of(names.ITEMS, one.item_id)
        expires = f"{one.expires_on:%Y-%m-%d}" if one.expires_on else ""
        more = " · ".join(filter(None, (item.text, one.item, expires)))
        word = labels.of_value(f"{IDENTIFY}.kind", kind).in_language(to.language)
        made.append(Choice(word, one.number, more, f"/trace/{kind}/{one.id}"))
    return made


def show_goods(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """The trace of one lot or serial."""
    to = visitor_of(request)
    name = forbidden_name(kind, to)
    if name:
        return forbidden(request, name)
    if "day" in request.GET and "at" not in request.GET:
        return HttpResponseRedirect(_on_day(request, kind, key, to))
    console = opened(request, kind, key)
    status = 422 if console.problems else 200
    return render(request, "tw/trace.html", {"t": console}, status=status)


def forbidden_name(kind: str, to: Visitor) -> str:
    """What of the page the visitor may not read; empty where they may read all of it."""
    if kind not in KINDS:
        raise Http404
    needed = (IDENTIFY, KINDS[kind], *NEEDED)
    return next((name for name in needed if not to.may(name)), "")


def opened(request: HttpRequest, kind: str, key: int) -> "Console":
    """The console as the address asks for it."""
    request.about = IDENTIFY  # type: ignore[attr-defined]  # read by what stands around the page
    if kind not in KINDS or key >= 2**63:
        raise Http404
    return Console(kind, key, request.GET, visitor_of(request))


def _on_day(request: HttpRequest, kind: str, key: int, to: Visitor) -> str:
    """The address of that many days after the first event, at the end of the day."""
    console = Console(kind, key, {}, to)
    given = request.GET.copy()
    text = "".join(given.pop("day"))[:6]
    day = int(text) if text.isdecimal() else console.days
    if day < console.days and console.first_on:
        on = datetime.combine(console.first_on + timedelta(days=day), time(23, 59))
        given["at"] = on.isoformat(timespec="minutes")
    return f"/trace/{kind}/{key}" + (f"?{given.urlencode()}" if given else "")
