"""A recall ends when every unit is accounted for; the regulator is told of it. # TRC-03"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from traceward.domain.recalls import events, queries, rules
from traceward.domain.recalls.commands.scoping import open_case
from traceward.domain.recalls.commands.withdrawing import require_another
from traceward.domain.recalls.models import CaseState, RecallCase, RecallReport, ReportKind
from traceward.domain.recalls.queries.progress import CHECKS
from traceward.domain.recalls.refusals import NotReconciled
from traceward.kernel.base.refusals import InvalidInput, Phrase, phrase, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    amend,
    apply_rules,
    created,
    emit,
    enter,
    sign,
    touch,
)
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_HEAD
from traceward.kernel.rules.queries import declare, reader

CLOSING = "recall closed"
SUMMARY = declare(
    "recalls.summary_within_working_days",
    rules.SUMMARY_WITHIN_WORKING_DAYS,
    doc="Working days after the end of a recall within which the summary is reported "
    "(Order 29 of 2017; from memory, not checked).",
)


@dataclass(frozen=True)
class Reported:
    report_id: int


@command("recalls.report", roles=(QUALITY_HEAD, COMPLIANCE), scope=whole_group)
def report(
    case_id: int,
    kind: ReportKind,
    *,
    reported_on: date | None = None,
    reference: str = "",
    note: str = "",
    by: Actor,
) -> Reported:
    """It is on record that the regulator was told, and when; also after the recall has ended."""
    case: RecallCase = RecallCase.objects.lock(case_id)
    today = case.site.day_at(by.now)
    day = reported_on or today
    if not case.decided_on <= day <= today:
        raise InvalidInput(
            sentence("{reported_on} is not a day between the decision and today."),
            field="reported_on",
            reported_on=str(day),
        )
    if kind == ReportKind.SUMMARY:
        case.require(CaseState.CLOSED)
    row = RecallReport.objects.create(
        case=case,
        kind=kind.value,
        reported_on=day,
        reference=reference.strip(),
        note=note.strip(),
        recorded_at=by.now,
        recorded_by_id=by.person_id,
    )
    created(row, by=by, kind=row.kind, reported_on=day, reference=row.reference)
    touch(case, by=by)
    emit(events.RecallReported(case.uid, row.kind), subject=case.uid, by=by)
    return Reported(row.pk)


@dataclass(frozen=True)
class RecallEnded:
    """So many base units were found and accounted for."""

    units: int


@command(
    "recalls.close",
    roles=(QUALITY_HEAD,),
    scope=whole_group,
    signed=CLOSING,
    from_states=(CaseState.OPEN,),
)
def close(case_id: int, conclusion: str, *, by: Actor) -> RecallEnded:
    """The recall is over: every unit is accounted for, and somebody else than its opener signed.

    Refused until the regulator was told of the decision and the plan (`recalls.report`); the
    summary follows the end. The blocks stay until quality lifts them.
    """
    case = open_case(case_id)
    require_another(case, by=by)
    if not conclusion.strip():
        raise InvalidInput(sentence("Say how the recall ended."), field="conclusion")
    shares = apply_rules(reader(CHECKS), {}, by=by).value
    points = queries.what_is_open(case_id, shares)
    if points:
        raise NotReconciled(
            sentence(
                "{number} is not accounted for, {count} points are open: {points}. "
                "Settle them, then close the recall."
            ),
            details=[{"why": p.why, "who": p.who, "quantity": p.quantity} for p in points[:50]],
            number=str(case),
            count=len(points),
            points=_listed(points[:NAMED]),
        )
    found = sum(rung.quantity for rung in queries.ladder(case_id).stands)
    content = {"case": str(case.uid), "conclusion": conclusion.strip(), "units": found}
    sign(CLOSING, kind=case.KIND, uid=case.uid, content=content, by=by)
    days = apply_rules(reader(SUMMARY), {}, by=by).value
    until = rules.working_days_after(case.site.day_at(by.now), days)
    amend(case, by=by, conclusion=conclusion.strip(), closed_at=by.now, summary_until=until)
    enter(case, CaseState.CLOSED, by=by)
    emit(events.RecallClosed(case.uid), subject=case.uid, by=by)
    return RecallEnded(found)


#: Open points that a refusal names.
NAMED = 50


def _listed(points: Sequence[rules.OpenPoint]) -> Phrase:
    """One after the other."""
    told = told_of(points[-1])
    for point in reversed(points[:-1]):
        told = phrase(sentence("{first}; {rest}"), first=told_of(point), rest=told)
    return told


def told_of(point: rules.OpenPoint) -> Phrase:
    """The point in words: why, how much, at whom."""
    if not point.quantity:
        return phrase(point.why)
    if point.who is None:
        return phrase(sentence("{why}: {quantity}"), why=point.why, quantity=point.quantity)
    return phrase(
        sentence("{why}: {quantity} ({who})"),
        why=point.why,
        quantity=point.quantity,
        who=point.who,
    )
