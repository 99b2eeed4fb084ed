"""How far a recall is: what is open, which clocks run, what consignees said. # TRC-03"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q

from traceward.domain.recalls import rules
from traceward.domain.recalls.models import (
    CaseState,
    RecallAnswer,
    RecallCase,
    RecallNotice,
    RecallReport,
    RecallScope,
    ReportKind,
)
from traceward.domain.recalls.queries.found import Consignee, Group, consignees, groups, ladder
from traceward.domain.recalls.rules import Clock, Holding, Ladder, OpenPoint
from traceward.kernel.base.refusals import in_both, sentence


@dataclass(frozen=True)
class Answered:
    """A consignee of the case: when it was told, and what it said last."""

    consignee: Consignee
    notified_at: datetime | None
    #: What it had when it was told.
    told: int | None
    answered_at: datetime | None
    found: int | None
    #: What had left it when it answered.
    gone_then: int
    answer: str
    #: Answers that later ones took the place of.
    corrected: int

    @property
    def holding(self) -> Holding:
        return Holding(
            self.consignee.party_id,
            self.consignee.standing,
            self.consignee.used,
            self.answered_at is not None,
            self.found,
            self.consignee.gone - self.gone_then if self.answered_at else 0,
        )


@dataclass(frozen=True)
class Progress:
    """Everything that a recall's page shows at once."""

    ladder: Ladder
    groups: tuple[Group, ...]
    answers: tuple[Answered, ...]
    clocks: tuple[Clock, ...]
    open_points: tuple[OpenPoint, ...]

    @property
    def told(self) -> int:
        return sum(1 for a in self.answers if a.notified_at is not None)

    @property
    def answered(self) -> int:
        return sum(1 for a in self.answers if a.answered_at is not None)


def progress(case_id: int) -> Progress:
    """The whole picture, from one reading of the balances."""
    standing = groups(case_id)
    adds_up = ladder(case_id, standing=standing)
    answers = _answers(case_id, consignees(case_id, standing=standing))
    case = RecallCase.objects.select_related("site").get(pk=case_id)
    is_open = case.state == CaseState.OPEN
    return Progress(
        adds_up,
        tuple(standing),
        tuple(answers),
        tuple(_clocks(case, answers)),
        tuple(_open_points(case_id, standing, adds_up, answers)) if is_open else (),
    )


def what_is_open(case_id: int) -> list[OpenPoint]:
    """What has to be settled before the case can be closed."""
    standing = groups(case_id)
    answers = _answers(case_id, consignees(case_id, standing=standing))
    return _open_points(case_id, standing, ladder(case_id, standing=standing), answers)


def clocks(case_id: int) -> list[Clock]:
    """By when what had to be done, and when it was."""
    case = RecallCase.objects.select_related("site").get(pk=case_id)
    return _clocks(case, _answers(case_id, consignees(case_id)))


def _answers(case_id: int, known: list[Consignee]) -> list[Answered]:
    """Each consignee with its notice and newest answer."""
    notices = {n.consignee_id: n for n in RecallNotice.objects.filter(case=case_id)}
    said: dict[int, list[RecallAnswer]] = {}
    for row in RecallAnswer.objects.filter(notice__case=case_id).order_by("pk"):
        said.setdefault(row.notice_id, []).append(row)
    found = []
    for consignee in known:
        notice = notices.get(consignee.party_id or 0)
        answers = said.get(notice.pk, []) if notice else []
        last = answers[-1] if answers else None
        found.append(
            Answered(
                consignee,
                notice.notified_at if notice else None,
                notice.quantity if notice else None,
                last.answered_at if last else None,
                last.found if last else None,
                last.gone if last else 0,
                last.answer if last else "",
                max(len(answers) - 1, 0),
            )
        )
    return found


def _open_points(
    case_id: int, standing: list[Group], adds_up: Ladder, answers: list[Answered]
) -> list[OpenPoint]:
    undecided = sum(g.quantity for g in standing if g.kind in rules.OWN and not g.is_rejected)
    no_block = Q(block=None) | Q(block__lifted_at__isnull=False)
    uncovered = RecallScope.objects.filter(no_block, case=case_id).count()
    holdings = [
        a.holding for a in answers if a.consignee.standing or a.consignee.used or a.notified_at
    ]
    names = {a.consignee.party_id: a.consignee.names for a in answers if a.consignee.party_id}
    told = set(RecallReport.objects.filter(case=case_id).values_list("kind", flat=True))
    points = rules.open_points(adds_up, undecided, uncovered, holdings, names, told)
    return [replace(point, names=in_both(point.why)) for point in points]


def _clocks(case: RecallCase, answers: list[Answered]) -> list[Clock]:
    told = [a.notified_at for a in answers]
    days = [case.site.day_at(at) for at in told if at is not None]
    all_told = max(days, default=None) if len(days) == len(told) else None
    reports: dict[str, date] = {}
    for report in RecallReport.objects.filter(case=case).order_by("-reported_on"):
        reports[report.kind] = report.reported_on
    known = (
        (DECISION_REPORTED, case.decided_on, reports.get(ReportKind.DECISION)),
        (CONSIGNEES_TOLD, case.notify_until, all_told),
        (PLAN_REPORTED, case.plan_until, reports.get(ReportKind.PLAN)),
        (SUMMARY_REPORTED, case.summary_until, reports.get(ReportKind.SUMMARY)),
    )
    runs = case.state != CaseState.WITHDRAWN
    return [
        Clock(what, until, done, in_both(what))
        for what, until, done in known
        if until and (runs or done)
    ]


DECISION_REPORTED = sentence("decision reported")
CONSIGNEES_TOLD = sentence("consignees told")
PLAN_REPORTED = sentence("plan reported")
SUMMARY_REPORTED = sentence("summary reported")
