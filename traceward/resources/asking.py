"""What a reader asks of a resource: filters, search, order, cursor, page size, columns.

Everything comes as text under a name, several times where several values will do, as in an
address: `state=open&state=picked&created_at__gte=2026-01-01T00:00:00Z&sort=-number&limit=50`.
"""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from pydantic import AwareDatetime

from traceward.kernel.base.refusals import InvalidInput, Phrase, phrase, sentence
from traceward.kernel.command.invalid_input import CHOICE, DAY, DECIMAL, ID, MOMENT, NUMBER, YES_NO
from traceward.resources import among  # noqa: F401  # registers the lookup
from traceward.resources.choices import values_of, words_of
from traceward.resources.kit import RESOURCES, Column, Resource

MAX_PAGE = 500
PAGE = 50
MAX_VALUES = 200
MAX_INTEGER = 2**63 - 1
#: No text that is asked with is longer, cursors included.
MAX_LENGTH = 2_000
#: Asked of columns whose values have an order.
RANGES = ("gt", "gte", "lt", "lte")
ORDERED = (int, float, Decimal, date, datetime)
#: An index finds parts of so many characters at least, which stand before the last one there is.
PART = 3
#: So many records at most are named by their ids where a table is searched through them.
MANY = 2_000
LAST = "\U0010ffff"
#: Names that are no column of any resource.
OWN_NAMES = ("q", "sort", "cursor", "limit", "fields", "count")


@dataclass(frozen=True)
class Asked:
    """What was asked for, checked against the resource."""

    condition: Q
    #: Columns to sort by, each with whether it runs downwards; the last one is the row's id.
    order: tuple[tuple[Column, bool], ...]
    #: What is listed, as a short digest; a cursor counts for no other list.
    listed: str
    #: The sort values of the last row that the reader has.
    after: tuple[Any, ...] | None
    limit: int
    columns: tuple[Column, ...]
    is_counted: bool


def read(resource: Resource, given: Mapping[str, Sequence[str]]) -> Asked:
    """What the texts ask for; refused at the name that cannot be understood."""
    require_readable(given)
    condition = Q()
    for name, texts in given.items():
        if name in resource.finders:
            finder = resource.finders[name]
            condition &= finder.find(value_of(finder.type, name, _single(given, name)))
        elif name not in OWN_NAMES:
            condition &= _filter(resource, name, list(texts))
    condition &= _search(resource, _single(given, "q"))
    order = _order(resource, _single(given, "sort"))
    listed = _listed(resource, given, order)
    after = _after(order, listed, _single(given, "cursor"))
    limit = _limit(_single(given, "limit"))
    counted = value_of(bool, "count", _single(given, "count") or "false")
    return Asked(condition, order, listed, after, limit, fields_of(resource, given), counted)


def _limit(text: str) -> int:
    limit = value_of(int, "limit", text or str(PAGE))
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidInput(sentence("A page has 1 to {limit} rows."), field="limit", limit=MAX_PAGE)
    return int(limit)


def require_readable(given: Mapping[str, Sequence[str]]) -> None:
    """Refused where a text is longer than any answer to it, or holds what no text has."""
    for name, texts in given.items():
        if any(len(text) > MAX_LENGTH or "\x00" in text for text in texts):
            raise InvalidInput(
                sentence("The value of “{name}” is too long or holds a NUL character."),
                field=name[:100],
                name=name[:100],
            )


def fields_of(resource: Resource, given: Mapping[str, Sequence[str]]) -> tuple[Column, ...]:
    """The columns that were asked for; all of them where nothing was said."""
    text = _single(given, "fields")
    if not text:
        return tuple(resource.columns.values())
    return tuple(_column(resource, name, "fields") for name in dict.fromkeys(text.split(",")))


def _single(given: Mapping[str, Sequence[str]], name: str) -> str:
    texts = given.get(name, ())
    if len(texts) > 1:
        raise InvalidInput(sentence("Say “{name}” once."), field=name, name=name)
    return texts[0] if texts else ""


def _column(resource: Resource, name: str, field: str) -> Column:
    found = resource.columns.get(name)
    if found is None:
        raise InvalidInput(
            sentence("There is no column “{name}” here. There are: {columns}."),
            field=field,
            name=name[:100],
            columns=[*resource.columns, *(() if field in OWN_NAMES else resource.finders)],
        )
    return found


def _filter(resource: Resource, name: str, texts: list[str]) -> Q:
    """The condition of one name: a column, or a column and how to compare."""
    stem, _, how = name.rpartition("__")
    if how not in (*RANGES, "contains", "isnull") or not stem:
        stem, how = name, ""
    column = _column(resource, stem, name)
    allowed = hows(resource, column)
    if how not in allowed:
        raise InvalidInput(
            sentence("“{name}” cannot be asked for here. Ask for one of: {names}."),
            field=name,
            name=name,
            names=[
                *resource.finders,
                *(
                    f"{c.name}{'__' if h else ''}{h}"
                    for c in resource.columns.values()
                    for h in hows(resource, c)
                ),
            ],
        )
    if len(texts) > (1 if how else MAX_VALUES):
        raise InvalidInput(
            sentence("“{name}” has too many values; send at most {limit}."),
            field=name,
            name=name,
            limit=1 if how else MAX_VALUES,
        )
    if how == "isnull":
        return Q(**{f"{column.key}__isnull": value_of(bool, name, texts[0])})
    words = words_of(column)
    kind = str if words else column.type
    values = [value_of(kind, name, text) for text in texts]
    if not how:
        _require_known(resource, column, name, values)
        values = [number for number, word in words.items() if word in values] or values
        return Q(**{f"{column.key}__in": values})
    lookup = "icontains" if how == "contains" else how
    return Q(**{f"{column.key}__{lookup}": values[0]})


def _require_known(resource: Resource, column: Column, name: str, values: list[Any]) -> None:
    """Refused where the column can have no such value."""
    known = values_of(resource, column)
    if known and not set(values) <= set(known):
        problem = phrase(CHOICE, expected=", ".join(str(value) or "“”" for value in known))
        raise _unusable(name, problem)


def hows(resource: Resource, column: Column) -> tuple[str, ...]:
    """How the column may be asked for: "" is one of these values."""
    if not column.is_filter:
        return ()
    found: tuple[str, ...] = ("",)
    if issubclass(column.type, ORDERED) and column.type is not bool and not column.choices:
        found += RANGES
    if column.name in resource.search:
        found += ("contains",)
    return found + (("isnull",) if column.is_nullable else ())


def _search(resource: Resource, text: str) -> Q:
    if not text:
        return Q()
    if not resource.search:
        raise InvalidInput(sentence("Nothing can be searched here. Use a filter."), field="q")
    by_record: dict[str, list[str]] = {}
    for name in resource.search:
        stem, _, field = resource.columns[name].key.rpartition("__")
        by_record.setdefault(stem, []).append(field)
    found = Q(pk__in=())
    for stem, fields in by_record.items():
        model: Any = resource.model
        if stem:
            for step in stem.split("__"):
                model = model._meta.get_field(step).related_model
        held = _held(model, resource.brief if not stem else _brief(model), fields, text)
        if stem:
            held = _naming(stem, model._default_manager.filter(held), resource)
        found |= held
    return found


def _naming(stem: str, records: QuerySet[Any], resource: Resource) -> Q:
    """Rows that name one of the records.

    Of a table too large to be read, by their ids: whether they are rare, only ids tell the planner,
    and what is rare it would look for from the newest row to the oldest.
    """
    if resource.only:
        known = list(records.order_by().values_list("pk", flat=True)[: MANY + 1])
        if len(known) <= MANY:
            return Q(**{f"{stem}__in": known})
    return Q(**{f"{stem}__among": records.values("pk")})


def _held(model: Any, brief: str, fields: Sequence[str], text: str) -> Q:
    """Rows that hold the text; of a large table, where it is short, those that begin with it."""
    if brief and len(text) < PART:
        begin = text.upper()
        return Q(**{f"{brief}__gte": begin, f"{brief}__lt": begin + LAST})
    found = Q(pk__in=())
    for name in fields:
        found |= Q(**{f"{name}__icontains": text})
    return found


def _brief(model: Any) -> str:
    """The indexed column of a large table; empty where the table stays small."""
    return next((r.brief for r in RESOURCES.values() if r.model is model and r.brief), "")


def _order(resource: Resource, text: str) -> tuple[tuple[Column, bool], ...]:
    names = text.split(",") if text else list(resource.order)
    order: dict[str, tuple[Column, bool]] = {}
    for name in [*names, "id"]:
        column = _column(resource, name.removeprefix("-"), "sort")
        if not column.is_sortable:
            raise InvalidInput(
                sentence("Rows cannot be sorted by “{name}” here. Sort by one of: {names}."),
                field="sort",
                name=name,
                names=[c.name for c in resource.columns.values() if c.is_sortable],
            )
        order.setdefault(column.name, (column, name.startswith("-")))
    if len(order) > 6:
        raise InvalidInput(sentence("Sort by at most five columns."), field="sort")
    return tuple(order.values())


def _listed(
    resource: Resource, given: Mapping[str, Sequence[str]], order: Sequence[tuple[Column, bool]]
) -> str:
    """The resource, its filters, what is searched and the order, as a short digest."""
    asked = sorted((n, sorted(v)) for n, v in given.items() if n == "q" or n not in OWN_NAMES)
    words = [("-" if down else "") + column.name for column, down in order]
    plain = json.dumps([resource.name, asked, words]).encode()
    return hashlib.sha256(plain).hexdigest()[:16]


def cursor_of(listed: str, values: Sequence[Any]) -> str:
    """Where a page of that list ends, as a text that asks for the next one."""
    plain = json.dumps([listed, list(values)], ensure_ascii=False, default=str).encode()
    return base64.urlsafe_b64encode(_sum(plain) + plain).decode().rstrip("=")


def _sum(plain: bytes) -> bytes:
    """Tells a damaged cursor; it keeps nobody from making one."""
    return zlib.crc32(plain).to_bytes(4)


def _written(value: Any) -> str:
    """A cursor's value as an address would write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _after(order: Sequence[tuple[Column, bool]], listed: str, text: str) -> tuple[Any, ...] | None:
    if not text:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        before, values = json.loads(raw[4:]) if raw[:4] == _sum(raw[4:]) else (None, ())
        if before is not None and before != listed:
            raise InvalidInput(
                sentence(
                    "This cursor belongs to another list, filter or order. Begin at the first page."
                ),
                field="cursor",
            )
        return tuple(
            None if value is None else value_of(column.type, "cursor", _written(value))
            for (column, _), value in zip(order, values, strict=True)
        )
    except (ValueError, TypeError, RecursionError):
        raise InvalidInput(
            sentence("This cursor cannot be read. Send it as it was given, or begin again."),
            field="cursor",
        ) from None


#: How a value is written in an address, and how it is read; nothing else is taken for one.
FORMS: dict[Any, tuple[str, Callable[[str], Any], Phrase]] = {
    bool: ("true|false", lambda text: text == "true", phrase(YES_NO)),
    int: ("-?[0-9]{1,19}", int, phrase(NUMBER)),
    Decimal: ("-?[0-9]{1,28}([.][0-9]{1,12})?", Decimal, phrase(DECIMAL)),
    float: ("-?[0-9]{1,15}([.][0-9]{1,15})?", float, phrase(DECIMAL)),
    date: ("[0-9]{4}-[0-9]{2}-[0-9]{2}", date.fromisoformat, phrase(DAY)),
    datetime: (
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?"
        "([Zz]|[+-][0-9]{2}:[0-9]{2})",
        lambda text: datetime.fromisoformat(text.upper()),
        phrase(MOMENT),
    ),
    UUID: ("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", UUID, phrase(ID)),
}

FORMS[AwareDatetime] = FORMS[datetime]


def value_of(kind: Any, name: str, text: str) -> Any:
    """The text as a value of that type; refused at its name."""
    if kind not in FORMS:
        return text
    pattern, convert, problem = FORMS[kind]
    try:
        if re.fullmatch(pattern, text):
            value = convert(text)
            if kind is not int or -MAX_INTEGER <= value <= MAX_INTEGER:
                return value
    except (ValueError, ArithmeticError):
        pass
    raise _unusable(name, problem)


def _unusable(name: str, problem: Phrase) -> InvalidInput:
    return InvalidInput(
        sentence("The value of “{name}” cannot be used: {problem}. Correct it and send again."),
        field=name,
        name=name,
        problem=problem,
    )
