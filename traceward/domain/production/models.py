"""Bills of material, work orders, what was issued to them, transformations."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from traceward.domain.catalog.models import DeviceFacts, Item
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Lot, Serial
from traceward.kernel.base.models import Table, UidTable
from traceward.kernel.documents.models import Document, DocumentLine, Transitions


class BomLineKind(models.TextChoices):
    COMPONENT = "component", "component"
    BY_PRODUCT = "by_product", "by-product"


class Bom(UidTable):
    """What so many base units of an item are made of; a change is a new version. # PRO-01"""

    kept: ClassVar[tuple[str, ...]] = ("item", "version", "per_quantity", "effective_from")

    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    #: The lines' quantities are for so many base units of the item.
    per_quantity = models.PositiveBigIntegerField(default=1)
    effective_from = models.DateField()
    #: The last day on which orders are planned by it; null until a later version ends it.
    effective_until = models.DateField(null=True)

    class Meta:
        db_table = "production_bom"
        verbose_name = "bill of material"
        constraints = (
            models.UniqueConstraint(fields=["item", "version"], name="production_bom_version"),
            models.CheckConstraint(condition=Q(per_quantity__gt=0), name="production_bom_per"),
        )

    def __str__(self) -> str:
        return f"{self.item.code} V{self.version}"


class BomLine(Table):
    """A component, or what comes out besides."""

    append_only: ClassVar[bool] = True

    bom = models.ForeignKey(Bom, models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=10, choices=BomLineKind.choices)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    quantity = models.PositiveBigIntegerField()
    #: The part of what is issued that is expected to be lost; 0.05 is five per cent.
    scrap_share = models.DecimalField(max_digits=5, decimal_places=4, default=0)

    class Meta:
        db_table = "production_bom_line"
        verbose_name = "bill of material line"
        constraints = (
            models.UniqueConstraint(fields=["bom", "item"], name="production_bom_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, scrap_share__gte=0, scrap_share__lt=1),
                name="production_bom_line_some",
            ),
        )


class OrderState(models.TextChoices):
    PLANNED = "planned", "planned"
    RELEASED = "released", "released"
    CLOSED = "closed", "closed"
    CANCELLED = "cancelled", "cancelled"


class WorkOrder(Document, DeviceFacts):
    """So many base units of an item are to be made at a plant; 工单. # PRO-01"""

    KIND, PREFIX = "production.order", "WO"
    SERVED_IN = OrderState.RELEASED.value
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (OrderState.PLANNED, OrderState.RELEASED),
            (OrderState.PLANNED, OrderState.CANCELLED),
            (OrderState.RELEASED, OrderState.CANCELLED),
            (OrderState.RELEASED, OrderState.CLOSED),
            (OrderState.CLOSED, OrderState.RELEASED),
        }
    )

    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    quantity = models.PositiveBigIntegerField()
    #: Null for rework: what it takes stands on its own lines.
    bom = models.ForeignKey(Bom, models.PROTECT, related_name="+", null=True)
    #: The component lines' `quantity_per` are for so many base units.
    per_quantity = models.PositiveBigIntegerField(default=1)
    is_rework = models.BooleanField(default=False)
    #: Where issued goods stand until they are consumed, returned or scrapped; 在制.
    wip = models.ForeignKey(Place, models.PROTECT, related_name="+")
    due_on = models.DateField(null=True)
    #: Good units that came out, and units that were begun and lost.
    made = models.PositiveBigIntegerField(default=0)
    lost = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "production_order"
        verbose_name = "work order"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="production_order_some"),
        )


class ComponentLine(DeviceFacts):
    """What the order takes of one item."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    #: What the order's `per_quantity` needs without loss.
    quantity_per = models.PositiveBigIntegerField()
    #: What may be out for the order at most: all that it needs, with the expected loss.
    quantity = models.PositiveBigIntegerField()

    class Meta:
        db_table = "production_component_line"
        verbose_name = "component line"
        constraints = (
            models.UniqueConstraint(fields=["order", "item"], name="production_component_once"),
        )


class IssuedGoods(UidTable):
    """What was issued of a lot or serial, and what became of it; the rest stands in WIP."""

    component = models.ForeignKey(ComponentLine, models.PROTECT, related_name="issued")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    quantity = models.PositiveBigIntegerField()
    consumed = models.PositiveBigIntegerField(default=0)
    returned = models.PositiveBigIntegerField(default=0)
    scrapped = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "production_issued_goods"
        verbose_name = "issued goods"
        constraints = (
            models.UniqueConstraint(
                fields=["component", "lot", "serial"],
                nulls_distinct=False,
                name="production_issued_once",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("consumed") + F("returned") + F("scrapped")),
                name="production_issued_adds_up",
            ),
        )

    @property
    def left(self) -> int:
        """What stands in the WIP place."""
        return self.quantity - self.consumed - self.returned - self.scrapped


class TransformationState(models.TextChoices):
    DONE = "done", "done"
    CANCELLED = "cancelled", "cancelled"


class Direction(models.TextChoices):
    INPUT = "input", "input"
    OUTPUT = "output", "output"


class Transformation(Document):
    """Inputs became outputs, at one site, on one day. # PRO-02"""

    KIND, PREFIX = "production.transformation", "TF"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {(TransformationState.DONE, TransformationState.CANCELLED)}
    )

    made_on = models.DateField()
    #: The work order that it completes, or a part of it.
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="+", null=True)
    #: Units of the order's item that were begun and lost with it.
    lost = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "production_transformation"
        verbose_name = "transformation"


class TransformationLine(DeviceFacts):
    """So much of a lot or serial went in, or came out."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    transformation = models.ForeignKey(Transformation, models.PROTECT, related_name="lines")
    direction = models.CharField(max_length=6, choices=Direction.choices)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    quantity = models.PositiveBigIntegerField()
    #: What it was issued as, where it went into a work order.
    issued = models.ForeignKey(IssuedGoods, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "production_transformation_line"
        verbose_name = "transformation line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="production_line_some"),
        )
