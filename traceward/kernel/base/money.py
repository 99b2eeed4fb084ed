"""Amounts of money: rounded once, at the line, to the currency's minor unit."""

from decimal import ROUND_HALF_UP, Decimal

#: Digits after the point of a currency (ISO 4217) where they are not two.
MINOR_UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}


def line_amount(quantity: int, unit_price: Decimal, currency: str) -> Decimal:
    """Quantity times price, rounded half up to the currency's minor unit."""
    step = Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2))
    return (quantity * unit_price).quantize(step, ROUND_HALF_UP)
