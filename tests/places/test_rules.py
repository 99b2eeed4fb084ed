"""Which place suits, and which suits best."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceward.domain.places.rules import Offer, Want, best, keeps_temperature, suits

COLD = Want("qualified", Decimal(2), Decimal(8))


def offer(n: int, zone: str = "", low: int | None = 2, high: int | None = 8, **values) -> Offer:
    limits = [Decimal(x) if x is not None else None for x in (low, high)]
    return Offer(n, f"B{n}", values.pop("rank", n), zone, *limits, **values)


@pytest.mark.parametrize(
    ("place", "need", "is_kept"),
    [
        ((2, 8), (2, 8), True),
        ((3, 7), (2, 8), True),
        ((1, 8), (2, 8), False),
        ((2, 9), (2, 8), False),
        ((None, None), (2, 8), False),
        ((None, None), (None, None), True),
        ((10, 30), (None, 30), True),
        ((10, 31), (None, 30), False),
        ((10, 40), (5, None), True),
    ],
)
def test_a_place_keeps_within_the_label(place, need, is_kept) -> None:  # INV-05
    assert keeps_temperature(place, need) is is_kept


def test_the_same_lot_then_the_marked_zone_then_an_empty_bin_then_the_nearest() -> None:  # INB-04
    far = offer(9, is_empty=False, holds_lot=True)
    zone = offer(5, "qualified", is_empty=False)
    empty, full = offer(4), offer(1, is_empty=False)
    assert best([full, empty, zone, far], COLD) is far
    assert best([full, empty, zone], COLD) is zone
    assert best([full, empty], COLD) is empty
    assert best([full, offer(2, is_empty=False)], COLD) is full
    assert best([offer(1, "rejected"), offer(2, low=0)], COLD) is None


offers = st.builds(
    offer,
    st.integers(1, 99),
    st.sampled_from(["", "qualified", "pending"]),
    st.integers(0, 5),
    st.integers(5, 12),
    holds_lot=st.booleans(),
    is_empty=st.booleans(),
)


@given(st.lists(offers, max_size=6))
def test_what_is_proposed_suits(given_offers: list[Offer]) -> None:
    found = best(given_offers, COLD)
    assert (found is None) == (not any(suits(o, COLD) for o in given_offers))
    assert found is None or suits(found, COLD)
