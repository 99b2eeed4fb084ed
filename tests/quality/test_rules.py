"""Whether an inspection may be decided, for any results and shares."""

from hypothesis import given
from hypothesis import strategies as st

from traceward.domain.quality.rules import Share, bad_share, failed_checks, missing_checks, totals

checks = st.sampled_from(["packaging", "label", "certificate", "appearance"])
quantities = st.integers(-2, 5)
shares = st.lists(st.builds(Share, st.integers(1, 3), quantities, quantities), max_size=5)


@given(st.lists(checks, unique=True), st.dictionaries(checks, st.booleans()))
def test_a_check_is_missing_failed_or_passed(required: list[str], found: dict[str, bool]) -> None:
    missing, failed = missing_checks(required, found), failed_checks(found)
    assert set(missing) == set(required) - set(found)
    assert not set(missing) & set(failed)
    assert all(found[name] for name in set(found) - set(failed))


@given(shares)
def test_shares_that_are_taken_decide_about_something(given_shares: list[Share]) -> None:
    wrong = bad_share(given_shares)
    if wrong is None:
        accepted, rejected = totals(given_shares)
        assert min(accepted, rejected) >= 0
        assert accepted + rejected >= len(given_shares)
    else:
        share = given_shares[wrong]
        assert share.accepted < 0 or share.rejected < 0 or share.accepted + share.rejected == 0
        assert bad_share(given_shares[:wrong]) is None
