"""Find: one box for a number, a scan, a name, a page or a command, as far as the visitor may see.

Numbers are found by how they begin, which an index answers in a table of any size; within numbers
the list searches, to which each group leads.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from traceward.domain.stock.rules import normalised
from traceward.domain.warehousing.scanning.lookup import LookedUp
from traceward.kernel.base.codes import OWN
from traceward.kernel.base.gs1 import SCAN_LIMIT
from traceward.kernel.base.refusals import fill, sentence
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.documents.models import kinds
from traceward.resources import asking, labels, reading
from traceward.resources.kit import QUESTIONS, RESOURCES
from traceward.resources.labels.summaries import SUMMARIES
from traceward.resources.scanning import look_up
from traceward.web.kit.by_hand import OPENED, opened_at
from traceward.web.kit.cells import cells_of, name_of
from traceward.web.kit.opened import own_page
from traceward.web.kit.pickers import LAST, UNREADABLE
from traceward.web.kit.shell import address_of, module_of
from traceward.web.kit.verbs import form_of
from traceward.web.kit.worklists import ONE_BY_ONE, works_for
from traceward.web.visitors import Visitor, is_part, visitor_of

#: Hits of each kind that are shown.
SHOWN = 8
LOOK_UP = "warehousing.look_up"
DOCUMENTS = "documents.documents"
#: What a code may stand for, and where its page is.
PAGES = {
    "document": DOCUMENTS,
    "lot": "stock.lots",
    "serial": "stock.serials",
    "container": "stock.containers",
    "item": "catalog.items",
    "place": "places.places",
}
#: Found by how their number begins, as records keep it.
NUMBERED: dict[str, Callable[[str], str]] = {
    DOCUMENTS: str.upper,
    "stock.lots": normalised,
    "stock.serials": normalised,
    "stock.containers": str,
}
#: What can be traced, by the name in its address; so many are offered.
TRACED, FEW = {"stock.lots": "lot", "stock.serials": "serial"}, 3
#: Found by whatever their list searches; none of them is long.
NAMED = (
    *("catalog.items", "partners.partners", "org.parties", "places.places", "org.people"),
    "partners.licences",
)
#: What a hit shows: its name first.
FACTS = {
    DOCUMENTS: ("number", "kind", "state", "site"),
    "stock.lots": ("raw_number", "item", "expires_on"),
    "stock.serials": ("raw_number", "item", "lot"),
    "stock.containers": ("code",),
    "catalog.items": ("name", "code", "model"),
    "partners.partners": ("party", "code"),
    "org.parties": ("name", "uscc"),
    "partners.licences": ("number", "kind", "party", "valid_until"),
    "places.places": ("code", "name", "kind", "site"),
    "org.people": ("name", "login"),
}
TOO_LONG = sentence("This is longer than any code: at most {limit} characters can be looked up.")
NO_TEXT = sentence("This holds characters that no number, name or barcode has. Type it by hand.")


@dataclass(frozen=True)
class Hit:
    """One thing found: what it is called, what tells it from others, its page."""

    text: str
    more: str
    address: str


@dataclass(frozen=True)
class Group:
    """Hits of one kind; `all` leads to the list that searches further."""

    title: str
    hits: tuple[Hit, ...]
    all: str = ""


def find(request: HttpRequest) -> HttpResponse:
    """What the text may be; straight to it where it is one document or one scanned thing."""
    to = visitor_of(request)
    text = request.GET.get("q", "").strip(" \t\r\n\u3000")
    problem = _problem(text, to)
    page = "tw/found.html" if is_part(request) else "tw/find.html"
    if problem or not text:
        context: dict[str, Any] = {"q": "", "problem": problem}
        is_wrong = bool(problem) and not is_part(request)
        return render(request, page, context, status=422 if is_wrong else 200)
    seen = persistent(lambda: _looked_up(text, to))
    straight = persistent(lambda: _document(text, to) or _scanned(seen, to))
    if straight and not is_part(request):
        return HttpResponseRedirect(straight)
    groups = persistent(lambda: tuple(_groups(text, seen, to)))
    told = _told(seen, groups, to)
    context = {"q": text, "groups": groups, "told": told, "straight": straight}
    return render(request, page, context)


def _problem(text: str, to: Visitor) -> str:
    """Why the text cannot be looked up at all; empty where it can."""
    if len(text) > SCAN_LIMIT:
        return fill(TOO_LONG, {"limit": SCAN_LIMIT}, to.language)
    return fill(NO_TEXT, {}, to.language) if UNREADABLE.search(text) else ""


def _looked_up(text: str, to: Visitor) -> LookedUp | None:
    return look_up([text], to=to.reader(LOOK_UP)) if to.may(LOOK_UP) else None


def _told(seen: LookedUp | None, groups: tuple[Group, ...], to: Visitor) -> str:
    """What the scan service says of a barcode that led nowhere."""
    if groups or seen is None or seen.told is None or seen.systems in ((), (OWN,)):
        return ""
    return seen.told.zh if to.language.startswith("zh") else seen.told.en


def _document(text: str, to: Visitor) -> str:
    """The page of the document that has just this number; empty where the visitor sees none."""
    if not to.may(DOCUMENTS):
        return ""
    found = reading.visible(RESOURCES[DOCUMENTS], to.reader(DOCUMENTS))
    rows = found.filter(number=text.upper()).values("id", "kind")[:2]
    return _document_page(dict(rows[0]), to) if len(rows) == 1 else ""


def _document_page(row: Mapping[str, Any], to: Visitor) -> str:
    return own_page(row, to) or f"{address_of(DOCUMENTS)}/{row['id']}"


def _scanned(seen: LookedUp | None, to: Visitor) -> str:
    """The page of the one thing that the code stands for, where the visitor may open it."""
    if seen is None or seen.found is None or seen.candidates:
        return ""
    name = PAGES.get(seen.found.kind, "")
    if not name or not to.may(name):
        return ""
    if not reading.visible(RESOURCES[name], to.reader(name)).filter(pk=seen.found.id).exists():
        return ""
    return f"{address_of(name)}/{seen.found.id}"


def _groups(text: str, seen: LookedUp | None, to: Visitor) -> Iterator[Group]:
    """Everything found, in the order in which it is likely to be meant."""
    meant: dict[str, list[int]] = {}
    for one in seen.candidates if seen else ():
        meant.setdefault(PAGES.get(one.kind, ""), []).append(one.id)
    for name, kept in NUMBERED.items():
        begin = kept(text)
        found = Q(pk__in=meant.get(name, ()))
        column = "code" if name == "stock.containers" else "number"
        if begin:
            found |= Q(**{f"{column}__gte": begin, f"{column}__lt": begin + LAST})
        if name == "stock.lots":
            found |= Q(own_lot=text)
        yield from _records(name, text, found, to)
    for name in NAMED:
        searched = asking.read(RESOURCES[name], {"q": [text]}).condition
        yield from _records(name, text, Q(pk__in=meant.get(name, ())) | searched, to)
    yield from _pages(text, to)
    yield from _commands(text, to)


def _records(name: str, text: str, found: Q, to: Visitor) -> Iterator[Group]:
    if not to.may(name):
        return
    resource = RESOURCES[name]
    first, *others = cells_of(resource, FACTS[name])
    columns = dict.fromkeys(["id", *(n for cell in (first, *others) for n in cell.names)])
    asked = asking.read(resource, {"fields": [",".join(columns)], "limit": [str(SHOWN)]})
    rows = reading.page(resource, replace(asked, condition=found), to.reader(name)).rows
    hits = tuple(
        Hit(
            first.text(row, to),
            " · ".join(told for cell in others if (told := cell.text(row, to)) not in ("", "—")),
            _document_page(row, to) if name == DOCUMENTS else f"{address_of(name)}/{row['id']}",
        )
        for row in rows
    )
    if hits:
        title = labels.of_resource(name).in_language(to.language)
        yield Group(title, hits, f"{address_of(name)}?{urlencode({'q': text})}")
    if name == DOCUMENTS:
        yield from _opened(rows, hits, to)
    if hits and name in TRACED and to.may("trace.identify"):
        traced = tuple(
            replace(hit, address=f"/trace/{TRACED[name]}/{row['id']}")
            for hit, row in zip(hits[:FEW], rows, strict=False)
        )
        title = labels.of_question("trace.identify").in_language(to.language)
        yield Group(title, traced, f"/trace?{urlencode({'code': text})}")


def _opened(rows: Sequence[Mapping[str, Any]], hits: Sequence[Hit], to: Visitor) -> Iterator[Group]:
    """The documents that have a page by hand, by that page."""
    made: dict[str, list[Hit]] = {}
    for row, hit in zip(rows, hits, strict=True):
        name = name_of(kinds().get(row["kind"])) or ""
        if at := opened_at(name, row["id"], to):
            made.setdefault(OPENED[name][0], []).append(replace(hit, address=at))
    for question, several in made.items():
        title = labels.of_question(question).in_language(to.language)
        yield Group(title, tuple(several[:FEW]))


def _is_in(text: str, *names: str) -> bool:
    return any(text.casefold() in name.casefold() for name in names)


def _pages(text: str, to: Visitor) -> Iterator[Group]:
    """Worklists, lists and questions whose title, in either language, has the text in it."""
    hits = []
    one_by_one = fill(ONE_BY_ONE, {}, to.language)
    for work in works_for(to):
        if _is_in(text, work.title(to), work.key, one_by_one):
            hits.append(Hit(work.title(to), one_by_one, work.address))
    for name in (*RESOURCES, *QUESTIONS):
        words = labels.of_resource(name)
        if to.may(name) and _is_in(text, *words, name):
            module = module_of(name)
            under = module.words.in_language(to.language) if module else ""
            hits.append(Hit(words.in_language(to.language), under, address_of(name)))
    if hits:
        title = fill(sentence("Pages"), {}, to.language)
        yield Group(title, tuple(sorted(hits, key=_length)[:SHOWN]))


def _commands(text: str, to: Visitor) -> Iterator[Group]:
    """What the visitor may do, by what its button says."""
    hits = []
    for verb in REGISTRY:
        if to.may(verb) and _is_in(text, *labels.of_verb(verb), verb):
            words = labels.of_verb(verb).in_language(to.language)
            summary = REGISTRY[verb].summary
            told = SUMMARIES.get(verb, summary) if to.language.startswith("zh") else summary
            hits.append(Hit(words, told, form_of(verb)))
    if hits:
        title = fill(sentence("Actions"), {}, to.language)
        yield Group(title, tuple(sorted(hits, key=_length)[:SHOWN]))


def _length(hit: Hit) -> tuple[int, str]:
    """The shortest first: it has the least besides the text."""
    return len(hit.text), hit.text
