"""The first page: what waits for the visitor, by the roles that they have; and what is wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.run import run_json
from traceward.kernel.org.models import RoleGrant
from traceward.kernel.workflow.models import Board
from traceward.resources.kit import now
from traceward.resources.labels import Words
from traceward.web.kit import alerts as told
from traceward.web.kit import packing
from traceward.web.kit.boards import (
    WAITS,
    Line,
    Tile,
    Wait,
    arranged,
    board,
    starts_of,
    waits_of,
)
from traceward.web.kit.done import Told, refuse_next
from traceward.web.kit.lists import Link
from traceward.web.kit.marks import mark_of, unchanged
from traceward.web.kit.panels import panels_of
from traceward.web.kit.worklists import (
    WORKLISTS,
    Queue,
    Worklist,
    figures,
    queue_of,
    queues_of,
    works_for,
)
from traceward.web.sites import sites_for
from traceward.web.visitors import YEAR, Visitor, is_part, visitor_of

ACKNOWLEDGED = Words("已知悉 {} 条", "Acknowledged: {}")


@dataclass(frozen=True)
class _Roles:
    """The visitor's roles, and what waits for them in the visitor's order."""

    codes: tuple[str, ...]
    names: str
    all: tuple[Wait, ...]
    waits: tuple[Wait, ...]
    hidden: tuple[str, ...]


def _roles(to: Visitor) -> _Roles:
    standing = RoleGrant.objects.filter(person=to.person, revoked_at__isnull=True)
    pairs = standing.order_by("role__code").values_list(
        "role__code", "role__name_zh", "role__name_en"
    )
    found = list(pairs.distinct())
    codes = tuple(code for code, _, _ in found)
    names = " · ".join(zh if to.language.startswith("zh") else en for _, zh, en in found)
    own = Board.objects.filter(person=to.person).values_list("shown", "hidden").first()
    shown, hidden = own or ((), ())
    waits = waits_of(codes, to)
    return _Roles(codes, names, waits, arranged(waits, shown, hidden, to), tuple(hidden))


def home(request: HttpRequest) -> HttpResponse:
    """What needs them today, and as of what: it is asked for again once something has changed."""
    to = visitor_of(request)
    mark = mark_of(to)
    return render(request, "tw/home.html", {**persistent(lambda: _board(to)), "mark": mark})


def show_board(request: HttpRequest) -> HttpResponse:
    """The whole board by itself, as the page asks for it again; nothing where nothing changed."""
    to = visitor_of(request)
    mark = mark_of(to)
    if (same := unchanged(request, mark)) is not None:
        return same
    answer = render(request, "tw/board.html", persistent(lambda: _board(to)))
    answer["ETag"] = mark
    return answer


def _board(to: Visitor) -> dict[str, Any]:
    mine = _roles(to)
    panels = panels_of(mine.codes, to)
    shown = board(mine.waits, to, now())
    shown = replace(shown, tiles=_with_works(shown.tiles, to))
    cards = packing.cards_of(shown, panels)
    return {
        "board": shown,
        "cards": cards,
        "columns": packing.packed(cards),
        "roles": mine.names,
        "starts": starts_of(mine.codes, to),
    }


def _with_works(tiles: Sequence[Tile], to: Visitor) -> tuple[Tile, ...]:
    """Each tile with its worklist, where something waits in it, and how many."""
    waiting = {tile.wait.key for tile in tiles if tile.found.count}
    works = {one.key: one for one in works_for(to) if one.key in waiting}
    queues = queues_of(works.values(), to)
    counts = figures(list(works.values()), to, queues)
    return tuple(
        _with_work(tile, works[tile.wait.key], counts[tile.wait.key], queues, to)
        if counts.get(tile.wait.key, "0") != "0"
        else tile
        for tile in tiles
    )


def _with_work(
    tile: Tile, work: Worklist, count: str, queues: Mapping[str, Queue], to: Visitor
) -> Tile:
    lines = tile.found.lines
    if not all(line.act for line in lines):
        ids = (queues.get(work.key) or queue_of(work, to)).ranks
        lines = tuple(_acted(line, work, to) if line.record in ids else line for line in lines)
    link = Link(tile.title, work.entry, count=count)
    return replace(tile, work=link, found=replace(tile.found, lines=lines))


def _acted(line: Line, work: Worklist, to: Visitor) -> Line:
    """The line with the way to it in the worklist, where no verb of its own is offered."""
    act = Link(work.accept.text(to), f"{work.entry}?at={line.record}")
    return line if line.act else replace(line, act=act)


def arrange(request: HttpRequest) -> HttpResponse:
    """The cards of the visitor's board: their order, what is hidden, what may be added."""
    to = visitor_of(request)
    mine = _roles(to)
    problem = ""
    if request.method == "POST":
        try:
            run_json("workflow.arrange_board", _wanted(request, mine), to.actor())
            if not {"up", "down"} & set(request.POST):
                return HttpResponseRedirect("/")
            mine = _roles(to)
        except Refusal as refusal:
            problem = refusal.in_language(to.language)
    on = [one.key for one in mine.waits]
    rest = [one for one in mine.all if one.key not in on]
    mine_keys = {one.key for one in mine.all}
    others = [
        one
        for key, one in WAITS.items()
        if key not in mine_keys and key not in on and to.may(one.name)
    ]
    cards = [
        {"key": one.key, "text": one.words.in_language(to.language), "is_on": one.key in on}
        for one in (*mine.waits, *rest, *others)
    ]
    context = {"cards": cards, "problem": problem, "roles": mine.names}
    return render(request, "tw/arrange.html", context, status=422 if problem else 200)


def _wanted(request: HttpRequest, mine: _Roles) -> dict[str, list[str]]:
    """The board that was sent: in the order of the form, with one card moved where asked."""
    if "reset" in request.POST:
        return {}
    order = request.POST.getlist("card")
    for name, step in (("up", -1), ("down", 1)):
        order = _moved(order, request.POST.get(name, ""), step)
    on = set(request.POST.getlist("on"))
    own = {one.key for one in mine.all}
    return {
        "shown": [key for key in order if key in on],
        "hidden": [key for key in order if key not in on and key in own],
    }


def _moved(order: Sequence[str], key: str, step: int) -> list[str]:
    keys = list(order)
    if key in keys:
        at = keys.index(key)
        keys.insert(max(0, at + step), keys.pop(at))
    return keys


def show_alerts(request: HttpRequest) -> HttpResponse:
    """What is wrong for the visitor, and who has seen it; its kinds alone under the bell."""
    to = visitor_of(request)
    page = "tw/alerts_menu.html" if is_part(request) else "tw/alerts.html"
    found = persistent(lambda: told.alerts(_roles(to).all, to))
    works = {key for key, work in WORKLISTS.items() if work.is_for(to)}
    return render(request, page, {"alerts": found, "works": works})


def count_alerts(request: HttpRequest) -> HttpResponse:
    """How many kinds of them the visitor has not seen all of; kept until something changes."""
    to = visitor_of(request)
    mark = mark_of(to)
    answer = unchanged(request, mark)
    if answer is None:
        count = persistent(lambda: told.open_kinds(_roles(to).all, to))
        answer = HttpResponse(str(count), content_type="text/plain")
    answer["ETag"] = mark
    answer["Cache-Control"] = "private, no-cache"  # kept by the browser, asked for each time
    return answer


@require_POST
def acknowledge(request: HttpRequest) -> HttpResponse:
    """The visitor has seen it, or all of a kind."""
    to = visitor_of(request)
    texts = [text for several in request.POST.getlist("record") for text in several.split(",")]
    records = [int(text) if re.fullmatch(r"\d{1,18}", text) else text for text in texts]
    given: dict[str, Any] = {"subject": request.POST.get("subject", ""), "records": records}
    try:
        run_json("workflow.acknowledge", given, to.actor())
    except Refusal as refusal:
        refuse_next(request, refusal.in_language(to.language))
    else:
        told = ACKNOWLEDGED.in_language(to.language).format(len(records))
        request.session["told"] = Told(told).kept()
    return HttpResponseRedirect("/alerts")


@require_POST
def choose_site(request: HttpRequest) -> HttpResponse:
    """The site at which the visitor works, kept in a cookie of this browser; or all of them."""
    to = visitor_of(request)
    wanted, back = request.POST.get("site", ""), request.POST.get("next", "")
    answer = HttpResponseRedirect(
        back if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/"
    )
    if wanted == "all":
        answer.delete_cookie("site", samesite="Lax")
    elif any(one.code == wanted for one in sites_for(to)):
        is_secure = request.is_secure()
        answer.set_cookie("site", wanted, max_age=YEAR, samesite="Lax", secure=is_secure)
    return answer


def modules(request: HttpRequest) -> HttpResponse:
    """The parts of the work that the visitor sees, where a telephone has no rail."""
    return render(request, "tw/modules.html", {})
