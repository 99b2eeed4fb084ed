"""Coming in: the password, more than it, and what a thief finds shut. # SEC-01"""

import re
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from tests.ledger import database_now, set_clock
from tests.web.soft_key import SoftKey
from tests.world import LONG_AGO, World
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.administration import reset_factors, reset_password, set_password
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, Role, SecondFactor, SignIn, UnknownTry

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def company(world: World, settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    set_up_roles()
    Person.objects.update(password=make_password(PASSWORD))
    return


@pytest.fixture
def person(world: World) -> Person:
    return Person.objects.get(pk=world.by(roles.QUALITY_HEAD).person_id)


@pytest.fixture
def admin(world: World) -> Actor:
    return world.by(roles.ADMINISTRATOR).reauthenticated()


def come(
    person: Person, password: str = PASSWORD, client: Client | None = None, **more: Any
) -> Any:
    """Who asked, and the answer of the door."""
    client = client or Client()
    client.cookies["language"] = "en"
    given = {"login": person.login, "password": password, **more}
    return client, client.post("/sign-in", given)


def inside(person: Person, password: str = PASSWORD) -> Client:
    client, answer = come(person, password)
    assert answer.status_code == 302, answer.content.decode()
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code, answer.headers)
    return answer.content.decode()


def set_up_app(client: Client, password: str = PASSWORD) -> tuple[str, list[str]]:
    """The app's secret and the recovery codes, as the pages show them."""
    html = page(client, "/me/authenticator")
    assert "<svg" in html
    secret = re.search(r'tw-secret">([A-Z2-7 ]+)<', html)
    mark = re.search(r'name="secret_mark" value="(\w+)"', html)
    assert secret
    assert mark
    plain = secret[1].replace(" ", "")
    given = {"secret_mark": mark[1], "label": "phone", "signature": password}
    code = pyotp.TOTP(plain).at(int(time.time()) - 30)
    answer = client.post("/me/authenticator", {**given, "code": code})
    assert answer.status_code == 200, answer.headers
    codes = re.findall(r"<li>(\w{5}-\w{5})</li>", answer.content.decode())
    return plain, codes


def test_nobody_learns_which_of_the_two_was_wrong(person: Person) -> None:
    Person.objects.create(login="gone", is_active=False, password=make_password(PASSWORD))
    told = set()
    for login in (person.login, "nobody", "gone", "system", "x" * 5000, "a\x00b"):
        answer = Client().post("/sign-in", {"login": login, "password": "wrong"})
        assert answer.status_code == 401
        told |= set(re.findall(r'role="alert">.*?<span>(.*?)</span>', answer.content.decode()))
    assert len(told) == 1


def test_five_wrong_passwords_shut_the_door_for_a_while(person: Person) -> None:
    for _ in range(5):
        assert come(person, "wrong")[1].status_code == 401
    _, answer = come(person)
    assert answer.status_code == 429
    assert "Try again in 15 minutes" in answer.content.decode()
    set_clock(database_now() + timedelta(minutes=16))
    assert come(person)[1].status_code == 302


def test_the_door_shuts_for_who_is_unknown_as_for_who_is_known(person: Person) -> None:
    told = []
    for login in (person.login, "nobody"):
        answers = [Client().post("/sign-in", {"login": login, "password": "x"}) for _ in range(6)]
        pages = [answer.content.decode().replace(login, "") for answer in answers]
        alerts = [re.findall(r'role="alert">.*?<span>(.*?)</span>', html) for html in pages]
        told.append([(a.status_code, alert) for a, alert in zip(answers, alerts, strict=True)])
    assert told[0] == told[1]
    assert told[0][-1][0] == 429
    set_clock(database_now() + timedelta(minutes=16))
    answer = Client().post("/sign-in", {"login": "nobody", "password": "x"})
    assert answer.status_code == 401
    assert UnknownTry.objects.count() == 1


@pytest.mark.parametrize(
    "wanted", ["//evil.invalid", "https://evil.invalid", "javascript:alert(1)", "/\\evil.invalid"]
)
def test_the_door_leads_nowhere_else(person: Person, wanted: str) -> None:
    assert come(person, next=wanted)[1]["Location"] == "/"


def test_a_form_from_elsewhere_signs_nobody_in(person: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    assert come(person, client=client)[1].status_code == 403
    assert client.get("/").status_code == 302


def test_a_session_gets_a_new_key_at_sign_in(person: Person) -> None:
    client = Client()
    client.session["planted"] = "by somebody"
    client.session.save()
    before = client.session.session_key
    come(person, client=client)
    assert client.session.session_key != before
    assert "planted" not in client.session


def test_coming_and_going_is_on_record(person: Person) -> None:
    client = inside(person)
    client.post("/sign-out")
    assert client.get("/").status_code == 302
    verbs = AuditEntry.objects.filter(actor=person).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["sign_in.opened", "sign_in.closed"]
    visit = SignIn.objects.get(person=person)
    assert visit.ended_because == "signed out"


def test_the_auditor_reads_who_came(person: Person, world: World) -> None:
    inside(person)
    come(person, "wrong")
    auditor = Person.objects.get(pk=world.by(roles.AUDITOR).person_id)
    html = page(inside(auditor), "/audit/sign_ins?view=all")
    assert "Sign-in refused" in html
    assert "Signed in" in html
    assert page(inside(auditor), "/org/sessions?view=all").count(person.login)


def test_an_app_is_asked_for_after_the_password(person: Person) -> None:
    secret, codes = set_up_app(inside(person))
    assert len(codes) == 10
    client, answer = come(person, next="/stock/lots")
    assert answer["Location"] == "/sign-in/second"
    assert client.get("/stock/lots")["Location"].startswith("/sign-in")
    assert client.post("/sign-in/second", {"code": "12"}).status_code == 401
    answer = client.post("/sign-in/second", {"code": pyotp.TOTP(secret).now()})
    assert answer["Location"] == "/stock/lots"
    assert client.get("/stock/lots").status_code == 200
    assert SignIn.objects.order_by("-pk")[0].factor == "app"
    other, _ = come(person)
    assert other.post("/sign-in/second", {"code": pyotp.TOTP(secret).now()}).status_code == 401


def test_the_second_step_ends_after_ten_minutes_or_with_the_password(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, codes = set_up_app(inside(person))
    late, _ = come(person)
    changed, _ = come(person)
    now = time.time()
    monkeypatch.setattr("traceward.web.signing_in.time.time", lambda: now + 601)
    assert late.post("/sign-in/second", {"code": codes[0]})["Location"] == "/sign-in"
    monkeypatch.undo()
    Person.objects.filter(pk=person.pk).update(password=make_password("another long password"))
    assert changed.post("/sign-in/second", {"code": codes[0]})["Location"] == "/sign-in"


def test_the_second_step_is_shut_to_who_gave_no_password(person: Person) -> None:
    _, codes = set_up_app(inside(person))
    assert Client().post("/sign-in/second", {"code": codes[0]})["Location"] == "/sign-in"


def test_wrong_codes_are_few(person: Person) -> None:
    secret, _ = set_up_app(inside(person))
    client, _ = come(person)
    statuses = [client.post("/sign-in/second", {"code": "000000"}).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert client.post("/sign-in/second", {"code": pyotp.TOTP(secret).now()}).status_code == 429
    assert come(person)[1].status_code == 429


def test_a_recovery_code_stands_in_once(person: Person) -> None:
    _, codes = set_up_app(inside(person))
    client, _ = come(person)
    assert client.post("/sign-in/second", {"code": codes[0]})["Location"] == "/"
    assert "9 left" in page(client, "/me")
    other, _ = come(person)
    assert other.post("/sign-in/second", {"code": codes[0]}).status_code == 401


def test_a_factor_is_removed_with_the_password(person: Person) -> None:
    client = inside(person)
    set_up_app(client)
    address = f"/me/factors/{SecondFactor.objects.get().pk}/remove"
    assert client.post(address, {"signature": "wrong"}).status_code == 401
    assert client.post(address, {"signature": PASSWORD})["Location"] == "/me"
    assert come(person)[1]["Location"] == "/"


def test_whose_role_asks_for_it_sees_nothing_before(person: Person) -> None:
    Role.objects.filter(code=roles.QUALITY_HEAD.code).update(needs_second_factor=True)
    client = inside(person)
    for address in ("/", "/stock/lots", "/do/stock.block", "/me", "/me/password", "/find?q=x"):
        assert client.get(address)["Location"] == "/me/authenticator", address
    assert "tw-rail" not in page(client, "/me/authenticator")
    set_up_app(client)
    assert client.get("/stock/lots").status_code == 200


def test_a_password_set_by_another_is_changed_first(person: Person, admin: Actor) -> None:
    before = inside(person)
    made = reset_password(person.pk, by=admin).password.reveal()
    assert before.get("/")["Location"].startswith("/sign-in")
    client = inside(person, made)
    assert client.get("/stock/lots")["Location"] == "/me/password"
    new = {"signature": made, "password": "a long and quiet evening"}
    answer = client.post("/me/password", {**new, "again": "something else altogether"})
    assert answer.status_code == 422
    assert "differ" in answer.content.decode()
    answer = client.post("/me/password", {**new, "again": new["password"]})
    assert answer["Location"] == "/me"
    assert client.get("/stock/lots").status_code == 200
    assert come(person, new["password"])[1].status_code == 302


def test_a_poor_password_is_told_at_its_field_and_changes_nothing(person: Person) -> None:
    client = inside(person)
    for poor in ("short", "password12345", "x" * 300, PASSWORD):
        given = {"signature": PASSWORD, "password": poor, "again": poor}
        answer = client.post("/me/password", given)
        assert answer.status_code == 422, poor
        html = answer.content.decode()
        assert html.count("tw-problem") == 1, poor
        assert poor not in html
    assert come(person)[1].status_code == 302


def test_sessions_end_one_by_one_or_all_but_this_one(person: Person) -> None:
    here, there, third = (inside(person) for _ in range(3))
    assert page(here, "/me").count("last seen") == 3
    first = SignIn.objects.order_by("-pk")[0]
    here.post("/me/sessions/end", {"session": first.pk, "request_id": uuid.uuid4()})
    assert third.get("/").status_code == 302
    assert there.get("/").status_code == 200
    here.post("/me/sessions/end", {"session": "others"})
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_nobody_ends_another_persons_session(person: Person, world: World) -> None:
    mine = inside(person)
    other = inside(Person.objects.get(pk=world.by(roles.PICKER).person_id))
    other.post("/me/sessions/end", {"session": SignIn.objects.get(person=person).pk})
    assert mine.get("/").status_code == 200


def test_a_session_ends_by_itself_when_nobody_is_there(person: Person) -> None:
    client = inside(person)
    set_clock(database_now() + timedelta(minutes=121))
    assert client.get("/")["Location"].startswith("/sign-in")
    assert SignIn.objects.get(person=person).ended_because == "time"


def test_a_session_ends_by_itself_in_the_end(person: Person) -> None:
    client = inside(person)
    for _ in range(6):
        set_clock(database_now() + timedelta(minutes=110))
        assert client.get("/").status_code == 200
    set_clock(database_now() + timedelta(minutes=110))
    answer = client.get("/stock/lots")
    assert answer["Location"] == "/sign-in?next=%2Fstock%2Flots&over=1"
    assert not client.cookies["language"].value, "chosen by who was here"
    door = client.get(answer["Location"], headers={"Accept-Language": "en"})
    assert "not signed in any more" in door.content.decode()


def test_who_is_deactivated_is_out(person: Person) -> None:
    client = inside(person)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/").status_code == 302


def test_a_second_tab_after_sign_out_does_nothing(person: Person) -> None:
    client = inside(person)
    cookies = client.cookies["traceward_session"].value
    client.post("/sign-out")
    client.cookies["traceward_session"] = cookies
    answer = client.post("/me/password", {"signature": PASSWORD, "password": "x", "again": "x"})
    assert answer["Location"].startswith("/sign-in")
    assert client.post("/sign-out")["Location"].startswith("/sign-in")


def test_whose_factors_were_reset_is_told(person: Person, admin: Actor) -> None:
    set_up_app(inside(person))
    set_clock(database_now() + timedelta(minutes=1))
    reset_factors(person.pk, "lost the telephone", by=admin)
    set_clock(database_now() + timedelta(minutes=1))
    client, answer = come(person)
    assert answer["Location"] == "/me"
    assert "An administrator removed your second factors" in page(client, "/me")
    assert come(person)[1]["Location"] == "/"


# --- Security keys --------------------------------------------------------------------------


def with_key(client: Client) -> SoftKey:
    """A key that the person has registered."""
    key = SoftKey("http://testserver")
    html = page(client, "/me/security-key")
    given = {"label": "blue key", "signature": PASSWORD, "answer": key.create(html)}
    answer = client.post("/me/security-key", given)
    assert "tw-codes" in answer.content.decode(), answer.content.decode()
    return key


def test_a_security_key_opens_the_door(person: Person) -> None:
    key = with_key(inside(person))
    client, answer = come(person)
    assert answer["Location"] == "/sign-in/second"
    html = page(client, "/sign-in/second")
    given = {"answer": key.get(html)}
    assert client.post("/sign-in/second", given)["Location"] == "/"
    assert SignIn.objects.order_by("-pk")[0].factor == "key"


@pytest.mark.parametrize("how", ["origin", "challenge", "signature", "count", "nonsense"])
def test_a_key_that_answers_wrongly_opens_nothing(person: Person, how: str) -> None:
    key = with_key(inside(person))
    client, _ = come(person)
    html = page(client, "/sign-in/second")
    if how == "count":  # a copy of the key that was used less than the key itself
        SecondFactor.objects.update(counter=50)
    if how == "challenge":
        stale, html = html, page(client, "/sign-in/second")
        html = stale
    if how == "origin":
        key.origin = "https://evil.invalid"
    answer = key.get(html)
    if how == "signature":
        key.forge()
        answer = key.get(html)
    if how == "nonsense":
        answer = "[" * 10_000
    assert client.post("/sign-in/second", {"answer": answer}).status_code == 401
    assert client.get("/").status_code == 302
    refused = AuditEntry.objects.filter(actor=person, verb="sign_in.refused")
    assert refused.count() == 1


def test_an_answer_counts_once(person: Person) -> None:
    key = with_key(inside(person))
    client, _ = come(person)
    answer = key.get(page(client, "/sign-in/second"))
    assert client.post("/sign-in/second", {"answer": answer})["Location"] == "/"
    other, _ = come(person)
    page(other, "/sign-in/second")
    assert other.post("/sign-in/second", {"answer": answer}).status_code == 401


def test_a_key_of_another_site_is_not_registered(person: Person) -> None:
    client = inside(person)
    key = SoftKey("https://evil.invalid")
    html = page(client, "/me/security-key")
    given = {"label": "x", "signature": PASSWORD, "answer": key.create(html)}
    assert client.post("/me/security-key", given).status_code == 422
    assert not SecondFactor.objects.exists()


# --- The demo -------------------------------------------------------------------------------


def test_demo_accounts_are_named_at_the_door_of_a_demo_only(
    person: Person, settings: Any, tmp_path: Path
) -> None:
    row = f'{{"login": "{person.login}", "name_zh": "陈", "name_en": "", "role": "quality_head"'
    made = f'{{"password": "{PASSWORD}", "accounts": [{row}, "where": "SH01"}}]}}'
    (tmp_path / "company.json").write_text(made, encoding="utf-8")
    settings.VAR = tmp_path
    assert person.login not in page(Client(), "/sign-in")
    settings.SANDBOX = "traceward_demo"
    html = page(Client(), "/sign-in")
    assert person.login in html
    assert "质量负责人" in html
    (tmp_path / "company.json").write_text("{}", encoding="utf-8")
    assert person.login not in page(Client(), "/sign-in")


def test_an_administrator_sets_a_password_that_is_changed(person: Person, admin: Actor) -> None:
    set_password(person.pk, Erasable("from the administrator"), by=admin)
    client = inside(person, "from the administrator")
    assert client.get("/")["Location"] == "/me/password"


def test_a_person_who_has_gone_is_told_nothing(world: World) -> None:
    gone = Person.objects.create(login="gone", password=make_password(PASSWORD), is_active=False)
    SecondFactor.objects.create(person=gone, kind="app", label="x", secret=b"", added_at=LONG_AGO)
    assert come(gone)[1].status_code == 401


def test_the_language_follows_the_account_to_any_browser(person: Person) -> None:  # UX-02
    client = inside(person)
    client.post("/choose", {"language": "en"})
    person.refresh_from_db()
    assert person.language == "en"
    assert not client.cookies["language"].value, "the account says it now"
    assert AuditEntry.objects.filter(verb="org.choose_language", actor=person).count() == 1
    elsewhere = Client()
    elsewhere.post("/sign-in", {"login": person.login, "password": PASSWORD})
    assert 'lang="en"' in elsewhere.get("/me").content.decode()
    client.post("/choose", {"language": "klingon"})
    person.refresh_from_db()
    assert person.language == "en"


def test_what_one_chose_at_the_door_is_not_the_next_persons(person: Person) -> None:
    client = Client()
    client.post("/choose", {"language": "en"})
    client.post("/sign-in", {"login": person.login, "password": PASSWORD})
    assert 'lang="en"' in client.get("/me").content.decode()
    person.refresh_from_db()
    assert person.language == "zh-hans", "the account is not changed in silence"
    client.post("/sign-out")
    assert not client.cookies["language"].value


def test_the_door_stays_in_the_language_of_who_left(person: Person) -> None:  # UX-02
    client = inside(person)
    client.post("/choose", {"language": "en"})
    client.post("/sign-out")
    assert client.cookies["door"].value == "en"
    door = client.get("/sign-in", headers={"Accept-Language": "zh"}).content.decode()
    assert '<html lang="en"' in door
