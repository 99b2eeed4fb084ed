"""What is expected, what was taken over at the door, and what was refused there."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from traceward.domain.catalog.models import DeviceFacts, Item, PackagingLevel
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Lot, Serial
from traceward.domain.warehousing.rules import RefusalReason
from traceward.kernel.base.models import PersonalNote, Table
from traceward.kernel.documents.models import Document, DocumentLine, Transitions
from traceward.kernel.org.models import Party


class ExpectedDelivery(Table):
    """A document of another area (a supplier's notice, a transfer) announces these goods."""

    document = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="+")
    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: When the goods were bought: the acceptance record asks for it.
    ordered_on = models.DateField(null=True)
    #: Where the goods stand until they come (a shipment's transit place, a customer's department);
    #: null where a supplier brings them.
    stand_at = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True)
    #: What has not come is not received any more.
    is_ended = models.BooleanField(default=False)

    class Meta:
        db_table = "warehousing_expected"
        verbose_name = "expected delivery"


class ExpectedLine(Table):
    """So much of an item, in base units, of this lot or serial where the document named it."""

    refers_together: ClassVar[bool] = True

    line = models.OneToOneField(
        DocumentLine, models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )
    delivery = models.ForeignKey(
        ExpectedDelivery, models.PROTECT, related_name="lines", db_constraint=False
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_constraint=False)
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
    #: All of it stands in bins, decided.
    PUT_AWAY = "put away", "put away"
    #: All of it was decided about; what was not put away was destroyed or went back.
    CLEARED = "cleared", "cleared"


class Receipt(Document):
    """Goods taken over from a supplier, held against what was announced. # INB-02

    The columns are those of GSP art. 60-63: how and in what condition the goods came.
    """

    KIND, PREFIX = "warehousing.receipt", "GR"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (ReceiptState.RECEIVED.value, ReceiptState.PUT_AWAY.value),
            (ReceiptState.RECEIVED.value, ReceiptState.CLEARED.value),
            # What was put away is taken back: it stands where it came in again.
            (ReceiptState.PUT_AWAY.value, ReceiptState.RECEIVED.value),
            (ReceiptState.CLEARED.value, ReceiptState.RECEIVED.value),
        }
    )

    expected = models.ForeignKey(ExpectedDelivery, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: 供货者 as it was called and reached that day (GSP art. 65).
    supplier_name = models.CharField(max_length=200, blank=True)
    supplier_address = models.CharField(max_length=300, blank=True)
    supplier_phone = models.CharField(max_length=40, blank=True)
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


class ReceiptDeliverer(PersonalNote):
    """Who handed the goods over and signed for it beside us (GSP art. 60)."""

    reader: ClassVar[str] = "warehousing.read_deliverer"

    receipt = models.OneToOneField(Receipt, models.PROTECT, related_name="+")

    class Meta:
        db_table = "warehousing_receipt_deliverer"
        verbose_name = "deliverer"


class ReceiptLine(DeviceFacts):
    """One scanned code, or the part of it that belongs to one expected line."""

    refers_together: ClassVar[bool] = True

    line = models.OneToOneField(
        DocumentLine, models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines", db_constraint=False)
    expected_line = models.ForeignKey(
        ExpectedLine, models.PROTECT, related_name="+", db_constraint=False
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_constraint=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True, db_constraint=False)
    serial = models.ForeignKey(
        Serial, models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    #: The pack that was scanned, and base units of it.
    packaging = models.ForeignKey(
        PackagingLevel, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    quantity = models.PositiveBigIntegerField()
    #: The code as the scanner gave it.
    raw = models.TextField()
    expires_on = models.DateField(null=True)
    #: It came damaged: it waits for quality, which decides about it.
    is_damaged = models.BooleanField(default=False)

    class Meta:
        db_table = "warehousing_receipt_line"
        verbose_name = "receipt line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="warehousing_receipt_some"),
        )


class RefusalState(models.TextChoices):
    REFUSED = "refused", "refused"


class RefusedDelivery(Document):
    """拒收: goods that were not taken over at the door, and why. No stock moves. # INB-02

    A delivery, or lines of it, as GSP art. 60-63 has it; the deliverer took them back.
    """

    KIND, PREFIX = "warehousing.refusal", "RJ"
    ONLY_STATE: ClassVar[str] = RefusalState.REFUSED.value

    expected = models.ForeignKey(ExpectedDelivery, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+")
    supplier_name = models.CharField(max_length=200, blank=True)
    #: The door.
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=30, choices=[(r.value, r.value) for r in RefusalReason])
    #: What was seen, in words.
    seen = models.CharField(max_length=300)
    #: Number of the 随货同行单; empty where none came.
    delivery_note = models.CharField(max_length=60, blank=True)
    transport_mode = models.CharField(max_length=60, blank=True)
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField()
    arrival_c = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    transit_c_min = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    transit_c_max = models.DecimalField(max_digits=5, decimal_places=1, null=True)

    class Meta:
        db_table = "warehousing_refusal"
        verbose_name = "refused delivery"


class RefusalDeliverer(PersonalNote):
    """Who brought what was refused, and signed for taking it back (GSP art. 60)."""

    reader: ClassVar[str] = "warehousing.read_refused_deliverer"

    refusal = models.OneToOneField(RefusedDelivery, models.PROTECT, related_name="+")

    class Meta:
        db_table = "warehousing_refusal_deliverer"
        verbose_name = "deliverer of refused goods"


class RefusedLine(Table):
    """So many base units of an announced line, or of goods that nobody announced."""

    refers_together: ClassVar[bool] = True

    line = models.OneToOneField(
        DocumentLine, models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )
    refusal = models.ForeignKey(
        RefusedDelivery, models.PROTECT, related_name="lines", db_constraint=False
    )
    #: Null where the delivery did not announce them; they count against nothing.
    expected_line = models.ForeignKey(
        ExpectedLine, models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", null=True, db_constraint=False)
    quantity = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=30, choices=[(r.value, r.value) for r in RefusalReason])
    #: What was seen on this line, in words, where it says more than the whole.
    seen = models.CharField(max_length=300, blank=True)
    #: What the labels say, as the scanner gave it.
    raw = models.TextField(blank=True)

    class Meta:
        db_table = "warehousing_refusal_line"
        verbose_name = "refused line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="warehousing_refusal_some"),
        )
