"""Each person's own account: the password, more than a password, sessions. # SEC-01

Whoever works here may do this, for themselves alone: no scope, no role of the trade decides it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator

from traceward.kernel.base.enclosed import disclose, enclose
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotFound,
    WrongState,
    sentence,
)
from traceward.kernel.command import one_time
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.people import own
from traceward.kernel.command.run import command
from traceward.kernel.command.security_keys import credential_of
from traceward.kernel.command.shown_once import ShownOnce
from traceward.kernel.command.write import amend, created, record_change, sign
from traceward.kernel.org import roles
from traceward.kernel.org.models import (
    EndedBecause,
    FactorKind,
    Person,
    RecoveryCode,
    SecondFactor,
    SignIn,
)

EVERYBODY = tuple(role for role in roles.ALL if role != roles.SYSTEM)
Language = Literal["zh-hans", "en"]
MIN_PASSWORD = 12
MAX_FACTORS = 10
CODES = 10
#: What encloses the secret of a second factor.
PURPOSE = "second factor"
#: None that looks like another; ten of them make 49 bits.
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
CHANGED = "change of the own password"
ADDED = "new second factor"
REMOVED = "removal of a second factor"
RENEWED = "new recovery codes"


@dataclass(frozen=True)
class FactorAdded:
    """With the first one come the recovery codes, shown in this one answer."""

    factor_id: int
    uid: str
    recovery_codes: list[ShownOnce] = field(default_factory=list)


@dataclass(frozen=True)
class FactorRemoved:
    factor_id: int


@dataclass(frozen=True)
class CodesRenewed:
    """The codes themselves are shown in this one answer."""

    recovery_codes: list[ShownOnce]


@dataclass(frozen=True)
class PasswordChanged:
    person_id: int


@dataclass(frozen=True)
class LanguageChosen:
    language: Language


@dataclass(frozen=True)
class SessionsEnded:
    session_ids: list[int]


@command("org.change_password", roles=EVERYBODY, scope=own, signed=CHANGED)
def change_password(password: Erasable, *, by: Actor) -> PasswordChanged:
    """The person signs in, and signs, with the new password; their sessions end."""
    person: Person = Person.objects.lock(by.person_id)
    check_password_choice(password.reveal(), person)
    if person.check_password(password.reveal()):
        raise InvalidInput(
            sentence("This is the password you have. Choose another one."), field="password"
        )
    keep_password(person, password.reveal(), must_change=False, by=by)
    sign(CHANGED, kind="org.person", uid=person.uid, content={"login": person.login}, by=by)
    return PasswordChanged(person.pk)


def check_password_choice(text: str, person: Person) -> None:
    """Refused where others would guess it: too short, in the lists of common ones, or the name."""
    if len(text) < MIN_PASSWORD:
        raise InvalidInput(
            sentence("A password has at least {limit} characters."),
            field="password",
            limit=MIN_PASSWORD,
        )
    plain = text.lower()
    if plain in _common() or len(set(plain)) < 5:
        raise InvalidInput(
            sentence("Many people use this password, so it is guessed first. Choose another one."),
            field="password",
        )
    if plain in {(person.login * n).lower() for n in range(1, 5)}:
        raise InvalidInput(
            sentence("The password is the login name. Choose another one."), field="password"
        )


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def keep_password(person: Person, text: str, *, must_change: bool, by: Actor) -> None:
    """The locked person has the password, as a slow hash; who is signed in is so no longer."""
    person.set_password(text)
    person.must_change_password = must_change
    person.save(update_fields=["password", "must_change_password"])
    record_change(person, {}, {"password": "set", "must_change_password": must_change}, by=by)
    end_sessions_of(person.pk, EndedBecause.PASSWORD, by=by)


def end_sessions_of(person_id: int, because: EndedBecause, *, by: Actor) -> None:
    """The person is signed in nowhere."""
    standing = SignIn.objects.filter(person_id=person_id, ended_at=None)
    standing.update(ended_at=by.now, ended_because=because.value)


@command("org.add_authenticator", roles=EVERYBODY, scope=own, signed=ADDED)
def add_authenticator(label: str, secret: Erasable, code: Erasable, *, by: Actor) -> FactorAdded:
    """The app that has this secret, and shows this code now, is asked for at sign-in."""
    try:
        one_time.check_secret(secret.reveal())
    except ValueError:
        raise InvalidInput(
            sentence("The secret has 32 characters or more: letters, and digits from 2 to 7."),
            field="secret",
        ) from None
    step = one_time.step_of(secret.reveal(), code.reveal(), after=0)
    if step is None:
        raise InvalidInput(
            sentence(
                "The app shows another code now. Enter the six digits it shows; if it still does "
                "not fit, set the telephone's clock right."
            ),
            field="code",
        )
    enclosed = enclose(secret.reveal().encode(), PURPOSE)
    return _add(FactorKind.APP, label, enclosed, step, by)


@command("org.add_security_key", roles=EVERYBODY, scope=own, signed=ADDED)
def add_security_key(label: str, credential: str, *, by: Actor) -> FactorAdded:
    """The security key or passkey with this public credential (base64url) is asked for."""
    found = credential_of(credential)
    if found is None:
        raise InvalidInput(
            sentence("This is no credential of a security key. Register the key again."),
            field="credential",
        )
    mine = SecondFactor.objects.filter(person_id=by.person_id, kind="key", removed_at=None)
    if any(bytes(found) == disclose(one.secret, PURPOSE) for one in mine):
        raise Conflict(sentence("This security key is yours already."), field="credential")
    return _add(FactorKind.KEY, label, enclose(bytes(found), PURPOSE), 0, by)


def _add(kind: FactorKind, label: str, secret: bytes, counter: int, by: Actor) -> FactorAdded:
    person: Person = Person.objects.lock(by.person_id)
    label = label.strip()
    if not 1 <= len(label) <= 60:
        raise InvalidInput(
            sentence("Give it a name of 1 to 60 characters, by which you know it."), field="label"
        )
    standing = SecondFactor.objects.filter(person=person, removed_at=None)
    if standing.count() >= MAX_FACTORS:
        raise WrongState(
            sentence("You have {limit} second factors. Remove one first."), limit=MAX_FACTORS
        )
    factor = SecondFactor.objects.create(
        person=person,
        kind=kind.value,
        label=label,
        secret=secret,
        counter=counter,
        added_at=by.now,
    )
    created(factor, by=by, person=person.login, kind=kind.value, label=label)
    _sign(ADDED, factor, by)
    has_codes = RecoveryCode.objects.filter(person=person, ended_at=None).exists()
    return FactorAdded(factor.pk, str(factor.uid), [] if has_codes else _issue_codes(person, by))


def _sign(meaning: str, factor: SecondFactor, by: Actor) -> None:
    content = {"kind": factor.kind, "label": factor.label}
    sign(meaning, kind="org.second_factor", uid=factor.uid, content=content, by=by)


@command("org.remove_factor", roles=EVERYBODY, scope=own, signed=REMOVED)
def remove_factor(factor_id: int, *, by: Actor) -> FactorRemoved:
    """The factor is not asked for any more; with the last one go the recovery codes."""
    factor = SecondFactor.objects.filter(pk=factor_id, person_id=by.person_id).first()
    if factor is None:
        raise NotFound(sentence("You have no second factor with this id."), field="factor_id")
    factor = SecondFactor.objects.lock(factor_id)
    if factor.removed_at is not None:
        raise WrongState(sentence("This second factor was removed already."), field="factor_id")
    amend(factor, by=by, removed_at=by.now, removed_by_id=by.person_id)
    _sign(REMOVED, factor, by)
    if not SecondFactor.objects.filter(person_id=by.person_id, removed_at=None).exists():
        end_codes(by.person_id, by)
    return FactorRemoved(factor.pk)


@command("org.renew_recovery_codes", roles=EVERYBODY, scope=own, signed=RENEWED)
def renew_recovery_codes(*, by: Actor) -> CodesRenewed:
    """Ten new codes stand in for a lost second factor, each once; older ones count no more."""
    person: Person = Person.objects.lock(by.person_id)
    if not SecondFactor.objects.filter(person=person, removed_at=None).exists():
        raise WrongState(sentence("Recovery codes stand in for a second factor. Set one up first."))
    codes = _issue_codes(person, by)
    sign(RENEWED, kind="org.person", uid=person.uid, content={"count": len(codes)}, by=by)
    return CodesRenewed(codes)


def _issue_codes(person: Person, by: Actor) -> list[ShownOnce]:
    end_codes(person.pk, by)
    codes = [chance(10) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, digest=digest_of(code), issued_at=by.now) for code in codes
    )
    record_change(person, {}, {"recovery_codes": len(codes)}, by=by)
    return [ShownOnce(f"{code[:5]}-{code[5:]}") for code in codes]


def chance(length: int) -> str:
    """So many signs that nobody can guess, and that nobody misreads."""
    return "".join(secrets.choice(SIGNS) for _ in range(length))


def end_codes(person_id: int, by: Actor) -> None:
    """No recovery code of the person counts any more."""
    RecoveryCode.objects.filter(person_id=person_id, ended_at=None).update(ended_at=by.now)


def digest_of(code: str) -> bytes:
    """What is kept of a recovery code, however it was typed."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hmac.digest(settings.SECRET_KEY.encode(), b"recovery\0" + plain.encode(), hashlib.sha256)


@command("org.choose_language", roles=EVERYBODY, scope=own)
def choose_language(language: Language, *, by: Actor) -> LanguageChosen:
    """Pages and messages speak this language to the person, on whatever device they sign in."""
    person: Person = Person.objects.lock(by.person_id)
    amend(person, by=by, language=language)
    return LanguageChosen(language)


@command("org.end_sessions", roles=EVERYBODY, scope=own)
def end_sessions(session_ids: list[int], *, by: Actor) -> SessionsEnded:
    """The person is signed in there no longer: each session is one of their own."""
    found = SignIn.objects.filter(pk__in=session_ids[:200], person_id=by.person_id)
    if unknown := set(session_ids) - set(found.values_list("pk", flat=True)):
        raise NotFound(
            sentence("You have no session with id {id}."), field="session_ids", id=min(unknown)
        )
    ended = _standing(found)
    for one in SignIn.objects.lock_all(ended):
        amend(one, by=by, ended_at=by.now, ended_because=EndedBecause.BY_HAND.value)
    return SessionsEnded(sorted(ended))


def _standing(found: Any) -> Iterable[int]:
    return list(found.filter(ended_at=None).values_list("pk", flat=True))
