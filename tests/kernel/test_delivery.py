"""Events reach their handler in order, once each; what cannot be handled does not stop the rest."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from django.conf import settings

from tests import world as worlds
from tests.audit.sealed import sequence_all
from tests.databases import ADMIN
from tests.kernel.verbs import EVERYWHERE
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import Busy, WrongState, sentence
from traceward.kernel.command import delivery, run
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.delivery import MAX_FAILURES, deliver, parked, pass_over
from traceward.kernel.command.run import command
from traceward.kernel.command.setup import set_up_handlers, set_up_roles
from traceward.kernel.command.write import emit
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import HandlerProgress

HEARD: list[str] = []


@dataclass(frozen=True)
class Complained:
    """An event of the tests."""

    what: str


@command("testing.complain", **EVERYWHERE)
def complain(what: str, *, by: Actor) -> str:
    """Somebody complained."""
    emit(Complained(what), by=by)
    return what


@command("testing.hear", subscribes=("Complained",), **EVERYWHERE)
def hear(what: str, *, by: Actor) -> str:
    """The complaint was heard, or is refused, or breaks the handler."""
    HEARD.append(what)
    if what == "refuse":
        raise WrongState(sentence("They are shy. Wait."))
    if what == "fail":
        raise ValueError("a fault of ours")
    if what == "busy" and HEARD.count("busy") < 3:
        raise Busy(sentence("Not now."))
    return what


@pytest.fixture
def complaining(
    fresh_database: str, django_db_blocker: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Actor]:
    monkeypatch.setattr(run.time, "sleep", lambda seconds: None)
    with django_db_blocker.unblock():
        set_up_roles()
        set_up_handlers()
        HEARD.clear()
        yield worlds.build().by(roles.SYSTEM)


def said(by: Actor, *words: str) -> None:
    for word in words:
        complain(word, by=by.asking())
    sequence_all()


def test_events_are_handled_in_order_and_once(complaining: Actor) -> None:  # INT-01
    said(complaining, "one", "refuse", "two", "busy", "three")
    for _ in range(5):
        deliver()
    assert HEARD == ["one", "refuse", "two", "busy", "busy", "busy", "three"]
    assert [row.why for row in parked()] == ["They are shy. Wait."]
    done = AuditEntry.objects.filter(verb="testing.hear", outcome="done")
    assert done.count() == 4
    assert set(done.values_list("origin", flat=True)) == {"worker"}

    # The place in the order was lost, as by a restored backup: nothing happens twice.
    HandlerProgress.objects.filter(handler="testing.hear").update(last_sequence=0, last_ordinal=0)
    deliver()
    assert len(HEARD) == 7
    assert len(parked()) == 1

    # A fault is tried again, so often, and then stands aside.
    said(complaining, "fail", "four")
    for n in range(MAX_FAILURES - 1):
        deliver()
        assert HandlerProgress.objects.get(handler="testing.hear").failures == n + 1
        assert "four" not in HEARD
    deliver()
    assert HEARD[-1] == "four"
    assert HandlerProgress.objects.get(handler="testing.hear").failures == 0
    assert [row.why for row in parked()][-1] == "ValueError: a fault of ours"

    # A sandbox's history was played, and what followed from it: nobody hears of it any more.
    said(complaining, "long ago")
    pass_over()
    deliver()
    assert HEARD[-1] == "four"

    # Another worker is at it: this one leaves it alone.
    said(complaining, "five")
    database = settings.DATABASES["default"]["NAME"]
    with psycopg.connect(ADMIN, dbname=database, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('testing.hear', 7206))")
        assert delivery._deliver_to(hear_command()) == 0
        assert HEARD[-1] == "four"
        # A closed connection's server lets go of it a moment later.
        other.execute("SELECT pg_advisory_unlock_all()")
    deliver()
    assert HEARD[-1] == "five"

    # Who has no time gets one event and goes on the next time.
    said(complaining, "six", "seven")
    delivery._deliver_to(hear_command(), seconds=0)
    assert HEARD[-1] == "six"
    delivery._deliver_to(hear_command(), seconds=0)
    assert HEARD[-1] == "seven"


def hear_command() -> run.Command:
    return next(found for found in delivery.handlers() if found.verb == "testing.hear")
