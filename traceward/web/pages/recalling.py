"""What is due of a recall: the one verb that its row on a first page offers. # TRC-03"""

from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef, Q

from traceward.domain.recalls.models import (
    RecallAnswer,
    RecallCase,
    RecallNotice,
    RecallReport,
    RecallScope,
    ReportKind,
)

#: The verbs of a recall in the order in which they are due.
STEPS = (
    *("recalls.block_scope", "recalls.notify", "recalls.acknowledge"),
    *("recalls.report", "recalls.report", "recalls.close"),
)


def recall_next(cases: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    """Hold what is not held, tell who got it, record their answers, report, close; one query.

    Who may not do the one is not offered the next, but the case.
    """
    notices = RecallNotice.objects.filter(case=OuterRef("pk"))
    answers = RecallAnswer.objects.filter(notice=OuterRef("pk"))
    free = Q(block=None) | Q(block__lifted_at__isnull=False)
    reports = RecallReport.objects.filter(case=OuterRef("pk"))
    rows = RecallCase.objects.filter(pk__in=cases).values_list(
        "pk",
        Exists(RecallScope.objects.filter(free, case=OuterRef("pk"))),
        ~Exists(notices),
        Exists(notices.filter(~Exists(answers))),
        ~Exists(reports.filter(kind=ReportKind.DECISION)),
        ~Exists(reports.filter(kind=ReportKind.PLAN)),
    )
    found = {}
    for pk, *due in rows:
        steps = zip(STEPS, (*due, True), strict=True)
        found[pk] = (next(verb for verb, is_due in steps if is_due),)
    return found
