"""How far a recall is: what is open, which clocks run, what consignees said. # TRC-03"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import Q

from traceward.domain.recalls import rules
from traceward.domain.recalls.models import (
    CaseState,
    CheckResult,
    RecallAnswer,
    RecallCase,
    RecallNotice,
    RecallReport,
    RecallScope,
    ReportKind,
)
from traceward.domain.recalls.queries.found import Consignee, Group, consignees, groups, ladder
from traceward.domain.recalls.queries.reached import Reached, reached
from traceward.domain.recalls.rules import Clock, Holding, Ladder, OpenPoint, Shares
from traceward.kernel.base.refusals import in_both, sentence
from traceward.kernel.rules.queries import declare, reader

CHECKS = declare(
    "recalls.check_percent",
    rules.CHECK_PERCENT,
    doc="Of the consignees that were told, so many in a hundred are checked for effectiveness "
    "before the recall ends, by level.",
)


@dataclass(frozen=True)
class Answered:
    """A consignee of the case: when it was told, and what it said last."""

    consignee: Consignee
    #: When its notice was made out.
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
    #: Who answered by a link, as they call themselves, and what it set aside; none by another way.
    said_by: str = ""
    quarantined: int | None = None
    reached: Reached = field(default_factory=Reached)
    #: What it had used, as it said.
    used: int | None = None
    #: When it answered for the first time.
    first_at: datetime | None = None

    @property
    def told_at(self) -> datetime | None:
        """When it was really told; whoever answers knows of it."""
        known = [at for at in (self.reached.told_at, self.first_at) if at is not None]
        return min(known, default=None)

    @property
    def shares(self) -> Shares:
        """Of what stands there by the ledger: used, as it said; set aside; and open."""
        c, h = self.consignee, self.holding
        if self.answered_at is None:
            return Shares(0, 0, c.standing)
        agrees = self.found == c.standing + c.used + h.gone_since
        return rules.shares(c.standing, c.used, agrees, self.quarantined, self.used)

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
    #: Effectiveness checks: at so many consignees by rule, at so many so far.
    checks_wanted: int = 0
    checked: int = 0

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
    reports, wanted = _reported(case), _wanted(case, answers, None)
    return Progress(
        adds_up,
        tuple(standing),
        tuple(answers),
        tuple(_clocks(case, answers, reports)),
        tuple(_open_points(case, standing, adds_up, answers, reports, wanted)) if is_open else (),
        wanted,
        sum(1 for a in answers if a.reached.is_checked),
    )


def what_is_open(case_id: int, percent: Mapping[str, int] | None = None) -> list[OpenPoint]:
    """What has to be settled before the case can be closed.

    `percent` are the shares of consignees to be checked, as whoever decides has read the rule.
    """
    standing = groups(case_id)
    answers = _answers(case_id, consignees(case_id, standing=standing))
    case = RecallCase.objects.get(pk=case_id)
    adds_up, wanted = ladder(case_id, standing=standing), _wanted(case, answers, percent)
    return _open_points(case, standing, adds_up, answers, _reported(case), wanted)


def clocks(case_id: int) -> list[Clock]:
    """By when what had to be done, and when it was."""
    case = RecallCase.objects.select_related("site").get(pk=case_id)
    return _clocks(case, _answers(case_id, consignees(case_id)), _reported(case))


def _answers(case_id: int, known: list[Consignee]) -> list[Answered]:
    """Each consignee with its notice and newest answer."""
    notices = {n.consignee_id: n for n in RecallNotice.objects.filter(case=case_id)}
    said: dict[int, list[RecallAnswer]] = {}
    for row in RecallAnswer.objects.filter(notice__case=case_id).order_by("pk"):
        said.setdefault(row.notice_id, []).append(row)
    found = []
    ways = reached(case_id, [c.party_id for c in known if c.party_id is not None])
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
                last.said_by if last else "",
                last.quarantined if last else None,
                ways.get(consignee.party_id or 0, Reached()),
                last.used if last else None,
                answers[0].answered_at if answers else None,
            )
        )
    return found


def _wanted(case: RecallCase, answers: list[Answered], percent: Mapping[str, int] | None) -> int:
    """At so many consignees the recall's effectiveness is checked, by the rule of its level."""
    shares = percent or reader(CHECKS).value_for({}).value
    told = sum(1 for a in answers if a.notified_at is not None)
    return rules.checks_wanted(shares[str(case.level)], told)


def _open_points(
    case: RecallCase,
    standing: list[Group],
    adds_up: Ladder,
    answers: list[Answered],
    reports: Mapping[str, date],
    wanted: int,
) -> list[OpenPoint]:
    undecided = sum(g.quantity for g in standing if g.kind in rules.OWN and not g.is_rejected)
    no_block = Q(block=None) | Q(block__lifted_at__isnull=False)
    uncovered = RecallScope.objects.filter(no_block, case=case).count()
    holdings = [
        a.holding for a in answers if a.consignee.standing or a.consignee.used or a.notified_at
    ]
    names = {a.consignee.party_id: a.consignee.names for a in answers if a.consignee.party_id}
    checked = sum(1 for a in answers if a.reached.is_checked)
    failed = {
        a.consignee.party_id or 0
        for a in answers
        if a.reached.is_checked and a.reached.check_result != CheckResult.ACTED
    }
    missing = max(0, wanted - checked)
    points = rules.open_points(
        adds_up, undecided, uncovered, holdings, names, set(reports), missing, failed
    )
    return [replace(point, names=in_both(point.why)) for point in points]


def _reported(case: RecallCase) -> dict[str, date]:
    """By kind of report, when the regulator was first told."""
    rows = RecallReport.objects.filter(case=case).order_by("-reported_on")
    return dict(rows.values_list("kind", "reported_on"))


def _clocks(case: RecallCase, answers: list[Answered], reports: Mapping[str, date]) -> list[Clock]:
    told = [a.told_at for a in answers]
    days = [case.site.day_at(at) for at in told if at is not None]
    all_told = max(days, default=None) if len(days) == len(told) else None
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
