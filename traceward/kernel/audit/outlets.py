"""The newest head, sent to where nobody here can change it: by e-mail, and to be time-stamped.

Configured by the environment (docs/reference/heads.md). Sealing never waits for it: the worker
sends in a thread of its own, tries again later, ever less often, and keeps beside the heads what
became of it. Each head holds all before it, so only the newest is sent, once, at most so often.
"""

import fcntl
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from django.db import connections

from traceward.kernel.audit import stamps
from traceward.kernel.audit.keys import write_whole
from traceward.kernel.audit.sealing import Folders, last_seal, log_uid, statement_of
from traceward.kernel.audit.statement import Statement
from traceward.kernel.base.post import SMTP, is_address, is_server, smtp
from traceward.kernel.base.refusals import InvalidInput, fill, sentence

LOG = logging.getLogger("traceward.worker")
TO, FROM = "TRACEWARD_HEADS_TO", "TRACEWARD_HEADS_FROM"
TSA, CERTIFICATES = "TRACEWARD_TSA_URL", "TRACEWARD_TSA_CERTIFICATES"
MINUTES = "TRACEWARD_HEADS_MINUTES"
DEFAULT_MINUTES, MOST_MINUTES = 60, 1440
PAUSE_SECONDS = 20.0
MAX_RECIPIENTS = 20

SUBJECT = sentence("Traceward: head of seal {number}")
BODY = sentence(
    "Seal {number} of log {log} has the head {head}. Keep this message: "
    "“traceward verify --head {head}” tells whether the ledger still has it."
)


class Outlet(Protocol):
    """A way out: sends one head, or raises what went wrong."""

    @property
    def name(self) -> str: ...

    def send(self, sent: "Head", folders: Folders) -> None: ...


class Unusable(InvalidInput):
    """A setting cannot be used."""


@dataclass(frozen=True)
class Head:
    """What is sent: the signed statement of a seal."""

    statement: Statement
    signature: bytes

    @property
    def digest(self) -> str:
        return self.statement.digest.hex()


@dataclass(frozen=True)
class Mail:
    """By e-mail. The server is smtp://, smtp+starttls:// or smtps://user:password@host:port."""

    server: str
    sender: str
    to: tuple[str, ...]
    name: str = "mail"

    def send(self, sent: Head, folders: Folders) -> None:
        with smtp(self.server) as server:
            refused = server.send_message(self.message(sent))
        if refused:
            LOG.warning("the e-mail with the head was refused for %s", ", ".join(refused))

    def message(self, sent: Head) -> EmailMessage:
        """The same head makes the same message id, so a second copy is known as one."""
        values = {"number": sent.statement.number, "log": str(sent.statement.log)}
        values["head"] = sent.digest
        message = EmailMessage()
        message["Subject"] = fill(SUBJECT, values, "en")
        message["From"], message["To"] = self.sender, ", ".join(self.to)
        message["Message-ID"] = f"<{sent.digest}@{sent.statement.log}.traceward>"
        told = [fill(BODY, values, language) for language in ("en", "zh-hans")]
        statement = sent.statement.text.decode("ascii")
        message.set_content("\n\n".join([*told, f"{statement}signature {sent.signature.hex()}\n"]))
        return message


@dataclass(frozen=True)
class Stamped:
    """To be time-stamped; the token is kept beside the heads."""

    authority: stamps.Authority
    name: str = "time-stamp"

    def send(self, sent: Head, folders: Folders) -> None:
        statement = sent.statement
        token = self.authority.stamp(statement.text, statement.digest)
        path = stamps.path_of(folders.heads, statement.log, statement.number, sent.digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, token, 0o644)


def outlets(environment: Mapping[str, str] = os.environ) -> list[Outlet]:
    """What is configured; Unusable where a setting is wrong."""
    found: list[Outlet] = []
    to = tuple(one.strip() for one in environment.get(TO, "").split(",") if one.strip())
    if to:
        found.append(_mail(to, environment))
    if environment.get(TSA):
        found.append(Stamped(authority(environment)))
    return found


def is_configured(environment: Mapping[str, str] = os.environ) -> bool:
    return bool(environment.get(TO) or environment.get(TSA))


def authority(environment: Mapping[str, str] = os.environ) -> stamps.Authority:
    """The authority for time stamps; without an address it can still check tokens."""
    certificates = environment.get(CERTIFICATES)
    return stamps.Authority(environment.get(TSA, ""), Path(certificates) if certificates else None)


def _mail(to: tuple[str, ...], environment: Mapping[str, str]) -> Mail:
    server = environment.get(SMTP, "smtp://localhost:25")
    if not is_server(server):
        raise Unusable(
            sentence("{variable} must be smtp://, smtp+starttls:// or smtps://host:port."),
            variable=SMTP,
        )
    sender = environment.get(FROM, "traceward@localhost")
    if len(to) > MAX_RECIPIENTS or not all(is_address(one) for one in (*to, sender)):
        raise Unusable(
            sentence("{to} and {sender} must be e-mail addresses, {limit} at most."),
            to=TO,
            sender=FROM,
            limit=MAX_RECIPIENTS,
        )
    return Mail(server, sender, to)


def pause_minutes(environment: Mapping[str, str] = os.environ) -> int:
    """At most one head in so many minutes goes out by each way."""
    text = environment.get(MINUTES, str(DEFAULT_MINUTES))
    if not text.isdecimal() or not 1 <= int(text) <= MOST_MINUTES:
        raise Unusable(
            sentence("{variable} must be a number of minutes from 1 to {limit}."),
            variable=MINUTES,
            limit=MOST_MINUTES,
        )
    return int(text)


# --- What became of it ----------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """What an outlet sent last, and what went wrong since. Times are seconds since 1970."""

    log: str = ""
    number: int = 0
    head: str = ""
    sent_at: float = 0.0
    failures: int = 0
    tried_at: float = 0.0
    error: str = ""

    def is_due(self, head: str, now: float, minutes: int) -> bool:
        """Whether the head is another one, and the pause over; it doubles with each failure."""
        if head == self.head:
            return False
        if self.failures:
            return now >= self.tried_at + 60 * min(2 ** min(self.failures, 10), MOST_MINUTES)
        return now >= self.sent_at + 60 * minutes


def _state_path(folders: Folders, name: str) -> Path:
    return folders.heads.parent / f"{name}.json"


def state_of(name: str, log: uuid.UUID, *, var: Path | None = None) -> State:
    """What became of this outlet's heads of this log."""
    try:
        values = json.loads(_state_path(Folders.below(var), name).read_text())
        state = State(**values)
    except (OSError, ValueError, TypeError):
        return State()
    return state if state.log == str(log) else State()


def send_due(
    *, now: float, var: Path | None = None, using: str = "default", is_forced: bool = False
) -> list[State]:
    """Each outlet whose turn it is has the newest head, or its failure is on record."""
    ways = outlets()
    folders = Folders.below(var)
    newest = _newest(using) if ways else None
    if newest is None:
        return []
    states = []
    with _alone(folders) as is_alone:
        for way in ways if is_alone else []:
            before = state_of(way.name, newest.statement.log, var=var)
            if is_forced or before.is_due(newest.digest, now, pause_minutes()):
                states.append(_sent(way, newest, folders, before, now))
    return states


def _newest(using: str) -> Head | None:
    """The newest head; the connection is let go, because sending may take its time."""
    try:
        seal = last_seal(using)
        if seal is None:
            return None
        return Head(statement_of(seal, log_uid(using)), bytes(seal.signature))
    finally:
        if not connections[using].in_atomic_block:
            connections[using].close()


def _sent(way: Outlet, newest: Head, folders: Folders, before: State, now: float) -> State:
    log, number = str(newest.statement.log), newest.statement.number
    try:
        way.send(newest, folders)
        state = State(log, number, newest.digest, sent_at=now, tried_at=now)
    except Exception as error:
        told = f"{type(error).__name__}: {error}"[:300]
        state = State(
            **{
                **asdict(before),
                "log": log,
                "failures": before.failures + 1,
                "tried_at": now,
                "error": told,
            }
        )
        LOG.warning("the head of seal %s did not go out by %s: %s", number, way.name, told)
    write_whole(_state_path(folders, way.name), json.dumps(asdict(state)).encode(), 0o644)
    return state


@contextmanager
def _alone(folders: Folders) -> Iterator[bool]:
    """Whether nobody else is sending heads of this installation."""
    folders.heads.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (folders.heads.parent / "sending.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def run_until(stopping: threading.Event) -> None:
    """Heads are sent when they are due, until told to stop; nothing that goes wrong ends it."""
    told = ""
    while not stopping.is_set():
        try:
            send_due(now=time.time())
            told = ""
        except Exception as error:
            if str(error) != told:
                LOG.warning("heads are not sent: %s", error)
            told = str(error)
        stopping.wait(PAUSE_SECONDS)
