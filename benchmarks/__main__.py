"""Run benchmarks, print their table, keep their figures."""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import django

NAMES = ("B1", "B2", "B3", "B4", "B5", "B6", "B12", "B13", "verbs", "pages")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="B1 …", help=f"which of {', '.join(NAMES)}")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small data, under a minute in all")
    size.add_argument("--full", action="store_true", help="10 million moves")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--record", metavar="FILE", help="write the figures' page of the docs")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; choose from {', '.join(NAMES)}")
    return chosen


def main() -> int:
    chosen = arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    django.setup()
    # Only now: the settings must stand before the models.
    from benchmarks import b1, b2, b3, b4, b5, b6, b12, b13, page, pages, scale, verbs
    from benchmarks.figures import table
    from tests import databases

    modules = {
        "B1": b1,
        "B2": b2,
        "B3": b3,
        "B4": b4,
        "B5": b5,
        "B6": b6,
        "B12": b12,
        "B13": b13,
        "verbs": verbs,
        "pages": pages,
    }
    size = scale.QUICK if chosen.quick else scale.FULL if chosen.full else scale.USUAL
    databases.make_template()
    figures = []
    began = time.monotonic()
    for name in chosen.names or modules:
        print(f"› {name} …", flush=True)
        since = time.monotonic()
        found = modules[name].run(size)
        figures += found
        print(f"  {name}: {time.monotonic() - since:.1f} s\n\n{table(found)}\n", flush=True)
    where = page.machine()
    print(f"{where}\nAll in {time.monotonic() - began:.0f} s")
    if chosen.json:
        facts = {"machine": where, "at": datetime.now(UTC).isoformat(), "scale": size.name}
        rows = [f.as_json() for f in figures]
        Path(chosen.json).write_text(json.dumps({**facts, "figures": rows}, indent=1), "utf-8")
    if chosen.record:
        Path(chosen.record).write_text(page.page(figures, " ".join(sys.argv[1:]), where), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
