"""Answers as plain values, and how their types are described."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, get_args, get_origin

from pydantic.json_schema import JsonSchemaValue

from traceward.kernel.base.worded import WordedSchema, named, worded_fields


def plain(value: Any) -> Any:
    """Dataclasses and named tuples as objects, deep down; numbers, texts and times stay, and
    numbers that have words become these.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return _named(value, [f.name for f in fields(value)])
    if hasattr(value, "_fields"):
        return _named(value, value._fields)
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    return value.value if isinstance(value, Enum) else value


def _named(value: Any, names: Iterable[str]) -> dict[str, Any]:
    words = worded_fields(value.__class__)
    return {
        name: words[name].word_of(getattr(value, name))
        if name in words
        else plain(getattr(value, name))
        for name in names
    }


def is_list(kind: Any) -> bool:
    """Whether several values are meant: list[…], perhaps optional or annotated."""
    if get_origin(kind) is list:
        return True
    return any(is_list(inner) for inner in get_args(kind))


def leaf_of(kind: Any) -> Any:
    """The type of a single value: that of the lines of a list, without null and limits."""
    if isinstance(kind, type) and get_origin(kind) is None:
        return kind
    inner = [one for one in get_args(kind) if one is not type(None)]
    return leaf_of(inner[0]) if inner else str


class Described(WordedSchema):
    """Named tuples are described as the objects that `plain` makes of them."""

    def named_tuple_schema(self, schema: Any) -> JsonSchemaValue:
        properties = {f["name"]: self.generate_inner(f["schema"]) for f in schema["fields"]}
        described = {"type": "object", "properties": properties, "required": list(properties)}
        return {**described, **named(schema["cls"])}
