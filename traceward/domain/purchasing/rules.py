"""Which order line an announced quantity fills; pure."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Due:
    """What an order line still expects to be announced, in base units."""

    line_id: int
    item_id: int
    quantity: int


@dataclass(frozen=True)
class Filled:
    """So much of announced line `n` fills this order line."""

    n: int
    line_id: int
    quantity: int


def fill(
    announced: Sequence[tuple[int, int]], due: Sequence[Due]
) -> tuple[list[Filled], tuple[int, int] | None]:
    """Announced (item, quantity) in the order's lines, in order.

    With them, the first announced line that does not fit and how much of it would have.
    """
    queues: dict[int, deque[tuple[int, int]]] = defaultdict(deque)
    for d in due:
        queues[d.item_id].append((d.line_id, d.quantity))
    filled: list[Filled] = []
    for n, (item_id, quantity) in enumerate(announced):
        queue, rest = queues[item_id], quantity
        while rest and queue:
            line_id, still_due = queue.popleft()
            taken = min(rest, still_due)
            if taken:
                filled.append(Filled(n, line_id, taken))
            rest -= taken
            if still_due > taken:
                queue.appendleft((line_id, still_due - taken))
        if rest:
            return filled, (n, quantity - rest)
    return filled, None
