"""What is wrong with an argument, in our own words: pydantic's error types, each with a sentence.

Its own sentences are English only and speak of Python; a type that is not in the table gets the
plain one.
"""

from collections.abc import Mapping
from typing import Any

from traceward.kernel.base.refusals import InvalidInput, Phrase, phrase, sentence
from traceward.kernel.command.unseen import UNSEEN

NUMBER = sentence("a whole number is expected")
DECIMAL = sentence("a number is expected")
DIGITS = sentence("a number in the digits 0 to 9 is expected")
TEXT = sentence("a text is expected")
LIST = sentence("a list is expected")
OBJECT = sentence("an object with named values is expected")
YES_NO = sentence("true or false is expected")
DAY = sentence("a date such as 2026-01-31 is expected")
MOMENT = sentence("a moment such as 2026-01-31T08:00:00+08:00 is expected")
ID = sentence("an id in the form of a UUID is expected")
CHOICE = sentence("it must be one of {expected}")
OTHER = sentence("it does not have the form that is expected")

#: Error type of pydantic → sentence; its values are in the error's context.
PROBLEMS = {
    "missing": sentence("it is missing"),
    "missing_argument": sentence("it is missing"),
    "extra_forbidden": sentence("there is no argument of this name"),
    "unexpected_keyword_argument": sentence("there is no argument of this name"),
    "none_required": sentence("it must be left empty"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), NUMBER),
    **dict.fromkeys(
        ("float_type", "float_parsing", "decimal_type", "decimal_parsing"),
        DECIMAL,
    ),
    "finite_number": DECIMAL,
    "decimal_max_digits": sentence("it has more than {max_digits} digits"),
    "decimal_max_places": sentence("it has more than {decimal_places} decimals"),
    "decimal_whole_digits": sentence("it has more than {whole_digits} digits before the point"),
    "multiple_of": sentence("it must be a multiple of {multiple_of}"),
    "greater_than": sentence("it must be greater than {gt}"),
    "greater_than_equal": sentence("it must be {ge} or more"),
    "less_than": sentence("it must be less than {lt}"),
    "less_than_equal": sentence("it must be {le} or less"),
    **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), TEXT),
    "string_too_short": sentence("it needs at least {min_length} characters"),
    "string_too_long": sentence("it may have at most {max_length} characters"),
    "string_pattern_mismatch": OTHER,
    **dict.fromkeys(("bool_type", "bool_parsing"), YES_NO),
    **dict.fromkeys(
        (
            "date_type",
            "date_parsing",
            "date_from_datetime_parsing",
            "date_from_datetime_inexact",
        ),
        DAY,
    ),
    **dict.fromkeys(
        (
            "datetime_type",
            "datetime_parsing",
            "datetime_from_date_parsing",
            "datetime_object_invalid",
        ),
        MOMENT,
    ),
    "timezone_aware": sentence("the time zone is missing"),
    **dict.fromkeys(("uuid_type", "uuid_parsing", "uuid_version"), ID),
    **dict.fromkeys(("enum", "literal_error"), CHOICE),
    **dict.fromkeys(
        ("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"), LIST
    ),
    "too_short": sentence("it needs at least {min_length} entries"),
    "too_long": sentence("it may have at most {max_length} entries"),
    **dict.fromkeys(
        (
            "dict_type",
            "mapping_type",
            "model_type",
            "model_attributes_type",
            "dataclass_type",
            "dataclass_exact_type",
            "named_tuple_type",
        ),
        OBJECT,
    ),
    **dict.fromkeys(("json_invalid", "json_type"), sentence("it is not valid JSON")),
}


def problem_of(error: Mapping[str, Any]) -> Phrase:
    """What one of pydantic's errors says, as a phrase."""
    context = error.get("ctx") or {}
    if error["type"] == UNSEEN:
        said: Phrase = context["problem"]
        return said
    found = PROBLEMS.get(error["type"], OTHER)
    if found is CHOICE:
        return phrase(found, expected=str(context.get("expected", "—")).replace(" or ", ", "))
    return phrase(found, **{k: _plain(v) for k, v in context.items() if f"{{{k}}}" in found})


def _plain(value: Any) -> int | str:
    return value if isinstance(value, int) else str(value)


def unusable(name: str, problem: Phrase, rows: list[dict[str, Any]] | None = None) -> InvalidInput:
    """The refusal of the argument that has this name, or this path."""
    return InvalidInput(
        sentence("The value of “{name}” cannot be used: {problem}. Correct it and send again."),
        field=name,
        details=rows,
        name=name,
        problem=problem,
    )
