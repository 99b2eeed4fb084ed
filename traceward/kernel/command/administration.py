"""What an administrator does with other people's accounts. # SEC-01 ORG-02"""

from dataclasses import dataclass

from traceward.kernel.base.refusals import InvalidInput, NotAllowed, NotFound, WrongState, sentence
from traceward.kernel.command.accounts import (
    chance,
    check_password_choice,
    end_codes,
    end_sessions_of,
    keep_password,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.people import Known, whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.shown_once import ShownOnce
from traceward.kernel.command.write import amend, record_change, require_other_person, sign
from traceward.kernel.org.models import (
    ApiKey,
    EndedBecause,
    Person,
    Role,
    SecondFactor,
)
from traceward.kernel.org.roles import ADMINISTRATOR, SYSTEM

RESET = "reset of another person's second factors"


@dataclass(frozen=True)
class PasswordReset:
    """The password is shown in this one answer, and changed by the person at the next sign-in."""

    person_id: int
    password: ShownOnce


@dataclass(frozen=True)
class FactorsReset:
    person_id: int
    removed: int


@dataclass(frozen=True)
class RoleChanged:
    role_id: int


@command("org.set_password", roles=(ADMINISTRATOR, SYSTEM), scope=whole_group)
def set_password(
    person_id: int, password: Erasable, *, must_change: bool = True, by: Actor
) -> Known:
    """The person signs in, and signs, with this password; it is kept as a slow hash only.

    At the next sign-in they choose another one, unless it is theirs already.
    """
    person = _signing_in(person_id)
    check_password_choice(password.reveal(), person)
    keep_password(person, password.reveal(), must_change=must_change, by=by)
    return Known(person.pk, str(person.uid))


@command("org.reset_password", roles=(ADMINISTRATOR, SYSTEM), scope=whole_group)
def reset_password(person_id: int, *, by: Actor) -> PasswordReset:
    """The person signs in once with a password made here, and then chooses their own."""
    person = _signing_in(person_id)
    text = "-".join(chance(5) for _ in range(3))
    keep_password(person, text, must_change=True, by=by)
    return PasswordReset(person.pk, ShownOnce(text))


def _signing_in(person_id: int) -> Person:
    """The locked person, who is no program and none of our own jobs."""
    person = _known(person_id)
    if person.is_system:
        raise NotAllowed(
            sentence("{login} works inside and signs in nowhere."),
            field="person_id",
            login=person.login,
        )
    if ApiKey.objects.filter(person=person, revoked_at=None).exists():
        raise WrongState(
            sentence("{login} is a program's account: it has keys. Revoke them first."),
            field="person_id",
            login=person.login,
        )
    return person


def _known(person_id: int) -> Person:
    if Person.objects.find(person_id) is None:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="person_id",
            what=str(Person._meta.verbose_name),
            id=person_id,
        )
    person: Person = Person.objects.lock(person_id)
    return person


@command("org.reset_factors", roles=(ADMINISTRATOR,), scope=whole_group, signed=RESET)
def reset_factors(person_id: int, reason: str, *, by: Actor) -> FactorsReset:
    """Who lost the telephone or the key signs in with the password alone, and is told so."""
    _require_reason(reason)
    require_other_person(
        person_id,
        by=by,
        said=sentence("Your own second factors you remove on the page of your account."),
    )
    person = _known(person_id)
    factors = SecondFactor.objects.filter(person=person, removed_at=None)
    found = SecondFactor.objects.lock_all(factors.values_list("pk", flat=True))
    if not found:
        raise WrongState(
            sentence("{login} has no second factor."), field="person_id", login=person.login
        )
    for factor in found:
        amend(factor, by=by, removed_at=by.now, removed_by_id=by.person_id)
    end_codes(person.pk, by)
    end_sessions_of(person.pk, EndedBecause.FACTORS, by=by)
    by.work.facts["reason"] = reason
    content = {"login": person.login, "removed": [str(factor.uid) for factor in found]}
    sign(RESET, kind="org.person", uid=person.uid, content=content, by=by)
    return FactorsReset(person.pk, len(found))


@command("org.require_second_factor", roles=(ADMINISTRATOR, SYSTEM), scope=whole_group)
def require_second_factor(
    role_id: int, needs_second_factor: bool, reason: str, *, by: Actor
) -> RoleChanged:
    """Who has the role sets up a second factor at the next sign-in; or need not any more."""
    _require_reason(reason)
    role = Role.objects.lock(role_id)
    amend(role, by=by, needs_second_factor=needs_second_factor)
    by.work.facts["reason"] = reason
    return RoleChanged(role.pk)


@command("org.deactivate_person", roles=(ADMINISTRATOR, SYSTEM), scope=whole_group)
def deactivate_person(person_id: int, reason: str, *, by: Actor) -> Known:
    """The person does nothing here any more; their sessions and keys open nothing."""
    _require_reason(reason)
    require_other_person(
        person_id,
        by=by,
        said=sentence("Nobody deactivates themselves. Ask another administrator."),
    )
    person = _known(person_id)
    if person.is_system:
        raise NotAllowed(
            sentence("{login} does the work inside and stays."),
            field="person_id",
            login=person.login,
        )
    if not person.is_active:
        raise WrongState(
            sentence("{login} is inactive already."), field="person_id", login=person.login
        )
    amend(person, by=by, is_active=False)
    end_sessions_of(person.pk, EndedBecause.INACTIVE, by=by)
    by.work.facts["reason"] = reason
    return Known(person.pk, str(person.uid))


@command("org.reactivate_person", roles=(ADMINISTRATOR, SYSTEM), scope=whole_group)
def reactivate_person(person_id: int, reason: str, *, by: Actor) -> Known:
    """The person may use their roles again, with the password that they had."""
    _require_reason(reason)
    person = _known(person_id)
    if person.is_active:
        raise WrongState(
            sentence("{login} is active already."), field="person_id", login=person.login
        )
    amend(person, by=by, is_active=True)
    record_change(person, {}, {"reason": reason}, by=by)
    by.work.facts["reason"] = reason
    return Known(person.pk, str(person.uid))


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(sentence("Say why."), field="reason")
