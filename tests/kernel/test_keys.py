"""API keys: shown once, kept as a hash, for programs' accounts only. # SEC-01"""

from datetime import date, timedelta

import pytest

from tests.ledger import database_now
from tests.refusing import refused
from tests.stock.clock import set_clock
from tests.world import World
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, WrongState
from traceward.kernel.command.administration import set_password
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.keys import PREFIX, issue_key, key_of, revoke_key
from traceward.kernel.command.models import AnsweredRequest
from traceward.kernel.command.shown_once import HIDDEN
from traceward.kernel.org import roles
from traceward.kernel.org.models import ApiKey, Person


@pytest.fixture
def program(world: World) -> Person:
    return Person.objects.create(login="wms", name_en="WMS", password="!")


def today() -> date:
    return database_now().date()


def test_a_key_opens_its_account_and_is_kept_nowhere(world: World, program: Person) -> None:
    by = world.by(roles.ADMINISTRATOR)
    issued = issue_key(program.pk, "WMS in Chengdu", by=by)
    text = issued.key.reveal()
    assert text.startswith(PREFIX)
    found = key_of(text)
    assert found is not None
    assert found.person == program
    assert key_of(text[:-1] + "!") is None
    assert key_of("") is None
    again = issue_key(program.pk, "WMS in Chengdu", by=by)
    assert (again.key_id, again.key.reveal()) == (issued.key_id, HIDDEN)
    entry = AuditEntry.objects.get(request_id=by.request_id)
    answer = AnsweredRequest.objects.get(request_id=by.request_id).answer
    assert text not in entry.detail + answer


def test_a_key_ends_with_its_day_its_account_or_when_it_is_revoked(
    world: World, program: Person
) -> None:
    by = world.by(roles.ADMINISTRATOR)
    day = today()
    short = issue_key(program.pk, "a day", expires_on=day, by=by.asking())
    assert key_of(short.key.reveal())
    set_clock(database_now() + timedelta(days=1))
    assert key_of(short.key.reveal()) is None
    long = issue_key(program.pk, "for ever", by=by.asking())
    Person.objects.filter(pk=program.pk).update(is_active=False)
    assert key_of(long.key.reveal()) is None
    Person.objects.filter(pk=program.pk).update(is_active=True)
    assert key_of(long.key.reveal())
    revoke_key(long.key_id, "lost", by=by.asking())
    assert key_of(long.key.reveal()) is None
    with refused(WrongState, "key_id"):
        revoke_key(long.key_id, "lost again", by=by.asking())
    with refused(InvalidInput, "reason"):
        revoke_key(short.key_id, " ", by=by.asking())


def test_no_key_for_a_person_who_signs_in(world: World, program: Person) -> None:
    by = world.by(roles.ADMINISTRATOR)
    wang = Person(login="wang", name_en="Wang")
    wang.set_password("correct horse battery")
    wang.save()
    system = Person.objects.get(login="system")
    for person in (wang, system):
        with refused(NotAllowed, "person_id"):
            issue_key(person.pk, "mine", by=by.asking())
    issue_key(program.pk, "its own", by=by.asking())
    with refused(WrongState, "person_id"):
        set_password(program.pk, Erasable("correct horse battery"), by=by.asking())


def test_what_a_key_cannot_be(world: World, program: Person) -> None:
    by = world.by(roles.ADMINISTRATOR)
    with refused(InvalidInput, "label"):
        issue_key(program.pk, "  ", by=by.asking())
    with refused(InvalidInput, "expires_on"):
        issue_key(program.pk, "late", expires_on=today() - timedelta(days=1), by=by.asking())
    for n in range(10):
        issue_key(program.pk, f"key {n}", by=by.asking())
    with refused(WrongState, ""):
        issue_key(program.pk, "one more", by=by.asking())
    assert ApiKey.objects.filter(person=program).count() == 10
