"""Events, the queue of unsequenced commands, their order, and each handler's progress."""

from typing import ClassVar

from django.db import models

from traceward.kernel.base.models import Table, UidTable


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
