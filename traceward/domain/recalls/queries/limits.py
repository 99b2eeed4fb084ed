"""The limits of a recall and of a drill, as the rules say them."""

from traceward.domain.recalls import rules
from traceward.kernel.rules.queries import declare

NOTIFY = declare(
    "recalls.notify_within_days",
    rules.NOTIFY_WITHIN_DAYS,
    doc="Days within which consignees are told, by level (Order 29 of 2017).",
)
PLAN = declare(
    "recalls.plan_within_working_days",
    rules.PLAN_WITHIN_WORKING_DAYS,
    doc="Working days after the decision within which investigation and plan are reported "
    "(Order 29 of 2017; from memory, not checked).",
)
