"""Pure decisions about sales."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def line_amount(quantity: int, unit_price: Decimal) -> Decimal:
    """Quantity times price, rounded half-up at the line to the currency's minor unit."""
    return (quantity * unit_price).quantize(CENT, rounding=ROUND_HALF_UP)
