"""Files of documents: which there are, who may read them, and their bytes."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from traceward.kernel.documents.models import DocumentFile
from traceward.kernel.org.scope import Grant, ScopeKey, scope_of, uncovered
from traceward.kernel.records.models import StoredFile
from traceward.kernel.records.store import store


@dataclass(frozen=True)
class Content:
    """A stored file as it is handed out, its hash checked."""

    name: str
    media_type: str
    sha256: str
    content: bytes


def versions(document_id: int, role: str) -> QuerySet[DocumentFile]:
    """The document's files in this role, the one that counts first."""
    rows = DocumentFile.objects.filter(document=document_id, role=role)
    return rows.select_related("file").order_by("-version")


def content_of(file: StoredFile) -> Content:
    """The file's bytes; refused where they are missing or were changed."""
    name = bytes(file.sha256).hex()
    return Content(file.name, file.media_type, name, store().read(name))


def scopes_of(file_id: int) -> list[ScopeKey]:
    """Where the documents stand to which the file belongs; none where it belongs to none."""
    if not DocumentFile.objects.filter(file=file_id).exists():
        return []
    where = ("document__legal_entity_id", "document__site_id")
    return scope_of(DocumentFile, file_id, *where, by="file")


def may_read(file_id: int, grants: Iterable[Grant]) -> bool:
    """Whether the grants cover one of the documents to which the file belongs."""
    held = list(grants)
    return any(not uncovered(held, [key]) for key in scopes_of(file_id))
