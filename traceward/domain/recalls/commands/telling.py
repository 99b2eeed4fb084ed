"""Consignees are told of a recall and answer, as often as they have something to say. # TRC-03"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from traceward.domain.recalls import events, queries
from traceward.domain.recalls.commands.scoping import open_case
from traceward.domain.recalls.commands.writing import write
from traceward.domain.recalls.models import (
    CaseState,
    MessageKind,
    RecallAnswer,
    RecallCase,
    RecallMessage,
    RecallNotice,
)
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import created, emit, touch
from traceward.kernel.org.models import Party
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_CONTROLLER, QUALITY_HEAD


@dataclass(frozen=True)
class Told:
    """Consignees that are told now, with what they have, used units included."""

    consignee_ids: list[int]
    quantity: int
    #: Those of them that have no e-mail address: they are told in another way.
    no_address_ids: list[int] = field(default_factory=list)


@command(
    "recalls.notify",
    roles=(QUALITY_HEAD, COMPLIANCE),
    scope=whole_group,
    from_states=(CaseState.OPEN,),
)
def notify(case_id: int, *, by: Actor) -> Told:
    """Every consignee that got goods of the case has a notice; who has one is not told again.

    Who has an e-mail address is written to, with a link under which it answers.
    """
    case = open_case(case_id)
    told = set(RecallNotice.objects.filter(case=case).values_list("consignee_id", flat=True))
    known = {c.party_id: c for c in queries.consignees(case_id) if c.party_id is not None}
    new = {
        party: c.standing + c.used + c.on_the_way for party, c in known.items() if party not in told
    }
    notices = RecallNotice.objects.bulk_create(
        RecallNotice(case=case, consignee_id=party, quantity=quantity, notified_at=by.now)
        for party, quantity in new.items()
    )
    for notice in notices:
        created(notice, by=by, consignee=notice.consignee_id, quantity=notice.quantity)
    if new:
        touch(case, by=by)
        event = events.ConsigneesNotified(case.uid, len(new))
        emit(event, subject=case.uid, by=by)
    written = write(case, _with_names(notices), MessageKind.NOTICE, known, by=by)
    return Told(list(new), sum(new.values()), sorted(new.keys() - set(written)))


def _with_names(notices: Sequence[RecallNotice]) -> list[RecallNotice]:
    """The notices just made, each with its consignee at hand."""
    parties = Party.objects.in_bulk([notice.consignee_id for notice in notices])
    for notice in notices:
        notice.consignee = parties[notice.consignee_id]
    return list(notices)


@dataclass(frozen=True)
class Acknowledged:
    """What the ledger says the consignee has or used, and what it says itself."""

    expected: int
    found: int


@command(
    "recalls.acknowledge",
    roles=(QUALITY_HEAD, COMPLIANCE, QUALITY_CONTROLLER),
    scope=whole_group,
    from_states=(CaseState.OPEN,),
)
def acknowledge(
    case_id: int,
    consignee_id: int,
    found: int,
    answer: str = "",
    *,
    quarantined: int | None = None,
    used: int | None = None,
    by: Actor,
) -> Acknowledged:
    """The consignee has answered how many units are there, set aside and used.

    Where `used` is left out, `found` has the used ones in it. Never more than it was sent. The
    newest answer counts; the earlier ones stay on record.
    """
    case = open_case(case_id)
    notice = notice_of(case, consignee_id)
    require_counted(found, quarantined, used)
    total = found + (used or 0)
    expected = answered(notice, Said(total, answer, quarantined, used), by=by)
    return Acknowledged(expected=expected, found=total)


def require_counted(found: int, quarantined: int | None, used: int | None) -> None:
    """No number is below zero, and no more is set aside than is there."""
    for name, value in (("found", found), ("quarantined", quarantined), ("used", used)):
        if value is not None and value < 0:
            raise InvalidInput(sentence("The quantity cannot be below zero."), field=name)
    if quarantined is not None and quarantined > found:
        raise InvalidInput(
            sentence("No more than the {found} that are there can be set aside."),
            field="quarantined",
            found=found,
        )


def notice_of(case: RecallCase, consignee_id: int) -> RecallNotice:
    """The notice of the consignee; refused where it was not told."""
    known = RecallNotice.objects.filter(case=case, consignee=consignee_id)
    notice = known.select_related("consignee").first()
    if notice is None:
        raise NotFound(
            sentence("This consignee was not told of the recall. Send the notice first."),
            field="consignee_id",
        )
    notice.case = case
    return notice


@dataclass(frozen=True)
class Said:
    """What a consignee said: in all, and where it said so by its link, of what and who."""

    found: int
    answer: str = ""
    quarantined: int | None = None
    used: int | None = None
    said_by: str = ""
    message: RecallMessage | None = None


def answered(notice: RecallNotice, said: Said, *, by: Actor) -> int:
    """The answer is on record and counts; gives what the ledger says is there or used."""
    case, found = notice.case, said.found
    there = {c.party_id: c for c in queries.consignees(case.pk)}.get(notice.consignee_id)
    sent = max(notice.quantity, there.delivered + there.on_the_way if there else 0)
    if found > sent:
        raise InvalidInput(
            sentence(
                "{consignee} was sent {sent} of these goods in all, so it cannot have found "
                "{found}. Ask again, or correct the number."
            ),
            field="found",
            consignee=notice.consignee.names,
            sent=sent,
            found=found,
        )
    row = RecallAnswer.objects.create(
        notice=notice,
        answered_at=by.now,
        found=found,
        gone=there.gone if there else 0,
        answer=said.answer.strip(),
        quarantined=said.quarantined,
        used=said.used,
        said_by=said.said_by,
        message=said.message,
        recorded_by_id=by.person_id,
    )
    created(row, by=by, consignee=notice.consignee_id, found=found, answer=row.answer)
    touch(case, by=by)
    event = events.ConsigneeAnswered(case.uid, notice.consignee.uid, found)
    emit(event, subject=case.uid, by=by)
    return there.standing + there.used if there else 0
