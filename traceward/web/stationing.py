"""Stations as pages: which there are, what waits at one, and the scans of a task, one by one.

Each scan is one POST with an id of its own. Sent again, by whoever lost the answer, it does nothing
twice. The answer is the page as it stands then, or only what changes of it where our script asks.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from traceward.kernel.base.refusals import InvalidInput, Refusal, fill, sentence
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import Held, ReusedRequestId
from traceward.kernel.org.models import RoleGrant
from traceward.resources import asking, reading
from traceward.resources.labels import Words
from traceward.web import stations as declared
from traceward.web.kit import forms
from traceward.web.kit.boards import WAITS, here, waits_of
from traceward.web.kit.cells import cells_of
from traceward.web.kit.comparing import Wanted
from traceward.web.kit.done import refuse_next
from traceward.web.kit.forms import Form
from traceward.web.kit.frames import forbidden
from traceward.web.kit.hands import HAND, MOST_PACKS, Hand, hand_of
from traceward.web.kit.lists import list_of
from traceward.web.kit.stations import (
    STATIONS,
    Station,
    Step,
    Task,
    Turn,
    Verdict,
    answer,
    drop,
    plain,
    refused,
    stations_for,
)
from traceward.web.kit.suggestions import flat, suggested
from traceward.web.kit.verbs import asks_for
from traceward.web.stations import keeping
from traceward.web.stations.meanwhile import meanwhile, not_booked, noted
from traceward.web.visitors import Visitor, is_part, visitor_of

assert declared.__all__, "stations declare themselves when they are imported"

#: The camera's codes are read by a WebAssembly module of ours; elsewhere none may run.
READS = {"script-src": ["'self'", "'wasm-unsafe-eval'"]}
#: Tasks that are listed.
LISTED = 100
#: Packs of one line that are drawn as pips; more are a bar.
PIPS = 30
#: Lists that are named where no station has a task.
MOST_ELSEWHERE = 4
NO_TASK = sentence("{code} is no task of this station. Scan its number, or choose it below.")
DAYS_LEFT = sentence("{n} days left")
#: What a verb does not always ask for, and a step that needs it does not go on without.
NOT_WITHOUT = frozenset({"refused_because"})
REASON = sentence("Say why the rest is refused.")
STILL = Words("还差 {left}", "{left} still missing")
BODY = "tw/station_body.html"
#: The request that booked a basket, until the device has heard of it.
BOOKED = "station.booked"


def show_stations(request: HttpRequest) -> HttpResponse:
    """The stations of the visitor; the only one at once."""
    to = visitor_of(request)
    found = stations_for(to)
    if not found:
        return forbidden(request, "warehousing.look_up")
    context = {
        "stations": [(one, one.text(to)) for one in found],
        "elsewhere": _elsewhere(found, to),
    }
    return render(request, "tw/stations.html", context)


def _elsewhere(found: list[Station], to: Visitor) -> list[tuple[str, str]]:
    """What waits for who has no task at any station: it is done on its pages."""
    if any(one.tasks for one in found):
        return []
    codes = RoleGrant.objects.filter(person=to.person, revoked_at=None)
    waits = waits_of(codes.values_list("role__code", flat=True).distinct(), to)
    return [(one.words.in_language(to.language), one.address(to)) for one in waits[:MOST_ELSEWHERE]]


def _opened(request: HttpRequest, key: str) -> Station | HttpResponse:
    found = STATIONS.get(key)
    if found is None:
        raise Http404
    if not visitor_of(request).may(found.verb):
        return forbidden(request, found.verb)
    return found


@csp_update(READS)  # type: ignore[arg-type]  # its types know no address with parts
def show_tasks(request: HttpRequest, key: str) -> HttpResponse:
    """What waits at the station; a scanned number opens its task."""
    found, to = _opened(request, key), visitor_of(request)
    if isinstance(found, HttpResponse):
        return found
    if not found.tasks:
        return _show(request, found, None)
    told, code = "", plain(request.POST.get("code", "")).strip()
    if request.method == "POST" and code:
        pk = _scanned(found, code, to)
        if pk is not None:
            return HttpResponseRedirect(f"{found.address}/{pk}")
        told = fill(NO_TASK, {"code": code}, to.language)
    context = {
        "station": found,
        "title": found.text(to),
        "told": told,
        "booked": request.session.pop(BOOKED, ""),
        **_waiting(found, to),
    }
    return render(request, "tw/station_tasks.html", context, status=422 if told else 200)


@csp_update(READS)  # type: ignore[arg-type]  # its types know no address with parts
def show_task(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The task at the station; a scan or a key, and what came of it."""
    found, to = _opened(request, key), visitor_of(request)
    if isinstance(found, HttpResponse):
        return found
    task = found.read(pk, to) if found.tasks else None
    if task is None:
        raise Http404
    return _show(request, found, task)


def _scanned(found: Station, code: str, to: Visitor) -> int | None:
    """The task that the code names; None where it names none that the station can open."""
    resource = list_of(WAITS[found.tasks].name).resource
    asked = asking.read(resource, {"number": [code[: asking.MAX_LENGTH].upper()], "limit": ["1"]})
    page = persistent(lambda: reading.page(resource, asked, to.reader(resource.name)))
    return page.rows[0]["id"] if page.rows else None


def _waiting(found: Station, to: Visitor) -> dict[str, Any]:
    wait = WAITS[found.tasks]
    if not to.may(wait.name):
        return {"tasks": [], "is_cut": False}
    resource = list_of(wait.name).resource
    cells = cells_of(resource, (wait.first, *wait.second))
    given = {**here(wait, resource, to), **wait.given(to)}
    asked = asking.read(resource, {**given, "sort": [wait.sort], "limit": [str(LISTED)]})
    page = persistent(lambda: reading.page(resource, asked, to.reader(wait.name)))
    tasks = []
    ids = [row["id"] for row in page.rows]
    ready = found.ready(ids, to) if found.ready and ids else set(ids)
    for row in page.rows:
        if row["id"] not in ready:
            continue
        first, *rest = [cell.text(row, to) for cell in cells]
        under = " · ".join(text for text in rest if text not in ("", "—"))
        tasks.append((first, under, f"{found.address}/{row['id']}"))
    return {"tasks": tasks, "is_cut": page.next_cursor is not None}


def _show(request: HttpRequest, found: Station, task: Task | None) -> HttpResponse:
    to = visitor_of(request)
    sent = request.POST
    if request.method != "POST":
        hand = Hand(step=found.first(task) if task else found.steps[0].key)
        return _page(request, found, task, hand)
    turn = _turn(request, found, task, to)
    left, others = meanwhile(turn)
    if "do" in sent:
        if others is None or not others.gone or keeping.is_booked(turn, sent.get("request_id", "")):
            return _ended(request, turn)
        verdict = not_booked(left, others)
        return _page(request, found, task, verdict.hand, verdict)
    verdict = _judged(request, turn if sent.get("key") == keeping.GO_ON else left)
    if others is not None:
        verdict = replace(verdict, aside=others.told)
    now = verdict.now or (found.read(task.id, to) if task else None)
    return _page(request, found, now or task, verdict.hand, verdict)


def _turn(request: HttpRequest, found: Station, task: Task | None, to: Visitor) -> Turn:
    sent = request.POST
    hand = hand_of(sent.get("hand", ""))
    if not any(one.key == hand.step for one in found.steps):
        hand = Hand(step=found.first(task) if task else found.steps[0].key)
    packs = sent.get("packs", "")
    if re.fullmatch(r"[1-9]\d{0,5}", packs) and int(packs) <= MOST_PACKS:
        hand = replace(hand, packs=int(packs))
    try:
        request_id = UUID(sent.get("request_id", ""))
    except ValueError:
        request_id = uuid4()
    return Turn(found, to, task, hand, request_id, plain(sent.get("code", "")))


def _judged(request: HttpRequest, turn: Turn) -> Verdict | Any:
    key = request.POST.get("key", "")
    if key == "undo" and turn.station.undo is not None:
        act = turn.station.undo
    elif key == "drop":
        act = drop
    elif key in keeping.KEYS and turn.station.keeps:
        return keeping.KEYS[key](turn, request.POST.get("sent", ""))
    elif key:
        step = turn.station.step(turn.hand.step)
        chosen = next((one for one in step.keys if one.key == key and one.act), None)
        if chosen is None or chosen.act is None:
            raise Http404
        act = chosen.act
    elif turn.code.strip():
        return answer(turn)
    else:
        return Verdict("more", turn.station.step(turn.hand.step).asks.in_language(
            turn.to.language), turn.hand)  # fmt: skip
    try:
        return act(turn)
    except Refusal as refusal:
        return refused(turn, refusal)


def _ended(request: HttpRequest, turn: Turn) -> HttpResponse:
    """The form that ends the task was sent: what came of it, and on."""
    step, to, task = turn.station.step(turn.hand.step), turn.to, turn.task
    if not step.form or task is None:
        raise Http404
    form = forms.closed_up(_form(request, turn, step))
    try:
        _require_reason(step, form)
        done = forms.send(form)
    except Refusal as refusal:
        sent = request.POST.get("request_id", "")
        if isinstance(refusal, ReusedRequestId) and keeping.is_booked(turn, sent):
            refuse_next(request, f"{turn.say(keeping.BOOKED)} · {turn.say(keeping.ONCE)}")
            request.session[BOOKED] = sent[:36]
            return forms.onwards(request, turn.station.address)
        made, status = forms.refused(form, refusal)
        return _page(request, turn.station, task, turn.hand, form=made, status=status)
    told = forms.told(form, done)
    now = turn.station.read(task.id, to)
    left = sum(one.left for one in now.lines) if now and not now.is_over else 0
    if left and not step.stays and not isinstance(done, Held):
        told = replace(told, text=f"{told.text} · {turn.say(STILL, left=left)}", tone="tw-warn")
    request.session["told"] = told.kept()
    request.session[BOOKED] = request.POST.get("request_id", "")[:36]
    if step.stays:
        return forms.onwards(request, f"{turn.station.address}/{task.id}")
    after = STATIONS.get(turn.station.then)
    if isinstance(done, Held) or after is None or not to.may(after.verb):
        return forms.onwards(request, turn.station.address)
    now = after.read(task.id, to)
    is_next = now is not None and not now.is_over
    return forms.onwards(request, f"{after.address}/{task.id}" if is_next else turn.station.address)


def _require_reason(step: Step, form: Form) -> None:
    """What is refused at the door is refused for a reason."""
    for path in step.needs & NOT_WITHOUT:
        if not form.given.get(path, "").strip():
            raise InvalidInput(REASON, field=path)


def _form(request: HttpRequest, turn: Turn, step: Step) -> Form:
    given = forms.texts(request.POST) if request.method == "POST" and "do" in request.POST else {}
    given = {name: text for name, text in given.items() if name not in ("hand", "do")}
    meant = flat(_meant(turn, step), turn.to)
    given = {name: text for name, text in given.items() if name not in step.leaves}
    command = REGISTRY[step.form]
    needs = step.needs | (step.needed(turn) if step.needed else frozenset())
    return Form(request, command, turn.to, {**given, **meant}, meant, needs, step.leaves)


def _meant(turn: Turn, step: Step) -> dict[str, Any]:
    """Arguments that nobody types: what the task is, and what lies in the basket."""
    assert turn.task is not None, "a form ends a task"
    argument, _ = asks_for(REGISTRY[step.form])
    return {argument: turn.task.id, **(step.meant(turn) if step.meant else {})}


def _form_of(request: HttpRequest, turn: Turn, step: Step) -> dict[str, Any]:
    """The form as it begins."""
    form = _form(request, turn, step)
    subject = form.subject()
    known = suggested(step.form, subject.row, turn.to) if subject else {}
    own_parts = {name.partition(".")[0] for name in form.meant}
    known = {name: text for name, text in known.items() if name.partition(".")[0] not in own_parts}
    own = flat(step.begun(turn), turn.to) if step.begun else {}
    return forms.context_of(replace(form, given={**known, **own, **form.given}), subject)


def _page(
    request: HttpRequest,
    found: Station,
    task: Task | None,
    hand: Hand,
    verdict: Verdict | None = None,
    form: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    to = visitor_of(request)
    hand = noted(task, hand) if task else hand
    step = found.step(hand.step)
    turn = Turn(found, to, task, hand, uuid4())
    task = task.with_held(hand) if task else None
    line = found.focus(task, hand) if task else None
    is_shut = to.is_brief and bool(step.form) and bool(REGISTRY[step.form].signed)
    if step.form and to.may(step.form) and not is_shut:
        form = _closed(request, form or _form_of(request, turn, step), turn, step)
    left = [one for one in task.lines if one.left] if task else []
    later = [one for one in left if line is None or one.place != line.place]
    following = STATIONS.get(found.then)
    keys = [
        (one.key, one.icon, one.words.in_language(to.language), one.act is not None)
        for one in step.keys
    ]
    context = {
        "station": found,
        "title": found.text(to),
        "task": task,
        "hand": hand,
        "hand_json": HAND.dump_json(hand, exclude_defaults=True).decode(),
        "step": step,
        "asks": task.waits if task and task.waits else step.asks.in_language(to.language),
        "hint": step.hint.in_language(to.language) if step.hint else "",
        "keys": keys,
        "next_key": next(iter(keys), None) if step.accepts else None,
        "can_undo": hand.last is not None and found.undo is not None,
        "is_kept": bool(hand.basket) and request.POST.get("key") == keeping.GO_ON,
        "booked": "" if is_part(request) else request.session.pop(BOOKED, ""),
        "verdict": verdict,
        "checklist": _checklist(verdict, line),
        "line": line,
        "days": fill(DAYS_LEFT, {"n": (line.expires_on - to.today).days}, to.language)
        if line and line.expires_on
        else "",
        "is_expired": bool(line and line.expires_on and line.expires_on < to.today),
        "pips": range(line.quantity) if line and line.quantity <= PIPS else (),
        "done_lines": len(task.lines) - len(left) if task else 0,
        "next_place": later[0].place if later else "",
        "form": form if step.form and not is_shut else None,
        "may_not": bool(step.form) and not to.may(step.form),
        "is_shut": is_shut,
        "then": following if task and following and to.may(following.verb) else None,
        "then_text": following.text(to) if following else "",
        "request_id": turn.request_id,
        "is_part": is_part(request),
    }
    return render(request, BODY if is_part(request) else "tw/station.html", context, status=status)


def _closed(
    request: HttpRequest, form: Mapping[str, Any], turn: Turn, step: Step
) -> dict[str, Any]:
    """The form without what the basket means; the hand travels with it."""
    meant = {
        name
        for name in _meant(turn, step)
        if not any(one.startswith(f"{name}.") for one in step.leaves)
    }
    own = [(n, v) for n, v in form["hidden"] if n.partition(".")[0] not in meant]
    hand = HAND.dump_json(turn.hand, exclude_defaults=True).decode()
    is_begun = turn.hand.booking is not None and "do" not in request.POST
    return {
        **form,
        "request_id": turn.hand.booking if is_begun else form["request_id"],
        "hidden": [*own, ("hand", hand), ("do", "1")],
        "plain": [one for one in form["plain"] if one.path.partition(".")[0] not in meant],
        "wide": [one for one in form["wide"] if one.path.partition(".")[0] not in meant],
        "action": f"{turn.station.address}/{turn.task.id}" if turn.task else turn.station.address,
        "draft": f"station:{turn.station.key}:{turn.task.id if turn.task else ''}",
    }


def _checklist(verdict: Verdict | None, line: Wanted | None) -> tuple[tuple[str, str, str], ...]:
    """What was scanned, part by part; nothing once another line is asked for."""
    if verdict is None:
        return ()
    last = verdict.hand.last
    is_next = last is not None and line is not None and line.id != last.line
    return () if is_next and verdict.tone == "ok" else verdict.parts
