"""How much waits on each page of a module: the figures of its panel, fetched after the page."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from traceward.web.kit.lists import LISTS, Link, figure
from traceward.web.kit.shell import MODULES, Module, address_of
from traceward.web.kit.views import counts, question_of
from traceward.web.kit.worklists import links_of, works_for
from traceward.web.sites import narrowed
from traceward.web.visitors import Visitor, visitor_of

#: The figures of a panel may be so many seconds old, as the browser keeps them.
KEPT = 10
#: Views that show what there is, not what is to be done.
AT_REST = frozenset({"all", "recent", "active", "valid", "bins", "going_on", "lots", "standing"})


@cache_control(private=True, max_age=KEPT)
def show_pending(request: HttpRequest, key: str) -> HttpResponse:
    """What waits on the pages of this module, as parts of its panel."""
    module = next((one for one in MODULES if one.key == key), None)
    if module is None:
        raise Http404
    return render(request, "tw/pending.html", {"links": pending(module, visitor_of(request))})


def pending(module: Module, to: Visitor) -> list[Link]:
    """Of each worklist; of each list with a view that needs work: its first one, or faults."""
    names = {name for group in module.groups for name in group.names}
    works = links_of(works_for(to, names), to)
    made = [replace(one, key=f"work-{one.key}", tone="") for one in works if one.count != "0"]
    for name in (name for group in module.groups for name in group.names):
        page = LISTS.get(name)
        if page is None or not to.may(name):
            continue
        first = [view for view in page.views[:1] if view.key not in AT_REST]
        faults = [view for view in page.views if view.is_fault]
        views = [*faults, *(view for view in first if not view.is_fault)]
        if not views:
            continue
        here = {n: [text] for n, text in narrowed(page.resource.columns, {}, to).items()}
        asked = [question_of(view, here, ("q",)) for view in views]
        numbers = zip(views, counts(page.resource, asked, to), strict=True)
        view, count = next(((v, n) for v, n in numbers if n), (views[-1], 0))
        if count:
            tone = "tw-hot" if view.is_fault else ""
            made.append(
                Link(
                    view.words(to),
                    address_of(name),
                    count=figure(count),
                    tone=tone,
                    key=name.replace(".", "-"),
                )
            )
    return made
