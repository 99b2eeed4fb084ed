"""Views of a list: those that its page declares, those that people keep, and their counts.

View("near", "近效期", "Near expiry", {"expires_on__gte": "today", "expires_on__lte": "today+90"})
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, reading
from traceward.resources.kit import RESOURCES, Column, Resource
from traceward.web.kit.filters import Given, filters_of, in_days
from traceward.web.visitors import Visitor

#: What is kept of how a person sees lists.
KEPT = "lists.views"
MAX_KEPT = 100
#: Figures that are not there after so long are left out.
MILLISECONDS = 2_000
#: A list adds up its rows where there are no more.
MAX_ADDED = reading.MAX_COUNT


@dataclass(frozen=True)
class View:
    """A saved question over the list, under a name; `is_fault` where none should be left."""

    key: str
    zh: str
    en: str
    where: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    is_fault: bool = False
    #: Its order, and what it searches for.
    sort: str = ""
    q: str = ""
    #: What somebody keeps: the row of it.
    kept: Mapping[str, object] | None = None

    @cached_property
    def given(self) -> dict[str, list[str]]:
        return {n: [v] if isinstance(v, str) else list(v) for n, v in self.where.items()}

    def words(self, to: Visitor) -> str:
        return self.zh if to.language.startswith("zh") else self.en


ALL = View("all", "全部", "All")


@dataclass(frozen=True)
class Bucket:
    """A part of the list's rows that is counted above them, and a filter to press."""

    key: str
    zh: str
    en: str
    where: Mapping[str, str | tuple[str, ...]]
    tone: str = ""

    @cached_property
    def given(self) -> dict[str, list[str]]:
        return {n: [v] if isinstance(v, str) else list(v) for n, v in self.where.items()}


def ending(column: str, *, ends: bool = False, **where: tuple[str, ...]) -> tuple[Bucket, ...]:
    """What ends by this column, the nearest first, and what never does unless each row `ends`; of
    rows of which this holds, too."""
    bounds = ((0, 30, "tw-bad"), (31, 90, "tw-warn"), (91, 180, "tw-ok"))
    after: dict[str, str | tuple[str, ...]] = {f"{column}__gte": "today+181", **where}
    never: dict[str, str | tuple[str, ...]] = {f"{column}__isnull": "true", **where}
    return (
        Bucket("past", "已过期", "Expired", {f"{column}__lt": "today", **where}, "tw-bad"),
        *(
            Bucket(
                f"to{end}",
                f"≤ {end} 天" if not start else f"{start}–{end} 天",
                f"≤ {end} d" if not start else f"{start}–{end} d",
                {f"{column}__gte": f"today+{start}", f"{column}__lte": f"today+{end}", **where},
                tone,
            )
            for start, end, tone in bounds
        ),
        Bucket("later", "> 180 天", "> 180 d", after),
        *(() if ends else (Bucket("never", "无期限", "No end", never),)),
    )


def stages(column: str, *of: tuple[str | tuple[str, ...], str, str, str]) -> tuple[Bucket, ...]:
    """The values of the column that are counted: (value or values, Chinese, English, tone)."""
    return tuple(
        Bucket(value if isinstance(value, str) else "-".join(value), zh, en, {column: value}, tone)
        for value, zh, en, tone in of
    )


@dataclass(frozen=True)
class Kept:
    """What a visitor keeps of one list: views, the first of them, columns."""

    views: tuple[View, ...] = ()
    first: str = ""
    columns: tuple[str, ...] = ()


def kept_of(name: str, to: Visitor) -> Kept:
    """Theirs, and what others share with them."""
    if not to.may(KEPT) or to.person is None:
        return Kept()
    asked = asking.read(RESOURCES[KEPT], {"list_name": [name], "limit": [str(MAX_KEPT)]})
    rows = persistent(lambda: reading.page(RESOURCES[KEPT], asked, to.reader(KEPT))).rows
    own = next((r for r in rows if not r["name"] and r["person_id"] == to.person.pk), None)
    views = tuple(_view(row) for row in rows if row["name"])
    if own is None:
        return Kept(views)
    return Kept(views, str(own["first"]), tuple(own["columns"]))


def _view(row: Mapping[str, object]) -> View:
    given = parse_qs(str(row["question"]), keep_blank_values=True)
    where = {name: tuple(texts) for name, texts in filters_of(given).items()}
    name = str(row["name"])
    return View(
        f"v{row['id']}",
        name,
        name,
        where,
        sort="".join(given.get("sort", [])[-1:]),
        q="".join(given.get("q", [])[-1:]),
        kept=row,
    )


def kept_question(view: View, given: Given) -> str:
    """The question as it is kept: filters, search and order of the view and the address."""
    asked = question_of(view, given, ("q", "sort"))
    return urlencode(sorted(asked.items()), doseq=True)


def question_of(view: View, given: Given, kept: tuple[str, ...]) -> dict[str, list[str]]:
    """The view's filters and those of the address, with these parts of its own."""
    own = {"sort": [view.sort] if view.sort else [], "q": [view.q] if view.q else []}
    own |= {name: list(given[name]) for name in kept if name in given}
    return {**view.given, **filters_of(given), **{n: v for n, v in own.items() if n in kept and v}}


# --- How many rows there are --------------------------------------------------------------------


def counts(resource: Resource, questions: Sequence[Given], to: Visitor) -> list[int | None]:
    """How many rows each question has, at most MAX_COUNT, in one statement.

    None for what cannot be asked; for all of them where the database needs too long.
    """
    made = [_matching(resource, one, to) for one in questions]
    found = _in_time(lambda: reading.counts(one for one in made if one is not None))
    answers: Iterator[int | None] = iter(found) if found else repeat(None)
    return [next(answers) if one is not None else None for one in made]


def _matching(
    resource: Resource, question: Given, to: Visitor, columns: Sequence[Column] = ()
) -> QuerySet[Any] | None:
    """The rows; none where the question cannot be asked."""
    try:
        asked = asking.read(resource, in_days(resource, question, to))
    except Refusal:
        return None
    return reading.matching(resource, asked, to.reader(resource.name), columns)


def _in_time(work: Callable[[], list[int]]) -> list[int]:
    """What the database answers; nothing where it is not there in time."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {MILLISECONDS}")
            return work()
    except OperationalError:
        return []


def sums(
    resource: Resource, question: Given, columns: Sequence[str], key: str, to: Visitor
) -> list[int | None]:
    """The columns added up, where the rows are few and share the key: units of one item, say."""
    nothing: list[int | None] = [None] * len(columns)
    added = [resource.columns[name] for name in (key, *columns)]
    rows = _matching(resource, question, to, added)
    if rows is None:
        return nothing
    rows = rows.order_by().values_list(*(column.key for column in added))[: MAX_ADDED + 1]
    row = _in_time(lambda: _added_up(rows, len(columns)))
    if not row or not 1 < row[0] <= MAX_ADDED or row[1] != 1 or row[2]:
        return nothing
    return [*row[3:]]


def _added_up(rows: QuerySet[Any, Any], columns: int) -> list[int]:
    """Rows, kinds of the first column, rows without one, and the sum of each other column."""
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    names = ", ".join(f"c{n}" for n in range(columns + 1))
    totals = ", ".join(f"sum(c{n})" for n in range(1, columns + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(DISTINCT c0), count(*) - count(c0), {totals}"  # noqa: S608
            f" FROM ({sql}) one({names})",
            values,
        )
        return list(cursor.fetchone())
