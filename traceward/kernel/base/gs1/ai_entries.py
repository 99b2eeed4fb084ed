"""What is known of one application identifier, and the forms its value may have.

``ai_table`` fills these; ``elements`` and ``digital_link`` read them.
"""

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .linters import CHARSETS, LINTERS, Linter, lint_cset64


class Component(NamedTuple):
    """One part of a value: character set N, X, Y or Z, length, and content checks by name."""

    charset: str
    shortest: int
    longest: int
    linters: tuple[str, ...] = ()
    optional: bool = False

    def but_optional(self) -> "Component":
        """The same component, absent when the value ends before it."""
        return self._replace(optional=True)


def exactly(charset: str, length: int, *linters: str) -> Component:
    """A component of fixed length."""
    return Component(charset, length, length, linters)


def up_to(charset: str, length: int, *linters: str) -> Component:
    """A component of one to ``length`` characters."""
    return Component(charset, 1, length, linters)


#: Application identifiers of which all must be present together; "31nn" stands for a family.
Group = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One application identifier.

    ``separated``: an FNC1 must follow unless it is last. ``needs``: at least one group must be
    present with it. ``excludes``: none of these may be present. ``qualifiers``: None when it is
    no Digital Link key, else the alternatives of ordered qualifiers. ``in_query``: it may be a
    Digital Link data attribute. ``title`` is GS1's data title; ``title_zh`` is empty where the
    trade here does not use it.
    """

    ai: str
    title: str
    title_zh: str
    components: tuple[Component, ...]
    separated: bool
    needs: tuple[Group, ...]
    excludes: tuple[str, ...]
    qualifiers: tuple[tuple[str, ...], ...] | None
    in_query: bool
    # Worked out once from the above, so that reading a scan is quick.
    shortest: int = field(init=False)
    longest: int = field(init=False)
    pattern: re.Pattern[str] = field(init=False)
    checks: tuple[tuple[int, Linter], ...] = field(init=False)
    #: False when a content check that GS1 prescribes is not written here: such an
    #: application identifier is refused rather than accepted unchecked.
    supported: bool = field(init=False)

    def __post_init__(self) -> None:
        required = [part for part in self.components if not part.optional]
        names = [name for part in self.components for name in part.linters]
        assign = object.__setattr__
        assign(self, "shortest", sum(part.shortest for part in required))
        assign(self, "longest", sum(part.longest for part in self.components))
        assign(self, "pattern", re.compile("".join(map(_part_pattern, self.components))))
        assign(self, "supported", all(name in LINTERS for name in names))
        assign(self, "checks", tuple(_part_checks(self.components)))

    @property
    def is_key(self) -> bool:
        """Whether it may be the primary key of a Digital Link."""
        return self.qualifiers is not None


def _part_pattern(part: Component) -> str:
    length = f"{{{part.shortest},{part.longest}}}"
    return f"([{CHARSETS[part.charset]}]{length})" + ("?" if part.optional else "")


def _part_checks(parts: tuple[Component, ...]) -> list[tuple[int, Linter]]:
    """Group number of the pattern and check, for every check that is written."""
    found: list[tuple[int, Linter]] = []
    for number, part in enumerate(parts, 1):
        if part.charset == "Z":
            found.append((number, lint_cset64))
        found += [(number, LINTERS[name]) for name in part.linters if name in LINTERS]
    return found


#: Content that many application identifiers share.
GTIN: Final = exactly("N", 14, "csum", "gcppos2")
KEY18: Final = exactly("N", 18, "csum", "gcppos1")
GLN: Final = exactly("N", 13, "csum", "gcppos1")
DATE: Final = exactly("N", 6, "yymmd0")
REAL_DATE: Final = exactly("N", 6, "yymmdd")
TIME: Final = exactly("N", 4, "hhmi")
COUNTRY: Final = exactly("N", 3, "iso3166")
SIX: Final = exactly("N", 6)
PIECE: Final = exactly("N", 4, "pieceoftotal")
SIGNED: Final = (SIX, exactly("X", 1, "hyphen").but_optional())


def _groups(text: str) -> tuple[Group, ...]:
    return tuple(tuple(group.split("+")) for group in text.split())


def row(
    ais: str,
    title: str,
    title_zh: str,
    *components: Component,
    needs: str = "",
    excludes: str = "",
    key: str | None = None,
    separated: bool = True,
    in_query: bool = True,
) -> list[Entry]:
    """Entries for one identifier ("17") or a range ("3100-3105").

    ``key`` has the ordered qualifiers, alternatives split by a stroke: "22 10 21 | 235".
    """
    first, _, last = ais.partition("-")
    numbers = range(int(first), int(last or first) + 1)
    qualifiers = None if key is None else tuple(tuple(part.split()) for part in key.split("|"))
    return [
        Entry(
            ai=str(number).zfill(len(first)),
            title=title,
            title_zh=title_zh,
            components=components,
            separated=separated,
            needs=_groups(needs),
            excludes=tuple(excludes.split()),
            qualifiers=qualifiers,
            in_query=in_query,
        )
        for number in numbers
    ]
