"""The page of one's own account, and the forms that change it; each asks for the password. # SEC-01

What is changed is a command, so it is checked, signed and on record as through any other door.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from traceward.kernel.base.enclosed import CannotOpen, disclose, enclose
from traceward.kernel.base.refusals import InvalidInput, Refusal, fill, sentence
from traceward.kernel.command import one_time, security_keys
from traceward.kernel.command.accounts import (
    FactorAdded,
    add_authenticator,
    add_security_key,
    change_password,
    end_sessions,
    remove_factor,
    renew_recovery_codes,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.shown_once import ShownOnce
from traceward.kernel.command.signing import reauthenticated, standing
from traceward.kernel.documents.symbols import qr
from traceward.kernel.org.models import FactorKind, Person, Pin, RecoveryCode, SecondFactor
from traceward.web import sessions
from traceward.web.accounts.place import host_of, is_named, origin_of
from traceward.web.visitors import Visitor, visitor_of

#: What encloses an app's secret until its first code has come.
PENDING = "pending authenticator"
FIELDS = frozenset({"label", "code", "password", "pin", "again", "signature"})
AGAIN = sentence("The two new passwords differ. Enter the same one twice.")
NO_ANSWER = sentence(
    "The browser sent no answer of a security key. Plug it in or hold it close, and try again."
)
STALE = sentence("This page is too old. The QR code below is a new one: scan it and try again.")


def me(request: HttpRequest) -> HttpResponse:
    """The visitor's account: how they like the pages, how and where they are signed in."""
    to = visitor_of(request)
    person = _person(to)
    mine = SecondFactor.objects.filter(person=person, removed_at=None).order_by("pk")
    visits, zone = list(sessions.running(person)[:50]), ZoneInfo(to.time_zone)
    context = {
        "name": person.name(to.language),
        "factors": list(mine),
        "codes_left": RecoveryCode.objects.filter(person=person, ended_at=None).count(),
        "sessions": [
            (
                one,
                sessions.browser_name(one.browser),
                *(
                    f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
                    for at in (one.signed_in_at, one.seen_at)
                ),
            )
            for one in visits
        ],
        "here_id": request.session.get(sessions.KEY),
        "pin": Pin.objects.filter(person=person, ended_at=None).first(),
        "devices": sessions.devices_of(person),
        "device": sessions.device_of(request),
        "request_id": uuid.uuid4(),
    }
    return render(request, "tw/me.html", context)


def _minute(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


@sensitive_post_parameters("password", "again", "signature")
def password(request: HttpRequest) -> HttpResponse:
    """A new password; every other session ends, and this one begins anew."""
    to = visitor_of(request)
    person = _person(to)

    def change(by: Actor) -> HttpResponse:
        chosen = request.POST.get("password", "")
        if chosen != request.POST.get("again", ""):
            raise InvalidInput(AGAIN, field="again")
        if len(chosen) > 200:
            raise InvalidInput(
                sentence("A password has at most {limit} characters."), field="password", limit=200
            )
        change_password(Erasable(chosen), by=by)
        sessions.begin_again(request, Person.objects.get(pk=person.pk))
        return after(request, sentence("The password is changed. Other sessions have ended."), to)

    return form(request, "tw/password.html", {}, change)


@sensitive_post_parameters("signature", "code")
def authenticator(request: HttpRequest) -> HttpResponse:
    """An authenticator app: the QR code, and the first code that the app shows."""
    to = visitor_of(request)
    person = _person(to)
    secret = _pending(request)

    def add(by: Actor) -> HttpResponse:
        if request.POST.get("secret_mark", "") != _mark(secret):
            raise InvalidInput(STALE, field="code")
        code = Erasable(request.POST.get("code", "")[:20])
        done = add_authenticator(request.POST.get("label", ""), Erasable(secret), code, by=by)
        request.session.pop("authenticator", None)
        return _added(request, done, to)

    drawn = qr(one_time.address_of(secret, person.login))
    context = {
        "drawing": _drawing(drawn.svg),
        "secret": " ".join(secret[n : n + 4] for n in range(0, len(secret), 4)),
        "secret_mark": _mark(secret),
        "label": fill(sentence("Telephone"), {}, to.language),
    }
    return form(request, "tw/authenticator.html", context, add)


def _pending(request: HttpRequest) -> str:
    """The secret that this visit offers, kept enclosed until its first code has come."""
    kept = request.session.get("authenticator", "")
    try:
        return disclose(kept.encode(), PENDING).decode()
    except CannotOpen:
        secret = one_time.new_secret()
        request.session["authenticator"] = enclose(secret.encode(), PENDING).decode()
        return secret


def _mark(secret: str) -> str:
    """Tells whether a form belongs to the secret, and nothing about it."""
    return uuid.uuid5(uuid.NAMESPACE_OID, secret).hex


def _drawing(svg: str) -> SafeString:
    return mark_safe(svg)  # drawn by us from letters and digits


@sensitive_post_parameters("signature")
def security_key(request: HttpRequest) -> HttpResponse:
    """A security key or passkey: the browser asks it, and it is known from then on."""
    to = visitor_of(request)
    person = _person(to)
    origin, host = origin_of(request), host_of(request)

    def add(by: Actor) -> HttpResponse:
        state = request.session.pop("security_key", None)
        try:
            answer = json.loads(request.POST.get("answer", ""))
            if state is None or not isinstance(answer, dict):
                raise ValueError
            credential = security_keys.credential_in(state, answer, origin, host)
        except (ValueError, RecursionError, security_keys.WrongAnswer):
            raise InvalidInput(NO_ANSWER) from None
        done = add_security_key(request.POST.get("label", ""), credential, by=by)
        return _added(request, done, to)

    def ask() -> dict[str, Any]:
        known = [secret for _, secret in standing(person, FactorKind.KEY)]
        options, request.session["security_key"] = security_keys.ask_new(
            person, known, origin, host
        )
        return {"options": json.dumps(options)}

    context = {
        "label": fill(sentence("Security key"), {}, to.language),
        "is_named": is_named(host),
    }
    return form(request, "tw/security_key.html", context, add, ask)


@sensitive_post_parameters("signature")
def remove(request: HttpRequest, key: int) -> HttpResponse:
    """A second factor is asked for no more."""
    to = visitor_of(request)
    factor = SecondFactor.objects.filter(pk=key, person=_person(to), removed_at=None).first()
    if factor is None:
        return HttpResponseRedirect("/me")

    def take(by: Actor) -> HttpResponse:
        remove_factor(key, by=by)
        return after(request, sentence("The second factor is removed."), to)

    return form(request, "tw/remove_factor.html", {"factor": factor}, take)


@sensitive_post_parameters("signature")
def codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown once."""
    to = visitor_of(request)

    def renew(by: Actor) -> HttpResponse:
        return _codes(request, renew_recovery_codes(by=by).recovery_codes, to)

    return form(request, "tw/renew_codes.html", {}, renew)


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """One of the visitor's sessions ends, or all but this one."""
    to = visitor_of(request)
    chosen = request.POST.get("session", "")
    others = sessions.others(request, _person(to))
    ids = others if chosen == "others" else [pk for pk in others if str(pk) == chosen]
    if ids:
        end_sessions(ids, by=to.actor(_request_id(request)))
    return after(request, sentence("These sessions have ended."), to)


def form(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    act: Callable[[Actor], HttpResponse],
    ask: Callable[[], Mapping[str, Any]] = dict,
) -> HttpResponse:
    """The form; sent, the password is checked, and what was asked for is done or told at fault."""
    to = visitor_of(request)
    problems: dict[str, str] = {}
    told, status = "", 200
    if request.method == "POST":
        try:
            by = to.actor(_request_id(request))
            return act(reauthenticated(_person(to), request.POST.get("signature", ""), by))
        except Refusal as refusal:
            said, status = refusal.in_language(to.language), refusal.http_status
            field = "signature" if status in (401, 429) else refusal.field
            if field in FIELDS:
                problems = {str(field): said}
            else:
                told = said
    given = {name: request.POST.get(name, "") for name in ("label",) if name in request.POST}
    shown: dict[str, Any] = {**context, **given, **ask(), "told": told, "problems": problems}
    shown["request_id"] = uuid.uuid4()
    shown |= _frame(to)
    return render(request, template, shown, status=status)


def _frame(to: Visitor) -> dict[str, str]:
    """Who must do this first sees nothing else around it."""
    return {"frame": "tw/door.html" if to.must else "tw/base.html", "must": to.must}


def _added(request: HttpRequest, done: FactorAdded, to: Visitor) -> HttpResponse:
    """With the first factor come the recovery codes, shown now and never again."""
    if done.recovery_codes:
        return _codes(request, done.recovery_codes, to)
    return after(request, sentence("The second factor is set up."), to)


def _codes(request: HttpRequest, made: list[ShownOnce], to: Visitor) -> HttpResponse:
    context = {
        "codes": [code.reveal() for code in made],
        "name": _person(to).login,
        "day": to.today,
        **_frame(to),
    }
    return render(request, "tw/codes.html", context)


def after(request: HttpRequest, said: str, to: Visitor) -> HttpResponse:
    """Back to the account, where it is told what was done."""
    request.session["told"] = fill(said, {}, to.language)
    return HttpResponseRedirect("/me")


def _person(to: Visitor) -> Person:
    assert to.person is not None, "the door lets nobody unknown here"
    return to.person


def _request_id(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("request_id", ""))
    except ValueError:
        return uuid.uuid4()
