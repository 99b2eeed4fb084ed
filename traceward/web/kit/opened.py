"""A row that is opened: its page, and the bytes of a document's file."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.documents.contents import kind_of
from traceward.kernel.documents.files import Content, content_of
from traceward.kernel.documents.models import DocumentFile, kinds
from traceward.kernel.records.store import FileDamaged
from traceward.resources import reading
from traceward.resources.kit import RESOURCES
from traceward.web.kit.cells import name_of
from traceward.web.kit.documents import page_of
from traceward.web.kit.frames import forbidden
from traceward.web.kit.neighbours import neighbours
from traceward.web.kit.shown import Shown
from traceward.web.visitors import Visitor, visitor_of

PLAIN = "text/plain; charset=utf-8"


def show_document(request: HttpRequest, area: str, noun: str, key: str) -> HttpResponse:
    """One row."""
    page = page_of(f"{area}.{noun}")
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
    tab = request.GET.get("tab", "")
    context = {
        "doc": Shown(page, row, to),
        "tab": tab if tab in ("audit", "files") else "activity",
        "beside": neighbours(page.name, row["id"], request.GET.get("in", ""), to),
        "came_from": request.GET.get("in", ""),
        "fetched": page.fetched(row, to),
        "picture": page.picture(row),
    }
    return render(request, "tw/document.html", context)


def show_file(request: HttpRequest, key: str) -> HttpResponse:
    """The bytes of a document's file, for who may read its row."""
    to = visitor_of(request)
    files = RESOURCES["documents.files"]
    if not to.may(files.name):
        return forbidden(request, files.name)
    try:
        columns = (files.columns["id"], files.columns["file_name"])
        row = persistent(lambda: reading.one(files, key, columns, to.reader(files.name)))
        content = content_of(DocumentFile.objects.select_related("file").get(pk=row["id"]).file)
    except FileDamaged as refusal:
        told = refusal.in_language(to.language)
        return HttpResponse(told, status=refusal.http_status, content_type=PLAIN)
    except Refusal as refusal:
        raise Http404(refusal.in_language(to.language)) from None
    return handed_out(row["file_name"], content, is_shown="show" in request.GET)


def handed_out(name: str, content: Content, *, is_shown: bool = False) -> HttpResponse:
    """A file as it leaves: saved, not opened, but for a picture; it may run and load nothing."""
    kind = kind_of(content.media_type)
    is_shown &= kind is not None and kind.is_picture
    answer = HttpResponse(content.content, content_type=content.media_type)
    answer["Content-Disposition"] = content_disposition_header(not is_shown, name) or "attachment"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def own_page(row: Mapping[str, Any], to: Visitor) -> str:
    """The page of the document's own kind."""
    name = name_of(kinds().get(row["kind"]))
    return f"/{name.replace('.', '/')}/{row['id']}" if name and to.may(name) else ""
