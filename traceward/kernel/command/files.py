"""What a command's body says about files: stored, belonging to a document, printed."""

from datetime import date

from traceward.kernel.base.refusals import TooLarge, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.documents.models import Document, DocumentFile, Printing
from traceward.kernel.records.models import StoredFile
from traceward.kernel.records.store import MAX_BYTES, store


def keep_file(
    content: bytes,
    *,
    name: str,
    media_type: str,
    retain_until: date | None = None,
    by: Actor,
) -> StoredFile:
    """The content is stored and on record; what is on record already keeps its first name."""
    if len(content) > MAX_BYTES:
        raise TooLarge(
            sentence("The file has {size} MB; {most} MB are allowed. Make it smaller."),
            size=len(content) // 1_000_000,
            most=MAX_BYTES // 1_000_000,
        )
    digest = bytes.fromhex(store().put(content))
    row = StoredFile(
        sha256=digest,
        name=name,
        media_type=media_type,
        size=len(content),
        stored_at=by.now,
        command_id=by.work.command_id,
        retain_until=retain_until,
    )
    # Another command may store the same bytes at this moment: it is waited for, and its row taken.
    StoredFile.objects.bulk_create([row], ignore_conflicts=True)
    return StoredFile.objects.get(sha256=digest)


def attach(
    file: StoredFile,
    document: Document,
    role: str,
    *,
    is_void: bool = False,
    name: str = "",
    replaces: DocumentFile | None = None,
    by: Actor,
) -> DocumentFile:
    """The file is the newest version in this role of the document, which its command has locked."""
    known = DocumentFile.objects.filter(document=document.pk, role=role)
    newest = known.order_by("-version").values_list("version", flat=True).first()
    row = DocumentFile.objects.create(
        document_id=document.pk,
        file=file,
        role=role,
        version=(newest or 0) + 1,
        is_void=is_void,
        name=name,
        replaces=replaces,
        command_id=by.work.command_id,
    )
    by.work.facts.setdefault("files", []).append(
        {
            "id": row.pk,
            "document": document.pk,
            "role": role,
            "version": row.version,
            "is_void": is_void,
            "sha256": bytes(file.sha256).hex(),
            **({"name": name} if name else {}),
            **({"replaces": replaces.pk} if replaces else {}),
        }
    )
    return row


def log_printing(printed: DocumentFile, copies: int, *, by: Actor) -> int:
    """It is on record who printed the file and when; says how often that was done by now."""
    Printing.objects.create(
        printed=printed,
        person_id=by.person_id,
        at=by.now,
        copies=copies,
        command_id=by.work.command_id,
    )
    return Printing.objects.filter(printed=printed).count()
