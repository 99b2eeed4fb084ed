"""Reading the ledger: what stands now, what stood in the past, and what moved.

Every query takes `sites`: the ids of the sites that the asker may see, or None for the whole
group. It is never left out by accident: it has no default.
"""

from traceward.domain.stock.queries.alerts import Ending, expired, near_expiry
from traceward.domain.stock.queries.fences import blocks_at, boxes_at, transformations_at
from traceward.domain.stock.queries.held import (
    held_among,
    held_as,
    held_at,
    is_held,
    on_balance,
    on_lot,
    on_serial,
)
from traceward.domain.stock.queries.history import Movement, MovesOf, moves
from traceward.domain.stock.queries.levels import OutOfLimits, Resting, out_of_limits, resting
from traceward.domain.stock.queries.now import (
    ItemOnHand,
    Standing,
    items_on_hand,
    on_hand,
)
from traceward.domain.stock.queries.past import (
    ItemPast,
    Moment,
    Stood,
    items_in_past,
    stood,
)
from traceward.domain.stock.queries.which import Which

__all__ = [
    "Ending",
    "ItemOnHand",
    "ItemPast",
    "Moment",
    "Movement",
    "MovesOf",
    "OutOfLimits",
    "Resting",
    "Standing",
    "Stood",
    "Which",
    "blocks_at",
    "boxes_at",
    "expired",
    "held_among",
    "held_as",
    "held_at",
    "is_held",
    "items_in_past",
    "items_on_hand",
    "moves",
    "near_expiry",
    "on_balance",
    "on_hand",
    "on_lot",
    "on_serial",
    "out_of_limits",
    "resting",
    "stood",
    "transformations_at",
]
