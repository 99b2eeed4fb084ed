"""An audit entry shows the first lines of the arguments and counts; bounded, nothing erasable."""

import json
from typing import Any

import pytest

from tests.kernel.verbs import entry, name_party
from tests.world import World
from traceward.kernel.base.canonical import canonical_json, digest
from traceward.kernel.command import excerpt
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.administration import set_password
from traceward.kernel.command.arguments import check_arguments
from traceward.kernel.command.erasable import KEPT_OUT, Erasable
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.org import roles


def test_the_entry_has_the_arguments_and_their_counts(by: Actor) -> None:  # SEC-02
    name_party("Lan", words={"a": "b"}, numbers=list(range(1000)), by=by)
    row = entry(by)
    shown = row.facts["arguments"]
    assert (shown["name"], shown["then"], shown["words"]) == ("Lan", "", {"a": "b"})
    assert shown["numbers"] == list(range(50))
    assert row.facts["argument_lines"] == {"words": 1, "numbers": 1000}
    whole = {"name": "Lan", "then": "", "words": {"a": "b"}, "numbers": list(range(1000))}
    assert bytes(row.arguments_digest) == digest(["testing.name", whole])


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("testing.name", {"name": "Lan", "words": {"a": "b", "c": "d"}}),
        ("stock.move", {"lines": [{"item_id": 1, "quantity": 2, "from_place_id": 3,
                                   "to_place_id": 4, "owner_id": 5, "lot_id": 6}]}),
    ],
)  # fmt: skip
def test_the_order_of_names_makes_no_other_request(verb: str, arguments: dict[str, Any]) -> None:
    command = REGISTRY[verb]
    assert command.has_free_names == (verb == "testing.name")
    mark = check_arguments(command, arguments).mark
    assert check_arguments(command, _turned_round(arguments)).mark == mark
    other = json.loads(json.dumps(arguments).replace('"c"', '"e"').replace("6", "7"))
    assert check_arguments(command, other).mark != mark


def _turned_round(value: Any) -> Any:
    """The same, with the names of every object in the opposite order."""
    if isinstance(value, dict):
        return {name: _turned_round(value[name]) for name in reversed(value)}
    return [_turned_round(line) for line in value] if isinstance(value, list) else value


def test_erasable_arguments_are_not_in_it(world: World) -> None:  # SEC-02
    person, by = world.by(roles.BUYER), world.by(roles.SYSTEM)
    set_password(person.person_id, Erasable("correct horse battery"), by=by)
    row = entry(by)
    asked = {"person_id": person.person_id, "password": KEPT_OUT, "must_change": True}
    assert row.facts["arguments"] == asked
    assert "horse" not in row.detail


def test_long_texts_and_many_lines_stay_bounded() -> None:
    long = "长" * 10_000
    facts = excerpt.excerpt(
        {"reason": long, "lines": [{"code": long, "note": long}] * 50}, {"lines": 20_000}
    )
    assert facts["argument_lines"] == {"lines": 20_000}
    shown = facts["arguments"]
    assert shown["reason"] == "长" * 199 + "…"
    assert 1 <= len(shown["lines"]) < 50
    assert len(canonical_json(facts)) <= excerpt.BYTES + 1000


def test_one_line_that_is_too_large_is_only_counted() -> None:
    wide = {f"field {n}": "x" * 200 for n in range(200)}
    facts = excerpt.excerpt({"id": 7, "lines": [[wide, wide]] * 3}, {})
    assert facts["argument_lines"] == {"lines": 3}
    facts = excerpt.excerpt({"id": 7, "lines": [{f"{n}": [wide] * 3 for n in range(200)}]}, {})
    assert facts == {"arguments": {"id": 7, "lines": "…"}, "argument_lines": {"lines": 1}}
