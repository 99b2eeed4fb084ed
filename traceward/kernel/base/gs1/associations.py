"""Which application identifiers may, must and must not stand together on one item.

They hold for everything that marks an item: put the elements of all its barcodes together
first. Source: GS1 General Specifications, section 4.13.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from .ai_entries import Group
from .ai_table import AI_TABLE, family
from .problems import CodeProblem

#: Keys that a digital signature needs with their serial part → length without it.
_SERIAL_PART_AFTER: Final = {"253": 13, "255": 13, "8003": 14}
_SIGNATURE: Final = "8030"


class _Rules(NamedTuple):
    """The associations of one application identifier, worked out for quick checks."""

    #: One of these suffices.
    any_of: frozenset[str]
    #: Or all the sets of one of these groups must be met.
    all_of: tuple[tuple[frozenset[str], ...], ...]
    excluded: frozenset[str]
    needs: tuple[Group, ...]


def _rules(ai: str) -> _Rules:
    entry = AI_TABLE[ai]
    groups = [tuple(family(pattern) for pattern in group) for group in entry.needs]
    excluded = frozenset[str]().union(*(family(pattern) for pattern in entry.excludes))
    return _Rules(
        any_of=frozenset[str]().union(*(group[0] for group in groups if len(group) == 1)),
        all_of=tuple(group for group in groups if len(group) > 1),
        # A family of identifiers that exclude each other does not exclude its member itself.
        excluded=excluded - {ai},
        needs=entry.needs,
    )


_RULES: Final = {ai: _rules(ai) for ai in AI_TABLE}


def check_associations(elements: Sequence[tuple[str, str]]) -> None:
    """The elements may stand together: nothing is contradictory, excluded or missing."""
    present = check_repeats(elements)
    check_exclusions(present)
    check_companions(present)
    check_signature(present)


def check_repeats(elements: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Identifier → value, when none stands there with two different values."""
    present: dict[str, str] = {}
    for ai, value in elements:
        if present.setdefault(ai, value) != value:
            raise CodeProblem("ai_repeated", ai=ai, found=value, expected=present[ai])
    return present


def check_exclusions(present: dict[str, str]) -> None:
    """No identifier excludes another one that is present."""
    for ai in present:
        excluded = _RULES[ai].excluded
        if excluded and not excluded.isdisjoint(present):
            other = next(name for name in present if name in excluded)
            raise CodeProblem("ai_excluded", ai=ai, found=other)


def check_companions(present: dict[str, str]) -> None:
    """Every identifier has one of the groups that it needs beside it."""
    for ai in present:
        rules = _RULES[ai]
        if not rules.needs or not rules.any_of.isdisjoint(present):
            continue
        if not any(
            all(not options.isdisjoint(present) for options in group) for group in rules.all_of
        ):
            choices = " / ".join("+".join(f"({name})" for name in g) for g in rules.needs)
            raise CodeProblem("ai_needs_companion", ai=ai, expected=choices)


def check_signature(present: dict[str, str]) -> None:
    """A key that may go without its serial part has one when a digital signature is present."""
    if _SIGNATURE not in present:
        return
    for ai, length in _SERIAL_PART_AFTER.items():
        if len(present.get(ai, "")) == length:
            raise CodeProblem("signature_needs_serial", ai=ai)
