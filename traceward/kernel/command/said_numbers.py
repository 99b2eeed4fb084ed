"""A number is said as one: true is no 1, and only the digits 0 to 9 are digits.

Pydantic takes true for 1, and Chinese or Arabic digits for a Decimal; here both are refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from traceward.kernel.base.refusals import Phrase, phrase
from traceward.kernel.command.invalid_input import DIGITS, NUMBER


def misread_number(said: Mapping[str, Any], got: Mapping[str, Any]) -> tuple[str, Phrase] | None:
    """The first value that became a number without having been said as one, and what is wrong."""
    return next(_misread(said, got, ""), None)


def _misread(said: Any, got: Any, path: str) -> Iterator[tuple[str, Phrase]]:
    kind = type(said)
    if kind is bool:
        if isinstance(got, (int, float, Decimal)) and type(got) is not bool:
            yield path, phrase(NUMBER)
    elif kind is str:
        if not said.isascii() and isinstance(got, (int, float, Decimal)):
            yield path, phrase(DIGITS)
    elif kind is dict or kind is list or kind is tuple:
        for name, inner in _parts(said):
            inner_kind = type(inner)
            if inner_kind in LOOKED_INTO and not (inner_kind is str and inner.isascii()):
                yield from _misread(inner, _part(got, name), f"{path}.{name}" if path else name)


LOOKED_INTO = frozenset({bool, str, dict, list, tuple})


def _parts(said: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(said, dict):
        return [(str(name), value) for name, value in said.items()]
    return [(str(n), value) for n, value in enumerate(said)]


def _part(got: Any, name: str) -> Any:
    """The part of what was read that has this name or place; nothing where there is none."""
    if isinstance(got, dict):
        return got.get(name)
    if isinstance(got, (list, tuple)):
        if name.isdecimal():
            return got[int(name)]
        return getattr(got, name, None)
    return getattr(got, name, None)
