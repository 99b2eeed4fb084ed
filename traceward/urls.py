"""Addresses; each door adds its own."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from traceward.api import docs_page, problems
from traceward.api.v1 import api, openapi
from traceward.web import errors
from traceward.web.doors import is_page
from traceward.web.health import health
from traceward.web.metrics import metrics


def _for_whom(page: Callable[..., HttpResponse], problem: Callable[..., HttpResponse]) -> Any:
    """A page where a person looks, a problem where a program asks."""

    def answer(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        return (page if is_page(request) else problem)(request, *given, **named)

    return answer


handler400 = _for_whom(errors.bad_request, problems.bad_request)
handler404 = _for_whom(errors.not_found, problems.not_found)
handler500 = _for_whom(errors.server_error, problems.server_error)
urlpatterns = [
    path("health", health),
    path("metrics", metrics),
    path("api/v1/docs", docs_page.page),
    path("api/v1/docs/<str:name>", docs_page.asset),
    path("api/v1/openapi.json", openapi),
    path("api/v1/", api.urls),
    path("", include("traceward.web.addresses")),
]
