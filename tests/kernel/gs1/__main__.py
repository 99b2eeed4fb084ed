"""Prints what the published GS1 vectors say: ``python -m tests.kernel.gs1``."""

import sys

from tests.kernel.shared_data import VECTORS, load_vectors

from .vectors import run_group, table


def main() -> int:
    if not VECTORS.exists():
        print("The GS1 vectors are not here; set TRACEWARD_SHARED_DATA to their folder.")
        return 2
    outcomes = {name: run_group(name, vectors) for name, vectors in load_vectors().items()}
    print(table(outcomes))
    failures = [failure for outcome in outcomes.values() for failure in outcome.failures]
    for failure in failures:
        print("FAILED", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
