"""Which value counts: the most specific one that matches. # INV-06"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Spec:
    """A parameter that exists: its default and its dimensions, the most specific first."""

    key: str
    default: Any
    dimensions: tuple[str, ...] = ()
    doc: str = ""
    #: Where only these are values.
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Candidate:
    context: Mapping[str, Any]
    value: Any
    version: int
    uid: str


@dataclass(frozen=True)
class Decided:
    """The value that counts, and which rule said so ("default" where none did)."""

    value: Any
    rule: str


def fits(value: Any, like: Any, choices: Sequence[Any] = ()) -> bool:
    """Whether the value is of the default's kind: no number below zero, the same names within."""
    if type(value) is not type(like):
        return False
    if isinstance(like, dict):
        return set(value) == set(like) and all(fits(value[name], like[name]) for name in like)
    if isinstance(like, list):
        return all(fits(one, like[0] if like else one) for one in value)
    is_negative = isinstance(value, (int, float)) and value < 0
    return not is_negative and (not choices or value in choices)


def decide(spec: Spec, candidates: Sequence[Candidate], context: Mapping[str, Any]) -> Decided:
    """The value of the matching candidate whose first differing dimension is the more specific."""
    matching = [
        c for c in candidates if all(context.get(name) == v for name, v in c.context.items())
    ]
    if not matching:
        return Decided(spec.default, "default")
    best = max(matching, key=lambda c: [name in c.context for name in spec.dimensions])
    return Decided(best.value, f"{spec.key}@{best.uid}v{best.version}")
