"""Who signed for goods, and whom an order names, is read and erased on record. # SEC-01"""

from traceward.domain.sales.commands.delivering import delivery_scope
from traceward.domain.sales.commands.ordering import order_scope
from traceward.domain.sales.models import DeliveryReceiver, OrderContact, OrderState, SalesOrder
from traceward.kernel.base.refusals import WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.notes import NoteErased, NoteRead, erase_note, read_note
from traceward.kernel.command.run import command
from traceward.kernel.org.roles import COMPLIANCE, COORDINATOR, DRIVER, QUALITY_HEAD, SALES

NOBODY = sentence("Nobody's name is recorded for this delivery.")
NO_CONTACT = sentence("No contact is recorded for this order.")


@command(
    "sales.read_receiver",
    roles=(COORDINATOR, SALES, QUALITY_HEAD, COMPLIANCE),
    scope=delivery_scope,
)
def read_receiver(delivery_id: int, reason: str, *, by: Actor) -> NoteRead:
    """It is on record who looked up who signed for this delivery, and why."""
    row = DeliveryReceiver.objects.filter(delivery=delivery_id).first()
    return NoteRead(read_note(row, reason, NOBODY, field="delivery_id", by=by))


@command(
    "sales.read_contact",
    roles=(COORDINATOR, SALES, DRIVER, QUALITY_HEAD, COMPLIANCE),
    scope=order_scope,
)
def read_contact(order_id: int, reason: str, *, by: Actor) -> NoteRead:
    """It is on record who looked up whom to ask for where the order's goods go, and why."""
    row = OrderContact.objects.filter(order=order_id).first()
    return NoteRead(read_note(row, reason, NO_CONTACT, field="order_id", by=by))


@command("sales.erase_receiver", roles=(COMPLIANCE,), scope=delivery_scope)
def erase_receiver(delivery_id: int, reason: str, *, by: Actor) -> NoteErased:
    """The name is gone; that the customer signed, when, where and to whom of ours, stays.

    No record of the law asks for it: the sales record names the firm (GSP art. 84).
    """
    row = DeliveryReceiver.objects.filter(delivery=delivery_id).first()
    return erase_note(row, reason, NOBODY, field="delivery_id", by=by)


@command(
    "sales.erase_contact",
    roles=(COMPLIANCE,),
    scope=order_scope,
    from_states=(OrderState.CLOSED, OrderState.CANCELLED),
)
def erase_contact(order_id: int, reason: str, *, by: Actor) -> NoteErased:
    """The contact is gone, once nobody brings goods there for this order any more."""
    order: SalesOrder = SalesOrder.objects.lock(order_id)
    if order.state == OrderState.OPEN:
        raise WrongState(
            sentence(
                "{number} is open: who brings its goods asks for the contact. "
                "Close or cancel it first."
            ),
            field="order_id",
            number=str(order),
        )
    row = OrderContact.objects.filter(order=order_id).first()
    return erase_note(row, reason, NO_CONTACT, field="order_id", by=by)
