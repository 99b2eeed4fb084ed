"""Many releases, one entry of the password: what is signed, what may not be, what came of it.

Each lot is a request of its own to `quality.release`, with its own signature; the rules say how
many one entry may sign, and of which class. docs/adr/0259
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters

from traceward.domain.quality.commands.deciding import MEANING
from traceward.domain.quality.commands.releasing import Together, require_together, together
from traceward.kernel.base.refusals import InvalidInput, Refusal, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import Held, run_json
from traceward.kernel.command.signing import (
    WRONG_CODE,
    TooManyTries,
    WrongPassword,
    factors_of,
    reauthenticated,
    reauthenticated_twice,
)
from traceward.kernel.org.models import FactorKind
from traceward.web.consoles.release import (
    PATH,
    RELEASE,
    SIGN,
    Console,
    Item,
    opened,
    request_id_of,
)
from traceward.web.kit.bulk import request_id_for
from traceward.web.kit.problems import told_of
from traceward.web.visitors import Visitor

SIGNED = f"{PATH}/signed"
CONCLUSION = sentence("Accepted after inspection")
NONE = sentence("Choose at least one lot to release.")
KEY_ONLY = sentence(
    "One entry that signs several lots asks for a code of your authenticator app. You have a "
    "security key only: sign each lot by itself, or set up an app under your name."
)


@dataclass(frozen=True)
class Wrong:
    """What is wrong with what was sent: at the password, at the code, or altogether."""

    told: str = ""
    password: str = ""
    code: str = ""
    conclusion: str = ""
    status: int = 200


class Signing:
    """What was looked through and waits for the visitor's signature."""

    def __init__(self, console: Console) -> None:
        self.console, self.to, self.request = console, console.to, console.request
        self.problem = Wrong()

    @cached_property
    def asked(self) -> list[int]:
        """The lots that the address or the form names; none means all that were looked through."""
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        texts = [text for text in sent.getlist("lot") if text.isdecimal() and len(text) < 19]
        return list(dict.fromkeys(map(int, texts)))

    @cached_property
    def items(self) -> list[Item]:
        """Those that stand on the page."""
        named = set(self.asked) if self.is_one else None
        return [
            one
            for one in self.console.items
            if (one.look is not None if named is None else one.id in named)
        ]

    @property
    def is_one(self) -> bool:
        """Whether the page is about one lot alone."""
        return len(self.asked) == 1 and "several" not in self.request.POST

    @cached_property
    def allowed(self) -> Together:
        return together([one.judged.inspection for one in self.items])

    @property
    def ready(self) -> list[Item]:
        """What one entry may sign; of one alone its class does not matter."""
        alone = {} if self.is_one else self.allowed.alone
        return [x for x in self.items if x.look and x.judged.is_clear and x.id not in alone]

    @property
    def chosen(self) -> list[tuple[Item, bool]]:
        """Each with whether it is ticked: at first as many as one entry may sign."""
        if self.request.method == "POST":
            return [(one, one.id in self.asked) for one in self.ready]
        return [(one, n < max(1, self.allowed.most)) for n, one in enumerate(self.ready)]

    @property
    def single(self) -> list[tuple[Item, str]]:
        """Those that are signed each by itself, and why."""
        if self.is_one:
            return []
        language = self.to.language
        return [
            (one, self.allowed.alone[one.id].in_language(language))
            for one in self.items
            if one.id in self.allowed.alone and one.judged.is_clear
        ]

    @property
    def shut(self) -> list[tuple[Item, str]]:
        """Those that may not be released, and why."""
        made = []
        for one in self.items:
            refusal = one.judged.refusal
            if refusal is not None:
                made.append((one, refusal.in_language(self.to.language)))
            elif one.look is None:
                made.append((one, gettext("Its evidence was not looked through, or has changed.")))
        return made

    @property
    def policy(self) -> str:
        """What one entry may sign, in words."""
        told = gettext(
            "One entry of your password releases at most {most} lots of class {limit} or lower, "
            "that pass every gate and whose evidence you looked through. Each gets a request, a "
            "signature and an entry of its own."
        )
        return told.format(most=self.allowed.most, limit=self.allowed.device_class)

    @property
    def meaning(self) -> str:
        return gettext(MEANING)

    @cached_property
    def factors(self) -> set[str]:
        assert self.to.person is not None, "who has not signed in signs nothing"
        return factors_of(self.to.person)

    @property
    def needs_code(self) -> bool:
        return not self.is_one and FactorKind.APP in self.factors

    @property
    def conclusion(self) -> str:
        default = gettext(CONCLUSION)
        return self.request.POST.get("conclusion", default)[:500]

    @property
    def request_id(self) -> uuid.UUID:
        return request_id_of(self.request) if self.problem.status != 401 else uuid.uuid4()

    @property
    def signer(self) -> str:
        return self.to.name

    @property
    def address(self) -> str:
        return f"{SIGN}?lot={self.asked[0]}" if self.is_one else SIGN


@sensitive_post_parameters("signature", "code")
def show_sign(request: HttpRequest) -> HttpResponse:
    """What is signed; sent, each is released by itself, and what came of it is told."""
    console = opened(request)
    if isinstance(console, HttpResponse):
        return console
    signing = Signing(console)
    if request.method == "POST":
        try:
            return _sign(signing)
        except Refusal as refusal:
            signing.problem = _problem(refusal, console.to)
    status = signing.problem.status
    return render(request, "tw/release_sign.html", {"s": signing}, status=status)


def _problem(refusal: Refusal, to: Visitor) -> Wrong:
    """Where what is wrong is told."""
    told, status = told_of(refusal, RELEASE, to.language), refusal.http_status
    if isinstance(refusal, WrongPassword) and refusal.message == WRONG_CODE:
        return Wrong(code=told, status=status)
    if isinstance(refusal, WrongPassword | TooManyTries):
        return Wrong(password=told, status=status)
    if refusal.field == "conclusion":
        return Wrong(conclusion=told, status=status)
    return Wrong(told, status=status)


def _sign(signing: Signing) -> HttpResponse:
    """Refused as a whole before anything is signed; then each by itself, in the list's order."""
    known = {one.id: one for one in signing.console.items}
    rows = [(pk, known.get(pk)) for pk in signing.asked]
    if not rows:
        raise InvalidInput(NONE)
    if not signing.conclusion.strip():
        raise InvalidInput(sentence("Write the conclusion."), field="conclusion")
    require_together([one.judged.inspection for _, one in rows if one is not None])
    if len(rows) > 1 and len(rows) > signing.allowed.most:
        raise WrongState(
            sentence("One entry of your password signs {limit} lots at most; these are {count}."),
            limit=signing.allowed.most,
            count=len(rows),
        )
    by = _proved(signing, len(rows))
    done = [_released(signing, pk, one, by) for pk, one in rows]
    signing.request.session["released"] = done
    return HttpResponseRedirect(SIGNED)


def _proved(signing: Signing, count: int) -> Actor:
    """Who signs, proved just now; for several by more than the password, where there is more."""
    request, to = signing.request, signing.to
    assert to.person is not None, "who has not signed in signs nothing"
    by: Actor = to.actor()
    password = request.POST.get("signature", "")
    if count == 1:
        return reauthenticated(to.person, password, by, RELEASE)
    if signing.factors == {FactorKind.KEY}:
        raise WrongState(KEY_ONLY)
    return reauthenticated_twice(to.person, password, request.POST.get("code", ""), by, RELEASE)


def _released(signing: Signing, pk: int, item: Item | None, by: Actor) -> list[str]:
    """One lot by a command of its own: what it is, where, what came of it, and why."""
    request, to = signing.request, signing.to
    own = replace(by, request_id=request_id_for(request_id_of(request), RELEASE, str(pk)))
    given: dict[str, Any] = {
        "inspection_id": pk,
        "evidence": request.POST.get(f"evidence.{pk}", "")[:100],
        "conclusion": signing.conclusion,
    }
    what = item.what if item else request.POST.get(f"what.{pk}", "")[:200] or f"#{pk}"
    address = f"/quality/inspections/{pk}"
    try:
        done = run_json(RELEASE, given, own)
    except Refusal as refusal:
        return [what, address, "refused", told_of(refusal, RELEASE, to.language)]
    if isinstance(done, Held):
        return [what, address, "refused", ""]
    return [what, address, "done", f"{done.answer.accepted:,}"]


def show_signed(request: HttpRequest) -> HttpResponse:
    """What came of the last signature, the refused ones first."""
    console = opened(request)
    if isinstance(console, HttpResponse):
        return console
    rows: Sequence[list[str]] = request.session.get("released", [])
    if not rows:
        return HttpResponseRedirect(PATH)
    order = ("refused", "done")
    context = {
        "rows": sorted(rows, key=lambda row: order.index(row[2])),
        "done": sum(row[2] == "done" for row in rows),
        "refused": sum(row[2] == "refused" for row in rows),
        "left": console.figure,
        "looked": console.counts["looked"],
    }
    return render(request, "tw/release_signed.html", context)
