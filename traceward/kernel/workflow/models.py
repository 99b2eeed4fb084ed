"""What waits for people: commands that another person decides, and how each sees what waits."""

from typing import ClassVar

from django.db import models

from traceward.kernel.base.models import UidTable
from traceward.kernel.org.models import Person


class HeldState(models.TextChoices):
    WAITING = "waiting", "waiting"
    RELEASED = "released", "released"
    REJECTED = "rejected", "rejected"


class HeldCommand(UidTable):
    """A command that was asked for and waits."""

    TRANSITIONS: ClassVar[frozenset[tuple[str, str]]] = frozenset(
        {
            (HeldState.WAITING.value, HeldState.RELEASED.value),
            (HeldState.WAITING.value, HeldState.REJECTED.value),
        }
    )

    kept: ClassVar[tuple[str, ...]] = (
        "verb",
        "arguments",
        "why",
        "requested_by",
        "requested_at",
        "command_id",
        "scope",
    )

    verb = models.CharField(max_length=100)
    #: Canonical JSON of the arguments as they were asked for.
    arguments = models.TextField()
    #: Canonical JSON of a phrase, see `refusals.phrase`.
    why = models.CharField(max_length=300)
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    command_id = models.BigIntegerField()
    #: Sites and legal entities that the command touches: who may decide about it.
    scope = models.JSONField()
    state = models.CharField(
        max_length=20, choices=HeldState.choices, default=HeldState.WAITING.value
    )
    decided_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "workflow_held"
        verbose_name = "held command"


class Acknowledgement(UidTable):
    """The person has seen what is wrong with this row of a list; it is told as long as it lasts."""

    append_only: ClassVar[bool] = True

    #: The name of the list or question, such as "stock.alerts".
    subject = models.CharField(max_length=60)
    record = models.BigIntegerField()
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField()

    class Meta:
        db_table = "workflow_acknowledgement"
        verbose_name = "acknowledgement"
        constraints = (
            models.UniqueConstraint(
                fields=["subject", "record", "person"], name="workflow_acknowledgement_once"
            ),
        )


class Board(UidTable):
    """How a person arranged the first page: what they put first, and what they put away."""

    kept: ClassVar[tuple[str, ...]] = ("person",)

    person = models.OneToOneField(Person, models.PROTECT, related_name="+")
    #: Keys of cards, in order; empty: as the roles have it.
    shown = models.JSONField(default=list)
    hidden = models.JSONField(default=list)
    arranged_at = models.DateTimeField()

    class Meta:
        db_table = "workflow_board"
        verbose_name = "board"
