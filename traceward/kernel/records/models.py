"""The records of files; their bytes are in the store (store.py)."""

from typing import ClassVar

from django.db import models

from traceward.kernel.base.models import UidTable


class StoredFile(UidTable):
    """A file that was stored once and never changes; its hash is in the seal."""

    append_only: ClassVar[bool] = True

    sha256 = models.BinaryField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    stored_at = models.DateTimeField()
    command_id = models.BigIntegerField(db_index=True)
    #: Kept at least until this day; null means for ever (implantables, legal hold).
    retain_until = models.DateField(null=True)
    #: Written by the database: the hash of this row's byte form.
    hash_version = models.SmallIntegerField(default=1, editable=False)
    leaf_hash = models.BinaryField(max_length=32, default=b"")

    class Meta:
        db_table = "records_stored_file"
        verbose_name = "stored file"
