"""What is typed wrong, printed anywhere or asked in another language is answered in a sentence."""

import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock

import psycopg
import pytest
from babel.messages.pofile import read_po
from django.db import OperationalError, ProgrammingError
from django.http import HttpRequest

from traceward.cli import language, main, parser, problems, scratch, serve, worker
from traceward.kernel.base.refusals import Conflict, InvalidInput
from traceward.kernel.base.server import database_urls
from traceward.kernel.base.spoken import VARIABLES
from traceward.kernel.base.translations import LOCALE
from traceward.web import health

PO = LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"


def explained() -> Iterator[str]:
    """Everything that --help says."""
    yield from language.USAGE
    seen = [parser("en")]
    for one in seen:
        yield one.description or ""
        for action in one._actions:
            yield action.help or ""
            if isinstance(action.choices, dict):
                seen += action.choices.values()


def test_help_is_in_both_languages() -> None:
    with PO.open("rb") as file:
        known = read_po(file, locale="zh_Hans")
    words = sorted({text for text in explained() if text and text != "==SUPPRESS=="})
    assert len(words) > 40
    lacking = [text for text in words if not known.get(text) or not known[text].string]
    own = {"show program's version number and exit"}
    assert not set(lacking) - own


@pytest.mark.parametrize("words", [["--language", "zh"], ["--language=zh"]])
def test_help_speaks_the_language_asked_for(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "serve", "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert told.startswith("用法：traceward serve")
    assert "运行网页服务" in told
    with pytest.raises(SystemExit) as ended:
        main([*words, "serve", "--port", "70000"])
    assert ended.value.code == 2
    assert "参数 --port：'70000' 不是有效的 1–65535" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--language", "en", "--help"])
    assert capsys.readouterr().out.startswith("usage: traceward")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"TRACEWARD_LANGUAGE": "zh", "LC_ALL": "C"}, "zh"),
        ({"TRACEWARD_LANGUAGE": "en", "LANG": "zh_CN"}, "en"),
    ],
)
def test_the_environment_names_the_language(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language.language_of(["verify"]) == expected
    assert language.language_of(["--language", "zh", "verify"]) == "zh"
    assert language.language_of(["verify", "--language=en"]) == "en"


def started(*words: str, **options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "traceward", "--language", "zh", *words],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **options},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.usefixtures("home")
def test_output_that_nobody_reads_ends_quietly() -> None:
    with started("doctor") as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_letters_that_the_terminal_lacks_stop_nothing() -> None:
    with started("--help", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0") as process:
        out, error = process.communicate()
    assert (process.returncode, error) == (0, b"")
    assert b"traceward" in out


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (caused(ProgrammingError("x"), psycopg.errors.UndefinedTable("no")), "traceward migrate"),
        (psycopg.errors.InsufficientPrivilege("no right\nLINE"), "does not allow this: no right."),
        (OperationalError("connection refused"), "does not answer: connection refused."),
        (psycopg.OperationalError(""), "does not answer: OperationalError."),
        (FileNotFoundError(errno.ENOENT, "No such file", "/nowhere"), "/nowhere cannot be used"),
    ],
)
def test_a_problem_says_what_to_do(error: Exception, words: str) -> None:
    told = problems.told(error, "en")
    assert told is not None
    assert words in told
    chinese = problems.told(error, "zh")
    assert chinese is not None
    assert chinese != told


@pytest.mark.parametrize("error", [ValueError("x"), ProgrammingError("syntax"), OSError(5, "io")])
def test_a_fault_of_ours_is_no_problem_of_theirs(error: Exception) -> None:
    assert problems.told(error, "en") is None


@pytest.fixture
def home(django_db_setup: None) -> Path:
    from django.conf import settings

    return settings.HOME


@pytest.mark.parametrize("name", ["", "Story", 'a"b', "a-b", "x" * 52, "1a"])
def test_a_sandbox_has_a_plain_name(name: str, home: Path) -> None:
    with pytest.raises(InvalidInput, match="small letters"), scratch.scratch(name, home):
        raise AssertionError


def test_a_sandbox_replaces_no_real_database(home: Path) -> None:
    from django.conf import settings

    name = settings.DATABASES["default"]["NAME"]
    owner = database_urls(home)["owner"]
    for real in ("postgres", psycopg.conninfo.conninfo_to_dict(owner)["dbname"]):
        with pytest.raises(Conflict, match="no sandbox of ours"), scratch.scratch(real, home):
            raise AssertionError
        with psycopg.connect(owner) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [real])
            assert found.fetchone() == (1,)
    assert settings.DATABASES["default"]["NAME"] == name


def test_a_sandbox_serves_one_run(home: Path) -> None:
    with psycopg.connect(database_urls(home)["admin"], autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(7298, hashtext('tw_used'))")
        with pytest.raises(Conflict, match="Another run"), scratch.scratch("tw_used", home):
            raise AssertionError


def test_serve_knows_why_it_cannot_listen() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert serve._hindrance("127.0.0.1", taken) == errno.EADDRINUSE
    assert serve._hindrance("127.0.0.1", taken) == 0
    assert serve._hindrance("192.0.2.1", taken) == errno.EADDRNOTAVAIL
    assert serve._hindrance("no such host", taken) == errno.EADDRNOTAVAIL


def test_without_a_word_the_usage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "usage: traceward" in capsys.readouterr().err


def test_a_head_is_copied_whole() -> None:
    chosen = parser("en").parse_args(["verify", "--head", "zzz"])
    with pytest.raises(InvalidInput, match="64 digits"):
        chosen.module.run(chosen)


def test_a_worker_waits_for_a_database_but_not_for_its_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(error: Exception) -> MagicMock:
        made = MagicMock()
        made.cursor.return_value.__enter__.return_value.execute.side_effect = error
        made.cursor.return_value.__exit__.return_value = False
        return made

    monkeypatch.setattr(worker, "connection", failing(OperationalError("away")))
    worker._require_version()
    monkeypatch.setattr(worker, "connection", failing(ProgrammingError("no table")))
    with pytest.raises(ProgrammingError):
        worker._require_version()


def test_health_says_that_the_database_is_of_another_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def asked() -> None:
        raise ProgrammingError("no table")

    monkeypatch.setattr(health, "_asked", asked)
    answer = health.health(HttpRequest())
    assert answer.status_code == 503
    assert "traceward migrate" in json.loads(answer.content)["why"]
