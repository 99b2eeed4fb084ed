"""Form: a command asked for by hand. Its fields are the command's arguments, its refusals theirs.

A form carries the id of its request: sent twice, it counts once. It carries the version of the
document it was opened on: where somebody else has changed it since, both are shown.
"""

import re
import uuid
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from traceward.kernel.base.refusals import InvalidInput, Refusal, sentence, tell
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.registry import REGISTRY, Command
from traceward.kernel.command.run import Done, Held, run_json
from traceward.kernel.command.seen import read_seen
from traceward.kernel.command.shown_once import ShownOnce
from traceward.kernel.command.signing import reauthenticated
from traceward.resources import labels
from traceward.resources.ids import list_of
from traceward.web.kit import fields
from traceward.web.kit.frames import forbidden
from traceward.web.kit.pickers import Resolver, rows
from traceward.web.visitors import Visitor, visitor_of

#: A list of records so short is shown whole; of a longer one the visitor searches.
WHOLE = 60
#: Parts of the form that are no arguments.
OWN = frozenset(
    {"csrfmiddlewaretoken", "request_id", "seen", "next", "signature", "more", "password"}
)


def show_form(request: HttpRequest, verb: str) -> HttpResponse:
    """The command's form; sent, the command is run and the visitor sees what came of it."""
    to = visitor_of(request)
    command = REGISTRY.get(verb)
    if command is None:
        raise Http404
    if not to.may(verb):
        return forbidden(request, verb)
    if request.method != "POST":
        return _form(request, command, to, _texts(request.GET), {}, "")
    given = _texts(request.POST)
    if "more" in request.POST:
        return _form(request, command, to, given, {}, "")
    try:
        done = _run(request, command, given, to)
    except Refusal as refusal:
        told = refusal.in_language(to.language)
        problems = {refusal.field: told} if refusal.field else {}
        for row in refusal.details:
            if isinstance(row.get("problem"), str) and row.get("field"):
                problems[str(row["field"])] = row["problem"]
        return _form(request, command, to, given, problems, told, status=refusal.http_status)
    if isinstance(done, Done) and (once := _once(command, done.answer, to)):
        title = labels.of_verb(verb).in_language(to.language)
        shown = {"title": title, "shown": once, "next": _after(request, done)}
        return render(request, "tw/shown_once.html", shown)
    request.session["told"] = _told(command, done, to)
    return HttpResponseRedirect(_after(request, done))


def _once(command: Command, answer: Any, to: Visitor) -> list[tuple[str, str]]:
    """What the answer shows this once: (what it is, the text)."""
    return [
        (labels.of_argument(f"{command.verb}.{name}").in_language(to.language), value.reveal())
        for name, value in vars(answer).items()
        if isinstance(value, ShownOnce)
    ]


def _texts(sent: QueryDict) -> dict[str, str]:
    """What was sent for arguments: one text each."""
    return {name: str(text) for name, text in sent.items() if name not in OWN}


def _run(request: HttpRequest, command: Command, given: dict[str, str], to: Visitor) -> Done | Held:
    schema = command.arguments.model_json_schema()
    resolver = Resolver(command.verb, to)
    arguments = fields.read(schema, schema.get("$defs", {}), given, resolver)
    if resolver.problems:
        raise InvalidInput(
            sentence("Some fields name no record. Choose one in each."),
            details=[{"field": path, "problem": told} for path, told in resolver.problems.items()],
        )
    by: Actor = to.actor(_request_id(request))
    by = replace(by, seen=read_seen(request.POST.get("seen", "")))
    if command.signed and to.person is not None:
        by = reauthenticated(to.person, request.POST.get("signature", ""), by, command.verb)
    return run_json(command.verb, arguments, by)


def _request_id(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("request_id", ""))
    except ValueError:
        return uuid.uuid4()


def _form(
    request: HttpRequest,
    command: Command,
    to: Visitor,
    given: dict[str, str],
    problems: dict[str, str],
    told: str,
    status: int = 200,
) -> HttpResponse:
    schema = command.arguments.model_json_schema()
    maker = fields.Maker(
        schema.get("$defs", {}),
        command.verb,
        to,
        given,
        problems,
        request.POST.get("more", ""),
    )
    made = [_with_records(one, to) for one in maker.fields(schema)]
    known = _paths(made)
    context = {
        "verb": command.verb,
        "title": labels.of_verb(command.verb).in_language(to.language),
        "fields": made,
        "told": told,
        "is_elsewhere": not set(problems) & known,
        "signed": command.signed,
        "request_id": uuid.uuid4(),
        "seen": request.POST.get("seen", request.GET.get("seen", "")),
        "next": request.POST.get("next", request.GET.get("next", "")),
    }
    return render(request, "tw/form.html", context, status=status)


def _paths(made: Any) -> set[str]:
    found = set()
    for one in made:
        found |= {one.path} | _paths(one.within) | {p for line in one.lines for p in _paths(line)}
    return found


def _with_records(one: fields.Field, to: Visitor) -> fields.Field:
    """Where the field asks for a record and there are few: all of them to choose from."""
    if one.within:
        return replace(one, within=tuple(_with_records(inner, to) for inner in one.within))
    if one.lines:
        lines = tuple(tuple(_with_records(inner, to) for inner in line) for line in one.lines)
        return replace(one, lines=lines)
    if not one.rows or not to.may(one.rows):
        return one
    found, value = rows(one.rows, Q(), to, WHOLE + 1), one.value
    chosen = re.match("#?([0-9]{1,18})(?: |$)", value)
    if chosen and (pairs := rows(one.rows, Q(pk=int(chosen[1])), to, 1)):
        (pair,) = pairs
        value, found = pair[0], [pair, *(other for other in found if other != pair)]
    if len(found) > WHOLE:
        return replace(one, value=next((t for v, t in found if v == value), one.value))
    return replace(one, value=value, options=tuple(found), kind="record")


def _told(command: Command, done: Done | Held, to: Visitor) -> str:
    """What happened, in a few words."""
    if isinstance(done, Held):
        return tell(done.why, to.language)
    return labels.of_verb(command.verb).in_language(to.language)


def _after(request: HttpRequest, done: Done | Held) -> str:
    """Where the visitor goes on: where they came from, or the document that was made."""
    back = request.POST.get("next", "")
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    if isinstance(done, Done) and done.versions:
        return f"/documents/documents/{next(iter(done.versions))}"
    return "/"


def address(verb: str, **given: Any) -> str:
    """The form of a command with some arguments filled in."""
    return f"/do/{verb}?{urlencode(given)}"


def asks_for(command: Command) -> tuple[str, str]:
    """The first id that it must have, and the list of what it means; empty where there is none."""
    area = command.verb.partition(".")[0]
    for name in command.arguments.model_json_schema().get("required", ()):
        if name.endswith("_id") and (rows := list_of(name, area)):
            return name, rows
    return "", ""
