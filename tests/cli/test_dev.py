"""The developers' script answers what it cannot do in a sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DEV = Path(__file__).parents[2] / "dev"


def dev(home: Path, *words: str, **options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, DEV, *words],
        env={**os.environ, "TRACEWARD_LANGUAGE": "en", "TRACEWARD_HOME": str(home), **options},
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


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["frobnicate"], "没有名为 'frobnicate' 的命令"),
        (["check", "--fast"], "此命令不认识 '--fast'"),
        (["reset"], "没有删除任何内容"),
        (["run", "verify"], "无法创建"),
    ],
)
def test_a_chinese_locale_is_answered_in_chinese(
    tmp_path: Path, words: list[str], expected: str
) -> None:  # UX-02
    (tmp_path / "var").write_text("no folder")
    done = dev(tmp_path, *words, TRACEWARD_LANGUAGE="", LC_ALL="zh_CN.UTF-8", PYTHONUTF8="1")
    assert done.returncode == 1
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_help_names_every_command_in_both_languages(tmp_path: Path) -> None:
    told = [
        dev(tmp_path, "help", TRACEWARD_LANGUAGE=language, PYTHONUTF8="1").stdout
        for language in ("en", "zh")
    ]
    named = [re.findall(r"^    \./dev (\w+(?: --?\w+| \[[^]]+\])*)", text, re.M) for text in told]
    assert named[0] == named[1]
    assert len(named[0]) == 14
    assert "Python 3.11 或更新版本" in told[1]


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
    assert done.stdout == "", "only the verb's own answer"
    assert done.returncode == 1
    assert str(tmp_path / "var") in done.stderr
    assert "Traceback" not in done.stderr
