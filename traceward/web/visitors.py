"""Who looks at a page: the person, what they may read and do, and how they like to see it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation

from traceward.kernel.base import ids
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.devices import Device
from traceward.kernel.command.people import all_grants_of, whole_group
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.org.models import Person
from traceward.kernel.org.scope import WHOLE_GROUP, Grant, uncovered
from traceward.resources.kit import QUESTIONS, Reader, now
from traceward.web.sessions import Standing, standing

LANGUAGES = ("zh-hans", "en")
THEMES = ("light", "dark")
DENSITIES = ("default", "compact", "comfortable")
#: Seen without signing in.
OPEN = ("/sign-in", "/static/", "/choose", "/answer/", "/switch")
#: Where who must do something does it, and what else is open to them until then.
FIRST = {"password": ("/me/password",), "factor": ("/me/authenticator", "/me/security-key")}
ALWAYS = (*OPEN, "/sign-out")
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Visitor:
    """The person who looks, None before sign-in; theme and density as they chose in this browser.

    The language is the account's; one chosen at the door counts until they sign out.
    """

    person: Person | None
    language: str
    theme: str = "light"
    density: str = "default"
    origin: str = "web"
    time_zone: str = "Asia/Shanghai"
    #: The code of the site that they chose in the top bar; empty is all of them.
    site_code: str = ""
    grants: dict[str, tuple[Grant, ...]] = field(default_factory=dict)
    #: What they do before anything else: choose a "password", set up a second "factor".
    must: str = ""
    #: The shared device that they are at; known there by a PIN only, or not until it is given.
    device: str = ""
    is_brief: bool = False
    is_locked: bool = False
    #: What was read for this one page, and is not read twice.
    known: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def may(self, name: str) -> bool:
        """Whether some role of theirs may read, ask or use what has this name."""
        grants, asked = self.grants.get(name, ()), QUESTIONS.get(name)
        if asked is not None:
            return asked.is_open_to(grants)
        command = REGISTRY.get(name)
        if command is not None and command.scope is whole_group:
            return not uncovered(grants, [WHOLE_GROUP])
        return name in self.grants

    def reader(self, name: str) -> Reader:
        """The visitor as a reader of this name."""
        assert self.person is not None, "who has not signed in reads nothing"
        return Reader(self.person.pk, self.grants.get(name, ()), self.known)

    def actor(self, request_id: Any = None) -> Actor:
        """The visitor as who uses a command."""
        assert self.person is not None, "who has not signed in does nothing"
        uid = request_id or ids.new_uid()
        device = Device(self.device) if self.device else None
        made = Actor(self.person.pk, self.person.login, self.origin, uid, device=device)
        return replace(made, is_brief=self.is_brief)

    @cached_property
    def today(self) -> date:
        """The day at the visitor's place: days left count from it."""
        return now().astimezone(ZoneInfo(self.time_zone)).date()

    @cached_property
    def name(self) -> str:
        """What the person is called in the language of the page."""
        return self.person.name(self.language) if self.person else ""

    @cached_property
    def initials(self) -> str:
        """What stands for the person."""
        return initials_of(self.name)


def initials_of(name: str) -> str:
    """One Chinese character, or two letters, that stand for a person."""
    words = name.split()
    if not name or not name.isascii():
        return name[:1]
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper()


def visited(
    request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponseBase]
) -> HttpResponseBase:
    """The page in the visitor's language; the way to sign-in for who is not known."""
    visitor = _visitor(request)
    request.visitor = visitor  # type: ignore[attr-defined]  # read by every page
    with translation.override(visitor.language):
        elsewhere = _sent_to(request, visitor)
        if elsewhere:
            redirect = HttpResponseRedirect(elsewhere)
            if "over=1" in elsewhere:
                redirect.delete_cookie("language", samesite="Lax")  # chosen by who was here
            return redirect
        response = get_response(request)
    response["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response["Cross-Origin-Opener-Policy"] = "same-origin"
    if not request.path_info.startswith("/static/"):
        response.setdefault("Cache-Control", "private, no-store")
    return response


def _sent_to(request: HttpRequest, visitor: Visitor) -> str:
    """Where the visitor goes first; empty where they may see what is at the address, or not."""
    path = request.path_info
    if path.startswith(OPEN):
        return ""
    if visitor.person is None:
        asked = {"next": request.get_full_path()} if path != "/sign-out" else {}
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME):
            asked["over"] = "1"
        return f"/sign-in?{urlencode(asked)}"
    if visitor.must and not path.startswith((*ALWAYS, *FIRST[visitor.must])):
        return FIRST[visitor.must][0]
    return ""


def visitor_of(request: HttpRequest) -> Visitor:
    """Who looks at this page."""
    found: Visitor = request.visitor  # type: ignore[attr-defined]  # set by the door
    return found


def is_part(request: HttpRequest) -> bool:
    """Whether only the changing part of the page is asked for, by our own script."""
    return request.headers.get("X-Part") == "1"


def _visitor(request: HttpRequest) -> Visitor:
    user: Any = request.user
    person: Person | None = user if user.is_authenticated else None
    must, how = "", Standing(False)
    if person is not None and not request.path_info.startswith("/static/"):
        how = standing(request, person)
        must = how.must
        if how.is_over:
            logout(request)
            person = None
    spoken = "zh-hans" if _speaks_chinese(request) else "en"
    at_door = _one_of(LANGUAGES, request.COOKIES.get("door"), spoken)
    return Visitor(
        person,
        _one_of(LANGUAGES, request.COOKIES.get("language"), person.language if person else at_door),
        _one_of(THEMES, request.COOKIES.get("theme"), "light"),
        _one_of(DENSITIES, request.COOKIES.get("density"), "default"),
        f"web {request.META.get('REMOTE_ADDR', '')}",
        site_code=request.COOKIES.get("site", "")[:20],
        grants=all_grants_of(person.pk) if person and not must and not how.is_locked else {},
        must=must,
        device=how.device if person else "",
        is_brief=how.is_brief,
        is_locked=how.is_locked and person is not None,
    )


def _speaks_chinese(request: HttpRequest) -> bool:
    asked = request.headers.get("Accept-Language", "zh").lower()
    return asked.startswith("zh") or not asked.startswith("en")


def _one_of(known: tuple[str, ...], chosen: str | None, otherwise: str) -> str:
    return chosen if chosen in known else otherwise
