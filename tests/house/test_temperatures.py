"""A temperature that nothing has is refused at its field, by every command that takes one."""

import re
from typing import Any

import pytest

from tests.house.examples import EXAMPLES
from tests.house.nothing_there import plain
from tests.house.test_matrix import somebody
from tests.refusing import refused
from tests.world import World
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import run
from traceward.kernel.command.setup import set_up_roles

NAME = re.compile(r"_c(_min|_max)?$")


def bounds(schema: Any) -> Any:
    """Of each field of the schema that is named as a temperature, the numbers it may be."""
    if isinstance(schema, list):
        for one in schema:
            yield from bounds(one)
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            if NAME.search(name):
                (number,) = (x for x in inner["anyOf"] if x.get("type") == "number")
                yield name, (number.get("minimum"), number.get("maximum"))
        for one in schema.values():
            yield from bounds(one)


def test_every_temperature_has_its_bounds() -> None:
    found = {
        (verb, *field)
        for verb, command in REGISTRY.items()
        for field in bounds(command.arguments.model_json_schema())
    }
    assert len(found) > 10
    assert {row for row in found if row[2] != (-200, 200)} == set()


@pytest.mark.parametrize("value", ["-500", "1e60", -200.1, "NaN"])
@pytest.mark.parametrize(
    ("verb", "field"),
    [
        ("purchasing.send_return", "transport.departure_c"),
        ("inbound.receive_notice", "journey.arrival_c"),
    ],
)
def test_what_nothing_is_as_warm_as_is_refused(
    world: World, verb: str, field: str, value: Any
) -> None:
    set_up_roles()
    command = REGISTRY[verb]
    given = plain(EXAMPLES[verb](world))
    outer, name = field.split(".")
    given[outer][name] = value
    by = somebody(command.roles[0].code, None, None)
    with refused(InvalidInput, field):
        run(command, given, by)
