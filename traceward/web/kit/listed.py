"""The list as a page: its rows, and all that stands around them, as its template asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.org import roles
from traceward.resources import asking, labels, reading
from traceward.resources.asking import Asked
from traceward.web.kit import filters
from traceward.web.kit.arrivals import arrival_of
from traceward.web.kit.by_hand import address_of_row
from traceward.web.kit.cells import Cell
from traceward.web.kit.documents import page_of
from traceward.web.kit.filters import Editor, Given, Said, filters_of, in_days, split
from traceward.web.kit.frames import forbidden
from traceward.web.kit.lists import (
    Link,
    ListPage,
    cells_for,
    figure,
    given_of,
    list_of,
    view_of,
    views_of,
)
from traceward.web.kit.shown import TITLES
from traceward.web.kit.shown import Shown as Row
from traceward.web.kit.verbs import form_of
from traceward.web.kit.views import ALL, Kept, View, counts, kept_of, question_of, sums
from traceward.web.kit.worklists import works_for
from traceward.web.sites import narrowed
from traceward.web.visitors import DENSITIES, Visitor, visitor_of

#: So many rows stand on a page.
PAGE = 50
#: So many pages before this one can be gone back to.
MAX_BACK = 20
#: Parts of the address that begin the list anew when the question changes.
PLACE = ("cursor", "from", "was", "limit", "edit")
#: Cells of a row on a telephone, where a page declares none.
ON_PHONE = 9


def show_list(request: HttpRequest, area: str, noun: str) -> HttpResponse:
    """The list as the address asks for it."""
    page, to = list_of(f"{area}.{noun}"), visitor_of(request)
    if not to.may(page.name):
        return forbidden(request, page.name)
    given, problem = given_of(request), ""
    if "add" in given:
        try:
            asked_for = filters.added(page.resource, request.GET, to)
            return HttpResponseRedirect(f"{page.address}?{asked_for}")
        except Refusal as refusal:
            problem, edited = refusal.in_language(to.language), given["add"]
            given = {n: v for n, v in given.items() if n not in ("add", "how", "value")}
            given = {n: v for n, v in given.items() if n not in filters.SIGNS} | {"edit": edited}
    kept = kept_of(page.name, to)
    view = view_of(page, given, kept)
    here = narrowed(page.resource.columns, {**view.given, **given}, to)
    if here:  # the site of the top bar: a filter as any other, and so a chip
        given = {**given, **{name: [text] for name, text in here.items()}, "view": [view.key]}
    cells = cells_for(page, view, kept, to)
    try:
        rows, asked = _read(page, view, given, cells, to)
    except Refusal as refusal:
        given = {name: texts for name, texts in given.items() if name == "view"}
        problem = refusal.in_language(to.language)
        view = view if view.kept is None else ALL
        rows, asked = _read(page, view, given, cells, to)
    shown = Shown(page, view, given, asked, rows, to, kept, cells)
    context = {"list": shown, "problem": problem, "densities": DENSITIES}
    return render(request, "tw/list.html", context)


def show_counts(request: HttpRequest, area: str, noun: str) -> HttpResponse:
    """How many rows each view and each part has, and the sums: fetched after the list itself."""
    page, to = list_of(f"{area}.{noun}"), visitor_of(request)
    if not to.may(page.name):
        return forbidden(request, page.name)
    given, kept = given_of(request), kept_of(page.name, to)
    view = view_of(page, given, kept)
    views = views_of(page, kept)
    own = question_of(view, given, ("q",))
    parts = {split(name)[0] for bucket in page.summary for name in bucket.given}
    rest = {name: texts for name, texts in own.items() if split(name)[0] not in parts}
    here = {name: texts for name, texts in given.items() if name == "site_id"}
    asked = [question_of(one, here, ("q",)) for one in views]
    asked += [{**rest, **bucket.given} for bucket in page.summary]
    numbers = counts(page.resource, asked, to)
    shown = {cell.name for cell in cells_for(page, view, kept, to)}
    summed = [name for name in page.sums if name in shown]
    added = sums(page.resource, own, summed, page.sum_by, to) if summed else []
    context = {
        "views": [
            (one.key, figure(n), "tw-bad" if one.is_fault and n else "", one.key == view.key)
            for one, n in zip(views, numbers, strict=False)
            if len(views) > 1  # else there are no tabs
        ],
        "buckets": [
            (one.key, figure(n)) for one, n in zip(page.summary, numbers[len(views) :], strict=True)
        ],
        "sums": [(name, figure(n), n is not None) for name, n in zip(summed, added, strict=True)],
    }
    return render(request, "tw/counts.html", context)


def _read(
    page: ListPage, view: View, given: Given, cells: Sequence[Cell], to: Visitor
) -> tuple[reading.Page, Asked]:
    wanted = [name for cell in cells for name in cell.names]
    wanted += [name for one in page.bulk for name in one.needs]
    wanted += page_of(page.name).told_by if page_of(page.name).is_told_in_list else ()
    fields = dict.fromkeys(["id", *wanted, *(["state"] if page.bulk else [])])
    texts = {
        **in_days(page.resource, question_of(view, given, ("q", "sort", "cursor")), to),
        "fields": [",".join(name for name in fields if name in page.resource.columns)],
        "limit": [str(PAGE)],
        "count": ["true"],
    }
    asked = asking.read(page.resource, texts)
    return persistent(lambda: reading.page(page.resource, asked, to.reader(page.name))), asked


@dataclass(frozen=True)
class Shown:
    """The list as its template asks for it."""

    page: ListPage
    view: View
    given: Given
    asked: Asked
    found: reading.Page
    to: Visitor
    kept: Kept
    cells: Sequence[Cell]

    def _address(self, **changed: str | None) -> str:
        """This list's address with some parts changed; a changed question begins at the start."""
        parts = {n: list(v) for n, v in self.given.items() if n not in PLACE}
        for name, text_ in changed.items():
            if text_ is None:
                parts.pop(name, None)
            else:
                parts[name] = [text_]
        return self._to(parts)

    def _to(self, parts: Mapping[str, Sequence[str]]) -> str:
        return f"{self.page.address}?{urlencode(parts, doseq=True)}"

    @cached_property
    def question(self) -> dict[str, list[str]]:
        """All that counts: of the view and of the address."""
        return question_of(self.view, self.given, ("q", "sort"))

    def _without(self, columns: set[str]) -> dict[str, list[str]]:
        """The question's parts without filters of these columns; of a view that has some, its
        others are said one by one."""
        is_of_view = any(split(name)[0] in columns for name in self.view.given)
        parts = self.question if is_of_view else self.given
        left = {
            name: list(texts)
            for name, texts in parts.items()
            if name not in PLACE and split(name)[0] not in columns
        }
        if is_of_view:
            return {**left, "view": [ALL.key]}
        return left if "view" in left or not self.page.views else {**left, "view": [self.view.key]}

    @property
    def title(self) -> str:
        return labels.of_resource(self.page.name).in_language(self.to.language)

    @property
    def total(self) -> str:
        return figure(self.found.count or 0)

    @cached_property
    def tabs(self) -> list[Link]:
        views = views_of(self.page, self.kept)
        if len(views) == 1:
            return []
        return [
            Link(
                view.words(self.to),
                f"{self.page.address}?view={view.key}",
                view.key == self.view.key,
                self.total if view.key == self.view.key and not self.is_asked else "",
                "tw-bad" if view.is_fault and view == self.view and self.found.count else "",
                view.key,
            )
            for view in views
        ]

    @property
    def is_asked(self) -> bool:
        """Whether the address asks for more than the view."""
        return bool(filters_of(self.given)) or bool(self.q)

    @property
    def is_first(self) -> bool:
        """Whether the list opens with this view."""
        return view_of(self.page, {}, self.kept).key == self.view.key

    @property
    def is_mine(self) -> bool:
        """Whether the visitor keeps this view and may change it."""
        kept, person = self.view.kept, self.to.person
        return kept is not None and person is not None and kept["person_id"] == person.pk

    @property
    def may_keep(self) -> bool:
        return self.to.may("lists.save_view")

    @property
    def may_share(self) -> bool:
        return self.to.may("lists.share_view")

    @cached_property
    def chips(self) -> list[tuple[Said, str, str]]:
        """The filters that count: in words, the address without, and that of its form."""
        return [
            (one, self._to(self._dropped(one.column)), self._address(edit=one.column))
            for one in filters.said(self.page.resource, self.question, self.to)
        ]

    def _dropped(self, column: str) -> dict[str, list[str]]:
        """The address without the filter; the site of the top bar stays dropped."""
        rest = {name: list(texts) for name, texts in self._without({column}).items()}
        return rest | ({"site": ["all"]} if column.startswith("site") else {})

    @property
    def own_filters(self) -> int:
        """How many filters the address adds to the view, the search among them."""
        return len({split(name)[0] for name in filters_of(self.given)}) + bool(self.q)

    @property
    def clear(self) -> str:
        """The view without them; the site of the top bar stays dropped."""
        every = "&site=all" if "site_id" in self.given else ""
        return f"{self.page.address}?view={self.view.key}{every}"

    @cached_property
    def arrival(self) -> Mapping[str, Any] | None:
        """How rows come here, where the visitor may see none at all; None where some match less."""
        if self.found.rows:
            return None
        if self.chips or self.is_asked:
            every = asking.read(self.page.resource, {"fields": ["id"], "limit": ["1"]})
            seen = reading.matching(self.page.resource, every, self.to.reader(self.page.name))
            if persistent(seen.exists):
                return None
        return arrival_of(self.page.name).told(self.to)

    @cached_property
    def editor(self) -> Editor | None:
        name = (self.given.get("edit") or [""])[-1]
        return filters.editor(self.page.resource, name, self.question, self.to)

    @property
    def is_editing(self) -> bool:
        return "edit" in self.given

    @property
    def filterable(self) -> list[Link]:
        """Columns of which the form asks."""
        on = {one.column for one, _, _ in self.chips}
        return [
            Link(label, self._address(edit=name), name in on, key=name)
            for name, label in filters.filterable(self.page.resource, self.to)
        ]

    @property
    def around_editor(self) -> list[tuple[str, str]]:
        """Everything else that is asked, as hidden inputs of the form."""
        assert self.editor is not None
        return [(n, one) for n, v in self._without({self.editor.name}).items() for one in v]

    @property
    def quick(self) -> list[Link]:
        """Days from today, to press."""
        assert self.editor is not None
        rest = urlencode(self._without({self.editor.name}), doseq=True)
        return [
            Link(words, f"{self.page.address}?{rest}&{parts}") for words, parts in self.editor.quick
        ]

    @property
    def q(self) -> str:
        return "".join(self.question.get("q", [])[-1:])

    @property
    def can_search(self) -> bool:
        return bool(self.page.resource.search)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Everything but the search, as hidden inputs of its form."""
        return [
            (name, one)
            for name, texts in self.given.items()
            if name not in ("q", *PLACE)
            for one in texts
        ]

    @property
    def asked_here(self) -> str:
        """The address's question as it is, page included."""
        return urlencode({n: v for n, v in self.given.items() if n != "edit"}, doseq=True)

    @property
    def asked_now(self) -> str:
        """The question with its view, for what is done with all of its rows."""
        return self._address(view=self.view.key).partition("?")[2]

    @property
    def audiences(self) -> list[tuple[str, str]]:
        """With whom a view may be shared: roles of the trade."""
        zh = self.to.language.startswith("zh")
        return [(one.code, one.zh if zh else one.en) for one in roles.ALL if one != roles.SYSTEM]

    @property
    def here(self) -> str:
        """This page, to come back to."""
        return self._address()

    @property
    def counting(self) -> str:
        """Where the figures come from that are fetched afterwards; empty where there are none."""
        if not (self.tabs or self.page.summary or self.page.sums):
            return ""
        return f"{self.page.address}/counts?{self._address(view=self.view.key).partition('?')[2]}"

    @property
    def buckets(self) -> list[Link]:
        made = []
        for one in self.page.summary:
            is_on = all(self.question.get(name) == texts for name, texts in one.given.items())
            left = self._without({split(name)[0] for name in one.given})
            parts = left if is_on else {**left, **one.given}
            words = one.zh if self.to.language.startswith("zh") else one.en
            made.append(Link(words, self._to(parts), is_on, tone=one.tone, key=one.key))
        return made

    @property
    def chooser(self) -> list[tuple[str, str, bool]]:
        """(name, label, whether it is shown) of every cell, the shown ones in their order."""
        shown = [cell.key for cell in self.cells]
        order = [*shown, *(name for name in self.page.choosable if name not in shown)]
        return [
            (name, self.page.choosable[name].label(self.to.language), name in shown)
            for name in order
        ]

    @property
    def heads(self) -> list[dict[str, Any]]:
        first, is_down = self.asked.order[0]
        made = []
        for cell in self.cells:
            sort, is_on = cell.sort, first.name in cell.names
            turned = sort if is_on and is_down else f"-{sort}"
            made.append(
                {
                    "label": cell.label(self.to.language),
                    "is_number": cell.is_number,
                    "address": self._address(sort=turned if is_on else sort) if sort else "",
                    "sorted": ("descending" if is_down else "ascending") if is_on else "",
                    "sum": cell.name if cell.name in self.page.sums else "",
                }
            )
        return made

    @cached_property
    def bulk(self) -> list[dict[str, str]]:
        """What the visitor may do with several rows."""
        return [
            {
                "verb": one.verb,
                "text": labels.of_verb(one.verb).in_language(self.to.language),
                "icon": one.icon,
                "address": f"{self.page.address}/bulk/{one.verb}",
            }
            for one in self.page.bulk
            if self.to.may(one.verb)
        ]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        names, rows = [cell.label(self.to.language) for cell in self.cells], self.found.rows
        phone = self.page.phone or tuple(cell.key for cell in self.page.shown[:ON_PHONE])
        usable = {one["verb"] for one in self.bulk}
        came_from = urlencode({"in": self._address(view=self.view.key).partition("?")[2]})
        verbs = [one for one in self.page.bulk if one.verb in usable]
        css = [
            " ".join(
                filter(
                    None,
                    (
                        "tw-num" if cell.is_number else "",
                        "tw-yes" if cell.is_yes_or_no else "",
                        "" if cell.key in phone else "tw-off",
                        "tw-st" if cell.name in ("state", "status") else "",
                        "tw-own" if cell.name in TITLES[:2] else "",
                    ),
                )
            )
            for cell in self.cells
        ]
        steps = (document := page_of(self.page.name)).coming_in_list(rows, self.to)
        return [
            {
                "id": row["id"],
                "title": self.cells[0].text(row, self.to),
                "next": Row(document, row, self.to).coming(steps.get(row["id"], ()), self.here),
                "address": address_of_row(self.page.name, row["id"], came_from, self.to),
                "peek": f"{self.page.address}/{row['id']}/peek",
                "skips": " ".join(one.verb for one in verbs if not one.fits(row)),
                "cells": [
                    (cell.html(row, self.to), style, name)
                    for cell, style, name in zip(self.cells, css, names, strict=True)
                ],
            }
            for row in rows
        ]

    @property
    def is_led(self) -> bool:
        """Whether something comes next for one of the rows."""
        return any(row["next"] for row in self.rows)

    @property
    def first(self) -> int:
        """The number of the page's first row."""
        asked = (self.given.get("from") or ["1"])[-1]
        return int(asked) if asked.isdecimal() and len(asked) < 9 else 1

    @property
    def last(self) -> int:
        return self.first + len(self.found.rows) - 1

    def _place(self, cursor: str, first: int, was: Sequence[str]) -> str:
        place: dict[str, list[str]] = {"cursor": [cursor]} if cursor else {}
        if first > 1:
            place |= {"from": [str(first)], "was": list(was)[-MAX_BACK:]}
        return self._to({n: v for n, v in self.given.items() if n not in PLACE} | place)

    @property
    def next(self) -> str:
        if self.found.next_cursor is None:
            return ""
        before = [*self.given.get("was", ()), "".join(self.given.get("cursor", [])[-1:])]
        return self._place(self.found.next_cursor, self.last + 1, before)

    @property
    def previous(self) -> str:
        """The page before this one, where the way to it is known."""
        was = list(self.given.get("was", ()))
        if not was or not self.given.get("cursor"):
            return ""
        return self._place(was[-1], max(self.first - PAGE, 1), was[:-1])

    @property
    def start(self) -> str:
        """The first page, where this is a later one."""
        return self._address() if self.given.get("cursor") else ""

    @property
    def export(self) -> list[Link]:
        """Where all these rows are a file."""
        asked = self._address(view=self.view.key).partition("?")[2]
        every = f"&{filters.COLUMNS}={filters.ALL_COLUMNS}"
        is_chinese = self.to.language.startswith("zh")
        shown, all_ = ("所示栏目", "全部栏目") if is_chinese else ("columns shown", "all columns")
        return [
            Link(f"{words} · {said}", f"{self.page.address}/export.{end}?{asked}{more}", key=end)
            for said, more in ((shown, ""), (all_, every))
            for words, end in (("Excel (.xlsx)", "xlsx"), ("CSV (.csv)", "csv"))
        ]

    @property
    def works(self) -> list[Link]:
        """Where rows of it are finished one by one."""
        return [
            Link(one.title(self.to), one.address) for one in works_for(self.to, {self.page.name})
        ]

    @property
    def create(self) -> Link | None:
        verb = self.page.create
        if not verb or not self.to.may(verb):
            return None
        return Link(labels.of_verb(verb).in_language(self.to.language), form_of(verb))
