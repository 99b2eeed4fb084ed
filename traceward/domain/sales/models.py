"""Sales orders, signed deliveries, usages, and the erasable rows beside them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from traceward.domain.catalog.models import DeviceFacts, Item
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Lot, Serial
from traceward.domain.warehousing.models import Receipt, Shipment
from traceward.kernel.base.models import PersonalNote, Table, UidTable
from traceward.kernel.documents.models import Document, DocumentLine, Transitions
from traceward.kernel.org.models import Party, Person


class OrderState(models.TextChoices):
    OPEN = "open", "open"
    CLOSED = "closed", "closed"
    CANCELLED = "cancelled", "cancelled"


class TransferPoint(models.TextChoices):
    """When the goods become the customer's, as the contract says."""

    DELIVERY = "delivery", "when signed for"
    USE = "use", "when used"


class SalesOrder(Document):
    """What a customer ordered from one of our sites, for one of the customer's places."""

    KIND = "sales.order"
    PREFIX = "SO"
    SERVED_IN = OrderState.OPEN.value
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (OrderState.OPEN, OrderState.CLOSED),
            (OrderState.CLOSED, OrderState.OPEN),
            (OrderState.OPEN, OrderState.CANCELLED),
        }
    )

    customer = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: The customer's receiving point or department.
    deliver_to = models.ForeignKey(Place, models.PROTECT, related_name="+")
    #: 购货者 as it was called and reached that day (GSP art. 84).
    customer_name = models.CharField(max_length=200, blank=True)
    customer_phone = models.CharField(max_length=40, blank=True)
    #: The number that the customer gave the order.
    customer_reference = models.CharField(max_length=60, blank=True)
    delivery_address = models.CharField(max_length=300, blank=True)
    ordered_on = models.DateField()
    currency = models.CharField(max_length=3)
    transfer_point = models.CharField(
        max_length=10, choices=TransferPoint.choices, default=TransferPoint.DELIVERY.value
    )

    class Meta:
        db_table = "sales_order"
        verbose_name = "sales order"
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "customer_reference"],
                condition=~Q(customer_reference=""),
                name="sales_order_reference_once",
            ),
        )


class SalesOrderLine(DeviceFacts):
    """So many of an item at a price, with the certificate and licence as they were that day."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    quantity = models.BigIntegerField()
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    #: Only this lot or this serial will do, where the customer says so.
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    #: 购货者 licence or filing number.
    customer_licence = models.CharField(max_length=60, blank=True)

    class Meta:
        db_table = "sales_order_line"
        verbose_name = "sales order line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="sales_order_line_quantity"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="sales_order_line_amount"),
        )


class DeliveryState(models.TextChoices):
    SIGNED = "signed", "signed for"
    CANCELLED = "cancelled", "cancelled"


class Delivery(Document):
    """The customer signed for goods of one shipment: the proof of delivery."""

    KIND = "sales.delivery"
    PREFIX = "DL"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {(DeliveryState.SIGNED, DeliveryState.CANCELLED)}
    )

    of_shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    #: Who of ours handed the goods over and signed the record.
    handed_over_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    remark = models.CharField(max_length=300, blank=True)
    #: What the logger said at the handing over, where cold chain asks.
    arrival_c = models.DecimalField(max_digits=5, decimal_places=1, null=True)

    class Meta:
        db_table = "sales_delivery"
        verbose_name = "delivery"


class DeliveryLine(Table):
    """So much of a lot or serial was signed for."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    order_line = models.ForeignKey(DocumentLine, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "sales_delivery_line"
        verbose_name = "delivery line"


class ReturnState(models.TextChoices):
    ANNOUNCED = "announced", "announced"
    RECEIVED = "received", "received"
    CANCELLED = "cancelled", "cancelled"


class CustomerReturn(Document):
    """Goods of a shipment come back; the columns are those of GSP art. 106, 退货记录. # REV-01

    The inspector and the conclusion are those of the inspection of its receipt (art. 107).
    """

    KIND = "sales.return"
    PREFIX = "RT"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (ReturnState.ANNOUNCED, ReturnState.RECEIVED),
            (ReturnState.ANNOUNCED, ReturnState.CANCELLED),
        }
    )

    #: The original outbound document.
    of_shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: Where they were handed over; the shipment's transit place where they were refused.
    from_place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    of_receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="+", null=True)
    returned_on = models.DateField(null=True)
    quality_state = models.CharField(max_length=300, blank=True)
    transport_conditions = models.CharField(max_length=200, blank=True)
    storage_conditions = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "sales_return"
        verbose_name = "customer return"


class CustomerReturnLine(DeviceFacts):
    """So much of a lot or serial was announced to come back, and so much came."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    of_return = models.ForeignKey(CustomerReturn, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(DocumentLine, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    quantity = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "sales_return_line"
        verbose_name = "customer return line"
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__gt=0) & Q(received__lte=F("quantity")),
                name="sales_return_line_quantity",
            ),
        )


class UsageState(models.TextChoices):
    RECORDED = "recorded", "recorded"
    CANCELLED = "cancelled", "cancelled"


class Usage(Document):
    """Goods were used up in one department."""

    KIND = "sales.usage"
    PREFIX = "US"
    TRANSITIONS: ClassVar[Transitions] = frozenset({(UsageState.RECORDED, UsageState.CANCELLED)})

    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    used_on = models.DateField()

    class Meta:
        db_table = "sales_usage"
        verbose_name = "usage"


class UsageLine(Table):
    """So much of a lot or serial was used; who the patient was stands elsewhere."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "sales_usage_line"
        verbose_name = "usage line"


class ConsignmentSale(UidTable):
    """So much was sold by being used: it was ours until then. # REV-02

    GSP art. 89: the sale is on record as soon as the hospital says what it chose. It counts while
    the usage does. Without an order line and a price it has to be settled by hand.
    """

    append_only: ClassVar[bool] = True

    usage_line = models.ForeignKey(UsageLine, models.PROTECT, related_name="+")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="+", null=True)
    quantity = models.PositiveBigIntegerField()
    unit_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True)
    sold_on = models.DateField()

    class Meta:
        db_table = "sales_consignment_sale"
        verbose_name = "consignment sale"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="sales_consignment_some"),
            models.CheckConstraint(
                condition=Q(order_line=None, unit_price=None, amount=None)
                | Q(order_line__isnull=False, unit_price__isnull=False, amount__isnull=False),
                name="sales_consignment_priced",
            ),
        )


class PatientReference(PersonalNote):
    """The pseudonym under which the hospital knows the patient. # SAL-03"""

    reader: ClassVar[str] = "sales.read_patient"

    usage_line = models.OneToOneField(UsageLine, models.PROTECT, related_name="+")

    class Meta:
        db_table = "sales_patient_reference"
        verbose_name = "patient reference"


class DeliveryReceiver(PersonalNote):
    """The name of the person who signed for the goods."""

    reader: ClassVar[str] = "sales.read_receiver"

    delivery = models.OneToOneField(Delivery, models.PROTECT, related_name="+")

    class Meta:
        db_table = "sales_delivery_receiver"
        verbose_name = "delivery receiver"


class OrderContact(PersonalNote):
    """Whom to ask for at the place of delivery, and the telephone."""

    reader: ClassVar[str] = "sales.read_contact"

    order = models.OneToOneField(SalesOrder, models.PROTECT, related_name="+")

    class Meta:
        db_table = "sales_order_contact"
        verbose_name = "order contact"
