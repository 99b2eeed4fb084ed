"""Labels that were printed: of goods, of boxes, of places. # WMS-06"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from traceward.domain.catalog.models import Item, PackagingLevel
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Container, Lot, Serial
from traceward.kernel.base.models import Table, UidTable
from traceward.kernel.org.models import LegalEntity, Person, Site


class LabelKind(models.TextChoices):
    UDI = "udi", "UDI label"
    SSCC = "sscc", "logistic label"
    PLACE = "place", "place label"


class LabelPrint(UidTable):
    """标签打印: somebody asked for labels of one kind and size. # WMS-06"""

    append_only: ClassVar[bool] = True

    kind = models.CharField(max_length=10, choices=LabelKind.choices)
    #: Width and height in millimetres: "50x30".
    size = models.CharField(max_length=10)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    #: How many labels, copies counted.
    labels = models.PositiveSmallIntegerField()
    command_id = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "warehousing_label_print"
        verbose_name = "label print"
        constraints = (
            models.CheckConstraint(condition=Q(labels__gt=0), name="warehousing_label_print_some"),
        )


class PrintedLabel(Table):
    """One label of a print, and in how many copies; what stood on it stays as it was."""

    append_only: ClassVar[bool] = True

    label_print = models.ForeignKey(LabelPrint, models.PROTECT, related_name="lines")
    line_number = models.PositiveSmallIntegerField()
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", null=True)
    packaging = models.ForeignKey(PackagingLevel, models.PROTECT, related_name="+", null=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    container = models.ForeignKey(Container, models.PROTECT, related_name="+", null=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True)
    copies = models.PositiveSmallIntegerField()
    #: What the symbol says: application identifiers in brackets, or a place's code.
    code = models.CharField(max_length=200)
    #: The texts around it.
    texts = models.JSONField()

    class Meta:
        db_table = "warehousing_printed_label"
        verbose_name = "printed label"
        constraints = (
            models.UniqueConstraint(
                fields=["label_print", "line_number"], name="warehousing_printed_label_once"
            ),
            models.CheckConstraint(
                condition=Q(copies__gt=0), name="warehousing_printed_label_some"
            ),
            models.CheckConstraint(
                condition=Q(packaging__isnull=False)
                | Q(container__isnull=False)
                | Q(place__isnull=False),
                name="warehousing_printed_label_of_something",
            ),
        )
