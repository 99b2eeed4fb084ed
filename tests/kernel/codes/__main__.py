"""Prints what the vectors of all code systems say: ``python -m tests.kernel.codes``."""

import sys

from tests.kernel.codes.vectors import GROUPS
from tests.kernel.codes.vectors import run_group as run
from tests.kernel.gs1.vectors import run_group as run_gs1
from tests.kernel.gs1.vectors import table
from tests.kernel.shared_data import VECTORS, load_vectors


def main() -> int:
    if not VECTORS.exists():
        print("The vectors are not here; set TRACEWARD_SHARED_DATA to their folder.")
        return 2
    outcomes = {name: run_gs1(name, vectors) for name, vectors in load_vectors().items()}
    outcomes |= {name: run(name) for name in GROUPS}
    print(table(outcomes))
    failures = [failure for outcome in outcomes.values() for failure in outcome.failures]
    for failure in failures:
        print("FAILED", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
