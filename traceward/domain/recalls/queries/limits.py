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
DRILL_WEIGHTS = declare(
    "recalls.drill_weights",
    rules.DRILL_WEIGHTS,
    doc="What each aspect of a drill counts for: every unit is located, who has it is named, "
    "consignees can be reached, have a licence in force, done in time.",
)
DRILL_MINUTES = declare(
    "recalls.drill_within_minutes",
    rules.DRILL_WITHIN_MINUTES,
    doc="Minutes from the beginning of a drill to its conclusion, by level.",
)
DRILL_MONTHS = declare(
    "recalls.drill_every_months",
    rules.DRILL_EVERY_MONTHS,
    doc="Months after a drill within which the next one is due.",
)
