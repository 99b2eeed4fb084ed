"""Who handed goods over to us is read on record. # SEC-01"""

from traceward.domain.warehousing.commands.storing import receipt_scope
from traceward.domain.warehousing.models import ReceiptDeliverer
from traceward.kernel.base.refusals import sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.notes import NoteRead, read_note
from traceward.kernel.command.run import command
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_CONTROLLER, QUALITY_HEAD, SUPERVISOR


@command(
    "warehousing.read_deliverer",
    roles=(SUPERVISOR, QUALITY_HEAD, QUALITY_CONTROLLER, COMPLIANCE),
    scope=receipt_scope,
)
def read_deliverer(receipt_id: int, reason: str, *, by: Actor) -> NoteRead:
    """It is on record who looked up who handed these goods over (GSP art. 60), and why."""
    row = ReceiptDeliverer.objects.filter(receipt=receipt_id).first()
    missing = sentence("Nobody's name is recorded for who handed these goods over.")
    return NoteRead(read_note(row, reason, missing, field="receipt_id", by=by))
