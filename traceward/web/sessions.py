"""A visit from sign-in to its end: on record, and over after some time or when it is ended."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db import connection
from django.db.models import DateTimeField, F, Func
from django.http import HttpRequest

from traceward.kernel.org.models import EndedBecause, Person, SignIn

#: Under which the session keeps the record's id.
KEY = "sign_in"
#: What was proved besides the password, until the record is made.
FACTOR = "factor"
NOW = Func(function="tw_now", output_field=DateTimeField())


@dataclass(frozen=True)
class Standing:
    """Whether the visit goes on, and what the person must do before anything else."""

    is_over: bool
    must: str = ""


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
    )
    request.session[KEY] = record.pk


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
            "   WHERE f.person_id = s.person_id AND f.removed_at IS NULL)"
            " FROM org_sign_in s WHERE s.id = %s AND s.person_id = %s",
            [_id(request), person.pk],
        )
        row = cursor.fetchone()
    if row is None:
        return Standing(True)
    goes_on, age, idle, lacks_factor = row
    if not goes_on:
        return Standing(True)
    if age > settings.SESSION_LASTS or idle > settings.SESSION_IDLE:
        end(request, EndedBecause.TIME)
        return Standing(True)
    if idle > timedelta(minutes=1):
        SignIn.objects.filter(pk=_id(request)).update(seen_at=NOW)
    must = "password" if person.must_change_password else "factor" if lacks_factor else ""
    return Standing(False, must)


def end(request: HttpRequest, because: EndedBecause) -> None:
    """The record says when and why the visit ended."""
    mine = SignIn.objects.filter(pk=_id(request), ended_at=None)
    mine.update(ended_at=NOW, ended_because=because.value)


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
