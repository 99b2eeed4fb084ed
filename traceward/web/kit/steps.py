"""Steps: what comes next of rows, asked of all of them at once.

    document_page("warehousing.picks", lead=coming.picks)

A state alone does not say that a receipt has lots that wait, or that all of an order is promised.
A document, its list and the boards ask the same of their rows (docs/adr/0241).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceward.web.visitors import Visitor


@dataclass(frozen=True)
class Step:
    """A verb that is due, whoever does it."""

    verb: str
    #: Whether it may be the visitor: who did the step before may not, nor who is elsewhere.
    is_open: bool = True


#: By id what is due of a row, in order; a row that is not named has nothing that comes next.
Steps = Mapping[Any, tuple[Step, ...]]
#: Given the ids of rows and who looks.
Lead = Callable[[Sequence[Any], Visitor], Steps]


def due(*steps: tuple[Any, ...]) -> tuple[Step, ...]:
    """Those that are due, of (verb, whether it is due, whether it is open to the visitor)."""
    return tuple(Step(verb, *map(bool, is_open)) for verb, is_due, *is_open in steps if is_due)
