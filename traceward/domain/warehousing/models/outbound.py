"""What is picked and shipped, for whom, and what was scanned on the way."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from traceward.domain.catalog.models import DeviceFacts, Item, PackagingLevel
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Container, Lot, Serial
from traceward.kernel.base.models import Table
from traceward.kernel.documents.models import Document, DocumentLine, Transitions
from traceward.kernel.org.models import Party, Person


class KeptScan(Table):
    """A pack that was scanned in a step of the work, as the scanner gave it. # INV-05 WMS-01

    What was received has its codes on the receipt's lines; what was refused, in the audit entry.
    """

    append_only: ClassVar[bool] = True

    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    command_id = models.BigIntegerField()
    scan_number = models.PositiveIntegerField()
    #: The barcodes of the label, one on a line.
    raw = models.TextField()
    packs = models.PositiveBigIntegerField()
    packaging = models.ForeignKey(PackagingLevel, models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True, db_index=False)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True, db_index=False)

    class Meta:
        db_table = "warehousing_kept_scan"
        verbose_name = "kept scan"


class Destination(Table):
    """Where the goods of a demand go: said by the area whose document the demand is.

    A department or receiving point of a customer's, or a place of another site of the group.
    """

    append_only: ClassVar[bool] = True

    demand = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="+")
    consignee = models.ForeignKey(Party, models.PROTECT, related_name="+")
    deliver_to = models.ForeignKey(Place, models.PROTECT, related_name="+")
    #: Where that is, as the demand says; empty means at the consignee's own address.
    delivery_address = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "warehousing_destination"
        verbose_name = "destination"


class PickState(models.TextChoices):
    OPEN = "open", "open"
    PICKED = "picked", "picked"
    CHECKED = "checked", "checked"
    SHIPPED = "shipped", "shipped"
    CANCELLED = "cancelled", "cancelled"


class Pick(Document):
    """What is to be fetched for one demand 拣货, and the check 复核 of what was fetched. # OUT-02

    The demand is any document whose lines have promised stock: a sales order, a transfer.
    """

    KIND, PREFIX = "warehousing.pick", "PK"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (PickState.OPEN.value, PickState.PICKED.value),
            (PickState.PICKED.value, PickState.OPEN.value),
            (PickState.PICKED.value, PickState.CHECKED.value),
            (PickState.CHECKED.value, PickState.SHIPPED.value),
            (PickState.SHIPPED.value, PickState.CHECKED.value),
            (PickState.OPEN.value, PickState.CANCELLED.value),
            (PickState.PICKED.value, PickState.CANCELLED.value),
            (PickState.CHECKED.value, PickState.CANCELLED.value),
        }
    )

    demand = models.ForeignKey(Document, models.PROTECT, related_name="+")
    consignee = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: The customer's or department's place, or that of another site, where they will be handed
    #: over.
    deliver_to = models.ForeignKey(Place, models.PROTECT, related_name="+")
    #: 购货者 and where the goods go, as the demand says; empty where it says nothing.
    consignee_name = models.CharField(max_length=200, blank=True)
    delivery_address = models.CharField(max_length=300, blank=True)
    staging = models.ForeignKey(Place, models.PROTECT, related_name="+")
    checked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "warehousing_pick"
        verbose_name = "pick"
        constraints = (
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True, checked_at__isnull=True)
                | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="warehousing_pick_checked",
            ),
        )


class PickLine(DeviceFacts):
    """So much of a lot or serial, promised to a demand line, from one place.

    The check keeps the device's papers as they were then: 出库复核记录 (GSP art. 88). Each line is
    written again as it is picked, checked and packed: what only then is known has no index, and
    the pages have room (sql/picking.sql), so that no index is written again.
    """

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    pick = models.ForeignKey(Pick, models.PROTECT, related_name="lines")
    demand_line = models.ForeignKey(DocumentLine, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    owner = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    from_container = models.ForeignKey(
        Container, models.PROTECT, related_name="+", null=True, db_index=False
    )
    quantity = models.PositiveBigIntegerField()
    picked = models.PositiveBigIntegerField(default=0)
    picked_by = models.ForeignKey(
        Person, models.PROTECT, related_name="+", null=True, db_index=False
    )
    #: What the checked goods were packed into; they stand in it in staging.
    container = models.ForeignKey(
        Container, models.PROTECT, related_name="+", null=True, db_index=False
    )

    class Meta:
        db_table = "warehousing_pick_line"
        verbose_name = "pick line"
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__gt=0) & Q(picked__lte=F("quantity")),
                name="warehousing_pick_line_quantity",
            ),
        )


class ShipmentState(models.TextChoices):
    SHIPPED = "shipped", "shipped"
    DELIVERED = "delivered", "delivered"
    CANCELLED = "cancelled", "cancelled"


class Shipment(Document):
    """Goods on their way to one consignee; they stand in a transit place of their own.

    The columns are those of GSP art. 91 and 96: 随货同行单 and 运输记录.
    """

    KIND, PREFIX = "warehousing.shipment", "SH"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (ShipmentState.SHIPPED.value, ShipmentState.DELIVERED.value),
            (ShipmentState.DELIVERED.value, ShipmentState.SHIPPED.value),
            (ShipmentState.SHIPPED.value, ShipmentState.CANCELLED.value),
        }
    )

    #: A pick is shipped again only after its shipment was cancelled.
    from_pick = models.ForeignKey(Pick, models.PROTECT, related_name="+")
    demand = models.ForeignKey(Document, models.PROTECT, related_name="+")
    consignee = models.ForeignKey(Party, models.PROTECT, related_name="+")
    deliver_to = models.ForeignKey(Place, models.PROTECT, related_name="+")
    transit = models.OneToOneField(Place, models.PROTECT, related_name="+")
    #: Both sides as they were called and reached that day.
    shipper_name = models.CharField(max_length=200, blank=True)
    consignee_name = models.CharField(max_length=200, blank=True)
    consignee_address = models.CharField(max_length=300, blank=True)
    consignee_phone = models.CharField(max_length=40, blank=True)
    dispatched_at = models.DateTimeField()
    transport_mode = models.CharField(max_length=60)
    carrier_name = models.CharField(max_length=200, blank=True)
    waybill = models.CharField(max_length=60, blank=True)
    vehicle_plate = models.CharField(max_length=20, blank=True)
    #: Who drives our own vehicle.
    driver = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    transport_conditions = models.CharField(max_length=200, blank=True)
    #: What the logger said when the goods left, where cold chain asks.
    departure_c = models.DecimalField(max_digits=5, decimal_places=1, null=True)

    class Meta:
        db_table = "warehousing_shipment"
        verbose_name = "shipment"
        constraints = (
            models.CheckConstraint(
                condition=~Q(vehicle_plate="") | (~Q(carrier_name="") & ~Q(waybill="")),
                name="warehousing_shipment_transport",
            ),
        )


class ShipmentLine(DeviceFacts):
    """So much of a lot or serial on its way, with the device's papers as they were that day."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    demand_line = models.ForeignKey(DocumentLine, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    owner = models.ForeignKey(Party, models.PROTECT, related_name="+")
    container = models.ForeignKey(Container, models.PROTECT, related_name="+", null=True)
    quantity = models.PositiveBigIntegerField()

    class Meta:
        db_table = "warehousing_shipment_line"
        verbose_name = "shipment line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="warehousing_shipment_some"),
        )
