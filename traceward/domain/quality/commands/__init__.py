"""The verbs of quality. Every module is imported here so that its commands are registered."""

from traceward.domain.quality.commands import checking, deciding, inspecting
from traceward.domain.quality.commands.deciding import (
    Decided,
    NotInspected,
    Verdict,
    decide,
    decide_all,
    forbid_acceptance,
)
from traceward.domain.quality.commands.inspecting import (
    Found,
    Opened,
    Recorded,
    open_inspections,
    record,
    record_result,
    withdraw,
)

__all__ = [
    "Decided",
    "Found",
    "NotInspected",
    "Opened",
    "Recorded",
    "Verdict",
    "checking",
    "decide",
    "decide_all",
    "deciding",
    "forbid_acceptance",
    "inspecting",
    "open_inspections",
    "record",
    "record_result",
    "withdraw",
]
