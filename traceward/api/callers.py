"""Who asks: the account of an API key, or the person of a token; and who signs."""

from dataclasses import dataclass, replace

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from traceward.api.limits import ACCOUNTS, STRANGERS
from traceward.api.problems import NotSignedIn, TooManyRequests
from traceward.kernel.base.limits import Limit
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.devices import Device, read_device
from traceward.kernel.command.keys import PREFIX, key_of
from traceward.kernel.command.people import grants_of
from traceward.kernel.command.requests import request_id_of
from traceward.kernel.command.signing import WrongPassword, reauthenticated
from traceward.kernel.command.tokens import person_of
from traceward.kernel.org.models import Person


@dataclass(frozen=True)
class Caller:
    """An active account, and the door it came through, as the audit entry names it."""

    person: Person
    origin: str


def caller_of(request: HttpRequest) -> Caller:
    """Who asks; refused without a key or token that counts, or where it asks too often."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    found = persistent(lambda: _found(scheme, text.strip(), address))
    if found is None:
        _take(STRANGERS, address)
        raise NotSignedIn(
            sentence("Send an API key or a token: it is missing, wrong, too old or revoked.")
        )
    _take(ACCOUNTS, str(found.person.pk))
    return found


def _found(scheme: str, text: str, address: str) -> Caller | None:
    if scheme != "Bearer" or not text or len(text) > 500:
        return None
    if text.startswith(PREFIX):
        key = key_of(text)
        return Caller(key.person, f"api key {key.pk} {address}") if key else None
    person = person_of(text)
    return Caller(person, f"api {address}") if person else None


def _take(limit: Limit, who: str) -> None:
    seconds = limit.seconds_to_wait(who)
    if seconds:
        raise TooManyRequests(
            sentence("Too many requests. Go on in {seconds} seconds, and ask more slowly."),
            seconds=seconds,
        )


def actor_of(request: HttpRequest, caller: Caller, key: str, verb: str) -> Actor:
    """Who acts, with the request id; the signer, where a password came too.

    A program signs nothing: with `Signature-Login` the person who signs acts through it, as far
    as the program may use the verb itself. # QUA-04
    """
    if not 1 <= len(key) <= 200:
        raise InvalidInput(
            sentence("Send an Idempotency-Key header of 1 to 200 characters."),
            field="Idempotency-Key",
        )
    request_id = request_id_of(key)
    by = Actor(
        caller.person.pk,
        caller.person.login,
        caller.origin,
        request_id,
        device=_device(request),
    )
    login = request.headers.get("Signature-Login")
    password = request.headers.get("Signature-Password")
    if password is None:
        return by
    return persistent(lambda: _signing(caller, by, login, password, verb))


def _signing(caller: Caller, by: Actor, login: str | None, password: str, verb: str) -> Actor:
    if login is None:
        return reauthenticated(caller.person, password, by, verb)
    if not grants_of(caller.person.pk, verb):
        return by
    signer = Person.objects.filter(login=login, is_active=True).first()
    if signer is None:
        make_password(password)  # takes as long as to compare one
        raise WrongPassword(sentence("The password for the signature is wrong."))
    acting = replace(
        by,
        person_id=signer.pk,
        login=signer.login,
        # a request of this program's: others may use the same key with the same signer
        request_id=request_id_of(f"{caller.person.pk} {by.request_id}"),
    )
    return reauthenticated(signer, password, acting, verb)


def _device(request: HttpRequest) -> Device | None:
    names = ("Device-Name", "Device-Clock-Offset", "Happened-At")
    return read_device(*(request.headers.get(name, "") for name in names))
