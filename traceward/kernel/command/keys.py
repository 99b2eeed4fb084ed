"""API keys: secrets with which programs act as accounts of their own. # SEC-01

A key is 256 random bits under a recognisable prefix; a plain hash keeps it, since nobody can
guess it. What a program may do, and where, are the roles of its account.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from django.db.models import DateTimeField, Func, Q
from django.db.models.functions import TruncDate

from traceward.kernel.base.refusals import InvalidInput, NotAllowed, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.shown_once import ShownOnce
from traceward.kernel.command.write import amend, created
from traceward.kernel.org.models import ApiKey, Person
from traceward.kernel.org.roles import ADMINISTRATOR, SYSTEM

PREFIX = "twk_"
MAX_KEYS = 10
#: So exactly is known when a key was used last.
USED_TO = timedelta(hours=1)


@dataclass(frozen=True)
class KeyIssued:
    """The key itself is shown in this one answer; who lost it asks for a new one."""

    key_id: int
    uid: str
    key: ShownOnce


@dataclass(frozen=True)
class KeyRevoked:
    key_id: int


@command("org.issue_key", roles=(ADMINISTRATOR, SYSTEM), scope=whole_group)
def issue_key(
    person_id: int, label: str, *, expires_on: date | None = None, by: Actor
) -> KeyIssued:
    """A program can act as this account until the key ends or is revoked."""
    label = label.strip()
    if not 1 <= len(label) <= 60:
        raise InvalidInput(
            sentence("Say in 1 to 60 characters what the key is for."), field="label"
        )
    if expires_on is not None and expires_on < by.now.date():
        raise InvalidInput(
            sentence("{expires_on} is over. Choose a later day, or none."),
            field="expires_on",
            expires_on=str(expires_on),
        )
    person: Person = Person.objects.lock(person_id)
    _require_program(person)
    counting = ApiKey.objects.filter(person=person, revoked_at=None)
    if counting.exclude(expires_on__lt=by.now.date()).count() >= MAX_KEYS:
        raise WrongState(
            sentence("The account has {limit} keys already. Revoke one that is not needed."),
            limit=MAX_KEYS,
        )
    text = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        person=person,
        label=label,
        sha256=_hash(text),
        issued_at=by.now,
        expires_on=expires_on,
    )
    created(key, by=by, person=person.login, label=label, expires_on=expires_on)
    return KeyIssued(key.pk, str(key.uid), ShownOnce(text))


def _require_program(person: Person) -> None:
    """Nobody can act as a person who signs in: a key is for an account without a password."""
    if person.is_system or not person.is_active or person.has_usable_password():
        raise NotAllowed(
            sentence(
                "{login} is no account for a program: it signs in itself, works inside or has "
                "ended. Register an account of its own for the program and give it no password."
            ),
            field="person_id",
            login=person.login,
        )


def people_among(ids: Iterable[int]) -> set[int]:
    """Those of the ids that are people who act now: not our own jobs, nor accounts of programs.

    An account of a program has or had a key and cannot sign in.
    """
    found = list(Person.objects.filter(pk__in=set(ids), is_active=True, is_system=False))
    unsigned = [p.pk for p in found if not p.has_usable_password()]
    programs = set(ApiKey.objects.filter(person__in=unsigned).values_list("person_id", flat=True))
    return {p.pk for p in found} - programs


@command("org.revoke_key", roles=(ADMINISTRATOR, SYSTEM), scope=whole_group)
def revoke_key(key_id: int, reason: str, *, by: Actor) -> KeyRevoked:
    """The key opens nothing any more."""
    if not reason.strip():
        raise InvalidInput(sentence("Say why the key is revoked."), field="reason")
    key: ApiKey = ApiKey.objects.lock(key_id)
    if key.revoked_at is not None:
        raise WrongState(sentence("This key was revoked already."), field="key_id")
    amend(key, by=by, revoked_at=by.now)
    by.work.facts["reason"] = reason
    return KeyRevoked(key.pk)


def key_of(text: str) -> ApiKey | None:
    """The key, with its active account; None where it is unknown, over or revoked."""
    if not text.startswith(PREFIX):
        return None
    today = Func(function="tw_now", output_field=DateTimeField())
    counts = Q(expires_on=None) | Q(expires_on__gte=TruncDate(today, tzinfo=UTC))
    known = ApiKey.objects.filter(counts, sha256=_hash(text), revoked_at=None)
    asked = known.select_related("person").filter(person__is_active=True)
    found = asked.annotate(now=today).first()
    if found is not None and (not found.used_at or found.now - found.used_at >= USED_TO):
        ApiKey.objects.filter(pk=found.pk).update(used_at=found.now)
    return found


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
