"""Procedures: how the main work is done, step by step, each step a verb that somebody has.

    procedure("count", "盘点", "Count stock", ("warehousing.count", "逐库位清点……", "Count …"))

They are part of the help of every page that one of their steps is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.org.roles import SYSTEM
from traceward.resources import labels
from traceward.resources.labels import Words
from traceward.web.kit.boards import STARTS
from traceward.web.kit.lists import LISTS
from traceward.web.kit.verbs import address, asks_for
from traceward.web.visitors import Visitor


@dataclass(frozen=True)
class Step:
    """One verb of a procedure, and what to know when it is done."""

    verb: str
    words: Words

    @property
    def list_name(self) -> str:
        """The list whose rows it is about; empty where it begins something."""
        return asks_for(REGISTRY[self.verb])[1]

    def told(self, to: Visitor) -> Mapping[str, Any]:
        """The step for this visitor: with a way to it where they may do it."""
        roles = [one.names for one in REGISTRY[self.verb].roles if one != SYSTEM]
        key, join = ("zh", "、") if to.language.startswith("zh") else ("en", ", ")
        return {
            "verb": labels.of_verb(self.verb).in_language(to.language),
            "who": join.join(one[key] for one in roles),
            "text": self.words.in_language(to.language),
            "address": self._way(to),
            "is_mine": to.may(self.verb),
        }

    def _way(self, to: Visitor) -> str:
        if not to.may(self.verb):
            return ""
        if not _begins(self.verb) and self.list_name and to.may(self.list_name):
            return f"/{self.list_name.replace('.', '/')}"
        return address(self.verb).rstrip("?")


def _begins(verb: str) -> bool:
    """Whether it needs nothing that is there before: a list or a role begins with it."""
    creating = {page.create for page in LISTS.values()}
    return verb in creating or any(verb in verbs for verbs in STARTS.values())


@dataclass(frozen=True)
class Procedure:
    """How one piece of work is done, from its first step to its end."""

    key: str
    words: Words
    steps: tuple[Step, ...]

    def is_about(self, name: str) -> bool:
        """Whether a page of this list, or the form of this verb, is part of it."""
        return any(name in (step.verb, step.list_name) for step in self.steps)

    def is_of(self, to: Visitor) -> bool:
        """Whether the visitor has a part in it."""
        return any(to.may(step.verb) for step in self.steps)

    def told(self, to: Visitor) -> Mapping[str, Any]:
        """The procedure for this visitor."""
        steps = [step.told(to) for step in self.steps]
        return {"key": self.key, "title": self.words.in_language(to.language), "steps": steps}


PROCEDURES: dict[str, Procedure] = {}


def procedure(key: str, zh: str, en: str, *steps: tuple[str, str, str]) -> None:
    """Help tells it from now on."""
    made = tuple(Step(verb, Words(*words)) for verb, *words in steps)
    PROCEDURES[key] = Procedure(key, Words(zh, en), made)


def procedures_for(name: str, to: Visitor) -> list[Mapping[str, Any]]:
    """Those of a page; all that the visitor has a part in where nothing is named."""
    return [
        one.told(to)
        for one in PROCEDURES.values()
        if (one.is_about(name) if name else one.is_of(to))
    ]
