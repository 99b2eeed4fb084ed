"""What stands around every page: modules, the pages of one of them, where one is."""

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django.http import HttpRequest

from traceward import __version__
from traceward.kernel.base.models import Database
from traceward.kernel.base.refusals import fill
from traceward.resources import labels
from traceward.resources.kit import QUESTIONS, RESOURCES
from traceward.resources.labels import Words
from traceward.web.kit.by_hand import CONSOLES
from traceward.web.kit.done import told_once
from traceward.web.kit.stations import stations_for
from traceward.web.kit.worklists import ONE_BY_ONE, Worklist, works_for
from traceward.web.sessions import idle_limit
from traceward.web.sites import site_of, sites_for
from traceward.web.visitors import DENSITIES, Visitor


@dataclass(frozen=True)
class Group:
    """Pages of a module under a heading, by the names of what they show."""

    words: Words
    names: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """A part of the work: an icon and a short word in the rail, its pages in the panel."""

    key: str
    icon: str
    words: Words
    groups: tuple[Group, ...]


MODULES: list[Module] = []


def module(
    key: str, icon: str, zh: str, en: str, *groups: tuple[str, str, tuple[str, ...]]
) -> None:
    """The rail has this module from now on; groups are (Chinese, English, names of lists)."""
    made = tuple(Group(Words(group_zh, group_en), names) for group_zh, group_en, names in groups)
    MODULES.append(Module(key, icon, Words(zh, en), made))


def module_of(name: str) -> Module | None:
    """The module whose panel has the list of this name."""
    found = (m for m in MODULES if any(name in g.names for g in m.groups))
    return next(found, None)


#: Where lists are at home that no panel has and that are part of none.
AT_HOME = {
    "documents": "documents.documents",
    "lists": "org.people",
    "org": "org.people",
    "production": "production.orders",
    "quality": "quality.results",
    "recalls": "recalls.cases",
    "sales": "sales.orders",
    "warehousing": "warehousing.receipts",
}


@cache
def home_of(name: str) -> str:
    """The list in a panel under which this one is: itself, what it is part of, its area's."""
    if name not in RESOURCES or module_of(name):
        return name
    for whole in RESOURCES.values():
        if any(rows == name for rows, _ in whole.parts.values()) and module_of(whole.name):
            return whole.name
    return AT_HOME.get(name.partition(".")[0], name)


def address_of(name: str) -> str:
    """Where the list of this name is, or the question."""
    if name in CONSOLES:
        return CONSOLES[name]
    return f"/ask/{name}" if name in QUESTIONS else f"/{name.replace('.', '/')}"


def around(request: HttpRequest) -> dict[str, Any]:
    """For every template: the visitor, the rail, the panel."""
    to: Visitor | None = getattr(request, "visitor", None)
    if to is None or to.person is None:
        return {"visitor": to}
    match = request.resolver_match
    where = match.kwargs if match else {}
    name = getattr(request, "about", "") or where.get("name")
    name = name or f"{where.get('area', '')}.{where.get('noun', '')}"
    name = home_of(name)
    here = module_of(name)
    return {
        "visitor": to,
        "rail": [
            {
                "icon": one.icon,
                "text": one.words.in_language(to.language),
                "address": first,
                "is_on": one is here,
            }
            for one in MODULES
            if (first := _first(one, to))
        ],
        "panel": _panel(here, name, to, request.path_info) if here else None,
        "home_is_on": request.path_info == "/",
        "has_stations": any(one.tasks for one in stations_for(to)),
        "here": request.get_full_path(),
        "lock_after": int(idle_limit().total_seconds()) if to.device else 0,
        "path": request.path_info,
        "sites": sites_for(to),
        "site": site_of(to),
        "is_sandbox": _is_sandbox(),
        "version": __version__,
        "densities": DENSITIES,
        "to_tell": partial(told_once, request),
    }


@cache
def _is_sandbox() -> bool:
    """Whether what is shown is invented; a database is made so, and stays so."""
    found: bool = Database.objects.get().is_sandbox
    return found


def _first(one: Module, to: Visitor) -> str:
    """Where the module begins for the visitor; empty where they see none of its pages."""
    names = (name for group in one.groups for name in group.names)
    return next((address_of(name) for name in names if to.may(name)), "")


def _panel(here: Module, name: str, to: Visitor, path: str) -> dict[str, Any]:
    """The module's worklists and lists; how much waits in each comes after the page."""
    title, groups = here.words.in_language(to.language), []
    works = works_for(to, {one for group in here.groups for one in group.names})
    at = next((one.key for one in works if one.address == path), "")
    if works:
        words = fill(ONE_BY_ONE, {}, to.language)
        groups.append({"text": words, "links": [_to_work(one, at, to) for one in works]})
    for group in here.groups:
        links = [
            {
                "text": labels.of_resource(one).in_language(to.language),
                "address": address_of(one),
                "is_on": one == name and not at,
                "key": one.replace(".", "-"),
            }
            for one in group.names
            if to.may(one)
        ]
        if links:
            groups.append({"text": group.words.in_language(to.language), "links": links})
    return {"title": title, "groups": groups, "key": here.key}


def _to_work(one: Worklist, at: str, to: Visitor) -> dict[str, Any]:
    is_on, key = one.key == at, f"work-{one.key}"
    return {"text": one.title(to), "address": one.address, "is_on": is_on, "key": key}
