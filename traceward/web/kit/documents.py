"""Document: one record with its life: where it stands, what is next, what belongs to it.

    document_page("sales.orders", facts=("customer", "deliver_to"), next={"open": ("sales.close",)})

A resource without a declaration has a page, too: all of its columns are facts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.seen import tag_of
from traceward.kernel.documents.files import content_of
from traceward.kernel.documents.models import Document, DocumentFile, kinds
from traceward.kernel.records.store import FileDamaged
from traceward.resources import asking, labels, reading
from traceward.resources.documents import DEVICE
from traceward.resources.kit import RESOURCES, Resource
from traceward.web.kit.cells import Cell, cells_of, name_of, plain, show, stems_of
from traceward.web.kit.forms import address, asks_for
from traceward.web.kit.frames import forbidden
from traceward.web.kit.history import History, history_of
from traceward.web.kit.lists import Link
from traceward.web.kit.questions import links_of
from traceward.web.kit.tones import tone_of
from traceward.web.visitors import Visitor, visitor_of

#: Related documents, and files, that the page shows.
SHOWN = 50
PLAIN = "text/plain; charset=utf-8"
#: Ends of a life that are no step on the way.
ENDS = frozenset({"cancelled", "withdrawn"})


@dataclass(frozen=True)
class DocumentPage:
    """What the page of one row shows; see the module."""

    name: str
    facts: tuple[str, ...] = ()
    #: Of the lines that come along: the cells of each kind.
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: State → the verbs that come next, the main one first.
    next: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def resource(self) -> Resource:
        return RESOURCES[self.name]

    @property
    def is_document(self) -> bool:
        return issubclass(self.resource.model, Document)

    @cached_property
    def shown(self) -> tuple[Cell, ...]:
        left_out = {"number", "state", "legal_entity_code", *self.resource.parts}
        names = self.facts or tuple(
            # a verb that reads what is kept apart is offered as such
            name
            for name in stems_of(self.resource)
            if name not in left_out and not name.endswith("_read_by")
        )
        return cells_of(self.resource, names)

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The states on the longest way through its life."""
        pairs: set[tuple[str, str]] = set(getattr(self.resource.model, "TRANSITIONS", ()))
        pairs = {(a, b) for a, b in pairs if not {a, b} & ENDS}
        starts = {a for a, _ in pairs} - {b for _, b in pairs}
        ways = [_longest(start, pairs, ()) for start in sorted(starts)]
        return max(ways, key=len, default=())

    @cached_property
    def verbs(self) -> tuple[tuple[str, str], ...]:
        """(verb, argument) of every command that is about such a row."""
        found = []
        for verb, command in sorted(REGISTRY.items()):
            argument, rows = asks_for(command)
            if rows == self.name:
                found.append((verb, argument))
        return tuple(found)


def _longest(at: str, pairs: set[tuple[str, str]], way: tuple[str, ...]) -> tuple[str, ...]:
    following = [b for a, b in sorted(pairs) if a == at and b not in way and b != at]
    ways = [_longest(one, pairs, (*way, at)) for one in following]
    return max(ways, key=len, default=(*way, at))


DOCUMENTS: dict[str, DocumentPage] = {}


def document_page(name: str, **how: Any) -> DocumentPage:
    """The page of one row of the resource looks like this from now on."""
    made = DOCUMENTS[name] = DocumentPage(name, **how)
    return made


def page_of(name: str) -> DocumentPage:
    """The page of a row of this resource, declared or not."""
    if name not in RESOURCES:
        raise Http404
    return DOCUMENTS.get(name) or document_page(name)


def show_document(request: HttpRequest, area: str, noun: str, key: str) -> HttpResponse:
    """One row."""
    page: DocumentPage = page_of(f"{area}.{noun}")
    to = visitor_of(request)
    if not to.may(page.name):
        return forbidden(request, page.name)
    try:
        row = persistent(
            lambda: reading.one(
                page.resource, key, tuple(page.resource.columns.values()), to.reader(page.name)
            )
        )
    except Refusal as refusal:
        raise Http404(refusal.in_language(to.language)) from None
    if page.name == "documents.documents" and (own := own_page(row, to)):
        return HttpResponseRedirect(own)
    told = request.session.pop("told", "") if "told" in request.session else ""
    tab = "files" if request.GET.get("tab") == "files" else "history"
    context = {"doc": _Shown(page, row, to), "told": told, "tab": tab}
    return render(request, "tw/document.html", context)


def show_file(request: HttpRequest, key: str) -> HttpResponse:
    """The bytes of a document's file, for who may read its row."""
    to = visitor_of(request)
    files = RESOURCES["documents.files"]
    if not to.may(files.name):
        return forbidden(request, files.name)
    try:
        columns = (files.columns["id"],)
        row = persistent(lambda: reading.one(files, key, columns, to.reader(files.name)))
        content = content_of(DocumentFile.objects.select_related("file").get(pk=row["id"]).file)
    except FileDamaged as refusal:
        told = refusal.in_language(to.language)
        return HttpResponse(told, status=refusal.http_status, content_type=PLAIN)
    except Refusal as refusal:
        raise Http404(refusal.in_language(to.language)) from None
    answer = HttpResponse(content.content, content_type=content.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, content.name) or "attachment"
    return answer


def own_page(row: Mapping[str, Any], to: Visitor) -> str:
    """The page of the document's own kind."""
    name = name_of(kinds().get(row["kind"]))
    return f"/{name.replace('.', '/')}/{row['id']}" if name and to.may(name) else ""


@dataclass(frozen=True)
class _Shown:
    """The row as its template asks for it."""

    page: DocumentPage
    row: Mapping[str, Any]
    to: Visitor

    @property
    def kind(self) -> str:
        return labels.of_row(self.page.name).in_language(self.to.language)

    @property
    def list_address(self) -> str:
        return f"/{self.page.name.replace('.', '/')}"

    @property
    def list_title(self) -> str:
        return labels.of_resource(self.page.name).in_language(self.to.language)

    @property
    def title(self) -> str:
        for name in ("number", "raw_number", "code", "name", "login", "label"):
            if name in self.page.resource.columns or name == "name":
                try:
                    shown = plain(self.page.resource, name, self.row, self.to)
                except ValueError:
                    continue
                if shown and shown != "—":
                    return shown
        return f"{self.kind} {self.row['id']}"

    @property
    def state(self) -> Link | None:
        found = self.row.get("state")
        if not isinstance(found, str):
            return None
        words = self._state(found)
        return Link(words, "", tone=tone_of(found))

    def _state(self, state: str) -> str:
        words = labels.of_value(f"{self.page.name}.state", str(state))
        return words.in_language(self.to.language)

    @property
    def stepper(self) -> list[dict[str, Any]]:
        """The steps of its life: done, now, to come."""
        now = self.row.get("state")
        steps = self.page.steps
        if len(steps) < 2:
            return []
        at = steps.index(now) if now in steps else -1
        is_over = at == len(steps) - 1
        return [
            {
                "text": self._state(step),
                "css": "tw-done" if n < at or is_over else "tw-now" if n == at else "tw-todo",
                "n": n + 1,
            }
            for n, step in enumerate(steps)
        ]

    @property
    def facts(self) -> list[tuple[str, Any]]:
        return [(cell.label(self.to.language), cell.html(self.row, self.to)) for cell in self._full]

    @property
    def _full(self) -> list[Cell]:
        """Facts that say something; what is empty is left out."""
        return [c for c in self.page.shown if any(self.row.get(n) is not None for n in c.names)]

    @cached_property
    def actions(self) -> list[Link]:
        """What the visitor may do next with it, the legal step first."""
        return [link for link in self._links if link.tone == "next"]

    @cached_property
    def more(self) -> list[Link]:
        """What else is about such a row; the command itself says where it is not possible."""
        return [link for link in self._links if link.tone != "next"]

    @cached_property
    def _links(self) -> list[Link]:
        usable = {verb: argument for verb, argument in self.page.verbs if self.to.may(verb)}
        wanted = [v for v in self.page.next.get(str(self.row.get("state")), ()) if v in usable]
        order = [*wanted, *(verb for verb in usable if verb not in wanted)]
        here = f"{self.list_address}/{self.row['id']}"
        return [
            Link(
                labels.of_verb(verb).in_language(self.to.language),
                address(verb, **filled(self.page, usable[verb], self.row, here)),
                verb in wanted[:1],
                tone="next" if verb in wanted[:3] else "",
            )
            for verb in order
        ]

    @cached_property
    def parts(self) -> list[dict[str, Any]]:
        """Its lines, each kind as a table."""
        made = []
        for name, (rows, column) in self.page.resource.parts.items():
            lines = RESOURCES[rows]
            stem = column.removesuffix("_id")
            declared = self.page.lines.get(name) or _telling(lines, stem)
            cells = cells_of(lines, declared)
            found = self.row[name]
            made.append(
                {
                    "title": labels.of_resource(rows).in_language(self.to.language),
                    "count": len(found),
                    "heads": [(c.label(self.to.language), c.is_number) for c in cells],
                    "rows": [[(c.html(r, self.to), c.is_number) for c in cells] for r in found],
                    "more": f"/{rows.replace('.', '/')}?{column}={self.row['id']}",
                    "is_cut": len(found) >= reading.MAX_PARTS,
                }
            )
        return made

    @cached_property
    def related(self) -> list[dict[str, Any]]:
        """Documents that belong to it, either way."""
        if not self.page.is_document or not self.to.may("documents.links"):
            return []
        made = {}
        for one, other in (("earlier", "later"), ("later", "earlier")):
            for row in self._rows("documents.links", {f"{one}_id": [str(self.row["id"])]}):
                made[row[f"{other}_id"]] = {
                    "kind": labels.of_row(_resource_of(row[f"{other}_kind"])).in_language(
                        self.to.language
                    ),
                    "number": row[f"{other}_number"],
                    "address": f"/documents/documents/{row[f'{other}_id']}",
                }
        return list(made.values())

    @cached_property
    def questions(self) -> list[Link]:
        """What may be asked about it."""
        return links_of(self.page.name, self.row["id"], self.to)

    @cached_property
    def history(self) -> History:
        """What was done to it."""
        return history_of(self.page.resource, self.row, self.to)

    @cached_property
    def files(self) -> list[dict[str, Any]]:
        if not self.page.is_document or not self.to.may("documents.files"):
            return []
        rows = self._rows("documents.files", {"document_id": [str(self.row["id"])]})
        resource = RESOURCES["documents.files"]
        return [
            {
                "name": row["file_name"],
                "at": show(resource, "file_stored_at", row, self.to),
                "address": f"/documents/files/{row['id']}/content",
            }
            for row in rows
        ]

    def _rows(self, name: str, given: dict[str, list[str]]) -> list[reading.Row]:
        resource = RESOURCES[name]
        asked = asking.read(resource, {**given, "limit": [str(SHOWN)]})
        return reading.page(resource, asked, self.to.reader(name)).rows


def filled(page: DocumentPage, argument: str, row: Mapping[str, Any], after: str) -> dict[str, str]:
    """What the form of a command about this row begins with, and where it leads afterwards."""
    given = {argument: str(row["id"]), "next": after}
    if page.is_document and "version" in row:
        given["seen"] = tag_of(row["id"], row["version"])
    return given


def _telling(lines: Resource, header: str) -> tuple[str, ...]:
    """What lines show where nothing is declared: neither their header nor the device record."""
    left_out = {header, f"{header}_state", *DEVICE}
    return tuple(name for name in stems_of(lines) if name not in left_out)


def _resource_of(kind: str) -> str:
    return name_of(kinds().get(kind)) or "documents.documents"
