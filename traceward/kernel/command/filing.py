"""People put files to documents, and say of a wrong one that it does not count. # DOC-01

Nothing is deleted: what was replaced or is void stays on file, and is shown as such. What is taken
is judged by its bytes (docs/adr/0232).
"""

from dataclasses import dataclass
from typing import Any

from traceward.kernel.base.refusals import Conflict, InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.files import attach, keep_file
from traceward.kernel.command.run import command
from traceward.kernel.command.uploads import Upload
from traceward.kernel.command.write import created, record_change
from traceward.kernel.documents.contents import judged
from traceward.kernel.documents.models import Document, DocumentFile, FileRole, VoidedFile
from traceward.kernel.org import roles
from traceward.kernel.org.scope import ScopeKey, scope_of

#: Whoever works with documents; the auditor looks only.
WORKING = tuple(role for role in roles.ALL if role not in (roles.AUDITOR, roles.SYSTEM))
JUDGING = (
    roles.QUALITY_HEAD,
    roles.QUALITY_CONTROLLER,
    roles.SUPERVISOR,
    roles.COMPLIANCE,
)
#: So many files belong to one document.
MAX_FILES = 200


@dataclass(frozen=True)
class Attached:
    """The file as it is on record now: which of its kind it is, and the hash of its bytes."""

    file_id: int
    name: str
    role: FileRole
    version: int
    sha256: str


@dataclass(frozen=True)
class Voided:
    """The file that counts no longer."""

    file_id: int
    name: str


def of_document(document_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Document, document_id)


@command("documents.attach_file", roles=WORKING, scope=of_document)
def attach_file(
    document_id: int, role: FileRole, file: Upload, *, replaces_id: int | None = None, by: Actor
) -> Attached:
    """The file belongs to the document from now on, beside others or in the place of one of them.

    Taken are PDF, PNG, JPEG, WebP, XLSX, DOCX, CSV and TXT up to 20 MB, judged by their content.
    """
    document = Document.objects.lock(document_id)
    name, kind = judged(file.name, file.content)
    standing = _standing(document)
    replaced = _replaced(replaces_id, role, standing) if replaces_id is not None else None
    same = next((f for f in standing if bytes(f.file.sha256).hex() == file.sha256), None)
    if same is not None:
        raise Conflict(
            sentence("The same file is attached to {number} already, as “{name}”."),
            field="file",
            number=str(document),
            name=same.called,
        )
    if len(standing) >= MAX_FILES:
        raise Conflict(
            sentence("{number} has {limit} files already; no more can be attached to it."),
            field="file",
            number=str(document),
            limit=MAX_FILES,
        )
    kept = keep_file(file.content, name=name, media_type=kind.media_type, by=by)
    row = attach(kept, document, role.value, name=name, replaces=replaced, by=by)
    created(row, by=by, name=name, role=role.value, version=row.version)
    return Attached(row.pk, name, role, row.version, file.sha256)


def _standing(document: Document) -> list[DocumentFile]:
    """The files of the locked document that count."""
    rows = DocumentFile.objects.filter(document=document.pk, voiding=None, replaced_by=None)
    return list(rows.select_related("file").order_by("pk"))


def _replaced(pk: int, role: FileRole, standing: list[DocumentFile]) -> DocumentFile:
    """The file in whose place the new one comes; refused where it is none of these."""
    found = next((row for row in standing if row.pk == pk), None)
    if found is None:
        raise NotFound(
            sentence(
                "The file that is to be replaced is none of this document's that count. "
                "Look at the document's files again."
            ),
            field="replaces_id",
        )
    if found.role != role:
        raise InvalidInput(
            sentence("A file is replaced by one of the same kind: “{role}”."),
            field="role",
            role=found.role,
        )
    return found


def of_file(file_id: int, **_: Any) -> list[ScopeKey]:
    where = ("document__legal_entity_id", "document__site_id")
    return scope_of(DocumentFile, file_id, *where)


@command("documents.void_file", roles=JUDGING, scope=of_file)
def void_file(file_id: int, reason: str, *, by: Actor) -> Voided:
    """The file counts no longer, and says why; its bytes and its place on record stay.

    Papers that the system made end with their document, and are not made void by hand.
    """
    if not reason.strip():
        raise InvalidInput(sentence("Say why the file does not count."), field="reason")
    row = DocumentFile.objects.select_related("file").filter(pk=file_id).first()
    if row is None:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="file_id",
            what=str(DocumentFile._meta.verbose_name),
            id=file_id,
        )
    Document.objects.lock(row.document_id)  # one at a time says what counts
    if row.role not in FileRole:
        raise WrongState(
            sentence("“{name}” was made by the system; it ends with its document."),
            field="file_id",
            name=row.called,
        )
    if VoidedFile.objects.filter(voided=row).exists():
        raise WrongState(sentence("“{name}” is void already."), field="file_id", name=row.called)
    void = VoidedFile.objects.create(
        voided=row,
        reason=reason.strip(),
        person_id=by.person_id,
        at=by.now,
        command_id=by.work.command_id,
    )
    by.work.facts["voided_files"] = [{"id": row.pk, "void": void.pk, "document": row.document_id}]
    record_change(row, {"standing": "counts"}, {"standing": "void"}, by=by)
    return Voided(row.pk, row.called)
