"""What stands on a page of evidence: gates, facts, tables."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from traceward.web.kit.lists import Link
from traceward.web.visitors import Visitor

Fact = tuple[str, Any]


@dataclass(frozen=True)
class Step:
    """A gate as it stands there: whether it is fulfilled, why not, and where it is settled."""

    text: str
    is_fulfilled: bool
    why: str = ""
    settle: Link | None = None
    #: Who settles it, where the visitor may not.
    who: str = ""


@dataclass(frozen=True)
class Table:
    """Rows with heads; each cell is (what stands there, its style)."""

    heads: tuple[tuple[str, str], ...]
    rows: list[list[tuple[Any, str]]] = field(default_factory=list)

    @property
    def labelled(self) -> list[list[tuple[Any, str, str]]]:
        names = [head for head, _ in self.heads]
        return [
            [(html, css, name) for (html, css), name in zip(row, names, strict=True)]
            for row in self.rows
        ]


@dataclass(frozen=True)
class Part:
    """One side of the evidence: facts, a table, or a word that there is nothing."""

    title: str
    icon: str
    facts: list[Fact] = field(default_factory=list)
    table: Table | None = None
    nothing: str = ""
    tone: str = ""
    count: int | None = None


def local(at: Any, to: Visitor) -> str:
    """The moment at the visitor's place, without the year."""
    return at.astimezone(ZoneInfo(to.time_zone)).strftime("%m-%d %H:%M") if at else "—"


def degrees(value: Decimal) -> str:
    """A temperature without needless zeros."""
    return f"{value.normalize():f}".replace("-", "−")


def is_outside(value: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether it is below or above what is allowed."""
    return (low is not None and value < low) or (high is not None and value > high)
