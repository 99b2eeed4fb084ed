"""What a list takes and shows, as the OpenAPI document says it: parameters, filters, columns."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from traceward.api.ids import told
from traceward.resources.asking import MAX_PAGE, MAX_VALUES, PAGE, hows
from traceward.resources.choices import values_of, words_of
from traceward.resources.kit import Column, Resource
from traceward.resources.plain import is_list

Json = dict[str, Any]

#: Types of columns as JSON has them.
TYPES: dict[Any, Json] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    Decimal: {"type": "string", "format": "decimal"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    UUID: {"type": "string", "format": "uuid"},
}


def column_schema(resource: Resource, column: Column) -> Json:
    schema = _typed(str if words_of(column) else column.type)
    values = values_of(resource, column)
    if values:
        schema = schema | {"enum": [*values, None] if column.is_nullable else values}
    if column.is_nullable and "type" in schema:
        schema = schema | {"type": [schema["type"], "null"]}
    return schema


def _typed(kind: Any) -> Json:
    if kind is Any:
        return {}
    if is_list(kind):
        return {"type": "array", "items": _typed(kind.__args__[0])}
    return dict(TYPES[kind])


def fields_parameter(resource: Resource) -> Json:
    return {
        "name": "fields",
        "in": "query",
        "schema": {"type": "string"},
        "description": "only these columns, separated by commas",
        "example": ",".join(list(resource.columns)[:3]),
    }


def list_parameters(resource: Resource) -> Iterable[Json]:
    def parameter(name: str, schema: Json, text: str) -> Json:
        return {"name": name, "in": "query", "schema": schema, "description": text}

    limit = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": PAGE}
    yield parameter("limit", limit, "rows of a page")
    yield parameter("cursor", {"type": "string"}, "`next_cursor` of the page before")
    names = ", ".join(c.name for c in resource.columns.values() if c.is_sortable)
    yield parameter("sort", {"type": "string"}, f"up to five of: {names}; “-” before turns round")
    yield fields_parameter(resource)
    yield parameter("count", {"type": "boolean"}, "also say how many rows there are")
    if resource.search:
        text = f"text in one of: {', '.join(resource.search)}"
        yield parameter("q", {"type": "string", "maxLength": 2000}, text)
    for name, finder in resource.finders.items():
        yield parameter(name, dict(TYPES[finder.type]), finder.what)
    for column in resource.columns.values():
        for how in hows(resource, column):
            yield _filter(resource, column, how)


def _filter(resource: Resource, column: Column, how: str) -> Json:
    schema = _typed(str if words_of(column) else column.type)
    name = f"{column.name}__{how}" if how else column.name
    if how == "isnull":
        schema = {"type": "boolean"}
    elif not how:
        values = values_of(resource, column)
        one = schema | ({"enum": values} if values else {})
        schema = {"type": "array", "items": one, "maxItems": MAX_VALUES}
    text = told(name, resource.area)
    return {"name": name, "in": "query", "schema": schema} | ({"description": text} if text else {})
