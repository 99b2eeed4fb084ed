"""Events, their order, each handler's progress, and the webhooks that carry them outside."""

from typing import ClassVar

from django.db import models

from traceward.kernel.base.models import Table, UidTable
from traceward.kernel.org.models import LegalEntity, Site


class Event(UidTable):
    """A fact that became true with a command; at most 64 KB."""

    append_only: ClassVar[bool] = True

    command_id = models.BigIntegerField()
    ordinal = models.PositiveIntegerField()
    at = models.DateTimeField()
    #: verb.EventName, for example "warehousing.ship.GoodsShipped".
    name = models.CharField(max_length=150)
    subject = models.UUIDField(null=True)
    data = models.JSONField()

    class Meta:
        db_table = "outbox_event"
        verbose_name = "event"
        constraints = (
            models.UniqueConstraint(fields=["command_id", "ordinal"], name="outbox_event_ordinal"),
        )


class QueuedCommand(Table):
    """A committed command that has no sequence yet. `cluster` tells whose `xid` it is."""

    insert_only: ClassVar[bool] = True

    command_id = models.BigIntegerField(primary_key=True)
    cluster = models.BigIntegerField()
    xid = models.CharField(max_length=20)

    class Meta:
        db_table = "outbox_queue"
        managed = False


class CommandOrder(Table):
    """The gapless sequence in which commands became true."""

    append_only: ClassVar[bool] = True
    guarded: ClassVar[bool] = True

    sequence = models.BigIntegerField(primary_key=True)
    command_id = models.BigIntegerField(unique=True)

    class Meta:
        db_table = "outbox_order"
        verbose_name = "command order"


class HandlerProgress(Table):
    """How far a handler has come."""

    handler = models.CharField(max_length=150, primary_key=True)
    last_sequence = models.BigIntegerField(default=0)
    last_ordinal = models.PositiveIntegerField(default=0)
    #: Failed attempts at the event that comes next; it is parked after a bounded number.
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "outbox_progress"
        verbose_name = "handler progress"


class ParkedEvent(UidTable):
    """An event that a handler refused or failed on; shown, and retried by hand. # INT-04"""

    handler = models.CharField(max_length=150)
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    parked_at = models.DateTimeField()
    why = models.TextField()
    solved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox_parked"
        verbose_name = "parked event"
        constraints = (
            models.UniqueConstraint(fields=["handler", "event"], name="outbox_parked_once"),
        )


class WebhookState(models.TextChoices):
    ACTIVE = "active", "active"
    PAUSED = "paused", "paused"
    REMOVED = "removed", "removed"


class Webhook(UidTable):
    """A subscription: events of these names, about this part of the group, go to this address."""

    kept: ClassVar[tuple[str, ...]] = ("legal_entity", "site", "created_at")
    private: ClassVar[tuple[str, ...]] = ("secret", "former_secret")

    TRANSITIONS: ClassVar[frozenset[tuple[str, str]]] = frozenset(
        {
            ("active", "paused"),
            ("paused", "active"),
            ("active", "removed"),
            ("paused", "removed"),
        }
    )

    name = models.CharField(max_length=200)
    url = models.CharField(max_length=500)
    #: Such as ["sales.*", "stock.block.StockBlocked"].
    patterns = models.JSONField()
    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+", null=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", null=True)
    state = models.CharField(max_length=10, choices=WebhookState.choices, default="active")
    #: Why it is paused or removed.
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    #: Enclosed with the installation's key; the former one signs too until then.
    secret = models.BinaryField()
    former_secret = models.BinaryField(default=b"")
    former_secret_until = models.DateTimeField(null=True)
    #: Up to here events were looked at and queued; a replay sets it back.
    last_sequence = models.BigIntegerField()
    last_ordinal = models.PositiveIntegerField()
    replays = models.PositiveIntegerField(default=0)
    #: Failed attempts since the last one that came through, and since when.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox_webhook"
        verbose_name = "webhook"


class DeliveryState(models.TextChoices):
    QUEUED = "queued", "queued"
    DELIVERED = "delivered", "delivered"
    PARKED = "parked", "parked"
    SKIPPED = "skipped", "skipped"
    REPLACED = "replaced", "replaced"


class WebhookDelivery(UidTable):
    """One event on its way to one webhook; behind an open one nothing of its subject is sent."""

    TRANSITIONS: ClassVar[frozenset[tuple[str, str]]] = frozenset(
        {
            ("queued", "delivered"),
            ("queued", "parked"),
            ("queued", "replaced"),
            ("parked", "queued"),
            ("parked", "skipped"),
            ("parked", "replaced"),
        }
    )

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    sequence = models.BigIntegerField()
    ordinal = models.PositiveIntegerField()
    #: The event's subject; an event without one stands for itself.
    subject = models.UUIDField()
    #: The webhook's number of replays when the event was queued.
    replay = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default="queued")
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    #: What the last failed attempt said, or why it was skipped.
    why = models.TextField(blank=True)

    class Meta:
        db_table = "outbox_webhook_delivery"
        verbose_name = "webhook delivery"
        constraints = (
            models.UniqueConstraint(
                fields=["webhook", "event", "replay"], name="outbox_webhook_delivery_once"
            ),
        )
        indexes = (
            models.Index(
                fields=["webhook", "subject", "sequence", "ordinal"],
                condition=models.Q(state__in=["queued", "parked"]),
                name="outbox_webhook_delivery_open",
            ),
            models.Index(
                fields=["webhook", "due_at"],
                condition=models.Q(state="queued"),
                name="outbox_webhook_delivery_due",
            ),
        )


class WebhookAttempt(Table):
    """One try to hand over one event: what was answered, and how long it took."""

    append_only: ClassVar[bool] = True

    delivery = models.ForeignKey(WebhookDelivery, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    #: The HTTP status; 0 where none came.
    status = models.PositiveIntegerField()
    #: The first characters of the answer, or what went wrong.
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "outbox_webhook_attempt"
        verbose_name = "webhook attempt"


class MailState(models.TextChoices):
    QUEUED = "queued", "mail queued"
    SENT = "sent", "mail sent"
    FAILED = "failed", "mail failed"


class Mail(UidTable):
    """An e-mail on its way to one person; the secret of its link is kept only until then."""

    kept: ClassVar[tuple[str, ...]] = (
        *("about", "address", "name", "heading", "body", "queued_at"),
    )
    private: ClassVar[tuple[str, ...]] = ("secret",)

    TRANSITIONS: ClassVar[frozenset[tuple[str, str]]] = frozenset(
        {("queued", "sent"), ("queued", "failed")}
    )

    #: The document or record that it is about.
    about = models.UUIDField()
    address = models.CharField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    heading = models.CharField(max_length=300)
    #: The text; where it says `mails.SECRET`, the secret goes.
    body = models.TextField()
    #: Enclosed with the installation's key until the mail is sent or given up; then empty.
    secret = models.BinaryField(default=b"")
    queued_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=MailState.choices, default="queued")
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    #: By which outlet it went: the mail server, or a file in a sandbox.
    outlet = models.CharField(max_length=10, blank=True)
    #: What the last failed attempt said.
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "outbox_mail"
        verbose_name = "e-mail"
        indexes = (
            models.Index(
                fields=["due_at"], condition=models.Q(state="queued"), name="outbox_mail_due"
            ),
        )
