"""Consignees that have not answered are reminded: by hand, and by rule. # TRC-03"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from traceward.domain.recalls import events, queries, rules
from traceward.domain.recalls.commands.scoping import open_case
from traceward.domain.recalls.commands.writing import contacts_of, numbers_after, write
from traceward.domain.recalls.models import (
    CaseState,
    MessageKind,
    RecallAnswer,
    RecallCase,
    RecallMessage,
    RecallNotice,
    RemindHow,
)
from traceward.domain.recalls.refusals import NobodyToRemind
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import apply_rules, created, emit, touch
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_CONTROLLER, QUALITY_HEAD, SYSTEM
from traceward.kernel.outbox.models import MailState
from traceward.kernel.rules.queries import declare, reader

AFTER = declare(
    "recalls.remind_after_hours",
    rules.REMIND_AFTER_HOURS,
    doc="Hours without an answer after which a consignee is reminded by e-mail, by level; "
    "again after as many.",
)
BEFORE = declare(
    "recalls.remind_before_limit_hours",
    rules.REMIND_BEFORE_LIMIT_HOURS,
    doc="Hours before the limit of the notice ends in which who has not answered is reminded "
    "once more.",
)
AT_MOST = declare(
    "recalls.remind_at_most",
    rules.REMIND_AT_MOST,
    doc="So often a consignee is reminded of a recall by itself; after that only by hand.",
)


TOOK = sentence("Say who took the printed notice, and where.")


@dataclass(frozen=True)
class Reminded:
    """Consignees that were reminded, and those that have no e-mail address."""

    consignee_ids: list[int]
    no_address_ids: list[int] = field(default_factory=list)


@command(
    "recalls.remind",
    roles=(QUALITY_HEAD, COMPLIANCE, QUALITY_CONTROLLER),
    scope=whole_group,
    from_states=(CaseState.OPEN,),
)
def remind(
    case_id: int,
    consignee_ids: list[int] | None = None,
    how: RemindHow = RemindHow.MAIL,
    note: str = "",
    *,
    by: Actor,
) -> Reminded:
    """These consignees, or all that have not answered, are written to again, or were spoken to.

    Each reminder by e-mail has a link of its own, and the ones before count no longer. Of a call
    the note says who was spoken to and what they said; of a printed notice, who took it.
    """
    case = open_case(case_id)
    notices = _meant(waiting(case), case, consignee_ids)
    if how is not RemindHow.MAIL:
        return _spoken(case, notices, consignee_ids, MessageKind(how.value), note, by)
    if note.strip():
        raise InvalidInput(
            sentence("An e-mail has its own text. Leave the note out, or record a call."),
            field="note",
        )
    return _written(case, notices, by)


@command("recalls.remind_due", roles=(SYSTEM,), scope=whole_group, from_states=(CaseState.OPEN,))
def remind_due(case_id: int, *, by: Actor) -> Reminded:
    """Who has not answered the running recall for as long as the rule says is written to again."""
    case = open_case(case_id)
    notices = _due(case, by.now, by)
    if not notices:
        return Reminded([])
    return _written(case, notices, by)


def cases_due(now: datetime) -> list[int]:
    """Running recalls in which somebody is to be reminded now."""
    rows = RecallCase.objects.filter(state=CaseState.OPEN).select_related("site")
    return [case.pk for case in rows.order_by("pk") if _due(case, now, None)]


def waiting(case: RecallCase) -> list[RecallNotice]:
    """Notices that nobody has answered."""
    unanswered = ~Exists(RecallAnswer.objects.filter(notice=OuterRef("pk")))
    rows = RecallNotice.objects.filter(unanswered, case=case).select_related("consignee")
    return list(rows.order_by("pk"))


def _meant(
    rows: Sequence[RecallNotice], case: RecallCase, ids: Sequence[int] | None
) -> list[RecallNotice]:
    """Of those that wait the ones that are named; refused where one of them does not wait."""
    if ids is None:
        if not rows:
            raise NobodyToRemind(
                sentence("Every consignee of {number} that was told has answered."),
                number=str(case),
            )
        return list(rows)
    by_party = {notice.consignee_id: notice for notice in rows}
    told = dict(
        RecallNotice.objects.filter(case=case, consignee__in=ids).values_list("consignee", "pk")
    )
    for n, party in enumerate(ids):
        if party not in told:
            raise NotFound(
                sentence("This consignee was not told of the recall. Send the notice first."),
                field=f"consignee_ids.{n}",
            )
        if party not in by_party:
            raise NobodyToRemind(
                sentence("This consignee has answered. There is nothing to remind it of."),
                field=f"consignee_ids.{n}",
            )
    if not ids:
        raise InvalidInput(sentence("Name at least one consignee."), field="consignee_ids")
    return [by_party[party] for party in dict.fromkeys(ids)]


def _written(case: RecallCase, notices: Sequence[RecallNotice], by: Actor) -> Reminded:
    known = {c.party_id: c for c in queries.consignees(case.pk) if c.party_id is not None}
    written = write(case, notices, MessageKind.REMINDER, known, by=by)
    if not written:
        raise NobodyToRemind(
            sentence(
                "None of these consignees has an e-mail address. Name a contact at the firm "
                "(partners.name_contact), or call and record the call."
            ),
            field="consignee_ids",
        )
    _told(case, len(written), by)
    return Reminded(written, sorted({n.consignee_id for n in notices} - set(written)))


def _spoken(
    case: RecallCase,
    notices: Sequence[RecallNotice],
    ids: Sequence[int] | None,
    kind: MessageKind,
    note: str,
    by: Actor,
) -> Reminded:
    if not ids:
        raise InvalidInput(
            sentence("Name the consignee that was called or got the notice."), field="consignee_ids"
        )
    if not note.strip():
        is_call = kind is MessageKind.CALL
        who = sentence("Say who was spoken to and what they said.") if is_call else TOOK
        raise InvalidInput(who, field="note")
    contacts = contacts_of([notice.consignee_id for notice in notices])
    numbers = numbers_after(notices)
    made = RecallMessage.objects.bulk_create(
        RecallMessage(
            notice=notice,
            kind=kind.value,
            number=numbers[notice.pk],
            contact=contacts.get(notice.consignee_id),
            note=note.strip(),
            made_at=by.now,
            made_by_id=by.person_id,
        )
        for notice in notices
    )
    for row in made:
        created(row, by=by, notice=row.notice_id, kind=row.kind, note=row.note)
    _told(case, len(made), by)
    return Reminded([notice.consignee_id for notice in notices])


def _told(case: RecallCase, count: int, by: Actor) -> None:
    touch(case, by=by)
    emit(events.ConsigneesReminded(case.uid, count), subject=case.uid, by=by)


def _due(case: RecallCase, now: datetime, by: Actor | None) -> list[RecallNotice]:
    """Those that are to be reminded now by the rules: they have an address, and no mail waits."""
    rows = waiting(case)
    if not rows:
        return []
    contacts = contacts_of([notice.consignee_id for notice in rows])
    spoken: dict[int, list[RecallMessage]] = defaultdict(list)
    for message in RecallMessage.objects.filter(notice__in=rows).select_related("mail"):
        spoken[message.notice_id].append(message)

    def value(spec):  # type: ignore[no-untyped-def]  # whatever the rule holds
        found = reader(spec)
        return apply_rules(found, {}, by=by).value if by else found.value_for({}).value

    after = timedelta(hours=value(AFTER)[str(case.level)])
    before, most = timedelta(hours=value(BEFORE)), value(AT_MOST)
    last_day = case.notify_until + timedelta(days=1)
    ends = datetime.combine(last_day, time(), ZoneInfo(case.site.time_zone))

    def is_due(notice: RecallNotice) -> bool:
        contact, told = contacts.get(notice.consignee_id), spoken[notice.pk]
        reminders = sum(1 for one in told if one.kind == MessageKind.REMINDER)
        is_under_way = any(one.mail and one.mail.state == MailState.QUEUED for one in told)
        last = max((one.made_at for one in told), default=notice.notified_at)
        return (
            bool(contact and contact.email)
            and not is_under_way
            and reminders < most
            and rules.is_due(now, last, ends, after, before)
        )

    return [notice for notice in rows if is_due(notice)]
