"""PostgreSQL's programs: found, run as somebody who may, and explained when they fail."""

import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from traceward.kernel.base import programs
from traceward.kernel.base.programs import (
    Account,
    ServerProblem,
    advice,
    available_binaries,
    is_postgres,
    processes_in,
    text_from,
    unprivileged_account,
    user_name,
    wait_for,
)
from traceward.kernel.base.secret import secret_key


def test_a_kind_of_program_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACEWARD_POSTGRES", "docker")
    with pytest.raises(ServerProblem, match="Set it to wheel or path"):
        available_binaries()


def test_a_folder_lets_an_account_through_or_not(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    mine = tmp_path.stat()
    for mode, expected in ((0o700, (True, False, False)), (0o710, (True, True, False))):
        inner.parent.chmod(mode)
        accounts = (
            Account("owner", mine.st_uid, -1),
            Account("group", -1, mine.st_gid),
            Account("other", -1, -1),
        )
        shown = [
            all(a.reaches(step) for step in (inner, inner / "missing"))
            for a in accounts
            # the folders above are the machine's own; this asks about the two made here
            if a.reaches(tmp_path)
        ]
        assert shown == [e for a, e in zip(accounts, expected, strict=True) if a.reaches(tmp_path)]


def test_a_system_without_an_account_for_the_server_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(programs, "UNPRIVILEGED", ("nobody-of-that-name",))
    with pytest.raises(ServerProblem, match="refuses to run as root"):
        unprivileged_account()
    assert user_name(os.geteuid()) == pwd.getpwuid(os.geteuid()).pw_name
    assert user_name(4_000_000_000) == "4000000000"


def test_what_is_no_postgres_is_known(tmp_path: Path) -> None:
    assert not is_postgres(os.getpid())
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not is_postgres(ended.pid)
    with subprocess.Popen(["sleep", "20"], cwd=tmp_path) as sleeping:
        try:
            assert wait_for(lambda: sleeping.pid in processes_in(tmp_path), 5)
        finally:
            sleeping.kill()
    assert not wait_for(lambda: False, 0.01)


def test_without_a_list_of_processes_ps_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {"stdout": "/usr/lib/postgresql/bin/postgres -D x"}
    monkeypatch.setattr(Path, "exists", lambda self: False)
    monkeypatch.setattr(
        programs.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, **told)
    )
    assert is_postgres(os.getpid())


def test_a_log_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert text_from(tmp_path / "missing", 0) == ""
    (tmp_path / "log").write_bytes(b"before\xffafter")
    assert text_from(tmp_path / "log", 7) == "after"


def test_foreseeable_failures_come_with_what_to_do() -> None:  # UX-02
    assert "free at least" in advice("FATAL: No space left on device")
    assert advice("a\nb\nc\nd\ne") == "It said: b / c / d / e"


def test_a_given_secret_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACEWARD_SECRET_KEY", "given")
    assert secret_key(tmp_path) == "given"
    assert list(tmp_path.iterdir()) == []
