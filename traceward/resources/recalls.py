"""Recalls: cases with their targets, scope, notices, answers and reports; where every unit is."""

from django.db.models import OuterRef, Subquery

from traceward.domain.recalls import queries
from traceward.domain.recalls.models import (
    RecallAnswer,
    RecallCase,
    RecallCheck,
    RecallMessage,
    RecallNotice,
    RecallReport,
    RecallScope,
    RecallTarget,
)
from traceward.domain.recalls.queries import Group, Progress, Unit
from traceward.kernel.base.refusals import NotFound, sentence
from traceward.resources.kit import Id, Reader, by_site, document, everywhere, question, resource


def _newest(field: str) -> Subquery:
    """What the newest answer to a notice says."""
    rows = RecallAnswer.objects.filter(notice=OuterRef("pk")).order_by("-pk")
    return Subquery(rows.values(field)[:1])


document(
    "recalls.cases",
    RecallCase,
    columns=(
        "level",
        "reason",
        "decided_on",
        "notify_until",
        "plan_until",
        *("origin", "origin_party.*", "origin_informant", "origin_received_on"),
        *("origin_reference", "origin_text"),
        "conclusion",
        "closed_at",
        "summary_until",
        "continued_in",
    ),
    search=("number", "reason"),
    parts={
        "targets": ("recalls.targets", "case_id"),
        "scopes": ("recalls.scopes", "case_id"),
        "notices": ("recalls.notices", "case_id"),
        "reports": ("recalls.reports", "case_id"),
    },
)
resource(
    "recalls.targets",
    RecallTarget,
    scope=by_site("case__"),
    columns=(
        "id",
        "uid",
        "case.*",
        "item.*",
        "lot.*",
        "serial.*",
        "serial_from",
        "serial_to",
        "supplier_lot",
        "supplier.*",
        "document.*",
        "place.*",
        "from_at",
        "until_at",
        "added_at",
        "added_by.*",
    ),
)
resource(
    "recalls.scopes",
    RecallScope,
    scope=by_site("case__"),
    columns=(
        "id",
        "uid",
        "case.*",
        "target",
        "item.*",
        "lot.*",
        "serial.*",
        "is_downstream",
        "block",
    ),
)
resource(
    "recalls.notices",
    RecallNotice,
    scope=by_site("case__"),
    columns=(
        *("id", "uid", "case.*", "case_state=case.state", "consignee.*", "quantity"),
        *("notified_at", "answered_at", "found"),
    ),
    made={name: _newest(name) for name in ("answered_at", "found")},
    asked=("answered_at",),
    parts={
        "answers": ("recalls.answers", "notice_id"),
        "messages": ("recalls.messages", "notice_id"),
        "checks": ("recalls.checks", "notice_id"),
    },
)
resource(
    "recalls.answers",
    RecallAnswer,
    scope=by_site("notice__case__"),
    columns=(
        "id",
        "uid",
        "notice",
        "case=notice.case",
        "consignee=notice.consignee",
        "answered_at",
        "found",
        "gone",
        "answer",
        "quarantined",
        "used",
        "said_by",
        "message",
        "recorded_by.*",
    ),
)
resource(
    "recalls.messages",
    RecallMessage,
    scope=by_site("notice__case__"),
    columns=(
        *("id", "uid", "notice", "case=notice.case", "consignee=notice.consignee", "kind"),
        *("number", "contact_name=contact.name", "address=mail.address", "mail_state=mail.state"),
        *("settled_at=mail.settled_at", "why=mail.why", "note", "language", "expires_at"),
        *("opened_at", "made_at", "made_by.*"),
    ),
)
resource(
    "recalls.checks",
    RecallCheck,
    scope=by_site("notice__case__"),
    columns=(
        *("id", "uid", "notice", "case=notice.case", "consignee=notice.consignee", "how"),
        *("result", "checked_on", "note", "recorded_at", "recorded_by.*"),
    ),
)
resource(
    "recalls.reports",
    RecallReport,
    scope=by_site("case__"),
    columns=(
        "id",
        "uid",
        "case.*",
        "kind",
        "reported_on",
        "reference",
        "note",
        "recorded_at",
        "recorded_by.*",
    ),
)


def _known(case_id: int) -> int:
    """The case's id; not found where there is no such case."""
    if not RecallCase.objects.filter(pk=case_id).exists():
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="case_id",
            what=str(RecallCase._meta.verbose_name),
            id=case_id,
        )
    return case_id


@question("recalls.units", scope=everywhere)
def units(case_id: Id, kind: str | None = None, *, to: Reader) -> list[Unit]:
    """Every unit of the recall, wherever it stands; of one kind of place where that is given."""
    return queries.list_units(_known(case_id), kind=kind)


@question("recalls.groups", scope=everywhere)
def groups(case_id: Id, *, to: Reader) -> list[Group]:
    """The units of the recall, summed by kind of place, site and consignee."""
    return queries.groups(_known(case_id))


@question("recalls.progress", scope=everywhere)
def progress(case_id: Id, *, to: Reader) -> Progress:
    """The quantity ladder, what each consignee has and said, the clocks, and what is open."""
    return queries.progress(_known(case_id))
