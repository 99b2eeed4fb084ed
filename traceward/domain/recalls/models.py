"""Recall cases, their scope, notices to consignees with their answers, reports to the regulator."""

from typing import ClassVar

from django.db import models

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Lot, Serial, StockBlock
from traceward.kernel.base.models import UidTable
from traceward.kernel.documents.models import Document, Transitions
from traceward.kernel.org.models import Party, Person


class RecallLevel(models.IntegerChoices):
    """一级, 二级, 三级召回: how serious the harm may be (Order 29 of 2017)."""

    ONE = 1, "level 1: serious harm"
    TWO = 2, "level 2: temporary or reversible harm"
    THREE = 3, "level 3: harm unlikely"


class CaseState(models.TextChoices):
    OPEN = "open", "open"
    CLOSED = "closed", "closed"
    #: Opened by mistake, or once too often.
    WITHDRAWN = "withdrawn", "recall withdrawn"


class RecallCase(Document):
    """A recall: why, how serious, and until when the consignees must know. # TRC-03"""

    KIND, PREFIX = "recalls.case", "RC"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (CaseState.OPEN.value, CaseState.CLOSED.value),
            (CaseState.OPEN.value, CaseState.WITHDRAWN.value),
        }
    )

    level = models.PositiveSmallIntegerField(choices=RecallLevel.choices)
    reason = models.CharField(max_length=300)
    decided_on = models.DateField()
    #: The last day on which sellers and users are told in time.
    notify_until = models.DateField()
    #: The last day for the report of investigation and plan, as the rule said at the opening.
    plan_until = models.DateField(null=True)
    #: How it ended, or why it was withdrawn.
    conclusion = models.CharField(max_length=1000, blank=True)
    #: When it was closed or withdrawn.
    closed_at = models.DateTimeField(null=True)
    #: The case that goes on for one that was withdrawn.
    continued_in = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    #: The last day for the summary report, as the rule said at the end.
    summary_until = models.DateField(null=True)

    class Meta:
        db_table = "recalls_case"
        verbose_name = "recall case"


class RecallTarget(UidTable):
    """What was asked to be recalled, as it was asked; `RecallScope` has the goods.

    The fields that are filled narrow each other: an item and a place, a supplier's lot and its
    supplier.
    """

    append_only: ClassVar[bool] = True

    case = models.ForeignKey(RecallCase, models.PROTECT, related_name="targets")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", null=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    #: First and last of a range of serial numbers of the item.
    serial_from = models.CharField(max_length=40, blank=True)
    serial_to = models.CharField(max_length=40, blank=True)
    supplier_lot = models.CharField(max_length=40, blank=True)
    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+", null=True)
    #: What came out of this production, or what moved under this document.
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", null=True)
    #: Everything that stood in this place between the two moments.
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True)
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        db_table = "recalls_target"
        verbose_name = "recall target"


class RecallScope(UidTable):
    """One lot, serial or whole item that the case covers, and the block that holds it."""

    case = models.ForeignKey(RecallCase, models.PROTECT, related_name="scopes")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    #: The first target that named it; null where it was made of something in the scope.
    target = models.ForeignKey(RecallTarget, models.PROTECT, related_name="+", null=True)
    #: True where it was made of something in the scope.
    is_downstream = models.BooleanField(default=False)
    block = models.OneToOneField(StockBlock, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "recalls_scope"
        verbose_name = "recall scope"
        constraints = (
            models.UniqueConstraint(
                fields=["case", "item", "lot", "serial"],
                nulls_distinct=False,
                name="recalls_scope_once",
            ),
        )


class RecallNotice(UidTable):
    """A consignee was told of what it got."""

    append_only: ClassVar[bool] = True

    case = models.ForeignKey(RecallCase, models.PROTECT, related_name="notices")
    consignee = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: Units that stood at the consignee's places, used ones included, when it was told.
    quantity = models.PositiveBigIntegerField()
    notified_at = models.DateTimeField()

    class Meta:
        db_table = "recalls_notice"
        verbose_name = "recall notice"
        constraints = (
            models.UniqueConstraint(fields=["case", "consignee"], name="recalls_notice_once"),
        )


class RecallAnswer(UidTable):
    """What a consignee said it found; the newest counts, the ones before it stay on record."""

    append_only: ClassVar[bool] = True

    notice = models.ForeignKey(RecallNotice, models.PROTECT, related_name="answers")
    answered_at = models.DateTimeField()
    #: Units still there or used up.
    found = models.PositiveBigIntegerField()
    #: Units that had left the consignee by then: sent back, destroyed, passed on.
    gone = models.PositiveBigIntegerField()
    answer = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "recalls_answer"
        verbose_name = "recall answer"


class ReportKind(models.TextChoices):
    """Reports to the regulator (Order 29 of 2017)."""

    DECISION = "decision", "recall decision"
    PLAN = "plan", "investigation and recall plan"
    PROGRESS = "progress", "progress of the plan"
    SUMMARY = "summary", "summary"


class RecallReport(UidTable):
    """The regulator was told."""

    append_only: ClassVar[bool] = True

    case = models.ForeignKey(RecallCase, models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    reported_on = models.DateField()
    #: The regulator's or our own number of the report.
    reference = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        db_table = "recalls_report"
        verbose_name = "recall report"
