"""Coming in and leaving: the account, its password, and more where it has more. # SEC-01

Few tries, each on record; nobody learns whether it was the account or the password that was wrong.
"""

import json
import time
from typing import Any

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from traceward.kernel.base.refusals import Refusal, fill, sentence
from traceward.kernel.command import security_keys
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import run_json, write_entry
from traceward.kernel.command.signing import (
    SIGNED_IN,
    SIGNED_OUT,
    refuse_unknown,
    require_code,
    require_key,
    require_password,
    standing,
)
from traceward.kernel.org.models import EndedBecause, FactorKind, Person, SecondFactor, SignIn
from traceward.web import sessions
from traceward.web.accounts.demo import demo_of
from traceward.web.accounts.place import host_of, is_named, origin_of
from traceward.web.visitors import DENSITIES, LANGUAGES, THEMES, YEAR, Visitor, visitor_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
CHOICES = {"language": LANGUAGES, "theme": THEMES, "density": DENSITIES}
#: Whose password was right, until something besides it is; and for so long.
HALF = "half"
HALF_SECONDS = 600
RESET = sentence(
    "An administrator removed your second factors. If you did not ask for it, tell them now; "
    "then set up new ones below."
)


@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door; who is known goes on to where they wanted to be, or to the second step."""
    to = visitor_of(request)
    told, name, status = "", request.POST.get("login", "").strip(), 200
    if request.method == "POST":
        try:
            person = _known(name, request.POST.get("password", ""), to)
        except Refusal as refusal:
            told, status = refusal.in_language(to.language), refusal.http_status
        else:
            if to.person is not None:
                sessions.end(request, EndedBecause.SWITCHED)
            return _first_step(request, person, to)
    context = {
        "told": told,
        "login": name,
        "next": _wanted(request),
        "is_over": "over" in request.GET and not told,
        "is_full": "full" in request.GET and not told,
        "device": sessions.device_of(request),
        "demo": demo_of(to.language),
    }
    return render(request, "tw/sign_in.html", context, status=status)


def _known(name: str, password: str, to: Visitor) -> Person:
    """The active person with that account and password."""
    known = Person.objects.filter(is_active=True, is_system=False)
    person = known.filter(login=name[:60].replace("\0", " ")).first()
    if person is None or not person.has_usable_password():
        refuse_unknown(name, password)
    require_password(person, password, _actor(person, to))
    return person


def _actor(person: Person, to: Visitor) -> Actor:
    return Actor(person.pk, person.login, to.origin)


def _first_step(request: HttpRequest, person: Person, to: Visitor) -> HttpResponse:
    """The password was right: who has a second factor is asked for it, others are in."""
    if not SecondFactor.objects.filter(person=person, removed_at=None).exists():
        return _come_in(request, person, "", _wanted(request), to)
    request.session.flush()
    request.session[HALF] = {
        "person": person.pk,
        "mark": person.get_session_auth_hash(),
        "until": time.time() + HALF_SECONDS,
        "next": _wanted(request),
    }
    return HttpResponseRedirect("/sign-in/second")


@sensitive_post_parameters("code")
def second(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the app, a recovery code, or the answer of a security key."""
    to = visitor_of(request)
    half = request.session.get(HALF)
    person = _half_known(half)
    if half is None or person is None:
        request.session.pop(HALF, None)
        return HttpResponseRedirect("/sign-in")
    told, status = "", 200
    if request.method == "POST":
        try:
            factor = _second_factor(request, person, to)
        except Refusal as refusal:
            told, status = refusal.in_language(to.language), refusal.http_status
        else:
            return _come_in(request, person, factor, half["next"], to)
    context = {
        "told": told,
        "login": person.login,
        "has_app": bool(standing(person, FactorKind.APP)),
        "options": _options(request, person),
        "is_named": is_named(host_of(request)),
    }
    return render(request, "tw/second.html", context, status=status)


def _half_known(half: Any) -> Person | None:
    """Whose password was right some minutes ago, and is so still."""
    if not isinstance(half, dict) or half["until"] < time.time():
        return None
    person = Person.objects.filter(pk=half["person"], is_active=True).first()
    same = person and constant_time_compare(half["mark"], person.get_session_auth_hash())
    return person if same else None


def _second_factor(request: HttpRequest, person: Person, to: Visitor) -> str:
    by = _actor(person, to)
    if "answer" not in request.POST:
        return require_code(person, request.POST.get("code", "")[:40], by)
    state = request.session.pop("challenge", None)
    origin, host = origin_of(request), host_of(request)

    def answered(known: list[bytes]) -> tuple[bytes, int] | None:
        try:
            answer = json.loads(request.POST["answer"][:20_000])
            if state is None or not isinstance(answer, dict):
                return None
            return security_keys.answered(state, answer, known, origin, host)
        except (ValueError, RecursionError, security_keys.WrongAnswer):
            return None

    require_key(person, by, answered)
    return "key"


def _options(request: HttpRequest, person: Person) -> str:
    """What the browser asks a security key; empty where the person has none."""
    known = [secret for _, secret in standing(person, FactorKind.KEY)]
    if not known:
        return ""
    asked, state = security_keys.ask(known, origin_of(request), host_of(request))
    request.session["challenge"] = state
    return json.dumps(asked)


def _come_in(
    request: HttpRequest, person: Person, factor: str, wanted: str, to: Visitor
) -> HttpResponse:
    """The person is known from now on; they are told what others did to their account."""
    before = SignIn.objects.filter(person=person).order_by("-pk").first()
    reset = SecondFactor.objects.filter(person=person, removed_at__isnull=False)
    reset = reset.exclude(removed_by=person)
    if before is not None:
        reset = reset.filter(removed_at__gt=before.signed_in_at)
    request.session.flush()
    request.session[sessions.FACTOR] = factor
    login(request, person, backend=BACKEND)
    write_entry(SIGNED_IN, _actor(person, to), {"factor": factor or "none"})
    if reset.exists():
        request.session["told"] = fill(RESET, {}, to.language)
        return HttpResponseRedirect("/me")
    return HttpResponseRedirect(wanted)


def _wanted(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "/"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """The session ends."""
    to = visitor_of(request)
    if to.person is not None:
        sessions.end(request, EndedBecause.SIGNED_OUT)
        write_entry(SIGNED_OUT, to.actor(), {})
    is_shared = bool(to.device)
    logout(request)
    answer = HttpResponseRedirect("/switch" if is_shared else "/sign-in")
    answer.delete_cookie("language", samesite="Lax")  # the next person has their own
    keep_choice(answer, "door", to.language, request)
    return answer


def keep_choice(answer: HttpResponse, name: str, chosen: str, request: HttpRequest) -> None:
    """This browser knows what was chosen."""
    answer.set_cookie(name, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Theme and density are kept in a cookie of this browser, the language with the account."""
    answer = HttpResponseRedirect(_wanted(request))
    for name, known in CHOICES.items():
        chosen = request.POST.get(name, "")
        if chosen not in known:
            continue
        if name == "language" and _keep_language(chosen, visitor_of(request)):
            answer.delete_cookie(name, samesite="Lax")
        else:
            keep_choice(answer, name, chosen, request)
    return answer


def _keep_language(chosen: str, to: Visitor) -> bool:
    """The account has the language; not that of somebody unknown, or without any role."""
    if to.person is None:
        return False
    try:
        run_json("org.choose_language", {"language": chosen}, to.actor())
    except Refusal:
        return False
    return True
