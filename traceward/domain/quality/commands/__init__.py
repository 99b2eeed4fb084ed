"""The verbs of quality. Every module is imported here so that its commands are registered."""

from traceward.domain.quality.commands import checking, deciding, inspecting, releasing
from traceward.domain.quality.commands.deciding import (
    Decided,
    Verdict,
    decide,
    decide_all,
    forbid_acceptance,
)
from traceward.domain.quality.commands.gates import NotInspected
from traceward.domain.quality.commands.inspecting import (
    Found,
    Opened,
    Recorded,
    open_inspections,
    record,
    record_result,
    withdraw,
)
from traceward.domain.quality.commands.releasing import look_through, release

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
    "look_through",
    "open_inspections",
    "record",
    "record_result",
    "release",
    "releasing",
    "withdraw",
]
