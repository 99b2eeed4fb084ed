"""Question: a form of its arguments, and the answer as facts and tables; the address holds both.

    about("stock.lots", ("trace.forward", "lots"), ("trace.timeline", "nodes"))

Every question has a page. What is declared with `about` is offered on the page of such a row.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from pydantic import AwareDatetime

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.org.models import Site
from traceward.resources import labels
from traceward.resources.answering import answer
from traceward.resources.ids import list_of as list_of_id
from traceward.resources.kit import QUESTIONS, Question
from traceward.resources.plain import is_list, leaf_of, plain
from traceward.web.kit.answers import (
    Json,
    aware,
    called,
    columns_of,
    flat,
    is_table,
    lists_of,
    local,
    sheet_of,
    text_of,
)
from traceward.web.kit.by_hand import links_by_hand
from traceward.web.kit.cells import ENDINGS, NONE, ending, is_over, is_state, over
from traceward.web.kit.fields import Field
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import Link
from traceward.web.kit.pickers import CHOSEN, MAX_LENGTH, meant, rows
from traceward.web.kit.tabled import SHOWN, Table
from traceward.web.kit.tones import tone_of
from traceward.web.sites import site_of
from traceward.web.visitors import Visitor, visitor_of

#: A text longer than this may take several lines.
LONG = 12
#: Records that one argument names on the page.
NAMED = 20
#: So many fields are all shown beside their answer.
FEW = 2
#: What the arguments of questions with several records are the ids of.
RECORDS = {
    "items": ("catalog.items",),
    "lots": ("stock.lots",),
    "serials": ("stock.serials",),
    "nodes": ("stock.lots", "stock.serials"),
    "containers": ("stock.containers",),
    "documents": ("documents.documents",),
    "lines": ("documents.lines",),
    "line_id": ("documents.lines",),
    "places": ("places.places",),
    "partners": ("org.parties",),
}
#: Asked about something: one of several arguments must say what.
BEGINNING = frozenset({"trace.forward", "trace.backward", "stock.passed_over", "recalls.what_if"})
#: Looked for in every paper or lot: only when somebody presses the button.
SLOW = frozenset({"records.completeness", "trace.completeness"})
#: By list, the questions about one of its rows: (question, argument).
ABOUT: dict[str, list[tuple[str, str]]] = defaultdict(list)
DOCUMENTS, SITES = "documents.documents", "org.sites"
#: Where an answer says a site by its code.
AT_SITES = frozenset({"site", "from_site", "to_site"})
#: Asked of the stock of the row's own site, by who sees that.
OF_ITS_SITE = frozenset({"stock.passed_over", "places.standing"})
#: With what a question is asked where nothing is said.
BEGUN = {"stock.on_hand": {"is_inside": ["true"]}}
#: By question, how its answer is drawn above its tables.
DRAWINGS: dict[str, Callable[[Sequence[Any], Visitor], SafeString]] = {}
#: How moments are declared, and which input asks for what else.
MOMENTS = (datetime, AwareDatetime)
KINDS: dict[Any, str] = {int: "integer", date: "day", bool: "yes"}
#: Arguments that a person does not fill in.
HIDDEN = frozenset({"limit", "after", "after_at", "after_id", "line_id", "site_code"})

Given = Mapping[str, Sequence[str]]


def about(name: str, *pairs: tuple[str, str]) -> None:
    """The page of a row of this list offers the questions, each asked with the row's id."""
    ABOUT[name].extend(pairs)


def address_of(name: str, **given: Any) -> str:
    """Where the question is asked, with some arguments filled in."""
    return f"/ask/{name}{'?' if given else ''}{urlencode(given, doseq=True)}"


def links_of(name: str, row: Mapping[str, Any], to: Visitor) -> list[Link]:
    """The questions about the row that the visitor may ask, a page by hand first."""
    return links_by_hand(name, row, to) + [
        Link(
            labels.of_question(question).in_language(to.language),
            address_of(question, **{argument: f"#{row['id']}"}),
        )
        for question, argument in ABOUT.get(name, ())
        if to.may(question)
        and (question not in OF_ITS_SITE or _is_within(row, name == SITES, question, to))
    ]


def _is_within(row: Mapping[str, Any], is_site: bool, question: str, to: Visitor) -> bool:
    sites = to.reader(question).sites()
    return sites is None or row["id" if is_site else "site_id"] in sites


def show_question(request: HttpRequest, name: str) -> HttpResponse:
    """The question as the address asks it."""
    question, to = _question(name), visitor_of(request)
    if not to.may(name):
        return forbidden(request, name)
    asked = _Asked(question, _here(question, _texts(request), to), to)
    return render(request, "tw/question.html", {"ask": asked}, status=422 if asked.problem else 200)


def export(request: HttpRequest, name: str) -> HttpResponse:
    """One table of the answer as a file."""
    question, to = _question(name), visitor_of(request)
    if not to.may(name):
        return forbidden(request, name)
    asked = _Asked(question, _texts(request), to)
    if asked.problem:
        return render(request, "tw/question.html", {"ask": asked}, status=422)
    wanted = request.GET.get("part", "")
    table = next((one for one in asked.tables if one.key == wanted), None)
    if table is None:
        raise Http404
    title = f"{asked.title} {to.today.isoformat()}.csv"
    made = HttpResponse(table.file(), content_type="text/csv; charset=utf-8")
    made["Content-Disposition"] = content_disposition_header(True, title) or "attachment"
    return made


def _question(name: str) -> Question:
    if name not in QUESTIONS:
        raise Http404
    return QUESTIONS[name]


def _texts(request: HttpRequest) -> dict[str, list[str]]:
    """What was asked with, by argument; several of one argument are name, name.1, name.2 …"""
    found: dict[str, list[str]] = defaultdict(list)
    for name, texts in request.GET.lists():
        if name != "part":
            found[name.partition(".")[0]].extend(text.strip() for text in texts if text.strip())
    return {name: texts for name, texts in found.items() if texts}


def _here(question: Question, given: dict[str, list[str]], to: Visitor) -> dict[str, list[str]]:
    """Of a question about one site: that of the top bar, where no other is asked for."""
    one = question.arguments.model_fields.get("site_id")
    if here := site_of(to) if one is not None and one.is_required() else None:
        return {"site_id": [f"#{here.id}"], **given}
    return given or BEGUN.get(question.name, given)


class _Asked:
    """A question, what it was asked with, and what it answers."""

    def __init__(self, question: Question, given: Given, to: Visitor) -> None:
        self.question, self.given, self.to = question, given, to
        self.problems: dict[str, str] = {}
        self.problem = ""
        self.drawing: SafeString | str = ""
        self.is_asked = not self._lacking()
        self.answer: Any = self._ask() if self.is_asked else None
        self.names = self._named()

    # --- Asking -----------------------------------------------------------------------------

    def _lacking(self) -> bool:
        """Whether something must be filled in first: an argument, or where a trace begins."""
        fields = self.question.arguments.model_fields
        if any(one.is_required() and not self.given.get(n) for n, one in fields.items()):
            return True
        if self.question.name in SLOW and not self.given:
            return True
        begins = self.question.name in BEGINNING
        return begins and not any(self.given.get(name) for name in fields if self._lists(name))

    def _ask(self) -> Any:
        """What is answered; None where it was refused, and why is known then."""
        texts = {n: self._read(n, found) for n, found in self.given.items() if n != "ask"}
        if self.problems:
            self.problem = next(iter(self.problems.values()))
            return None
        try:
            found = persistent(
                lambda: answer(self.question, texts, self.to.reader(self.question.name))
            )
        except Refusal as refusal:
            self.problem = refusal.in_language(self.to.language)
            if refusal.field in self.question.arguments.model_fields:
                self.problems[refusal.field] = self.problem
            return None
        if self.question.name in DRAWINGS and found:
            self.drawing = DRAWINGS[self.question.name](found, self.to)
        return plain(found)

    def _read(self, name: str, texts: Sequence[str]) -> list[str]:
        return (
            [self._id(name, one) for one in texts]
            if self._lists(name)
            else self._plain(name, texts)
        )

    def _lists(self, name: str) -> tuple[str, ...]:
        """The lists whose rows the argument names."""
        if name in RECORDS:
            return RECORDS[name]
        found = list_of_id(name, self.question.area) if name.endswith("_id") else None
        return (found,) if found else ()

    def _id(self, name: str, text: str) -> str:
        if chosen := CHOSEN.match(text):
            return chosen[1]
        told = ""
        for listed in self._lists(name):
            found = meant(listed, text, self.to) if self.to.may(listed) else text
            if isinstance(found, int):
                return str(found)
            told = told or found
        self.problems[name] = told
        return text

    def _plain(self, name: str, texts: Sequence[str]) -> list[str]:
        field = self.question.arguments.model_fields.get(name)
        if field is None or leaf_of(field.annotation) not in MOMENTS:
            return list(texts)
        return [aware(one, self.to) for one in texts]

    # --- The form ---------------------------------------------------------------------------

    @property
    def is_elsewhere(self) -> bool:
        """Whether what is wrong is said at no field."""
        return self.problem not in {one.problem for one in self.fields}

    @property
    def title(self) -> str:
        return labels.of_question(self.question.name).in_language(self.to.language)

    @property
    def asked_by(self) -> list[Field]:
        """The fields that the answer stands on; all of them while there is none, or few."""
        if self.answer is None or len(self.fields) <= FEW:
            return self.fields
        return [one for one in self.fields if one.value or one.is_required]

    @property
    def others(self) -> list[Field]:
        """The fields that the answer does without."""
        own = self.asked_by
        return [one for one in self.fields if one not in own]

    @cached_property
    def fields(self) -> list[Field]:
        made: list[Field] = []
        for name, one in self.question.arguments.model_fields.items():
            if name not in HIDDEN:
                made.extend(self._fields(name, one))
        return made

    def _fields(self, name: str, one: Any) -> Iterable[Field]:
        label, lists = self.label(name), self._lists(name)
        texts = list(self.given.get(name, ()))[:NAMED]
        problem = self.problems.get(name, "")
        if lists:
            many = is_list(one.annotation)
            shown = [*(self._worded(lists, text) for text in texts)]
            blank = [""] if not shown or (many and len(shown) < NAMED) else []
            for n, value in enumerate([*shown, *blank]):
                yield Field(
                    f"{name}.{n}" if n else name,
                    "id",
                    label,
                    one.is_required() and n == 0,
                    value,
                    rows=lists[0] if self.to.may(lists[0]) else "",
                    problem=problem if n == 0 else "",
                    where=self._own_sites() if lists[0] == SITES else "",
                )
            return
        leaf = leaf_of(one.annotation)
        kind = "moment" if leaf in MOMENTS else KINDS.get(leaf, "text")
        value = ", ".join(texts)
        if kind == "moment" and texts:
            value = local(texts[0], self.to)
        yield Field(name, kind, label, one.is_required(), value, problem=problem)

    def _own_sites(self) -> str:
        """Which sites are offered: those of which the visitor may ask; empty for all."""
        sites = self.to.reader(self.question.name).sites()
        return "" if sites is None else urlencode({"id": sites}, doseq=True)

    def _worded(self, lists: Sequence[str], text: str) -> str:
        """A chosen record with its words."""
        chosen = CHOSEN.match(text)
        for listed in lists if chosen else ():
            if chosen and self.to.may(listed):
                found = rows(listed, Q(pk=int(chosen[1])), self.to, 1)
                if found:
                    return found[0][1][:MAX_LENGTH]
        return text

    # --- The answer -------------------------------------------------------------------------

    def label(self, name: str) -> str:
        """What an argument, or a field of the answer, is called."""
        if name in self.question.arguments.model_fields or name:
            return labels.of_argument(f"{self.question.name}.{name}").in_language(self.to.language)
        return self.title

    @property
    def is_empty(self) -> bool:
        return self.answer is not None and not self.tables and not self.facts

    @cached_property
    def facts(self) -> list[tuple[str, SafeString]]:
        """What the answer says once."""
        if not isinstance(self.answer, dict):
            return []
        found = flat(self.answer)
        return [
            (self.label(name), self.html(name, found))
            for name in columns_of([found], self.to)
            if found[name] not in (None, [])
        ]

    @cached_property
    def tables(self) -> list[Table]:
        """Lists of rows in it, each a table; those without rows are left out."""
        found = {"": self.answer} if isinstance(self.answer, list) else self.answer or {}
        made: list[Table] = []
        for key, several in found.items():
            if not is_table(several):
                continue
            if "heads" in several[0]:
                made.extend(self._sheet(one) for one in several)
                continue
            lines = [flat(row) for row in several]
            title = self.label(key) if key else self.title
            made.append(Table(key, title, columns_of(lines, self.to), lines, self))
        return made

    def _sheet(self, one: Json) -> Table:
        title, named, lines = sheet_of(one, self.to)
        return Table(one["record"], title, tuple(named), lines, self, named)

    @cached_property
    def _numbers(self) -> dict[int, str]:
        """The documents of the answer by id."""
        rows = (row for table in self.tables for row in table.rows)
        return {row["id"]: row["number"] for row in rows if row.get("number") and "kind" in row}

    def _named(self) -> dict[str, dict[int, tuple[str, str]]]:
        """By field with ids: id → words and address, read at once for each list."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for table in self.tables:
            for name in table.columns:
                for listed in lists_of(name, self.question.area):
                    wanted[listed].update(row[name] for row in table.rows[:SHOWN] if row.get(name))
        words: dict[str, dict[int, tuple[str, str]]] = {}
        for listed, keys in wanted.items():
            if keys and self.to.may(listed):
                words[listed] = called(listed, keys, self.to)
        return words

    @cached_property
    def _sites(self) -> dict[str, str]:
        """The names of all sites by their codes."""
        own = "name_zh" if self.to.language.startswith("zh") else "name_en"
        return {s.code: getattr(s, own) or s.name_zh for s in Site.objects.all()}

    def html(self, name: str, row: Json) -> SafeString:
        """One value of the answer, with a link where it is a record's."""
        found = row.get(name)
        if found is None or found == "":
            return NONE
        shown, under = self.text(name, row), ""
        if name == "item" and isinstance(row.get("names"), dict):
            shown, under = text_of("", row["names"], self.to), shown
        if name in AT_SITES and found in self._sites:
            shown, under = self._sites[found], shown
        link = self._link(name, row)
        if link:
            css = "tw-lnk tw-code" if shown.isascii() and " " not in shown else "tw-lnk"
            first = format_html('<a class="{}" href="{}">{}</a>', css, link, shown)
            code = format_html('<div class="tw-sm tw-t3 tw-code">{}</div>', under)
            return first + code if under else first
        if under:
            said = format_html('<span class="tw-who">{}</span>', shown)
            return said + format_html('<div class="tw-sm tw-t3 tw-code">{}</div>', under)
        if name == "status" and self.question.area == "stock" and is_over(row, self.to):
            return over(self.to)
        if is_state(self.question.name, name):
            return format_html('<span class="tw-tag tw-dot {}">{}</span>', tone_of(found), shown)
        if name in ENDINGS and isinstance(found, date):
            return ending(found, shown, self.to)
        if name in ("why", "what_to_do"):
            return format_html('<span class="tw-sentence">{}</span>', shown)
        if isinstance(found, str | dict | list) and len(shown) > LONG:
            return format_html('<span class="tw-who">{}</span>', shown)
        return format_html("{}", shown)

    def _link(self, name: str, row: Json) -> str:
        """The page of the record that the value names by itself, or beside its id."""
        if name == "number" and row.get("id") in self._numbers and self.to.may(DOCUMENTS):
            return f"/{DOCUMENTS.replace('.', '/')}/{row['id']}"
        name = name[:-3] if name.endswith(("_zh", "_en")) else name
        key = row.get(name) if name.endswith("_id") else row.get(f"{name}_id")
        for listed in lists_of(name if name.endswith("_id") else f"{name}_id", self.question.area):
            known = self.names.get(listed, {}).get(key or 0)
            if known:
                return known[1]
            if key and not name.endswith("_id") and self.to.may(listed):
                return f"/{listed.replace('.', '/')}/{key}"
        return ""

    def text(self, name: str, row: Json) -> str:
        """One value of the answer in words."""
        found = row.get(name)
        if name == "follows":
            return ", ".join(self._numbers.get(key, str(key)) for key in found or ()) or "—"
        if name.endswith("_id"):
            for listed in lists_of(name, self.question.area):
                known = self.names.get(listed, {}).get(found or 0)
                if known:
                    return known[0]
        return text_of(f"{self.question.name}.{name}", found, self.to)
