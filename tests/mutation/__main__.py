"""Run the mutants: `python -m tests.mutation [--quick] [--only NAME] [--jobs N] [--list]`.

Each mutant is applied to a clone of the migrated template, and the tests that guard it run until
one fails. Prints who killed whom; ends with 1 where a mutant lives that is not in EXPLAINED.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
django.setup()

import psycopg  # noqa: E402  # only after Django is set up
import pytest  # noqa: E402
from django.db import connections  # noqa: E402

from tests import databases, world  # noqa: E402, F401  # the template knows its command
from tests.databases import ADMIN, TEMPLATE, drop, execute, make_template  # noqa: E402
from tests.mutation.explained import EXPLAINED  # noqa: E402
from tests.mutation.mutants import Mutant, mutants  # noqa: E402

BELTS = ("tests/stock/test_belts.py",)
DECLARED = ("tests/kernel/test_declared.py",)
POSTS = (
    "tests/stock/test_refusals.py",
    "tests/stock/test_refused_states.py",
    "tests/stock/test_refused_blocks.py",
    "tests/stock/test_refused_times.py",
)
MODEL = ("tests/model",)
RACES = ("tests/concurrency/test_races.py",)
COMMANDS = (
    "tests/kernel/test_command.py",
    "tests/kernel/test_writing.py",
    "tests/kernel/test_held.py",
)
SEQUENCE = ("tests/concurrency/test_sequence.py",)
#: The order of a run: what takes long comes last.
KINDS = ("branch", "constraint", "index", "trigger", "hash", "lock")
#: Nothing is changed: all tests have to pass.
CONTROL = Mutant("control", "SELECT 1", "control")
#: What mutants are cloned from: templates of other runs come and go.
BASE = f"tw_mutants_{os.getpid()}"
#: A mutant's tests may take so long; then it counts as killed by the clock.
LIMIT_SECONDS = 240


def stages(mutant: Mutant) -> list[tuple[str, ...]]:
    """The test files that guard this, the quickest first."""
    name = mutant.name
    if mutant.kind == "control":
        return [DECLARED, BELTS, POSTS, COMMANDS, SEQUENCE, RACES, MODEL]
    if name.startswith("tw_sequence"):
        return [SEQUENCE]
    if name.startswith(("tw_command", "command_")):
        return [(*COMMANDS, *SEQUENCE), BELTS, RACES]
    if mutant.kind == "lock":
        return [RACES, POSTS]
    if mutant.kind in ("constraint", "index"):
        return [DECLARED, BELTS, (*POSTS, "tests/kernel/test_rules.py"), RACES]
    if mutant.kind in ("trigger", "hash"):
        return [BELTS, (*POSTS, "tests/kernel/test_rules.py", *COMMANDS), RACES]
    if name.startswith("tw_"):
        return [BELTS, POSTS]
    posts = tuple(sorted(POSTS, key=lambda file: "block" not in file)) if "block" in name else POSTS
    return [posts, BELTS, MODEL]


def apply(mutant: Mutant, number: int) -> str:
    """A template in which the mutant lives; its name."""
    name = f"tw_mutant_{os.getpid()}_{number}"
    drop(name)
    execute(f'CREATE DATABASE "{name}" TEMPLATE "{BASE}" OWNER traceward_owner')
    try:
        with psycopg.connect(ADMIN, dbname=name, autocommit=True) as connection:
            connection.execute("SET ROLE traceward_owner")
            connection.execute(mutant.sql.encode())
    except psycopg.Error as error:
        drop(name)
        raise Stillborn(str(error).splitlines()[0]) from None
    return name


class Stillborn(Exception):
    """The database does not take the mutant: it is no program."""


def run(mutant: Mutant, number: int, quick: bool) -> tuple[str, str]:
    """("killed", by which test), ("lives", "") or ("stillborn", why)."""
    try:
        template = apply(mutant, number)
    except Stillborn as error:
        return "stillborn", str(error)
    try:
        for files in stages(mutant)[: 1 if quick else None]:
            if killer := _pytest(template, files):
                return "killed", killer
    finally:
        drop(template)
    return "lives", ""


def _pytest(template: str, files: tuple[str, ...]) -> str:
    """The first test that fails on the template, or "", found in a fork of this process."""
    with tempfile.TemporaryFile("w+") as output:
        child = os.fork()
        if not child:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            os._exit(_tested(template, files))
        code = _wait(child)
        output.seek(0)
        lines = output.read().splitlines()
    if code == 0:
        return ""
    failed = [x.split(" ")[1] for x in lines if x.startswith(("FAILED", "ERROR"))]
    return failed[0] if failed else f"pytest ended with {code}"


def _tested(template: str, files: tuple[str, ...]) -> int:
    os.environ.update(
        TRACEWARD_TEST_TEMPLATE=template,
        TRACEWARD_STEPS="400",
        TRACEWARD_SEED="7",
        TRACEWARD_ROUNDS="12",
    )
    databases.TEMPLATE, databases.WORKER = template, f"mutant_{os.getpid()}"
    arguments = ["-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", *files]
    try:
        return int(pytest.main(arguments))
    finally:
        sys.stdout.flush()


def _wait(child: int) -> int:
    until = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(child, 15)
    os.waitpid(child, 0)
    return 124


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the first tests of each mutant")
    parser.add_argument("--only", default="", help="mutants whose name has this in it")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="name the mutants and stop")
    parser.add_argument("--unchecked", action="store_true", help="start without a control run")
    chosen = parser.parse_args()
    make_template()
    with psycopg.connect(ADMIN, dbname=TEMPLATE) as connection:
        found = [m for m in mutants(connection) if chosen.only in m.name]
    if chosen.list:
        print("\n".join(f"{m.kind:10} {m.name}" for m in found))
        return 0
    connections.close_all()
    found.sort(key=lambda m: KINDS.index(m.kind))
    asked = [(m, n, chosen.quick) for n, m in enumerate(found)]
    execute(f'CREATE DATABASE "{BASE}" TEMPLATE "{TEMPLATE}" OWNER traceward_owner')
    try:
        control = ("lives", "") if chosen.unchecked else run(CONTROL, -1, False)
        if control[0] != "lives":
            print(f"The tests fail without any mutant: {control[1]}. Mend them first.")
            return 2
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(chosen.jobs, mp_context=context) as pool:
            results = list(pool.map(_told, *zip(*asked, strict=True)))
    finally:
        drop(BASE)
    counts = {word: sum(r[0] == word for r in results) for word in ("killed", "lives", "stillborn")}
    alive = [m.name for m, r in zip(found, results, strict=True) if r[0] == "lives"]
    unexplained = [name for name in alive if not any(e in name for e in EXPLAINED)]
    print(f"{len(found)} mutants: {counts}; unexplained: {unexplained or 'none'}")
    return 1 if unexplained else 0


def _told(mutant: Mutant, number: int, quick: bool) -> tuple[str, str]:
    result, why = run(mutant, number, quick)
    print(f"{result:10} {mutant.name:100} {why}", flush=True)
    return result, why


if __name__ == "__main__":
    sys.exit(main())
