"""How the installation stands: what waits, for how long, and what failed. Read, never changed.

From the database, so that every server and worker sees the same; `/metrics` and `doctor` show it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from traceward.kernel.command.delivery import handlers as handler_commands

#: What a handler has before it is counted among so many of the newest commands.
LOOKED_AT = 10_000

SEQUENCING = """
SELECT count(*), extract(epoch FROM tw_now() - min(a.at))
FROM outbox_queue q JOIN audit_entry a ON a.id = q.command_id
"""
SEALING = """
WITH s AS (SELECT coalesce(max(last_sequence), 0) AS sealed FROM audit_seal),
     o AS (SELECT coalesce(max(sequence), 0) AS last FROM outbox_order)
SELECT o.last - s.sealed, extract(epoch FROM tw_now() - (
  SELECT a.at FROM outbox_order n JOIN audit_entry a ON a.id = n.command_id
  WHERE n.sequence = s.sealed + 1))
FROM s, o
"""
HANDLER = """
SELECT count(*), extract(epoch FROM tw_now() - min(e.at))
FROM outbox_progress p
JOIN outbox_order o ON o.sequence >= greatest(p.last_sequence,
  (SELECT coalesce(max(sequence), 0) FROM outbox_order) - %s)
JOIN outbox_event e ON e.command_id = o.command_id
WHERE p.handler = %s AND (o.sequence, e.ordinal) > (p.last_sequence, p.last_ordinal)
  AND split_part(e.name, '.', 3) = ANY (%s)
"""
WEBHOOKS = """
SELECT w.uid, w.name, w.state, w.reason, w.failures,
       extract(epoch FROM tw_now() - w.failing_since),
       CASE w.state WHEN 'removed' THEN 0
         ELSE (SELECT coalesce(max(sequence), 0) FROM outbox_order) - w.last_sequence END,
       d.queued, d.parked, extract(epoch FROM tw_now() - d.oldest)
FROM outbox_webhook w CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE x.state = 'queued') AS queued,
         count(*) FILTER (WHERE x.state = 'parked') AS parked,
         min(e.at) AS oldest
  FROM outbox_webhook_delivery x JOIN outbox_event e ON e.id = x.event_id
  WHERE x.webhook_id = w.id AND x.state IN ('queued', 'parked')
) d
WHERE w.state <> 'removed' ORDER BY w.id
"""
PARKED = "SELECT count(*) FROM outbox_parked WHERE solved_at IS NULL"
HELD = """
SELECT count(*), extract(epoch FROM tw_now() - min(requested_at))
FROM workflow_held WHERE state = 'waiting'
"""
VERIFICATION = """
SELECT at, extract(epoch FROM tw_now() - at), findings, first_finding FROM audit_verification
WHERE NOT is_fast ORDER BY id DESC LIMIT 1
"""
DATABASE = """
SELECT pg_database_size(current_database()),
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
       current_setting('max_connections')::int
"""
JOBS = "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status ORDER BY status"
OVERDUE_JOBS = """
SELECT extract(epoch FROM now() - min(coalesce(scheduled_at, now()))) FROM procrastinate_jobs
WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()
"""


@dataclass(frozen=True)
class Waiting:
    """So many wait, the oldest for so many seconds."""

    count: int
    seconds: float


@dataclass(frozen=True)
class WebhookStanding:
    """How a webhook does; `behind` are commands whose events were not looked at yet."""

    uid: uuid.UUID
    name: str
    state: str
    reason: str
    failures: int
    failing_seconds: float
    behind: int
    queued: int
    parked: int
    oldest_seconds: float


@dataclass(frozen=True)
class LastVerification:
    """When the whole ledger was verified last, and what was found."""

    at: datetime
    seconds_ago: float
    findings: int
    first_finding: str


@dataclass(frozen=True)
class DatabaseStanding:
    """How large the database is, and how many connections it has and may have."""

    size_bytes: int
    connections: int
    max_connections: int


def _row(sql: str, values: list[Any] | None = None) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return tuple(cursor.fetchone() or ())


def _waiting(sql: str, values: list[Any] | None = None) -> Waiting:
    count, seconds = _row(sql, values)
    return Waiting(int(count), max(float(seconds or 0), 0.0))


def sequencing() -> Waiting:
    """Committed commands without a place in the order."""
    return _waiting(SEQUENCING)


def sealing() -> Waiting:
    """Commands that have their place and are in no seal yet."""
    return _waiting(SEALING)


def handlers() -> dict[str, Waiting]:
    """Handler → events that it was not given yet, among the newest commands."""
    return {
        found.verb: _waiting(HANDLER, [LOOKED_AT, found.verb, list(found.subscribes)])
        for found in handler_commands()
    }


def webhooks() -> list[WebhookStanding]:
    """Every webhook that was not removed."""
    with connection.cursor() as cursor:
        cursor.execute(WEBHOOKS)
        rows = cursor.fetchall()
    return [
        WebhookStanding(
            uid, name, state, reason, failures, float(failing or 0), behind, queued, parked,
            float(oldest or 0),
        )
        for uid, name, state, reason, failures, failing, behind, queued, parked, oldest in rows
    ]  # fmt: skip


def parked_events() -> int:
    """Events that a handler refused or failed on, and that nobody settled yet."""
    return int(_row(PARKED)[0])


def held_commands() -> Waiting:
    """Commands that wait for another person's decision."""
    return _waiting(HELD)


def last_verification() -> LastVerification | None:
    """Of the whole ledger; none where there was none yet."""
    row = _row(VERIFICATION)
    return LastVerification(row[0], float(row[1]), row[2], row[3]) if row else None


def database() -> DatabaseStanding:
    """The database that we are connected to."""
    return DatabaseStanding(*_row(DATABASE))


def jobs() -> dict[str, int]:
    """Scheduled jobs by status, as procrastinate counts them."""
    with connection.cursor() as cursor:
        cursor.execute(JOBS)
        return dict(cursor.fetchall())


def overdue_job_seconds() -> float:
    """How long the oldest job that is due waits."""
    return max(float(_row(OVERDUE_JOBS)[0] or 0), 0.0)
