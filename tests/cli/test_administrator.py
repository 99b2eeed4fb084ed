"""The first administrator is made at the terminal, and the last one gets back in. # SEC-01"""

from argparse import Namespace

import pytest

from tests.world import World
from traceward.cli import administrator
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, RoleGrant


def made(login: str) -> None:
    administrator.run(Namespace(login=login, name_zh="何云桥", name_en=""))


def roles_of(person: Person) -> list[str]:
    return list(RoleGrant.objects.filter(person=person).values_list("role__code", flat=True))


def test_an_administrator_is_made_and_gets_back_in(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made("he.yunqiao")
    first = capsys.readouterr().out.split()[-1]
    person = Person.objects.get(login="he.yunqiao")
    assert person.check_password(first)
    assert person.must_change_password
    assert roles_of(person) == [roles.ADMINISTRATOR.code]
    made("he.yunqiao")
    second = capsys.readouterr().out.split()[-1]
    person.refresh_from_db()
    assert second != first
    assert person.check_password(second)
    assert roles_of(person) == [roles.ADMINISTRATOR.code]


def test_somebody_who_is_none_does_not_become_one(world: World) -> None:
    picker = world.by(roles.PICKER).login
    before = Person.objects.get(login=picker).password
    with pytest.raises(Refusal, match=picker):
        made(picker)
    person = Person.objects.get(login=picker)
    assert person.password == before
    assert roles_of(person) == [roles.PICKER.code]
