"""How each consignee of a recall is reached, and what became of what was sent to it. # TRC-03"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from traceward.domain.partners.models import Contact, Partner
from traceward.domain.recalls.models import MessageKind, RecallCheck, RecallMessage
from traceward.kernel.outbox.models import MailState


@dataclass(frozen=True)
class Reached:
    """Whom we tell at a consignee, how often, and what is known of it."""

    #: As what we trade with it: hospital, distributor, store.
    customer_class: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    #: By e-mail and by telephone, the notice itself left out.
    reminders: int = 0
    reminded_at: datetime | None = None
    #: The last e-mail: waiting, sent or failed, when, and why not.
    mail_state: str = ""
    mail_at: datetime | None = None
    mail_why: str = ""
    #: When somebody first looked at the newest link.
    opened_at: datetime | None = None
    #: When it was really told: an e-mail went out, somebody called or handed over the printed
    #: notice, or looked at a link.
    told_at: datetime | None = None
    #: The newest effectiveness check.
    check_result: str = ""
    checked_on: date | None = None

    @property
    def is_checked(self) -> bool:
        return bool(self.check_result)


def reached(case_id: int, parties: list[int]) -> dict[int, Reached]:
    """By consignee of the case; four queries, whatever their number."""
    contacts = {
        row.party_id: row for row in Contact.objects.filter(party__in=parties, ended_at=None)
    }
    classes = dict(Partner.objects.filter(party__in=parties).values_list("party", "customer_class"))
    told: dict[int, list[RecallMessage]] = defaultdict(list)
    messages = RecallMessage.objects.filter(notice__case=case_id).order_by("number")
    for message in messages.select_related("notice", "mail"):
        told[message.notice.consignee_id].append(message)
    checks = {
        check.notice.consignee_id: check
        for check in RecallCheck.objects.filter(notice__case=case_id)
        .select_related("notice")
        .order_by("pk")
    }
    return {
        party: _reached(classes.get(party, ""), contacts.get(party), told[party], checks.get(party))
        for party in parties
    }


def _reached(
    customer_class: str,
    contact: Contact | None,
    told: list[RecallMessage],
    check: RecallCheck | None,
) -> Reached:
    again = [m for m in told if m.kind in (MessageKind.REMINDER, MessageKind.CALL)]
    mail = next((m.mail for m in reversed(told) if m.mail), None)
    link = next((m for m in reversed(told) if m.expires_at), None)
    at = None
    if mail is not None:
        at = mail.settled_at if mail.state != MailState.QUEUED else mail.queued_at
    spoken = [m.made_at for m in told if m.kind in (MessageKind.CALL, MessageKind.PAPER)]
    sent = [m.mail.settled_at for m in told if m.mail and m.mail.state == MailState.SENT]
    looked = [m.opened_at for m in told]
    return Reached(
        customer_class,
        contact.name if contact else "",
        contact.phone if contact else "",
        contact.email if contact else "",
        len(again),
        again[-1].made_at if again else None,
        mail.state if mail else "",
        at,
        mail.why if mail else "",
        link.opened_at if link else None,
        min((at for at in (*spoken, *sent, *looked) if at), default=None),
        check.result if check else "",
        check.checked_on if check else None,
    )
