"""The first page: what waits for the visitor, by the lists that they may read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """What needs them today."""
    return render(request, "tw/home.html", {})
