"""Lot logic over plain values. # PRO-02"""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from traceward.domain.production import rules
from traceward.domain.production.rules import Consumed, Link, Made


def consumed(quantity: int, lot: int = 1, expires: date | None = None) -> Consumed:
    return Consumed(lot, None, quantity, None, expires)


def test_the_earliest_limit_and_the_latest_making_count() -> None:
    rows = [
        Consumed(1, None, 1, date(2026, 1, 2), date(2028, 1, 1)),
        Consumed(2, None, 1, date(2026, 1, 5), None),
        Consumed(3, None, 1, None, date(2027, 6, 30)),
    ]
    assert rules.latest_expiry(rows) == date(2027, 6, 30)
    assert rules.earliest_making(rows) == date(2026, 1, 5)
    assert rules.latest_expiry(rows[1:2]) is None


def test_all_of_all_goes_into_the_one_lot() -> None:
    serials = [Made(9, 91), Made(9, 92)]
    assert rules.links([consumed(5), consumed(7, 2)], serials) == [
        Link(0, 9, None, 5),
        Link(1, 9, None, 7),
    ]


def test_two_lots_have_to_say_their_parts() -> None:
    assert rules.links([consumed(5)], [Made(8, None), Made(9, None)]) is None
    parts = [Made(8, None, ((0, 2),)), Made(9, None, ((0, 3),))]
    assert rules.links([consumed(5)], parts) == [Link(0, 8, None, 2), Link(0, 9, None, 3)]


def test_an_input_too_small_for_all_serials_has_to_be_said() -> None:
    assert rules.links([consumed(1)], [Made(None, 91), Made(None, 92)]) is None


@given(
    st.lists(st.integers(5, 1000), min_size=1, max_size=5), st.integers(min_value=1, max_value=5)
)
def test_what_serials_share_adds_up_to_what_was_consumed(quantities: list[int], n: int) -> None:
    inputs = [consumed(q, lot) for lot, q in enumerate(quantities, 1)]
    found = rules.links(inputs, [Made(None, 90 + k) for k in range(n)])
    assert found is not None
    assert rules.misfit(inputs, found) is None
    assert all(link.quantity > 0 for link in found)


def test_parts_that_do_not_add_up_are_named() -> None:
    inputs = [consumed(5), consumed(7, 2)]
    assert rules.misfit(inputs, [Link(0, 9, None, 5), Link(1, 9, None, 6)]) == 1
