"""What is too much or unreadable is refused before anything is done, however deep it lies."""

from dataclasses import dataclass, field

import pytest

from tests.kernel.verbs import EVERYWHERE, entry
from tests.refusing import refused
from traceward.kernel.base.refusals import InvalidInput, TooLarge
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import command, run_json


@dataclass(frozen=True)
class Row:
    """A line of its own lines."""

    numbers: list[int] = field(default_factory=list)
    text: str = ""
    secret: Erasable | None = None


@command("testing.table", **EVERYWHERE)
def table(
    rows: list[Row], *, deep: list[list[list[int]]] | None = None, note: str = "", by: Actor
) -> int:
    """So many rows came in."""
    return len(rows)


def test_lists_in_lists_count_together(by: Actor) -> None:
    with refused(TooLarge, "rows") as caught:
        table([Row([1] * 10_000), Row([1] * 10_001)], by=by.asking())
    assert caught.value.values["count"] == 20_001
    with refused(TooLarge, "deep"):
        table([], deep=[[[1]] * 10_000, [[], []] * 5_001], by=by.asking())
    with refused(TooLarge, "rows"):
        run_json("testing.table", {"rows": [{"numbers": [1] * 20_001}]}, by.asking())
    assert table([Row([1] * 10_000)] * 2, by=by.asking()) == 2
    assert table([Row()] * 20_000, by=by.asking()) == 20_000


@pytest.mark.parametrize(
    ("verb", "field", "others"),
    [("testing.table", "deep", {"rows": []}), ("testing.name", "numbers", {"name": "Lan"})],
)
def test_what_is_nested_without_end_is_refused(
    by: Actor, verb: str, field: str, others: dict[str, object]
) -> None:
    value: list[object] = []
    for _ in range(5_000):
        value = [value]
    with refused(InvalidInput, field):
        run_json(verb, {**others, field: value}, by.asking())


@pytest.mark.parametrize(
    "row", [{"text": "a\x00b"}, {"secret": "a\x00b"}, {"secret": Erasable("a\x00b")}]
)
def test_a_nul_character_is_refused_wherever_it_stands(by: Actor, row: dict[str, object]) -> None:
    asking = by.asking()
    with refused(InvalidInput) as caught:
        run_json("testing.table", {"rows": [row]}, asking)
    assert "NUL" in str(caught.value)
    assert "NUL" in entry(asking).detail


def test_the_letters_of_an_escape_are_no_nul_character(by: Actor) -> None:
    assert table([Row(text="a\\u0000b")], note="\\\\u0000", by=by) == 1
    assert REGISTRY["testing.table"].has_erasable
