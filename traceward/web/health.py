"""The health page: is the database there, and does bookkeeping keep up?"""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

QUERY = """
SELECT (SELECT count(*) FROM outbox_queue),
       (SELECT coalesce(max(sequence), 0) FROM outbox_order),
       (SELECT coalesce(max(last_sequence), 0) FROM audit_seal),
       (SELECT is_sandbox FROM base_database)
"""


def health(request: HttpRequest) -> JsonResponse:
    """200 with the lag of the bookkeeping, or 503 where the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(QUERY)
            queued, sequenced, sealed, is_sandbox = cursor.fetchone()
    except DatabaseError:
        return JsonResponse({"status": "down", "why": "the database does not answer"}, status=503)
    return JsonResponse(
        {
            "status": "up",
            "queued_commands": queued,
            "last_sequence": sequenced,
            "unsealed_commands": sequenced - sealed,
            "is_sandbox": is_sandbox,
        }
    )
