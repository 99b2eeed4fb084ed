"""Events reach the commands that subscribe to them, in order, each applied once. # INT-01

A handler is a command with `subscribes`; its arguments are the event's fields of the same names.
The request id is derived from handler and event, so applying an event twice answers the first
time's answer. What a handler refuses is parked and shown; it does not stop what comes behind.
"""

import json
import math
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from traceward.kernel.base.refusals import Busy, Refusal
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.registry import REGISTRY, Command
from traceward.kernel.command.run import run
from traceward.kernel.command.setup import LAST_ORDINAL, SYSTEM_LOGIN, set_up_handlers
from traceward.kernel.org.models import Person
from traceward.kernel.outbox.models import CommandOrder, HandlerProgress, ParkedEvent

BATCH = 200
MAX_FAILURES = 10
NAMESPACE = uuid.UUID("6f1d8b0e-4a8e-5a51-9b7a-0c8f6f0b7a11")

NEXT_EVENTS = """
SELECT o.sequence, e.ordinal, e.id, e.uid, e.name, e.data::text
FROM outbox_order o JOIN outbox_event e ON e.command_id = o.command_id
WHERE o.sequence >= %s AND (o.sequence, e.ordinal) > (%s, %s)
  AND split_part(e.name, '.', 3) = ANY (%s)
ORDER BY o.sequence, e.ordinal LIMIT %s
"""


@dataclass(frozen=True)
class _Next:
    sequence: int
    ordinal: int
    event_id: int
    uid: uuid.UUID
    name: str
    data: dict[str, Any]


def handlers() -> list[Command]:
    return [c for c in REGISTRY.values() if c.subscribes]


def deliver(seconds: float = math.inf) -> int:
    """Every handler has what was sequenced so far; returns how many events were applied.

    After so many seconds a handler has to wait for the next time, so that a slow one holds up
    neither the others nor what else the caller does.
    """
    set_up_handlers()
    return sum(_deliver_to(handler, seconds) for handler in handlers())


def pass_over() -> None:
    """Every handler counts as having heard all that was sequenced so far. Only in a sandbox.

    There a history was played, and with it what follows from it; elsewhere what a handler has
    not heard is still to come.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_sandbox FROM base_database")
        if cursor.fetchone() != (True,):
            raise AssertionError("only a sandbox passes events over")
    set_up_handlers()
    end = CommandOrder.objects.aggregate(end=Max("sequence"))["end"] or 0
    behind = HandlerProgress.objects.filter(last_sequence__lt=end)
    behind.update(last_sequence=end, last_ordinal=LAST_ORDINAL)


def _deliver_to(handler: Command, seconds: float = math.inf) -> int:
    applied, began = 0, time.monotonic()
    lock = "SELECT pg_try_advisory_lock(hashtextextended(%s, 7206))"
    with connection.cursor() as cursor:
        cursor.execute(lock, [handler.verb])
        if not cursor.fetchone()[0]:
            return 0
    try:
        progress = HandlerProgress.objects.get(handler=handler.verb)
        for event in _events_after(progress, handler):
            if not _apply(handler, event, progress):
                break
            applied += 1
            if time.monotonic() - began >= seconds:
                break
    finally:
        with connection.cursor() as cursor:
            unlock = "SELECT pg_advisory_unlock(hashtextextended(%s, 7206))"
            cursor.execute(unlock, [handler.verb])
    return applied


def _events_after(progress: HandlerProgress, handler: Command) -> Iterator[_Next]:
    """The next events for this handler, in order."""
    after = [progress.last_sequence, progress.last_sequence, progress.last_ordinal]
    with connection.cursor() as cursor:
        cursor.execute(NEXT_EVENTS, [*after, list(handler.subscribes), BATCH])
        rows = cursor.fetchall()
    for sequence, ordinal, event_id, uid, name, data in rows:
        yield _Next(sequence, ordinal, event_id, uid, name, json.loads(data))


def _apply(handler: Command, event: _Next, progress: HandlerProgress) -> bool:
    """The event is applied or parked; False where it must be tried again later."""
    arguments, why = arguments_of(handler, event.data), ""
    try:
        run(handler, arguments, system_actor(uuid.uuid5(NAMESPACE, f"{handler.verb}{event.uid}")))
    except Busy:
        return False
    except Refusal as refusal:
        why = str(refusal)
    except Exception as error:  # a fault of ours must not stop the other events for ever
        progress.failures += 1
        if progress.failures < MAX_FAILURES:
            progress.save(update_fields=["failures"])
            return False
        why = f"{type(error).__name__}: {error}"[:2000]
    progress.failures = 0
    progress.last_sequence, progress.last_ordinal = event.sequence, event.ordinal
    with transaction.atomic():  # what is parked is not tried again by itself
        if why:
            _park(handler, event, why)
        progress.save(update_fields=["failures", "last_sequence", "last_ordinal"])
    return True


def arguments_of(handler: Command, data: dict[str, Any]) -> dict[str, Any]:
    """What the handler takes of an event's data."""
    return {name: data[name] for name in handler.arguments.model_fields if name in data}


def _park(handler: Command, event: _Next, why: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        now = cursor.fetchone()[0]
    ParkedEvent.objects.get_or_create(
        handler=handler.verb, event_id=event.event_id, defaults={"parked_at": now, "why": why}
    )


def system_actor(request_id: uuid.UUID | None = None) -> Actor:
    """Our own jobs, acting as the person "system"."""
    person = Person.objects.only("pk", "login").get(login=SYSTEM_LOGIN)
    return Actor(person.pk, person.login, origin="worker").asking(request_id)


def parked() -> list[ParkedEvent]:
    return list(ParkedEvent.objects.filter(solved_at=None).select_related("event")[:200])
