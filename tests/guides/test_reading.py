"""A sentence of a guide is a phrase, or the guide is wrong."""

import pytest

from tests.guides.playing import Player
from tests.guides.reading import PHRASES, Unreadable, acts


def read(text: str, chinese: bool = False) -> list[tuple[str, ...]]:
    return [(one.name, *one.words) for one in acts(text, 1, chinese)]


def test_sentences_are_told_apart_by_what_they_say() -> None:
    assert read(
        "Open `/a.b?c=D`. In **Unit price** enter `0.80` (net. Not gross). You see **A.**"
    ) == [
        ("go", "/a.b?c=D"),
        ("enter", "Unit price", "0.80"),
        ("see", "A."),
    ]
    assert read("You see **A**, `B` and **C**.") == [("see", "A", "B", "C")]
    assert read("在 `X` 一行，**数量**填 `5`（件）。可见**甲**、`乙`。", chinese=True) == [
        ("enter_in", "X", "数量", "5"),
        ("see", "甲", "乙"),
    ]


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("Click **Receive**.", False),
        ("Press **Receive** twice.", False),
        ("Press Receive.", False),
        ("Press **Receive**. And wait.", False),
        ("点击**收货**。", True),
        ("Press **Receive**.", True),
    ],
)
def test_what_is_no_phrase_is_wrong(text: str, chinese: bool) -> None:
    with pytest.raises(Unreadable, match="line 1"):
        read(text, chinese)


def test_every_phrase_is_said_in_both_languages_and_can_be_done() -> None:
    for name, (english, chinese) in PHRASES.items():
        assert english
        assert len(english) == len(chinese)
        assert callable(getattr(Player, name))
