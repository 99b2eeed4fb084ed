"""Pages for what is not there, what was not meant, and what went wrong here."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing stands at this address, or nothing that the visitor may see."""
    return _page(request, "missing", 404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the server could not even read."""
    return _page(request, "unreadable", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours; the log has it under the request's id."""
    return _page(request, "fault", 500)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not sent from a page of ours, or from one that is too old."""
    return _page(request, "forged", 403)


def told_how(answer: HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    """The answer; a page where somebody typed an address to which only buttons lead."""
    if answer.status_code != 405:
        return answer
    made = _page(request, "button", 405)
    made["Allow"] = answer["Allow"]
    return made


def too_large(request: HttpRequest) -> HttpResponse:
    """What is larger than any form with its file; it is not read."""
    return _page(request, "large", 413)


def _page(request: HttpRequest, why: str, status: int) -> HttpResponse:
    context = {"why": why, "request_id": getattr(request, "request_id", "")}
    return render(request, "tw/error.html", context, status=status)
