"""Transformations and their lines."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Lot, Serial
from traceward.kernel.base.models import Table
from traceward.kernel.documents.models import Document, DocumentLine, Transitions


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

    class Meta:
        db_table = "production_transformation"
        verbose_name = "transformation"


class TransformationLine(Table):
    """So much of a lot or serial went in, or came out."""

    line = models.OneToOneField(DocumentLine, models.PROTECT, primary_key=True, related_name="+")
    transformation = models.ForeignKey(Transformation, models.PROTECT, related_name="lines")
    direction = models.CharField(max_length=6, choices=Direction.choices)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    quantity = models.PositiveBigIntegerField()

    class Meta:
        db_table = "production_transformation_line"
        verbose_name = "transformation line"
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="production_line_some"),
        )
