"""The vectors of HIBC and MA, and registered UDI-DIs. Print: python -m tests.kernel.codes."""

from collections.abc import Iterator

import pytest

from tests.kernel.codes.vectors import GROUPS, run_group
from tests.kernel.gs1.vectors import Outcome, table
from tests.kernel.shared_data import needs_shared_data

# INV-05, WMS-01: codes are read and checked as their systems prescribe.

pytestmark = needs_shared_data


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[str, Outcome]]:
    collected: dict[str, Outcome] = {}
    yield collected
    print("\n" + table(collected))


@pytest.mark.parametrize("group", GROUPS)
def test_vectors_have_no_failure(group: str, outcomes: dict[str, Outcome]) -> None:
    outcomes[group] = outcome = run_group(group)
    assert not outcome.failures, "\n".join(outcome.failures)
    assert outcome.passed
