"""One mutant's life: a template in which it lives, and the tests that guard it until one fails."""

import gc
import importlib
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable

import psycopg
import pytest

from tests import databases
from tests.databases import ADMIN, clone, drop
from tests.mutation.inside import Weakened, become_owner
from tests.mutation.mutants import Mutant
from traceward.kernel.records.names import sort_key

BELTS = ("tests/stock/test_belts.py", "tests/stock/test_byte_form.py")
PAST = ("tests/stock/test_past.py",)
DECLARED = ("tests/kernel/test_declared.py",)
RIGHTS = ("tests/kernel/test_rights.py",)
POSTS = (
    "tests/stock/test_promises.py",
    "tests/stock/test_without_lots.py",
    "tests/stock/test_refusals.py",
    "tests/stock/test_refused_states.py",
    "tests/stock/test_refused_blocks.py",
    "tests/stock/test_refused_times.py",
)
ALLOCATION = (
    "tests/stock/test_allocation.py",
    "tests/stock/test_allocation_commands.py",
)
RECALLS = ("tests/recalls/test_holding.py", "tests/recalls/test_arriving.py")
CONTAINERS = ("tests/stock/test_containers.py",)
ALLOCATION_RACES = ("tests/stock/test_allocation_races.py",)
CHECKS = ("tests/stock/test_checks.py", "tests/stock/test_on_hand.py")
ALLOCATES = r"stock_(candidates|lock_promises|blocked_balances)"
#: What waits for posts in flight.
WAITS = r"stock_(wait_for_posts|keep_nesting|nest|block_reservations): no advisory"
READS_PAST = r"stock_(past|checkpoint|change|changed|changes|moves|next|make|void|is_inside)"
MODEL = ("tests/model",)
RACES = ("tests/concurrency/test_races.py",)
COMMANDS = (
    "tests/kernel/test_command.py",
    "tests/kernel/test_writing.py",
    "tests/kernel/test_held.py",
    "tests/kernel/test_people.py",
    "tests/kernel/test_duration.py",
)
RULES = ("tests/kernel/test_rules.py", "tests/kernel/test_parameters.py")
SEQUENCE = ("tests/concurrency/test_sequence.py",)
#: Nothing is changed: all tests have to pass.
CONTROL = Mutant("control", "SELECT 1", "control")
#: What mutants are cloned from: templates of other runs come and go.
BASE = f"tw_mutants_{os.getpid()}"
#: A mutant's tests may take so long; then it counts as killed by the clock.
LIMIT_SECONDS = 240
#: Tests that roll everything back: the mutant lives and dies in each one's transaction.
ROLLED_BACK = frozenset(POSTS + ALLOCATION + CONTAINERS)
#: The clones that this process has made and uses for all its mutants.
MADE: set[str] = set()
#: Of each function the tests that killed mutants of it in this process, and how many of them.
LIKELY: dict[str, Counter[str]] = {}
LIKELY_TESTS = 6
#: What pytest says when a test that was named is not there (any more).
NOT_THERE = (4, 5)

#: Plugins of pytest that a mutant's tests do not need, and that take time.
WITHOUT = [f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "xdist",
                                              "unraisableexception")]  # fmt: skip
#: Modules are imported before pytest begins, so that it cannot rewrite them.
WITHOUT += ["-Wignore::pytest.PytestAssertRewriteWarning"]

Stage = tuple[str, ...]
#: "killed", "lives" or "stillborn"; which test or why; how many seconds it took.
Outcome = tuple[str, str, float]


def stages(mutant: Mutant) -> list[Stage]:
    """The test files that guard this, the quickest first."""
    name, kind = mutant.name, mutant.kind
    if kind == "control":
        quick, slow = (
            (BELTS, CONTAINERS, ALLOCATION),
            (PAST, CHECKS, ALLOCATION_RACES, RACES, MODEL),
        )
        return [POSTS, DECLARED, RIGHTS, *quick, (*COMMANDS, *RULES), SEQUENCE, *slow]
    if kind == "right":
        return [RIGHTS, BELTS, (*COMMANDS, *POSTS)]
    if re.match(r"recalls_|stock_gate|stock_block_keeper", name):
        return [RECALLS, POSTS]
    if name.startswith("tw_sequence"):
        return [SEQUENCE]
    if name.startswith(("tw_command", "command_")):
        return [DECLARED, COMMANDS, SEQUENCE, BELTS, RACES]
    if kind == "lock" and re.match(WAITS, name):
        return [BELTS]
    if kind == "lock":
        return [ALLOCATION_RACES, RACES, POSTS]
    if kind in ("constraint", "reference", "column", "index"):
        return [DECLARED, BELTS, (*POSTS, *RULES)]
    if kind in ("trigger", "hash"):
        return [BELTS, (*POSTS, *RULES, *COMMANDS), PAST]
    if name.startswith("tw_"):
        return [BELTS, POSTS]
    if name.startswith(("stock_keep_block", "stock_wait")):
        return [BELTS, POSTS]
    if re.match(r"stock_(keep_)?nest", name):
        return [CONTAINERS, BELTS, POSTS]
    if re.match(ALLOCATES, name):
        return [ALLOCATION, MODEL]
    if re.match(READS_PAST, name):
        return [PAST, CHECKS, MODEL]
    posts = tuple(sorted(POSTS, key=lambda file: "block" not in file)) if "block" in name else POSTS
    return [posts, RACES, MODEL]


def expect_killers(known: Iterable[tuple[str, str]]) -> None:
    """What killed mutants before is tried first on their neighbours."""
    for name, test in known:
        if test.split("::")[0] in ROLLED_BACK:
            LIKELY.setdefault(name.split(":")[0], Counter()).update({test})


def load_tests() -> None:
    """What all runs import is imported once, before they are forked off."""
    for files in stages(CONTROL):
        for file in files:
            if file.endswith(".py"):
                importlib.import_module(file.removesuffix(".py").replace("/", "."))
    sort_key("常用", "")  # reads its dictionary
    gc.freeze()


class Stillborn(Exception):
    """The database does not take the mutant: it is no program."""


def apply(mutant: Mutant, name: str) -> None:
    """A new template of this name, in which the mutant lives."""
    clone(name, BASE)
    with psycopg.connect(ADMIN, dbname=name, autocommit=True) as connection:
        connection.execute("SET ROLE traceward_owner")
        connection.execute(mutant.sql.encode())


def try_on(mutant: Mutant) -> None:
    """The database takes the mutant, and forgets it."""
    with psycopg.connect(ADMIN, dbname=scratch()) as connection:
        connection.execute("SET ROLE traceward_owner")
        try:
            connection.execute(mutant.sql.encode())
        except psycopg.Error as error:
            raise Stillborn(str(error).splitlines()[0]) from None
        finally:
            connection.rollback()


def scratch() -> str:
    """This process's own clone; whatever happens in it is rolled back."""
    name = f"{BASE}_{os.getpid()}"
    if name not in MADE:
        clone(name, BASE)
        MADE.add(name)
    return name


def run(mutant: Mutant, known_killer: str = "", quick: bool = False) -> Outcome:
    """What became of the mutant; the test that killed it last time is asked first."""
    began = time.monotonic()
    template = f"tw_mutant_{os.getpid()}"
    try:
        try_on(mutant)
        killer = _killer(mutant, template, stages(mutant)[: 1 if quick else None], known_killer)
    except Stillborn as error:
        return "stillborn", str(error), time.monotonic() - began
    finally:
        drop(template)
    return "killed" if killer else "lives", killer, time.monotonic() - began


def _killer(mutant: Mutant, template: str, asked: list[Stage], known_killer: str) -> str:
    """The first test that fails on the mutant; "" where none does.

    Tests that nobody has to find go first: what killed it last time, what killed its neighbours.
    """
    is_made = False
    killers = LIKELY.setdefault(mutant.name.split(":")[0], Counter())
    likely = tuple(test for test, _ in killers.most_common(LIKELY_TESTS))
    guesses = [files for files in ((known_killer,), likely) if any(files)]
    for files in [*guesses, *asked]:
        is_inside = all(file.split("::")[0] in ROLLED_BACK for file in files)
        if not is_inside and not is_made:
            apply(mutant, template)
            is_made = True
        code, failed = _pytest(files, "" if is_inside else template, mutant.sql)
        if code in NOT_THERE and files not in guesses:
            raise FileNotFoundError(f"no tests in {files}")
        if code not in (0, *NOT_THERE):
            killers.update({failed} if is_inside else ())
            return failed
    return ""


def _pytest(files: Stage, template: str, sql: str) -> tuple[int, str]:
    """How pytest ended in a fork of this process, and the first failed test.

    On clones of the template; without one, each test has the mutant in its own transaction.
    """
    database = "" if template else scratch()
    with tempfile.TemporaryFile("w+") as output:
        child = os.fork()
        if not child:
            _end_with(output.fileno(), lambda: _on_template(template, files) if template
                      else _inside(database, sql, files))  # fmt: skip
        code = _wait(child)
        _tidy(child)
        output.seek(0)
        lines = output.read().splitlines()
    failed = [x for x in lines if x.startswith(("FAILED ", "ERROR "))]
    named = [x.split(" ", 1)[1].split(" - ")[0] for x in failed]
    return code, named[0] if named else f"pytest ended with {code}"


def _end_with(output: int, work: Callable[[], int]) -> None:
    """This process ends with the work's code, whatever happens in it."""
    code = 3
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = work()
    finally:
        os._exit(code)


def _on_template(template: str, files: Stage) -> int:
    os.environ.update(
        TRACEWARD_TEST_TEMPLATE=template,
        TRACEWARD_STEPS="400",
        TRACEWARD_SEED="7",
        TRACEWARD_ROUNDS="12",
    )
    databases.TEMPLATE, databases.WORKER = template, f"mutant_{os.getpid()}"
    return _tested(files, [])


def _inside(database: str, sql: str, files: Stage) -> int:
    os.environ["TRACEWARD_TEST_DATABASE"] = database
    become_owner()
    return _tested(files, [Weakened(sql)])


def _tested(files: Stage, plugins: list[object]) -> int:
    arguments = ["-x", "-q", "--no-header", "--tb=no", *WITHOUT, *files]
    try:
        return int(pytest.main(arguments, plugins))
    finally:
        sys.stdout.flush()


def _wait(child: int) -> int:
    until = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, 15)
    os.waitpid(child, 0)
    return 124


def _tidy(child: int) -> None:
    """Databases that a child left behind, which was ended in the middle, are gone."""
    with psycopg.connect(ADMIN, autocommit=True) as connection:
        left = connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s",
            [f"^tw_(test_)?mutant_{child}(_test|$)"],
        ).fetchall()
    for (name,) in left:
        drop(name)
