"""Amounts of money: rounded once, at the line, to the currency's minor unit."""

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision, list_currencies

#: Digits after the point that a price may have.
PRICE_DIGITS = 6
#: A price is below this: a million million.
PRICE_LIMIT = Decimal(10) ** 12


def is_currency(code: str) -> bool:
    """Whether it is a currency's code of three letters (ISO 4217, as CLDR lists them)."""
    return code in list_currencies()


def is_price(value: Decimal) -> bool:
    """Whether a price has a value that is kept as it is: zero or more, of so many digits."""
    return value.is_finite() and 0 <= value < PRICE_LIMIT and value == round(value, PRICE_DIGITS)


def line_amount(quantity: int, unit_price: Decimal, currency: str) -> Decimal:
    """Quantity times price, rounded half up to the currency's minor unit (ISO 4217)."""
    step = Decimal(1).scaleb(-get_currency_precision(currency))
    return (quantity * unit_price).quantize(step, ROUND_HALF_UP)
