"""That the ledger was verified, when, and with which result: kept, so that its age can be seen."""

from django.db import connections

from traceward.kernel.audit.models import Verification
from traceward.kernel.audit.verify import Report


def remember(report: Report, *, using: str = "default") -> Verification:
    """The result is on record; bookkeeping, no command, since it decides nothing."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        now = cursor.fetchone()[0]
    first = str(report.findings[0])[:500] if report.findings else ""
    return Verification.objects.using(using).create(
        at=now,
        seconds=report.seconds,
        seals=report.seals,
        is_fast=report.is_fast,
        findings=len(report.findings),
        first_finding=first,
    )
