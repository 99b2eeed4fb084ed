"""Where every unit of a recall is, who has it, and whether it adds up. # TRC-03"""

from traceward.domain.recalls.queries.found import (
    MAX_UNITS,
    Consignee,
    Group,
    Unit,
    consignees,
    groups,
    ladder,
    list_units,
)
from traceward.domain.recalls.queries.progress import Progress, clocks, progress, what_is_open

__all__ = [
    "MAX_UNITS",
    "Consignee",
    "Group",
    "Progress",
    "Unit",
    "clocks",
    "consignees",
    "groups",
    "ladder",
    "list_units",
    "progress",
    "what_is_open",
]
