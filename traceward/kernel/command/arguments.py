"""The arguments of a command, checked and typed, before anything is asked of the database."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import ValidationError

from traceward.kernel.base.canonical import canonical_json, digest
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotFound,
    Refusal,
    TooLarge,
    phrase,
    sentence,
)
from traceward.kernel.command.excerpt import LINES, excerpt
from traceward.kernel.command.invalid_input import OTHER, problem_of, unusable
from traceward.kernel.command.registry import Command
from traceward.kernel.command.said_numbers import misread_number
from traceward.kernel.command.unseen import unseen
from traceward.kernel.command.values import last_name, values_of

MAX_LINES = 20_000
MAX_BYTES = 1_000_000
MAX_DEPTH = 20
#: Types of values without lines: most lines hold nothing else, and are passed over at once.
PLAIN = frozenset({type(None), bool, int, str, date, datetime})


@dataclass(frozen=True)
class Checked:
    """Arguments ready to be used, the digest that tells them from others, and their excerpt."""

    arguments: dict[str, Any]
    mark: bytes
    facts: dict[str, Any]


def rough_mark(found: Command, arguments: dict[str, Any]) -> bytes:
    """The digest of arguments that could not be read; of their names only if some are erasable."""
    try:
        shown = str(arguments)[:MAX_BYTES]
    except RecursionError:  # nested without end
        shown = ""
    return digest(sorted(arguments) if found.has_erasable or not shown else shown)


def check_arguments(found: Command, arguments: dict[str, Any]) -> Checked:
    """The arguments, checked and typed, and what is kept of them."""
    _shallow(arguments)
    _few_enough(arguments)
    try:
        model = found.arguments.model_validate(arguments)
    except ValidationError as error:
        raise _invalid(error) from None
    typed = {name: getattr(model, name) for name in type(model).model_fields}
    misread = misread_number(arguments, typed)
    if misread is not None:
        raise unusable(*misread)
    _few_enough(typed)  # a generator has become a list, and an object a record
    canonical = found.canonical(model)
    wrong = unseen(canonical)
    if wrong is not None:
        raise unusable(*wrong)
    lists = {name: value for name, value in typed.items() if isinstance(value, list)}
    first = {name: value[:LINES] for name, value in lists.items()}
    plain = model.model_copy(update=first).model_dump(mode="json")
    small = {k: v for k, v in plain.items() if not isinstance(v, list)}
    if len(canonical_json(small)) > MAX_BYTES:
        raise TooLarge(sentence("The arguments are larger than {limit} bytes."), limit=MAX_BYTES)
    counts = {name: len(value) for name, value in lists.items()}
    return Checked(typed, hashlib.sha256(canonical).digest(), excerpt(plain, counts))


def name_argument(refusal: Refusal, arguments: dict[str, Any]) -> None:
    """What does not exist is named by the argument that said so, if it says no other field.

    Not where arguments of different names have the same id: one of them may well exist.
    """
    if not isinstance(refusal, NotFound) or refusal.field:
        return
    named = refusal.values.get("id")
    paths = [path for path, value in values_of(arguments) if _is_id(value, named)]
    if named and len({last_name(path) for path in paths}) == 1:
        refusal.field = paths[0]


def _is_id(value: Any, named: Any) -> bool:
    is_uid = isinstance(value, uuid.UUID) and str(value) == named
    return is_uid or (type(value) is int and value == named)


def _shallow(arguments: dict[str, Any]) -> None:
    """Refused where lists and objects lie deeper in each other than any argument of ours does."""
    for name, value in arguments.items():
        level = [value]
        for _ in range(MAX_DEPTH):
            level = [inner for outer in level for inner in _inside(outer)]
        if level:
            raise unusable(name, phrase(OTHER))


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def _few_enough(arguments: dict[str, Any]) -> None:
    """Refused where an argument has too many lines, those of its lines counted."""
    for name, value in arguments.items():
        count = _lines(value)
        if count > MAX_LINES:
            raise TooLarge(
                sentence("{count} lines are too many for one command; send at most {limit}."),
                field=name,
                count=count,
                limit=MAX_LINES,
            )


def _lines(value: Any) -> int:
    """The innermost lines: one that has lines itself counts as those."""
    parts: Iterable[Any] = ()
    kind: Any = type(value)
    if _is_list(kind):
        is_plain = PLAIN.issuperset(map(type, value))
        return len(value) if is_plain else sum([_lines(line) or 1 for line in value])
    if _is_record(kind):
        held = getattr(value, "__dict__", None)  # none where it has slots
        parts = [getattr(value, f.name) for f in fields(value)] if held is None else held.values()
    elif isinstance(value, dict):
        parts = value.values()
    elif hasattr(value, "_fields"):
        parts = value
    return sum([_lines(p) for p in parts if p and type(p) not in PLAIN])


@cache
def _is_list(kind: type) -> bool:
    return issubclass(kind, (list, tuple, set, frozenset)) and not hasattr(kind, "_fields")


@cache
def _is_record(kind: type) -> bool:
    return is_dataclass(kind)


def _invalid(error: ValidationError) -> InvalidInput:
    rows: list[dict[str, Any]] = [
        {"field": ".".join(str(p) for p in e["loc"]), "problem": problem_of(e)}
        for e in error.errors(include_url=False, include_input=False)[:50]
    ]
    return unusable(rows[0]["field"], rows[0]["problem"], rows)
