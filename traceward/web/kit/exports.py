"""Export: the rows of a list as a table file, all that its address asks for, with all columns.

UTF-8 with a byte order mark, which Excel needs for Chinese; written row by row while it is read.
"""

import csv
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from traceward.kernel.base.refusals import Refusal, fill, sentence
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, labels, reading
from traceward.resources.asking import Asked
from traceward.resources.kit import Column, Resource
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import list_of, question_of, view_of
from traceward.web.visitors import Visitor, visitor_of

#: A file has so many rows at most, read so many at a time.
MAX_ROWS = 100_000
AT_ONCE = 1_000
#: What makes a spreadsheet take a text for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CUT = sentence(
    "Only the first {limit} rows are here. Set filters in the list and export the rest in parts."
)


def export(request: HttpRequest, area: str, noun: str) -> HttpResponseBase:
    """The list's rows as a file; where its filters cannot be read, the list says why."""
    page = list_of(f"{area}.{noun}")
    to = visitor_of(request)
    if not to.may(page.name):
        return forbidden(request, page.name)
    given = {name: list(texts) for name, texts in request.GET.lists()}
    texts = question_of(view_of(page, given), given, ("q", "sort"))
    try:
        found = _pages(page.resource, texts, to)
        first = next(found)
    except Refusal:
        return HttpResponseRedirect(f"{page.address}?{request.GET.urlencode()}")
    title = labels.of_resource(page.name).in_language(to.language)
    answer = StreamingHttpResponse(
        _lines(page.resource, first, found, to), content_type="text/csv; charset=utf-8"
    )
    name = f"{title} {to.today.isoformat()}.csv"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


def columns_of(resource: Resource) -> list[Column]:
    """What a file has of each row: all but what only sorts."""
    return [column for name, column in resource.columns.items() if name != "sort_key"]


def _pages(
    resource: Resource, texts: dict[str, list[str]], to: Visitor
) -> Iterator[Sequence[reading.Row]]:
    """The rows, so many at once, up to one more than a file may have."""
    names = ",".join(column.name for column in columns_of(resource))
    cursor, left = "", MAX_ROWS + 1
    while left > 0:
        more = {"cursor": [cursor]} if cursor else {}
        asked = asking.read(resource, {**texts, **more, "fields": [names]})
        page = _page(resource, replace(asked, limit=min(AT_ONCE, left)), to)
        yield page.rows
        left -= len(page.rows)
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _page(resource: Resource, asked: Asked, to: Visitor) -> reading.Page:
    return persistent(lambda: reading.page(resource, asked, to.reader(resource.name)))


class _Echo:
    """A file that gives back what is written, for the writer of lines."""

    def write(self, text: str) -> str:
        return text


def _lines(
    resource: Resource,
    first: Sequence[reading.Row],
    others: Iterator[Sequence[reading.Row]],
    to: Visitor,
) -> Iterator[str]:
    write = csv.writer(_Echo()).writerow
    columns = columns_of(resource)
    titles = [labels.in_full(f"{resource.name}.{c.name}") for c in columns]
    yield "\ufeff" + str(write([safe(one.in_language(to.language)) for one in titles]))
    written = 0
    for rows in itertools.chain([first], others):
        for row in rows:
            if written == MAX_ROWS:
                yield str(write([fill(CUT, {"limit": f"{MAX_ROWS:,}"}, to.language)]))
                return
            yield str(write([in_words(resource, c, row[c.name], to) for c in columns]))
            written += 1


def in_words(resource: Resource, column: Column, found: Any, to: Visitor) -> str:
    """The value as a spreadsheet takes it: numbers and days bare, choices in words."""
    if found is None:
        return ""
    if isinstance(found, bool):
        return labels.of_value(column.name, found).in_language(to.language)
    if isinstance(found, int | float | Decimal):
        return str(found)
    if isinstance(found, datetime):
        return found.astimezone(ZoneInfo(to.time_zone)).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, list) and all(isinstance(one, str | int) for one in found):
        return safe("; ".join(str(one) for one in found))
    if isinstance(found, dict | list):
        return safe(json.dumps(found, ensure_ascii=False))
    words = labels.of_value(f"{resource.name}.{column.name}", str(found))
    return safe(words.in_language(to.language))


def safe(text: str) -> str:
    """The text, which no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
