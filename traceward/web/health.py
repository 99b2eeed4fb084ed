"""The health page: is the database there, and does bookkeeping keep up?"""

from typing import Any

from django.db import Error, ProgrammingError, connection
from django.http import HttpRequest, JsonResponse

QUERY = """
SELECT (SELECT count(*) FROM outbox_queue),
       (SELECT coalesce(max(sequence), 0) FROM outbox_order),
       (SELECT coalesce(max(last_sequence), 0) FROM audit_seal),
       (SELECT is_sandbox FROM base_database)
"""


def health(request: HttpRequest) -> JsonResponse:
    """200 with the lag of the bookkeeping; 503 where the database is away or another version's."""
    try:
        row = _asked() or _asked()  # the first connection may be from before a restart
    except ProgrammingError:
        why = "the database is not of this version; run “traceward migrate”"
        return JsonResponse({"status": "down", "why": why}, status=503)
    if row is None:
        return JsonResponse({"status": "down", "why": "the database does not answer"}, status=503)
    queued, sequenced, sealed, is_sandbox = row
    return JsonResponse(
        {
            "status": "up",
            "queued_commands": queued,
            "last_sequence": sequenced,
            "unsealed_commands": sequenced - sealed,
            "is_sandbox": is_sandbox,
        }
    )


def _asked() -> tuple[Any, ...] | None:
    """The figures; none where the connection is broken, and the next one is new."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(QUERY)
            found: tuple[Any, ...] = cursor.fetchone()
            return found
    except ProgrammingError:
        raise
    except Error:
        connection.close()
        return None
