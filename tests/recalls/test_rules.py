"""A recall ends only where every unit is accounted for, whatever the figures. # TRC-03"""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from traceward.domain.recalls.rules import (
    NOTIFY_WITHIN_DAYS,
    Holding,
    Ladder,
    Rung,
    notify_until,
    open_points,
)

units = st.integers(0, 9)
NAMES = {7: {"zh": "医院", "en": "Hospital"}}
#: What the regulator was told.
TOLD = frozenset({"decision", "plan"})


def ladder(came: int, went: int, stands: int, on_the_way: int) -> Ladder:
    standing = (Rung("department", stands), Rung("transit", on_the_way))
    return Ladder((Rung("supplier", came),), (Rung("production", went),), standing)


@given(units, units, units, units)
def test_the_difference_is_what_the_moves_say_and_the_balances_do_not(
    came: int, went: int, stands: int, on_the_way: int
) -> None:
    found = ladder(came, went, stands, on_the_way)
    assert found.difference == came - went - stands - on_the_way


@given(units, units, units, st.one_of(st.none(), units), units, units)
def test_nothing_is_open_exactly_where_all_is_settled(
    undecided: int, uncovered: int, on_the_way: int, found: int | None, standing: int, used: int
) -> None:
    held = Holding(7, standing, used, found is not None, found)
    even = ladder(standing + used + on_the_way, 0, standing + used, on_the_way)
    points = open_points(even, undecided, uncovered, [held], NAMES, TOLD)
    is_settled = not (undecided or uncovered or on_the_way or standing) and found == used
    assert (points == []) == is_settled
    untold = open_points(even, undecided, uncovered, [held], NAMES, ())
    assert untold[: len(points)] == points
    assert [p.why for p in untold[len(points) :]] == [
        f"{kind} not reported to the regulator" for kind in ("decision", "plan")
    ]
    assert all(p.quantity or p.why == "notice not answered" for p in points)


def test_the_clock_of_each_level() -> None:
    days = {1: date(2026, 3, 1), 2: date(2026, 3, 3), 3: date(2026, 3, 7)}
    assert {n: notify_until(NOTIFY_WITHIN_DAYS, n, date(2026, 2, 28)) for n in (1, 2, 3)} == days
