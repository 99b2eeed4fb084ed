"""The document supertype, its lines and links, and the number series."""

from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from traceward.kernel.base.models import LockingQuerySet, UidTable
from traceward.kernel.base.refusals import WrongState, sentence
from traceward.kernel.org.models import LegalEntity, Person, Site
from traceward.kernel.records.models import StoredFile

Transitions = frozenset[tuple[str, str]]
M = TypeVar("M", bound="Document")


class DocumentQuerySet(LockingQuerySet[M]):
    def lock(self, pk: int) -> M:
        """The document, locked, with its site and legal entity, which every step asks for."""
        row = super(DocumentQuerySet, self.select_related("site__legal_entity")).lock(pk)
        if row.legal_entity_id == row.site.legal_entity_id:
            row.legal_entity = row.site.legal_entity
        return row

    def _locking(self) -> Self:
        of = ("self",) if self.model._meta.concrete_model is Document else ("self", "document_ptr")
        return self.select_for_update(no_key=True, of=of)


class Document(UidTable):
    """A business document; the kinds are its subclasses, each with its own columns."""

    #: The legal steps of this kind, as pairs of states.
    TRANSITIONS: ClassVar[Transitions] = frozenset()
    #: The only state of a kind without steps, such as a record of what was seen.
    ONLY_STATE: ClassVar[str] = ""
    #: The state in which stock is promised to its lines and fetched; "" of a kind without demand.
    SERVED_IN: ClassVar[str] = ""
    #: The kind's name, and the prefix of its numbers.
    KIND: ClassVar[str] = ""
    PREFIX: ClassVar[str] = ""

    kept: ClassVar[tuple[str, ...]] = (
        "kind",
        "legal_entity",
        "site",
        "created_at",
        "created_by",
    )

    kind = models.CharField(max_length=40)
    #: Given when the document is issued, at the end of its command; null until then.
    number = models.CharField(max_length=40, unique=True, null=True)
    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    state = models.CharField(max_length=30)
    #: Counts the commands that changed the document or its lines; who read an older one is told.
    version = models.PositiveIntegerField(default=1)
    #: The command that made this version; its audit entry names the one before.
    version_command_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[Any]] = DocumentQuerySet.as_manager()

    class Meta:
        db_table = "documents_document"
        verbose_name = "document"
        indexes = (models.Index(fields=["kind", "state"], name="documents_kind_state"),)

    def __str__(self) -> str:
        return self.number or str(self.uid)

    def require(self, *states: str) -> None:
        """Refused where the document stands in none of these states."""
        if self.state not in states:
            raise WrongState(
                sentence("{number} is “{state}”; this step is not possible from there."),
                number=str(self),
                state=self.state,
            )

    def enter(self, state: str) -> str:
        """The document is to stand in the new state once it is saved; the old one is returned."""
        self.require(*(before for before, after in self.TRANSITIONS if after == state))
        before, self.state = self.state, state
        return before


def kinds() -> dict[str, type[Document]]:
    """Every kind of document by its name."""
    return {kind.KIND: kind for kind in Document.__subclasses__()}


class DocumentLine(UidTable):
    """A line of a document; its kind's columns stand in a row that has this one as its key."""

    refers_together: ClassVar[bool] = True
    kept: ClassVar[tuple[str, ...]] = (
        "document",
        "line_number",
    )

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    line_number = models.PositiveIntegerField()

    class Meta:
        db_table = "documents_line"
        verbose_name = "document line"
        constraints = (
            models.UniqueConstraint(
                fields=["document", "line_number"], name="documents_line_number"
            ),
        )


class DocumentLink(UidTable):
    """One document belongs to another: a receipt to its order, a shipment to its sales order."""

    append_only: ClassVar[bool] = True

    earlier = models.ForeignKey(Document, models.PROTECT, related_name="+", db_index=False)
    later = models.ForeignKey(Document, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)

    class Meta:
        db_table = "documents_link"
        constraints = (
            models.UniqueConstraint(
                fields=["earlier", "later", "kind"], name="documents_link_once"
            ),
        )


class NumberSeries(UidTable):
    """The next number of one kind, legal entity and year; gapless, since it is taken last."""

    kind = models.CharField(max_length=40)
    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "documents_number_series"
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "legal_entity", "year"], name="documents_number_series_once"
            ),
        )


class FileRole(models.TextChoices):
    """What a file is that somebody attached to a document."""

    TEST_REPORT = "test report", "test report"
    CERTIFICATE = "certificate", "certificate"
    SUPPLIER_NOTE = "supplier note", "supplier note"
    PHOTO = "photo", "photo"
    TEMPERATURES = "temperature record", "temperature record"
    OTHER = "other", "other"


class DocumentFile(UidTable):
    """A stored file belongs to a document, in a role, as one of its versions.

    Who may read the document may read its files. The audit entry of the command names the same
    document and content, so an exchanged row is found (docs/adr/0075).
    """

    append_only: ClassVar[bool] = True

    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    #: What the file is to the document: a paper of ours ("delivery note"), or a `FileRole`.
    role = models.CharField(max_length=40)
    #: Counts from 1. Of papers of ours the highest counts; of files that people attached each
    #: does that was neither replaced nor made void.
    version = models.PositiveIntegerField()
    #: How it was called when it was attached; empty: as the stored file is.
    name = models.CharField(max_length=200, blank=True, default="")
    replaces = models.OneToOneField("self", models.PROTECT, related_name="replaced_by", null=True)
    #: The file itself says that it does not count: its document was cancelled (作废).
    is_void = models.BooleanField(default=False)
    command_id = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "documents_file"
        verbose_name = "file of a document"
        constraints = (
            models.UniqueConstraint(
                fields=["document", "role", "version"], name="documents_file_version"
            ),
        )

    @property
    def called(self) -> str:
        """Its name to whoever may read it here."""
        return self.name or self.file.name


class VoidedFile(UidTable):
    """Somebody said of an attached file that it does not count, and why; the file stays."""

    append_only: ClassVar[bool] = True

    voided = models.OneToOneField(DocumentFile, models.PROTECT, related_name="voiding")
    reason = models.CharField(max_length=300)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    command_id = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "documents_voided_file"
        verbose_name = "voided file"


class Printing(UidTable):
    """Somebody printed a file of a document: the print log (GSP art. 51(8))."""

    append_only: ClassVar[bool] = True

    printed = models.ForeignKey(DocumentFile, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    copies = models.PositiveSmallIntegerField()
    command_id = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "documents_printing"
        verbose_name = "printing"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(copies__gt=0), name="documents_printing_some"
            ),
        )
