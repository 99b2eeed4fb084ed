"""The page of a consignee's link: it reads the notice and answers, without an account. # TRC-03

    /answer/k3J…            what was recalled, what the consignee got, the form; later, its answer
    /answer/k3J…?lang=en    in the other language

Whoever has the link speaks for the consignee (docs/adr/0253). What is not a link of ours is the
same page, whatever it looks like; attempts are few, and on record.
"""

import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.debug import sensitive_variables

from traceward.domain.recalls.commands.linking import consignee_actor, refusal_of
from traceward.domain.recalls.models import MessageKind
from traceward.domain.recalls.papers import Letter
from traceward.domain.recalls.queries import consignees
from traceward.domain.recalls.queries.consigned import consigned
from traceward.domain.recalls.queries.found import Consignee
from traceward.domain.recalls.queries.links import Found, Standing, found_by, mark_of
from traceward.kernel.base import ids
from traceward.kernel.base.limits import Limit
from traceward.kernel.base.refusals import Refusal, fill, local, sentence
from traceward.kernel.command.database_errors import persistent
from traceward.kernel.command.run import run_json
from traceward.resources import labels
from traceward.resources.kit import now
from traceward.web.kit.problems import problems_of, told_of
from traceward.web.visitors import LANGUAGES, visitor_of

ANSWER, OPEN = "recalls.answer_by_link", "recalls.open_link"
#: Looks and tries: of one address, of one link, of everybody; each process counts by itself.
ADDRESSES, LINKS, EVERYBODY = Limit(0.5, 40), Limit(0.2, 30), Limit(20, 400)
TOO_OFTEN = sentence("You asked too often. Nothing was changed; try again in {seconds} seconds.")
NUMBERS = ("found", "quarantined", "used")
TEXTS = ("name", "remarks")
#: Longer ones are none of ours.
MAX_SECRET = 100
#: Of a form: what it was sent with makes its request, so that it counts once.
SPACE = uuid.UUID("0d6d4b1e-2f0c-5f57-9d27-61a2c1c4b7aa")


@dataclass
class Page:
    """What the page says, in one language."""

    language: str
    told: str = ""
    link: Found | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    request_id: str = ""

    @property
    def is_open(self) -> bool:
        return self.link is not None and self.link.standing is Standing.OPEN

    @cached_property
    def letter(self) -> Letter | None:
        """What the notice says now; none where the link is not one of ours, or counts no more."""
        if self.link is None or self.link.standing not in (Standing.OPEN, Standing.ANSWERED):
            return None
        message = self.link.message
        notice = message.notice
        goods = consigned(notice.case_id, [notice.consignee_id])
        who = message.contact.name if message.contact else ""
        return Letter(
            MessageKind.NOTICE,
            notice.case,
            notice.consignee.names,
            who,
            goods.get(notice.consignee_id, []),
            self._there.on_the_way if self._there else 0,
        )

    @cached_property
    def _there(self) -> Consignee | None:
        assert self.link is not None, "asked of a link of ours"
        notice = self.link.message.notice
        return next(
            (c for c in consignees(notice.case_id) if c.party_id == notice.consignee_id), None
        )

    def _name(self, names: Mapping[str, str]) -> str:
        own, other = ("zh", "en") if self.language.startswith("zh") else ("en", "zh")
        return names[own] or names[other]

    @property
    def firm(self) -> Mapping[str, str]:
        """Who recalls, and how they are reached."""
        assert self.letter is not None
        party = self.letter.case.site.legal_entity.party
        return {"name": self._name(party.names), "phone": party.phone, "address": party.address}

    @property
    def consignee(self) -> str:
        assert self.letter is not None
        return self._name(self.letter.consignee)

    @property
    def level(self) -> str:
        assert self.letter is not None
        found = labels.of_value("recalls.cases.level", str(self.letter.case.level))
        return found.in_language(self.language)

    @property
    def goods(self) -> list[tuple[str, Any]]:
        """What it got, each with its name."""
        return [(self._name(one.names), one) for one in self.letter.goods] if self.letter else []

    @property
    def total(self) -> int:
        return sum(one.delivered for one in self.letter.goods) if self.letter else 0

    @property
    def to_do(self) -> list[str]:
        return self.letter.to_do(self.language) if self.letter else []

    @property
    def answered_at(self) -> str:
        assert self.link is not None
        assert self.link.answer is not None
        zone = self.link.message.notice.case.site.time_zone
        return local(self.link.answer.answered_at, zone)[:16].replace("T", " ")

    @property
    def still_there(self) -> int:
        """What the answer found and what was not used of it."""
        assert self.link is not None
        assert self.link.answer is not None
        return self.link.answer.found - (self.link.answer.used or 0)

    @property
    def not_set_aside(self) -> int:
        """Of these, what is not sealed yet: as long as there is any, something is to be done."""
        if self.link is None or self.link.answer is None:
            return 0
        return max(0, self.still_there - (self.link.answer.quarantined or 0))

    @property
    def languages(self) -> list[tuple[str, str, bool]]:
        words = {"zh-hans": "简体中文", "en": "English"}
        return [(one, words[one], one == self.language) for one in LANGUAGES]


@sensitive_variables("secret")
def show_answer(request: HttpRequest, secret: str) -> HttpResponse:
    """The notice and the form for its answer; what it was answered; or why it cannot be."""
    to = visitor_of(request)
    known = found_by(secret, now()) if len(secret) <= MAX_SECRET else None
    chosen, own = request.GET.get("lang", ""), known.message.language if known else to.language
    page = Page(chosen if chosen in LANGUAGES else own, link=known)
    with translation.override(page.language):
        if seconds := _wait(request, known, secret):
            page.link, page.told = None, fill(TOO_OFTEN, {"seconds": seconds}, page.language)
            answer = _shown(request, page, 429)
            answer["Retry-After"] = str(seconds)
            return answer
        by = consignee_actor(f"link {request.META.get('REMOTE_ADDR', '')}")
        if request.method == "POST":
            return _answered(request, secret, page)
        if known is None or known.message.opened_at is None:
            try:  # an unknown one is refused, and that is on record
                run_json(OPEN, {"link": secret[:MAX_SECRET]}, by)
            except Refusal as refusal:
                page.told = refusal.in_language(page.language)
                return _shown(request, page, refusal.http_status)
        assert known is not None
        if known.standing not in (Standing.OPEN, Standing.ANSWERED):
            ended = refusal_of(known)
            page.told = ended.in_language(page.language)
            return _shown(request, page, ended.http_status)
        return _shown(request, page, 200)


def _wait(request: HttpRequest, known: Found | None, secret: str) -> int:
    """Seconds until this may be asked again; 0 where it may now."""
    waits = [ADDRESSES.seconds_to_wait(request.META.get("REMOTE_ADDR", ""))]
    if known is not None:
        waits.append(LINKS.seconds_to_wait(mark_of(secret).hex()))
    return max(*waits, EVERYBODY.seconds_to_wait("")) if not any(waits) else max(waits)


@sensitive_variables("secret")
def _answered(request: HttpRequest, secret: str, page: Page) -> HttpResponse:
    """The answer counts, and the page says it; or it is refused, and the form keeps what it had."""
    given = {name: request.POST.get(name, "") for name in (*NUMBERS, *TEXTS)}
    asked: dict[str, Any] = {name: _number(given[name]) for name in NUMBERS}
    asked |= {name: given[name] for name in TEXTS}
    asked["link"] = secret[:MAX_SECRET]
    page.request_id = request.POST.get("request_id", "")[:60]
    request_id = uuid.uuid5(SPACE, f"{page.request_id} {mark_of(secret).hex()} {given}")
    by = consignee_actor(f"link {request.META.get('REMOTE_ADDR', '')}").asking(request_id)
    try:
        run_json(ANSWER, {name: value for name, value in asked.items() if value is not None}, by)
    except Refusal as refusal:
        page.given = given
        problems = problems_of(refusal, ANSWER, page.language)
        page.problems = {name: told for name, told in problems.items() if name in given}
        if not page.problems:
            page.told = told_of(refusal, ANSWER, page.language)
            page.link = page.link if page.is_open and refusal.http_status == 422 else None
        return _shown(request, page, refusal.http_status)
    return HttpResponseRedirect(f"{request.path}?lang={page.language}", status=303)


def _number(text: str) -> int | str | None:
    """The number as people write it: with commas, full-width; the text itself where it is none."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not plain:
        return None
    return int(plain) if plain.isdecimal() and len(plain) < 15 else text


def _shown(request: HttpRequest, page: Page, status: int) -> HttpResponse:
    page.request_id = page.request_id or str(ids.new_uid())
    answer = persistent(lambda: render(request, "tw/answer.html", {"p": page}, status=status))
    # Neither the page's own address nor its content goes anywhere; a form's origin is still told.
    answer["Referrer-Policy"] = "strict-origin"
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
