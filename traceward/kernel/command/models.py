"""Request ids that were answered, with their answers, kept for 400 days."""

from typing import ClassVar

from django.db import models

from traceward.kernel.base.models import Table


class AnsweredRequest(Table):
    """The answer that a request id got; a retry gets the same one."""

    deletable: ClassVar[bool] = True
    insert_only: ClassVar[bool] = True
    private: ClassVar[tuple[str, ...]] = ("answer",)

    command_id = models.BigIntegerField(primary_key=True)
    actor_id = models.BigIntegerField()
    request_id = models.UUIDField()
    verb = models.CharField(max_length=100)
    arguments_digest = models.BinaryField(max_length=32)
    outcome = models.CharField(max_length=10)
    answer = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "command_request"
        verbose_name = "answered request"
        constraints = (
            models.UniqueConstraint(fields=["actor_id", "request_id"], name="command_request_once"),
        )
        indexes = (models.Index(fields=["at"], name="command_request_at"),)
