"""Proving who one is: by the password, by more than it; with few tries, each on record. # QUA-04"""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import NoReturn

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction

from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.canonical import digest
from traceward.kernel.base.enclosed import CannotOpen, disclose
from traceward.kernel.base.refusals import NotAllowed, Refusal, sentence
from traceward.kernel.command import one_time
from traceward.kernel.command.accounts import PURPOSE, digest_of
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import grants_of
from traceward.kernel.command.run import write_entry, write_refusal
from traceward.kernel.org.models import FactorKind, Person, RecoveryCode, SecondFactor, UnknownTry

#: The verbs under which a wrong password for a signature, or anything wrong at sign-in, is on
#: record; that nothing is tried any more for a while; and that somebody came and went.
REFUSED = "signature.refused"
NOT_SIGNED_IN = "sign_in.refused"
LOCKED = "sign_in.locked"
SIGNED_IN = "sign_in.opened"
SIGNED_OUT = "sign_in.closed"
#: … that a PIN was wrong, and that somebody went on with one.
PIN_REFUSED = "sign_in.pin_refused"
SWITCHED = "sign_in.switched"
AT_THE_DOOR = (*(REFUSED, NOT_SIGNED_IN, LOCKED, SIGNED_IN, SIGNED_OUT, PIN_REFUSED, SWITCHED),)
MAX_TRIES = 5
WITHIN = timedelta(minutes=15)
#: A transaction's time is that of its beginning: who waited for others began before they failed.
WAITED = timedelta(minutes=1)

WRONG_SIGNATURE = sentence("The password for the signature is wrong.")
WRONG_SIGN_IN = sentence("The account or the password is wrong.")
WRONG_CODE = sentence("The code is wrong, or was used already. Enter the one that is shown now.")
BRIEF = sentence("A PIN does not sign. Sign in fully, with your password, to do this.")
WRONG_KEY = sentence("The security key did not answer as it should. Try again.")


class WrongPassword(NotAllowed):
    """The password, or what was given besides it, is not the person's."""

    http_status = 401


class TooManyTries(NotAllowed):
    """The person gave too many wrong passwords or codes lately."""

    http_status = 429


def reauthenticated(person: Person, password: str, by: Actor, verb: str = "") -> Actor:
    """The actor, who may now sign; a wrong password is refused and on record.

    The record has a request id of its own: the request may be sent again with the right password.
    Who may not use the verb at all is not asked for it: running it says so.
    """
    if by.is_brief:
        raise NotAllowed(BRIEF)
    if verb and not grants_of(person.pk, verb):
        return by
    _require(person, by, REFUSED, lambda _: _is_password(person, password), WRONG_SIGNATURE)
    return by.reauthenticated()


def reauthenticated_twice(
    person: Person, password: str, code: str, by: Actor, verb: str = ""
) -> Actor:
    """The same, by more than the password where the person has an authenticator app.

    So one entry that signs more than one thing is as strong as signing in. # QUA-04
    """
    proved = reauthenticated(person, password, by, verb)
    if FactorKind.APP in factors_of(person):
        _require(person, by, REFUSED, lambda now: _is_of_an_app(person, code, now), WRONG_CODE)
    return proved


def factors_of(person: Person) -> set[str]:
    """The kinds of second factors that the person has."""
    rows = SecondFactor.objects.filter(person=person, removed_at=None)
    return set(rows.values_list("kind", flat=True))


def require_password(person: Person, password: str, by: Actor) -> None:
    """The first step of signing in is right."""
    _require(person, by, NOT_SIGNED_IN, lambda _: _is_password(person, password), WRONG_SIGN_IN)


def require_code(person: Person, code: str, by: Actor) -> str:
    """What the code was: of an app, now and once, or one for recovery, which is gone now."""
    found: list[str] = []

    def is_right(now: datetime) -> bool:
        kind = "app" if _is_of_an_app(person, code, now) else ""
        kind = kind or ("recovery" if _is_for_recovery(person, code, now) else "")
        found.append(kind)
        return bool(kind)

    _require(person, by, NOT_SIGNED_IN, is_right, WRONG_CODE)
    return found[-1]


def require_key(
    person: Person, by: Actor, answered: Callable[[list[bytes]], tuple[bytes, int] | None]
) -> None:
    """A security key of the person answered the challenge; a copy of it counts less than before."""

    def is_right(now: datetime) -> bool:
        factors = {secret: factor for factor, secret in standing(person, FactorKind.KEY)}
        found = answered(list(factors))
        if found is None:
            return False
        factor, count = factors[found[0]], found[1]
        if count <= factor.counter and (count or factor.counter):
            return False
        _use(factor, count, now)
        return True

    _require(person, by, NOT_SIGNED_IN, is_right, WRONG_KEY)


def standing(person: Person, kind: FactorKind) -> list[tuple[SecondFactor, bytes]]:
    """The person's factors of this kind, each with its secret."""
    rows = SecondFactor.objects.filter(person=person, kind=kind.value, removed_at=None)
    found = []
    for factor in rows.order_by("pk"):
        try:
            found.append((factor, disclose(factor.secret, PURPOSE)))
        except CannotOpen:  # the database came from another installation
            continue
    return found


def _is_password(person: Person, password: str) -> bool:
    """Blanks around a password do not count: they are cut off where it is set."""
    return check_password(password.strip(), person.password)


def _is_of_an_app(person: Person, code: str, now: datetime) -> bool:
    for factor, secret in standing(person, FactorKind.APP):
        step = one_time.step_of(secret.decode(), code, after=factor.counter)
        if step is not None:
            _use(factor, step, now)
            return True
    return False


def _use(factor: SecondFactor, counter: int, now: datetime) -> None:
    SecondFactor.objects.filter(pk=factor.pk).update(counter=counter, used_at=now)


def _is_for_recovery(person: Person, code: str, now: datetime) -> bool:
    counting = RecoveryCode.objects.filter(person=person, digest=digest_of(code), ended_at=None)
    return counting.update(ended_at=now) == 1


def _require(
    person: Person, by: Actor, verb: str, is_right: Callable[[datetime], bool], wrong: str
) -> None:
    """Refused where the person tried too often or this is wrong; what is wrong is on record."""
    with transaction.atomic(durable=True):
        now = alone(str(person.pk))
        failed = _failed(person, now)
        refusal: Refusal | None = None
        if len(failed) >= MAX_TRIES:
            refusal = _too_many(failed[-1], now)
        elif not is_right(now):
            refusal = WrongPassword(wrong)
            write_refusal(verb, by.asking(), digest([verb]), refusal)
            if len(failed) == MAX_TRIES - 1:
                until = (failed[-1] if failed else now) + WITHIN
                write_entry(LOCKED, by.asking(), {"until": until.isoformat(), "tries": MAX_TRIES})
    if refusal is not None:
        raise refusal


def refuse_unknown(name: str, password: str) -> NoReturn:
    """Refused like a wrong password, as slowly and as seldom: nobody learns which names there are.

    There is nobody whose record could hold the try; a digest counts it for as long as it counts.
    """
    mark = digest(["unknown", name.strip().lower()[:200]])
    make_password(password)
    with transaction.atomic(durable=True):
        now = alone(mark.hex())
        UnknownTry.objects.filter(at__lte=now - WITHIN).delete()
        tried = UnknownTry.objects.filter(digest=mark, at__lte=now + WAITED).order_by("-at")
        failed = list(tried.values_list("at", flat=True)[:MAX_TRIES])
        if len(failed) < MAX_TRIES:
            UnknownTry.objects.create(digest=mark, at=now)
    raise (_too_many(failed[-1], now) if len(failed) >= MAX_TRIES else WrongPassword(WRONG_SIGN_IN))


def _too_many(oldest: datetime, now: datetime) -> TooManyTries:
    return TooManyTries(
        sentence("Too many wrong passwords. Try again in {minutes} minutes."),
        minutes=ceil((oldest + WITHIN - now) / timedelta(minutes=1)),
    )


def alone(whose: str) -> datetime:
    """Now; one try of an account after the other, or many at once would each count few."""
    with connection.cursor() as cursor:
        lock = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7205))"
        cursor.execute(lock, [whose])
        cursor.execute("SELECT tw_now()")
        now: datetime = cursor.fetchone()[0]
    return now


def _failed(person: Person, now: datetime) -> list[datetime]:
    """When they were wrong lately, the last time first."""
    tried = AuditEntry.objects.filter(
        actor=person, verb__in=(REFUSED, NOT_SIGNED_IN), at__gt=now - WITHIN, at__lte=now + WAITED
    ).order_by("-at")
    return list(tried.values_list("at", flat=True)[:MAX_TRIES])
