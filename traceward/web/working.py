"""A worklist as a page: what waits, the item that is decided with its form, and then the next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from traceward.kernel.base.refusals import Refusal, fill, sentence
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.run import Done
from traceward.resources import labels, reading
from traceward.web.kit import forms
from traceward.web.kit.cells import cells_of
from traceward.web.kit.documents import page_of
from traceward.web.kit.done import Told
from traceward.web.kit.forms import Form
from traceward.web.kit.frames import forbidden
from traceward.web.kit.items import LISTED, items_of
from traceward.web.kit.marks import mark_of, unchanged
from traceward.web.kit.shown import Shown
from traceward.web.kit.suggestions import flat, known_of
from traceward.web.kit.verbs import asks_for
from traceward.web.kit.worklists import (
    WORKLISTS,
    Act,
    Queue,
    Worklist,
    after,
    links_of,
    queue_of,
    without,
    works_for,
)
from traceward.web.visitors import Visitor, visitor_of

#: Items that the address says are left for later, at most.
SKIPPED = 100
#: Entries of the history that stand beside an item.
LAST = 4
OVER = sentence("{what} does not wait any more: {verb}, {who}, {at}.")
GONE = sentence("{what} does not wait for you any more.")
LIST = "tw/work_list.html"


@dataclass(frozen=True)
class Work:
    """The worklist as one address asks for it."""

    request: HttpRequest
    work: Worklist
    to: Visitor
    queue: Queue

    @cached_property
    def asked(self) -> int | None:
        found = re.fullmatch(r"\d{1,18}", self.request.GET.get("at", ""))
        return int(found[0]) if found else None

    @cached_property
    def skipped(self) -> list[int]:
        texts = self.request.GET.get("skip", "").split(",")[-SKIPPED:]
        return [int(text) for text in texts if re.fullmatch(r"[0-9]{1,18}", text)]

    @cached_property
    def left(self) -> Queue:
        """What waits and is not skipped."""
        return without(self.queue, set(self.skipped) - {self.asked})

    @cached_property
    def at(self) -> int | None:
        """The item that is looked at; the first where the address names none that waits."""
        ids = self.left.ids
        return self.asked if self.asked in self.left.ranks else ids[0] if ids else None

    @cached_property
    def acts(self) -> dict[str, Act]:
        return self.work.acts(self.to)

    @property
    def do(self) -> str:
        """How the item is finished, as the address says."""
        asked = self.request.GET.get("do", "")
        return asked if asked in self.acts else "accept"

    def address(self, at: int | None, do: str = "", *, skip: list[int] | None = None) -> str:
        """This worklist with another item, or another way to finish it."""
        skipped = self.skipped if skip is None else skip
        parts = {"at": at, "do": do, "skip": ",".join(map(str, skipped[-SKIPPED:]))}
        given = urlencode({name: value for name, value in parts.items() if value}, safe=",")
        return f"{self.work.address}?{given}" if given else self.work.address

    @cached_property
    def shown(self) -> Shown | None:
        """The item as its own page shows it."""
        return self.row_of(self.at) if self.at is not None else None

    def row_of(self, pk: int) -> Shown | None:
        """The record; None where it is not there, or not for the visitor."""
        page = page_of(self.work.wait.name)
        columns = tuple(page.resource.columns.values())
        to = self.to.reader(page.name)
        try:
            row = persistent(lambda: reading.one(page.resource, str(pk), columns, to))
        except Refusal:
            return None
        return Shown(page, row, self.to)

    def form(self, given: Mapping[str, str], item: Shown) -> Form:
        """The form of the verb, of this item whatever was sent."""
        act = self.acts[self.do]
        meant = flat(act.arguments(self.work.wait.name, item.row, self.to), self.to)
        return Form(self.request, act.command, self.to, {**given, **meant}, meant)

    def begun(self, item: Shown) -> dict[str, Any]:
        """The form as it begins: with what is known of the item, and how this way ends it."""
        act = self.acts[self.do]
        form = self.form({}, item)
        subject = item if asks_for(act.command)[1] == item.page.name else form.subject()
        known = known_of(act.verb, subject.row, self.to) if subject else {}
        own = act.fill(item.row, known, self.to) if act.fill else {}
        given = {**flat({**known, **own}, self.to), **form.given}
        made = forms.context_of(replace(form, given=given), subject)
        return {**made, "seen": (subject or item).seen().get("version_seen", made["seen"])}

    def formed(self, made: Mapping[str, Any]) -> dict[str, Any]:
        """The form as it stands here: what is asked for first, the rest to be unfolded."""
        act = self.acts[self.do]
        asked = [replace(one, is_required=True) if one.path in act.needs else one
                 for one in made["plain"]]  # fmt: skip
        first = [one for one in asked if one.is_required or one.is_filled]
        return {
            **made,
            "plain": first,
            "rest": [one for one in asked if one not in first],
            "title": act.text(self.to),
            "tone": "tw-bad" if self.do == "reject" else "tw-pri",
            "action": self.address(self.at, self.do),
            "draft": f"work:{self.work.key}:{self.do}:{self.at}",
        }

    def context(self, form: Mapping[str, Any] | None = None, told: str = "") -> dict[str, Any]:
        """All that the page shows."""
        to, item, ids = self.to, self.shown, self.left.ids
        at = ids.index(self.at) if self.at in ids else 0
        context: dict[str, Any] = {
            "work": self,
            "title": self.work.title(to),
            "list_address": self.work.wait.address(to),
            "list_title": labels.of_resource(self.work.wait.name).in_language(to.language),
            "told": told,
            **self.listing(),
            "before": self.address(ids[at - 1]) if at else "",
            "next": self.address(ids[at + 1]) if at + 1 < len(ids) else "",
            "place": at + 1,
        }
        if item is None or self.at is None:
            others = [one for one in works_for(to) if one.key != self.work.key]
            return {**context, "others": [x for x in links_of(others, to) if x.count != "0"]}
        cells = cells_of(item.page.resource, self.work.facts) if self.work.facts else ()
        facts = [
            (cell.label(to.language), cell.html(item.row, to))
            for cell in cells
            if any(item.row.get(name) not in (None, "") for name in cell.names)
        ]
        told_facts, tables = self.work.told(item.row, to)
        later = after(ids, self.at)
        ended = len(ids) == 1
        return {
            **context,
            "item": item,
            "of": next((one for one, _, is_on in context["items"] if is_on), None),
            "since": self.work.due_label(to),
            "facts": [*(facts or item.headline), *told_facts],
            "parts": [*item.parts, *tables],
            "form": self.formed(form or self.begun(item)),
            "acts": [
                (key, one.text(to), self.address(self.at, key), key == self.do)
                for key, one in self.acts.items()
            ],
            "do": self.do,
            "is_begun": "do" in self.request.GET,
            "skip": self.address(None if ended else later, skip=[*self.skipped, self.at]),
            "history": item.history.entries[:LAST],
        }

    def listing(self) -> dict[str, Any]:
        """What waits, as it stands beside the item."""
        ids = self.left.ids
        here = ids.index(self.at) if self.at in ids else 0
        start = max(0, min(here - LISTED // 2, len(ids) - LISTED))
        items = items_of(self.work, self.left, ids[start : start + LISTED], self.to)
        return {
            "items": [(one, self.address(one.id), one.id == self.at) for one in items],
            "figure": self.left.figure,
            "more": len(ids) - len(items),
            "skipped": len(set(self.skipped) & set(self.queue.ranks) - {self.asked}),
            "again": self.address(self.at, skip=[]),
            "live": f"{self.work.address}/waiting{self.address(self.at)[len(self.work.address) :]}",
        }

    def over(self, pk: int) -> str:
        """That somebody else has finished it, and how it stands."""
        found = self.row_of(pk)
        language = self.to.language
        if found is None:
            kind = labels.of_row(self.work.wait.name).in_language(language)
            return fill(GONE, {"what": f"{kind} {pk}"}, language)
        last = next(iter(found.history.entries), None)
        if last is None:
            return fill(GONE, {"what": found.title}, language)
        values = {"what": found.title, "who": last.who, "at": last.at, "verb": last.verb}
        return fill(OVER, values, language)


def _opened(request: HttpRequest, key: str) -> Work | HttpResponse:
    work, to = WORKLISTS.get(key), visitor_of(request)
    if work is None:
        raise Http404
    if not work.is_for(to):
        return forbidden(request, work.accept.verb if to.may(work.wait.name) else work.wait.name)
    request.about = work.wait.name  # type: ignore[attr-defined]  # where the panel stands
    return Work(request, work, to, queue_of(work, to))


def show_work(request: HttpRequest, key: str) -> HttpResponse:
    """The item that the address names, or the most urgent; sent, what came of it and the next."""
    work = _opened(request, key)
    if isinstance(work, HttpResponse):
        return work
    if request.method == "POST" and work.asked is not None:
        return _sent(work, work.asked)
    told = ""
    if work.asked is not None and work.asked not in work.queue.ranks:
        told = work.over(work.asked)
    return render(request, "tw/work.html", work.context(told=told))


def _sent(work: Work, at: int) -> HttpResponse:
    """The verb is run for the item; refused, the item stays with what was typed."""
    request, item = work.request, work.row_of(at)
    if item is None:
        return _on(work, at, Told(work.over(at), tone="tw-info"))
    form = work.form(forms.texts(request.POST), item)
    if (relined := forms.with_lines(form)) is not None:
        made = forms.context_of(relined, relined.subject())
        return render(request, "tw/work.html", work.context(made))
    form = forms.closed_up(form)
    try:
        done = forms.send(form)
    except Refusal as refusal:
        if at not in work.queue.ranks:
            return _on(work, at, Told(work.over(at), tone="tw-info"))
        made, status = forms.refused(form, refusal)
        return render(request, "tw/work.html", work.context(made), status=status)
    act, told = work.acts[work.do], forms.told(form, done)
    if isinstance(done, Done) and act.said is not None:
        told = replace(told, text=act.said(done.answer, item.row, work.to))
    return _on(work, at, told)


def _on(work: Work, at: int, told: Told) -> HttpResponse:
    """On to the next, once what was done is said; the same one where more of it is to be done."""
    work.request.session["told"] = {**told.kept(), "tone": told.tone}
    now = without(queue_of(work.work, work.to), work.skipped)
    later = at if at in now.ranks else after([*work.left.ids], at)
    ids = now.ids
    later = later if later in now.ranks else ids[0] if ids else None
    return forms.onwards(work.request, work.address(later))


def show_waiting(request: HttpRequest, key: str) -> HttpResponse:
    """What waits by itself, as the page asks for it again."""
    to = visitor_of(request)
    mark = mark_of(to)
    if (same := unchanged(request, mark)) is not None:
        return same
    work = _opened(request, key)
    if isinstance(work, HttpResponse):
        return work
    answer = render(request, LIST, {"work": work, **work.listing()})
    answer["ETag"] = mark
    return answer


def show_all(request: HttpRequest) -> HttpResponse:
    """Every worklist of the visitor, with how many wait in each."""
    to = visitor_of(request)
    works = works_for(to)
    if len(works) == 1 and "all" not in request.GET:
        return HttpResponseRedirect(works[0].address)
    return render(request, "tw/works.html", {"works": links_of(works, to)})
