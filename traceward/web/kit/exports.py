"""Export: the rows of a list as a table file, all that its address asks for.

A file has the columns that the list shows, in their order, or all of them (`columns=all`).

A CSV file is UTF-8 with a byte order mark, which Excel needs for Chinese, and is sent while it is
read. A workbook has typed cells, and no text of it is a formula; it is written row by row to a
temporary file, since its end says what its beginning must know.
"""

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from tempfile import TemporaryFile
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.http import FileResponse, HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from traceward.kernel.base.refusals import Refusal, fill, sentence
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, labels, reading
from traceward.resources.asking import Asked
from traceward.resources.kit import Column, Resource
from traceward.resources.labels import Words
from traceward.web.kit.cells import Cell
from traceward.web.kit.filters import ALL_COLUMNS, COLUMNS, in_days
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import cells_for, given_of, list_of, view_of
from traceward.web.kit.views import kept_of, question_of
from traceward.web.visitors import Visitor, visitor_of

#: A file has so many rows at most, read so many at a time.
MAX_ROWS = 100_000
AT_ONCE = 1_000
#: Words of so many values are kept at hand while files are written.
REMEMBERED = 10_000
#: What makes a spreadsheet take a text for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: A workbook keeps numbers below this exactly, days from this year on, texts so long.
EXACT = 10**15
FIRST_YEAR = 1900
MAX_CELL = 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS: dict[Any, int] = {bool: 8, int: 12, date: 12, datetime: 20, Decimal: 12, float: 12}
CUT = sentence(
    "Only the first {limit} rows are here. Set filters in the list and export the rest in parts."
)


def export(request: HttpRequest, area: str, noun: str, kind: str) -> HttpResponseBase:
    """The list's rows as a file; where its filters cannot be read, the list says why."""
    page = list_of(f"{area}.{noun}")
    to = visitor_of(request)
    if not to.may(page.name):
        return forbidden(request, page.name)
    given = given_of(request)
    kept = kept_of(page.name, to)
    view = view_of(page, given, kept)
    texts = in_days(page.resource, question_of(view, given, ("q", "sort")), to)
    columns = columns_of(page.resource)
    if request.GET.get(COLUMNS) != ALL_COLUMNS:
        columns = shown_of(page.resource, cells_for(page, view, kept, to), to)
    try:
        found = _pages(page.resource, columns, texts, to)
        first = next(found)
    except Refusal:
        return HttpResponseRedirect(f"{page.address}?{request.GET.urlencode()}")
    answer: HttpResponseBase
    if kind == "xlsx":
        book = workbook(page.resource, columns, itertools.chain([first], found), to)
        answer = FileResponse(book, content_type=XLSX)
    else:
        lines = _lines(page.resource, columns, first, found, to)
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    title = labels.of_resource(page.name).in_language(to.language)
    name = f"{title} {to.today.isoformat()}.{kind}"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


def columns_of(resource: Resource) -> list[Column]:
    """All that a file may have of each row: everything but what only sorts."""
    return [column for name, column in resource.columns.items() if name != "sort_key"]


def shown_of(resource: Resource, cells: Iterable[Cell], to: Visitor) -> list[Column]:
    """What the cells show, in their order: of a record its code and the name in this language."""
    other = "_en" if to.language.startswith("zh") else "_zh"
    found: dict[str, Column] = {}
    for cell in cells:
        known = {name: resource.columns[name] for name in cell.names}
        said = {n: c for n, c in known.items() if not n.endswith(("_id", f"name{other}"))}
        found |= said or known
    return list(found.values()) or columns_of(resource)


def _pages(
    resource: Resource, columns: Sequence[Column], texts: dict[str, list[str]], to: Visitor
) -> Iterator[Sequence[reading.Row]]:
    """The rows, so many at once, up to one more than a file may have."""
    names = ",".join(column.name for column in columns)
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
    columns: Sequence[Column],
    first: Sequence[reading.Row],
    others: Iterator[Sequence[reading.Row]],
    to: Visitor,
) -> Iterator[str]:
    write = csv.writer(_Echo()).writerow
    yield "\ufeff" + str(write([safe(title) for title in titles_of(resource, columns, to)]))
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
    return safe(_words(f"{resource.name}.{column.name}", str(found)).in_language(to.language))


@lru_cache(maxsize=REMEMBERED)
def _words(name: str, value: str) -> Words:
    """What the value is called: the same names and states stand in row after row."""
    return labels.of_value(name, value)


def safe(text: str) -> str:
    """The text, which no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def titles_of(resource: Resource, columns: Sequence[Column], to: Visitor) -> list[str]:
    """What stands over the columns of a file."""
    names = [f"{resource.name}.{column.name}" for column in columns]
    return [labels.in_full(name).in_language(to.language) for name in names]


def workbook(
    resource: Resource,
    columns: Sequence[Column],
    pages: Iterable[Sequence[reading.Row]],
    to: Visitor,
) -> IO[bytes]:
    """The rows as a workbook, at its beginning; never more than one row of it is in memory."""
    book_file = TemporaryFile()  # noqa: SIM115  # the answer closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(book_file, options) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bottom": 1})
        formats = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        sheet.freeze_panes(1, 0)
        for n, column in enumerate(columns):
            sheet.set_column(n, n, WIDTHS.get(column.type, 18), formats.get(column.type))
        for n, title in enumerate(titles_of(resource, columns, to)):
            sheet.write_string(0, n, title, head)
        last = 0
        for row in itertools.islice(itertools.chain.from_iterable(pages), MAX_ROWS + 1):
            last += 1
            if last > MAX_ROWS:
                told = fill(CUT, {"limit": f"{MAX_ROWS:,}"}, to.language)
                sheet.write_string(last, 0, told, head)
                break
            for n, column in enumerate(columns):
                _write_cell(sheet, last, n, resource, column, row[column.name], to)
        sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
    book_file.seek(0)
    return book_file


def _write_cell(
    sheet: Any, row: int, n: int, resource: Resource, column: Column, found: Any, to: Visitor
) -> None:
    """A number as a number, a day as a day, everything else as a text, which is no formula."""
    if found is None or found == "":
        return
    is_counted = isinstance(found, int | float | Decimal) and not isinstance(found, bool)
    if is_counted and abs(found) < EXACT and not is_named(column):
        sheet.write_number(row, n, found)
    elif isinstance(found, datetime):
        sheet.write_datetime(row, n, found.astimezone(ZoneInfo(to.time_zone)))
    elif isinstance(found, date) and found.year >= FIRST_YEAR:
        sheet.write_datetime(row, n, found)
    else:
        sheet.write_string(row, n, in_words(resource, column, found, to)[:MAX_CELL])


def is_named(column: Column) -> bool:
    """Whether its numbers name something, and are not counted with."""
    return column.name.endswith("number")
