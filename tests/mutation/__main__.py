"""Run the mutants: `python -m tests.mutation [--kind KIND] [--only NAME] [--resume] [--list] …`.

Each mutant is applied to a clone of the migrated template, and the tests that guard it run until
one fails. Prints who killed whom; ends with 1 where a mutant lives that is not in EXPLAINED.
"""

import argparse
import multiprocessing
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
django.setup()

import psycopg  # noqa: E402  # only after Django is set up
from django.db import connections  # noqa: E402

from tests import world  # noqa: E402, F401  # the template knows its command
from tests.databases import ADMIN, TEMPLATE, drop, execute, make_template  # noqa: E402
from tests.mutation.inside import look_at  # noqa: E402
from tests.mutation.mutants import Mutant, mutants  # noqa: E402
from tests.mutation.results import (  # noqa: E402
    Result,
    explanation,
    mark,
    remember,
    remembered,
    still_holds,
)
from tests.mutation.runner import BASE, CONTROL, expect_killers, load_tests, run  # noqa: E402

#: The order of a run: what takes long comes last.
KINDS = (
    "constraint", "reference", "column", "index", "right", "trigger", "hash", "branch",
    "condition", "lock",
)  # fmt: skip

#: Tables, and functions that the belts watch.
BELTED = r"\w+/|tw_|stock_keep"


def main() -> int:
    chosen = _parsed()
    began = time.monotonic()
    make_template()
    with psycopg.connect(ADMIN, dbname=TEMPLATE) as connection:
        found = [m for m in mutants(connection) if _is_asked(m, chosen)]
    load_tests()
    connections.close_all()
    found.sort(key=lambda m: KINDS.index(m.kind))
    if chosen.list:
        print("\n".join(f"{m.kind:10} {m.name}" for m in found))
        return 0
    known = remembered()
    expect_killers((r.name, r.why) for r in known.values() if r.became == "killed")
    done = {m.name: known[m.name] for m in found if _is_done(m, known, chosen)}
    print(f"{len(found)} mutants, {len(done)} of them known from before", flush=True)
    execute(f'CREATE DATABASE "{BASE}" TEMPLATE "{TEMPLATE}" OWNER traceward_owner')
    try:
        control = _control(chosen.unchecked) if len(done) < len(found) else ""
        if control:
            print(f"The tests fail without any mutant: {control}. Mend them first.")
            return 2
        done |= _run_all([m for m in found if m.name not in done], known, chosen)
    finally:
        _drop_all()
    print(f"{(time.monotonic() - began) / 60:.1f} minutes")
    return _told(list(done.values()))


def _control(is_short: bool) -> str:
    """The test that fails when nothing is changed; there should be none."""
    with _pool(1) as pool:
        ((_, failed, _),) = pool.submit(look_at, [CONTROL], f"{BASE}_p", BASE).result()
    with _pool(1) as pool:
        return failed or pool.submit(run, CONTROL, quick=is_short).result()[1]


def _drop_all() -> None:
    """The template of this run and all clones of its processes are gone."""
    with psycopg.connect(ADMIN, autocommit=True) as connection:
        made = connection.execute("SELECT datname FROM pg_database WHERE datname ~ %s",
                                  [f"^{BASE}"]).fetchall()  # fmt: skip
    for (name,) in made:
        drop(name)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--kind", default="", help=f"one or more of {','.join(KINDS)}")
    parser.add_argument("--only", default="", help="mutants whose name has this in it")
    parser.add_argument("--but", default="", help="mutants whose name does not begin with this")
    parser.add_argument("--resume", action="store_true", help="leave out what was killed before")
    parser.add_argument("--unexplained", action="store_true", help="leave out what is explained")
    parser.add_argument("--quick", action="store_true", help="only the first tests of each mutant")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="name the mutants and stop")
    parser.add_argument("--unchecked", action="store_true", help="start after a short control run")
    return parser.parse_args()


def _is_asked(mutant: Mutant, chosen: argparse.Namespace) -> bool:
    if chosen.kind and mutant.kind not in chosen.kind.split(","):
        return False
    if chosen.unexplained and explanation(mutant.name):
        return False
    if chosen.but and mutant.name.startswith(chosen.but):
        return False
    return chosen.only in mutant.name


def _is_done(mutant: Mutant, known: dict[str, Result], chosen: argparse.Namespace) -> bool:
    return bool(chosen.resume) and still_holds(mutant, known.get(mutant.name))


def _run_all(
    asked: list[Mutant], known: dict[str, Result], chosen: argparse.Namespace
) -> dict[str, Result]:
    """Each result is printed and kept as soon as it is there."""
    results = {r.name: r for r in _in_transactions(asked, chosen.jobs)}
    with _pool(chosen.jobs) as pool:
        running = {}
        for mutant in asked:
            if mutant.name not in results:
                last = known.get(mutant.name)
                killer = last.why if last and last.became == "killed" and "::" in last.why else ""
                running[pool.submit(run, mutant, killer, chosen.quick)] = mutant
        try:
            for future in as_completed(running):
                mutant = running[future]
                results[mutant.name] = _kept(mutant, *future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


def _in_transactions(asked: list[Mutant], jobs: int) -> Iterator[Result]:
    """Those that a test notices which needs one connection: many in a second."""
    shown = [m for m in asked if m.kind != "lock" and re.match(BELTED, m.name)]
    names = {m.name: m for m in shown}
    parts = [shown[n : n + 40] for n in range(0, len(shown), 40)]
    with _pool(jobs) as pool:
        running = [pool.submit(look_at, p, f"{BASE}_p{n}", BASE) for n, p in enumerate(parts)]
        for future in as_completed(running):
            for name, killer, seconds in future.result():
                if killer:
                    yield _kept(names[name], "killed", killer, seconds)


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork"))


def _kept(mutant: Mutant, became: str, why: str, seconds: float) -> Result:
    result = Result(mutant.name, mutant.kind, became, why, round(seconds, 1), mark(mutant, why))
    remember(result)
    print(f"{became:10}{seconds:6.1f} s  {mutant.name:100} {why}", flush=True)
    return result


def _told(results: list[Result]) -> int:
    """The table of the run; 1 where a mutant lives that nothing explains."""
    words = ("killed", "lives", "stillborn")
    print(f"{'':12}{'mutants':>10}" + "".join(f"{word:>10}" for word in words))
    for kind in (*KINDS, "all"):
        of_kind = [r for r in results if kind in (r.kind, "all")]
        counts = Counter(r.became for r in of_kind)
        print(f"{kind:12}{len(of_kind):10}" + "".join(f"{counts[word]:10}" for word in words))
    alive = [r.name for r in results if r.became == "lives"]
    unexplained = [name for name in alive if not explanation(name)]
    print("Nothing explains:", "".join(f"\n  {name}" for name in unexplained) or "none")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
