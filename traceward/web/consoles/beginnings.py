"""What begins with a part of a number: lots, serials and boxes that can be traced. # TRC-01

    /trace/begin?code=26A11

Found by how their number begins, in its order, which an index answers in a table of any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from traceward.domain.stock.rules import normalised
from traceward.kernel.base.gs1 import SCAN_LIMIT
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, labels, reading
from traceward.resources.kit import RESOURCES
from traceward.web.kit.cells import cells_of
from traceward.web.kit.frames import forbidden
from traceward.web.kit.pickers import LAST, UNREADABLE
from traceward.web.visitors import Visitor, visitor_of

IDENTIFY = "trace.identify"
#: So many are offered in all.
MOST = 8
#: By kind: the list, its column of numbers, what tells a row from others, where it is traced.
LISTED = {
    "lot": ("stock.lots", "number", ("raw_number", "item", "expires_on"), "/trace/lot/{}"),
    "serial": ("stock.serials", "number", ("raw_number", "item", "lot"), "/trace/serial/{}"),
    "container": ("stock.containers", "code", ("code",), "/trace?containers={}"),
}


@dataclass(frozen=True)
class Choice:
    """One thing that a code may stand for."""

    kind: str
    name: str
    more: str
    address: str


def show_beginnings(request: HttpRequest) -> HttpResponse:
    """What begins with what was typed so far, as a part of a page."""
    to = visitor_of(request)
    if not to.may(IDENTIFY):
        return forbidden(request, IDENTIFY)
    code = request.GET.get("code", "").strip(" \t\r\n\u3000")
    return render(request, "tw/trace_begins.html", {"begins": beginning(code, to)})


def beginning(code: str, to: Visitor) -> list[Choice]:
    """Those that begin with it, some of each kind; none of what is no number."""
    if not code or len(code) > SCAN_LIMIT or UNREADABLE.search(code):
        return []
    found = persistent(lambda: [list(_of(kind, code, to)) for kind in LISTED])
    fair = [one for one in chain(*zip_longest(*found)) if one is not None][:MOST]
    return [one for several in found for one in several if one in fair]


def _of(kind: str, code: str, to: Visitor) -> Iterator[Choice]:
    name, column, facts, address = LISTED[kind]
    begin = code if kind == "container" else normalised(code)
    if not begin or not to.may(name):
        return
    resource = RESOURCES[name]
    first, *others = cells_of(resource, facts)
    fields = dict.fromkeys(["id", *(n for cell in (first, *others) for n in cell.names)])
    given = {"fields": [",".join(fields)], "limit": [str(MOST)], "sort": [column]}
    is_so: dict[str, Any] = {f"{column}__gte": begin, f"{column}__lt": begin + LAST}
    asked = replace(asking.read(resource, given), condition=Q(**is_so))
    word = labels.of_value(f"{IDENTIFY}.kind", kind).in_language(to.language)
    for row in reading.page(resource, asked, to.reader(name)).rows:
        told = (cell.text(row, to) for cell in others)
        more = " · ".join(text for text in told if text not in ("", "—"))
        yield Choice(word, first.text(row, to), more, address.format(row["id"]))
