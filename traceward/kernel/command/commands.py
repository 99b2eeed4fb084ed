"""The kernel's own commands: deciding about held ones."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from traceward.kernel.base.refusals import InvalidInput, SamePerson, WrongState, sentence
from traceward.kernel.command import (  # noqa: F401  # registers their commands
    accounts,
    administration,
    attending,
    filing,
    keys,
    parameters,
    parked,
    views,
    webhooks,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import grants_of
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.command.run import check_allowed, command
from traceward.kernel.command.write import amend
from traceward.kernel.org.models import Person
from traceward.kernel.org.roles import QUALITY_HEAD, SUPERVISOR
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey
from traceward.kernel.workflow.models import HeldCommand, HeldState


@dataclass(frozen=True)
class Decided:
    held_uid: uuid.UUID
    state: str
    #: What the released command answered, as plain values.
    answer: Any = None


def held_scope(held_uid: uuid.UUID, **_: Any) -> Iterable[ScopeKey]:
    row = HeldCommand.objects.filter(uid=held_uid).values_list("scope", flat=True).first()
    return [ScopeKey(*key) for key in row or []] or [WHOLE_GROUP]


@command("workflow.release", roles=(QUALITY_HEAD, SUPERVISOR), scope=held_scope)
def release(held_uid: uuid.UUID, *, by: Actor) -> Decided:
    """The held command is carried out, if it is still legal, in the requester's name."""
    held = _waiting(held_uid, by)
    found = REGISTRY[held.verb]
    arguments = found.arguments.model_validate(json.loads(held.arguments))
    typed = {name: getattr(arguments, name) for name in type(arguments).model_fields}
    requester = Person.objects.get(pk=held.requested_by_id)
    acting = replace(
        by,
        person_id=requester.pk,
        login=requester.login,
        approved_by=by.person_id,
        verb=held.verb,
        grants=grants_of(requester.pk, held.verb),
        is_reauthenticated=False,
        device=None,  # the approver's device saw nothing of it
    )
    check_allowed(found, typed, acting, requester.is_active)
    answer = found.function(**typed, by=acting)
    _decide(held, HeldState.RELEASED, by)
    by.work.facts.update(
        released=held.verb, requested_by=held.requested_by_id, approved_by=by.person_id
    )
    return Decided(held.uid, held.state, found.outcome.dump_python(answer, mode="json"))


@command("workflow.reject", roles=(QUALITY_HEAD, SUPERVISOR), scope=held_scope)
def reject(held_uid: uuid.UUID, reason: str, *, by: Actor) -> Decided:
    """The held command will not be carried out, for this reason."""
    if not reason.strip():
        raise InvalidInput(sentence("Say why you reject it."), field="reason")
    held = _waiting(held_uid, by)
    _decide(held, HeldState.REJECTED, by, reason)
    return Decided(held.uid, held.state)


def _decide(held: HeldCommand, state: HeldState, by: Actor, reason: str = "") -> None:
    assert (held.state, state.value) in HeldCommand.TRANSITIONS
    amend(
        held,
        by=by,
        state=state.value,
        decided_by_id=by.person_id,
        decided_at=by.now,
        reason=reason,
    )


def _waiting(held_uid: uuid.UUID, by: Actor) -> HeldCommand:
    """The held command, locked; refused where it is decided, or asked for by the same person."""
    held: HeldCommand = HeldCommand.objects.lock_uid(held_uid)
    if held.state != HeldState.WAITING:
        raise WrongState(
            sentence("This request is “{state}” already; there is nothing left to decide."),
            state=held.state,
        )
    if held.requested_by_id == by.person_id:
        raise SamePerson(
            sentence("You asked for this yourself. Another person has to decide about it.")
        )
    return held
