"""Where every unit of a recall is, who has it, and whether it adds up. # TRC-03"""

from traceward.domain.recalls.queries.drills import DrillResult, drill_result
from traceward.domain.recalls.queries.found import (
    MAX_UNITS,
    Consignee,
    Group,
    Unit,
    consignees,
    drilled,
    groups,
    ladder,
    list_units,
    promises,
)
from traceward.domain.recalls.queries.meant import Target
from traceward.domain.recalls.queries.progress import Progress, clocks, progress, what_is_open
from traceward.domain.recalls.queries.reach import Reach, reach
from traceward.domain.recalls.queries.what_if import WhatIf, what_if

__all__ = [
    "MAX_UNITS",
    "Consignee",
    "DrillResult",
    "Group",
    "Progress",
    "Reach",
    "Target",
    "Unit",
    "WhatIf",
    "clocks",
    "consignees",
    "drill_result",
    "drilled",
    "groups",
    "ladder",
    "list_units",
    "progress",
    "promises",
    "reach",
    "what_if",
    "what_is_open",
]
