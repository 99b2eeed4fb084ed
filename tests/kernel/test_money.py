"""Amounts are rounded once, at the line, to the minor unit of their currency."""

from decimal import Decimal

from traceward.kernel.base.money import is_currency, is_price, line_amount


def test_half_a_minor_unit_goes_up() -> None:
    assert line_amount(1, Decimal("0.125"), "CNY") == Decimal("0.13")
    assert line_amount(1, Decimal("0.5"), "JPY") == Decimal("1")
    assert line_amount(3, Decimal("0.0015"), "KWD") == Decimal("0.005")
    assert line_amount(1, Decimal("0.0005"), "TND") == Decimal("0.001")
    assert line_amount(1, Decimal("1.5"), "CLP") == Decimal("2")


def test_prices_and_currencies_are_known_as_such() -> None:
    assert is_currency("CNY")
    assert not is_currency("QQQ")
    assert is_price(Decimal("0.000001"))
    assert is_price(Decimal(0))
    for wrong in ("-1", "0.0000001", "NaN", "Infinity", "1e12", "1e999999999"):
        assert not is_price(Decimal(wrong))
