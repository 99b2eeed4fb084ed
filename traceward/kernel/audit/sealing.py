"""Sealing: what was committed since the last seal goes into the log, block by block.

A job of bookkeeping, not a command: it decides nothing, has no person behind it, and a seal over
its own audit entry would never end (docs/adr/0030). It may run at any time and as often as wished.
"""

import uuid
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from traceward.kernel.audit import heads, keys, leaves
from traceward.kernel.audit.merkle import Frontier
from traceward.kernel.audit.models import Seal
from traceward.kernel.audit.statement import NOTHING_BEFORE, Statement
from traceward.kernel.base.refusals import Conflict, sentence

#: Leaves in a block; a command is never split, so a large one makes a larger block.
BLOCK_LEAVES = 10_000
SEALING_LOCK = 7204

_COUNTS = """
SELECT o.sequence, {counts} FROM outbox_order o
WHERE o.sequence > %(after)s ORDER BY o.sequence LIMIT %(limit)s
"""


class RolledBack(Conflict):
    """The heads outside know a later or another history than the database."""

    is_final = False


@dataclass(frozen=True)
class Folders:
    """Where the keys and the heads of this installation are."""

    keys: Path
    heads: Path
    files: Path

    @staticmethod
    def below(var: Path | None) -> "Folders":
        """Below the given var folder, or that of the settings."""
        root = var or settings.VAR
        return Folders(root / "keys", root / "heads" / heads.FILE, root / "files")


def seal_pending(
    *, var: Path | None = None, using: str = "default", block_leaves: int = BLOCK_LEAVES
) -> int:
    """Every sequenced command is under a seal whose head is outside; says how many seals it took.

    Refused where the private key is missing, or where the heads outside show that the database
    has been rolled back: going on would make a second history under the same numbers.
    """
    folders = Folders.below(var)
    _send_heads(folders, using)
    count = 0
    while _seal_one(folders, using, block_leaves):
        _send_heads(folders, using)
        count += 1
    return count


def statement_of(seal: Seal, log: uuid.UUID) -> Statement:
    """What the seal's row says, as it was signed."""
    return Statement(
        log=log,
        number=seal.number,
        first_sequence=seal.first_sequence,
        last_sequence=seal.last_sequence,
        tree_size=seal.tree_size,
        root=bytes(seal.root),
        leaves_digest=sha256(bytes(seal.leaves)).digest(),
        previous=bytes(seal.previous),
        sealed_us=microseconds(seal.sealed_at),
        key_id=seal.key_id,
    )


def microseconds(moment: Any) -> int:
    """UTC microseconds since 1970, exactly."""
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + int(moment.microsecond)


def log_uid(using: str) -> uuid.UUID:
    """The log's name: the uid of its database."""
    (value,) = _row(using, "SELECT uid FROM base_database WHERE id = 1")
    return uuid.UUID(str(value))


def last_seal(using: str) -> Seal | None:
    return Seal.objects.using(using).order_by("number").last()


def _row(using: str, query: str, values: Any = None) -> tuple[Any, ...]:
    with connections[using].cursor() as cursor:
        cursor.execute(query, values)
        row: tuple[Any, ...] = cursor.fetchone()
        return row


def _seal_one(folders: Folders, using: str, block_leaves: int) -> bool:
    """The next block is sealed; false where nothing waits."""
    with transaction.atomic(using=using):
        _row(using, "SELECT pg_advisory_xact_lock(%s)", [SEALING_LOCK])
        before = last_seal(using)
        after = before.last_sequence if before else 0
        last = _last_sequence_of_block(using, after, block_leaves)
        if last is None:
            return False
        (now,) = _row(using, "SELECT tw_now()")
        if before is None:
            keys.make_first_key(folders.keys, microseconds(now))
        public, private = keys.signing_key(folders.keys)
        query = leaves.packed_query()
        (packed,) = _row(using, query, {"first": after + 1, "last": last})
        frontier = Frontier(before.tree_size, bytes(before.frontier)) if before else Frontier()
        frontier.extend(hashes(packed))
        log = log_uid(using)
        seal = Seal(
            number=before.number + 1 if before else 1,
            first_sequence=after + 1,
            last_sequence=last,
            tree_size=frontier.size,
            leaves=packed,
            frontier=frontier.packed,
            root=frontier.root(),
            previous=statement_of(before, log).digest if before else NOTHING_BEFORE,
            sealed_at=now,
            key_id=public.key_id,
        )
        seal.signature = private.sign(statement_of(seal, log).text)
        seal.save(using=using, force_insert=True)
    return True


def hashes(packed: bytes) -> list[bytes]:
    """The leaf hashes of packed leaves."""
    return [packed[i + 9 : i + 41] for i in range(0, len(packed), leaves.LEAF_BYTES)]


def _last_sequence_of_block(using: str, after: int, block_leaves: int) -> int | None:
    """The sequence with which the next block ends: as many whole commands as fit, at least one."""
    query = leaves.count_query(_COUNTS)
    total, last = 0, None
    with connections[using].chunked_cursor() as cursor:
        cursor.execute(query, {"after": after, "limit": block_leaves})
        for sequence, count in cursor:
            total += count
            if last is not None and total > block_leaves:
                break
            last = sequence
    return last


def _send_heads(folders: Folders, using: str) -> None:
    """The file of heads has every seal of the database; refused where it knows another history."""
    log = log_uid(using)
    known = heads.newest(folders.heads, log)
    seals = Seal.objects.using(using).order_by("number")
    if known is not None and known.is_seal:
        row = seals.filter(number=known.number).first()
        if row is None or statement_of(row, log).digest.hex() != known.statement:
            raise RolledBack(
                sentence(
                    "The heads in {file} know seal {number} as this database does not: it was "
                    "rolled back or replaced. Nothing is sealed. Run “traceward verify”; after a "
                    "restore on purpose, run “traceward restore” with --accept-loss."
                ),
                file=str(folders.heads),
                number=known.number,
            )
    new = list(seals.filter(number__gt=known.number if known else 0))
    if not new:
        return
    lines = [heads.head_of(statement_of(s, log), bytes(s.signature)) for s in new]
    if known is None and len(new) > 1:
        lines.insert(0, heads.Head(str(log), heads.REWRITTEN, new[-1].number))
    heads.append(folders.heads, lines)
