"""Amounts, and which order line an announced quantity fills; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

#: Digits after the point of a currency (ISO 4217) where they are not two.
MINOR_UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}


def amount(quantity: int, unit_price: Decimal, currency: str) -> Decimal:
    """The line's amount, rounded half up to the currency's minor unit."""
    step = Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2))
    return (quantity * unit_price).quantize(step, ROUND_HALF_UP)


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
    left = {d.line_id: d.quantity for d in due}
    filled: list[Filled] = []
    for n, (item_id, quantity) in enumerate(announced):
        rest = quantity
        for d in due:
            taken = min(rest, left[d.line_id]) if d.item_id == item_id else 0
            if taken:
                filled.append(Filled(n, d.line_id, taken))
                left[d.line_id] -= taken
                rest -= taken
        if rest:
            return filled, (n, quantity - rest)
    return filled, None
