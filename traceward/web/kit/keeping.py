"""Keeping a view of a list, changing it, and choosing columns: each by its command."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from traceward.kernel.base.refusals import InvalidInput, Refusal, sentence
from traceward.kernel.command.run import Done, run_json
from traceward.web.kit.done import refuse_next
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import ListPage, list_of, view_of
from traceward.web.kit.views import Kept, View, kept_of, kept_question
from traceward.web.visitors import Visitor, visitor_of

MAX_ASKED = 4_000
UNKNOWN = sentence("This cannot be done with a view.")


@require_POST
def keep(request: HttpRequest, area: str, noun: str) -> HttpResponse:
    """What was asked for is kept, and the list shown as it is then."""
    page, to = list_of(f"{area}.{noun}"), visitor_of(request)
    if not to.may(page.name):
        return forbidden(request, page.name)
    given = parse_qs(request.POST.get("asked", "")[:MAX_ASKED], keep_blank_values=True)
    kept = kept_of(page.name, to)
    view = view_of(page, given, kept)
    asked = request.POST.get("asked", "")[:MAX_ASKED]
    try:
        wish = WISHES.get(request.POST.get("wish", ""))
        if wish is None:
            raise InvalidInput(UNKNOWN)
        key = wish(page, view, kept, given, request, to)
    except Refusal as refusal:
        refuse_next(request, refusal.in_language(to.language))
        return HttpResponseRedirect(f"{page.address}?{asked}")
    return HttpResponseRedirect(f"{page.address}?view={key}" if key else f"{page.address}?{asked}")


def _do(verb: str, arguments: dict[str, Any], to: Visitor) -> Any:
    done = run_json(verb, arguments, to.actor())
    assert isinstance(done, Done), "nobody else decides about a person's own views"
    return done.answer


def _save(
    page: ListPage, view: View, kept: Kept, given: Any, request: HttpRequest, to: Visitor
) -> str:
    """The question as it stands has a name; shared at once where that was asked for."""
    shown = kept.columns if view.kept is None else view.kept["columns"]
    arguments = {
        "list_name": page.name,
        "name": request.POST.get("name", ""),
        "question": kept_question(view, given),
        "columns": list(shown),  # type: ignore[call-overload]  # names
    }
    answer = _do("lists.save_view", arguments, to)
    audience = request.POST.get("audience", "")
    if audience and to.may("lists.share_view"):
        shared = {"view_uid": str(answer.view_uid), "audience": audience}
        _do("lists.share_view", shared, to)
    found = kept_of(page.name, to).views
    return next(v.key for v in found if v.kept and v.kept["uid"] == answer.view_uid)


def _own(view: View) -> str:
    if view.kept is None:
        raise InvalidInput(UNKNOWN)
    return str(view.kept["uid"])


def _rename(
    page: ListPage, view: View, kept: Kept, given: Any, request: HttpRequest, to: Visitor
) -> str:
    arguments = {"view_uid": _own(view), "name": request.POST.get("name", "")}
    _do("lists.rename_view", arguments, to)
    return view.key


def _share(
    page: ListPage, view: View, kept: Kept, given: Any, request: HttpRequest, to: Visitor
) -> str:
    arguments = {"view_uid": _own(view), "audience": request.POST.get("audience", "")}
    _do("lists.share_view", arguments, to)
    return view.key


def _remove(
    page: ListPage, view: View, kept: Kept, given: Any, request: HttpRequest, to: Visitor
) -> str:
    _do("lists.remove_view", {"view_uid": _own(view)}, to)
    if kept.first == view.key:
        _do("lists.arrange", {"list_name": page.name, "first": ""}, to)
    return "all"


def _first(
    page: ListPage, view: View, kept: Kept, given: Any, request: HttpRequest, to: Visitor
) -> str:
    _do("lists.arrange", {"list_name": page.name, "first": view.key}, to)
    return view.key


def _columns(
    page: ListPage, view: View, kept: Kept, given: Any, request: HttpRequest, to: Visitor
) -> str:
    """Shown from now on, in the order they were sent; none is what the page declares."""
    wanted = [name for name in request.POST.getlist("column") if name in page.choosable]
    columns = [] if request.POST.get("reset") else list(dict.fromkeys(wanted))
    person = to.person.pk if to.person else 0
    if view.kept is not None and view.kept["person_id"] == person:
        arguments = {
            "list_name": page.name,
            "name": view.zh,
            "question": str(view.kept["question"]),
            "columns": columns,
        }
        _do("lists.save_view", arguments, to)
    else:
        _do("lists.arrange", {"list_name": page.name, "columns": columns}, to)
    return ""


WISHES: dict[str, Callable[..., str]] = {
    "save": _save,
    "rename": _rename,
    "share": _share,
    "remove": _remove,
    "first": _first,
    "columns": _columns,
}
