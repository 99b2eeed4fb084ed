"""Verification: the whole log against the rows, the signatures, the heads outside and itself.

It reads as the role that may only read, reports, and repairs nothing. Rows are hashed again in the
database, block by block on two connections, with expressions of ours; roots, signatures and the
chain are computed here meanwhile.
"""

import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from traceward.kernel.audit import blocks, checks, files, keys, leaves, loose, outside
from traceward.kernel.audit.checks import Finding
from traceward.kernel.audit.merkle import Frontier
from traceward.kernel.audit.models import Seal
from traceward.kernel.audit.sealing import Folders, hashes, log_uid, statement_of
from traceward.kernel.audit.stamps import Authority
from traceward.kernel.audit.statement import NOTHING_BEFORE, Statement
from traceward.kernel.base.refusals import sentence

CONNECTIONS = 2
#: Blocks under way at once; each holds its leaves in memory.
UNDER_WAY = 4
#: A fast verification hashes the rows of so many of the newest blocks again, and no others.
FAST_BLOCKS = 10

BROKEN_CHAIN = sentence(
    "Seal {seal} does not follow the one before it: seals were removed, swapped or forged."
)
BAD_SIGNATURE = sentence("Seal {seal} is forged: its signature does not fit what it says.")
UNKNOWN_KEY = sentence("Seal {seal} is signed with the key {key}, which is not among the keys.")
OLD_KEY = sentence("Seal {seal} is signed with the key {key}, which was replaced before.")
BAD_ROOT = sentence("Seal {seal} is forged: its root does not fit its leaves.")
NO_ENTRY = sentence("Seal {seal} covers {count} commands without an audit entry.")


@dataclass
class Report:
    """What was found wrong, what the reader should know, and how much was read."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    seals: int = 0
    leaves: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    log_seconds: float = 0.0
    head: str = ""
    is_fast: bool = False
    hashed_seals: int = 0

    @property
    def is_sound(self) -> bool:
        return not self.findings

    @property
    def leaves_per_second(self) -> float:
        return self.leaves.total() / self.log_seconds if self.log_seconds else 0.0


def verify(
    *,
    fast: bool = False,
    var: Path | None = None,
    using: str = "verify",
    given: Iterable[str] = (),
    authority: Authority | None = None,
) -> Report:
    """The database against its seals. `fast` hashes only the rows of the newest blocks again.

    `given` are heads known from elsewhere; time stamps must go back to the `authority`.
    """
    began = time.monotonic()
    report = Report(is_fast=fast)
    folders = Folders.below(var)
    walk = _Walk(log_uid(using), keys.public_keys(folders.keys), report)
    walk.outside = outside.read_heads(folders.heads, walk.log)
    outside.read_stamps(walk.outside, folders.heads, walk.log, authority or Authority())
    with _comparing(using, report) as compare:
        oldest = _oldest_block_to_hash(using, fast)
        for seal in Seal.objects.using(using).order_by("number").iterator(chunk_size=4):
            if walk.take(seal) and seal.number >= oldest:
                compare(seal)
                report.hashed_seals += 1
    report.log_seconds = time.monotonic() - began
    walk.outside.end(walk.number, folders.heads)
    for head in sorted(set(given) - walk.heads):
        report.findings.append(Finding(outside.HEADS, outside.UNKNOWN_HEAD, {"head": head}))
    report.findings += walk.outside.findings
    report.notes += walk.outside.notes + outside.key_notes(folders.keys)
    with checks.snapshot(using):
        loose.check(report.findings, report.notes, walk.last_sequence, report.leaves, using=using)
        report.findings += files.check_content(folders.files, using=using, fast=fast)
        report.findings += files.check_documents(using=using)
        report.notes += files.left_over(folders.files, using=using)
        report.findings += checks.run_checks(using=using)
    report.head = walk.previous.hex() if report.seals else ""
    report.seconds = time.monotonic() - began
    return report


def _oldest_block_to_hash(using: str, fast: bool) -> int:
    if not fast:
        return 0
    newest = Seal.objects.using(using).order_by("-number").values_list("number", flat=True).first()
    return (newest or 0) - FAST_BLOCKS + 1


class _Walk:
    """Along the chain of seals: each must follow from the one before."""

    def __init__(
        self, log: uuid.UUID, public_keys: dict[str, keys.PublicKey], report: Report
    ) -> None:
        self.log, self.keys, self.report = log, public_keys, report
        self.outside = outside.Outside()
        self.number, self.last_sequence, self.previous = 0, 0, NOTHING_BEFORE
        #: None from the first bad seal on: roots cannot be computed over what is unknown.
        self.frontier: Frontier | None = Frontier()
        self.replaced: set[str] = set()
        self.heads: set[str] = set()

    def take(self, seal: Seal) -> bool:
        """The seal is checked; true where its list of leaves can be believed."""
        statement = statement_of(seal, self.log)
        problem = self._problem(seal, statement)
        other = self.outside.check(statement)
        for finding in (problem, other):
            if finding is not None:
                self.report.findings.append(finding)
        is_signed = problem is None or problem.message in (BROKEN_CHAIN, OLD_KEY)
        self._go_on(seal, statement, is_sound=problem is None)
        return is_signed

    def _problem(self, seal: Seal, statement: Statement) -> Finding | None:
        """The first thing wrong with this seal, signature first: it covers all the rest."""
        key = self.keys.get(seal.key_id)
        named = {"seal": seal.number, "key": seal.key_id}
        if key is None:
            return Finding("seal", UNKNOWN_KEY, named)
        if not key.has_signed(statement.text, bytes(seal.signature)):
            return Finding("seal", BAD_SIGNATURE, named)
        if seal.key_id in self.replaced:
            return Finding("seal", OLD_KEY, named)
        follows = (self.number + 1, self.last_sequence + 1, self.previous)
        if (seal.number, seal.first_sequence, bytes(seal.previous)) != follows:
            return Finding("seal", BROKEN_CHAIN, named)
        return self._root_problem(seal)

    def _root_problem(self, seal: Seal) -> Finding | None:
        if self.frontier is None:
            return None
        self.frontier.extend(hashes(bytes(seal.leaves)))
        as_computed = (self.frontier.size, self.frontier.root(), self.frontier.packed)
        if as_computed != (seal.tree_size, bytes(seal.root), bytes(seal.frontier)):
            return Finding("seal", BAD_ROOT, {"seal": seal.number})
        return None

    def _go_on(self, seal: Seal, statement: Statement, *, is_sound: bool) -> None:
        key = self.keys.get(seal.key_id)
        if is_sound and key is not None and key.previous:
            self.replaced.add(key.previous)
        if not is_sound:
            self.frontier = None
        self.number, self.last_sequence = seal.number, seal.last_sequence
        self.previous = statement.digest
        self.heads.add(statement.digest.hex())
        self.report.seals += 1
        codes = bytes(seal.leaves)[:: leaves.LEAF_BYTES]
        self.report.leaves.update(codes)
        entries = codes.count(leaves.AUDIT_ENTRY.code)
        without = seal.last_sequence - seal.first_sequence + 1 - entries
        if is_sound and without:
            values = {"seal": seal.number, "count": without}
            self.report.findings.append(Finding("seal", NO_ENTRY, values))


@contextmanager
def _comparing(using: str, report: Report) -> Iterator[Callable[[Seal], None]]:
    """Gives a function that compares a block with its rows in the background.

    Findings come in the order of the log, whichever connection was faster.
    """
    free: SimpleQueue[BaseDatabaseWrapper] = SimpleQueue()
    opened = [connections.create_connection(using) for _ in range(CONNECTIONS)]
    for connection in opened:
        connection.inc_thread_sharing()
        free.put(connection)
    under_way: deque[Future[list[Finding]]] = deque()

    def work(seal: Seal) -> list[Finding]:
        connection = free.get()
        try:
            return blocks.compare(
                connection,
                seal=seal.number,
                first=seal.first_sequence,
                last=seal.last_sequence,
                packed=bytes(seal.leaves),
            )[: checks.MAX_FINDINGS]
        finally:
            free.put(connection)

    def compare(seal: Seal) -> None:
        under_way.append(pool.submit(work, seal))
        if len(under_way) > UNDER_WAY:
            report.findings += under_way.popleft().result()

    try:
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            yield compare
            while under_way:
                report.findings += under_way.popleft().result()
    finally:
        for connection in opened:
            connection.close()
