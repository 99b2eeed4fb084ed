"""A recall is opened, widened, held, told, answered, reported and closed; or tried as a drill.

Every module is imported here so that its commands are registered. # TRC-03
"""

from traceward.domain.recalls.commands.closing import Reported, close, report
from traceward.domain.recalls.commands.drilling import Drilled, conclude_drill, drill
from traceward.domain.recalls.commands.scoping import (
    CaughtUp,
    ScopeHeld,
    Target,
    add_scope,
    block_scope,
    catch_up,
    open,
)
from traceward.domain.recalls.commands.telling import acknowledge, notify
from traceward.domain.recalls.commands.withdrawing import RecallTakenBack, withdraw

__all__ = [
    "CaughtUp",
    "Drilled",
    "RecallTakenBack",
    "Reported",
    "ScopeHeld",
    "Target",
    "acknowledge",
    "add_scope",
    "block_scope",
    "catch_up",
    "close",
    "conclude_drill",
    "drill",
    "notify",
    "open",
    "report",
    "withdraw",
]
