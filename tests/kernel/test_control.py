"""What `./dev` hears when it asks for the database server: words and exit codes."""

from types import SimpleNamespace
from typing import Any

import pytest

from traceward.kernel.base import control
from traceward.kernel.base.server import ServerProblem
from traceward.kernel.base.spoken import Sentence


class Pretended:
    """A server that runs or not, as the test says, and remembers what was asked of it."""

    is_external = False
    version = "18.6"
    binaries = SimpleNamespace(source="wheel")
    running = False
    fails = False
    asked: list[str]

    def __init__(self, home: str, say: Any) -> None:
        self.say = say

    def is_running(self) -> bool:
        return self.running

    def start(self) -> None:
        if self.fails:
            raise ServerProblem("The disk is full. Free some space.")
        self.asked.append("start")

    def stop(self) -> bool:
        self.asked.append("stop")
        return self.running

    def remove(self) -> None:
        self.say(Sentence("Server stopped."))
        self.asked.append("remove")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> type[Pretended]:
    kind = type("Server", (Pretended,), {"asked": []})
    monkeypatch.setattr(control, "Server", kind)
    monkeypatch.setattr(control, "environment_language", lambda: "en")
    return kind


@pytest.mark.parametrize(
    ("verb", "is_running", "code", "said"),
    [
        ("start", False, 0, "PostgreSQL 18.6 (wheel)"),
        ("start", True, 0, "PostgreSQL 18.6 (wheel) was running"),
        ("stop", True, 0, "Server stopped."),
        ("stop", False, 0, "No server was running."),
        ("status", True, 0, "running"),
        ("status", False, 3, "stopped"),
        ("remove", True, 0, "Server stopped."),
    ],
)
def test_each_verb_says_what_became_true(
    server: type[Pretended],
    capsys: pytest.CaptureFixture[str],
    verb: str,
    is_running: bool,
    code: int,
    said: str,
) -> None:
    server.running = is_running
    assert control.main([verb]) == code
    assert capsys.readouterr().out.strip() == said
    assert server.asked == ([] if verb == "status" else [verb])


@pytest.mark.parametrize("words", [[], ["begin"], ["start", "stop"]])
def test_another_word_is_refused(
    server: type[Pretended], capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert control.main(words) == 2
    assert "Say start, stop, status or remove." in capsys.readouterr().err
    assert server.asked == []


def test_a_problem_is_told(server: type[Pretended], capsys: pytest.CaptureFixture[str]) -> None:
    server.fails = True
    assert control.main(["start"]) == 1
    assert capsys.readouterr().err.strip() == "The disk is full. Free some space."
