"""A device that several people use in turn: shared, locked, and gone on with by a PIN. # SEC-01

    /me/device         this browser becomes a shared device
    /me/pin            the visitor's PIN
    /station/unlock    the same person goes on, by the PIN
    /switch            somebody else goes on, by name or badge and PIN

Whoever goes on by a PIN sees stations only, and signs nothing. docs/adr/0260
"""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import login
from django.contrib.auth.hashers import make_password
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from traceward.kernel.base.refusals import InvalidInput, Refusal, fill, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.devices import Device
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.run import write_entry
from traceward.kernel.command.shared_devices import (
    NOT_KNOWN,
    PIN,
    PinDoesNotCount,
    end_own_device,
    known_on,
    remove_pin,
    require_pin,
    set_pin,
    share_device,
)
from traceward.kernel.command.signing import SWITCHED
from traceward.kernel.org.models import EndedBecause, Person, Pin, SharedDevice
from traceward.resources.kit import now
from traceward.web import sessions
from traceward.web.accounts import account
from traceward.web.visitors import ALWAYS, YEAR, Visitor, initials_of, is_part, visitor_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
#: What a PIN opens: stations, and what their pages fetch.
BRIEF = ("/station", "/pick/", "/units", "/day", *ALWAYS)
#: What a locked device shows.
UNLOCKED = ("/station/unlock", "/station/lock", *ALWAYS)
LOCKED = 423
AGAIN = sentence("The two PINs differ. Enter the same one twice.")
PIN_KEPT = sentence("The PIN is set. It counts on shared devices where you signed in fully.")
PIN_HERE = sentence("The PIN is set. It counts on this device ({device}) in this shift.")
DEVICE_READY = sentence("This browser is a shared device from now on. Your PIN counts on it.")
PIN_GONE = sentence("The PIN is removed.")
DEVICE_KEPT = sentence("This browser is a shared device from now on. Set a PIN to go on with it.")
DEVICE_GONE = sentence("The device is shared no longer; whoever was signed in there is not now.")


def kept_out(request: HttpRequest) -> HttpResponse | None:
    """The lock, or the way to a full sign-in, where the visitor may not go on as they are."""
    to, path = visitor_of(request), request.path_info
    if to.is_locked and not path.startswith(UNLOCKED):
        if is_part(request):
            return HttpResponse(status=LOCKED)
        here = request.get_full_path() if request.method == "GET" else path
        return HttpResponseRedirect(f"/station/unlock?{urlencode({'next': here})}")
    if to.is_brief and not path.startswith(BRIEF):
        if path == "/":
            return HttpResponseRedirect("/station")
        asked = {"next": request.get_full_path(), "full": "1"}
        return HttpResponseRedirect(f"/sign-in?{urlencode(asked)}")
    return None


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/station"
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return "/station"
    return wanted if wanted.startswith("/station") else "/station"


def _actor(person: Person, device: SharedDevice, to: Visitor) -> Actor:
    return Actor(person.pk, person.login, to.origin, device=Device(device.label), is_brief=True)


@sensitive_post_parameters("pin")
def unlock(request: HttpRequest) -> HttpResponse:
    """The same person goes on where they were, by the PIN."""
    to, device = visitor_of(request), sessions.device_of(request)
    if to.person is None or device is None:
        return HttpResponseRedirect("/sign-in")
    told, status = "", 200
    if request.method == "POST":
        try:
            by = _actor(to.person, device, to)
            require_pin(to.person, device.pk, request.POST.get("pin", "")[:20], by)
        except Refusal as refusal:
            told, status = refusal.in_language(to.language), refusal.http_status
        else:
            sessions.go_on(request, to.person, PIN)
            write_entry(SWITCHED, by.asking(), {"device": device.label})
            return HttpResponse(status=204) if is_part(request) else _on(request)
    if is_part(request):
        return HttpResponse(json.dumps({"told": told}), "application/json", status=status)
    if not to.is_locked and not told:
        return _on(request)
    context = {"told": told, "next": _next(request), "device": device, "initials": to.initials}
    return render(request, "tw/unlock.html", context, status=status)


def _on(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(_next(request))


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """The device asks for the PIN from now on; what is on the page stays there."""
    to = visitor_of(request)
    if not to.device:
        raise Http404
    request.session[sessions.LOCKED] = True
    if is_part(request):
        return HttpResponse(status=204)
    return HttpResponseRedirect(f"/station/unlock?{urlencode({'next': _next(request)})}")


@sensitive_post_parameters("pin")
def switch(request: HttpRequest) -> HttpResponse:
    """Who signed in fully on this device goes on, by name or badge and PIN."""
    to, device = visitor_of(request), sessions.device_of(request)
    if device is None:
        return HttpResponseRedirect("/sign-in")
    told, status, sent = "", 200, request.POST
    name = (sent.get("login", "").strip() or sent.get("who", ""))[:60]
    if request.method == "POST":
        try:
            person = _known(name, device, request.POST.get("pin", "")[:20], to)
        except Refusal as refusal:
            told, status = refusal.in_language(to.language), refusal.http_status
        else:
            _switched(request, person, device, to)
            return _on(request)
    people = known_on(device.pk, now())
    context = {
        "told": told,
        "login": name,
        "next": _next(request),
        "device": device,
        "people": [
            (one.login, one.name(to.language), initials_of(one.name(to.language))) for one in people
        ],
    }
    return render(request, "tw/switch.html", context, status=status)


def _known(name: str, device: SharedDevice, pin: str, to: Visitor) -> Person:
    """The person whose PIN it is; one that is not known here is refused as slowly."""
    found = Person.objects.filter(is_active=True, is_system=False, login=name.replace("\0", " "))
    person = found.first()
    if person is None:
        make_password(pin)  # takes as long as to compare one
        raise PinDoesNotCount(NOT_KNOWN)
    require_pin(person, device.pk, pin, _actor(person, device, to))
    return person


def _switched(request: HttpRequest, person: Person, device: SharedDevice, to: Visitor) -> None:
    """The one before has left; the other is known, by the PIN only."""
    if to.person is not None:
        sessions.end(request, EndedBecause.SWITCHED)
    request.session.flush()
    request.session[sessions.FACTOR] = PIN
    login(request, person, backend=BACKEND)
    write_entry(SWITCHED, _actor(person, device, to), {"device": device.label})


# --- One's own PIN and devices ------------------------------------------------------------------


def has_pin(to: Visitor) -> bool:
    """Whether the visitor has a PIN for shared devices."""
    return Pin.objects.filter(person=to.person, ended_at=None).exists()


@sensitive_post_parameters("pin", "again", "signature")
def set_one(request: HttpRequest) -> HttpResponse:
    """A new PIN; or none any more."""
    to = visitor_of(request)
    has_one = has_pin(to)
    if request.method == "POST" and "remove" in request.POST:
        try:
            remove_pin(by=to.actor())
        except Refusal as refusal:
            return account.after(request, refusal.in_language(to.language), to)
        return account.after(request, PIN_GONE, to)

    def change(by: Actor) -> HttpResponse:
        chosen = request.POST.get("pin", "")[:20]
        if chosen != request.POST.get("again", "")[:20]:
            raise InvalidInput(AGAIN, field="again")
        set_pin(Erasable(chosen), by=by)
        if (device := sessions.device_of(request)) is None:
            return account.after(request, PIN_KEPT, to)
        told = fill(PIN_HERE, {"device": device.label}, to.language)
        return account.after(request, told, to)

    return account.form(request, "tw/pin.html", {"has_one": has_one}, change)


@sensitive_post_parameters("signature")
def share(request: HttpRequest) -> HttpResponse:
    """This browser becomes a shared device; it keeps a secret by which it is known."""
    to = visitor_of(request)

    def change(by: Actor) -> HttpResponse:
        made = share_device(request.POST.get("label", "")[:200], by=by)
        answer = account.after(request, DEVICE_READY if has_pin(to) else DEVICE_KEPT, to)
        token = made.token.reveal()
        answer.set_cookie(
            *(sessions.DEVICE, token),
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
        request.COOKIES[sessions.DEVICE] = token
        assert to.person is not None, "the door lets nobody unknown here"
        sessions.go_on(request, to.person, sessions.factor_of(request))
        return answer

    device = sessions.device_of(request)
    known = {"device": device, "has_pin": has_pin(to)}
    return account.form(request, "tw/device.html", known, change)


@require_POST
def end_one(request: HttpRequest, key: int) -> HttpResponse:
    """The device is shared no longer."""
    to = visitor_of(request)
    try:
        end_own_device(key, by=to.actor())
    except Refusal as refusal:
        return account.after(request, refusal.in_language(to.language), to)
    answer: Any = account.after(request, DEVICE_GONE, to)
    return answer
