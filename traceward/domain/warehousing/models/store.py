"""What leaves for good, and what was counted."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from traceward.domain.catalog.models import DeviceFacts, Item
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Container, Lot, Serial, Status
from traceward.kernel.documents.models import Document, DocumentLine, Transitions
from traceward.kernel.org.models import Party, Person


class DestructionState(models.TextChoices):
    PROPOSED = "proposed", "proposed"
    APPROVED = "approved", "approved"
    DESTROYED = "destroyed", "destroyed"
    CANCELLED = "cancelled", "cancelled"


class Destruction(Document):
    """Goods are destroyed before witnesses 销毁, as quality decided (GSP art. 21). # REV-01"""

    KIND, PREFIX = "warehousing.destruction", "DS"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (DestructionState.PROPOSED.value, DestructionState.APPROVED.value),
            (DestructionState.PROPOSED.value, DestructionState.CANCELLED.value),
            (DestructionState.APPROVED.value, DestructionState.CANCELLED.value),
            (DestructionState.APPROVED.value, DestructionState.DESTROYED.value),
        }
    )

    reason = models.CharField(max_length=300)
    method = models.CharField(max_length=200)
    approved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    destroyed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    destroyed_at = models.DateTimeField(null=True)
    first_witness = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    second_witness = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "warehousing_destruction"
        verbose_name = "destruction"
        constraints = (
            models.CheckConstraint(
                condition=Q(destroyed_at__isnull=True)
                | (
                    Q(first_witness__isnull=False, second_witness__isnull=False)
                    & ~Q(first_witness=F("second_witness"))
                    & ~Q(first_witness=F("destroyed_by"))
                    & ~Q(second_witness=F("destroyed_by"))
                ),
                name="warehousing_destruction_witnessed",
            ),
        )


class TakenLine(DeviceFacts):
    """So much of what stands at a place, in its status, is to leave for good."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    owner = models.ForeignKey(Party, models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    status = models.SmallIntegerField(choices=Status.choices)
    container = models.ForeignKey(Container, models.PROTECT, related_name="+", null=True)
    quantity = models.PositiveBigIntegerField()

    class Meta:
        db_table = "warehousing_taken_line"
        verbose_name = "taken line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="warehousing_taken_some"),
        )


class CountState(models.TextChoices):
    RECORDED = "recorded", "recorded"


class StockCount(Document):
    """盘点 of one place: everything that stands there by the books was counted (GSP art. 77)."""

    KIND, PREFIX = "warehousing.count", "CT"
    ONLY_STATE: ClassVar[str] = CountState.RECORDED.value

    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    counted_at = models.DateTimeField()
    #: What was found out about the differences.
    explanation = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "warehousing_count"
        verbose_name = "stock count"


class StockCountLine(DeviceFacts):
    """So much by the books, so much counted, of one balance of the place."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    count = models.ForeignKey(StockCount, models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    owner = models.ForeignKey(Party, models.PROTECT, related_name="+")
    container = models.ForeignKey(Container, models.PROTECT, related_name="+", null=True)
    status = models.SmallIntegerField(choices=Status.choices)
    booked = models.PositiveBigIntegerField()
    counted = models.PositiveBigIntegerField()

    class Meta:
        db_table = "warehousing_count_line"
        verbose_name = "stock count line"
