"""Amounts are rounded once, at the line, to the minor unit of their currency."""

from decimal import Decimal

from traceward.kernel.base.money import line_amount


def test_half_a_minor_unit_goes_up() -> None:
    assert line_amount(1, Decimal("0.125"), "CNY") == Decimal("0.13")
    assert line_amount(1, Decimal("0.5"), "JPY") == Decimal("1")
    assert line_amount(3, Decimal("0.0015"), "KWD") == Decimal("0.005")
