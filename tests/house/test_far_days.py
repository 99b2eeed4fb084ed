"""Days and moments that daily work cannot be of are refused at their field, as those of orders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.house.examples import EXAMPLES
from tests.house.nothing_there import plain
from tests.house.test_matrix import somebody
from tests.refusing import refused
from tests.world import World
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import run
from traceward.kernel.command.setup import set_up_roles

FIELDS = (
    ("purchasing.order", "wanted_on"),
    ("purchasing.notify", "expected_on"),
    ("sales.order", "ordered_on"),
    ("sales.use", "used_on"),
    ("transfers.request", "wanted_on"),
    ("production.plan", "due_on"),
    ("production.plan_rework", "due_on"),
    ("production.transform", "made_on"),
    ("recalls.open", "decided_on"),
    ("stock.reserve", "demands.0.due_on"),
    ("inbound.receive_notice", "journey.departed_at"),
)


#: Those of what has happened: tomorrow is too late for them already.
HAPPENED = ("ordered_on", "used_on", "made_on", "decided_on")


@pytest.mark.parametrize(("verb", "field"), FIELDS)
def test_a_day_far_off_is_refused(world: World, verb: str, field: str) -> None:
    set_up_roles()
    command = REGISTRY[verb]
    given = plain(EXAMPLES[verb](world))
    by = somebody(command.roles[0].code, None, None)
    inner = given
    for step in field.split(".")[:-1]:
        inner = inner[int(step) if step.isdecimal() else step]
    time = "T08:00:00+08:00" if field.endswith("_at") else ""
    tomorrow = world.shanghai.day_at(timezone.now()) + timedelta(days=1)
    days = ["1900-01-01", "9999-12-31", *([str(tomorrow)] if field in HAPPENED else [])]
    for day in days:
        inner[field.rpartition(".")[2]] = day + time
        with refused(InvalidInput, field):
            run(command, given, by.asking())
