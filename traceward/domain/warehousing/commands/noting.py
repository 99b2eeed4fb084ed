"""The 随货同行单 is archived by itself after each dispatch, and printed from the archive. # SAL-02

Dispatching does not wait for the paper; whoever needs it at once prints it, which makes it where
it is not there yet (docs/adr/0076).
"""

import uuid
from dataclasses import dataclass
from typing import Any

from traceward.domain.warehousing.commands.shipping import shipment_scope
from traceward.domain.warehousing.models import Shipment, ShipmentLine, ShipmentState
from traceward.domain.warehousing.papers import delivery_note
from traceward.domain.warehousing.rules import kept_until
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.files import attach, keep_file, log_printing
from traceward.kernel.command.run import command
from traceward.kernel.documents.files import content_of, versions
from traceward.kernel.documents.models import DocumentFile
from traceward.kernel.documents.paper import MEDIA_TYPE
from traceward.kernel.org.roles import DISPATCHER, DRIVER, STOREKEEPER, SUPERVISOR, SYSTEM
from traceward.kernel.org.scope import ScopeKey, scope_of

#: White, red and yellow for everybody on the way, and some to spare.
MAX_COPIES = 20


def scope_by_uid(shipment_uid: uuid.UUID, **_: Any) -> list[ScopeKey]:
    return scope_of(Shipment, shipment_uid, by="uid")


@dataclass(frozen=True)
class Archived:
    """The paper that counts now, by its name and the hash of its bytes."""

    name: str
    sha256: str
    version: int
    is_void: bool


@command(
    "warehousing.archive_delivery_note",
    roles=(DISPATCHER, STOREKEEPER, SYSTEM),
    scope=scope_by_uid,
    subscribes=("ShipmentDispatched", "ShipmentCancelled"),
)
def archive_delivery_note(shipment_uid: uuid.UUID, *, by: Actor) -> Archived:
    """The shipment's delivery note is on file as it stands; marked void where it was cancelled.

    Runs after every dispatch and cancellation; running it again changes nothing.
    """
    return _archived(_of(Shipment.objects.lock_uid(shipment_uid), by))


def _of(shipment: Shipment, by: Actor) -> DocumentFile:
    """The locked shipment's paper that counts; it is made where it is not there yet."""
    is_void = shipment.state == ShipmentState.CANCELLED
    newest = versions(shipment.pk, delivery_note.ROLE).first()
    if newest is not None and newest.is_void == is_void:
        return newest
    void_on = shipment.site.day_at(by.now) if is_void else None
    version = newest.version + 1 if newest else 1
    file = keep_file(
        delivery_note.made(shipment, void_on=void_on),
        name=f"{shipment}.pdf" if version == 1 else f"{shipment}-{version}.pdf",
        media_type=MEDIA_TYPE,
        retain_until=_kept_until(shipment),
        by=by,
    )
    return attach(file, shipment, delivery_note.ROLE, is_void=is_void, by=by)


def _kept_until(shipment: Shipment) -> Any:
    rows = ShipmentLine.objects.filter(shipment=shipment.pk)
    expiries = rows.values_list("lot__expires_on", flat=True)
    has_implants = rows.filter(item__is_implantable=True).exists()
    return kept_until(shipment.site.day_at(shipment.dispatched_at), expiries, has_implants)


def _archived(row: DocumentFile) -> Archived:
    return Archived(row.file.name, bytes(row.file.sha256).hex(), row.version, row.is_void)


@dataclass(frozen=True)
class Printed:
    """What to print; `printings` counts how often this version was, this time included."""

    note: Archived
    printings: int
    #: The row of documents.files that holds it.
    file_id: int


@command(
    "warehousing.print_delivery_note",
    roles=(DISPATCHER, STOREKEEPER, SUPERVISOR, DRIVER),
    scope=shipment_scope,
    from_states=(ShipmentState.SHIPPED, ShipmentState.DELIVERED),
)
def print_delivery_note(shipment_id: int, *, copies: int = 1, by: Actor) -> Printed:
    """It is on record who printed the archived delivery note and when (GSP art. 51(8)).

    Refused where the archived bytes are missing or were changed.
    """
    if not 1 <= copies <= MAX_COPIES:
        raise InvalidInput(
            sentence("Print 1 to {most} copies at a time."), field="copies", most=MAX_COPIES
        )
    row = _of(Shipment.objects.lock(shipment_id), by)
    content_of(row.file)
    return Printed(_archived(row), log_printing(row, copies, by=by), row.pk)
