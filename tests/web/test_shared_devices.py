"""A shared device: full sign-in once a shift, then a PIN; what it opens, and what it does not."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests import inbound, outbound
from tests.ledger import database_now, set_clock
from tests.refusing import refused
from tests.web.test_pages import PASSWORD, company, text_of
from tests.world import LONG_AGO, World
from traceward.domain.stock.models import StockMove
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, NotFound, WrongState
from traceward.kernel.command.accounts import end_sessions
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.shared_devices import (
    IDLE_MINUTES,
    TRIES,
    end_device,
    end_own_device,
    is_guessed,
    remove_pin,
    set_pin,
    share_device,
)
from traceward.kernel.command.signing import reauthenticated
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, Pin, SharedDevice, SignIn
from traceward.kernel.org.roles import RoleName
from traceward.kernel.rules.models import Parameter

__all__ = ["company"]
PIN = "728319"
COOKIE = "traceward_device"


def rule(key: str, value: object) -> None:
    Parameter.objects.create(key=key, context={}, value=value, valid_from=LONG_AGO, version=1)


def with_pin(world: World, role: RoleName, pin: str = PIN) -> Actor:
    """Somebody with this role who has a PIN."""
    by = world.by(role).asking().reauthenticated()
    set_pin(Erasable(pin), by=by)
    return by.asking()


def signed_in(device: Client, by: Actor) -> Any:
    """The person signs in fully, with the password."""
    return device.post("/sign-in", {"login": by.login, "password": PASSWORD, "next": "/station"})


@pytest.fixture
def handheld(world: World) -> Client:
    """A device that a picker shares; the picker and a storekeeper signed in fully in this shift."""
    picker, keeper = with_pin(world, roles.PICKER), with_pin(world, roles.STOREKEEPER, "918273")
    device = Client()
    device.cookies["language"] = "en"
    signed_in(device, keeper)
    answer = device.post("/me/device", {"label": "PDA-07", "signature": PASSWORD})
    assert answer.status_code == 302
    assert device.cookies[COOKIE]["httponly"]
    signed_in(device, picker)
    return device


def switch(device: Client, by: Actor, pin: str, **more: str) -> Any:
    return device.post("/switch", {"login": by.login, "pin": pin, **more})


def who(device: Client) -> str:
    """The account that the device's station pages are for."""
    html = device.get("/station").content.decode()
    found = re.search(r'data-who="([^"]*)"', html)
    return found[1] if found else ""


def test_another_goes_on_by_pin_where_the_one_before_was(  # SEC-01 WMS-01
    world: World, handheld: Client
) -> None:
    picker, keeper = world.by(roles.PICKER), world.by(roles.STOREKEEPER)
    assert who(handheld) == picker.login
    html = handheld.get("/switch").content.decode()
    assert f'value="{keeper.login}"' in html
    answer = switch(handheld, keeper, "918273", next="/station/putaway")
    assert answer["Location"] == "/station/putaway"
    assert who(handheld) == keeper.login
    mine = SignIn.objects.filter(person=keeper.person_id).order_by("-pk")[0]
    assert (mine.factor, mine.device.label, mine.ended_at) == ("pin", "PDA-07", None)
    before = SignIn.objects.filter(person=picker.person_id).order_by("-pk")[0]
    assert before.ended_because == "switched"
    entry = AuditEntry.objects.get(verb="sign_in.switched")
    assert (entry.actor_id, entry.facts["device"]) == (keeper.person_id, "PDA-07")


def test_each_act_is_by_who_switched_and_says_device_and_pin(  # SEC-02 INV-01
    world: World, handheld: Client
) -> None:
    picker, keeper = world.by(roles.PICKER), world.by(roles.STOREKEEPER)
    world.stock(world.lot("STENT", "L1"), 5)
    going = outbound.opened(world).pick_id
    address = f"/station/pick/{going}"
    for by, pin, code in (
        (keeper, "918273", "A-01"),
        (picker, PIN, inbound.code("STENT", "L1")),
    ):
        switch(handheld, by, pin, next=address)
        html = handheld.get(address).content.decode()
        hand = re.search(r'name="hand" value="([^"]*)"', html)
        assert hand
        if code != "A-01":  # the bin first, then the goods
            answer = handheld.post(address, {"code": "A-01", "hand": _plain(hand[1])})
            hand = re.search(r'name="hand" value="([^"]*)"', answer.content.decode())
            assert hand
        handheld.post(address, {"code": code, "hand": _plain(hand[1])})
    move = StockMove.objects.order_by("-pk")[0]
    assert move.device == "PDA-07"
    entry = AuditEntry.objects.get(pk=move.command_id)
    assert entry.actor_id == picker.person_id
    assert entry.facts["device"] == {"name": "PDA-07"}
    assert entry.facts["known_by"] == "pin"


def _plain(text: str) -> str:
    return text.replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")


def test_a_pin_opens_stations_and_signs_nothing(world: World, handheld: Client) -> None:  # SEC-01
    keeper = world.by(roles.STOREKEEPER)
    switch(handheld, keeper, "918273")
    assert handheld.get("/station").status_code == 200
    assert handheld.get("/")["Location"] == "/station"
    for path in ("/stock/lots", "/do/warehousing.count", "/me", "/me/pin", "/find?q=x", "/release"):
        assert handheld.get(path)["Location"].startswith("/sign-in?next="), path
        assert handheld.post(path)["Location"].startswith("/sign-in?next="), path
    html = handheld.get("/sign-in?full=1").content.decode()
    assert "a PIN opens stations only" in text_of(html)
    person = Person.objects.get(pk=keeper.person_id)
    brief = Actor(person.pk, person.login, is_brief=True)
    with pytest.raises(NotAllowed) as caught:
        reauthenticated(person, PASSWORD, brief)
    assert "A PIN does not sign" in str(caught.value)


def test_wrong_pins_end_in_a_full_sign_in(world: World, handheld: Client) -> None:  # SEC-01
    keeper, picker = world.by(roles.STOREKEEPER), world.by(roles.PICKER)
    for n in range(TRIES.default):
        answer = switch(handheld, keeper, f"11{n}2{n}")
        assert answer.status_code == 401
        assert "The PIN is wrong" in text_of(answer.content.decode())
    answer = switch(handheld, keeper, "918273")
    assert answer.status_code == 429, "the right one, too"
    assert "Sign in fully on this device" in text_of(answer.content.decode())
    assert AuditEntry.objects.filter(actor=keeper.person_id, verb="sign_in.locked").count() == 1
    assert who(handheld) == picker.login, "nothing has changed for the one who is there"
    assert switch(handheld, picker, PIN).status_code == 302, "others are not locked"
    set_clock(database_now() + timedelta(hours=1))
    assert switch(handheld, keeper, "918273").status_code == 429, "time alone does not help"
    assert signed_in(handheld, keeper).status_code == 302
    assert switch(handheld, keeper, "918273").status_code == 302


def test_many_guesses_at_once_count_each(world: World, handheld: Client) -> None:  # SEC-01
    rule(TRIES.key, 2)
    keeper = world.by(roles.STOREKEEPER)
    said = [switch(handheld, keeper, f"5{n}0{n}7").status_code for n in range(6)]
    assert said == [401, 401, 429, 429, 429, 429]


def test_a_pin_counts_where_and_as_long_as_its_person_signed_in_fully(  # SEC-01
    world: World, handheld: Client
) -> None:
    checker = with_pin(world, roles.CHECKER, "640291")
    keeper = world.by(roles.STOREKEEPER)
    assert switch(handheld, checker, "640291").status_code == 401, "never signed in here"
    assert switch(handheld, keeper, PIN).status_code == 401, "the PIN of another person"
    assert switch(handheld, Actor(0, "nobody"), PIN).status_code == 401
    other = Client()
    signed_in(other, world.by(roles.PICKER))
    other.post("/me/device", {"label": "PDA-08", "signature": PASSWORD})
    assert switch(other, keeper, "918273").status_code == 401, "not on this device"
    assert switch(handheld, keeper, "918273").status_code == 302
    set_clock(database_now() + timedelta(hours=13))
    assert switch(handheld, keeper, "918273").status_code == 401, "the shift is over"
    assert who(handheld) == ""


def test_a_session_that_is_carried_off_counts_nowhere(world: World, handheld: Client) -> None:
    """SEC-01: the cookie of the session alone, in another browser."""
    thief = Client()
    thief.cookies["traceward_session"] = handheld.cookies["traceward_session"].value
    assert thief.get("/station").status_code == 302
    assert thief.get("/station")["Location"].startswith("/sign-in")
    thief = Client()
    thief.cookies[COOKIE] = "made-up"
    assert thief.get("/switch")["Location"] == "/sign-in"
    keeper = world.by(roles.STOREKEEPER)
    assert switch(thief, keeper, "918273")["Location"] == "/sign-in"


def test_an_idle_device_is_locked_and_keeps_the_work(world: World, handheld: Client) -> None:
    picker = world.by(roles.PICKER)
    signed_in(handheld, picker)
    set_clock(database_now() + timedelta(minutes=IDLE_MINUTES.default + 1))
    answer = handheld.get("/station/pick?x=1")
    assert answer["Location"] == "/station/unlock?next=%2Fstation%2Fpick%3Fx%3D1"
    scan = {"code": "A-01", "hand": "{}"}
    assert handheld.post("/station/pick", scan, headers={"X-Part": "1"}).status_code == 423
    assert handheld.get("/stock/lots")["Location"].startswith("/station/unlock")
    html = handheld.get("/station/unlock").content.decode()
    assert 'name="pin"' in html
    answer = handheld.post("/station/unlock", {"pin": "000111"}, headers={"X-Part": "1"})
    assert (answer.status_code, answer.json()["told"]) == (401, "The PIN is wrong.")
    token = handheld.cookies["csrftoken"].value if "csrftoken" in handheld.cookies else ""
    answer = handheld.post("/station/unlock", {"pin": PIN}, headers={"X-Part": "1"})
    assert answer.status_code == 204
    if token:
        assert handheld.cookies["csrftoken"].value == token, "forms of the page stay good"
    assert handheld.post("/station/pick", scan, headers={"X-Part": "1"}).status_code != 423
    mine = SignIn.objects.filter(person=picker.person_id).order_by("-pk")[0]
    assert mine.factor == "pin", "from now on by the PIN"
    assert handheld.get("/stock/lots")["Location"].startswith("/sign-in?next=")


def test_it_is_locked_by_hand(world: World, handheld: Client) -> None:
    assert handheld.post("/station/lock", headers={"X-Part": "1"}).status_code == 204
    assert handheld.get("/station")["Location"].startswith("/station/unlock")
    assert handheld.post("/station/unlock", {"pin": PIN, "next": "https://evil"})["Location"] == (
        "/station"
    )
    assert who(handheld) == world.by(roles.PICKER).login


def test_the_device_and_the_pin_are_ended(world: World, handheld: Client) -> None:  # SEC-01
    keeper, picker = world.by(roles.STOREKEEPER), world.by(roles.PICKER)
    device = SharedDevice.objects.get()
    with refused(NotFound, "device_id"):
        end_own_device(device.pk, by=world.by(roles.CHECKER))
    with refused(NotAllowed):
        end_device(device.pk, by=picker)
    remove_pin(by=keeper.asking())
    with refused(WrongState):
        remove_pin(by=keeper.asking())
    assert switch(handheld, keeper, "918273").status_code == 401
    done = end_own_device(device.pk, by=picker.asking())
    assert done.sessions == 1
    assert handheld.get("/station").status_code == 302
    assert switch(handheld, picker, PIN)["Location"] == "/sign-in"
    with refused(WrongState, "device_id"):
        end_device(device.pk, by=world.by(roles.ADMINISTRATOR))
    with refused(WrongState, "device_id"):
        end_own_device(device.pk, by=picker.asking())


def test_an_administrator_ends_any(world: World, handheld: Client) -> None:
    done = end_device(SharedDevice.objects.get().pk, by=world.by(roles.ADMINISTRATOR))
    assert done.sessions == 1
    assert handheld.get("/station").status_code == 302


def test_a_session_ended_from_elsewhere_lets_no_pin_count(world: World, handheld: Client) -> None:
    keeper = world.by(roles.STOREKEEPER)
    visits = SignIn.objects.filter(person=keeper.person_id, ended_at=None)
    end_sessions(list(visits.values_list("pk", flat=True)), by=keeper.asking())
    switch(handheld, keeper, "918273")
    visits = SignIn.objects.filter(person=keeper.person_id, ended_at=None)
    assert not visits.filter(factor="").exists()


@pytest.mark.parametrize(
    "pin",
    [
        *("0000", "1234", "4321", "8901", "1212", "1122", "1985", "2026", "0512", "3112"),
        *("111111", "123123", "850412", "120485", "19850412", "12041985", "12121212"),
    ],
)
def test_what_is_guessed_first_is_no_pin(world: World, pin: str) -> None:  # SEC-01
    assert is_guessed(pin)
    with refused(InvalidInput, "pin"):
        set_pin(Erasable(pin), by=world.by(roles.PICKER).reauthenticated())


@pytest.mark.parametrize("pin", ["", "728", "728319728", "72a3", "７２８３", "72 83", "-728"])
def test_what_is_no_pin_is_refused(world: World, pin: str) -> None:
    with refused(InvalidInput, "pin"):
        set_pin(Erasable(pin), by=world.by(roles.PICKER).reauthenticated())


@pytest.mark.parametrize("pin", ["7283", "728319", "90417362"])
def test_a_good_pin_is_kept_as_a_slow_hash(world: World, pin: str, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    by = world.by(roles.PICKER).reauthenticated()
    set_pin(Erasable(pin), by=by)
    set_pin(Erasable("860497"), by=by.asking().reauthenticated())
    (standing,) = Pin.objects.filter(person=by.person_id, ended_at=None)
    assert standing.secret.startswith("pbkdf2_sha256$")
    assert pin not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_a_device_has_a_name_of_its_own(world: World) -> None:
    by = world.by(roles.PICKER)
    made = share_device("  PDA  9 ", by=by.asking().reauthenticated())
    assert SharedDevice.objects.get(pk=made.device_id).label == "PDA 9"
    for label in ("", "x" * 61, "PDA 9"):
        with refused(InvalidInput, "label"):
            share_device(label, by=by.asking().reauthenticated())


def test_the_pages_of_the_account_do_it(world: World) -> None:
    by = world.by(roles.PICKER)
    client = Client()
    client.cookies["language"] = "en"
    signed_in(client, by)
    given = {"pin": PIN, "again": "728318", "signature": PASSWORD}
    assert "The two PINs differ" in text_of(client.post("/me/pin", given).content.decode())
    given |= {"again": PIN, "signature": "wrong"}
    assert client.post("/me/pin", given).status_code == 401
    assert client.post("/me/pin", given | {"signature": PASSWORD})["Location"] == "/me"
    assert Pin.objects.filter(person=by.person_id, ended_at=None).exists()
    client.post("/me/device", {"label": "PDA-07", "signature": PASSWORD})
    html = client.get("/me").content.decode()
    assert "PDA-07" in html
    device = SharedDevice.objects.get()
    assert f'action="/me/devices/{device.pk}/end"' in html
    assert client.post(f"/me/devices/{device.pk}/end")["Location"] == "/me"
    assert client.post("/me/pin", {"remove": "1"}).status_code == 302
    device.refresh_from_db()
    assert device.ended_at is not None


def test_what_comes_next_is_said_after_pin_and_device(world: World) -> None:  # UX-05 SEC-01
    by = world.by(roles.PICKER)
    device = Client()
    device.cookies["language"] = "en"
    signed_in(device, by)
    share = {"label": "PDA-08", "signature": PASSWORD}
    told = device.post("/me/device", share, follow=True).content.decode()
    assert "Set a PIN to go on with it" in told
    assert "asks for your password each time" in device.get("/me/device").content.decode()
    pin = {"pin": PIN, "again": PIN, "signature": PASSWORD}
    told = device.post("/me/pin", pin, follow=True).content.decode()
    assert "It counts on this device (PDA-08)" in told
    assert "Your PIN counts on it" in device.get("/me/device").content.decode()
    other = Client()
    other.cookies["language"] = "en"
    signed_in(other, by)
    told = other.post("/me/device", {**share, "label": "PDA-09"}, follow=True).content.decode()
    assert "Your PIN counts on it" in told
    assert "Set a PIN" not in told
