"""What stands before a page and not before the API: policies, session, forms' tokens, visitor.

The API, health and metrics pass by: a program brings its key with each request, and a session
looked up for it would be time and a risk for nothing.
"""

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.gzip import GZipMiddleware

from traceward.kernel.command.uploads import AROUND
from traceward.kernel.documents.contents import MAX_UPLOAD
from traceward.web import shared
from traceward.web.errors import told_how, too_large
from traceward.web.visitors import visited

Answer = Callable[[HttpRequest], HttpResponseBase]
#: Addresses that programs ask.
FOR_PROGRAMS = ("/api/", "/health", "/metrics")


def is_page(request: HttpRequest) -> bool:
    """Whether a person looks at this address with a browser."""
    return not request.path_info.startswith(FOR_PROGRAMS)


def is_too_large(request: HttpRequest) -> bool:
    """Whether a form with files says that it is larger than one may be, or does not say its size.

    Asked before anything of it is read: files come without the limit that other forms have.
    """
    if request.content_type != "multipart/form-data":
        return False
    length = str(request.META.get("CONTENT_LENGTH") or "")
    return not length.isdecimal() or int(length) > MAX_UPLOAD + AROUND


class _Door:
    """Middleware of Django's that only pages go through."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_page(request):
            passed: HttpResponseBase = self.get_response(request)
            return passed
        answer: HttpResponseBase = super().__call__(request)  # type: ignore[misc]  # the other base
        return answer


class Compressed(_Door, GZipMiddleware):
    """What is sent is small; its length tells nothing of the forms' token (BREACH)."""


class Policies(_Door, CSPMiddleware):
    """Says what the page may load and run."""


class Sessions(_Door, SessionMiddleware):
    """The visitor's session, by its cookie."""


class Forms(_Door, CsrfViewMiddleware):
    """Forms count only from our own pages."""


class Accounts(_Door, AuthenticationMiddleware):
    """The session's account."""


class Visitors:
    """Who looks, in which language; nobody unknown sees more than the door."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_page(request):
            return self.get_response(request)
        return visited(request, too_large if is_too_large(request) else self._asked)

    def _asked(self, request: HttpRequest) -> HttpResponseBase:
        kept = shared.kept_out(request)
        return told_how(kept or self.get_response(request), request)
