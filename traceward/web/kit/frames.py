"""Pages that say no: what may not be seen, what is not there, what went wrong."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.org.models import Role, RolePermission
from traceward.kernel.org.roles import SYSTEM
from traceward.resources import labels
from traceward.web.visitors import Visitor, visitor_of

#: Roles that a page names at most.
ROLES = 8


def forbidden(request: HttpRequest, name: str) -> HttpResponse:
    """The visitor may not read, or use, what has this name: which roles may, and who gives them."""
    to = visitor_of(request)
    of = labels.of_verb if name in REGISTRY else labels.of_resource
    what = of(name).in_language(to.language)
    context = {"what": what, "roles": _roles_for(name, to), "is_wider": name in to.grants}
    return render(request, "tw/no.html", context, status=403)


def _roles_for(name: str, to: Visitor) -> list[str]:
    """What the roles are called that hold it; that of the system itself is nobody's to get."""
    ids = RolePermission.objects.filter(permission=name).values("role_id")
    found = Role.objects.filter(pk__in=ids).exclude(code=SYSTEM.code).order_by("pk")
    return [role.name(to.language) for role in found[:ROLES]]


def in_a_page(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The view answers a script of ours within a page; as a page of its own there is nothing."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if request.headers.get("Sec-Fetch-Mode") == "navigate":
            raise Http404
        return view(request)

    return answered
