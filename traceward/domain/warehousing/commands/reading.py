"""Who handed goods over to us is read on record. # SEC-01"""

from traceward.domain.warehousing.commands.storing import receipt_scope
from traceward.domain.warehousing.models import (
    ReceiptDeliverer,
    RefusalDeliverer,
    RefusedDelivery,
)
from traceward.kernel.base.refusals import sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.notes import NoteRead, read_note
from traceward.kernel.command.run import command
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_CONTROLLER, QUALITY_HEAD, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of

READERS = (SUPERVISOR, QUALITY_HEAD, QUALITY_CONTROLLER, COMPLIANCE)


@command("warehousing.read_deliverer", roles=READERS, scope=receipt_scope)
def read_deliverer(receipt_id: int, reason: str, *, by: Actor) -> NoteRead:
    """It is on record who looked up who handed these goods over (GSP art. 60), and why."""
    row = ReceiptDeliverer.objects.filter(receipt=receipt_id).first()
    missing = sentence("Nobody's name is recorded for who handed these goods over.")
    return NoteRead(read_note(row, reason, missing, field="receipt_id", by=by))


def refusal_scope(refusal_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(RefusedDelivery, refusal_id)


@command("warehousing.read_refused_deliverer", roles=READERS, scope=refusal_scope)
def read_refused_deliverer(refusal_id: int, reason: str, *, by: Actor) -> NoteRead:
    """It is on record who looked up who brought what was refused (GSP art. 60), and why."""
    row = RefusalDeliverer.objects.filter(refusal=refusal_id).first()
    missing = sentence("Nobody's name is recorded for who brought these goods.")
    return NoteRead(read_note(row, reason, missing, field="refusal_id", by=by))
