"""GS1's published vectors, group by group. Print the table: python -m tests.kernel.gs1."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kernel.shared_data import load_vectors, needs_shared_data

from .vectors import Outcome, run_group, table

# INV-05, WMS-01: codes are read and checked as GS1 prescribes.

pytestmark = needs_shared_data

VECTORS = load_vectors()


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[str, Outcome]]:
    collected: dict[str, Outcome] = {}
    yield collected
    print("\n" + table(collected))


@pytest.mark.parametrize("group", VECTORS)
def test_vectors_have_no_failure(group: str, outcomes: dict[str, Outcome]) -> None:
    vectors: list[list[Any]] = VECTORS[group]
    outcomes[group] = outcome = run_group(group, vectors)
    assert not outcome.failures, "\n".join(outcome.failures)
    counted = outcome.passed + outcome.skips.total()
    assert counted == len(vectors)


def test_vectors_skipped_are_the_documented_ones() -> None:
    """docs/reference/gs1.md explains 55 skips; another one needs a reason there."""
    skipped = sum(run_group(name, vectors).skips.total() for name, vectors in VECTORS.items())
    assert skipped <= 55
