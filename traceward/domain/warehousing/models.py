"""Expected deliveries, receipts, and their lines."""

from django.db import models
from django.db.models import Q

from traceward.domain.catalog.models import DeviceFacts, Item, PackagingLevel
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Lot, Serial
from traceward.kernel.base.models import Table
from traceward.kernel.documents.models import Document, DocumentLine, Transitions
from traceward.kernel.org.models import Party


class ExpectedDelivery(Table):
    """A document of another area (a supplier's notice, a transfer) announces these goods."""

    document = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="+")
    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: When the goods were bought: the acceptance record asks for it.
    ordered_on = models.DateField(null=True)

    class Meta:
        db_table = "warehousing_expected"
        verbose_name = "expected delivery"


class ExpectedLine(Table):
    """So much of an item, in base units, of this lot or serial where the document named it."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    delivery = models.ForeignKey(ExpectedDelivery, models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    quantity = models.PositiveBigIntegerField()
    lot_number = models.CharField(max_length=40, blank=True)
    serial_number = models.CharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True)

    class Meta:
        db_table = "warehousing_expected_line"
        verbose_name = "expected line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="warehousing_expected_some"),
        )


class ReceiptState(models.TextChoices):
    RECEIVED = "received", "received"
    PUT_AWAY = "put away", "put away"


class Receipt(Document):
    """Goods taken over from a supplier, held against what was announced. # INB-02

    The columns are those of GSP art. 60-63: how and in what condition the goods came.
    """

    KIND, PREFIX = "warehousing.receipt", "GR"
    TRANSITIONS: Transitions = frozenset(
        {(ReceiptState.RECEIVED.value, ReceiptState.PUT_AWAY.value)}
    )

    expected = models.ForeignKey(ExpectedDelivery, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    #: Number of the 随货同行单 that came with the goods.
    delivery_note = models.CharField(max_length=60)
    transport_mode = models.CharField(max_length=60, blank=True)
    #: Cold chain: when it left and came, what the loggers said, in degrees Celsius.
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField()
    arrival_c = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    transit_c_min = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    transit_c_max = models.DecimalField(max_digits=5, decimal_places=1, null=True)

    class Meta:
        db_table = "warehousing_receipt"
        verbose_name = "receipt"


class ReceiptLine(DeviceFacts):
    """One scanned code, or the part of it that belongs to one expected line."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines")
    expected_line = models.ForeignKey(ExpectedLine, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    #: The pack that was scanned, and base units of it.
    packaging = models.ForeignKey(PackagingLevel, models.PROTECT, related_name="+")
    quantity = models.PositiveBigIntegerField()
    #: The code as the scanner gave it.
    raw = models.TextField()
    expires_on = models.DateField(null=True)

    class Meta:
        db_table = "warehousing_receipt_line"
        verbose_name = "receipt line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="warehousing_receipt_some"),
        )
