"""Each HTTP request has an id, leaves one line in the log, and is counted by route and status.

The id is that of the command where the request has an Idempotency-Key, so that the line of the
request, that of the command, its audit entry and the answer name the same thing.
"""

import logging
import os
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from traceward.kernel.base import ids
from traceward.kernel.base.logs import fields
from traceward.kernel.command.requests import request_id_of
from traceward.kernel.command.watching import BUCKETS, FIGURES

LOG = logging.getLogger("traceward.request")
HEADER = "X-Request-Id"
MAX_LENGTH = 200
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: Asked every few seconds by machines.
QUIET = frozenset({"health", "metrics"})

REQUESTS = Counter(
    "traceward_http_requests",
    "HTTP requests that this process answered",
    ["process", "method", "route", "status"],
    registry=FIGURES,
)
SECONDS = Histogram(
    "traceward_http_request_seconds",
    "How long they took",
    ["process", "route"],
    buckets=BUCKETS,
    registry=FIGURES,
)


def watched(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the outermost: the answer names the request's id."""

    def answer(request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        request.request_id = given_id(request)  # type: ignore[attr-defined]  # read by problems
        response = get_response(request)
        response[HEADER] = str(request.request_id)  # type: ignore[attr-defined]
        _note(request, response, time.monotonic() - began)
        return response

    return answer


def given_id(request: HttpRequest) -> uuid.UUID:
    """The id that the client gave, as a UUID; a new one where it gave none."""
    for header in ("Idempotency-Key", HEADER):
        text = request.headers.get(header, "")
        if 1 <= len(text) <= MAX_LENGTH:
            return request_id_of(text)
    return ids.new_uid()


def _note(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    route = route_of(request)
    method = request.method if request.method in METHODS else "OTHER"
    process = str(os.getpid())
    REQUESTS.labels(process, method, route, str(response.status_code)).inc()
    SECONDS.labels(process, route).observe(seconds)
    if route in QUIET:
        return
    asker = getattr(request, "auth", None) or getattr(request, "visitor", None)
    person = getattr(asker, "person", None)
    LOG.log(
        logging.ERROR if response.status_code >= 500 else logging.INFO,
        "request",
        extra=fields(
            request_id=str(request.request_id),  # type: ignore[attr-defined]
            method=method,
            route=route,
            status=response.status_code,
            person=getattr(person, "login", None),
            milliseconds=round(seconds * 1000, 1),
        ),
    )


def route_of(request: HttpRequest) -> str:
    """The address as its pattern has it, without what was put in."""
    match = request.resolver_match
    return match.route if match is not None and match.route else "(unknown)"
