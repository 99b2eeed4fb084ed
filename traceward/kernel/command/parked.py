"""Parked events: an administrator has them tried again, or says how they were solved. # INT-04"""

import uuid
from dataclasses import dataclass, replace

from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.arguments import check_arguments
from traceward.kernel.command.delivery import arguments_of, system_actor
from traceward.kernel.command.people import grants_of, whole_group
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import check_allowed, check_nested, command
from traceward.kernel.command.write import amend
from traceward.kernel.org.roles import ADMINISTRATOR
from traceward.kernel.outbox.models import ParkedEvent


@dataclass(frozen=True)
class Settled:
    """The event is parked no longer."""

    parked_uid: uuid.UUID
    handler: str


@command("outbox.retry_parked", roles=(ADMINISTRATOR,), scope=whole_group)
def retry_parked(parked_uid: uuid.UUID, *, by: Actor) -> Settled:
    """The handler has applied the event after all, as the system; else it stays parked."""
    row = _waiting(parked_uid)
    handler = REGISTRY.get(row.handler)
    if handler is None:
        raise NotFound(sentence("There is no command called {verb}."), verb=row.handler)
    typed = check_arguments(handler, arguments_of(handler, row.event.data)).arguments
    system = system_actor()
    acting = replace(
        by,
        person_id=system.person_id,
        login=system.login,
        verb=handler.verb,
        grants=grants_of(system.person_id, handler.verb),
        is_reauthenticated=False,
    )
    by.work.scope = check_allowed(handler, typed, acting, True)
    check_nested(handler, typed, acting)
    handler.function(**typed, by=acting)
    by.work.facts["retried"] = str(row.event.uid)
    amend(row, by=by, solved_at=by.now)
    return Settled(row.uid, row.handler)


@command("outbox.solve_parked", roles=(ADMINISTRATOR,), scope=whole_group)
def solve_parked(parked_uid: uuid.UUID, reason: str, *, by: Actor) -> Settled:
    """The event was dealt with in another way, for this reason; the handler does not run."""
    if not reason.strip():
        raise InvalidInput(sentence("Say how this was solved."), field="reason")
    row = _waiting(parked_uid)
    by.work.facts["reason"] = reason
    amend(row, by=by, solved_at=by.now)
    return Settled(row.uid, row.handler)


def _waiting(parked_uid: uuid.UUID) -> ParkedEvent:
    """The parked event, locked; refused where it is solved."""
    row: ParkedEvent = ParkedEvent.objects.lock_uid(parked_uid)
    if row.solved_at is not None:
        raise WrongState(sentence("This event was solved already; there is nothing left to do."))
    return row
