"""The only values that a column has, where these are few and known."""

from typing import Any

from traceward.domain.recalls.models import RecallCase, RecallDrill
from traceward.kernel.documents.models import Document
from traceward.resources.kit import Column, Resource

LEVELS = tuple(kind._meta.get_field("level") for kind in (RecallCase, RecallDrill))


def values_of(resource: Resource, column: Column) -> list[Any]:
    """The only values that there are; empty where any value of the type may be."""
    if column.path == "state" and (states := _states(resource.model)):
        return states
    if column.field is Document._meta.get_field("state"):
        return sorted({state for kind in Document.__subclasses__() for state in _states(kind)})
    words = words_of(column)
    if words:
        return list(words.values())
    blank = [""] if getattr(column.field, "blank", False) and column.type is str else []
    return [*column.choices, *blank] if column.choices else []


def words_of(column: Column) -> dict[int, str]:
    """The word of each number, where numbers stand for words; the levels of recalls are numbers in
    the law, too.
    """
    if column.type is not int or column.field in LEVELS:
        return {}
    return {number: str(word) for number, word in column.field.flatchoices}


def _states(model: Any) -> list[str]:
    steps = {str(state) for pair in getattr(model, "TRANSITIONS", ()) for state in pair}
    only = getattr(model, "ONLY_STATE", "")
    return sorted(steps | {only} if only else steps)
