"""Pages that say no: what may not be seen, what is not there, what went wrong."""

from django.http import HttpRequest, HttpResponse
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
