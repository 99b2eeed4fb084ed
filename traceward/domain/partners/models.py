"""Partners and their licences."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from traceward.kernel.base.models import PersonalNote, UidTable
from traceward.kernel.org.models import Party, Person


class CustomerClass(models.TextChoices):
    HOSPITAL = "hospital", "hospital"
    DISTRIBUTOR = "distributor", "distributor"
    STORE = "store", "store"


class Partner(UidTable):
    """A party that we trade with, and as what."""

    party = models.OneToOneField(Party, models.PROTECT, related_name="+")
    code = models.CharField(max_length=30, unique=True)
    is_supplier = models.BooleanField(default=False)
    is_maker = models.BooleanField(default=False)
    is_customer = models.BooleanField(default=False)
    is_carrier = models.BooleanField(default=False)
    customer_class = models.CharField(max_length=20, choices=CustomerClass.choices, blank=True)
    #: Quality has audited it (首营企业审核); nothing is traded with it before.
    is_qualified = models.BooleanField(default=False)
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "partners_partner"
        verbose_name = "partner"


class LicenceKind(models.TextChoices):
    BUSINESS = "business", "business licence"
    PRODUCTION = "production", "production licence"
    DISTRIBUTION = "distribution", "distribution licence"
    FILING = "filing", "distribution filing"
    INSTITUTION = "institution", "medical institution licence"
    AUTHORISATION = "authorisation", "letter of authorisation"
    AGREEMENT = "agreement", "quality agreement"


class Licence(UidTable):
    """A paper that allows a party to make, trade or use devices of some classes until a day."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=LicenceKind.choices)
    number = models.CharField(max_length=60)
    #: Device classes that it covers: 1, 2, 3.
    classes = ArrayField(models.SmallIntegerField())
    #: Catalogue categories that it covers ("13", "6846"); empty means all of the classes.
    categories = ArrayField(models.CharField(max_length=10), default=list)
    valid_from = models.DateField()
    #: The last day it counts; null means without end.
    valid_until = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    #: A letter of authorisation: the registration numbers it is for; empty means all. (GSP art. 53)
    registration_numbers = ArrayField(models.CharField(max_length=60), default=list)
    #: … and where its bearer may sell.
    territory = models.CharField(max_length=100, blank=True)

    class Meta:
        db_table = "partners_licence"
        verbose_name = "licence"
        constraints = (
            models.UniqueConstraint(
                fields=["party", "kind", "number"], name="partners_licence_once"
            ),
        )


class Salesperson(PersonalNote):
    """Whom a letter of authorisation names, with the number of the identity card (GSP art. 53)."""

    reader: ClassVar[str] = "partners.read_salesperson"

    letter = models.OneToOneField(Licence, models.PROTECT, related_name="+")

    class Meta:
        db_table = "partners_salesperson"
        verbose_name = "salesperson"


class Contact(UidTable):
    """Whom at the firm we tell of recalls, by the address of their work, until somebody else is."""

    kept: ClassVar[tuple[str, ...]] = (
        *("party", "name", "phone", "email", "language", "named_at", "named_by"),
    )

    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    named_at = models.DateTimeField()
    named_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "partners_contact"
        verbose_name = "contact"
        constraints = (
            models.UniqueConstraint(
                fields=["party"],
                condition=models.Q(ended_at__isnull=True),
                name="partners_contact_one",
            ),
        )
