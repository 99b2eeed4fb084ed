"""A recall that was opened by mistake, or twice, is withdrawn: 撤销召回. # TRC-03"""

from collections.abc import Sequence
from dataclasses import dataclass

from traceward.domain.recalls import events
from traceward.domain.recalls.commands.scoping import open_case
from traceward.domain.recalls.models import (
    CaseState,
    RecallCase,
    RecallNotice,
    RecallReport,
    RecallScope,
)
from traceward.domain.recalls.queries.overlaps import (
    covered_elsewhere,
    left_behind,
    not_covered_by,
)
from traceward.domain.recalls.refusals import NotCovered, ToldOutside
from traceward.domain.stock.commands.blocks import lift_all, shut_out_posts
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, emit, enter, link, require_other_person, sign
from traceward.kernel.org.roles import QUALITY_HEAD

WITHDRAWING = "recall withdrawn"
OPENED_IT = sentence(
    "You opened {number} yourself, so another person ends it: somebody else with the role “{role}”."
)


@dataclass(frozen=True)
class RecallTakenBack:
    """So many blocks were lifted, with those that withdrawn cases had left with this one.

    So many of its own stay, since another running recall covers the goods.
    """

    lifted: int
    kept: int


def require_another(case: RecallCase, *, by: Actor) -> None:
    """Refused to who opened the case. # ORG-03"""
    require_other_person(
        case.created_by_id, by=by, said=OPENED_IT, number=str(case), role=QUALITY_HEAD.names
    )


@command(
    "recalls.withdraw",
    roles=(QUALITY_HEAD,),
    scope=whole_group,
    signed=WITHDRAWING,
    from_states=(CaseState.OPEN,),
)
def withdraw(
    case_id: int, reason: str, *, continued_in_id: int | None = None, by: Actor
) -> RecallTakenBack:
    """The recall counts as opened by mistake; somebody else than its opener signed.

    Only while nobody outside was told of it, or where another running case covers everything that
    it covers (`continued_in_id`). Its records stay. Goods that no other running recall covers are
    free of its blocks, and of those that cases withdrawn before had left with it; the blocks of
    the others stay with them.
    """
    case, other = _cases(case_id, continued_in_id)
    shut_out_posts()
    require_another(case, by=by)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the recall is withdrawn."), field="reason")
    if other is not None:
        _require_all_covered(case, other)
    else:
        _require_nobody_told(case)
    content = {"case": str(case.uid), "reason": reason.strip()}
    content |= {"continued_in": str(other.uid)} if other else {}
    sign(WITHDRAWING, kind=case.KIND, uid=case.uid, content=content, by=by)
    free, kept = _blocks(case)
    amend(
        case, by=by, conclusion=reason.strip(), closed_at=by.now, continued_in=other
    )  # before its blocks: they stay while the case runs
    enter(case, CaseState.WITHDRAWN, by=by)
    if other is not None:
        link(case, other, "continuation")
    lifted = lift_all([*free, *left_behind(case.pk)], reason.strip(), by=by)
    by.work.facts |= {"lifted": lifted, "kept": kept}
    emit(
        events.RecallWithdrawn(case.uid, other.uid if other else None, lifted),
        subject=case.uid,
        by=by,
    )
    return RecallTakenBack(lifted, kept)


def _cases(case_id: int, continued_in_id: int | None) -> tuple[RecallCase, RecallCase | None]:
    """Both cases, locked in the order of their keys; both run."""
    if continued_in_id is None:
        return open_case(case_id), None
    if continued_in_id == case_id:
        raise InvalidInput(
            sentence("A recall is continued in another case, not in itself."),
            field="continued_in_id",
        )
    if RecallCase.objects.find(continued_in_id) is None:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="continued_in_id",
            what=str(RecallCase._meta.verbose_name),
            id=continued_in_id,
        )
    locked = {pk: open_case(pk) for pk in sorted((case_id, continued_in_id))}
    return locked[case_id], locked[continued_in_id]


def _require_nobody_told(case: RecallCase) -> None:
    notices = RecallNotice.objects.filter(case=case).count()
    reports = RecallReport.objects.filter(case=case).count()
    if notices or reports:
        raise ToldOutside(
            sentence(
                "{number} was told outside already: {notices} notices to consignees, {reports} "
                "reports to the regulator. Name the running recall that covers all of its goods, "
                "or close it."
            ),
            field="continued_in_id",
            number=str(case),
            notices=notices,
            reports=reports,
        )


def _require_all_covered(case: RecallCase, other: RecallCase) -> None:
    missing = not_covered_by(case.pk, other.pk)
    if missing:
        raise NotCovered(
            sentence(
                "{other} leaves out {count} of what {number} covers or names. "
                "Add it there first (recalls.add_scope)."
            ),
            field="continued_in_id",
            number=str(case),
            other=str(other),
            count=missing,
        )


def _blocks(case: RecallCase) -> tuple[Sequence[int], int]:
    """The blocks of goods that no other running recall covers, and how many others there are."""
    rows = RecallScope.objects.filter(case=case, block__lifted_at__isnull=True)
    elsewhere = covered_elsewhere(case.pk)
    blocks = dict(rows.values_list("pk", "block"))
    free = [block for pk, block in blocks.items() if block and pk not in elsewhere]
    return free, len(blocks) - len(free)
