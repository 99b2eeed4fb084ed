"""The verbs of quality. Every module is imported here so that its commands are registered."""

from traceward.domain.quality.commands import checking, inspecting
from traceward.domain.quality.commands.inspecting import (
    Decided,
    NotInspected,
    Opened,
    Recorded,
    decide,
    forbid_acceptance,
    open_inspections,
    record_result,
    withdraw,
)

__all__ = [
    "Decided",
    "NotInspected",
    "Opened",
    "Recorded",
    "checking",
    "decide",
    "forbid_acceptance",
    "inspecting",
    "open_inspections",
    "record_result",
    "withdraw",
]
