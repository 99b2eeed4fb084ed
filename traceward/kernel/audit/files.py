"""Stored files against their records: content, what they belong to, and what belongs to none."""

import json
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from django.db import connections

from traceward.kernel.audit.checks import Finding
from traceward.kernel.base.refusals import sentence

FILES = "files"

MISSING = sentence("stored file {id}: its content {file} is missing.")
CHANGED = sentence("stored file {id}: its content {file} was changed.")
EXCHANGED = sentence(
    "file {id} of document {document}: not as its command recorded it; it was exchanged, added or "
    "removed."
)
LEFT_OVER = sentence(
    "{count} files in {folder} belong to no record, such as {file}: a command that wrote them is "
    "under way, was refused or was cut off. Nothing refers to them."
)

_LINKS = """
SELECT f.id, f.document_id, f.role, f.version, f.is_void, encode(s.sha256, 'hex'),
  f.name, f.replaces_id
FROM documents_file f JOIN records_stored_file s ON s.id = f.file_id
"""
_RECORDED = """
SELECT a.detail FROM audit_entry a
WHERE a.id IN (
  SELECT command_id FROM records_stored_file UNION SELECT command_id FROM documents_file
)
"""
_VOIDS = """
SELECT v.voided_id, v.id, f.document_id FROM documents_voided_file v
JOIN documents_file f ON f.id = v.voided_id
"""
_VOIDINGS = """
SELECT a.detail FROM audit_entry a WHERE a.verb = 'documents.void_file' AND a.outcome = 'done'
"""


class Link(NamedTuple):
    """A file of a document, as its row says or as the audit entry of its command says."""

    id: int
    document: int
    role: str
    version: int
    is_void: bool
    sha256: str
    name: str = ""
    replaces: int | None = None


class Void(NamedTuple):
    """That a file does not count: its id, that of the row that says so, and its document."""

    id: int
    void: int
    document: int


def check_content(folder: Path, *, using: str, fast: bool) -> list[Finding]:
    """Records whose content is missing or changed; `fast` compares sizes only."""
    found = []
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT id, encode(sha256, 'hex'), size FROM records_stored_file ORDER BY 1")
        for row_id, name, size in cursor:
            path = folder / name
            values = {"id": row_id, "file": name}
            if not path.is_file():
                found.append(Finding(FILES, MISSING, values))
            elif path.stat().st_size != size or not (fast or digest_of(path) == name):
                found.append(Finding(FILES, CHANGED, values))
    return found


def digest_of(path: Path) -> str:
    with path.open("rb") as source:
        return file_digest(source, "sha256").hexdigest()


def check_documents(*, using: str) -> list[Finding]:
    """Files that belong to another document, or in another version, than their command said.

    The audit entries are under the seal; what was edited in them is named by the seal's own check.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(_LINKS)
        are = {Link(*row) for row in cursor}
        cursor.execute(_RECORDED)
        said = {link for (detail,) in cursor for link in _recorded(detail)}
        cursor.execute(_VOIDS)
        void = {Void(*row) for row in cursor}
        cursor.execute(_VOIDINGS)
        said_void = {one for (detail,) in cursor for one in _voided(detail)}
    wrong = {link.id: link.document for link in sorted(are ^ said, key=lambda link: link.id)}
    wrong |= {one.id: one.document for one in sorted(void ^ said_void)}
    return [Finding(FILES, EXCHANGED, {"id": pk, "document": of}) for pk, of in wrong.items()]


def _recorded(detail: str) -> list[Link]:
    try:
        return [Link(**file) for file in json.loads(detail).get("files", [])]
    except (ValueError, TypeError, AttributeError):
        return []  # an edited entry, which the seal's check names


def _voided(detail: str) -> list[Void]:
    try:
        return [Void(**one) for one in json.loads(detail).get("voided_files", [])]
    except (ValueError, TypeError, AttributeError):
        return []


def left_over(folder: Path, *, using: str) -> list[Finding]:
    """What lies in the folder without a record. It does no harm, and nothing here removes it."""
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT encode(sha256, 'hex') FROM records_stored_file")
        names -= {name for (name,) in cursor}
    if not names:
        return []
    values = {"count": len(names), "folder": str(folder), "file": min(names)}
    return [Finding(FILES, LEFT_OVER, values)]
