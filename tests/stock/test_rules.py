"""What makes a lot the same lot, when it expires, and what takes a leg back. # INV-05 INV-01"""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from traceward.domain.stock.models import Code
from traceward.domain.stock.rules import Leg, is_expired, normalised

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
ids = st.integers(1, 99)
legs = st.builds(
    Leg, st.sampled_from([int(c) for c in Code]), ids, ids, st.none(), ids, ids, st.integers(1, 3),
    ids, ids, st.integers(1, 3), ids,
)  # fmt: skip


@given(st.text(max_size=30))
def test_a_normalised_number_is_one_that_stays(number: str) -> None:
    once = normalised(number)
    assert normalised(once) == once
    assert normalised(f"  {number} ") == once


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=20))
def test_small_and_large_letters_are_the_same_lot(number: str) -> None:
    assert normalised(number.lower()) == normalised(number.upper()) == normalised(number)


def test_full_width_and_small_letters_are_the_same_lot() -> None:
    assert normalised(" ａb-１２ ") == "AB-12"


@given(days)
def test_a_lot_is_usable_through_its_last_day(last: date) -> None:
    assert not is_expired(last, last)
    assert is_expired(last, last + timedelta(days=1))
    assert not is_expired(None, last)


@given(legs)
def test_a_leg_taken_back_twice_is_the_leg(leg: Leg) -> None:
    back = leg.mirrored(5, Code.REVERSE, "wrong")
    again = back.mirrored(6, leg.code, "right")
    assert (back.from_place_id, back.to_place_id) == (leg.to_place_id, leg.from_place_id)
    assert again._replace(reverses_id=leg.reverses_id, reason=leg.reason) == leg
