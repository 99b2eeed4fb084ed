"""Devices that several people use in turn: signed in fully once a shift, then by PIN. # SEC-01

A PIN counts on a device on which its person signed in fully, within so many hours, and after so
few wrong ones; it opens stations and signs nothing. docs/adr/0260
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.canonical import digest
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotFound,
    Refusal,
    WrongState,
    sentence,
)
from traceward.kernel.command.accounts import EVERYBODY, chance
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.people import own, whole_group
from traceward.kernel.command.run import command, write_entry, write_refusal
from traceward.kernel.command.shown_once import ShownOnce
from traceward.kernel.command.signing import (
    LOCKED,
    PIN_REFUSED,
    WAITED,
    TooManyTries,
    WrongPassword,
    alone,
)
from traceward.kernel.command.write import amend, created, record_change, sign
from traceward.kernel.org.models import EndedBecause, Person, Pin, SharedDevice, SignIn
from traceward.kernel.org.roles import ADMINISTRATOR
from traceward.kernel.rules.queries import declare, reader

#: What a sign-in by PIN says that was proved.
PIN = "pin"
SHORTEST, LONGEST = 4, 8
SHARED = "new shared device"
PIN_SET = "new PIN"
HOURS = declare(
    "org.pin.hours",
    12,
    doc="Hours after a full sign-in on a shared device within which the PIN counts there.",
)
TRIES = declare(
    "org.pin.tries",
    5,
    doc="Wrong PINs after which only a full sign-in on the device counts.",
)
IDLE_MINUTES = declare(
    "org.pin.idle_minutes",
    5,
    doc="Minutes without a page after which a shared device asks for the PIN.",
)
#: After these a full sign-in lets no PIN count any more.
OVER = (
    EndedBecause.BY_HAND.value,
    EndedBecause.PASSWORD.value,
    EndedBecause.FACTORS.value,
    EndedBecause.INACTIVE.value,
    EndedBecause.DEVICE.value,
)
WRONG_PIN = sentence("The PIN is wrong.")
NOT_KNOWN = sentence(
    "Your PIN does not count on this device now. Sign in fully here first, and set a PIN under "
    "your name if you have none."
)
TOO_MANY = sentence("Too many wrong PINs. Sign in fully on this device, with your password.")


class PinDoesNotCount(WrongPassword):
    """The person did not sign in fully on the device lately, or has no PIN."""


class PinLocked(TooManyTries):
    """Too many wrong PINs since the person signed in fully on the device."""


@dataclass(frozen=True)
class PinSet:
    person_id: int


@dataclass(frozen=True)
class DeviceShared:
    """The secret that the device keeps is shown in this one answer."""

    device_id: int
    uid: str
    token: ShownOnce


@dataclass(frozen=True)
class DeviceEnded:
    device_id: int
    #: How many were signed in there.
    sessions: int


@command("org.set_pin", roles=EVERYBODY, scope=own, signed=PIN_SET)
def set_pin(pin: Erasable, *, by: Actor) -> PinSet:
    """The person goes on at shared devices with this PIN; the one before counts no more."""
    person: Person = Person.objects.lock(by.person_id)
    text = pin.reveal()
    check_pin_choice(text, person)
    _end_pin(person, by)
    row = Pin.objects.create(person=person, secret=make_password(text), set_at=by.now)
    created(row, by=by, person=person.login)
    sign(PIN_SET, kind="org.person", uid=person.uid, content={"login": person.login}, by=by)
    return PinSet(person.pk)


def check_pin_choice(text: str, person: Person) -> None:
    """Refused where it is no PIN, or one that is tried first."""
    if not (text.isascii() and text.isdigit() and SHORTEST <= len(text) <= LONGEST):
        raise InvalidInput(
            sentence("A PIN has {least} to {most} digits."),
            field="pin",
            least=SHORTEST,
            most=LONGEST,
        )
    if is_guessed(text) or text in person.login:
        raise InvalidInput(
            sentence(
                "This PIN is guessed first: a row of digits, a repetition, or a year or day. "
                "Choose another one."
            ),
            field="pin",
        )


def is_guessed(text: str) -> bool:
    """Whether it repeats itself, counts up or down, or is a year or a day as of a birthday."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(text)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        return True
    if any(text == (text[:n] * len(text))[: len(text)] for n in (1, 2, 3)) or len(set(text)) < 3:
        return True
    if len(text) == 4:
        return text[:2] in ("19", "20") or _is_day(f"2000{text}") or _is_day(f"2000{_turned(text)}")
    if len(text) == 6:
        return _is_day(f"20{text}") or _is_day(f"20{text[4:]}{_turned(text[:4])}")
    return len(text) == 8 and (_is_day(text) or _is_day(f"{text[4:]}{_turned(text[:4])}"))


def _turned(text: str) -> str:
    return text[2:] + text[:2]


def _is_day(text: str) -> bool:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return False
    return 1900 <= found.year < 2100


def _end_pin(person: Person, by: Actor) -> int:
    standing = Pin.objects.filter(person=person, ended_at=None)
    ended = standing.update(ended_at=by.now)
    if ended:
        record_change(person, {"pin": "set"}, {"pin": "ended"}, by=by)
    return ended


@command("org.remove_pin", roles=EVERYBODY, scope=own)
def remove_pin(*, by: Actor) -> PinSet:
    """The person goes on nowhere with a PIN; what one opened is over."""
    person: Person = Person.objects.lock(by.person_id)
    if not _end_pin(person, by):
        raise WrongState(sentence("You have no PIN."))
    opened = SignIn.objects.filter(person=person, factor=PIN, ended_at=None)
    opened.update(ended_at=by.now, ended_because=EndedBecause.BY_HAND.value)
    return PinSet(person.pk)


@command("org.share_device", roles=EVERYBODY, scope=own, signed=SHARED)
def share_device(label: str, *, by: Actor) -> DeviceShared:
    """The device that keeps the answer's secret is one that several people use in turn."""
    label = " ".join(label.split())
    if not 1 <= len(label) <= 60 or not label.isprintable():
        raise InvalidInput(
            sentence("Give the device a name of 1 to 60 characters, as it stands on it."),
            field="label",
        )
    if SharedDevice.objects.filter(label=label, ended_at=None).exists():
        raise InvalidInput(
            sentence("There is a device “{label}” already. End it, or choose another name."),
            field="label",
            label=label,
        )
    token = chance(40)
    device = SharedDevice.objects.create(
        label=label, digest=digest_of(token), shared_by_id=by.person_id, shared_at=by.now
    )
    created(device, by=by, label=label)
    content = {"label": label}
    sign(SHARED, kind="org.shared_device", uid=device.uid, content=content, by=by)
    return DeviceShared(device.pk, str(device.uid), ShownOnce(token))


def digest_of(token: str) -> bytes:
    """What is kept of a device's secret."""
    return hashlib.sha256(token.encode()).digest()


@command("org.end_device", roles=(ADMINISTRATOR,), scope=whole_group)
def end_device(device_id: int, *, by: Actor) -> DeviceEnded:
    """The device is shared no longer, and whoever is signed in there is so no longer."""
    return _ended(device_id, by)


@command("org.end_own_device", roles=EVERYBODY, scope=own)
def end_own_device(device_id: int, *, by: Actor) -> DeviceEnded:
    """The same, by whoever shared it or signed in there."""
    known = SignIn.objects.filter(device=device_id, person=by.person_id)
    mine = SharedDevice.objects.filter(pk=device_id, shared_by=by.person_id)
    if not (mine.exists() or known.exists()):
        raise NotFound(sentence("You have no shared device with this id."), field="device_id")
    return _ended(device_id, by)


def _ended(device_id: int, by: Actor) -> DeviceEnded:
    device: SharedDevice = SharedDevice.objects.lock(device_id)
    if device.ended_at is not None:
        raise WrongState(sentence("This device was ended already."), field="device_id")
    amend(device, by=by, ended_at=by.now, ended_by_id=by.person_id)
    there = SignIn.objects.filter(device=device, ended_at=None)
    count = there.update(ended_at=by.now, ended_because=EndedBecause.DEVICE.value)
    return DeviceEnded(device.pk, count)


def full_since(person_id: int, device_id: int, now: datetime) -> datetime | None:
    """When the person last signed in fully on the device, if that counts for a PIN still."""
    hours: float = reader(HOURS).value_for({}).value
    rows = SignIn.objects.filter(
        person=person_id,
        device=device_id,
        device__ended_at=None,
        signed_in_at__gt=now - timedelta(hours=hours),
        signed_in_at__lte=now,
    )
    rows = rows.exclude(factor=PIN).exclude(ended_because__in=OVER).order_by("-pk")
    return rows.values_list("signed_in_at", flat=True).first()


def known_on(device_id: int, now: datetime) -> list[Person]:
    """Whose PIN counts on the device now, the last that signed in first."""
    hours: float = reader(HOURS).value_for({}).value
    rows = SignIn.objects.filter(
        device=device_id,
        device__ended_at=None,
        person__is_active=True,
        signed_in_at__gt=now - timedelta(hours=hours),
    )
    rows = rows.exclude(factor=PIN).exclude(ended_because__in=OVER)
    ids = list(dict.fromkeys(rows.order_by("-pk").values_list("person_id", flat=True)[:200]))
    having = set(
        Pin.objects.filter(person__in=ids, ended_at=None).values_list("person_id", flat=True)
    )
    found = Person.objects.in_bulk([pk for pk in ids if pk in having])
    return [found[pk] for pk in ids if pk in found]


def require_pin(person: Person, device_id: int, pin: str, by: Actor) -> None:
    """It is the person's PIN, and counts on the device now; a wrong one is on record.

    As seldom as the rules say: after that only a full sign-in on the device counts.
    """
    tries: int = reader(TRIES).value_for({}).value
    with transaction.atomic(durable=True):
        now = alone(str(person.pk))
        since = full_since(person.pk, device_id, now)
        row = Pin.objects.filter(person=person, ended_at=None).first()
        refusal: Refusal | None = None
        wrong = AuditEntry.objects.filter(actor=person, verb=PIN_REFUSED, at__lte=now + WAITED)
        if since is None or row is None or not person.is_active:
            make_password(pin)  # takes as long as to compare one
            refusal = PinDoesNotCount(NOT_KNOWN)
        elif (failed := wrong.filter(at__gte=since).count()) >= tries:
            refusal = PinLocked(TOO_MANY)
        elif not check_password(pin, row.secret):
            refusal = WrongPassword(WRONG_PIN)
            write_refusal(PIN_REFUSED, by.asking(), digest([PIN_REFUSED]), refusal)
            if failed == tries - 1:
                write_entry(LOCKED, by.asking(), _locked(device_id, tries))
    if refusal is not None:
        raise refusal


def _locked(device_id: int, tries: int) -> dict[str, Any]:
    return {"device_id": device_id, "tries": tries, "known_by": PIN}
