"""Proving again who one is, for a signature: by the password, with few tries. # QUA-04"""

from datetime import datetime, timedelta
from math import ceil

from django.contrib.auth.hashers import check_password
from django.db import connection, transaction

from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.canonical import digest
from traceward.kernel.base.refusals import NotAllowed, Refusal, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import grants_of
from traceward.kernel.command.run import write_refusal
from traceward.kernel.org.models import Person

#: The verb under which a wrong password is on record.
REFUSED = "signature.refused"
MAX_TRIES = 5
WITHIN = timedelta(minutes=15)


class WrongPassword(NotAllowed):
    """The password for the signature is not the person's."""

    http_status = 401


class TooManyTries(NotAllowed):
    """The person gave too many wrong passwords lately."""

    http_status = 429


def reauthenticated(person: Person, password: str, by: Actor, verb: str = "") -> Actor:
    """The actor, who may now sign; a wrong password is refused and on record.

    The record has a request id of its own: the request may be sent again with the right password.
    Who may not use the verb at all is not asked for it: running it says so.
    """
    if verb and not grants_of(person.pk, verb):
        return by
    with transaction.atomic(durable=True):
        refusal = _refusal(person, password)
        if isinstance(refusal, WrongPassword):
            write_refusal(REFUSED, by.asking(), digest([REFUSED]), refusal)
    if refusal is not None:
        raise refusal
    return by.reauthenticated()


def _refusal(person: Person, password: str) -> Refusal | None:
    with connection.cursor() as cursor:
        # One try of a person after the other, or many at once would each count few.
        lock = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7205))"
        cursor.execute(lock, [str(person.pk)])
        cursor.execute("SELECT tw_now()")
        now: datetime = cursor.fetchone()[0]
    tried = AuditEntry.objects.filter(
        actor=person, verb=REFUSED, at__gt=now - WITHIN, at__lte=now
    ).order_by("-at")
    failed = list(tried.values_list("at", flat=True)[:MAX_TRIES])
    if len(failed) == MAX_TRIES:
        return TooManyTries(
            sentence("Too many wrong passwords. Try again in {minutes} minutes."),
            minutes=ceil((failed[-1] + WITHIN - now) / timedelta(minutes=1)),
        )
    if not check_password(password, person.password):
        return WrongPassword(sentence("The password for the signature is wrong."))
    return None
