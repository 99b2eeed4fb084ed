"""Which licence covers what, on which day, and why not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceward.domain.partners.rules import Act, Need, Paper, Why, verdict

DAY = date(2026, 6, 1)
GOOD = Paper("distribution", "D1", (2, 3), ("13", "6846"), date(2025, 1, 1), date(2026, 6, 1))
NEED = Need(1, Act.TRADE, 3, "13-07-01")


def test_a_licence_counts_through_its_last_day() -> None:
    assert verdict(NEED, [GOOD], DAY).is_covered
    late = verdict(NEED, [GOOD], DAY + timedelta(days=1))
    assert (late.is_covered, late.why, late.number) == (False, Why.EXPIRED, "D1")
    early = verdict(NEED, [GOOD], date(2024, 12, 31))
    assert early.why is Why.NOT_YET


@pytest.mark.parametrize(
    ("need", "why"),
    [
        (Need(1, Act.TRADE, 3, "14-01-01"), Why.CATEGORY),
        (Need(1, Act.TRADE, 3, "1"), Why.CATEGORY),
        (Need(1, Act.MAKE, 3, "13-07-01"), Why.MISSING),
        (Need(1, Act.USE, 1, "13-07-01"), Why.MISSING),
    ],
)
def test_the_reason_says_what_is_lacking(need: Need, why: Why) -> None:
    assert verdict(need, [GOOD], DAY).why is why


def test_a_scope_of_the_old_catalogue_counts() -> None:
    assert verdict(Need(1, Act.TRADE, 3, "12-01", "6846"), [GOOD], DAY).is_covered


def test_class_one_needs_no_licence_to_trade() -> None:  # Order 54 art. 4
    assert verdict(Need(1, Act.TRADE, 1, "14-01"), [], DAY).is_covered
    assert not verdict(Need(1, Act.TRADE, 2, "14-01"), [], DAY).is_covered


def test_a_filing_covers_class_two_and_not_three() -> None:  # Order 54 art. 4
    filing = Paper("filing", "F", (2, 3), (), date(2020, 1, 1), None)
    assert verdict(Need(1, Act.TRADE, 2, "14-01"), [filing], DAY).is_covered
    assert verdict(Need(1, Act.TRADE, 3, "14-01"), [filing], DAY).why is Why.MISSING


def test_the_nearest_licence_is_named() -> None:
    other = Paper("distribution", "D0", (1,), (), date(2020, 1, 1), None)
    ended = Paper("distribution", "D2", (3,), (), date(2020, 1, 1), date(2025, 1, 1))
    revoked = Paper("distribution", "D3", (3,), (), date(2020, 1, 1), None, is_revoked=True)
    assert verdict(NEED, [other, revoked, ended], DAY).number == "D2"
    assert verdict(NEED, [other, revoked], DAY).why is Why.REVOKED
    assert verdict(NEED, [other], DAY).why is Why.CLASS


@given(
    st.lists(
        st.builds(
            Paper,
            st.sampled_from(["distribution", "filing", "production"]),
            st.just("N"),
            st.sampled_from([(1,), (2, 3), (3,)]),
            st.sampled_from([(), ("13",), ("14",)]),
            st.dates(date(2025, 1, 1), date(2027, 1, 1)),
            st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1)),
            st.booleans(),
        ),
        max_size=4,
    )
)
def test_another_licence_never_takes_cover_away(papers: list[Paper]) -> None:
    covered = any(verdict(NEED, [p], DAY).is_covered for p in papers)
    assert verdict(NEED, papers, DAY).is_covered == covered
