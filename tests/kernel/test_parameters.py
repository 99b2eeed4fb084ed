"""Parameters and passwords are set by commands."""

import pytest

from tests.refusing import refused
from tests.world import World
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.administration import set_password
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.rules.models import Parameter
from traceward.kernel.rules.queries import SPECS, reader

KEY = "stock.adjust.hold_above"


def test_the_more_specific_value_counts_and_the_old_one_stays(world: World) -> None:  # INV-06
    by = world.by(roles.QUALITY_HEAD)
    set_parameter(KEY, 50, by=by)
    set_parameter(KEY, 5, {"site": world.shanghai.pk}, by=by.asking())
    assert set_parameter(KEY, 60, by=by.asking()).version == 2
    read = reader(SPECS[KEY])
    assert read.value_for({"site": world.shanghai.pk}).value == 5
    assert read.value_for({"site": world.chengdu.pk}).value == 60
    assert Parameter.objects.filter(key=KEY, value=50).exclude(replaced_at=None).exists()


@pytest.mark.parametrize(
    ("key", "value", "context", "field"),
    [
        ("stock.nothing", 5, {}, "key"),
        (KEY, "many", {}, "value"),
        (KEY, True, {}, "value"),
        (KEY, -1, {}, "value"),
        ("stock.near_expiry.days", [90, -1], {}, "value"),
        ("stock.near_expiry.percents", [-1], {}, "value"),
        ("stock.allocation.strategy", "alphabet", {}, "value"),
        ("recalls.notify_within_days", {"1": 1}, {}, "value"),
        ("recalls.notify_within_days", {"1": 1, "2": 3, "3": -7}, {}, "value"),
        (KEY, 5, {"moon": 1}, "context"),
    ],
)
def test_what_no_rule_asks_for_is_refused(  # UX-02
    world: World, key: str, value: object, context: dict[str, object], field: str
) -> None:
    with refused(InvalidInput, field):
        set_parameter(key, value, context, by=world.by(roles.QUALITY_HEAD))


def test_a_password_is_set_and_nowhere_written(world: World) -> None:  # SEC-01
    person = Person.objects.get(login="test-picker")
    set_password(person.pk, Erasable("correct horse battery"), by=world.by(roles.SYSTEM))
    person.refresh_from_db()
    assert person.check_password("correct horse battery")
    entry = AuditEntry.objects.get(verb="org.set_password")
    assert "horse" not in entry.detail


def test_a_short_password_is_refused(world: World) -> None:
    person = Person.objects.get(login="test-picker")
    with refused(InvalidInput, "password"):
        set_password(person.pk, Erasable("short"), by=world.by(roles.SYSTEM))
