"""Transfer orders, their lines, and what arrived otherwise than it left."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from traceward.domain.catalog.models import DeviceFacts, Item
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Lot, Serial
from traceward.domain.warehousing.models import Receipt, Shipment, ShipmentLine
from traceward.kernel.base.models import UidTable
from traceward.kernel.documents.models import Document, DocumentLine, Transitions
from traceward.kernel.org.models import Party, Person, Site


class TransferState(models.TextChoices):
    REQUESTED = "requested", "requested"
    APPROVED = "approved", "approved"
    CLOSED = "closed", "closed"
    CANCELLED = "cancelled", "cancelled"


class TransferOrder(Document):
    """Goods of one site are to go to another one; the document is the giving site's. # TRF-01"""

    KIND, PREFIX = "transfers.order", "TO"
    SERVED_IN = TransferState.APPROVED.value
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (TransferState.REQUESTED.value, TransferState.APPROVED.value),
            (TransferState.REQUESTED.value, TransferState.CANCELLED.value),
            (TransferState.APPROVED.value, TransferState.CANCELLED.value),
            (TransferState.APPROVED.value, TransferState.CLOSED.value),
        }
    )

    to_site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    #: The receiving site's dock or 待验 zone.
    deliver_to = models.ForeignKey(Place, models.PROTECT, related_name="+")
    #: Whose the goods are now, and whose they become when they are received.
    from_owner = models.ForeignKey(Party, models.PROTECT, related_name="+")
    to_owner = models.ForeignKey(Party, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    wanted_on = models.DateField(null=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "transfers_order"
        verbose_name = "transfer order"
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="transfers_order_approved",
            ),
        )


class TransferLine(DeviceFacts):
    """So many base units of an item; of one lot or serial only where it is given."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    order = models.ForeignKey(TransferOrder, models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    quantity = models.PositiveBigIntegerField()
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "transfers_line"
        verbose_name = "transfer line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="transfers_line_some"),
        )


class DiscrepancyKind(models.TextChoices):
    MISSING = "missing", "missing"
    DAMAGED = "damaged", "damaged"


class Discrepancy(UidTable):
    """What of a shipment's line came damaged, or had not come when the shipment was unloaded.

    What is missing is found later, or written off; the rest of it stands in transit. # TRF-01
    """

    kept: ClassVar[tuple[str, ...]] = (
        "shipment",
        "shipment_line",
        "receipt",
        "kind",
        "quantity",
        "noted_by",
        "noted_at",
    )

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="+")
    shipment_line = models.ForeignKey(ShipmentLine, models.PROTECT, related_name="+")
    #: The receipt at which it was noted; null where nothing at all had come.
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=10, choices=DiscrepancyKind.choices)
    quantity = models.PositiveBigIntegerField()
    noted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    found = models.PositiveBigIntegerField(default=0)
    written_off = models.PositiveBigIntegerField(default=0)
    #: The decision about what was written off.
    decided_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "transfers_discrepancy"
        verbose_name = "discrepancy"
        indexes = (models.Index(fields=["shipment", "kind"], name="transfers_discrepancy_of"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__gt=0, quantity__gte=F("found") + F("written_off")),
                name="transfers_discrepancy_settled",
            ),
            models.CheckConstraint(
                condition=Q(written_off=0)
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision=""),
                name="transfers_discrepancy_decided",
            ),
        )

    @property
    def is_open(self) -> bool:
        """Whether some of what is missing is neither found nor written off."""
        is_missing = self.kind == DiscrepancyKind.MISSING
        return is_missing and self.quantity > self.found + self.written_off
