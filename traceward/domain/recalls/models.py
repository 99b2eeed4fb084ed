"""Recall cases, their scope, and the notices to consignees."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from traceward.domain.catalog.models import Item
from traceward.domain.stock.models import Lot, Serial, StockBlock
from traceward.kernel.base.models import UidTable
from traceward.kernel.documents.models import Document, Transitions
from traceward.kernel.org.models import Party


class RecallLevel(models.IntegerChoices):
    """一级, 二级, 三级召回: how serious the harm may be (Order 29 of 2017)."""

    ONE = 1, "level 1: serious harm"
    TWO = 2, "level 2: temporary or reversible harm"
    THREE = 3, "level 3: harm unlikely"


class CaseState(models.TextChoices):
    OPEN = "open", "open"
    CLOSED = "closed", "closed"


class RecallCase(Document):
    """A recall: why, how serious, and until when the consignees must know. # TRC-03"""

    KIND, PREFIX = "recalls.case", "RC"
    TRANSITIONS: ClassVar[Transitions] = frozenset({(CaseState.OPEN.value, CaseState.CLOSED.value)})

    level = models.PositiveSmallIntegerField(choices=RecallLevel.choices)
    reason = models.CharField(max_length=300)
    decided_on = models.DateField()
    #: The last day on which sellers and users are told in time.
    notify_until = models.DateField()
    conclusion = models.CharField(max_length=1000, blank=True)

    class Meta:
        db_table = "recalls_case"
        verbose_name = "recall case"


class RecallScope(UidTable):
    """One lot, serial or whole item that the case covers, and the block that holds it."""

    case = models.ForeignKey(RecallCase, models.PROTECT, related_name="scopes")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
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
    """A consignee was told of what it got, and answered with what it found."""

    case = models.ForeignKey(RecallCase, models.PROTECT, related_name="notices")
    consignee = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: Units that stood at the consignee's places, used ones included, when it was told.
    quantity = models.PositiveBigIntegerField()
    notified_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    found = models.PositiveBigIntegerField(null=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "recalls_notice"
        verbose_name = "recall notice"
        constraints = (
            models.UniqueConstraint(fields=["case", "consignee"], name="recalls_notice_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, found__isnull=True)
                | Q(acknowledged_at__isnull=False, found__isnull=False),
                name="recalls_notice_answer",
            ),
        )
