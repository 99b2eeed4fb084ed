"""The developers' script answers what it cannot do in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DEV = Path(__file__).parents[2] / "dev"


def dev(home: Path, *words: str, **options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, DEV, *words],
        env={**os.environ, "TRACEWARD_HOME": str(home), **options},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["frobnicate"], "There is no command 'frobnicate'"),
        (["check", "--fast"], "does not know '--fast'"),
        (["stop", "now"], "does not know 'now'"),
        (["reset", "--hard"], "does not know '--hard'"),
        (["reset"], "Nothing was deleted"),
    ],
)
def test_wrong_words_are_refused(tmp_path: Path, words: list[str], told: str) -> None:
    (tmp_path / "var").mkdir()
    done = dev(tmp_path, *words)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "var").exists()


def test_reset_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "var" / "kept").mkdir(parents=True)
    assert dev(tmp_path, "reset", "--yes").returncode == 0
    assert not (tmp_path / "var").exists()


def test_help_is_printed_on_any_terminal(tmp_path: Path) -> None:
    done = dev(tmp_path, "help", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "./dev demo" in done.stdout


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("no folder")
    done = dev(tmp_path, "run", "verify")
    assert done.returncode == 1
    assert str(tmp_path / "var") in done.stderr
    assert "Traceback" not in done.stderr
