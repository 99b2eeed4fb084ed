"""Which argument is too large for its column: the database does not say, so it is looked for.

A text is found by the length that the database names, a number by its size. Where several are
that long, those are meant whose name is that of a column of this length.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation, Overflow
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import CharField

from traceward.kernel.base.refusals import InvalidInput, Phrase, phrase, sentence
from traceward.kernel.command.invalid_input import PROBLEMS, unusable
from traceward.kernel.command.values import last_name, values_of

#: A number or day is beyond what can be counted with, before the database sees it.
BEYOND = (OverflowError, InvalidOperation, Overflow)
#: A number below fits into every column.
LEAST = 2**15
#: Years that no record of ours is of.
FIRST, LAST = 2, 9998
TOO_LONG = re.compile(r"value too long for type character varying\((\d+)\)")
NUMBER = sentence("the number is too large")
DAY = sentence("the day is too far off")


def too_large(error: BaseException, arguments: Mapping[str, Any]) -> InvalidInput:
    """The refusal of a value that no column holds, at its field where that can be told."""
    problem, fields = _at_fault(error, list(values_of(dict(arguments))))
    if not fields:
        return InvalidInput(
            sentence("A number is too large, or a text too long or unreadable. Correct it.")
        )
    rows = [{"field": field, "problem": problem} for field in fields[:50]]
    is_clear = len({last_name(field) for field in fields}) == 1
    refusal = unusable(fields[0] if is_clear else ", ".join(fields[:5]), problem, rows)
    refusal.field = fields[0]
    return refusal


def _at_fault(error: BaseException, values: list[tuple[str, Any]]) -> tuple[Phrase, list[str]]:
    told = TOO_LONG.search(str(error))
    if told is not None:
        limit = int(told[1])
        return phrase(PROBLEMS["string_too_long"], max_length=limit), _long_texts(values, limit)
    for kind in (Decimal, int) if _is_of_decimals(error) else (int, Decimal):
        largest = _largest(values, kind)
        if largest:
            return phrase(NUMBER), largest
    far = [p for p, v in values if isinstance(v, date) and not FIRST <= v.year <= LAST]
    return phrase(DAY), far[:1]


def _long_texts(values: list[tuple[str, Any]], limit: int) -> list[str]:
    long = [path for path, value in values if isinstance(value, str) and len(value) > limit]
    return [path for path in long if last_name(path) in _columns(limit)] or long


@cache
def _columns(length: int) -> frozenset[str]:
    """The names of the columns that hold texts of this length."""
    columns = [c for model in apps.get_models() for c in model._meta.concrete_fields]
    return frozenset(c.name for c in columns if isinstance(c, CharField) and c.max_length == length)


def _is_of_decimals(error: BaseException) -> bool:
    return isinstance(error, InvalidOperation | Overflow) or "numeric" in str(error)


def _largest(values: list[tuple[str, Any]], kind: type[int | Decimal]) -> list[str]:
    """The number of this kind that is the farthest from zero, if that is far."""
    sizes = [(_size(value), path) for path, value in values if type(value) is kind]
    size, path = max(sizes, default=(0, ""))
    return [path] if size >= LEAST else []


def _size(value: int | Decimal) -> int | Decimal:
    """Without the sign; abs() of a Decimal may go beyond its context."""
    return value.copy_abs() if isinstance(value, Decimal) else abs(value)
