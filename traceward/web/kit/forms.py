"""Form: a command asked for by hand. Its fields are the command's arguments, its refusals theirs.

A form about a document begins with what is known of it (`suggestions`). It carries the id of its
request: sent twice, it counts once. It carries the version of what it was opened on: where
somebody else has changed that since, both values are shown, and the person chooses (`conflicts`).
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from traceward.kernel.base.refusals import (
    InvalidInput,
    Refusal,
    fill,
    sentence,
    tell,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.erasable import KEPT_OUT, Erasable
from traceward.kernel.command.notes import NoteRead
from traceward.kernel.command.registry import REGISTRY, Command
from traceward.kernel.command.run import Done, Held, run_json
from traceward.kernel.command.seen import StaleVersion
from traceward.kernel.command.shown_once import ShownOnce
from traceward.kernel.command.signing import reauthenticated
from traceward.kernel.command.uploads import taken
from traceward.resources import labels, reading
from traceward.resources.ids import list_of
from traceward.resources.labels import Words
from traceward.resources.labels.summaries import SUMMARIES
from traceward.web.kit import conflicts, fields, questions
from traceward.web.kit.by_hand import opened_at
from traceward.web.kit.documents import DOCUMENTS, is_taking, page_of
from traceward.web.kit.done import Told, changed, how_much, papers
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import list_of as list_page_of
from traceward.web.kit.pickers import UNKNOWN, Resolver, Short, chosen_id, meant, named
from traceward.web.kit.problems import SIGNATURE, placed, problems_of, told_of
from traceward.web.kit.shown import Shown
from traceward.web.kit.suggestions import (
    BELOW,
    CHOSEN_FIRST,
    LEADS,
    WHY,
    fixed_in,
    flat,
    in_the_way,
    narrowed,
    needed,
    offered_in,
    suggested,
)
from traceward.web.kit.verbs import address, asks_for
from traceward.web.visitors import Visitor, visitor_of

#: The question why stock was passed over.
PASSED_OVER = "stock.passed_over"
#: Parts of the form that are no arguments.
OWN = frozenset(
    {
        "csrfmiddlewaretoken",
        "request_id",
        "version_seen",
        "next",
        "about",
        "signature",
        "more",
        "less",
    }
)
RENEWED = Words("已续期", "Renewed")
READ_BEFORE = sentence("It was shown already. Ask for it once more, with the reason.")
ERASED = sentence("It was erased.")
HELD = sentence(
    "Sent for a second person's decision: {why} Until then nothing has changed. "
    "Whoever may decide finds it under “Waiting for a decision”."
)


@dataclass(frozen=True)
class Form:
    """One form as it is asked for: its command, what stands in it, and what it is about."""

    request: HttpRequest
    command: Command
    to: Visitor
    given: Mapping[str, str]
    #: Arguments that are sent as they are, and not asked for.
    meant: Mapping[str, str] = field(default_factory=dict)
    #: Paths that are asked for here besides, and those that are not.
    needs: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()

    @property
    def schema(self) -> dict[str, Any]:
        return self.command.arguments.model_json_schema()

    @property
    def defs(self) -> dict[str, Any]:
        found: dict[str, Any] = self.schema.get("$defs", {})
        return found

    def subject(self) -> Shown | None:
        """What the command is about, where that is chosen already and the visitor may read it."""
        argument, rows = asks_for(self.command)
        key = self.given.get(argument, "")
        if not rows or not key or not self.to.may(rows):
            return None
        page = page_of(rows)
        found = chosen_id(key) or key
        columns = tuple(page.resource.columns.values())
        try:
            row = persistent(
                lambda: reading.one(page.resource, found, columns, self.to.reader(rows))
            )
        except Refusal:
            return None
        return Shown(page, row, self.to)

    def asked(self, name: str) -> str:
        """What the address or the form says besides arguments."""
        return str(self.request.POST.get(name, self.request.GET.get(name, "")))


def show_form(request: HttpRequest, verb: str) -> HttpResponse:
    """The command's form; sent, the command is run and the visitor sees what came of it."""
    to = visitor_of(request)
    command = REGISTRY.get(verb)
    if command is None:
        raise Http404
    if not to.may(verb):
        return forbidden(request, verb)
    if request.method != "POST":
        form = Form(request, command, to, texts(request.GET))
        if verb in CHOSEN_FIRST and form.subject() is None:
            return choose(form)
        return _page(request, begun(form))
    form = Form(request, command, to, texts(request.POST))
    if (relined := with_lines(form)) is not None:
        return _page(request, context_of(relined, relined.subject()))
    form = closed_up(form)
    try:
        done = send(form)
    except Refusal as refusal:
        context, status = refused(form, refusal)
        return _page(request, context, status)
    if isinstance(done, Done) and (once := _once(command, done.answer, to)):
        title = labels.of_verb(verb).in_language(to.language)
        is_read = isinstance(done.answer, NoteRead)
        after = _after(form, done)
        about = _beside(command, done.answer, to)
        shown = {"title": title, "shown": once, "about": about, "is_read": is_read, "next": after}
        return render(request, "tw/shown_once.html", shown)
    request.session["told"] = told(form, done).kept()
    return onwards(request, _after(form, done))


def onwards(request: HttpRequest, after: str) -> HttpResponse:
    """The visitor goes on there."""
    if "X-Form" in request.headers:  # our own script goes there itself
        return HttpResponse(status=204, headers={"X-Next": iri_to_uri(after)})
    return HttpResponseRedirect(after)


def _page(request: HttpRequest, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "tw/form.html", dict(context), status=status)


def choose(form: Form) -> HttpResponse:
    """What the form is about is asked for first; once it is known, the form begins with it."""
    verb, to = form.command.verb, form.to
    argument, listed = asks_for(form.command)
    text, problem = form.given.get(argument, "").strip(), ""
    if text and to.may(listed):
        found = persistent(lambda: meant(listed, text, to))
        chosen = named(listed, found, to) if isinstance(found, int) else ""
        if chosen:
            given = {argument: f"#{found}", "next": form.asked("next")}
            return HttpResponseRedirect(address(verb, **given))
        problem = found if isinstance(found, str) else fill(UNKNOWN, {"text": text}, to.language)
    schema = {
        "properties": {argument: form.schema["properties"][argument]},
        "required": [argument],
    }
    narrow = narrowed(verb, None, to)
    problems = {argument: problem} if problem else {}
    maker = fields.Maker(form.defs, verb, to, {argument: text}, problems, narrowed=narrow)
    (field_,) = Short(maker.fields(schema), to, verb).filled()
    page = list_page_of(listed)
    context = {
        "verb": verb,
        "title": labels.of_verb(verb).in_language(to.language),
        "help": SUMMARIES.get(verb, "") if to.language.startswith("zh") else form.command.summary,
        "field": field_,
        "next": form.asked("next"),
        "list_address": page.address,
        "list_title": labels.of_resource(listed).in_language(to.language),
    }
    return render(form.request, "tw/choose.html", context, status=422 if problem else 200)


def begun(form: Form) -> dict[str, Any]:
    """The form as it begins: with what is known, and over it what is given, a list as a whole."""
    subject = form.subject()
    known = suggested(form.command.verb, subject.row, form.to) if subject else {}
    lists = {name.partition(".")[0] for name in form.given if re.match(r"\w+\.\d+\.", name)}
    known = {name: text for name, text in known.items() if name.partition(".")[0] not in lists}
    return context_of(replace(form, given={**known, **form.given}), subject)


def with_lines(form: Form) -> Form | None:
    """The form with one line more or less, where no script did that; None where it was sent."""
    sent = form.request.POST
    if "more" in sent:
        return replace(form, given=fields.another(form.given, sent["more"]))
    if "less" in sent:
        return closed_up(replace(form, given=fields.without(form.given, sent["less"])))
    return None


def closed_up(form: Form) -> Form:
    """The form without its empty lines."""
    return replace(form, given=fields.closed_up(form.schema, form.defs, form.given))


def _once(command: Command, answer: Any, to: Visitor) -> list[tuple[str, str]]:
    """What the answer shows this once: (what it is, the text)."""
    return [
        (labels.of_argument(f"{command.verb}.{name}").in_language(to.language), _said(value, to))
        for name, value in getattr(answer, "__dict__", {}).items()
        if isinstance(value, ShownOnce | Erasable)
    ]


def _beside(command: Command, answer: Any, to: Visitor) -> list[tuple[str, str]]:
    """What the answer says besides: for whom it is, until when it counts."""
    zone, own = ZoneInfo(to.time_zone), "zh" if to.language.startswith("zh") else "en"
    made = []
    for name, value in getattr(answer, "__dict__", {}).items():
        label = labels.of_argument(f"{command.verb}.{name}").in_language(to.language)
        if isinstance(value, datetime):
            made.append((label, value.astimezone(zone).strftime("%Y-%m-%d %H:%M")))
        elif isinstance(value, dict) and own in value:
            made.append((label, value[own]))
    return made


def _said(value: ShownOnce | Erasable, to: Visitor) -> str:
    """The text; of personal data that was erased, or read with this request before, that it was."""
    found = value.reveal()
    if isinstance(value, Erasable) and found in ("", KEPT_OUT):
        return fill(READ_BEFORE if found else ERASED, {}, to.language)
    return found


def texts(sent: QueryDict) -> dict[str, str]:
    """What was sent for arguments: one text each, of what is ticked a line for each."""
    return {name: "\n".join(sent.getlist(name)) for name in sent if name not in OWN}


def send(form: Form) -> Done | Held:
    """The command is run as the form asks for it."""
    files = taken(form.command.uploads, form.request.FILES)  # measured by the door
    resolver = Resolver(form.command.verb, form.to, files)
    arguments = fields.read(form.schema, form.defs, form.given, resolver)
    if resolver.problems:
        raise InvalidInput(
            sentence("Some fields cannot be read. Correct them where it is said."),
            details=[{"field": path, "problem": told} for path, told in resolver.problems.items()],
        )
    by: Actor = form.to.actor(_request_id(form.request))
    by = replace(by, seen=conflicts.read(form.asked("version_seen"), form.subject))
    if form.command.signed and form.to.person is not None:
        password = form.request.POST.get("signature", "")
        by = reauthenticated(form.to.person, password, by, form.command.verb)
    return run_json(form.command.verb, arguments, by)


def _request_id(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("request_id", ""))
    except ValueError:
        return uuid.uuid4()


def refused(form: Form, refusal: Refusal) -> tuple[dict[str, Any], int]:
    """The same form, with what was typed, and why it was refused where that belongs."""
    subject, language = form.subject(), form.to.language
    why = told_of(refusal, form.command.verb, language)
    if isinstance(refusal, StaleVersion) and subject is not None:
        now = suggested(form.command.verb, subject.row, form.to)
        conflict = conflicts.between(refusal, form.command.verb, form.given, now, subject)
        return context_of(form, subject, why=why, conflict=conflict), refusal.http_status
    problems = problems_of(refusal, form.command.verb, language)
    return context_of(form, subject, problems, why), refusal.http_status


def context_of(
    form: Form,
    subject: Shown | None,
    problems: Mapping[str, str] | None = None,
    why: str = "",
    conflict: conflicts.Conflict | None = None,
) -> dict[str, Any]:
    """What the template of a form asks for."""
    problems, to, command = problems or {}, form.to, form.command
    verb = command.verb
    maker = fields.Maker(
        form.defs,
        verb,
        to,
        form.given,
        {},
        fixed_in(verb),
        needed(verb, subject.row if subject else None, to) | form.needs,
        narrowed(verb, subject.row if subject else None, to),
        offered_in(verb, subject.row if subject else None, to),
    )
    problems = placed(dict(problems), _paths(maker.fields(form.schema))) if problems else {}
    maker = replace(maker, problems=problems)
    argument, _ = asks_for(command)
    asked = _asked(maker.fields(form.schema), form.leaves)
    made = Short(asked, to, verb, _site_of(subject)).filled()
    # What was chosen in the form itself can be chosen anew, until it is sent.
    is_about = form.request.method != "POST" or form.asked("about") == argument
    own = {argument: str(subject.row[_column(argument)])} if subject and is_about else {}
    hidden = {**own, **form.meant}
    made = tuple(f for f in made if f.path not in hidden)
    return {
        "verb": verb,
        "action": f"/do/{verb}",
        "title": labels.of_verb(verb).in_language(to.language),
        "tone": "tw-bad" if is_taking(verb) else "",
        "help": SUMMARIES.get(verb, "") if to.language.startswith("zh") else command.summary,
        "subject": subject,
        "hidden": list(hidden.items()),
        "about": next(iter(own), ""),
        "plain": [f for f in made if f.kind not in ("lines", "group")],
        "wide": [f for f in made if f.kind in ("lines", "group")],
        "told": why,
        "why": form.given.get(WHY, ""),
        "is_elsewhere": set(problems).isdisjoint([*_paths(made), SIGNATURE]),
        "wrong_signature": problems.get(SIGNATURE, ""),
        "in_the_way": [] if why else in_the_way(verb, subject.row if subject else None, to),
        "below": _below(verb, subject),
        "signed": command.signed,
        "has_files": bool(command.uploads),
        "signer": to.person.name(to.language) if to.person else "",
        "request_id": uuid.uuid4(),
        "seen": conflict.seen if conflict else form.asked("version_seen") or _mark(form, subject),
        "next": form.asked("next"),
        "conflict": conflict,
        "draft": f"{verb}:{subject.row['id'] if subject else ''}",
        "person": to.person.pk if to.person else "",
    }


def _asked(made: tuple[fields.Field, ...], leaves: frozenset[str]) -> tuple[fields.Field, ...]:
    """The fields without those that are not asked for here, in groups too."""
    if not leaves:
        return made
    return tuple(
        replace(one, within=_asked(one.within, leaves)) for one in made if one.path not in leaves
    )


def in_words(verb: str, arguments: Mapping[str, Any], to: Visitor) -> tuple[list[Any], list[Any]]:
    """What a command was asked for, records by their names: facts, and its lines as tables."""
    schema = REGISTRY[verb].arguments.model_json_schema()
    defs, given = schema.get("$defs", {}), flat(dict(arguments), to)
    names = frozenset(part for path in given for part in path.split("."))
    made = Short(fields.Maker(defs, verb, to, given, {}, names).fields(schema), to, verb).filled()
    facts = [(one.label, one.words) for one in made if one.words and not one.lines]
    return facts, [_table(one) for one in made if one.lines and one.is_grid]


def _table(lines: fields.Field) -> dict[str, Any]:
    css = ["tw-num" if one.kind in ("integer", "number") else "" for one in lines.within]
    return {
        "title": lines.label,
        "count": len(lines.lines),
        "heads": [(one.label, style) for one, style in zip(lines.within, css, strict=True)],
        "rows": [
            [(one.words, style, one.label) for one, style in zip(line, css, strict=True)]
            for line in lines.lines
        ],
    }


def _site_of(subject: Shown | None) -> int | None:
    """The site at which the work is done, as far as what it is about says."""
    found = subject.row.get("site_id") if subject else None
    return int(found) if found else None


def _below(verb: str, subject: Shown | None) -> list[dict[str, Any]]:
    """Rows of what the form is about that say what there is to do."""
    part, cells, where = BELOW.get(verb, ("", (), ""))
    if subject is None or part not in subject.page.resource.parts:
        return []
    made = subject.part(part, cells, where)
    return [made] if made["rows"] else []


def _mark(form: Form, subject: Shown | None) -> str:
    """Of a form that changes a record in place: the values that it was opened on."""
    is_edit = any(form.command.verb in page.edits for page in DOCUMENTS.values())
    return subject.mark() if subject and is_edit and form.request.method == "GET" else ""


def _column(argument: str) -> str:
    return "uid" if argument.endswith("_uid") else "id"


def _paths(made: Any) -> list[str]:
    """Of all fields, as they follow on the page."""
    found = []
    for one in made:
        found += [one.path, *(path for line in one.lines for path in _paths(line))]
        found += _paths(one.within) if one.kind == "group" else []
    return found


def told(form: Form, done: Done | Held) -> Told:
    """What happened, and to what."""
    language = form.to.language
    if isinstance(done, Held):
        return Told(fill(HELD, {"why": tell(done.why, language)}, language))
    about = changed(done.versions, form.to)
    if not about:
        about = _made(form, done.answer)
    if not about and (subject := form.subject()):
        state = subject.state.text if subject.state else ""
        about = ((subject.title, state, subject.address),)
    about = (*about, *papers(form.command.verb, done.answer, form.to))
    is_renewed = getattr(done.answer, "is_renewed", False)
    deed = (RENEWED if is_renewed else labels.of_deed(form.command.verb)).in_language(language)
    amount = how_much(done.answer, _request_id(form.request), form.to)
    is_short = bool(getattr(done.answer, "shortage", 0))
    if is_short:
        about = (*about, *_why_short(form))
    return Told(f"{deed} {amount}".strip(), about, "tw-warn" if is_short else "tw-ok")


def _why_short(form: Form) -> tuple[tuple[str, str, str], ...]:
    """Where it is said why the stock there is was passed over, of a document that can be asked."""
    subject = form.subject()
    asked = questions.links_of(subject.page.name, subject.row, form.to) if subject else []
    return tuple((one.text, "", one.address) for one in asked if PASSED_OVER in one.address)


def _made(form: Form, answer: Any) -> tuple[tuple[str, str, str], ...]:
    """The record that the command made, where it is about none and its answer names one."""
    argument, _ = asks_for(form.command)
    area = form.command.verb.partition(".")[0]
    noun = form.command.verb.rpartition("_")[2]
    for told, value in getattr(answer, "__dict__", {}).items():
        name = f"{noun}_id" if told == "id" else told
        rows = list_of(name, area) if name.endswith("_id") and name != argument else ""
        if not rows or not isinstance(value, int) or not form.to.may(rows):
            continue
        page = page_of(rows)
        columns = tuple(page.resource.columns.values())
        try:
            row = reading.one(page.resource, str(value), columns, form.to.reader(rows))
        except Refusal:
            continue
        shown = Shown(page, row, form.to)
        address = opened_at(rows, value, form.to) or shown.address
        return ((shown.title, shown.state.text if shown.state else "", address),)
    return ()


def _after(form: Form, done: Done | Held) -> str:
    """Where the visitor goes on: where they came from, or what was made."""
    if form.command.verb in LEADS and isinstance(done, Done):
        made = _made(form, done.answer)
        if made:
            return made[0][2]
    back = form.request.POST.get("next", "")
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    if isinstance(done, Done) and done.versions:
        return f"/documents/documents/{next(iter(done.versions))}"
    subject = form.subject()
    return subject.address if subject else "/"
