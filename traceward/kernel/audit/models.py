"""Audit entries, signatures and seals; all append-only."""

import json
from typing import Any, ClassVar

from django.db import models

from traceward.kernel.base.models import Table, UidTable
from traceward.kernel.org.models import Person


class AuditEntry(Table):
    """What one command did, or why it was refused. Its id is the command's id."""

    append_only: ClassVar[bool] = True

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        Person, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    verb = models.CharField(max_length=100)
    request_id = models.UUIDField()
    origin = models.CharField(max_length=100)
    outcome = models.CharField(max_length=10)
    arguments_digest = models.BinaryField(max_length=32)
    #: Canonical JSON: changes with before and after, counts, rule versions, signature, refusal.
    detail = models.TextField()
    hash_version = models.SmallIntegerField(default=1)
    content_hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "audit_entry"
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        indexes = (
            models.Index(fields=["verb", "at"], name="audit_entry_verb"),
            models.Index(fields=["actor", "at"], name="audit_entry_actor"),
        )

    @property
    def facts(self) -> dict[str, Any]:
        return json.loads(self.detail)


class Signature(UidTable):
    """A person signed this content with this meaning, after re-authentication."""

    append_only: ClassVar[bool] = True

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    meaning = models.CharField(max_length=200)
    subject_kind = models.CharField(max_length=60)
    subject_uid = models.UUIDField(db_index=True)
    content_hash = models.BinaryField(max_length=32)
    command_id = models.BigIntegerField(db_index=True)
    #: Written by the database: the hash of this row's byte form.
    hash_version = models.SmallIntegerField(default=1, editable=False)
    leaf_hash = models.BinaryField(max_length=32, default=b"")

    class Meta:
        db_table = "audit_signature"
        verbose_name = "signature"


class Seal(Table):
    """One block of the sealed log: its leaves, the tree's root after them, and our signature."""

    append_only: ClassVar[bool] = True

    number = models.BigIntegerField(primary_key=True)
    first_sequence = models.BigIntegerField()
    last_sequence = models.BigIntegerField()
    #: Leaves in the whole log once this block is in it.
    tree_size = models.BigIntegerField()
    #: 41 bytes a leaf: kind (1), row id (8, big endian), leaf hash (32).
    leaves = models.BinaryField()
    #: The roots of the log's perfect subtrees, largest first; the next block goes on from them.
    frontier = models.BinaryField()
    root = models.BinaryField(max_length=32)
    #: The sha256 of the previous seal's statement; 32 zero bytes for the first.
    previous = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(max_length=64)

    class Meta:
        db_table = "audit_seal"
        verbose_name = "seal"


class Verification(Table):
    """The ledger was verified: how much was read, and how much was found wrong."""

    append_only: ClassVar[bool] = True

    at = models.DateTimeField()
    seconds = models.FloatField()
    seals = models.BigIntegerField()
    #: Rows of the newest seals only.
    is_fast = models.BooleanField()
    findings = models.PositiveIntegerField()
    #: The first finding, in English.
    first_finding = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "audit_verification"
        verbose_name = "verification"
