"""Products, items, packaging levels."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from traceward.kernel.base.codes import OWN
from traceward.kernel.base.models import Table, UidTable
from traceward.kernel.org.models import Named, Party, Person


class Product(Named):
    """What a registration certificate or filing covers."""

    registration_number = models.CharField(max_length=60, unique=True)
    registrant = models.ForeignKey(Party, models.PROTECT, related_name="+")
    device_class = models.PositiveSmallIntegerField()
    #: Catalogue category, such as "13-07-04".
    category = models.CharField(max_length=12)
    #: The same in the catalogue of 2002, such as "6846": older licences name their scope by it.
    old_category = models.CharField(max_length=12, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    region = models.CharField(max_length=2, default="CN")
    #: Quality has audited its papers (首营品种审核, GSP art. 54); it is not bought before.
    is_qualified = models.BooleanField(default=False)
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "catalog_product"
        verbose_name = "product"
        constraints = (
            models.CheckConstraint(
                condition=Q(device_class__in=(1, 2, 3)), name="catalog_product_class"
            ),
        )


class MaterialCategory(models.TextChoices):
    """物料类别: what an item is in the law's eyes, and so whether it is sold at all."""

    DEVICE = "device", "medical device under a certificate"
    NON_DEVICE = "non_device", "goods that are no medical device"
    RAW = "raw", "raw material"
    SEMI_FINISHED = "semi_finished", "semi-finished goods"
    PACKAGING = "packaging", "packaging material"


class Item(Named):
    """One 规格型号: what is bought, stored, made and sold."""

    kept: ClassVar[tuple[str, ...]] = (
        "code",
        "maker",
        "base_unit",
        "has_lots",
        "has_serials",
    )

    code = models.CharField(max_length=40, unique=True)
    #: 物料类别; a device is what has a certificate above it. docs/adr/0200
    material_category = models.CharField(
        max_length=20, choices=MaterialCategory.choices, default=MaterialCategory.DEVICE
    )
    #: Why quality declared it no device; until then such goods are neither bought nor sold.
    non_device_reason = models.CharField(max_length=200, blank=True)
    #: Null for what is no device: raw material, packaging.
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", null=True)
    maker = models.ForeignKey(Party, models.PROTECT, related_name="+")
    model = models.CharField(max_length=100, blank=True)
    specification = models.CharField(max_length=200, blank=True)
    #: The smallest unit that is counted (EA, mg, mm): quantities are whole numbers of it.
    base_unit = models.CharField(max_length=20, default="EA")
    has_lots = models.BooleanField(default=True)
    has_serials = models.BooleanField(default=False)
    is_implantable = models.BooleanField(default=False)
    shelf_life_days = models.PositiveIntegerField(null=True)
    #: False for what is used for years 使用期限: its label states no day of expiry.
    has_expiry = models.BooleanField(default=True)
    service_life = models.CharField(max_length=60, blank=True)
    #: What the label allows, in degrees Celsius; null means no limit on that side.
    storage_c_min = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    storage_c_max = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    #: What else the label asks for, such as 避光、干燥.
    storage_note = models.CharField(max_length=100, blank=True)
    product_line = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "catalog_item"
        verbose_name = "item"
        constraints = (
            models.CheckConstraint(
                condition=Q(has_lots=True) | Q(has_serials=True), name="catalog_item_identified"
            ),
            models.CheckConstraint(
                condition=Q(material_category="device", product__isnull=False)
                | (~Q(material_category="device") & Q(product=None)),
                name="catalog_item_device",
            ),
            models.CheckConstraint(
                condition=Q(non_device_reason="") | Q(material_category="non_device"),
                name="catalog_item_declared",
            ),
        )


class Agency(models.TextChoices):
    """Who gives a UDI-DI: each keeps its own codes unique. Ours are for what has no UDI-DI."""

    GS1 = "GS1", "GS1"
    HIBC = "HIBC", "HIBC"
    MA = "MA", "MA"
    AHM = "AHM", "AHM"
    OWN = OWN, "own code"


class PackagingLevel(UidTable):
    """A pack of the item with a UDI-DI of its own."""

    kept: ClassVar[tuple[str, ...]] = (
        "item",
        "level",
        "agency",
        "di",
        "base_units",
    )

    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    #: 0 is the base unit; each level holds the one below.
    level = models.PositiveSmallIntegerField()
    agency = models.CharField(max_length=10, choices=Agency.choices, default=Agency.GS1)
    #: The code that papers and our own labels show; all codes of the pack are its `Identifier`s.
    di = models.CharField(max_length=40)
    base_units = models.PositiveIntegerField()

    class Meta:
        db_table = "catalog_packaging_level"
        verbose_name = "packaging level"
        constraints = (
            models.UniqueConstraint(fields=["item", "level"], name="catalog_packaging_once"),
            models.CheckConstraint(condition=Q(base_units__gt=0), name="catalog_packaging_units"),
        )


class Identifier(Table):
    """A code by which the pack is known: one pack only, as long as it is not withdrawn.

    Its own UDI-DI becomes one by the database; others come when a label carries codes of several
    agencies, or a new UDI-DI while goods with the old one are still there.
    """

    kept: ClassVar[tuple[str, ...]] = ("packaging", "agency", "di")

    packaging = models.ForeignKey(PackagingLevel, models.PROTECT, related_name="identifiers")
    agency = models.CharField(max_length=10, choices=Agency.choices)
    di = models.CharField(max_length=40)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "catalog_identifier"
        verbose_name = "identifier"
        constraints = (
            models.UniqueConstraint(
                fields=["di", "agency"],
                condition=Q(withdrawn_at=None),
                name="catalog_identifier_once",
            ),
        )


class DeviceFacts(Table):
    """What a document line keeps of the device as it was on that day (GSP art. 58, 65, 70, 84)."""

    device_name = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=100, blank=True)
    specification = models.CharField(max_length=200, blank=True)
    #: 注册证编号 or 备案编号; empty for what is no device.
    registration_number = models.CharField(max_length=60, blank=True)
    registrant_name = models.CharField(max_length=200, blank=True)
    maker_name = models.CharField(max_length=200, blank=True)
    #: 受托生产企业: the maker, where it makes for the registrant.
    contract_maker_name = models.CharField(max_length=200, blank=True)
    #: 生产许可证号 or 备案编号 of the maker (contract manufacturers included).
    production_licence = models.CharField(max_length=60, blank=True)
    #: UDI-DI of the pack that was scanned, else of the base unit.
    udi_di = models.CharField(max_length=40, blank=True)
    #: 贮存条件 of the label: the range, and what else it asks for; empty where it sets no limit.
    storage_conditions = models.CharField(max_length=160, blank=True)
    #: 使用期限 of what has no day of expiry.
    service_life = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=20, blank=True)

    class Meta:
        abstract = True
