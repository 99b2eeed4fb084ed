"""A table of an answer: its columns in the trade's order, one long row as facts, all as a file.

    columns("stock.expired", "item", "lot", "expires_on", "on_hand", "place")

What is declared is what the page shows; a file has every column.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from traceward.resources.kit import Question
from traceward.web.kit.answers import Json
from traceward.web.kit.exports import safe

#: Rows of a table on the page; a file has all that were answered.
SHOWN = 200
#: One row with more columns than this is told as facts.
FACTS = 8
#: By question and table of its answer, the columns that its page shows, in order.
COLUMNS: dict[tuple[str, str], tuple[str, ...]] = {}


class Asked(Protocol):
    """What was asked, and how it says a value of the answer."""

    question: Question
    given: Mapping[str, Sequence[str]]

    def label(self, name: str) -> str: ...

    def html(self, name: str, row: Json) -> SafeString: ...

    def text(self, name: str, row: Json) -> str: ...


def columns(name: str, *shown: str, of: str = "") -> None:
    """The page of this question shows these columns of its rows, or of a table within them."""
    COLUMNS[name, of] = shown


@dataclass(frozen=True)
class Table:
    """Rows of an answer under one name."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[Json]
    asked: Asked
    #: What its columns are called, where the answer itself says it.
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def is_cut(self) -> bool:
        return len(self.rows) > SHOWN

    @cached_property
    def _said(self) -> list[str]:
        """The columns in which some row that is shown says something; of chosen ones a no is
        nothing."""
        chosen = COLUMNS.get((self.asked.question.name, self.key))
        return [
            name
            for name in chosen or self.columns
            if any(
                row.get(name) not in (None, "") and not (chosen and row[name] is False)
                for row in self.rows[:SHOWN]
            )
        ]

    @property
    def facts(self) -> list[tuple[str, SafeString]]:
        """The only row as facts, where it has too many columns to stand in one line."""
        if self.count != 1 or len(self._said) <= FACTS:
            return []
        return [
            (self._label(name), self.asked.html(name, self.rows[0]))
            for name in self._said
            if self.rows[0].get(name) not in (None, "")
        ]

    @property
    def heads(self) -> list[tuple[str, str]]:
        return [(self._label(name), self._css(name)) for name in self._said]

    def _label(self, name: str) -> str:
        return self.named.get(name) or self.asked.label(name)

    def _css(self, name: str) -> str:
        """How the column stands: numbers to the right, a yes or no with its head on a telephone."""
        first = next((row[name] for row in self.rows if row.get(name) is not None), None)
        if isinstance(first, bool):
            return "tw-yes"
        return "tw-num" if isinstance(first, int) and not name.endswith("_id") else ""

    @property
    def shown(self) -> list[list[tuple[SafeString, str, str]]]:
        names = [(name, self._css(name), self._label(name)) for name in self._said]
        return [
            [(self.asked.html(name, row), css, label) for name, css, label in names]
            for row in self.rows[:SHOWN]
        ]

    @property
    def export(self) -> str:
        given = {**self.asked.given, "part": [self.key]}
        return f"/ask/{self.asked.question.name}/export.csv?{urlencode(given, doseq=True)}"

    def file(self) -> str:
        """All rows, for a spreadsheet."""
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow([safe(self._label(name)) for name in self.columns])
        for row in self.rows:
            writer.writerow([self._bare(name, row) for name in self.columns])
        return "\ufeff" + written.getvalue()

    def _bare(self, name: str, row: Json) -> str:
        found = row.get(name)
        if isinstance(found, int) and not isinstance(found, bool) and not name.endswith("_id"):
            return str(found)
        return safe(self.asked.text(name, row))
