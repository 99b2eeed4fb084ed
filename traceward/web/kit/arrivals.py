"""Arrivals: what brings the rows of a list, told where there is none yet.

brings("stock.moves", "warehousing.receive", "warehousing.ship")
by_itself("audit.entries", "每执行一条指令即留痕。", "Every command leaves one.")
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from traceward.resources.labels import Words
from traceward.web.kit.lists import list_of
from traceward.web.kit.procedures import Step
from traceward.web.visitors import Visitor

SILENT = Words("", "")


@dataclass(frozen=True)
class Arrival:
    """By which verbs rows come, and what is to be said of it besides."""

    steps: tuple[Step, ...] = ()
    words: Words = SILENT

    def told(self, to: Visitor) -> Mapping[str, Any]:
        """For this visitor: each verb with the way to it, or with who has it."""
        return {
            "steps": [step.told(to) for step in self.steps],
            "text": self.words.in_language(to.language),
        }


#: By list; the verb of a list's main button brings its rows, too.
ARRIVALS: dict[str, Arrival] = {}


def brings(name: str, *verbs: str) -> None:
    """These verbs bring the rows of the list."""
    ARRIVALS[name] = Arrival(tuple(Step(verb, SILENT) for verb in verbs))


def by_itself(name: str, zh: str, en: str) -> None:
    """Nobody enters the rows of the list: this is how they come."""
    ARRIVALS[name] = Arrival(words=Words(zh, en))


def arrival_of(name: str) -> Arrival:
    """How rows come into the list."""
    create = list_of(name).create
    own = Arrival((Step(create, SILENT),)) if create else Arrival()
    return ARRIVALS.get(name, own)
