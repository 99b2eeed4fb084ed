"""A recall is opened, widened, held, told to everybody concerned, answered, reported and closed.

Every module is imported here so that its commands are registered. # TRC-03
"""

from traceward.domain.recalls.commands.closing import Reported, close, report
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
    "RecallTakenBack",
    "Reported",
    "ScopeHeld",
    "Target",
    "acknowledge",
    "add_scope",
    "block_scope",
    "catch_up",
    "close",
    "notify",
    "open",
    "report",
    "withdraw",
]
