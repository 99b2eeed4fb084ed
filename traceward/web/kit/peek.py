"""A look at a row beside its list: what it says, without leaving the list."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.resources import labels, reading
from traceward.web.kit.cells import show
from traceward.web.kit.documents import page_of
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import list_of
from traceward.web.visitors import visitor_of


def peek(request: HttpRequest, area: str, noun: str, key: str) -> HttpResponse:
    """What there is to know of the row, as a part of a page."""
    page, to = list_of(f"{area}.{noun}"), visitor_of(request)
    if not to.may(page.name):
        return forbidden(request, page.name)
    columns = tuple(page.resource.columns.values())
    try:
        row = persistent(lambda: reading.one(page.resource, key, columns, to.reader(page.name)))
    except Refusal as refusal:
        raise Http404(refusal.in_language(to.language)) from None
    cells = page_of(page.name).shown
    told = [cell for cell in cells if any(row.get(name) not in (None, "") for name in cell.names)]
    title = next(
        (one for cell in page.shown if (one := cell.text(row, to)) not in ("", "—")), str(row["id"])
    )
    state = "state" if "state" in page.resource.columns else ""
    context = {
        "kind": labels.of_row(page.name).in_language(to.language),
        "title": title,
        "state": show(page.resource, state, row, to) if state else "",
        "address": f"{page.address}/{row['id']}",
        "facts": [(cell.label(to.language), cell.html(row, to)) for cell in told],
        "parts": [
            (labels.of_resource(rows).in_language(to.language), len(row[name]))
            for name, (rows, _) in page.resource.parts.items()
        ],
    }
    return render(request, "tw/peek.html", context)
