"""What is drawn on the first page of who looks after the whole."""

from traceward.kernel.org import roles
from traceward.web.kit.bins import drawn_bins
from traceward.web.kit.panels import days_drawn, drawn_lanes, ending_heat, panel, stock_by_state
from traceward.web.kit.questions import DRAWINGS

DRAWINGS["places.standing"] = drawn_bins
WHOLE = (roles.EXECUTIVE, roles.PLANNER, roles.SUPERVISOR, roles.QUALITY_HEAD)
panel(
    "lanes",
    "在途调拨",
    "Transfers under way",
    ("示意图", "schematic"),
    "transfers.unsettled",
    drawn_lanes,
    roles.EXECUTIVE,
    roles.PLANNER,
    roles.SUPERVISOR,
    roles.DISPATCHER,
    roles.COORDINATOR,
)
panel(
    "by_state",
    "库存状态",
    "Stock by state",
    ("基本单位", "base units"),
    "stock.by_status",
    stock_by_state,
    *WHOLE,
    roles.FINANCE,
)
panel(
    "ending",
    "效期风险",
    "Expiry",
    ("剩余天数 × 场所，批次数", "days left × site, lots"),
    "stock.ending_by_site",
    ending_heat,
    *WHOLE,
    roles.COMPLIANCE,
    roles.MAINTENANCE,
)
panel(
    "by_day",
    "每日收货与发运",
    "Receipts and shipments per day",
    ("单数", "documents"),
    "warehousing.by_day",
    days_drawn,
    *WHOLE,
    roles.DISPATCHER,
    roles.COORDINATOR,
)
