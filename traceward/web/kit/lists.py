"""List: find, compare, act on many. Views, filters, search and order stand in the address.

    list_page("stock.lots", cells=("item", "raw_number", "expires_on"), views=(View(...),))

A resource without a declaration has a list, too: of all its columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.resources import asking, labels, reading
from traceward.resources.asking import Asked, hows
from traceward.resources.choices import values_of
from traceward.resources.kit import RESOURCES, Resource
from traceward.web.kit.cells import Cell, cells_of, text
from traceward.web.kit.frames import forbidden
from traceward.web.visitors import Visitor, visitor_of

#: So many rows stand on a page.
PAGE = 50
#: Parts of the address that are no filters.
OWN = ("view", "from", *asking.OWN_NAMES)
SIGNS = {"": "=", "gt": ">", "gte": "≥", "lt": "<", "lte": "≤", "contains": "∋", "isnull": "∅"}


@dataclass(frozen=True)
class View:
    """A saved question over the list, under a name; `is_fault` where none should be left."""

    key: str
    zh: str
    en: str
    where: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    is_fault: bool = False

    @cached_property
    def given(self) -> dict[str, list[str]]:
        return {n: [v] if isinstance(v, str) else list(v) for n, v in self.where.items()}


ALL = View("all", "全部", "All")


@dataclass(frozen=True)
class ListPage:
    """What the list of a resource shows first, and what may be done from it."""

    name: str
    cells: tuple[str, ...] = ()
    views: tuple[View, ...] = ()
    #: The verb of its one main button.
    create: str = ""

    @property
    def resource(self) -> Resource:
        return RESOURCES[self.name]

    @property
    def address(self) -> str:
        return f"/{self.name.replace('.', '/')}"

    @cached_property
    def shown(self) -> tuple[Cell, ...]:
        return cells_of(self.resource, self.cells)


LISTS: dict[str, ListPage] = {}


def list_page(name: str, **how: Any) -> ListPage:
    """The resource's list looks like this from now on."""
    made = LISTS[name] = ListPage(name, **how)
    return made


def list_of(name: str) -> ListPage:
    """The list of this resource, declared or not."""
    if name not in RESOURCES:
        raise Http404
    return LISTS.get(name) or list_page(name)


def show_list(request: HttpRequest, area: str, noun: str) -> HttpResponse:
    """The list as the address asks for it."""
    page, to = list_of(f"{area}.{noun}"), visitor_of(request)
    if not to.may(page.name):
        return forbidden(request, page.name)
    if "add" in request.GET:
        return HttpResponseRedirect(_with_filter(request))
    given = {name: list(texts) for name, texts in request.GET.lists()}
    view = view_of(page, given)
    try:
        rows, asked = _read(page, view, given, to)
        problem = ""
    except Refusal as refusal:
        given = {name: texts for name, texts in given.items() if name == "view"}
        rows, asked = _read(page, view, given, to)
        problem = refusal.in_language(to.language)
    context = _Shown(page, view, given, asked, rows, to)
    return render(request, "tw/list.html", {"list": context, "problem": problem, "visitor": to})


def view_of(page: ListPage, given: Mapping[str, Sequence[str]]) -> View:
    """The view that was asked for; the first one that needs work, else all."""
    views = (*page.views, ALL)
    wanted = given.get("view", [""])[-1]
    first = views[0] if not _filters(given) and "q" not in given else ALL
    return next((view for view in views if view.key == wanted), first)


def _filters(given: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in given.items() if name not in OWN}


def _read(
    page: ListPage, view: View, given: Mapping[str, Sequence[str]], to: Visitor
) -> tuple[reading.Page, Asked]:
    fields = dict.fromkeys(["id", *(name for cell in page.shown for name in cell.names)])
    texts = {
        **question_of(view, given, ("q", "sort", "cursor")),
        "fields": [",".join(name for name in fields if name in page.resource.columns)],
        "limit": [str(PAGE)],
        "count": ["true"],
    }
    asked = asking.read(page.resource, texts)
    return persistent(lambda: reading.page(page.resource, asked, to.reader(page.name))), asked


def question_of(
    view: View, given: Mapping[str, Sequence[str]], kept: tuple[str, ...]
) -> dict[str, list[str]]:
    """The view's filters and those of the address, with these parts of its own."""
    own = {name: list(given[name]) for name in kept if given.get(name)}
    return {**view.given, **_filters(given), **own}


def _with_filter(request: HttpRequest) -> str:
    """The address with the filter that the form adds; the form names column, sign and value."""
    given = request.GET.copy()
    name, how = given.pop("add")[-1], given.pop("how", [""])[-1]
    values = given.pop("value", [""])
    given.pop("cursor", None)
    given.pop("from", None)
    given.setlist(f"{name}__{how}" if how else name, values)
    return f"{request.path}?{given.urlencode()}"


@dataclass(frozen=True)
class Link:
    """Something to press: where it leads, what stands on it, whether it is where one is."""

    text: str
    address: str
    is_on: bool = False
    count: str = ""
    tone: str = ""


@dataclass(frozen=True)
class _Shown:
    """The list as its template asks for it."""

    page: ListPage
    view: View
    given: Mapping[str, Sequence[str]]
    asked: Asked
    found: reading.Page
    to: Visitor

    def _address(self, **changed: str | None) -> str:
        """This list's address with some parts changed; a changed question begins at the start."""
        parts = {n: list(v) for n, v in self.given.items() if n not in ("cursor", "from", "limit")}
        for name, text_ in changed.items():
            if text_ is None:
                parts.pop(name, None)
            else:
                parts[name] = [text_]
        return f"{self.page.address}?{urlencode(parts, doseq=True)}"

    @property
    def title(self) -> str:
        return labels.of_resource(self.page.name).in_language(self.to.language)

    @property
    def total(self) -> str:
        count = self.found.count or 0
        return f"{count:,}+" if count >= reading.MAX_COUNT else f"{count:,}"

    @property
    def tabs(self) -> list[Link]:
        if not self.page.views:
            return []
        return [
            Link(
                view.zh if self.to.language.startswith("zh") else view.en,
                f"{self.page.address}?view={view.key}",
                view is self.view,
                self.total if view is self.view else "",
                "tw-bad" if view.is_fault else "",
            )
            for view in (*self.page.views, ALL)
        ]

    @property
    def chips(self) -> list[Link]:
        """The filters that count, each with the address without it."""
        return [
            Link(self._chip(name, texts), self._address(**{name: None}), tone=name)
            for name, texts in _filters(self.given).items()
        ]

    def _chip(self, name: str, texts: Sequence[str]) -> str:
        stem, _, how = name.rpartition("__")
        if how not in SIGNS or not stem:
            stem, how = name, ""
        column = self.page.resource.columns.get(stem)
        label = stem
        if column is not None:
            label = self._label(stem)
        elif stem in self.page.resource.finders:
            label = labels.of_argument(f"{self.page.name}.{stem}").in_language(self.to.language)
        if column is not None and values_of(self.page.resource, column):
            texts = [text(self.page.resource, column, one, self.to) for one in texts]
        return f"{label} {SIGNS[how]} {', '.join(texts)}"

    def _label(self, name: str, *, in_full: bool = False) -> str:
        of = labels.in_full if in_full else labels.of_column
        return of(f"{self.page.name}.{name}").in_language(self.to.language)

    @property
    def filterable(self) -> list[tuple[str, str]]:
        """Columns that the form offers."""
        return [
            (name, self._label(name, in_full=True))
            for name, column in self.page.resource.columns.items()
            if hows(self.page.resource, column) and name not in ("id", "uid")
        ]

    @property
    def q(self) -> str:
        return self.given.get("q", [""])[-1]

    @property
    def can_search(self) -> bool:
        return bool(self.page.resource.search)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Everything but the search, as hidden inputs of its form."""
        return [
            (name, one)
            for name, texts in self.given.items()
            if name not in ("q", "cursor", "from")
            for one in texts
        ]

    @property
    def heads(self) -> list[dict[str, Any]]:
        first, is_down = self.asked.order[0]
        made = []
        for cell in self.page.shown:
            sort, is_on = cell.sort, first.name in cell.names
            turned = sort if is_on and is_down else f"-{sort}"
            made.append(
                {
                    "label": cell.label(self.to.language),
                    "is_number": cell.is_number,
                    "address": self._address(sort=turned if is_on else sort) if sort else "",
                    "sorted": ("descending" if is_down else "ascending") if is_on else "",
                }
            )
        return made

    @property
    def rows(self) -> list[dict[str, Any]]:
        names = [cell.label(self.to.language) for cell in self.page.shown]
        return [
            {
                "id": row["id"],
                "address": f"{self.page.address}/{row['id']}",
                "cells": [
                    (cell.html(row, self.to), cell.is_number, name)
                    for cell, name in zip(self.page.shown, names, strict=True)
                ],
            }
            for row in self.found.rows
        ]

    @property
    def first(self) -> int:
        """The number of the page's first row."""
        asked = self.given.get("from", ["1"])[-1]
        return int(asked) if asked.isdecimal() and len(asked) < 9 else 1

    @property
    def last(self) -> int:
        return self.first + len(self.found.rows) - 1

    @property
    def next(self) -> str:
        if self.found.next_cursor is None:
            return ""
        after = {"cursor": self.found.next_cursor, "from": str(self.last + 1)}
        return self._address(**after)

    @property
    def start(self) -> str:
        """The first page, where this is a later one."""
        return self._address() if self.given.get("cursor") else ""

    @property
    def export(self) -> str:
        """Where all these rows are a file."""
        asked = self._address(view=self.view.key).partition("?")[2]
        return f"{self.page.address}/export.csv?{asked}"

    @property
    def create(self) -> Link | None:
        verb = self.page.create
        if not verb or not self.to.may(verb):
            return None
        label = labels.of_verb(verb).in_language(self.to.language)
        return Link(label, f"/do/{verb}")
