"""Guides whose steps are for the screen are played in a real Chromium, in zh and en. # UX-01"""

import os
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.guides.company import SERVES, WRITTEN_BASE, WRITTEN_NAME, Served, served
from tests.guides.playing import Player
from tests.guides.reading import Act, Code, is_chinese, read
from tests.guides.terminal import Terminal
from tests.house.source import ROOT
from tests.looks.browser import browser, chromium

FOLDER = ROOT / "docs" / "guides"
GUIDES = sorted([*FOLDER.glob("*.md"), *ROOT.glob("README*.md")])
PLAYED = [path for path in GUIDES if any(isinstance(one, Act) for one in read(path))]
#: Marks of blocks that are not run here: what stands before them is there, or they open a shell.
NOT_RUN = ("clone", "look")
#: What `./dev run` runs, once all is ready.
PROGRAM = f"{shlex.quote(sys.executable)} -m traceward"
FULL = os.environ.get("TRACEWARD_FULL") == "1"


@pytest.fixture(scope="module")
def company() -> Iterator[Served]:
    """One demo for all of them."""
    with served() as made:
        yield made


@pytest.fixture(scope="module")
def started(company: Served) -> Iterator[Any]:
    """One browser for all of them."""
    with browser() as found:
        yield found


@pytest.mark.skipif(
    not chromium(), reason="no Chromium here: apt-get install chromium fonts-noto-cjk"
)
@pytest.mark.parametrize("path", PLAYED, ids=lambda path: path.name.removesuffix(".md"))
def test_the_guide_is_done_as_it_says(company: Served, started: Any, path: Any) -> None:
    player = Player(started, company.base, is_chinese(path))
    language = {"TRACEWARD_LANGUAGE": "zh" if is_chinese(path) else "en"}
    meant = {WRITTEN_NAME: company.name, WRITTEN_BASE: company.base, "./dev run": PROGRAM}
    terminal = Terminal(language, meant)
    was_run = True
    try:
        for step in read(path):
            if isinstance(step, Act):
                player.play(step, path)
            elif step.marks == "serves":
                assert step.text == f"{SERVES}\n"  # as the company here was made
            elif step.language == "text":
                if was_run:
                    terminal.compare(step, path)
            else:
                was_run = step.marks not in NOT_RUN and (FULL or step.marks != "slow")
                if was_run:
                    terminal.run(step, path)
    finally:
        player.context.close()


def test_both_languages_say_the_same() -> None:
    """The same acts in the same order, with the same things typed. Their words differ."""
    for path in GUIDES:
        if is_chinese(path):
            other = path.with_name(path.name.replace(".zh-CN.md", ".md"))
            assert _gist(path) == _gist(other), f"{path.name} and {other.name} part"


def _gist(path: Any) -> list[tuple[str, ...]]:
    return [_meant(one) for one in read(path)]


def _meant(one: Act | Code) -> tuple[str, ...]:
    if isinstance(one, Act):
        return (one.name,)
    is_other = one.language == "text" or one.marks in NOT_RUN  # in the language of the guide
    return (one.language, one.marks, str(one.text.count("\n")) if is_other else one.text)
