"""Everything that happened to a document: the audit entries of the commands that touched it."""

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
  SELECT %(last)s::bigint AS id, 1 AS nth
  UNION ALL
  SELECT (e.detail::jsonb -> 'versions' -> %(document)s::text ->> 1)::bigint, m.nth + 1
  FROM made m JOIN audit_entry e ON e.id = m.id WHERE m.nth < %(limit)s
)
SELECT id FROM made WHERE id IS NOT NULL
UNION SELECT command_id FROM audit_signature WHERE subject_uid = %(uid)s
UNION SELECT command_id FROM stock_move WHERE document_id = %(document)s
UNION SELECT command_id FROM documents_file WHERE document_id = %(document)s
UNION SELECT v.command_id FROM documents_voided_file v JOIN documents_file f ON f.id = v.voided_id
  WHERE f.document_id = %(document)s
ORDER BY id DESC LIMIT %(limit)s
"""


def of_document(**which: Any) -> Q:
    """The entries of all commands that made, changed or signed it, moved its goods, filed to it."""
    found = Document.objects.filter(**which).values_list("pk", "uid", "version_command_id").first()
    if found is None:
        return Q(pk__in=())
    document, uid, last = found
    values: dict[str, Any] = {"document": document, "uid": uid, "last": last, "limit": MAX_ENTRIES}
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, values)
        return Q(pk__in=[row[0] for row in cursor.fetchall()])
