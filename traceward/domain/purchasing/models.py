"""Purchase orders, shipping notices, and their lines."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from traceward.domain.catalog.models import DeviceFacts, Item
from traceward.domain.warehousing.models import Receipt
from traceward.kernel.base.models import Table
from traceward.kernel.documents.models import Document, DocumentLine, Transitions
from traceward.kernel.org.models import Party, Person


class OrderState(models.TextChoices):
    SUBMITTED = "submitted", "submitted"
    APPROVED = "approved", "approved"
    #: All of it has come.
    RECEIVED = "received", "received"
    #: What has not come is not waited for.
    CLOSED = "closed", "closed"


class PurchaseOrder(Document):
    """What we want to buy from a supplier. # INB-01 (GSP art. 55-58)"""

    KIND, PREFIX = "purchasing.order", "PO"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (OrderState.SUBMITTED.value, OrderState.APPROVED.value),
            (OrderState.APPROVED.value, OrderState.RECEIVED.value),
            (OrderState.SUBMITTED.value, OrderState.CLOSED.value),
            (OrderState.APPROVED.value, OrderState.CLOSED.value),
        }
    )

    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+")
    supplier_name = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3)
    ordered_on = models.DateField()
    wanted_on = models.DateField(null=True)
    #: Quality liability and after-sales terms agreed on (GSP art. 55, 56): here, or in the
    #: supplier's quality agreement of this number.
    quality_terms = models.TextField(blank=True)
    after_sales_terms = models.TextField(blank=True)
    agreement_number = models.CharField(max_length=60, blank=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "purchasing_order"
        verbose_name = "purchase order"


class PurchaseOrderLine(DeviceFacts):
    """So many base units of an item at a price."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    quantity = models.PositiveBigIntegerField()
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    #: Rounded half up at the line to the currency's minor unit.
    amount = models.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        db_table = "purchasing_order_line"
        verbose_name = "purchase order line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="purchasing_order_some"),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, amount__gte=0), name="purchasing_order_price"
            ),
        )


class ReturnState(models.TextChoices):
    PROPOSED = "proposed", "proposed"
    APPROVED = "approved", "approved"
    SENT = "sent", "sent"
    CANCELLED = "cancelled", "cancelled"


class SupplierReturn(Document):
    """Goods of a receipt go back to who supplied them, in whatever status. # REV-01"""

    KIND, PREFIX = "purchasing.return", "PR"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (ReturnState.PROPOSED.value, ReturnState.APPROVED.value),
            (ReturnState.PROPOSED.value, ReturnState.CANCELLED.value),
            (ReturnState.APPROVED.value, ReturnState.CANCELLED.value),
            (ReturnState.APPROVED.value, ReturnState.SENT.value),
        }
    )

    of_receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    approved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    transport_mode = models.CharField(max_length=60, blank=True)
    carrier_name = models.CharField(max_length=200, blank=True)
    waybill = models.CharField(max_length=60, blank=True)
    vehicle_plate = models.CharField(max_length=20, blank=True)
    #: Who drives our own vehicle.
    driver = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    transport_conditions = models.CharField(max_length=200, blank=True)
    #: What the logger said when the goods left.
    departure_c = models.DecimalField(max_digits=5, decimal_places=1, null=True)

    class Meta:
        db_table = "purchasing_return"
        verbose_name = "return to supplier"


class NoticeState(models.TextChoices):
    ANNOUNCED = "announced", "announced"
    #: All of it has come.
    RECEIVED = "received", "received"
    #: The supplier delivered less; the rest is not waited for.
    CLOSED = "closed", "closed"


class ShippingNotice(Document):
    """What a supplier says is on its way, against one order. # INB-01"""

    KIND, PREFIX = "purchasing.notice", "SN"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (NoticeState.ANNOUNCED.value, NoticeState.RECEIVED.value),
            (NoticeState.ANNOUNCED.value, NoticeState.CLOSED.value),
        }
    )

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="notices")
    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: The supplier's own number of the notice or delivery.
    reference = models.CharField(max_length=60)
    expected_on = models.DateField(null=True)

    class Meta:
        db_table = "purchasing_notice"
        verbose_name = "shipping notice"
        constraints = (
            models.UniqueConstraint(
                fields=["supplier", "reference"], name="purchasing_notice_once"
            ),
        )


class ShippingNoticeLine(Table):
    """One code of the notice, as the supplier wrote it, and the order line that it fills."""

    refers_together: ClassVar[bool] = True

    line = models.OneToOneField(
        DocumentLine, models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )
    notice = models.ForeignKey(
        ShippingNotice, models.PROTECT, related_name="lines", db_constraint=False
    )
    order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, related_name="+", db_constraint=False
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_constraint=False)
    quantity = models.PositiveBigIntegerField()
    di = models.CharField(max_length=40)
    lot_number = models.CharField(max_length=40, blank=True)
    serial_number = models.CharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True)
    raw = models.TextField()

    class Meta:
        db_table = "purchasing_notice_line"
        verbose_name = "shipping notice line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="purchasing_notice_some"),
        )
