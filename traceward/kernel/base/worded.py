"""Numbers that stand for a few meanings: inside they are numbers, outside their words.

`Annotated[int, Worded({1: "pending inspection", …})]` is read from a word, or the number, and
written as the word, by commands, questions and the OpenAPI document alike.
"""

from collections.abc import Mapping
from functools import cache
from inspect import getdoc
from typing import Any, get_args, get_type_hints

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema


class Worded:
    """Marks a number that has a word for each value."""

    def __init__(self, words: Mapping[int, str]) -> None:
        self.words = dict(words)
        self.numbers = {word: number for number, word in words.items()}

    def __getitem__(self, number: int) -> str:
        return self.words[number]

    def word_of(self, number: int | None) -> str | None:
        """The word; None stays. What no rule has refused yet may be another number."""
        return None if number is None else self.words.get(number, str(number))

    def number_of(self, value: Any) -> Any:
        """The number of a word; refused where there is none of these."""
        if isinstance(value, str) and value in self.numbers:
            return self.numbers[value]
        if isinstance(value, str) or (isinstance(value, int) and value not in self.words):
            expected = " or ".join(self.numbers)
            raise PydanticKnownError("literal_error", {"expected": expected})
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            self.number_of,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(
                self.word_of, when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> Any:
        return {"type": "string", "enum": list(self.numbers)}


class WordedSchema(GenerateJsonSchema):
    """Describes the default of such a number by its word, too; and named tuples by their names."""

    def named_tuple_schema(self, schema: Any) -> JsonSchemaValue:
        """An array, as it is written in answers of commands."""
        return {**super().named_tuple_schema(schema), **named(schema["cls"])}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        inner: Any = schema["schema"]
        words = getattr(inner.get("function", {}).get("function"), "__self__", None)
        if isinstance(words, Worded) and described.get("default") in words.words:
            described["default"] = words[described["default"]]
        return described


def named(kind: type) -> JsonSchemaValue:
    """Title and description of what has this class."""
    return {"title": kind.__name__, "description": getdoc(kind) or ""}


@cache
def worded_fields(kind: type) -> Mapping[str, Worded]:
    """The fields of a dataclass or named tuple that are such numbers, perhaps empty ones."""
    hints = get_type_hints(kind, include_extras=True)
    found = {name: list(_marks(hint)) for name, hint in hints.items()}
    return {name: marks[0] for name, marks in found.items() if marks}


def _marks(hint: Any) -> Any:
    yield from (mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Worded))
    for inner in get_args(hint):
        if not isinstance(inner, Worded):
            yield from _marks(inner)
