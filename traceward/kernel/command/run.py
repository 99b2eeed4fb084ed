"""Running a command: permission, request id, one transaction, one post, answer, audit, events."""

import functools
import inspect
import json
import random
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, connection, transaction

from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.canonical import canonical_json, digest
from traceward.kernel.base.refusals import (
    Busy,
    Conflict,
    InvalidInput,
    NotAllowed,
    Phrase,
    Refusal,
    SignatureRequired,
    WrongState,
    sentence,
)
from traceward.kernel.command import database_errors, duration, numbers
from traceward.kernel.command.actor import Actor, UnitOfWork
from traceward.kernel.command.arguments import (
    Checked,
    check_arguments,
    name_argument,
    rough_mark,
)
from traceward.kernel.command.beyond import BEYOND, too_large
from traceward.kernel.command.registry import REGISTRY, Command, HoldWhy, ScopeOf, register
from traceward.kernel.command.seen import require_unchanged
from traceward.kernel.command.watching import watched
from traceward.kernel.org.roles import RoleName
from traceward.kernel.org.scope import Grant, ScopeKey, uncovered
from traceward.kernel.workflow.models import HeldCommand

P = ParamSpec("P")
R = TypeVar("R")

MAX_ATTEMPTS = 5
AUDIT_LINES = 50


NOT_PERMITTED = sentence("You may not use “{verb}”. Ask an administrator for a role that has it.")
NOT_PERMITTED_HERE = sentence(
    "You may use “{verb}”, but not at this site or legal entity. "
    "Ask somebody who works there, or an administrator."
)


@dataclass(frozen=True)
class Done:
    """What the command answered, and the version of each document that it made or changed."""

    answer: Any
    versions: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """The command waits for another person's decision."""

    held_uid: uuid.UUID
    why: Phrase


def command(
    verb: str,
    *,
    roles: Iterable[RoleName],
    scope: ScopeOf,
    signed: str = "",
    hold: HoldWhy | None = None,
    subscribes: Iterable[str] = (),
    from_start: bool = False,
    from_states: Iterable[str] = (),
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The function becomes the command `verb`; see `Command` for the attributes.

    `scope` gets the command's arguments by name and gives the scope keys that it touches. A
    handler that is new begins at the end of the sequence, unless `from_start` says otherwise.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        made = Command(
            verb,
            function,
            tuple(roles),
            scope,
            signed,
            hold,
            tuple(subscribes),
            from_start,
            tuple(map(str, from_states)),
        )
        register(made)

        @functools.wraps(function)
        def call(*args: Any, by: Actor, **kwargs: Any) -> Any:
            if by.unit is not None:
                nested = replace(by, verb=verb)
                check_nested(made, made.bind(args, kwargs), nested)
                return function(*args, by=nested, **kwargs)  # type: ignore[arg-type]  # P hides it
            return run(made, made.bind(args, kwargs), by)

        return call  # type: ignore[return-value]  # the wrapper has the function's own signature

    return decorate


def check_nested(found: Command, given: dict[str, Any], by: Actor) -> None:
    """Inside another command the same signature and the same second person are asked for."""
    _require_signature(found, by)
    if found.hold is None or by.approved_by is not None:
        return
    bound = inspect.signature(found.function).bind(**given, by=by)
    bound.apply_defaults()
    if found.hold(**bound.arguments) is not None:
        raise WrongState(
            sentence("“{verb}” needs another person's decision here. Ask for it by itself."),
            verb=found.verb,
        )


def run_json(verb: str, arguments: dict[str, Any], by: Actor) -> Done | Held:
    """The command of that name is run with arguments as JSON gives them."""
    found = REGISTRY.get(verb)
    if found is None:
        raise InvalidInput(sentence("There is no command called {verb}."), verb=verb)
    return _watched(found, arguments, by)


def run(found: Command, arguments: dict[str, Any], by: Actor) -> Any:
    """Run the outermost command; a passing failure of the database is tried again, bounded.

    So is a lost connection: the request id tells whether the commit had come through.
    """
    outcome = _watched(found, arguments, by)
    return outcome if isinstance(outcome, Held) else outcome.answer


def _watched(found: Command, arguments: dict[str, Any], by: Actor) -> Done | Held:
    outcome: Done | Held = watched(found.verb, by, Held, lambda: _run(found, arguments, by))
    return outcome


def _run(found: Command, arguments: dict[str, Any], by: Actor) -> Done | Held:
    try:
        checked = check_arguments(found, arguments)
    except Refusal as refusal:
        rough, why = rough_mark(found, arguments), refusal
        database_errors.persistent(lambda: _record_refusal(found, by, rough, why))
        raise
    said = [said.plain() for said in (by.device, *by.seen) if said is not None]
    if said:  # another moment, or another version that was read, is another request
        checked = replace(checked, mark=digest([checked.mark.hex(), *said]))
    return database_errors.persistent(lambda: _attempts(found, checked, by))


def _attempts(found: Command, checked: Checked, by: Actor) -> Done | Held:
    for attempt in range(MAX_ATTEMPTS):
        try:
            return _attempt(found, checked, by)
        except DatabaseError as error:
            if not database_errors.is_passing(error):
                raise
            time.sleep(random.uniform(0.005, 0.03) * (2**attempt))
    raise Busy(
        sentence(
            "The system is busy with other work on the same records. "
            "Nothing was done; send the same request again in a moment."
        )
    )


def _attempt(found: Command, checked: Checked, by: Actor) -> Done | Held:
    mark, limit = checked.mark, duration.milliseconds()
    try:
        with transaction.atomic(durable=True), duration.limited(limit):
            begun = _begin(found.verb, mark, by, limit)
            if begun.is_seen:
                return _replay(found, begun, by)
            return _body(found, checked, by, begun)
    except Refusal as refusal:
        name_argument(refusal, checked.arguments)
        return _refused(found, mark, by, refusal)
    except DatabaseError as error:
        made = database_errors.refusal_for(error, checked.arguments)
        if made is None:
            raise
        name_argument(made, checked.arguments)
        return _refused(found, mark, by, made)
    except BEYOND as error:
        return _refused(found, mark, by, too_large(error, checked.arguments))


def rehearsed(verb: str, arguments: dict[str, Any], by: Actor) -> Held | Refusal | None:
    """What the command would say now, with everything taken back: a refusal, a wait, or nothing.

    Its signature is taken as given. Later it may be otherwise: somebody else may come between.
    """
    found = REGISTRY[verb]
    by = replace(by.asking(), seen=(), is_reauthenticated=True)
    try:
        checked = check_arguments(found, arguments)
        with transaction.atomic(durable=True), duration.limited(duration.milliseconds()):
            begun = _begin(verb, checked.mark, by)
            outcome = _body(found, checked, by, begun)
            transaction.set_rollback(True)
    except Refusal as refusal:
        name_argument(refusal, arguments)
        return refusal
    except DatabaseError as error:
        made = database_errors.refusal_for(error, arguments)
        if made is None:
            raise
        return made
    return outcome if isinstance(outcome, Held) else None


def _refused(found: Command, mark: bytes, by: Actor, refusal: Refusal) -> Done | Held:
    """Everything is rolled back; a final refusal goes on record and is the answer from now on."""
    answered = _record_refusal(found, by, mark, refusal) if refusal.is_final else None
    if answered is None:
        raise refusal
    return _replay(found, answered, by)


@dataclass(frozen=True)
class _Begun:
    command_id: int
    at: datetime
    grants: tuple[Grant, ...]
    is_active: bool
    is_seen: bool
    outcome: str
    answer: str


def _begin(asked: str, mark: bytes, by: Actor, milliseconds: int = 0) -> _Begun:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM tw_command_begin(%s, %s, %s, %s)",
            [by.person_id, by.request_id, asked, milliseconds],
        )
        row = cursor.fetchone()
    command_id, at, is_active, entities, sites, verb, seen, outcome, answer = row
    if seen is not None and (bytes(seen) != mark or verb != asked):
        raise ReusedRequestId(
            sentence(
                "This request id was already used for “{verb}” with other values. "
                "Make a new request id for a new request."
            ),
            verb=verb,
        )
    grants = tuple(
        Grant(e or None, s or None) for e, s in zip(entities or (), sites or (), strict=True)
    )
    return _Begun(command_id, at, grants, is_active, seen is not None, outcome or "", answer or "")


class ReusedRequestId(Conflict):
    """The answer that the request id has already stays as it is."""

    is_final = False


def _replay(found: Command, begun: _Begun, by: Actor) -> Done | Held:
    """The stored answer, given again."""
    if begun.outcome == "refused":
        raise Refusal.from_json(json.loads(begun.answer))
    if begun.outcome == "held":
        data = json.loads(begun.answer)
        return Held(uuid.UUID(data["held_uid"]), data["why"])
    entry = AuditEntry.objects.get(actor=by.person_id, request_id=by.request_id, outcome="done")
    known = entry.facts.get("versions", {}).items()
    versions = {int(pk): version for pk, (version, _) in known}
    return Done(found.outcome.validate_json(begun.answer), dict(sorted(versions.items())))


def _body(found: Command, checked: Checked, by: Actor, begun: _Begun) -> Done | Held:
    unit = UnitOfWork(found.verb, begun.command_id, facts=dict(checked.facts))
    arguments, mark = checked.arguments, checked.mark
    acting = replace(
        by, at=begun.at, unit=unit, verb=found.verb, grants=begun.grants, approved_by=None
    )
    keys = unit.scope = check_allowed(found, arguments, acting, begun.is_active)
    if by.seen:
        require_unchanged(by.seen, begun.grants, found.verb)
    why = found.hold(by=acting, **arguments) if found.hold else None
    if why is not None:
        held = _hold(found, arguments, keys, why, acting)
        stored = canonical_json({"held_uid": str(held.held_uid), "why": why}).decode()
        _finish(unit, mark, acting, "held", stored)
        return held
    answer = found.function(**arguments, by=acting)
    if found.signed and not unit.signatures:
        raise AssertionError(f"{found.verb} must sign what it decided")
    close(unit)
    try:
        _finish(unit, mark, acting, "done", found.outcome.dump_json(answer).decode())
    except DatabaseError as error:
        made = database_errors.refusal_for(error, arguments)
        if made is None:
            raise
        for name in unit.namers:
            name(made)
        raise made from error
    versions = {pk: version for pk, (version, _) in sorted(unit.versions.items())}
    return Done(answer, versions)


def close(unit: UnitOfWork) -> None:
    """What was collected will be posted, once, and then the documents get their numbers.

    Both wait for the finish: one round trip carries them, in this order.
    """
    for closer in unit.closers.values():
        closer()
    numbers.give(unit)


def _call(calls: list[tuple[str, list[Any]]]) -> None:
    """The functions are called in order, in one statement."""
    if calls:
        with connection.cursor() as cursor:
            values = [value for _, given in calls for value in given]
            cursor.execute("SELECT " + ", ".join([text for text, _ in calls]), values)


def check_allowed(
    found: Command, arguments: dict[str, Any], by: Actor, is_active: bool
) -> list[ScopeKey]:
    """Refused unless the person is active, may use the verb, and may use it there. # ORG-03"""
    if not is_active or not by.grants:
        raise NotAllowed(NOT_PERMITTED, verb=found.verb)
    keys = list(dict.fromkeys(found.scope(**arguments)))
    if uncovered(by.grants, keys):
        raise NotAllowed(NOT_PERMITTED_HERE, verb=found.verb)
    _require_signature(found, by)
    return keys


def _require_signature(found: Command, by: Actor) -> None:
    if found.signed and not by.is_reauthenticated:
        raise SignatureRequired(
            sentence("This step needs your signature: enter your password again to sign.")
        )


def _hold(
    found: Command, arguments: dict[str, Any], keys: list[ScopeKey], why: Phrase, by: Actor
) -> Held:
    assert not found.has_erasable, "a held command would lose its erasable arguments"
    plain = found.arguments(**arguments).model_dump(mode="json")
    held = HeldCommand.objects.create(
        verb=found.verb,
        arguments=canonical_json(plain).decode(),
        why=canonical_json(why).decode(),
        requested_by_id=by.person_id,
        requested_at=by.now,
        command_id=by.work.command_id,
        scope=[list(k) for k in keys],
    )
    return Held(held.uid, why)


def _finish(unit: UnitOfWork, mark: bytes, by: Actor, outcome: str, answer: str) -> None:
    facts: dict[str, Any] = dict(unit.facts)
    if unit.events:  # who may hear of them
        facts["scope"] = unit.scope
    if unit.changes:
        facts["changes"] = unit.changes[:AUDIT_LINES]
        facts["change_count"] = len(unit.changes)
    if unit.versions:
        facts["versions"] = {str(pk): list(version) for pk, version in unit.versions.items()}
    if unit.signatures:
        facts["signatures"] = unit.signatures
    if by.approved_by is not None:
        facts["approved_by"] = by.approved_by
    if by.device is not None:
        facts["device"] = by.device.plain()
    if by.is_brief:
        facts["known_by"] = "pin"
    _write(unit.command_id, mark, by, unit.verb, outcome, answer, facts, unit)


def _write(
    command_id: int,
    mark: bytes,
    by: Actor,
    verb: str,
    outcome: str,
    answer: str,
    facts: dict[str, Any],
    unit: UnitOfWork | None,
) -> None:
    events = unit.events if unit else []
    values = [
        command_id,
        by.at,
        by.person_id,
        by.request_id,
        verb,
        by.origin,
        mark,
        outcome,
        answer,
        canonical_json(facts).decode(),
        [e.uid for e in events],
        [e.name for e in events],
        [e.subject for e in events],
        [e.data for e in events],
    ]
    _call([*(unit.calls if unit else ()), (FINISH, values)])


FINISH = (
    "tw_command_finish(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
    " %s::uuid[], %s::text[], %s::uuid[], %s::text[])"
)


def _record_refusal(found: Command, by: Actor, mark: bytes, refusal: Refusal) -> _Begun | None:
    with transaction.atomic(durable=True):
        return write_refusal(found.verb, by, mark, refusal)


def write_refusal(verb: str, by: Actor, mark: bytes, refusal: Refusal) -> _Begun | None:
    """The refused attempt is on record; where a twin was answered meanwhile, that answer."""
    begun = _begin(verb, mark, by)
    if begun.is_seen:
        return begun
    plain = refusal.as_json()
    plain["details"] = plain["details"][:AUDIT_LINES]
    acting = replace(by, at=begun.at)
    answer = canonical_json(refusal.as_json()).decode()
    _write(begun.command_id, mark, acting, verb, "refused", answer, {"refusal": plain}, None)
    return None


def write_entry(verb: str, by: Actor, facts: dict[str, Any]) -> None:
    """What happened at the door is on record, though no command did it."""
    begun = _begin(verb, digest([verb]), by)
    acting = replace(by, at=begun.at)
    _write(begun.command_id, digest([verb]), acting, verb, "done", "{}", facts, None)
