"""有效性检查: whether the recall reached its end at a consignee. # TRC-03"""

from dataclasses import dataclass
from datetime import date

from traceward.domain.recalls import events
from traceward.domain.recalls.commands.scoping import open_case
from traceward.domain.recalls.commands.telling import notice_of
from traceward.domain.recalls.models import CaseState, CheckHow, CheckResult, RecallCheck
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import created, emit, touch
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_CONTROLLER, QUALITY_HEAD


@dataclass(frozen=True)
class EffectivenessNoted:
    check_id: int


@command(
    "recalls.check_effectiveness",
    roles=(QUALITY_HEAD, COMPLIANCE, QUALITY_CONTROLLER),
    scope=whole_group,
    from_states=(CaseState.OPEN,),
)
def check_effectiveness(
    case_id: int,
    consignee_id: int,
    how: CheckHow,
    result: CheckResult,
    *,
    checked_on: date | None = None,
    note: str = "",
    by: Actor,
) -> EffectivenessNoted:
    """It is on record what somebody found who looked whether the consignee knew and acted.

    The newest check of a consignee counts. How many consignees are to be checked before the end,
    the rule `recalls.check_percent` says.
    """
    case = open_case(case_id)
    notice = notice_of(case, consignee_id)
    today = case.site.day_at(by.now)
    day = checked_on or today
    if not case.site.day_at(notice.notified_at) <= day <= today:
        raise InvalidInput(
            sentence("{checked_on} is not a day between the notice and today."),
            field="checked_on",
            checked_on=str(day),
        )
    if result is not CheckResult.ACTED and not note.strip():
        raise InvalidInput(sentence("Say what was found, and what is done about it."), field="note")
    row = RecallCheck.objects.create(
        notice=notice,
        how=how.value,
        result=result.value,
        checked_on=day,
        note=note.strip(),
        recorded_at=by.now,
        recorded_by_id=by.person_id,
    )
    created(row, by=by, consignee=consignee_id, how=row.how, result=row.result, note=row.note)
    touch(case, by=by)
    event = events.EffectivenessChecked(case.uid, notice.consignee.uid, row.result)
    emit(event, subject=case.uid, by=by)
    return EffectivenessNoted(row.pk)
