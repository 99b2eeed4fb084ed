"""A verb for several rows of a list: what it asks for, what will be left out and why, what came.

Each row is a request of its own to the same command, with a request id made from the form's: sent
twice, each counts once. Before anything is done the commands are tried and taken back, so that
what they refuse is known; what others do in between may still be refused, and is told row by row.
docs/adr/0224
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from traceward.kernel.base.refusals import InvalidInput, Refusal, fill, sentence, tell
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.run import Held, rehearsed, run_json
from traceward.kernel.command.signing import reauthenticated
from traceward.resources import asking, labels, reading
from traceward.web.kit import fields
from traceward.web.kit.done import how_much, refuse_next
from traceward.web.kit.filters import in_days
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import ListPage, figure, list_of, view_of
from traceward.web.kit.pickers import Resolver
from traceward.web.kit.problems import SIGNATURE, problems_of, told_of
from traceward.web.kit.selecting import Bulk
from traceward.web.kit.views import kept_of, question_of
from traceward.web.visitors import Visitor, visitor_of

#: So many rows at once; a form has so many lines from a list.
MAX_ROWS = 200
MAX_LINES = 50
#: Parts of the form that are no arguments.
OWN = ("csrfmiddlewaretoken", "request_id", "row", "all", "asked", "step", "signature", "next")
NO_ROWS = sentence("Choose rows in the list first.")
CUT = sentence(
    "{count} rows match; at most {limit} are handled at once. These are the first {limit}: "
    "do the same again for the rest."
)
NOT_FOR_IT = sentence("Not possible for it as it stands now: {state}.")
NOT_SHARED = sentence("These rows differ in “{name}”. Choose rows that have it in common.")
WAITS = sentence("Waits for another person's decision: {why}")


@dataclass(frozen=True)
class Row:
    """A row of the list, and what will come or came of it."""

    pk: str
    title: str
    address: str
    arguments: Mapping[str, Any]
    #: Argument → value, of those that all rows must share.
    common: Mapping[str, Any]
    #: "todo", "skip", "held", "done" or "refused".
    outcome: str = "todo"
    told: str = ""

    @property
    def is_wanted(self) -> bool:
        return self.outcome in ("todo", "held")


@require_POST
@sensitive_post_parameters("signature")
def show_bulk(request: HttpRequest, area: str, noun: str, verb: str) -> HttpResponse:
    """What will be done with the chosen rows; asked for again with the step, what came of it."""
    page, to = list_of(f"{area}.{noun}"), visitor_of(request)
    one = next((b for b in page.bulk if b.verb == verb), None)
    if one is None:
        raise Http404
    if not to.may(page.name):
        return forbidden(request, page.name)
    if not to.may(verb):
        return forbidden(request, verb)
    given = {n: str(t) for n, t in request.POST.items() if n not in OWN}
    try:
        rows, cut = _chosen(page, one, request, to)
    except Refusal as refusal:
        refuse_next(request, refusal.in_language(to.language))
        return HttpResponseRedirect(_back(page, request))
    if one.lines:
        return _as_lines(page, one, rows, request, to)
    asked = _Asked(page, one, given, request, to, cut)
    step = request.POST.get("step", "")
    if not step and asked.is_asking:
        return asked.form(rows)
    try:
        arguments = asked.arguments()
        if step != "run":
            return asked.form(_tried(one, rows, arguments, to), is_tried=True)
        by = _signing(one, request, to)
    except Refusal as refusal:
        told = told_of(refusal, one.verb, to.language)
        problems = problems_of(refusal, one.verb, to.language)
        return asked.form(rows, problems, told, refusal.http_status, is_tried=step == "run")
    done = _run(one, rows, arguments, by, _request_id(request), to)
    request.session["bulk"] = {
        "of": [page.name, verb],
        "back": _back(page, request),
        "cut": cut,
        "rows": [[row.title, row.address, row.outcome, row.told] for row in done],
    }
    return HttpResponseRedirect(f"{page.address}/bulk/{verb}/done")


def show_done(request: HttpRequest, area: str, noun: str, verb: str) -> HttpResponse:
    """What came of it, row by row, the refused ones first: of the last time, to come back to."""
    page, to = list_of(f"{area}.{noun}"), visitor_of(request)
    found = request.session.get("bulk", {})
    if found.get("of") != [page.name, verb] or not to.may(page.name):
        return HttpResponseRedirect(page.address)
    order = ("refused", "held", "done")
    names = ("title", "address", "outcome", "told")
    rows = [dict(zip(names, row, strict=True)) for row in found["rows"]]
    context = {
        "title": labels.of_verb(verb).in_language(to.language),
        "list_title": labels.of_resource(page.name).in_language(to.language),
        "back": found["back"],
        "cut": found["cut"],
        "rows": sorted(rows, key=lambda row: order.index(row["outcome"])),
        **{key: sum(row["outcome"] == key for row in rows) for key in order},
    }
    return render(request, "tw/bulk_done.html", context)


def _back(page: ListPage, request: HttpRequest) -> str:
    asked = request.POST.get("asked", "")[:4_000]
    return f"{page.address}?{urlencode(parse_qs(asked), doseq=True)}"


def _request_id(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("request_id", ""))
    except ValueError:
        return uuid.uuid4()


def request_id_for(form: uuid.UUID, verb: str, pk: str) -> uuid.UUID:
    """The row's own request: the same form sent again asks for the same."""
    return uuid.uuid5(form, f"{verb} {pk}")


def _signing(one: Bulk, request: HttpRequest, to: Visitor) -> Actor:
    """Who acts; for a signed verb, who has proved it just now."""
    by: Actor = to.actor()
    if one.command.signed and to.person is not None:
        return reauthenticated(to.person, request.POST.get("signature", ""), by, one.verb)
    return by


def _chosen(page: ListPage, one: Bulk, request: HttpRequest, to: Visitor) -> tuple[list[Row], str]:
    """The rows that were ticked, or all that match, as the visitor sees them; and what was cut."""
    names = [name for cell in page.shown for name in cell.names]
    known = page.resource.columns
    fields_ = dict.fromkeys(["id", *one.needs, *names, *(n for n in ("state",) if n in known)])
    texts: dict[str, list[str]] = {"fields": [",".join(fields_)], "limit": [str(MAX_ROWS)]}
    if request.POST.get("all"):
        given = parse_qs(request.POST.get("asked", "")[:4_000], keep_blank_values=True)
        view = view_of(page, given, kept_of(page.name, to))
        texts |= in_days(page.resource, question_of(view, given, ("q", "sort")), to)
        texts["count"] = ["true"]
    else:
        ids = list(dict.fromkeys(request.POST.getlist("row")))
        if not ids:
            raise InvalidInput(NO_ROWS)
        texts |= {"id": ids[:MAX_ROWS]}
    asked = asking.read(page.resource, texts)
    found = persistent(lambda: reading.page(page.resource, asked, to.reader(page.name)))
    if not found.rows:
        raise InvalidInput(NO_ROWS)
    count = found.count or len(request.POST.getlist("row"))
    cut = ""
    if count > MAX_ROWS:
        cut = fill(CUT, {"count": figure(count), "limit": MAX_ROWS}, to.language)
    is_run = request.POST.get("step") == "run"
    return [_row(page, one, row, to, is_run=is_run) for row in found.rows], cut


def _row(page: ListPage, one: Bulk, row: Mapping[str, Any], to: Visitor, *, is_run: bool) -> Row:
    title = " · ".join(
        told for cell in page.shown[:3] if (told := cell.text(row, to)) not in ("", "—")
    )
    common = {path: row.get(column) for path, column in one.common.items()}
    address = f"{page.address}/{row['id']}"
    made = Row(str(row["id"]), title, address, one.arguments(row), common)
    if one.fits(row) or is_run:
        return made
    state = row.get("state")
    if state is None:
        state = next((row.get(n) for n in one.when if row.get(n) not in one.when[n]), "—")
    name = "state" if "state" in row else next(iter(one.when), "state")
    words = labels.of_value(f"{page.name}.{name}", state if state is not None else "—")
    said = fill(NOT_FOR_IT, {"state": words.in_language(to.language)}, to.language)
    return replace(made, outcome="skip", told=said)


def _tried(one: Bulk, rows: Sequence[Row], arguments: dict[str, Any], to: Visitor) -> list[Row]:
    """The rows with what the command says to each now; nothing is done."""
    by: Actor = to.actor()
    return [
        _with(row, rehearsed(one.verb, {**arguments, **row.arguments}, by), to)
        if row.is_wanted
        else row
        for row in rows
    ]


def _with(row: Row, outcome: Held | Refusal | None, to: Visitor) -> Row:
    if isinstance(outcome, Refusal):
        return replace(row, outcome="skip", told=outcome.in_language(to.language))
    if isinstance(outcome, Held):
        why = tell(outcome.why, to.language)
        return replace(row, outcome="held", told=fill(WAITS, {"why": why}, to.language))
    return replace(row, outcome="todo", told="")


def _run(
    one: Bulk,
    rows: Sequence[Row],
    arguments: dict[str, Any],
    by: Actor,
    form: uuid.UUID,
    to: Visitor,
) -> list[Row]:
    """Each row by a command of its own, in order; a refusal of one stops no other."""
    made = []
    for row in rows:
        own = replace(by, request_id=request_id_for(form, one.verb, row.pk))
        try:
            done = run_json(one.verb, {**arguments, **row.arguments}, own)
        except Refusal as refusal:
            told = told_of(refusal, one.verb, to.language)
            made.append(replace(row, outcome="refused", told=told))
            continue
        if isinstance(done, Held):
            made.append(_with(row, done, to))
            continue
        amount = how_much(done.answer, own.request_id, to)
        made.append(replace(row, outcome="done", told=amount))
    return made


def _as_lines(
    page: ListPage, one: Bulk, rows: Sequence[Row], request: HttpRequest, to: Visitor
) -> HttpResponse:
    """The form of the command, with the rows as its lines."""
    given: dict[str, Any] = {"next": _back(page, request)}
    for path, values in _shared(one, rows).items():
        if len(values) > 1:
            label = labels.of_argument(f"{one.verb}.{path}").in_language(to.language)
            refuse_next(request, fill(NOT_SHARED, {"name": label}, to.language))
            return HttpResponseRedirect(_back(page, request))
        given[path] = next(iter(values))
    for n, row in enumerate([row for row in rows if row.is_wanted][:MAX_LINES]):
        given |= {f"{one.lines}.{n}.{name}": value for name, value in row.arguments.items()}
    return HttpResponseRedirect(f"/do/{one.verb}?{urlencode(given)}")


def _shared(one: Bulk, rows: Sequence[Row]) -> dict[str, set[Any]]:
    return {path: {row.common[path] for row in rows} for path in one.common}


@dataclass(frozen=True)
class _Asked:
    """What was asked for, and its pages."""

    page: ListPage
    one: Bulk
    given: Mapping[str, str]
    request: HttpRequest
    to: Visitor
    cut: str = ""

    @property
    def _schema(self) -> dict[str, Any]:
        """The schema of what the rows do not fill in."""
        schema = self.one.command.arguments.model_json_schema()
        filled = {path.partition(".")[0] for path in (*self.one.filled, *self.one.fixed)}
        left = {n: one for n, one in schema.get("properties", {}).items() if n not in filled}
        required = [name for name in schema.get("required", ()) if name not in filled]
        return {**schema, "properties": left, "required": required}

    @property
    def is_asking(self) -> bool:
        """Whether the command needs more than the rows tell."""
        return bool(self._schema["properties"])

    def arguments(self) -> dict[str, Any]:
        """What was filled in."""
        schema, resolver = self._schema, Resolver(self.one.verb, self.to)
        read = fields.read(schema, schema.get("$defs", {}), self.given, resolver)
        if resolver.problems:
            raise InvalidInput(
                sentence("Some fields cannot be read. Correct them where it is said."),
                details=[{"field": p, "problem": told} for p, told in resolver.problems.items()],
            )
        missing = [name for name in schema["required"] if name not in read]
        if missing:
            raise InvalidInput(sentence("This is needed; fill it in."), field=missing[0])
        return dict(read)

    def form(
        self,
        rows: Sequence[Row],
        problems: Mapping[str, str] | None = None,
        told: str = "",
        status: int = 200,
        *,
        is_tried: bool = False,
    ) -> HttpResponse:
        """What will be done, to be confirmed; where more is asked first, what is asked."""
        schema, problems = self._schema, problems or {}
        maker = fields.Maker(schema.get("$defs", {}), self.one.verb, self.to, self.given, problems)
        wanted = [row for row in rows if row.is_wanted]
        context = self._context | {
            "fields": maker.fields(schema),
            "told": told if not set(problems) & {*schema["properties"], SIGNATURE} else "",
            "wrong_signature": problems.get(SIGNATURE, ""),
            "wanted": wanted,
            "skipped": [row for row in rows if not row.is_wanted],
            "held": sum(row.outcome == "held" for row in rows),
            "is_tried": is_tried,
            "sent": wanted if is_tried else rows,
            "signed": self.one.command.signed,
            "request_id": self.request.POST.get("request_id") or uuid.uuid4(),
        }
        return render(self.request, "tw/bulk.html", context, status=status)

    @property
    def _context(self) -> dict[str, Any]:
        return {
            "title": labels.of_verb(self.one.verb).in_language(self.to.language),
            "list_title": labels.of_resource(self.page.name).in_language(self.to.language),
            "back": _back(self.page, self.request),
            "asked": self.request.POST.get("asked", "")[:4_000],
            "cut": self.cut,
        }
