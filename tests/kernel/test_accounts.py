"""One's own account: password, second factors, recovery codes, sessions. # SEC-01"""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from tests.house.account_examples import CREDENTIAL, SECRET, code_now
from tests.ledger import database_now, set_clock
from tests.refusing import refused
from tests.world import LONG_AGO, World
from traceward.kernel.audit.models import AuditEntry, Signature
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SamePerson,
    WrongState,
)
from traceward.kernel.command.accounts import (
    add_authenticator,
    add_security_key,
    change_password,
    choose_language,
    end_sessions,
    remove_factor,
    renew_recovery_codes,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.administration import (
    deactivate_person,
    reactivate_person,
    require_second_factor,
    reset_factors,
    reset_password,
    set_password,
)
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.signing import TooManyTries, WrongPassword, require_code
from traceward.kernel.org import roles
from traceward.kernel.org.models import (
    ApiKey,
    Person,
    RecoveryCode,
    Role,
    RoleGrant,
    SecondFactor,
    SignIn,
)

PASSWORD = "correct horse battery"


@pytest.fixture
def auditor(world: World, settings: Any) -> Actor:
    """Who writes nothing but their own account; the password was just given again."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    by = world.by(roles.AUDITOR)
    Person.objects.filter(pk=by.person_id).update(password=make_password(PASSWORD))
    return by.reauthenticated()


def with_app(by: Actor) -> tuple[int, list[str]]:
    """The authenticator's id, and the recovery codes that came with it."""
    code = Erasable(code_now(-1))
    done = add_authenticator("telephone", Erasable(SECRET), code, by=by.asking().reauthenticated())
    return done.factor_id, [one.reveal() for one in done.recovery_codes]


def again(by: Actor) -> Actor:
    return by.asking().reauthenticated()


def person_of(by: Actor) -> Person:
    return Person.objects.get(pk=by.person_id)


def test_a_password_is_long_and_not_a_common_one(auditor: Actor) -> None:
    for poor in ("short", "password1234", "aaaaaaaaaaaaaaaa", PASSWORD):
        with refused(InvalidInput, "password"):
            change_password(Erasable(poor), by=again(auditor))
    Person.objects.filter(pk=auditor.person_id).update(must_change_password=True)
    visit = SignIn.objects.create(
        person_id=auditor.person_id, signed_in_at=LONG_AGO, seen_at=LONG_AGO
    )
    change_password(Erasable("平静的夜晚里有四个长词语"), by=again(auditor))
    person = person_of(auditor)
    assert person.check_password("平静的夜晚里有四个长词语")
    assert not person.must_change_password
    visit.refresh_from_db()
    assert visit.ended_because == "password"


def test_a_code_counts_once_and_only_around_now(auditor: Actor) -> None:
    with_app(auditor)
    person = person_of(auditor)
    assert require_code(person, code_now(), auditor) == "app"
    for wrong in (code_now(), code_now(-1), code_now(-5), code_now(5)):
        with pytest.raises(WrongPassword):
            require_code(person, wrong, auditor)
    assert require_code(person, code_now(1), auditor) == "app"


def test_a_thief_with_the_password_tries_five_codes(auditor: Actor) -> None:
    with_app(auditor)
    person = person_of(auditor)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            require_code(person, "000000 ", auditor)
    with pytest.raises(TooManyTries):
        require_code(person, code_now(), auditor)
    mine = AuditEntry.objects.filter(actor_id=auditor.person_id)
    assert mine.filter(verb="sign_in.refused").count() == 5
    assert mine.filter(verb="sign_in.locked").count() == 1
    set_clock(database_now() + timedelta(minutes=16))
    assert require_code(person, code_now(), auditor) == "app"


def test_a_recovery_code_opens_once_however_it_is_typed(auditor: Actor) -> None:
    _, codes = with_app(auditor)
    person = person_of(auditor)
    assert len(set(codes)) == 10
    assert require_code(person, codes[0].upper().replace("-", " "), auditor) == "recovery"
    with pytest.raises(WrongPassword):
        require_code(person, codes[0], auditor)
    renewed = renew_recovery_codes(by=again(auditor)).recovery_codes
    with pytest.raises(WrongPassword):
        require_code(person, codes[1], auditor)
    assert require_code(person, renewed[0].reveal(), auditor) == "recovery"


def test_codes_stand_for_a_factor(auditor: Actor) -> None:
    with refused(WrongState):
        renew_recovery_codes(by=again(auditor))
    factor, _ = with_app(auditor)
    remove_factor(factor, by=again(auditor))
    assert not RecoveryCode.objects.filter(ended_at=None).exists()


def test_nothing_secret_stands_in_the_database(auditor: Actor) -> None:
    factor, codes = with_app(auditor)
    assert SECRET.encode() not in bytes(SecondFactor.objects.get(pk=factor).secret)
    told = " ".join(AuditEntry.objects.values_list("detail", flat=True))
    assert not [one for one in (SECRET, codes[0], codes[0].replace("-", "")) if one in told]
    assert Signature.objects.get().meaning == "new second factor"


def test_an_authenticator_shows_that_it_has_the_secret(auditor: Actor) -> None:
    with refused(InvalidInput, "code"):
        wrong = Erasable("123456" if code_now() != "123456" else "654321")
        add_authenticator("x", Erasable(SECRET), wrong, by=again(auditor))
    for poor in ("JBSWY3DP", "no base32!"):
        with refused(InvalidInput, "secret"):
            add_authenticator("x", Erasable(poor), Erasable(code_now()), by=again(auditor))
    with refused(InvalidInput, "label"):
        add_authenticator(" ", Erasable(SECRET), Erasable(code_now()), by=again(auditor))


def test_a_security_key_is_known_once(auditor: Actor) -> None:
    done = add_security_key("blue key", CREDENTIAL, by=again(auditor))
    assert len(done.recovery_codes) == 10
    with refused(Conflict, "credential"):
        add_security_key("the same", CREDENTIAL, by=again(auditor))
    with refused(InvalidInput, "credential"):
        add_security_key("none", "AAAA", by=again(auditor))


def test_ten_factors_are_enough(auditor: Actor) -> None:
    SecondFactor.objects.bulk_create(
        SecondFactor(
            person_id=auditor.person_id, kind="app", label="x", secret=b"", added_at=LONG_AGO
        )
        for _ in range(10)
    )
    with refused(WrongState):
        add_security_key("one more", CREDENTIAL, by=again(auditor))


def test_nobody_touches_what_is_another_persons(auditor: Actor, world: World) -> None:
    factor, _ = with_app(auditor)
    other = world.by(roles.PICKER).reauthenticated()
    with refused(NotFound, "factor_id"):
        remove_factor(factor, by=other)
    visit = SignIn.objects.create(
        person_id=auditor.person_id, signed_in_at=LONG_AGO, seen_at=LONG_AGO
    )
    with refused(NotFound, "session_ids"):
        end_sessions([visit.pk], by=other.asking())
    end_sessions([visit.pk], by=auditor.asking())
    visit.refresh_from_db()
    assert visit.ended_because == "by hand"


def test_an_account_is_changed_with_the_password_only(auditor: Actor, world: World) -> None:
    factor, _ = with_app(auditor)
    with pytest.raises(NotAllowed):
        remove_factor(factor, by=world.by(roles.AUDITOR))


@pytest.fixture
def admin(world: World) -> Actor:
    return world.by(roles.ADMINISTRATOR).reauthenticated()


def test_a_password_made_here_is_changed_at_once(auditor: Actor, admin: Actor) -> None:
    made = reset_password(auditor.person_id, by=again(admin))
    person = person_of(auditor)
    assert person.check_password(made.password.reveal())
    assert person.must_change_password
    with refused(NotFound, "person_id"):
        reset_password(987_654_321, by=again(admin))
    ApiKey.objects.create(person=person, label="x", sha256=b"1" * 32, issued_at=LONG_AGO)
    with refused(WrongState, "person_id"):
        reset_password(person.pk, by=again(admin))
    with refused(NotAllowed, "person_id"):
        reset_password(Person.objects.get(login="system").pk, by=again(admin))


def test_a_password_that_an_administrator_chose_is_a_good_one_too(
    auditor: Actor, admin: Actor
) -> None:
    with refused(InvalidInput, "password"):
        set_password(auditor.person_id, Erasable("password12345"), by=again(admin))


def test_lost_factors_are_reset_by_another_person(auditor: Actor, admin: Actor) -> None:
    with_app(auditor)
    with refused(InvalidInput, "reason"):
        reset_factors(auditor.person_id, " ", by=again(admin))
    with refused(SamePerson):
        reset_factors(admin.person_id, "mine", by=again(admin))
    assert reset_factors(auditor.person_id, "lost it", by=again(admin)).removed == 1
    assert not RecoveryCode.objects.filter(ended_at=None).exists()
    with refused(WrongState, "person_id"):
        reset_factors(auditor.person_id, "again", by=again(admin))


def test_a_role_may_ask_for_more_than_a_password(admin: Actor, auditor: Actor) -> None:
    role = Role.objects.get(code=roles.AUDITOR.code)
    with refused(InvalidInput, "reason"):
        require_second_factor(role.pk, True, "", by=again(admin))
    require_second_factor(role.pk, True, "reads everything", by=again(admin))
    role.refresh_from_db()
    assert role.needs_second_factor


def test_an_account_ends_and_begins_again(admin: Actor, auditor: Actor) -> None:
    with refused(WrongState, "person_id"):
        reactivate_person(auditor.person_id, "is here", by=again(admin))
    with refused(SamePerson):
        deactivate_person(admin.person_id, "I go", by=again(admin))
    with refused(NotAllowed, "person_id"):
        deactivate_person(Person.objects.get(login="system").pk, "why not", by=again(admin))
    deactivate_person(auditor.person_id, "left", by=again(admin))
    with refused(WrongState, "person_id"):
        deactivate_person(auditor.person_id, "left", by=again(admin))
    reactivate_person(auditor.person_id, "came back", by=again(admin))
    assert person_of(auditor).is_active


def test_an_administrator_of_a_site_keeps_to_it(world: World, auditor: Actor) -> None:  # ORG-03
    local = Person.objects.create(login="local", name_en="Local", password="!")
    role = Role.objects.get(code=roles.ADMINISTRATOR.code)
    RoleGrant.objects.create(person=local, role=role, site=world.shanghai, granted_at=LONG_AGO)
    by = Actor(local.pk, local.login).reauthenticated()
    for act in (
        lambda one: reset_password(auditor.person_id, by=one),
        lambda one: deactivate_person(auditor.person_id, "x", by=one),
        lambda one: reset_factors(auditor.person_id, "x", by=one),
        lambda one: require_second_factor(role.pk, True, "x", by=one),
    ):
        with refused(NotAllowed):
            act(again(by))


def test_a_person_chooses_the_language_of_their_pages(world: World) -> None:  # UX-02
    by = world.by(roles.BUYER)
    assert choose_language("en", by=by.asking()).language == "en"
    assert Person.objects.get(pk=by.person_id).language == "en"
    with refused(InvalidInput, "language"):
        choose_language("klingon", by=by.asking())  # type: ignore[arg-type]
    assert Person.objects.get(pk=by.person_id).language == "en"
