"""A recall is opened, widened, held, told, answered, reported and closed; or tried as a drill.

Every module is imported here so that its commands are registered. # TRC-03
"""

from traceward.domain.recalls.commands.checking import EffectivenessNoted, check_effectiveness
from traceward.domain.recalls.commands.closing import Reported, close, report
from traceward.domain.recalls.commands.drilling import Drilled, conclude_drill, drill
from traceward.domain.recalls.commands.linking import (
    AnsweredByLink,
    LinkIssued,
    LinkOpened,
    answer_by_link,
    issue_link,
    open_link,
)
from traceward.domain.recalls.commands.origin import Origin
from traceward.domain.recalls.commands.reminding import Reminded, remind, remind_due
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
    "AnsweredByLink",
    "CaughtUp",
    "Drilled",
    "EffectivenessNoted",
    "LinkIssued",
    "LinkOpened",
    "Origin",
    "RecallTakenBack",
    "Reminded",
    "Reported",
    "ScopeHeld",
    "Target",
    "acknowledge",
    "add_scope",
    "answer_by_link",
    "block_scope",
    "catch_up",
    "check_effectiveness",
    "close",
    "conclude_drill",
    "drill",
    "issue_link",
    "notify",
    "open",
    "open_link",
    "remind",
    "remind_due",
    "report",
    "withdraw",
]
