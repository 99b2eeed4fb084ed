"""Consignees answer by a link, without an account; our people may hand one over. # TRC-03"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from traceward.domain.recalls.commands.scoping import open_case
from traceward.domain.recalls.commands.telling import Said, answered, notice_of, require_counted
from traceward.domain.recalls.commands.writing import (
    PATH,
    contacts_of,
    numbers_after,
    with_link,
)
from traceward.domain.recalls.models import CaseState, MessageKind, RecallCase, RecallMessage
from traceward.domain.recalls.queries.links import Found, Standing, found_by
from traceward.domain.recalls.refusals import LinkEnded, LinkUsed, UnknownLink
from traceward.kernel.base.refusals import InvalidInput, moment, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.setup import CONSIGNEE_LOGIN
from traceward.kernel.command.shown_once import ShownOnce
from traceward.kernel.command.write import amend, created, touch
from traceward.kernel.org.models import Person
from traceward.kernel.org.roles import COMPLIANCE, CONSIGNEE, QUALITY_CONTROLLER, QUALITY_HEAD
from traceward.kernel.outbox import mails


@dataclass(frozen=True)
class LinkIssued:
    """The address is shown in this one answer."""

    link: ShownOnce
    expires_at: datetime
    #: Who it is for.
    consignee: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LinkOpened:
    number: int


@dataclass(frozen=True)
class AnsweredByLink:
    """What the ledger says the consignee has or used, and what it says itself."""

    expected: int
    found: int


@command(
    "recalls.issue_link",
    roles=(QUALITY_HEAD, COMPLIANCE, QUALITY_CONTROLLER),
    scope=whole_group,
    from_states=(CaseState.OPEN,),
)
def issue_link(case_id: int, consignee_id: int, *, by: Actor) -> LinkIssued:
    """A link is handed over by our own people: shown once, and the ones before count no longer."""
    case = open_case(case_id)
    notice = notice_of(case, consignee_id)
    contact = contacts_of([consignee_id]).get(consignee_id)
    number = numbers_after([notice])[notice.pk]
    fresh = with_link(notice, MessageKind.LINK, number, contact, by=by)
    message = fresh.message
    message.save(force_insert=True)
    created(message, by=by, notice=notice.pk, kind=message.kind, number=message.number)
    touch(case, by=by)
    return LinkIssued(
        ShownOnce(mails.address_of(PATH + fresh.secret)), fresh.expires_at, notice.consignee.names
    )


@command("recalls.open_link", roles=(CONSIGNEE,), scope=whole_group)
def open_link(link: Erasable, *, by: Actor) -> LinkOpened:
    """It is on record that somebody looked at the page of the link for the first time."""
    message = RecallMessage.objects.lock(_known(link, by).message.pk)
    if message.opened_at is None:
        amend(message, by=by, opened_at=by.now)
    return LinkOpened(message.number)


@command("recalls.answer_by_link", roles=(CONSIGNEE,), scope=whole_group)
def answer_by_link(
    link: Erasable,
    name: str,
    found: int,
    quarantined: int,
    used: int,
    remarks: str = "",
    *,
    by: Actor,
) -> AnsweredByLink:
    """The consignee of the link has confirmed the notice: what it found, set aside and had used.

    Only by the newest link of a running recall, once; another answer needs another link.
    """
    RecallCase.objects.lock(_known(link, by).message.notice.case_id)
    known = _known(link, by)  # as it is with the case locked
    if known.standing is not Standing.OPEN:
        raise refusal_of(known)
    notice = known.message.notice
    by.work.facts |= {"consignee": notice.consignee.names, "answered_by": name.strip()}
    _check(name, found, quarantined, used, remarks)
    said = Said(found + used, remarks, quarantined, used, name.strip(), known.message)
    expected = answered(notice, said, by=by)
    return AnsweredByLink(expected, found + used)


def _check(name: str, found: int, quarantined: int, used: int, remarks: str) -> None:
    if not 1 <= len(name.strip()) <= 60:
        raise InvalidInput(sentence("Give your name, 1 to 60 signs."), field="name")
    require_counted(found, quarantined, used)
    if len(remarks.strip()) > 300:
        raise InvalidInput(sentence("Remarks have at most 300 signs."), field="remarks")


def _known(link: Erasable, by: Actor) -> Found:
    known = found_by(link.reveal(), by.now)
    if known is None:
        raise UnknownLink(UNKNOWN, field="link")
    return known


UNKNOWN = sentence(
    "This link is not one of ours, or a part of it is missing. Open it from the e-mail once more, "
    "or ask whoever sent it for a new one."
)
REPLACED = sentence("A newer link was sent to you. Open the newest e-mail, or ask for a new one.")
EXPIRED = sentence("This link ended at {at}. Ask {firm} (telephone {phone}) for a new one.")
ENDED = sentence("Recall {number} has ended; there is nothing to answer any more.")
ANSWERED = sentence(
    "This link was answered at {at} already. To correct the answer, ask {firm} (telephone "
    "{phone}) for a new link."
)


def refusal_of(known: Found) -> LinkEnded | LinkUsed:
    """Why the link may not be answered by."""
    case = known.message.notice.case
    firm, zone = case.site.legal_entity.party, case.site.time_zone
    whom: dict[str, Any] = {"firm": firm.names, "phone": firm.phone or "—"}
    if known.answer is not None:
        at = moment(known.answer.answered_at, zone)
        return LinkUsed(ANSWERED, field="link", at=at, **whom)
    if known.standing is Standing.EXPIRED and known.message.expires_at:
        at = moment(known.message.expires_at, zone)
        return LinkEnded(EXPIRED, field="link", at=at, **whom)
    if known.standing is Standing.REPLACED:
        return LinkEnded(REPLACED, field="link")
    return LinkEnded(ENDED, field="link", number=str(case))


def consignee_actor(origin: str) -> Actor:
    """Whoever answers by a link, from that address."""
    person = Person.objects.only("pk", "login").get(login=CONSIGNEE_LOGIN)
    return Actor(person.pk, person.login, origin=origin)
