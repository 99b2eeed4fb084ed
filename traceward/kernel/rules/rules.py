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


def decide(spec: Spec, candidates: Sequence[Candidate], context: Mapping[str, Any]) -> Decided:
    """The value of the matching candidate whose first differing dimension is the more specific."""
    matching = [
        c for c in candidates if all(context.get(name) == v for name, v in c.context.items())
    ]
    if not matching:
        return Decided(spec.default, "default")
    best = max(matching, key=lambda c: [name in c.context for name in spec.dimensions])
    return Decided(best.value, f"{spec.key}@{best.uid}v{best.version}")
