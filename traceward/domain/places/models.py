"""Places, as a tree below each site."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from traceward.kernel.org.models import LegalEntity, Named, Party, Site


class PlaceKind(models.TextChoices):
    WAREHOUSE = "warehouse", "warehouse"
    ZONE = "zone", "zone"
    BIN = "bin", "bin"
    DOCK = "dock", "dock"
    STAGING = "staging", "staging area"
    TRANSIT = "transit", "in transit"
    SUPPLIER = "supplier", "supplier"
    CUSTOMER = "customer", "customer"
    DEPARTMENT = "department", "department"
    USED = "used", "used"
    REPAIR = "repair", "repair"
    DESTRUCTION = "destruction", "destruction"
    ADJUSTMENT = "adjustment", "adjustment"
    PRODUCTION = "production", "production"


class Zone(models.TextChoices):
    """The marked zones of GSP art. 40, with their colours; empty where a place has none."""

    PENDING = "pending", "to be inspected"
    QUALIFIED = "qualified", "qualified"
    REJECTED = "rejected", "rejected"
    RETURNS = "returns", "returns"
    DISPATCH = "dispatch", "dispatch"


#: Where goods come from or go to without being there: these may go below zero.
OPEN_ENDED = frozenset({PlaceKind.SUPPLIER, PlaceKind.PRODUCTION, PlaceKind.ADJUSTMENT})


class Place(Named):
    """A place in the tree of a site, or a boundary place."""

    kept: ClassVar[tuple[str, ...]] = (
        "code",
        "kind",
        "physical",
        "site",
        "legal_entity",
        "party",
        "parent",
        "path",
    )

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=PlaceKind.choices)
    #: False where goods only come from or go to: the balance may go below zero there.
    physical = models.BooleanField()
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    #: Ids from the root down to this place, so that a block on a zone covers its bins; written by
    #: the database, from the parent.
    path = ArrayField(models.BigIntegerField(), default=list)
    #: Whose boundary place it is: the supplier, customer or hospital department.
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", null=True)
    temperature_c_min = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    temperature_c_max = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    #: 待验区, 合格品区, 不合格品区 …: only goods of that status are put away there.
    zone = models.CharField(max_length=20, choices=Zone.choices, blank=True)
    #: Order in which a picker walks; the nearest place has the lowest.
    pick_rank = models.PositiveIntegerField(default=0)
    is_open = models.BooleanField(default=True)

    class Meta:
        db_table = "places_place"
        verbose_name = "place"
        indexes = (models.Index(fields=["site", "kind"], name="places_place_site"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=sorted(OPEN_ENDED), physical=False)
                | (~Q(kind__in=sorted(OPEN_ENDED)) & Q(physical=True)),
                name="places_place_physical",
            ),
        )
