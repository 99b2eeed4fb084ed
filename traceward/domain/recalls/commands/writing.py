"""Consignees are written to: each with a link of its own, under which it answers. # TRC-03"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from traceward.domain.partners.models import Contact
from traceward.domain.recalls import rules
from traceward.domain.recalls.models import MessageKind, RecallCase, RecallMessage, RecallNotice
from traceward.domain.recalls.papers import Letter
from traceward.domain.recalls.queries.consigned import consigned
from traceward.domain.recalls.queries.found import Consignee
from traceward.domain.recalls.queries.links import mark_of
from traceward.kernel.base.enclosed import fresh_key
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.write import apply_rules, created
from traceward.kernel.outbox import mails
from traceward.kernel.outbox.models import Mail
from traceward.kernel.rules.queries import declare, reader

LINK_DAYS = declare(
    "recalls.link_days",
    rules.LINK_DAYS,
    doc="Days within which a consignee may answer by the link that it was sent.",
)
#: 192 bits.
SECRET_BYTES = 24
PATH = "/answer/"


@dataclass(frozen=True)
class Fresh:
    """A message that is not saved yet, and what opens its link."""

    message: RecallMessage
    secret: str
    #: When the link ends.
    expires_at: datetime


def contacts_of(parties: Sequence[int]) -> dict[int, Contact]:
    """Whom each firm wants to be told."""
    rows = Contact.objects.filter(party__in=parties, ended_at=None)
    return {row.party_id: row for row in rows}


def with_link(
    notice: RecallNotice, kind: MessageKind, number: int, contact: Contact | None, *, by: Actor
) -> Fresh:
    """A message whose link counts from now on, in place of those before."""
    secret = base64.urlsafe_b64encode(fresh_key(SECRET_BYTES)).decode()
    days = apply_rules(reader(LINK_DAYS), {}, by=by).value
    expires_at = by.now + timedelta(days=days)
    message = RecallMessage(
        notice=notice,
        kind=kind.value,
        number=number,
        contact=contact,
        sha256=mark_of(secret),
        expires_at=expires_at,
        language=contact.language if contact else "zh-hans",
        made_at=by.now,
        made_by_id=by.person_id,
    )
    return Fresh(message, secret, expires_at)


def numbers_after(notices: Sequence[RecallNotice]) -> dict[int, int]:
    """By notice, the number of its next message."""
    rows = RecallMessage.objects.filter(notice__in=notices).values("notice")
    last = dict(rows.values_list("notice").annotate(last=Max("number")))
    return {notice.pk: last.get(notice.pk, 0) + 1 for notice in notices}


def write(
    case: RecallCase,
    notices: Sequence[RecallNotice],
    kind: MessageKind,
    known: Mapping[int, Consignee],
    *,
    by: Actor,
) -> list[int]:
    """Each of these consignees that has an e-mail address is written to; their ids."""
    contacts = contacts_of([notice.consignee_id for notice in notices])
    reached = [n for n in notices if (c := contacts.get(n.consignee_id)) and c.email]
    if not reached:
        return []
    goods = consigned(case.pk, [notice.consignee_id for notice in reached])
    numbers = numbers_after(reached)
    made: list[tuple[Mail, RecallMessage]] = []
    for notice in reached:
        contact = contacts[notice.consignee_id]
        one = with_link(notice, kind, numbers[notice.pk], contact, by=by)
        consignee = known.get(notice.consignee_id)
        letter = Letter(
            kind,
            case,
            notice.consignee.names,
            contact.name,
            goods.get(notice.consignee_id, []),
            consignee.on_the_way if consignee else 0,
            case.site.day_at(one.expires_at),
            mails.address_of(PATH + mails.SECRET),
        )
        mail = mails.written(
            about=case.uid,
            to=(contact.name, contact.email),
            heading=letter.heading(contact.language),
            body=letter.both(contact.language),
            secret=one.secret,
            now=by.now,
        )
        one.message.mail = mail
        made.append((mail, one.message))
    Mail.objects.bulk_create(mail for mail, _ in made)
    for message in RecallMessage.objects.bulk_create(one for _, one in made):
        created(message, by=by, notice=message.notice_id, kind=kind.value, number=message.number)
    return [notice.consignee_id for notice in reached]
