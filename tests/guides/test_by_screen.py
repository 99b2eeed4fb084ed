"""Guides whose steps are for the screen are played in a real Chromium, in zh and en. # UX-01"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.guides.company import Served, served
from tests.guides.playing import Player
from tests.guides.reading import Act, Code, is_chinese, read
from tests.house.source import ROOT
from tests.looks.browser import browser, chromium

FOLDER = ROOT / "docs" / "guides"
PLAYED = sorted(
    path for path in FOLDER.glob("*.md") if any(isinstance(one, Act) for one in read(path))
)


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
    try:
        for step in read(path):
            if isinstance(step, Act):
                player.play(step, path)
    finally:
        player.context.close()


def test_both_languages_say_the_same() -> None:
    """The same acts in the same order, with the same things typed. Their words differ."""
    for path in FOLDER.glob("*.md"):
        if is_chinese(path):
            other = path.with_name(path.name.replace(".zh-CN.md", ".md"))
            assert _gist(path) == _gist(other), f"{path.name} and {other.name} part"


def _gist(path: Any) -> list[tuple[str, ...]]:
    return [_meant(one) for one in read(path)]


def _meant(one: Act | Code) -> tuple[str, ...]:
    if isinstance(one, Act):
        return (one.name,)
    is_told = one.language == "text"  # in the language of the guide
    return (one.language, one.marks, str(one.text.count("\n")) if is_told else one.text)
