"""Keeping checkpoints: bookkeeping by a job, no command, since it decides nothing. # INV-08

Two checkpoints stand at most 100,000 moves apart, also after back-dated rows: they are made
90,000 apart, and made again once 5,000 late rows have come that they do not hold.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connections, transaction

from traceward.kernel.outbox.sequencer import sequence_commands

SPACING = 90_000
LATE_ROWS = 5_000
FULL = 95_000
#: Checkpoints made or renewed in one call.
BATCH = 200


@dataclass(frozen=True)
class Kept:
    """What one run did."""

    renewed: int
    made: int


def keep_checkpoints(
    *,
    spacing: int = SPACING,
    late_rows: int = LATE_ROWS,
    full: int = FULL,
    batch: int = BATCH,
    using: str = "default",
) -> Kept:
    """Checkpoints that lag behind late rows are renewed, gaps are filled, and new ones are made.

    May run at any time and as often as wished; a lock in the database lets one run at a time.
    Each checkpoint is a transaction of its own.
    """
    sequence_commands(using=using)
    renewed = _renew(spacing, late_rows, full, batch, using)
    made = 0
    while renewed + made < batch:
        at = _next_at(newest_checkpoint(using), spacing, using)
        if at is None:
            break
        _make(at, using)
        made += 1
    return Kept(renewed, made)


def _renew(spacing: int, late_rows: int, full: int, batch: int, using: str) -> int:
    renewed = 0
    for before, at, lateness in _lateness(using):
        if lateness <= late_rows or renewed >= batch:
            continue
        if _moves_between(before, at, using) > full:
            middle = _next_at(before, spacing, using)
            if middle is not None and middle < at:
                _make(middle, using)
        _make(at, using)
        renewed += 1
    return renewed


def _lateness(using: str) -> list[tuple[datetime | None, datetime, int]]:
    """Each checkpoint's moment, that of the one before it, and how many late rows it lacks."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT lag(at) OVER (ORDER BY at), at, stock_checkpoint_lateness(id)"
            " FROM (SELECT DISTINCT ON (at) at, id FROM stock_checkpoint"
            "       WHERE NOT is_void AND at <= stock_checkpoint_late_from() - interval '1 hour'"
            "       ORDER BY at, sequence DESC) c ORDER BY at"
        )
        return cursor.fetchall()


def newest_checkpoint(using: str = "default") -> datetime | None:
    """The moment of the newest checkpoint; none before the first."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT max(at) FROM stock_checkpoint WHERE NOT is_void")
        return cursor.fetchone()[0]


def _moves_between(after: datetime | None, until: datetime, using: str) -> int:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM stock_moves_within(coalesce(%s, '-infinity'::timestamptz), %s)",
            [after, until],
        )
        return cursor.fetchone()[0]


def _next_at(after: datetime | None, spacing: int, using: str) -> datetime | None:
    """Where the next checkpoint belongs: an hour before anything that has no sequence yet, so that
    whatever it will lack is late by more than an hour and is found by its index."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT stock_next_checkpoint_at(%s,"
            " stock_checkpoint_late_from() - interval '1 hour', %s)",
            [after, spacing],
        )
        return cursor.fetchone()[0]


def _make(at: datetime, using: str) -> None:
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        # A checkpoint of millions of balances takes longer than a command may.
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("SELECT stock_make_checkpoint(%s)", [at])
