"""What is too much or unreadable is refused before anything is done, however deep it lies."""

from dataclasses import dataclass, field

import pytest

from tests.kernel.verbs import EVERYWHERE, entry
from tests.refusing import refused
from traceward.kernel.base.canonical import canonical_json
from traceward.kernel.base.refusals import InvalidInput, TooLarge
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import command, run_json
from traceward.kernel.command.unseen import unseen


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\x07b", "U+0007"),
        ("a\x1db", "U+001D"),
        ("a\x85b", "U+0085"),
        ("😀\u202eabc", "U+202E"),
        ("a\u2066b", "U+2066"),
        ("\u200b", "invisible"),
        (" \u2800\u3164\n", "invisible"),
    ],
)
def test_what_nobody_sees_is_refused_at_its_field(by: Actor, text: str, said: str) -> None:
    for row, path in (({"text": text}, "rows.1.text"), ({"secret": text}, "rows.1.secret")):
        with refused(InvalidInput, path) as caught:
            run_json("testing.table", {"rows": [{"text": "a"}, row]}, by.asking())
        assert said in str(caught.value)
    with refused(InvalidInput, "note"):
        run_json("testing.table", {"rows": [], "note": text}, by.asking())


def test_a_text_has_lines_tabs_and_letters_of_every_script(by: Actor) -> None:
    text = "\ufeffa\tb\r\nc 👩\u200d🔧 नमस्\u200dते ห 𠮷 e\u0301"
    assert table([Row(text=text), Row(text="  "), Row(text="")], note=text, by=by) == 3


def test_what_a_scanner_gave_is_for_its_own_reader() -> None:
    scan = {"codes": ["]d201\x1d10A"], "place_code": "\x1dA-01"}
    for note, path in (("a\x1db", "scans.0.note"), ("a\x00b", "scans.0.note"), ("", None)):
        found = unseen(canonical_json(["testing.table", {"scans": [{**scan, "note": note}]}]))
        assert (found and found[0]) == path
    found = unseen(canonical_json(["testing.table", {"scans": [{"codes": ["A", "\x00"]}]}]))
    assert found is not None
    assert found[0] == "scans.0.codes.1"
