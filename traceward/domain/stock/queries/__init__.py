"""Reading the ledger: what stands now, what stood in the past, and what moved.

Every query takes `sites`: the ids of the sites that the asker may see, or None for the whole
group. It is never left out by accident: it has no default.
"""

from traceward.domain.stock.queries.history import Movement, MovesOf, moves
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
    "ItemOnHand",
    "ItemPast",
    "Moment",
    "Movement",
    "MovesOf",
    "Standing",
    "Stood",
    "Which",
    "items_in_past",
    "items_on_hand",
    "moves",
    "on_hand",
    "stood",
]
