"""What no seal covers: rows that wait for one, rows that none will ever cover, and the order."""

from collections import Counter
from typing import Any

from django.db import connections
from psycopg import sql

from traceward.kernel.audit.checks import MAX_FINDINGS, Finding
from traceward.kernel.audit.leaves import LeafKind, kinds
from traceward.kernel.base.refusals import sentence

CHECK = "order"
#: A command older than this that still has no sequence shows that no worker runs.
LATE_MINUTES = 5

UNSEALED = sentence(
    "{count} commands with {rows} rows are not sealed yet, the oldest of {oldest}; only their own "
    "hashes protect them."
)
UNSEALED_EDITED = sentence(
    "{kind} {id} of command {command} (not sealed yet) was edited: it does not fit its own hash."
)
LOOSE = sentence(
    "{kind} {id} belongs to command {command}, which was never run: it was added behind our back."
)
GAP = sentence("The order of commands has a gap at {sequence}.")
QUEUED_TWICE = sentence("Command {command} waits for a sequence although it has one.")
QUEUED_WITHOUT_ENTRY = sentence("Command {command} waits for a sequence but has no audit entry.")
QUEUE_LATE = sentence(
    "{count} commands wait for their sequence for more than {minutes} minutes: does the worker run?"
)

_WAITING = sql.SQL(
    "(SELECT command_id FROM outbox_order WHERE sequence > %(after)s"
    " UNION ALL SELECT command_id FROM outbox_queue) o"
)
_ROWS_WAITING = sql.SQL(
    "SELECT count(*) FROM {waiting} JOIN {table} t ON t.{command} = o.command_id"
)
_EDITED_WAITING = sql.SQL(
    "SELECT t.{id}, o.command_id FROM {waiting} JOIN {table} t ON t.{command} = o.command_id"
    " WHERE {hash} <> {stored} ORDER BY 1 LIMIT %(limit)s"
)
_LOOSE = sql.SQL(
    "SELECT t.{id}, t.{command} FROM {table} t"
    " WHERE NOT EXISTS (SELECT 1 FROM outbox_order o WHERE o.command_id = t.{command})"
    " AND NOT EXISTS (SELECT 1 FROM outbox_queue q WHERE q.command_id = t.{command})"
    " ORDER BY 1 LIMIT %(limit)s"
)
_TOTAL = sql.SQL("SELECT count(*) FROM {table}")


def check(
    findings: list[Finding], notes: list[Finding], after: int, sealed: Counter[int], *, using: str
) -> None:
    """What stands after the sequence `after`, and whether each row stands somewhere.

    `sealed` is how many leaves of each kind the seals hold.
    """
    ask = _Asking(using, after)
    waiting = 0
    for kind in kinds():
        ((rows,),) = ask.all(_ROWS_WAITING, kind)
        waiting += rows
        for row_id, command in ask.all(_EDITED_WAITING, kind):
            findings.append(_named(UNSEALED_EDITED, kind, row_id, command))
        ((total,),) = ask.all(_TOTAL, kind)
        if total != rows + sealed[kind.code]:
            for row_id, command in ask.all(_LOOSE, kind):
                findings.append(_named(LOOSE, kind, row_id, command))
    findings += _order_findings(ask)
    notes += _waiting_notes(ask, waiting)


def _named(message: str, kind: LeafKind, row_id: int, command: int) -> Finding:
    return Finding(CHECK, message, {"kind": kind.name, "id": row_id, "command": command})


class _Asking:
    """Queries over one connection, filled in for a kind."""

    def __init__(self, using: str, after: int) -> None:
        self.connection = connections[using]
        self.values = {"after": after, "limit": MAX_FINDINGS, "late": LATE_MINUTES}

    def all(self, query: sql.SQL, kind: LeafKind | None = None) -> list[tuple[Any, ...]]:
        names = kind.names() if kind else {}
        text = query.format(waiting=_WAITING, **names).as_string()
        with self.connection.cursor() as cursor:
            cursor.execute(text, self.values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


def _order_findings(ask: _Asking) -> list[Finding]:
    """Gaps in the sequence, and what stands in the queue that should not."""
    found = []
    gaps = ask.all(
        sql.SQL(
            "SELECT s FROM generate_series(1, coalesce((SELECT max(sequence) FROM outbox_order),"
            " 0)) s WHERE (SELECT count(*) <> coalesce(max(sequence), 0) FROM outbox_order)"
            " AND NOT EXISTS (SELECT 1 FROM outbox_order o WHERE o.sequence = s)"
            " ORDER BY s LIMIT %(limit)s"
        )
    )
    found += [Finding(CHECK, GAP, {"sequence": row[0]}) for row in gaps]
    for message, query in (
        (
            QUEUED_TWICE,
            "SELECT q.command_id FROM outbox_queue q JOIN outbox_order o USING (command_id)"
            " ORDER BY 1 LIMIT %(limit)s",
        ),
        (
            QUEUED_WITHOUT_ENTRY,
            "SELECT q.command_id FROM outbox_queue q LEFT JOIN audit_entry a ON a.id = q.command_id"
            " WHERE a.id IS NULL ORDER BY 1 LIMIT %(limit)s",
        ),
    ):
        found += [Finding(CHECK, message, {"command": row[0]}) for row in ask.all(sql.SQL(query))]
    return found


def _waiting_notes(ask: _Asking, rows: int) -> list[Finding]:
    """Rows that wait for a seal are said to wait, with the age of the oldest."""
    query = sql.SQL(
        "SELECT count(*), to_char(min(a.at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS\"Z\"')"
        " FROM {waiting} LEFT JOIN audit_entry a ON a.id = o.command_id"
    )
    ((count, oldest),) = ask.all(query)
    notes = []
    if count:
        values = {"count": count, "rows": rows, "oldest": oldest or "—"}
        notes.append(Finding("seal", UNSEALED, values))
    late = sql.SQL(
        "SELECT count(*) FROM outbox_queue q JOIN audit_entry a ON a.id = q.command_id"
        " WHERE a.at < tw_now() - make_interval(mins => %(late)s)"
    )
    ((count,),) = ask.all(late)
    if count:
        notes.append(Finding(CHECK, QUEUE_LATE, {"count": count, "minutes": LATE_MINUTES}))
    return notes
