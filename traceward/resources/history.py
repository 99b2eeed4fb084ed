"""Everything that happened to a document: the audit entries of the commands that touched it."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Q

from traceward.kernel.documents.models import Document

#: The newest so many are found; no document has as many.
MAX_ENTRIES = 10_000

# Each version names the command that made it, and that command's entry the one before (ADR 0090):
# nothing is searched. Who signed for the document, moved goods under it or put files to it is found
# by index.
HISTORY = """
WITH RECURSIVE made AS (
  SELECT d.id AS document, d.version_command_id AS id, 1 AS nth
  FROM documents_document d WHERE d.id = ANY(%(documents)s)
  UNION ALL
  SELECT m.document, (e.detail::jsonb -> 'versions' -> m.document::text ->> 1)::bigint, m.nth + 1
  FROM made m JOIN audit_entry e ON e.id = m.id WHERE m.nth < %(limit)s
)
SELECT id FROM made WHERE id IS NOT NULL
UNION SELECT s.command_id FROM audit_signature s
  JOIN documents_document d ON d.uid = s.subject_uid WHERE d.id = ANY(%(documents)s)
UNION SELECT command_id FROM stock_move WHERE document_id = ANY(%(documents)s)
UNION SELECT command_id FROM documents_file WHERE document_id = ANY(%(documents)s)
UNION SELECT v.command_id FROM documents_voided_file v JOIN documents_file f ON f.id = v.voided_id
  WHERE f.document_id = ANY(%(documents)s)
ORDER BY id DESC LIMIT %(limit)s
"""


def of_document(**which: Any) -> Q:
    """The entries of all commands that made, changed or signed it, moved its goods, filed to it."""
    return of_documents(Document.objects.filter(**which).values_list("pk", flat=True)[:1])


def of_documents(documents: Iterable[int]) -> Q:
    """The same of several documents together; two queries at most."""
    known = list(documents)
    if not known:
        return Q(pk__in=())
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, {"documents": known, "limit": MAX_ENTRIES})
        return Q(pk__in=[row[0] for row in cursor.fetchall()])
