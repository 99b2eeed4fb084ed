"""Resources and questions over HTTP: lists, single rows, answers."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from traceward.api.callers import Caller
from traceward.api.problems import json_answer, language_of, retold
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, sentence
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.people import grants_of
from traceward.kernel.command.seen import tag_of
from traceward.kernel.documents.files import content_of
from traceward.kernel.documents.models import Document, DocumentFile
from traceward.resources import asking, reading
from traceward.resources.answering import answer
from traceward.resources.kit import RESOURCES, Question, Reader, Resource
from traceward.resources.label_files import PRINTS, labels_as
from traceward.resources.plain import plain


def reader_of(caller: Caller, name: str) -> Reader:
    """The caller as a reader of this name; refused where no role of theirs may read it."""
    grants = grants_of(caller.person.pk, name)
    if not grants:
        raise NotAllowed(
            sentence("You may not read “{name}”. Ask an administrator for a role that may."),
            name=name,
        )
    return Reader(caller.person.pk, grants)


def list_view(resource: Resource) -> Callable[..., HttpResponse]:
    """A page of rows."""

    def get(request: HttpRequest) -> HttpResponse:
        return json_answer(persistent(lambda: _page(request, resource)))

    return get


def _page(request: HttpRequest, resource: Resource) -> dict[str, Any]:
    to = reader_of(request.auth, resource.name)  # type: ignore[attr-defined]  # set by ninja
    asked = asking.read(resource, dict(request.GET.lists()))
    page = reading.page(resource, asked, to)
    rows = retold(page.rows, language_of(request)) if resource.as_json else page.rows
    told: dict[str, Any] = {"rows": rows, "next_cursor": page.next_cursor}
    return told | ({"count": page.count} if asked.is_counted else {})


def row_view(resource: Resource) -> Callable[..., HttpResponse]:
    """One row, by its id or uid, with its lines."""

    is_document = issubclass(resource.model, Document)

    def get(request: HttpRequest, key: str) -> HttpResponse:
        row = persistent(lambda: _row(request, resource, key))
        told = json_answer(row)
        if is_document and {"id", "version"} <= row.keys():
            told["ETag"] = tag_of(row["id"], row["version"])
        return told

    return get


def _row(request: HttpRequest, resource: Resource, key: str) -> dict[str, Any]:
    to = reader_of(request.auth, resource.name)  # type: ignore[attr-defined]  # set by ninja
    given = dict(request.GET.lists())
    for name in given:
        if name != "fields":
            raise InvalidInput(
                sentence("Only “fields” can be asked for with one row."), field=name[:100]
            )
    asking.require_readable(given)
    row = reading.one(resource, key, asking.fields_of(resource, given), to)
    return retold(row, language_of(request)) if resource.as_json else row


def file_view(request: HttpRequest, key: str) -> HttpResponse:
    """The bytes of a document's file, for who may read its row."""
    file = persistent(lambda: _row(request, RESOURCES["documents.files"], key))
    content = content_of(DocumentFile.objects.select_related("file").get(pk=file["id"]).file)
    file_answer = HttpResponse(content.content, content_type=content.media_type)
    header = content_disposition_header(True, file["file_name"]) or "attachment"
    file_answer["Content-Disposition"] = header
    file_answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    file_answer["X-Content-Type-Options"] = "nosniff"
    return file_answer


def labels_view(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """The labels of a print, for who may print such labels."""
    caller = request.auth  # type: ignore[attr-defined]  # set by ninja
    to = reader_of(caller, PRINTS)

    def may(verb: str) -> bool:
        return bool(grants_of(caller.person.pk, verb))

    content = persistent(lambda: labels_as(form, key, to, may))
    labels = HttpResponse(content.content, content_type=content.media_type)
    header = content_disposition_header(True, content.name) or "attachment"
    labels["Content-Disposition"] = header
    labels["X-Content-Type-Options"] = "nosniff"
    return labels


def question_view(question: Question) -> Callable[..., HttpResponse]:
    """The answer to a question."""

    def get(request: HttpRequest) -> HttpResponse:
        return json_answer({"answer": plain(persistent(lambda: _answer(request, question)))})

    return get


def _answer(request: HttpRequest, question: Question) -> Any:
    to = reader_of(request.auth, question.name)  # type: ignore[attr-defined]  # set by ninja
    return answer(question, dict(request.GET.lists()), to)
