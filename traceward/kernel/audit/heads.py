"""The heads outside the database: each seal's head, appended to var/heads/heads.jsonl.

Whoever rolls the database back, or seals another history with a stolen key, also has to change
this file, and every copy of it that was taken away: `outlets` sends the newest head by e-mail and
has it time-stamped, where that is configured (docs/reference/heads.md).
"""

import fcntl
import json
import os
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from traceward.kernel.audit.statement import Statement

FILE = "heads.jsonl"
TAIL_BYTES = 65_536


@dataclass(frozen=True)
class Head:
    """One line of the file. `event` is "sealed", or says why heads after `number` are void."""

    log: str
    event: str
    number: int
    size: int = 0
    root: str = ""
    statement: str = ""
    sealed_us: int = 0
    key: str = ""
    signature: str = ""

    @property
    def is_seal(self) -> bool:
        return self.event == SEALED


SEALED = "sealed"
#: The database was restored from a backup: heads above the number belong to what was lost.
RESTORED = "restored"
#: No head was there although the log had seals: those up to the number were written again.
REWRITTEN = "rewritten"


def head_of(statement: Statement, signature: bytes) -> Head:
    """The head that stands for this sealed statement, as it is kept outside the database."""
    return Head(
        log=str(statement.log),
        event=SEALED,
        number=statement.number,
        size=statement.tree_size,
        root=statement.root.hex(),
        statement=statement.digest.hex(),
        sealed_us=statement.sealed_us,
        key=statement.key_id,
        signature=signature.hex(),
    )


def read(path: Path, log: uuid.UUID) -> Iterator[Head]:
    """The heads of this log, oldest first; a line cut short by a crash is passed over."""
    if path.exists():
        with path.open("rb") as source:
            yield from _parsed(source, str(log))


def lines_until(path: Path, log: uuid.UUID, number: int) -> str:
    """The file's lines for this log up to the seal of this number, as a file of their own."""
    kept = (head for head in read(path, log) if head.number <= number)
    return "".join(f"{json.dumps(asdict(head))}\n" for head in kept)


def newest(path: Path, log: uuid.UUID) -> Head | None:
    """The last line for this log: from the end of the file, or from all of it."""
    if not path.exists():
        return None
    with path.open("rb") as source:
        source.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = list(_parsed(source.read().splitlines(), str(log)))
    return tail[-1] if tail else next(iter(deque(read(path, log), maxlen=1)), None)


def _parsed(lines: Any, log: str) -> Iterator[Head]:
    for line in lines:
        try:
            values = json.loads(line)
            head = Head(**values)
        except (ValueError, TypeError):
            continue
        if head.log == log:
            yield head


def append(path: Path, heads: list[Head]) -> None:
    """The heads are in the file and on the disk."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with path.open("ab+") as target:
        fcntl.flock(target, fcntl.LOCK_EX)
        if target.tell() and not _ends_a_line(target):
            target.write(b"\n")
        for head in heads:
            target.write(json.dumps(asdict(head)).encode() + b"\n")
        target.flush()
        os.fsync(target.fileno())


def _ends_a_line(target: Any) -> bool:
    target.seek(-1, os.SEEK_END)
    return bool(target.read(1) == b"\n")
