"""Who acts, and what the running command has collected so far."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Model

from traceward.kernel.base import ids
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.devices import Device
from traceward.kernel.command.seen import Seen, SeenRecord
from traceward.kernel.org.scope import Grant, ScopeKey


@dataclass(frozen=True)
class EmittedEvent:
    uid: uuid.UUID
    name: str
    subject: uuid.UUID | None
    data: str


class Versioned(NamedTuple):
    """The version that a document has since this command, and the command of the one before."""

    version: int
    command_before: int | None


@dataclass
class UnitOfWork:
    """What one outermost command collects: written once, at its end, in one order."""

    verb: str
    command_id: int
    #: Called in order before the numbers are given: the ledger's post registers itself here.
    closers: dict[str, Callable[[], None]] = field(default_factory=dict)
    #: Calls of database functions and their values, for one statement together with the finish.
    calls: list[tuple[str, list[Any]]] = field(default_factory=list)
    #: A refusal of such a call learns from them which arguments it is about.
    namers: list[Callable[[Refusal], None]] = field(default_factory=list)
    #: Collected by areas under their own name (the ledger's legs, for example).
    collected: dict[str, Any] = field(default_factory=dict)
    numbered: list[Model] = field(default_factory=list)
    events: list[EmittedEvent] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    #: By document's id: each that the command made or changed counts one version more.
    versions: dict[int, Versioned] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    #: Where the command counts; its events are about this and nothing else.
    scope: list[ScopeKey] = field(default_factory=list)
    signatures: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Actor:
    """A person acting through a door: web, API, command line, job. # SEC-02

    `at` and `unit` are set while a command runs: the database's time, and the unit of work in
    which nested commands collect legs and events. `is_reauthenticated` says that the person has
    just proved again who they are, as an electronic signature asks (QUA-04).
    """

    person_id: int
    login: str
    origin: str = "python"
    request_id: uuid.UUID = field(default_factory=ids.new_uid)
    is_reauthenticated: bool = False
    #: Known by a PIN on a shared device only: such a person signs nothing.
    is_brief: bool = False
    #: What the device said that the request comes from, if it said anything.
    device: Device | None = None
    #: Documents and records as they were read: refused where one has changed since.
    seen: tuple[Seen | SeenRecord, ...] = ()
    #: The person who released this command from hold, if it was held.
    approved_by: int | None = None
    at: datetime | None = None
    unit: UnitOfWork | None = None
    #: The running command's own word; the unit has the outermost one's.
    verb: str = ""
    grants: tuple[Grant, ...] = ()

    @property
    def now(self) -> datetime:
        """The database's time at the start of the running command."""
        assert self.at is not None, "only a running command knows the time"
        return self.at

    @property
    def work(self) -> UnitOfWork:
        assert self.unit is not None, "only a running command collects"
        return self.unit

    def asking(self, request_id: uuid.UUID | None = None) -> "Actor":
        """The same person with a new request id: the next thing they ask for."""
        return replace(
            self, request_id=request_id or ids.new_uid(), device=None, seen=(), at=None, unit=None
        )

    def reauthenticated(self) -> "Actor":
        return replace(self, is_reauthenticated=True)
