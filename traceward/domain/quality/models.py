"""Inspections and their results, and checks of what is in store."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from traceward.domain.catalog.models import DeviceFacts, Item
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Lot, Serial, StockBlock
from traceward.kernel.base.models import UidTable
from traceward.kernel.documents.models import Document, DocumentLine, Transitions
from traceward.kernel.org.models import Party, Person


class InspectionState(models.TextChoices):
    OPEN = "open", "open"
    DECIDED = "decided", "decided"
    #: What was to be inspected was never made: its transformation was cancelled.
    WITHDRAWN = "withdrawn", "withdrawn"


class Inspection(Document, DeviceFacts):
    """What came in of one lot, to be inspected and decided about (GSP art. 64, 65)."""

    KIND, PREFIX = "quality.inspection", "QI"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (InspectionState.OPEN.value, InspectionState.DECIDED.value),
            (InspectionState.OPEN.value, InspectionState.WITHDRAWN.value),
        }
    )

    #: The document that brought the goods in, such as a receipt.
    source = models.ForeignKey(Document, models.PROTECT, related_name="+", db_index=False)
    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: 供货者 as it was called and reached that day (GSP art. 65).
    supplier_name = models.CharField(max_length=200, blank=True)
    supplier_address = models.CharField(max_length=300, blank=True)
    supplier_phone = models.CharField(max_length=40, blank=True)
    owner = models.ForeignKey(Party, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    quantity = models.PositiveBigIntegerField()
    #: The conclusion: base units accepted and rejected; null until it is decided.
    accepted = models.PositiveBigIntegerField(null=True)
    rejected = models.PositiveBigIntegerField(null=True)
    conclusion = models.CharField(max_length=500, blank=True)
    #: What is wrong with what was rejected, and what shall happen to it.
    defects = models.CharField(max_length=500, blank=True)
    disposition = models.CharField(max_length=200, blank=True)
    #: 验收人员 and 验收日期: who recorded the last result before the decision, and when.
    inspected_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    inspected_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "quality_inspection"
        verbose_name = "inspection"
        constraints = (
            models.UniqueConstraint(
                fields=["source", "item", "lot", "owner"],
                nulls_distinct=False,
                name="quality_inspection_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted=None, rejected=None, decided_at=None)
                | Q(quantity=models.F("accepted") + models.F("rejected"), decided_at__isnull=False),
                name="quality_inspection_decides_all",
            ),
        )


class Restriction(UidTable):
    """Nothing of the item that the document brought in may be accepted: its cold chain is broken.

    Said by the command that brings the goods in (GSP art. 67).
    """

    append_only: ClassVar[bool] = True

    source = models.ForeignKey(Document, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=100)

    class Meta:
        db_table = "quality_restriction"
        verbose_name = "restriction"
        constraints = (
            models.UniqueConstraint(fields=["source", "item"], name="quality_restriction_once"),
        )


class Result(UidTable):
    """One check of an inspection as it was found; a later one of the same check counts instead.

    Most are of the checks that the rules ask for; what else was looked at is additional, and never
    stands for one of those. docs/adr/0161
    """

    append_only: ClassVar[bool] = True

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="results")
    #: What was checked, such as "packaging" or "label".
    check_name = models.CharField(max_length=60)
    is_additional = models.BooleanField(default=False)
    is_passed = models.BooleanField()
    sample_quantity = models.PositiveIntegerField()
    defective_quantity = models.PositiveIntegerField()
    note = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "quality_result"
        verbose_name = "inspection result"
        constraints = (
            models.CheckConstraint(
                condition=Q(defective_quantity__lte=models.F("sample_quantity")),
                name="quality_result_sample",
            ),
        )


class StockCheckState(models.TextChoices):
    RECORDED = "recorded", "recorded"


class StockCheck(Document):
    """在库检查 of a place: how it is kept, its climate, and the goods in it (GSP art. 73, 74)."""

    KIND, PREFIX = "quality.stock_check", "SK"
    ONLY_STATE: ClassVar[str] = StockCheckState.RECORDED.value

    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()
    temperature_c = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    humidity_percent = models.PositiveSmallIntegerField(null=True)
    #: 贮存与作业流程, 贮存条件与防护措施, 卫生环境, 温湿度监测与冷库报警.
    is_flow_right = models.BooleanField()
    is_protected = models.BooleanField()
    is_clean = models.BooleanField()
    is_monitoring_right = models.BooleanField()
    #: What was done about what is not as it should be.
    measures = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "quality_stock_check"
        verbose_name = "stock check"
        indexes = (models.Index(fields=["place", "checked_at"], name="quality_stock_check_place"),)


class StockCheckLine(DeviceFacts):
    """What was found of one lot or serial in the place; what is doubtful was blocked."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    check_of = models.ForeignKey(StockCheck, models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    #: Base units that stood there by the books.
    quantity = models.PositiveBigIntegerField()
    is_appearance_good = models.BooleanField()
    is_packaging_good = models.BooleanField()
    is_expiry_good = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)
    block = models.ForeignKey(StockBlock, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "quality_stock_check_line"
        verbose_name = "stock check line"
        constraints = (
            models.CheckConstraint(
                condition=Q(block__isnull=False)
                | Q(is_appearance_good=True, is_packaging_good=True),
                name="quality_stock_check_blocks_doubtful",
            ),
        )
