"""Parameters: a value for a key in a context, valid from a day on."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from traceward.kernel.base.models import UidTable


class Parameter(UidTable):
    """`value` counts for `key` where every entry of `context` matches; replaced, never edited."""

    kept: ClassVar[tuple[str, ...]] = (
        "key",
        "context",
        "value",
        "version",
        "valid_from",
    )

    key = models.CharField(max_length=100)
    #: {"item": 12, "customer_class": "hospital"}; {} counts everywhere.
    context = models.JSONField(default=dict)
    value = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    valid_from = models.DateTimeField()
    #: Null while it is in force.
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rules_parameter"
        verbose_name = "parameter"
        constraints = (
            models.UniqueConstraint(
                fields=["key", "context"],
                condition=Q(replaced_at=None),
                name="rules_parameter_in_force_once",
            ),
        )
