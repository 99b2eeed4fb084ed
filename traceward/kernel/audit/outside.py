"""What lies outside the database, against it: the heads and the keys."""

import uuid
from dataclasses import dataclass, field
from pathlib import Path

from traceward.kernel.audit import heads, keys, stamps
from traceward.kernel.audit.checks import Finding
from traceward.kernel.audit.statement import Statement
from traceward.kernel.base.refusals import sentence

HEADS = "heads"

NO_HEADS = sentence(
    "The file of heads {file} knows nothing of this log although it has seals: whether the "
    "database was rolled back cannot be told. Put the file back from where you keep it."
)
OTHER_HEAD = sentence(
    "Seal {seal} is another one than the head outside says: the log was forged or rolled back "
    "and sealed again."
)
TWO_HEADS = sentence("The heads outside know two different seals {seal}.")
BAD_STAMP = sentence("The time stamp {file} does not prove seal {seal}: {problem}.")
UNCHECKED = sentence(
    "Who made the {count} time stamps was not checked: name the authority's certificates in "
    "{variable}."
)
UNKNOWN_HEAD = sentence(
    "No seal here has the head {head} that was given: the log was forged or rolled back."
)
ROLLED_BACK = sentence(
    "The database was rolled back: a head outside knows seal {seal}, the newest here is {newest}."
)
RESTORED = sentence(
    "The database was restored to seal {seal} from a backup; later heads outside are void."
)
REWRITTEN = sentence("The heads up to seal {seal} were lost and written again from the database.")
HEADS_BEHIND = sentence("Seals after {seal} have no head outside yet.")
NOT_ENDORSED = sentence(
    "The key {key} took over from {previous} without its signature: that key was lost."
)
KEY_AWAY = sentence("The private key {key} is not here: nothing can be sealed until it is back.")


@dataclass
class Outside:
    """The heads outside by number, with what their file tells."""

    known: dict[int, str] = field(default_factory=dict)
    has_file: bool = False
    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    def learn(self, number: int, head: str) -> None:
        """A head stands outside; another one of the same seal is a finding."""
        if self.known.setdefault(number, head) != head:
            self.findings.append(Finding(HEADS, TWO_HEADS, {"seal": number}))

    def check(self, statement: Statement) -> Finding | None:
        """The finding, where the head outside says another thing than this seal."""
        known = self.known.get(statement.number)
        if known is None or known == statement.digest.hex():
            return None
        return Finding(HEADS, OTHER_HEAD, {"seal": statement.number})

    def end(self, newest: int, path: Path) -> None:
        """All seals were seen up to `newest`: is one missing here, or outside?"""
        last = max(self.known, default=0)
        if newest and not self.has_file:
            self.findings.append(Finding(HEADS, NO_HEADS, {"file": str(path)}))
        if last > newest:
            self.findings.append(Finding(HEADS, ROLLED_BACK, {"seal": last, "newest": newest}))
        elif last < newest and self.has_file:
            self.notes.append(Finding(HEADS, HEADS_BEHIND, {"seal": last}))


def read_heads(path: Path, log: uuid.UUID) -> Outside:
    """What the file of heads knows of this log."""
    outside = Outside()
    for head in heads.read(path, log):
        if head.is_seal:
            outside.learn(head.number, head.statement)
            continue
        if head.event == heads.RESTORED:
            for number in [n for n in outside.known if n > head.number]:
                del outside.known[number]
        message = RESTORED if head.event == heads.RESTORED else REWRITTEN
        outside.notes.append(Finding(HEADS, message, {"seal": head.number}))
    outside.has_file = bool(outside.known)
    return outside


def read_stamps(outside: Outside, path: Path, log: uuid.UUID, authority: stamps.Authority) -> None:
    """What the tokens beside the heads know of this log, once each is seen to be one."""
    count = 0
    for stamp in stamps.stamps(path, log):
        token = stamp.path.read_bytes()
        try:
            head = stamps.head_of(token)
            authority.check(token, head)
            if not head.hex().startswith(stamp.head):
                raise stamps.BadStamp("its file has another name")
        except stamps.BadStamp as problem:
            values = {"file": stamp.path.name, "seal": stamp.number, "problem": str(problem)}
            outside.findings.append(Finding(HEADS, BAD_STAMP, values))
            continue
        outside.learn(stamp.number, head.hex())
        count += 1
    if count and authority.certificates is None:
        values = {"count": count, "variable": "TRACEWARD_TSA_CERTIFICATES"}
        outside.notes.append(Finding(HEADS, UNCHECKED, values))


def key_notes(folder: Path) -> list[Finding]:
    """What the reader should know of the keys."""
    found = keys.public_keys(folder)
    notes = [
        Finding("keys", NOT_ENDORSED, {"key": key.key_id, "previous": key.previous})
        for key in found.values()
        if not keys.is_endorsed(key, found)
    ]
    newest = keys.newest(found)
    if newest is not None and not (folder / f"{newest.key_id}.pem").exists():
        notes.append(Finding("keys", KEY_AWAY, {"key": newest.key_id}))
    return notes
