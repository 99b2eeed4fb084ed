"""What may be done with several rows of a list at once.

Bulk("sales.close")                                          each order by a command of its own
Bulk("stock.block", fill={"scope.lot_id": "id"})             … where its argument is named so
Bulk("transfers.request", lines="lines", fill={"item_id": "item_id"})   one form with all rows
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from traceward.kernel.command.registry import REGISTRY, Command
from traceward.resources.plain import is_list
from traceward.web.kit.verbs import asks_for


@dataclass(frozen=True)
class Bulk:
    """A verb for several rows: each by a command of its own, or all as lines of one form."""

    verb: str
    #: Argument → column of the row; the argument that means such a row, unless it says otherwise.
    fill: Mapping[str, str] = field(default_factory=dict)
    #: Column → values: rows with others are left out. A document's states the command says itself.
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    #: The argument whose lines the rows become; `fill` is then about each line.
    lines: str = ""
    #: Argument → column that all of the rows must share.
    common: Mapping[str, str] = field(default_factory=dict)
    #: Argument → value, the same for every row.
    fixed: Mapping[str, Any] = field(default_factory=dict)
    icon: str = ""

    @property
    def command(self) -> Command:
        return REGISTRY[self.verb]

    @cached_property
    def filled(self) -> Mapping[str, str]:
        """Argument → column."""
        return self.fill or {asks_for(self.command)[0]: "id"}

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns that are read for it."""
        return (*self.filled.values(), *self.when, *self.common.values())

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether the row is one of those that it is for, as far as its columns tell."""
        states = self.command.from_states
        if states and not self.fill and "state" in row and row["state"] not in states:
            return False
        return all(row.get(name) in values for name, values in self.when.items())

    def arguments(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What the row fills in; what it has not is left out."""
        made: dict[str, Any] = dict(self.fixed)
        for path, column in self.filled.items():
            if row.get(column) is None:
                continue
            *outer, last = path.split(".")
            into = made
            for name in outer:
                into = into.setdefault(name, {})
            found = str(row[column]) if last.endswith("_uid") else row[column]
            taken = self.command.arguments.model_fields.get(path)
            into[last] = [found] if taken and is_list(taken.annotation) else found
        return made
