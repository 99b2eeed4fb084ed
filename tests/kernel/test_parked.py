"""Parked events are retried or solved by hand; new handlers do not run for the past. # INT-04"""

import time
import uuid
from typing import Any

from django.db.models import Value
from django.db.models.functions import Concat

from tests import world as worlds
from tests.kernel.verbs import EVERYWHERE, entry, name_party
from tests.ledger import database_now
from tests.refusing import refused
from tests.world import World
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.delivery import deliver, parked
from traceward.kernel.command.parked import retry_parked, solve_parked
from traceward.kernel.command.run import command
from traceward.kernel.command.setup import set_up_handlers, set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party
from traceward.kernel.outbox.models import Event, HandlerProgress, ParkedEvent, QueuedCommand
from traceward.kernel.outbox.sequencer import sequence_commands


@command("testing.greet", subscribes=("PartyNamed",), **EVERYWHERE)
def greet(name: str, *, by: Actor) -> str:
    """Who was named is greeted in Chinese, unless they are shy."""
    if name.startswith("Shy"):
        raise WrongState(sentence("They are shy. Wait."))
    Party.objects.filter(name_en=name).update(name_zh="你好")
    return name


@command("testing.greet_all", subscribes=("PartyNamed",), from_start=True, **EVERYWHERE)
def greet_all(name: str, *, by: Actor) -> str:
    """Whoever was ever named is greeted."""
    Party.objects.filter(name_en=name).update(sort_key="greeted")
    return name


def parked_event(by: Actor, name: str) -> ParkedEvent:
    name_party(name, by=by)
    event = Event.objects.get(name="testing.name.PartyNamed")
    return ParkedEvent.objects.create(
        handler="testing.greet", event=event, parked_at=database_now(), why="a fault of ours"
    )


def test_a_parked_event_is_retried_once(by: Actor, world: World) -> None:
    row = parked_event(by, "Lan")
    asking = world.by(roles.ADMINISTRATOR)
    assert retry_parked(row.uid, by=asking).handler == "testing.greet"
    assert Party.objects.get(name_en="Lan").name_zh == "你好"
    assert parked() == []
    assert entry(asking).facts["retried"] == str(row.event.uid)
    with refused(WrongState):
        retry_parked(row.uid, by=asking.asking())
    with refused(NotFound):
        retry_parked(uuid.uuid4(), by=asking.asking())


def test_what_is_refused_again_stays_parked(by: Actor, world: World) -> None:
    row = parked_event(by, "Shy one")
    with refused(WrongState):
        retry_parked(row.uid, by=world.by(roles.ADMINISTRATOR))
    row.handler = "testing.gone"
    row.save()
    with refused(NotFound):
        retry_parked(row.uid, by=world.by(roles.ADMINISTRATOR))
    assert [p.pk for p in parked()] == [row.pk]


def test_a_parked_event_is_solved_with_a_reason(by: Actor, world: World) -> None:
    row = parked_event(by, "Lan")
    with refused(InvalidInput, "reason"):
        solve_parked(row.uid, " ", by=world.by(roles.ADMINISTRATOR))
    asking = world.by(roles.ADMINISTRATOR)
    solve_parked(row.uid, "done on paper", by=asking)
    assert parked() == []
    assert entry(asking).facts["reason"] == "done on paper"
    assert Party.objects.get(name_en="Lan").name_zh == ""
    with refused(WrongState):
        solve_parked(row.uid, "again", by=asking.asking())


def sequenced() -> None:
    """Every command so far has its sequence; other transactions of the server may delay that."""
    deadline = time.monotonic() + 60
    sequence_commands()
    while QueuedCommand.objects.exists():
        assert time.monotonic() < deadline, "some command was not sequenced"
        time.sleep(0.1)
        sequence_commands()


def test_a_new_handler_begins_at_the_end(
    fresh_database: str, django_db_blocker: Any
) -> None:  # INT-01
    with django_db_blocker.unblock():
        set_up_roles()
        by = worlds.build().by(roles.SYSTEM)
        known = HandlerProgress.objects.filter(handler__startswith="testing.")
        known.update(handler=Concat(Value("earlier."), "handler"))  # as if they were new
        name_party("Old", by=by.asking())
        sequenced()
        set_up_handlers()
        assert deliver() == 1
        name_party("New", by=by.asking())
        sequenced()
        assert deliver() == 2
        zh = dict(
            Party.objects.filter(name_en__in=("Old", "New")).values_list("name_en", "name_zh")
        )
        assert zh == {"Old": "", "New": "你好"}
        assert Party.objects.filter(sort_key="greeted").count() == 2
