"""Passwords for signatures: wrong ones are on record and few; tokens end with the password."""

import json
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.core import signing as signatures
from django.test import Client

from tests.ledger import database_now
from tests.stock.clock import set_clock
from tests.world import World
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.administration import set_password
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.signing import REFUSED, TooManyTries, WrongPassword, reauthenticated
from traceward.kernel.command.tokens import SALT, person_of, token_for
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person


@pytest.fixture
def head(world: World) -> Person:
    """The head of quality, whose password is "right"."""
    person = Person.objects.get(pk=world.people[roles.QUALITY_HEAD.code].person_id)
    person.password = make_password("right")
    person.save(update_fields=["password"])
    return person


def asking(person: Person) -> Actor:
    return Actor(person.pk, person.login, "test")


def tries(person: Person) -> int:
    return AuditEntry.objects.filter(actor=person, verb=REFUSED, outcome="refused").count()


def test_a_wrong_password_is_on_record_and_the_request_id_stays_free(head: Person) -> None:
    by = asking(head)
    with pytest.raises(WrongPassword):
        reauthenticated(head, "wrong", by)
    entry = AuditEntry.objects.get(actor=head)
    assert (entry.verb, entry.outcome, entry.origin) == (REFUSED, "refused", "test")
    assert "wrong" not in entry.detail.replace("is wrong", "")
    assert entry.request_id != by.request_id
    assert reauthenticated(head, "right", by) == by.reauthenticated()
    assert tries(head) == 1


def test_who_lacks_the_right_is_told_that_and_not_asked_for_the_password(
    world: World, head: Person
) -> None:  # ORG-03 QUA-04
    keeper = Person.objects.get(pk=world.people[roles.STOREKEEPER.code].person_id)
    by = asking(keeper)
    assert reauthenticated(keeper, "wrong", by, "stock.lift_block") == by
    assert tries(keeper) == 0
    with pytest.raises(WrongPassword):
        reauthenticated(head, "wrong", asking(head), "stock.lift_block")
    assert tries(head) == 1


def test_five_wrong_passwords_in_a_quarter_of_an_hour_are_enough(  # SEC-02
    head: Person, world: World
) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            reauthenticated(head, "wrong", asking(head))
    for word in ("wrong", "right"):
        with pytest.raises(TooManyTries, match="15 minutes"):
            reauthenticated(head, word, asking(head))
    assert tries(head) == 5
    set_clock(database_now() + timedelta(minutes=15, seconds=1))
    assert reauthenticated(head, "right", asking(head)).is_reauthenticated


def posted(token: str, password: str) -> tuple[int, dict[str, object]]:
    answer = Client().post(
        "/api/v1/commands/stock.lift_block",
        data=json.dumps({}),
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": str(uuid.uuid4()),
            "Signature-Password": password,
        },
    )
    return answer.status_code, json.loads(answer.content)


def test_the_door_limits_wrong_passwords(head: Person) -> None:
    token = token_for(head)
    assert posted(token, "right")[0] == 422  # signed in; it lacks its arguments
    assert [posted(token, "wrong")[0] for _ in range(6)] == [401] * 5 + [429]
    assert posted(token, "right")[0] == 429
    assert tries(head) == 5


def test_a_token_ends_with_the_password(head: Person, world: World) -> None:  # SEC-01
    token = token_for(head)
    assert person_of(token) == head
    set_password(head.pk, Erasable("correct horse battery"), by=world.by(roles.SYSTEM))
    assert person_of(token) is None
    assert person_of(token_for(Person.objects.get(pk=head.pk))) == head


@pytest.mark.parametrize("payload", ["uid", ["uid"], ["uid", 7], {"a": 1}, ["not a uid", "x"]])
def test_what_is_no_payload_of_ours_is_no_token(head: Person, payload: object) -> None:
    filled = json.loads(json.dumps(payload).replace('"uid"', f'"{head.uid}"'))
    assert person_of(signatures.dumps(filled, salt=SALT)) is None
