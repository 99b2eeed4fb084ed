"""Nothing is lost or doubled, whatever is killed, and the judge would notice.

A short run always; with TRACEWARD_FULL=1 the whole one, and two with a guard taken away. Each is
a process of its own, with a home, a server and a seed of its own, which it prints.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys

import pytest

from tests.kills.crew import ROOT

FULL = os.environ.get("TRACEWARD_FULL") == "1"
long_run = pytest.mark.skipif(not FULL, reason="long run; set TRACEWARD_FULL=1")


def kills(*flags: str, seconds: float) -> tuple[int, str]:
    """The exit code of a run and what it printed; ended when it takes longer."""
    ours = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "tests.kills", *flags]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=ours,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            told, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.terminate()  # it tidies up
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(60)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            told, _ = process.communicate()
            pytest.fail(f"not over after {seconds} s:\n{told}")
    print(told)
    return process.returncode, told


def figure(name: str, told: str) -> int:
    found = re.search(rf"^{name}: (\d+)", told, re.MULTILINE)
    assert found, told
    return int(found.group(1))


def test_nothing_is_lost_or_doubled_in_some_seconds() -> None:  # SEC-03 SEC-05 UX-02
    # A busy machine gets more time, so that something is acknowledged between the kills.
    flags = ("--minutes", "0.25", "--gap", "2", "4", "--most-minutes", "3")
    flags += ("--kills", "3", "--commands", "60")
    code, told = kills(*flags, seconds=500)
    assert code == 0, told
    assert figure("kills", told) >= 3
    assert figure("acknowledged", told) >= 20


@pytest.mark.full
@long_run
def test_nothing_is_lost_or_doubled_in_ten_minutes() -> None:  # SEC-03 SEC-05 UX-02
    flags = ("--minutes", "10", "--commands", "5000", "--most-minutes", "40")
    code, told = kills(*flags, seconds=3600)
    assert code == 0, told
    assert figure("kills", told) >= 30
    assert figure("acknowledged", told) >= 5000


@pytest.mark.full
@long_run
@pytest.mark.parametrize(
    ("guard", "told_of"),
    [
        ("lookup", "on record more than once"),
        ("lazy commit", "acknowledged but missing"),
    ],
)
def test_the_judge_notices_a_missing_guard(guard: str, told_of: str) -> None:
    flags = ("--minutes", "1.5", "--gap", "3", "6", "--sabotage", guard)
    kinds = ("--kinds", "postmaster", "backend", "web server")
    code, told = kills(*flags, *kinds, seconds=900)
    assert code == 1, told
    assert told_of in told, told
