"""The first page: what waits for the visitor, by the roles that they have."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from traceward.kernel.command.database_errors import persistent
from traceward.kernel.org.models import RoleGrant
from traceward.resources.kit import now
from traceward.web.kit.boards import board, waits_of
from traceward.web.visitors import visitor_of


def home(request: HttpRequest) -> HttpResponse:
    """What needs them today."""
    to = visitor_of(request)
    standing = RoleGrant.objects.filter(person=to.person, revoked_at__isnull=True)
    pairs = standing.order_by("role__code").values_list(
        "role__code", "role__name_zh", "role__name_en"
    )
    found = list(pairs.distinct())
    waits = waits_of((code for code, _, _ in found), to)
    shown = persistent(lambda: board(waits, to, now()))
    is_chinese = to.language.startswith("zh")
    roles = " · ".join(zh if is_chinese else en for _, zh, en in found)
    return render(request, "tw/home.html", {"board": shown, "roles": roles})


def modules(request: HttpRequest) -> HttpResponse:
    """The parts of the work that the visitor sees, where a telephone has no rail."""
    return render(request, "tw/modules.html", {})
