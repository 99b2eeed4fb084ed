"""Pages that say no: what may not be seen, what is not there, what went wrong."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from traceward.kernel.command.registry import REGISTRY
from traceward.resources import labels
from traceward.web.visitors import visitor_of


def forbidden(request: HttpRequest, name: str) -> HttpResponse:
    """The visitor may not read, or use, what has this name: who grants it."""
    to = visitor_of(request)
    of = labels.of_verb if name in REGISTRY else labels.of_resource
    what = of(name).in_language(to.language)
    return render(request, "tw/no.html", {"what": what}, status=403)


def in_a_page(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The view answers a script of ours within a page; as a page of its own there is nothing."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if request.headers.get("Sec-Fetch-Mode") == "navigate":
            raise Http404
        return view(request)

    return answered
