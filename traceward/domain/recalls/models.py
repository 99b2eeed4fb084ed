"""Recall cases, their scope, notices to consignees with their answers, reports to the regulator."""

from typing import ClassVar

from django.db import models

from traceward.domain.catalog.models import Item
from traceward.domain.partners.models import Contact
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.stock.models import Lot, Serial, StockBlock
from traceward.kernel.base.models import UidTable
from traceward.kernel.documents.models import Document, Transitions
from traceward.kernel.org.models import Party, Person, Site
from traceward.kernel.outbox.models import Mail


class RecallLevel(models.IntegerChoices):
    """一级, 二级, 三级召回: how serious the harm may be (Order 29 of 2017)."""

    ONE = 1, "level 1: serious harm"
    TWO = 2, "level 2: temporary or reversible harm"
    THREE = 3, "level 3: harm unlikely"


class CaseState(models.TextChoices):
    OPEN = "open", "open"
    CLOSED = "closed", "closed"
    #: Opened by mistake, or once too often.
    WITHDRAWN = "withdrawn", "recall withdrawn"


class OriginKind(models.TextChoices):
    """What sets a recall off."""

    COMPLAINT = "complaint", "complaint"
    SUPPLIER = "supplier", "notice of the supplier or manufacturer"
    REGULATOR = "regulator", "order of the regulator"
    OWN = "own", "found by ourselves"


class RecallCase(Document):
    """A recall: why, how serious, and until when the consignees must know. # TRC-03"""

    KIND, PREFIX = "recalls.case", "RC"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {
            (CaseState.OPEN.value, CaseState.CLOSED.value),
            (CaseState.OPEN.value, CaseState.WITHDRAWN.value),
        }
    )

    level = models.PositiveSmallIntegerField(choices=RecallLevel.choices)
    reason = models.CharField(max_length=300)
    decided_on = models.DateField()
    #: The last day on which sellers and users are told in time.
    notify_until = models.DateField()
    #: The last day for the report of investigation and plan, as the rule said at the opening.
    plan_until = models.DateField(null=True)
    #: What set it off, where that was said; by whom, a party or in words.
    origin = models.CharField(max_length=10, choices=OriginKind.choices, blank=True)
    origin_party = models.ForeignKey(Party, models.PROTECT, related_name="+", null=True)
    origin_informant = models.CharField(max_length=120, blank=True)
    origin_received_on = models.DateField(null=True)
    #: The other side's number.
    origin_reference = models.CharField(max_length=60, blank=True)
    origin_text = models.CharField(max_length=1000, blank=True)
    #: How it ended, or why it was withdrawn.
    conclusion = models.CharField(max_length=1000, blank=True)
    #: When it was closed or withdrawn.
    closed_at = models.DateTimeField(null=True)
    #: The case that goes on for one that was withdrawn.
    continued_in = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    #: The last day for the summary report, as the rule said at the end.
    summary_until = models.DateField(null=True)

    class Meta:
        db_table = "recalls_case"
        verbose_name = "recall case"


class TargetFacts(UidTable):
    """What was asked to be recalled, as it was asked.

    The fields that are filled narrow each other: an item and a place, a supplier's lot and its
    supplier.
    """

    append_only: ClassVar[bool] = True

    item = models.ForeignKey(Item, models.PROTECT, related_name="+", null=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    #: First and last of a range of serial numbers of the item.
    serial_from = models.CharField(max_length=40, blank=True)
    serial_to = models.CharField(max_length=40, blank=True)
    supplier_lot = models.CharField(max_length=40, blank=True)
    supplier = models.ForeignKey(Party, models.PROTECT, related_name="+", null=True)
    #: What came out of this production, or what moved under this document.
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", null=True)
    #: Everything that stood in this place between the two moments.
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True)
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class RecallTarget(TargetFacts):
    """What a case was asked to recall; `RecallScope` has the goods."""

    case = models.ForeignKey(RecallCase, models.PROTECT, related_name="targets")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        db_table = "recalls_target"
        verbose_name = "recall target"


class RecallScope(UidTable):
    """One lot, serial or whole item that the case covers, and the block that holds it."""

    case = models.ForeignKey(RecallCase, models.PROTECT, related_name="scopes")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    #: The first target that named it; null where it was made of something in the scope.
    target = models.ForeignKey(RecallTarget, models.PROTECT, related_name="+", null=True)
    #: True where it was made of something in the scope.
    is_downstream = models.BooleanField(default=False)
    block = models.OneToOneField(StockBlock, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "recalls_scope"
        verbose_name = "recall scope"
        constraints = (
            models.UniqueConstraint(
                fields=["case", "item", "lot", "serial"],
                nulls_distinct=False,
                name="recalls_scope_once",
            ),
        )


class RecallNotice(UidTable):
    """A consignee was told of what it got."""

    append_only: ClassVar[bool] = True

    case = models.ForeignKey(RecallCase, models.PROTECT, related_name="notices")
    consignee = models.ForeignKey(Party, models.PROTECT, related_name="+")
    #: Units that stood at the consignee's places, used ones included, when it was told.
    quantity = models.PositiveBigIntegerField()
    notified_at = models.DateTimeField()

    class Meta:
        db_table = "recalls_notice"
        verbose_name = "recall notice"
        constraints = (
            models.UniqueConstraint(fields=["case", "consignee"], name="recalls_notice_once"),
        )


class MessageKind(models.TextChoices):
    """How a consignee was spoken to."""

    NOTICE = "notice", "recall notice"
    REMINDER = "reminder", "reminder"
    #: A link that our own people hand over, on paper or by another way.
    LINK = "link", "link handed over"
    CALL = "call", "telephone call"
    PAPER = "paper", "printed notice handed over"


class RemindHow(models.TextChoices):
    """How somebody who has not answered is told once more."""

    MAIL = "mail", "e-mail"
    CALL = "call", "telephone call"
    PAPER = "paper", "printed notice handed over"


class RecallMessage(UidTable):
    """A consignee was written to or called; but for calls, with a link under which it answers.

    Of the links of a notice the newest counts. Its secret is kept nowhere: only what tells it.
    """

    kept: ClassVar[tuple[str, ...]] = (
        *("notice", "kind", "number", "contact", "mail", "sha256", "expires_at", "language"),
        *("note", "made_at", "made_by"),
    )
    private: ClassVar[tuple[str, ...]] = ("sha256",)

    notice = models.ForeignKey(RecallNotice, models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=MessageKind.choices)
    #: The first of its notice is 1.
    number = models.PositiveIntegerField()
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+", null=True)
    mail = models.OneToOneField(Mail, models.PROTECT, related_name="+", null=True)
    sha256 = models.BinaryField(max_length=32, unique=True, null=True)
    expires_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=10, default="zh-hans")
    note = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    #: When somebody first looked at the page of the link.
    opened_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recalls_message"
        verbose_name = "recall message"
        constraints = (
            models.UniqueConstraint(fields=["notice", "number"], name="recalls_message_once"),
        )


class RecallAnswer(UidTable):
    """What a consignee said it found; the newest counts, the ones before it stay on record."""

    append_only: ClassVar[bool] = True

    notice = models.ForeignKey(RecallNotice, models.PROTECT, related_name="answers")
    answered_at = models.DateTimeField()
    #: Units still there or used up.
    found = models.PositiveBigIntegerField()
    #: Units that had left the consignee by then: sent back, destroyed, passed on.
    gone = models.PositiveBigIntegerField()
    answer = models.CharField(max_length=300, blank=True)
    #: Of what it found, what it set aside, and what it had used; null where it did not say.
    quarantined = models.PositiveBigIntegerField(null=True)
    used = models.PositiveBigIntegerField(null=True)
    #: Who answered by this link, as they call themselves; none where our own people recorded it.
    said_by = models.CharField(max_length=60, blank=True)
    message = models.OneToOneField(RecallMessage, models.PROTECT, related_name="answer", null=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)

    class Meta:
        db_table = "recalls_answer"
        verbose_name = "recall answer"


class CheckHow(models.TextChoices):
    """How somebody looked whether a recall reached its end at a consignee."""

    VISIT = "visit", "visit"
    TELEPHONE = "telephone", "telephone call"
    LETTER = "letter", "letter or e-mail"
    RECORDS = "records", "its records, sent to us"


class CheckResult(models.TextChoices):
    """有效性检查: whether the consignee knew, and did what was asked."""

    ACTED = "acted", "told and acted"
    NOT_ACTED = "not_acted", "told, did not act"
    NOT_TOLD = "not_told", "was not told"
    NOT_REACHED = "not_reached", "nobody was reached"


class RecallCheck(UidTable):
    """Somebody looked whether the recall reached its end at a consignee; the newest counts."""

    append_only: ClassVar[bool] = True

    notice = models.ForeignKey(RecallNotice, models.PROTECT, related_name="checks")
    how = models.CharField(max_length=10, choices=CheckHow.choices)
    result = models.CharField(max_length=12, choices=CheckResult.choices)
    checked_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        db_table = "recalls_check"
        verbose_name = "effectiveness check"


class ReportKind(models.TextChoices):
    """Reports to the regulator (Order 29 of 2017)."""

    DECISION = "decision", "recall decision"
    PLAN = "plan", "investigation and recall plan"
    PROGRESS = "progress", "progress of the plan"
    SUMMARY = "summary", "summary"


class RecallReport(UidTable):
    """The regulator was told."""

    append_only: ClassVar[bool] = True

    case = models.ForeignKey(RecallCase, models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    reported_on = models.DateField()
    #: The regulator's or our own number of the report.
    reference = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        db_table = "recalls_report"
        verbose_name = "recall report"


class DrillState(models.TextChoices):
    #: The goods are found; what people do of it goes on.
    DRILLING = "drilling", "drill under way"
    CONCLUDED = "concluded", "drill concluded"


class RecallDrill(Document):
    """召回演练: what a recall of some goods would have reached, how soon, and how well. # TRC-04

    All of it is a record of its own: nothing is blocked, nobody is told, no stock is touched.
    """

    KIND, PREFIX = "recalls.drill", "RX"
    TRANSITIONS: ClassVar[Transitions] = frozenset(
        {(DrillState.DRILLING.value, DrillState.CONCLUDED.value)}
    )

    level = models.PositiveSmallIntegerField(choices=RecallLevel.choices)
    #: What is supposed to be wrong with the goods.
    reason = models.CharField(max_length=300)
    began_at = models.DateTimeField()
    concluded_at = models.DateTimeField(null=True)
    #: How long it may take, as the rule said.
    limit_minutes = models.PositiveIntegerField()
    #: How long the server took to find the goods, to sum up where they are, to name who has them,
    #: and to see whose promises would fall.
    found_ms = models.PositiveIntegerField()
    located_ms = models.PositiveIntegerField()
    consignees_ms = models.PositiveIntegerField()
    promises_ms = models.PositiveIntegerField()
    #: Lots, serials and items in scope; of these, what was made of others.
    scopes = models.PositiveIntegerField()
    downstream = models.PositiveIntegerField()
    #: Base units that stand somewhere; that stand on our shelves and would be held.
    standing = models.BigIntegerField()
    held = models.BigIntegerField()
    #: Of what stands outside, what is still ours; of what went into production, what has not come
    #: out.
    consigned = models.BigIntegerField()
    in_process = models.BigIntegerField()
    #: Units that the moves account for and the balances do not.
    difference = models.BigIntegerField()
    consignees = models.PositiveIntegerField()
    #: Demand lines that would lose their promise, and units of it.
    promises = models.PositiveIntegerField()
    promised = models.PositiveBigIntegerField()
    #: Out of a hundred.
    score = models.DecimalField(max_digits=4, decimal_places=1)
    conclusion = models.CharField(max_length=1000, blank=True)
    #: The day by which the next drill is due.
    next_on = models.DateField()

    class Meta:
        db_table = "recalls_drill"
        verbose_name = "recall drill"


class DrillTarget(TargetFacts):
    """What a drill supposed to be recalled."""

    drill = models.ForeignKey(RecallDrill, models.PROTECT, related_name="targets")

    class Meta:
        db_table = "recalls_drill_target"
        verbose_name = "target of a drill"


class FindingSide(models.TextChoices):
    CAME_IN = "came_in", "came in"
    WENT_OUT = "went_out", "went out"
    STANDS = "stands", "stands there"


class DrillFinding(UidTable):
    """Units that a drill found: came in or went out by a kind of place, or stand there."""

    append_only: ClassVar[bool] = True

    drill = models.ForeignKey(RecallDrill, models.PROTECT, related_name="findings")
    side = models.CharField(max_length=10, choices=FindingSide.choices)
    place_kind = models.CharField(max_length=20, choices=PlaceKind.choices)
    #: Of what stands there: where, and at whom.
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", null=True)
    consignee = models.ForeignKey(Party, models.PROTECT, related_name="+", null=True)
    is_consigned = models.BooleanField(default=False)
    is_rejected = models.BooleanField(default=False)
    rows = models.PositiveIntegerField(default=0)
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "recalls_drill_finding"
        verbose_name = "finding of a drill"


class DrillConsignee(UidTable):
    """Somebody outside whom a recall would have told, and whether that could be done."""

    append_only: ClassVar[bool] = True

    drill = models.ForeignKey(RecallDrill, models.PROTECT, related_name="+")
    #: None where the ledger does not say whose the place is.
    consignee = models.ForeignKey(Party, models.PROTECT, related_name="+", null=True)
    delivered = models.BigIntegerField()
    returned = models.BigIntegerField()
    used = models.BigIntegerField()
    destroyed = models.BigIntegerField()
    passed_on = models.BigIntegerField()
    standing = models.BigIntegerField()
    consigned = models.BigIntegerField()
    on_the_way = models.BigIntegerField()
    has_contact = models.BooleanField()
    has_licence = models.BooleanField()

    class Meta:
        db_table = "recalls_drill_consignee"
        verbose_name = "consignee of a drill"


class DrillAct(models.TextChoices):
    HOLD = "hold", "hold the goods"
    ISOLATE = "isolate", "move to quarantine"
    RELEASE = "release", "take back the promise"
    TELL = "tell", "tell the consignee"
    FETCH = "fetch", "fetch the goods back"


class DrillAction(UidTable):
    """演练草稿: what a recall would have done. A draft of the drill, which nothing ever does."""

    append_only: ClassVar[bool] = True

    drill = models.ForeignKey(RecallDrill, models.PROTECT, related_name="actions")
    act = models.CharField(max_length=10, choices=DrillAct.choices)
    #: Of a hold.
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", null=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", null=True)
    serial = models.ForeignKey(Serial, models.PROTECT, related_name="+", null=True)
    is_downstream = models.BooleanField(default=False)
    #: Of goods in the house.
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", null=True)
    #: Of a promise, the document that has it.
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", null=True)
    consignee = models.ForeignKey(Party, models.PROTECT, related_name="+", null=True)
    quantity = models.BigIntegerField(null=True)

    class Meta:
        db_table = "recalls_drill_action"
        verbose_name = "draft of a drill"


class DrillAspect(models.TextChoices):
    ADDS_UP = "adds_up", "every unit is located"
    NAMED = "named", "who has it is named"
    REACHABLE = "reachable", "consignees can be reached"
    LICENSED = "licensed", "consignees have a licence in force"
    IN_TIME = "in_time", "done in time"


class DrillPoint(UidTable):
    """So many of so many points for one aspect of a drill, and the part of a whole it is for."""

    drill = models.ForeignKey(RecallDrill, models.PROTECT, related_name="points")
    aspect = models.CharField(max_length=10, choices=DrillAspect.choices)
    weight = models.PositiveSmallIntegerField()
    points = models.DecimalField(max_digits=4, decimal_places=1)
    part = models.BigIntegerField()
    whole = models.BigIntegerField()

    class Meta:
        db_table = "recalls_drill_point"
        verbose_name = "point of a drill"
