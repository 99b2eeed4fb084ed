"""A visit from sign-in to its end: on record, and over after some time or when it is ended."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db import connection
from django.db.models import DateTimeField, F, Func, Q
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from traceward.kernel.command.shared_devices import IDLE_MINUTES, digest_of, full_since
from traceward.kernel.org.models import EndedBecause, Person, SharedDevice, SignIn
from traceward.kernel.rules.queries import reader

#: Under which the session keeps the record's id.
KEY = "sign_in"
#: What was proved besides the password, until the record is made.
FACTOR = "factor"
NOW = Func(function="tw_now", output_field=DateTimeField())


#: The cookie in which a shared device keeps its secret; and that the visit was locked by hand.
DEVICE, LOCKED = "traceward_device", "locked"


@dataclass(frozen=True)
class Standing:
    """Whether the visit goes on, and what the person must do before anything else."""

    is_over: bool
    must: str = ""
    #: What the shared device is called, where it is one.
    device: str = ""
    #: Known by a PIN only; and not until it is given again.
    is_brief: bool = False
    is_locked: bool = False


def device_of(request: HttpRequest) -> SharedDevice | None:
    """The shared device that the browser belongs to, as long as it is one."""
    token = request.COOKIES.get(DEVICE, "")
    if not token:
        return None
    return SharedDevice.objects.filter(digest=digest_of(token), ended_at=None).first()


def begun(sender: Any, request: HttpRequest, user: Person, **_: Any) -> None:
    """Whoever signs in, by whatever door, has a record of it."""
    browser = request.META.get("HTTP_USER_AGENT", "")
    record = SignIn.objects.create(
        person=user,
        signed_in_at=NOW,
        seen_at=NOW,
        address=request.META.get("REMOTE_ADDR", "")[:45],
        browser="".join(sign for sign in browser if sign.isprintable())[:200],
        factor=request.session.pop(FACTOR, ""),
        device=device_of(request),
    )
    request.session[KEY] = record.pk


def go_on(request: HttpRequest, person: Person, factor: str) -> None:
    """The same person goes on at the same browser under another key, known in another way."""
    end(request, EndedBecause.SWITCHED)
    request.session.cycle_key()
    request.session.pop(LOCKED, None)
    request.session[FACTOR] = factor
    begun(Person, request, person)


def _id(request: HttpRequest) -> int:
    """The record of this visit; 0 where there is none."""
    return int(request.session.get(KEY) or 0)


def begin_again(request: HttpRequest, person: Person) -> None:
    """The visit goes on under another key, with the person's new password."""
    before = SignIn.objects.filter(pk=_id(request)).first()
    update_session_auth_hash(request, person)
    request.session[FACTOR] = before.factor if before else ""
    begun(Person, request, person)


def standing(request: HttpRequest, person: Person) -> Standing:
    """How the visit stands, in one statement; that the person is still there is noted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.ended_at IS NULL, tw_now() - s.signed_in_at, tw_now() - s.seen_at,"
            " EXISTS (SELECT FROM org_role_grant g JOIN org_role r ON r.id = g.role_id"
            "   WHERE g.person_id = s.person_id AND g.revoked_at IS NULL"
            "   AND r.needs_second_factor)"
            " AND NOT EXISTS (SELECT FROM org_second_factor f"
            "   WHERE f.person_id = s.person_id AND f.removed_at IS NULL),"
            " s.factor = 'pin', d.id, d.label, d.digest, tw_now()"
            " FROM org_sign_in s LEFT JOIN org_shared_device d ON d.id = s.device_id"
            " WHERE s.id = %s AND s.person_id = %s",
            [_id(request), person.pk],
        )
        row = cursor.fetchone()
    if row is None:
        return Standing(True)
    goes_on, age, idle, lacks_factor, is_brief, device, label, digest, now = row
    if not goes_on:
        return Standing(True)
    if age > settings.SESSION_LASTS or idle > settings.SESSION_IDLE:
        end(request, EndedBecause.TIME)
        return Standing(True)
    must = "password" if person.must_change_password else "factor" if lacks_factor else ""
    if device is None:
        _note(request, idle)
        return Standing(False, must)
    if not _is_there(request, bytes(digest)):
        return Standing(True)
    if is_brief and full_since(person.pk, device, now) is None:
        end(request, EndedBecause.TIME)
        return Standing(True)
    if idle > idle_limit() or request.session.get(LOCKED):
        return Standing(False, must, label, is_brief, True)
    _note(request, idle)
    return Standing(False, must, label, is_brief)


def _is_there(request: HttpRequest, digest: bytes) -> bool:
    """Whether the browser keeps the device's secret: a session that was carried off counts not."""
    return constant_time_compare(digest_of(request.COOKIES.get(DEVICE, "")), digest)


def idle_limit() -> timedelta:
    """After so long without a page a shared device asks for the PIN."""
    return timedelta(minutes=reader(IDLE_MINUTES).value_for({}).value)


def _note(request: HttpRequest, idle: timedelta) -> None:
    if idle > timedelta(minutes=1):
        SignIn.objects.filter(pk=_id(request)).update(seen_at=NOW)


def end(request: HttpRequest, because: EndedBecause) -> None:
    """The record says when and why the visit ended."""
    mine = SignIn.objects.filter(pk=_id(request), ended_at=None)
    mine.update(ended_at=NOW, ended_because=because.value)


def factor_of(request: HttpRequest) -> str:
    """What was proved besides the password in this visit."""
    found = SignIn.objects.filter(pk=_id(request)).values_list("factor", flat=True).first()
    return found or ""


def devices_of(person: Person) -> list[SharedDevice]:
    """Devices that the person shared, or signed in on."""
    used = SignIn.objects.filter(person=person, device__isnull=False).values("device_id")
    mine = Q(shared_by=person) | Q(pk__in=used)
    return list(SharedDevice.objects.filter(mine, ended_at=None).order_by("label")[:50])


def others(request: HttpRequest, person: Person) -> list[int]:
    """The person's visits that go on elsewhere."""
    going_on = running(person).exclude(pk=_id(request))
    return list(going_on.values_list("pk", flat=True)[:200])


def running(person: Person) -> Any:
    """The person's visits that go on, the last seen first."""
    found = SignIn.objects.annotate(now=NOW).filter(person=person, ended_at=None)
    found = found.filter(seen_at__gt=F("now") - settings.SESSION_IDLE)
    return found.filter(signed_in_at__gt=F("now") - settings.SESSION_LASTS).order_by("-seen_at")


#: What a browser calls itself, and what a person calls it; the first that fits.
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(text: str) -> str:
    """A browser's own long name in two words; as it is where none of them fits."""
    names = [
        next((name for mark, name in known if mark in text), "") for known in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(filter(None, names)) or text[:60]
