"""Reading a resource: one query for a page of rows, one more where they are counted."""

import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, F, Q, QuerySet, When

from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.people import grants_of
from traceward.resources.asking import Asked, cursor_of
from traceward.resources.choices import words_of
from traceward.resources.kit import RESOURCES, Column, Reader, Resource

MAX_COUNT = 10_000
#: Lines that come along with a row; the rest is read as a list of its own.
MAX_PARTS = 200
#: Greater than every id.
MAX_ID = 2**63 - 1

Row = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """Rows, the cursor of those that follow, and how many there are where it was asked.

    `count` is at most `MAX_COUNT`: so many there are at least.
    """

    rows: list[Row]
    next_cursor: str | None
    count: int | None


def page(resource: Resource, asked: Asked, to: Reader) -> Page:
    """The rows that were asked for, as far as the reader may see them."""
    columns = list(dict.fromkeys([*asked.columns, *(column for column, _ in asked.order)]))
    seen = matching(resource, asked, to, columns)
    count = counting(seen).count() if asked.is_counted else None
    following = seen if asked.after is None else seen.filter(_behind(asked.order, asked.after))
    rows = _rows(following.order_by(*_order_by(asked.order)), columns, asked.limit + 1)
    end = None
    if len(rows) > asked.limit:
        rows.pop()
        end = cursor_of(asked.listed, [rows[-1][column.name] for column, _ in asked.order])
    return Page(_told(rows, asked.columns), end, count)


def matching(
    resource: Resource, asked: Asked, to: Reader, columns: Iterable[Column] = ()
) -> QuerySet[Any]:
    """The rows that were asked for and that the reader may see, with what these columns need."""
    needed = {column.key for column in columns} | asked.condition.referenced_base_fields
    return visible(resource, to, needed).filter(asked.condition)


def counting(rows: QuerySet[Any], most: int = MAX_COUNT) -> QuerySet[Any, Any]:
    """As many of them as are counted, and nothing of them but that they are there."""
    return rows.order_by().values("pk")[:most]


def counts(several: Iterable[QuerySet[Any]], most: int = MAX_COUNT) -> list[int]:
    """How many there are of each, at most so many, in one statement."""
    parts: list[str] = []
    values: list[Any] = []
    for rows in several:
        try:
            sql, given = counting(rows, most).query.sql_with_params()
        except EmptyResultSet:
            sql, given = "SELECT WHERE false", ()
        parts.append(f"(SELECT count(*) FROM ({sql}) one)")  # noqa: S608  # as Django wrote it
        values += given
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return list(cursor.fetchone())


def visible(resource: Resource, to: Reader, needed: Container[str] | None = None) -> QuerySet[Any]:
    """Every row that the reader may see, with all that is made of it or with these of it."""
    allowed = resource.where & resource.scope(to.grants)
    if resource.own is not None:
        allowed &= resource.own(to.person_id)
    guarded = [column for column in resource.columns.values() if column.guard]
    made = resource.made
    if needed is not None:
        guarded = [column for column in guarded if column.key in needed]
        made = resource.made_for(needed)
    made = {**made, **_guarded(resource, guarded, to)}
    return resource.model._default_manager.filter(allowed).annotate(**made)


def _guarded(resource: Resource, columns: Sequence[Column], to: Reader) -> dict[str, Any]:
    """The values of records that have readers of their own; null where the reader is none."""
    conditions = {}
    for stem in {column.guard for column in columns}:
        name, scope = resource.guards[stem]
        conditions[stem] = scope(grants_of(to.person_id, name))
    return {
        column.key: Case(When(conditions[column.guard], then=F(column.path)))
        if conditions[column.guard]
        else F(column.path)
        for column in columns
    }


def _rows(found: QuerySet[Any], columns: Sequence[Column], limit: int) -> list[Row]:
    names = [column.name for column in columns]
    values = found.values_list(*[column.key for column in columns])[:limit]
    return [dict(zip(names, row, strict=True)) for row in values]


def _told(rows: Sequence[Row], columns: Sequence[Column]) -> list[Row]:
    """These columns of the rows; numbers that stand for words are words."""
    words = {column.name: words_of(column) for column in columns}
    texts = [c.name for c in columns if c.is_json]
    for row in rows if texts else ():
        row.update({name: json.loads(row[name]) for name in texts})
    return [
        {name: known.get(row[name]) if known else row[name] for name, known in words.items()}
        for row in rows
    ]


def _order_by(order: Sequence[tuple[Column, bool]]) -> list[Any]:
    return [F(c.key).desc() if is_down else F(c.key).asc() for c, is_down in order]


def _behind(order: Sequence[tuple[Column, bool]], after: Sequence[Any]) -> Q:
    """Rows that come later in the order; empty values are greater than all others."""
    behind, same = Q(pk__in=()), Q()
    for (column, is_down), value in zip(order, after, strict=True):
        empty = Q(**{f"{column.key}__isnull": True})
        if value is None:
            later, equal = (~empty if is_down else Q(pk__in=())), empty
        else:
            later = Q(**{f"{column.key}__{'lt' if is_down else 'gt'}": value})
            if column.is_nullable and not is_down:
                later |= empty
            equal = Q(**{column.key: value})
        behind |= same & later
        same &= equal
    return behind


def one(
    resource: Resource, key: str, columns: Sequence[Column], to: Reader, *, whole: bool = True
) -> Row:
    """The row with this id or uid, and its lines; not found where the reader may not see it.

    Not `whole`: without its lines.
    """
    seen = visible(resource, to, {column.key for column in columns})
    rows = _rows(seen.filter(_known(resource, key)), columns, 1)
    if not rows:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="id",
            what=str(resource.model._meta.verbose_name),
            id=key[:60],
        )
    (row,) = _told(rows, columns)
    for name, (part, column) in resource.parts.items() if whole else ():
        lines = RESOURCES[part]
        of_row = {lines.columns[column].path: row.get("id", key)}
        found = lines.model._default_manager.filter(lines.where, **of_row)
        found = found.annotate(**lines.made).order_by("pk")
        shown = list(lines.columns.values())
        row[name] = _told(_rows(found, shown, MAX_PARTS), shown)
    return row


def _known(resource: Resource, key: str) -> Q:
    if resource.columns["id"].type is str:
        return Q(pk=key[:200])
    if key.isascii() and key.isdecimal() and int(key) <= MAX_ID:
        return Q(pk=int(key))
    uid = resource.columns.get("uid")
    try:
        if uid is not None:
            return Q(**{uid.path: UUID(key)})
    except ValueError:
        pass
    raise InvalidInput(
        sentence("“{id}” is no id. Send the id or uid that a list shows."), field="id", id=key[:60]
    )
