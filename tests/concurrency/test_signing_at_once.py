"""Many guess at once, and several release a lot at once: what counts, counts once. # SEC-01"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from tests import world as worlds
from tests.inbound import code, inspected
from tests.refusing import colleague
from tests.world import World
from traceward.domain.quality import commands as quality
from traceward.domain.quality.commands import releasing
from traceward.domain.quality.models import Inspection
from traceward.kernel.audit.models import AuditEntry, Signature
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.command.shared_devices import (
    PIN,
    TRIES,
    require_pin,
    set_pin,
    share_device,
)
from traceward.kernel.command.signing import MAX_TRIES, require_password
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, SignIn
from traceward.resources.kit import now

CROWD = 12


@pytest.fixture(scope="module")
def real(fresh_database: str, django_db_blocker: Any) -> Iterator[World]:
    """A company in which commits are real."""
    with django_db_blocker.unblock():
        set_up_roles()
        yield worlds.build()
        connections.close_all()


@pytest.fixture
def unblocked(real: World, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def all_at_once(acts: list[Callable[[], Any]]) -> list[str]:
    """What came of each, done at the same moment: "done", or the refusal's kind."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> str:
        try:
            barrier.wait(20)
            act()
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


@pytest.mark.usefixtures("unblocked")
def test_guesses_at_once_are_as_few_as_one_after_the_other(real: World) -> None:  # SEC-01
    by = real.by(roles.PICKER)
    set_pin(Erasable("728319"), by=by.asking().reauthenticated())
    device = share_device("PDA-07", by=by.asking().reauthenticated()).device_id
    person = Person.objects.get(pk=by.person_id)
    moment = now()
    SignIn.objects.create(
        person=person, device_id=device, signed_in_at=moment, seen_at=moment, factor=""
    )
    brief = Actor(person.pk, person.login, is_brief=True)
    guesses = [f"60{n:02}71" for n in range(CROWD)]
    said = all_at_once(
        [lambda pin=pin: require_pin(person, device, pin, brief.asking()) for pin in guesses]
    )
    assert said.count("WrongPassword") == TRIES.default
    assert said.count("PinLocked") == CROWD - TRIES.default
    refused = AuditEntry.objects.filter(actor=person, verb="sign_in.pin_refused")
    assert refused.count() == TRIES.default
    assert not SignIn.objects.filter(factor=PIN).exists()


@pytest.mark.usefixtures("unblocked")
def test_passwords_at_once_are_tried_as_seldom(real: World) -> None:  # SEC-01 QUA-04
    person = Person.objects.get(pk=real.by(roles.CHECKER).person_id)
    by = Actor(person.pk, person.login)
    said = all_at_once([lambda: require_password(person, "wrong", by.asking())] * CROWD)
    assert said.count("WrongPassword") == MAX_TRIES
    assert said.count("TooManyTries") == CROWD - MAX_TRIES


@pytest.mark.usefixtures("unblocked")
def test_a_lot_that_several_release_at_once_is_released_once(real: World) -> None:  # QUA-04
    (row,) = inspected(real, (code("STENT", "L1"), 5))
    heads = [real.by(roles.QUALITY_HEAD), *(colleague(one) for one in (roles.QUALITY_HEAD,))]
    found = Inspection.objects.select_related(*releasing.OF_EVIDENCE).get(pk=row.pk)
    evidence = releasing.judge([found], heads[0], now())[0].evidence
    for by in heads:
        quality.look_through(row.pk, evidence, by=by.asking())
    said = all_at_once(
        [
            lambda by=by: quality.release(
                row.pk, evidence, "fit for use", by=by.asking().reauthenticated()
            )
            for by in heads
        ]
    )
    assert sorted(said) == ["WrongState", "done"]
    assert Signature.objects.filter(subject_uid=row.uid).count() == 1
