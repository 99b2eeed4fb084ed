"""Who signed for goods, and whom an order names, is read on record. # SEC-01"""

from traceward.domain.sales.commands.delivering import delivery_scope
from traceward.domain.sales.commands.ordering import order_scope
from traceward.domain.sales.models import DeliveryReceiver, OrderContact
from traceward.kernel.base.refusals import sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.notes import NoteRead, read_note
from traceward.kernel.command.run import command
from traceward.kernel.org.roles import COMPLIANCE, COORDINATOR, DRIVER, QUALITY_HEAD, SALES


@command(
    "sales.read_receiver",
    roles=(COORDINATOR, SALES, QUALITY_HEAD, COMPLIANCE),
    scope=delivery_scope,
)
def read_receiver(delivery_id: int, reason: str, *, by: Actor) -> NoteRead:
    """It is on record who looked up who signed for this delivery, and why."""
    row = DeliveryReceiver.objects.filter(delivery=delivery_id).first()
    missing = sentence("Nobody's name is recorded for this delivery.")
    return NoteRead(read_note(row, reason, missing, field="delivery_id", by=by))


@command(
    "sales.read_contact",
    roles=(COORDINATOR, SALES, DRIVER, QUALITY_HEAD, COMPLIANCE),
    scope=order_scope,
)
def read_contact(order_id: int, reason: str, *, by: Actor) -> NoteRead:
    """It is on record who looked up whom to ask for where the order's goods go, and why."""
    row = OrderContact.objects.filter(order=order_id).first()
    missing = sentence("No contact is recorded for this order.")
    return NoteRead(read_note(row, reason, missing, field="order_id", by=by))
