"""The ledger's tables."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from traceward.domain.catalog.models import Item, Product
from traceward.domain.partners.models import Licence
from traceward.domain.places.models import Place
from traceward.domain.stock.rules import CODES, STATUSES
from traceward.kernel.base.models import Table, UidTable
from traceward.kernel.documents.models import Document, DocumentLine
from traceward.kernel.org.models import LegalEntity, Party, Site


class Status(models.IntegerChoices):
    """Stored quality statuses: 待验, 合格, 不合格."""

    PENDING = 1, STATUSES[1]
    QUALIFIED = 2, STATUSES[2]
    REJECTED = 3, STATUSES[3]


class Code(models.IntegerChoices):
    """Why goods moved; what each code allows stands in `stock_move_code`."""

    RECEIVE = 1, CODES[1]
    PUTAWAY = 2, CODES[2]
    MOVE = 3, CODES[3]
    PICK = 4, CODES[4]
    PACK = 5, CODES[5]
    SHIP = 6, CODES[6]
    DELIVER = 7, CODES[7]
    USE = 8, CODES[8]
    CONSUME = 9, CODES[9]
    PRODUCE = 10, CODES[10]
    RELEASE = 11, CODES[11]
    REJECT = 12, CODES[12]
    ADJUST_IN = 13, CODES[13]
    ADJUST_OUT = 14, CODES[14]
    RETURN_FROM_CUSTOMER = 15, CODES[15]
    RETURN_TO_SUPPLIER = 16, CODES[16]
    DESTROY = 17, CODES[17]
    REVERSE = 18, CODES[18]
    TRANSFER = 19, CODES[19]
    WRITE_OFF = 20, CODES[20]


class Precision(models.TextChoices):
    DAY = "day", "day"
    MONTH = "month", "month"


class Lot(UidTable):
    """A lot of one maker and item, known by its normalised number in the whole group. # INV-05"""

    kept: ClassVar[tuple[str, ...]] = (
        "item",
        "maker",
        "number",
        "raw_number",
        "expires_on",
        "expiry_precision",
        "expiry_raw",
        "expiry_basis",
    )

    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_index=False)
    maker = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    #: NFKC, trimmed, upper case: what makes it the same lot.
    number = models.CharField(max_length=40)
    #: As the maker prints it; symbols and events use this one.
    raw_number = models.CharField(max_length=40)
    supplier_lot = models.CharField(max_length=40, blank=True)
    own_lot = models.CharField(max_length=40, blank=True)
    sterilisation_lot = models.CharField(max_length=40, blank=True)
    made_on = models.DateField(null=True)
    #: The last day on which it may be used; null where the item does not expire.
    expires_on = models.DateField(null=True)
    expiry_precision = models.CharField(
        max_length=5, choices=Precision.choices, default=Precision.DAY.value
    )
    #: 失效日期, 有效期至 or best before: what the label calls it.
    expiry_basis = models.CharField(max_length=20, default="expiry")
    expiry_raw = models.CharField(max_length=20, blank=True)
    first_received_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stock_lot"
        verbose_name = "lot"
        constraints = (
            models.UniqueConstraint(fields=["maker", "item", "number"], name="stock_lot_identity"),
        )
        indexes = (
            models.Index(fields=["number"], name="stock_lot_number"),
            models.Index(fields=["item", "expires_on"], name="stock_lot_expiry"),
            models.Index(fields=["expires_on"], name="stock_lot_ending"),
            models.Index(fields=["own_lot"], condition=~Q(own_lot=""), name="stock_lot_own_number"),
        )

    def __str__(self) -> str:
        return self.raw_number


class Serial(UidTable):
    """One unit of an item, with a serial number of its own."""

    refers_together: ClassVar[bool] = True
    kept: ClassVar[tuple[str, ...]] = (
        "item",
        "lot",
        "number",
        "raw_number",
    )

    item = models.ForeignKey(
        Item, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, related_name="+", null=True, db_constraint=False, db_index=False
    )
    number = models.CharField(max_length=40)
    raw_number = models.CharField(max_length=40)

    class Meta:
        db_table = "stock_serial"
        verbose_name = "serial"
        constraints = (
            models.UniqueConstraint(fields=["item", "number"], name="stock_serial_identity"),
        )
        indexes = (models.Index(fields=["number"], name="stock_serial_number"),)

    def __str__(self) -> str:
        return self.raw_number


class Container(UidTable):
    """A case, pallet or box, known by its SSCC; may stand in another one. # INV-10"""

    #: The parent is written by `stock_nest`, which sees to it that nothing is walked around.
    kept: ClassVar[tuple[str, ...]] = ("code", "parent")

    code = models.CharField(max_length=40, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    is_closed = models.BooleanField(default=False)

    class Meta:
        db_table = "stock_container"
        verbose_name = "container"


class StockMove(Table):
    """Goods went from one place, status and owner to another. Written by `stock_post` only."""

    guarded: ClassVar[bool] = True

    command_id = models.BigIntegerField()
    posted_at = models.DateTimeField()
    happened_at = models.DateTimeField()
    code = models.SmallIntegerField(choices=Code.choices)
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="+", null=True, db_constraint=False, db_index=False
    )
    line = models.ForeignKey(
        DocumentLine,
        models.PROTECT,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
    )
    item = models.ForeignKey(
        Item, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, related_name="+", null=True, db_constraint=False, db_index=False
    )
    serial = models.ForeignKey(
        Serial, models.PROTECT, related_name="+", null=True, db_constraint=False, db_index=False
    )
    quantity = models.BigIntegerField()
    from_place = models.ForeignKey(
        Place, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    from_status = models.SmallIntegerField(choices=Status.choices)
    from_owner = models.ForeignKey(
        Party, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    from_container = models.ForeignKey(
        Container, models.PROTECT, related_name="+", null=True, db_constraint=False, db_index=False
    )
    to_place = models.ForeignKey(
        Place, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    to_status = models.SmallIntegerField(choices=Status.choices)
    to_owner = models.ForeignKey(
        Party, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    to_container = models.ForeignKey(
        Container, models.PROTECT, related_name="+", null=True, db_constraint=False, db_index=False
    )
    actor_id = models.BigIntegerField()
    reverses = models.ForeignKey(
        "self", models.PROTECT, related_name="+", null=True, db_constraint=False, db_index=False
    )
    #: The packaging-level UDI-DI as scanned.
    di = models.CharField(max_length=40, null=True)
    reason = models.CharField(max_length=300, null=True)
    device = models.CharField(max_length=60, null=True)
    clock_offset_ms = models.IntegerField(null=True)
    hash_version = models.SmallIntegerField()
    content_hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "stock_move"
        verbose_name = "stock move"
        managed = False


class StockBalance(Table):
    """What stands where now; always the sum of the moves. Written by `stock_post` only."""

    guarded: ClassVar[bool] = True

    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_constraint=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True, db_constraint=False)
    serial = models.ForeignKey(
        Serial, models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    container = models.ForeignKey(
        Container, models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_constraint=False)
    status = models.SmallIntegerField(choices=Status.choices)
    owner = models.ForeignKey(Party, models.PROTECT, related_name="+", db_constraint=False)
    physical = models.BooleanField()
    on_hand = models.BigIntegerField()
    reserved = models.BigIntegerField()
    #: Whether anything is left; the index of what stands goes by it.
    stands = models.BooleanField(editable=False)

    class Meta:
        db_table = "stock_balance"
        verbose_name = "stock balance"
        managed = False


class Reservation(Table):
    """Quantity promised to a demand line from one balance. Written by `stock_post` only."""

    guarded: ClassVar[bool] = True

    line = models.ForeignKey(DocumentLine, models.PROTECT, related_name="+")
    balance = models.ForeignKey(StockBalance, models.PROTECT, related_name="+")
    quantity = models.BigIntegerField()
    expires_at = models.DateTimeField(null=True)
    command_id = models.BigIntegerField()

    class Meta:
        db_table = "stock_reservation"
        verbose_name = "reservation"
        managed = False


class BlockKind(models.TextChoices):
    HOLD = "hold", "on hold"
    RECALL = "recall", "recalled"


class StockBlock(UidTable):
    """A quality block 冻结/召回 over a scope; moves nothing, and catches what arrives later.

    Every filled scope field must match: item and lot, for example. `until` null means until lifted.
    """

    kept: ClassVar[tuple[str, ...]] = (
        "kind",
        "lot",
        "serial",
        "container",
        "place",
        "item",
        "reason",
        "case",
        "placed_at",
        "command_id",
        "until",
    )

    kind = models.CharField(max_length=10, choices=BlockKind.choices)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    container = models.ForeignKey(Container, models.PROTECT, related_name="+", null=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", null=True)
    reason = models.CharField(max_length=300)
    case = models.ForeignKey(Document, models.PROTECT, related_name="+", null=True)
    placed_at = models.DateTimeField()
    command_id = models.BigIntegerField()
    until = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "stock_block"
        verbose_name = "stock block"
        constraints = (
            models.CheckConstraint(
                condition=Q(lot__isnull=False)
                | Q(serial__isnull=False)
                | Q(container__isnull=False)
                | Q(place__isnull=False)
                | Q(item__isnull=False),
                name="stock_block_has_scope",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("placed_at")),
                name="stock_block_ends_later",
            ),
        )
        indexes = tuple(
            models.Index(
                fields=[scope], condition=Q(lifted_at=None), name=f"stock_block_active_{scope}"
            )
            for scope in ("lot", "serial", "container", "place", "item")
        )


class GenealogyEdge(Table):
    """This input went into that output. Written by `stock_post` only."""

    guarded: ClassVar[bool] = True

    command_id = models.BigIntegerField()
    input_lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    input_serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    output_lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    output_serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "stock_genealogy"
        verbose_name = "genealogy edge"
        managed = False


class VoidTransformation(Table):
    """The edges of this command count no more: its moves were taken back by the other one.

    Written by `stock_post` only.
    """

    guarded: ClassVar[bool] = True

    command_id = models.BigIntegerField(primary_key=True)
    by_command_id = models.BigIntegerField()

    class Meta:
        db_table = "stock_genealogy_void"
        verbose_name = "void transformation"
        managed = False


class ClosedPeriod(UidTable):
    """Nothing may be back-dated before this moment in the books of the legal entity."""

    append_only: ClassVar[bool] = True

    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    closed_until = models.DateTimeField()
    closed_at = models.DateTimeField()

    class Meta:
        db_table = "stock_closed_period"
        verbose_name = "closed period"
        constraints = (
            models.UniqueConstraint(
                fields=["legal_entity", "closed_until"], name="stock_closed_period_once"
            ),
        )


class Checkpoint(Table):
    """What stood inside at a happened moment, as the first `sequence` commands tell it.

    Written by `stock_make_checkpoint` only; void after a sandbox's clock was set back behind it.
    """

    guarded: ClassVar[bool] = True

    at = models.DateTimeField()
    sequence = models.BigIntegerField()
    made_at = models.DateTimeField()
    #: Whatever it does not hold was posted after this.
    late_from = models.DateTimeField()
    #: Moves that happened since the checkpoint before it.
    moves = models.BigIntegerField()
    #: Made again at the same moment, because late rows had come; the first one stays.
    is_renewal = models.BooleanField()
    is_void = models.BooleanField()

    class Meta:
        db_table = "stock_checkpoint"
        verbose_name = "checkpoint"
        managed = False


class CheckpointItem(Table):
    """An item's stock at a site in a checkpoint: totals, and each balance with its quantity."""

    guarded: ClassVar[bool] = True

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_constraint=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_constraint=False)
    pending = models.BigIntegerField()
    qualified = models.BigIntegerField()
    rejected = models.BigIntegerField()
    in_transit = models.BigIntegerField()
    balance_ids = ArrayField(models.BigIntegerField())
    quantities = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "stock_checkpoint_item"
        verbose_name = "checkpoint item"
        managed = False


class AlertKind(models.TextChoices):
    BELOW_MINIMUM = "below_minimum", "below its minimum"
    ABOVE_MAXIMUM = "above_maximum", "above its maximum"
    RESTING = "resting", "resting"


class StockAlert(UidTable):
    """Stock of an item at a site is out of its limits or rests, since then and until then. # INV-11

    One at a time of each kind: what ends may come again, as another row.
    """

    kept: ClassVar[tuple[str, ...]] = ("kind", "item", "site", "quantity", "threshold", "raised_at")

    kind = models.CharField(max_length=20, choices=AlertKind.choices)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    #: Base units that were there when it was raised; usable ones, where it is about a limit.
    quantity = models.BigIntegerField()
    #: What the rule said then: base units, or days for stock that rests.
    threshold = models.BigIntegerField()
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stock_alert"
        verbose_name = "stock alert"
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "item", "site"],
                condition=Q(ended_at=None),
                name="stock_alert_stands_once",
            ),
        )


class EarlyWarning(UidTable):
    """An event was raised about a lot at a site, or a paper, when this step was reached. # INV-07

    Once for each step: the job that raises them may run as often as it likes. A step of null is
    the end itself. Papers stand here too: stock is the lowest area that knows lots and papers.
    """

    append_only: ClassVar[bool] = True

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", null=True)
    licence = models.ForeignKey(Licence, models.PROTECT, related_name="+", null=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", null=True)
    #: The last day of what it is about: a certificate that is renewed is warned about anew.
    until = models.DateField()
    step = models.PositiveIntegerField(null=True)
    warned_at = models.DateTimeField()

    class Meta:
        db_table = "stock_early_warning"
        verbose_name = "early warning"
        constraints = (
            models.UniqueConstraint(
                fields=["lot", "site", "licence", "product", "until", "step"],
                nulls_distinct=False,
                name="stock_early_warning_once",
            ),
            models.CheckConstraint(
                condition=Q(lot__isnull=False, site__isnull=False, licence=None, product=None)
                | Q(lot=None, site=None, licence__isnull=False, product=None)
                | Q(lot=None, site=None, licence=None, product__isnull=False),
                name="stock_early_warning_about_one",
            ),
        )
