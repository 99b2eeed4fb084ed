"""What goes back to the supplier. # REV-01"""

from dataclasses import dataclass

from traceward.domain.catalog.queries import items_with_facts
from traceward.domain.partners.queries import carrier_written
from traceward.domain.places.models import PlaceKind
from traceward.domain.places.queries import boundary_place
from traceward.domain.purchasing import events, queries
from traceward.domain.purchasing.models import (
    ReturnState,
    SupplierReturn,
)
from traceward.domain.stock.commands import Said, collect
from traceward.domain.stock.models import Code
from traceward.domain.warehousing.commands.clearing import end_receipts
from traceward.domain.warehousing.commands.destroying import Taking, taken_legs, write_taken
from traceward.domain.warehousing.commands.journeys import require_cold_enough, require_together
from traceward.domain.warehousing.commands.shipping import Transport, require_transport
from traceward.domain.warehousing.models import Receipt
from traceward.kernel.base.refusals import (
    InvalidInput,
    WrongState,
    sentence,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    amend,
    emit,
    enter,
    link,
    open_document,
    require_other_person,
)
from traceward.kernel.org.roles import (
    BUYER,
    DISPATCHER,
    QUALITY_HEAD,
    STOREKEEPER,
    SUPERVISOR,
)
from traceward.kernel.org.scope import ScopeKey, scope_of

SEND_APART = sentence(
    "{item} ({range}) and {other} ({its}) have no temperature in common: they do not travel "
    "together. Cancel the return where there is one, and propose a return for each."
)


@dataclass(frozen=True)
class ReturnStep:
    """The state of the return after the step, and how many base units it is about."""

    return_id: int
    quantity: int
    state: str


def receipt_scope(receipt_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(Receipt, receipt_id)


def return_scope(return_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(SupplierReturn, return_id)


@command("purchasing.propose_return", roles=(BUYER, STOREKEEPER, SUPERVISOR), scope=receipt_scope)
def propose_return(receipt_id: int, lines: list[Taking], reason: str, *, by: Actor) -> ReturnStep:
    """Goods of the receipt are to go back to who supplied them; they stand where they are.

    No more than the receipt brought in and has not gone back yet. What has no temperature in common
    goes back by a return of its own. # REV-01
    """
    receipt = Receipt.objects.lock(receipt_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the goods go back."), field="reason")
    if receipt.expected.stand_at_id is not None:
        raise WrongState(
            sentence("{number} did not come from a supplier. Choose a receipt that did."),
            number=str(receipt),
        )
    document = SupplierReturn(
        of_receipt=receipt, supplier_id=receipt.supplier_id, reason=reason.strip()
    )
    open_document(document, site=receipt.site, state=ReturnState.PROPOSED.value, by=by)
    link(receipt, document, "return")
    rows = write_taken(document, lines, by=by)
    items = items_with_facts(row.item_id for row in rows)
    goods_in_turn = [items[row.item_id] for row in rows]
    require_together(goods_in_turn, "lines.{n}.balance_id", SEND_APART)
    left = queries.returnable(receipt.pk, but=document.pk)
    for n, row in enumerate(rows):
        goods = (row.item_id, row.lot_id, row.serial_id)
        if row.quantity > left[goods]:
            raise InvalidInput(
                sentence("{number} brought {left} of these that have not gone back. Choose fewer."),
                field=f"lines.{n}.quantity",
                number=str(receipt),
                left=max(0, left[goods]),
            )
        left[goods] -= row.quantity
    return ReturnStep(document.pk, sum(row.quantity for row in rows), document.state)


@command(
    "purchasing.approve_return",
    roles=(SUPERVISOR, QUALITY_HEAD),
    scope=return_scope,
    from_states=(ReturnState.PROPOSED,),
)
def approve_return(return_id: int, *, by: Actor) -> ReturnStep:
    """The goods may be sent back; whoever proposed it cannot approve it."""
    document: SupplierReturn = SupplierReturn.objects.lock(return_id)
    require_other_person(document.created_by_id, by=by)
    enter(document, ReturnState.APPROVED.value, by=by)
    amend(document, by=by, approved_by_id=by.person_id, approved_at=by.now)
    return ReturnStep(document.pk, queries.returned(document.pk), document.state)


@command(
    "purchasing.send_return",
    roles=(STOREKEEPER, DISPATCHER),
    scope=return_scope,
    from_states=(ReturnState.APPROVED,),
)
def send_return(return_id: int, transport: Transport, *, by: Actor) -> ReturnStep:
    """The goods are the supplier's again. The ledger refuses what is promised to others.

    Cold goods leave with a measured temperature that each label allows, as they do when they are
    sold (GSP art. 95); what has none in common is sent apart. # INV-05
    """
    document: SupplierReturn = SupplierReturn.objects.lock(return_id)
    require_transport(transport)
    items = queries.returned_items(document.pk)
    require_together(items, "return_id", SEND_APART)
    require_cold_enough(items, transport.departure_c, "transport.departure_c")
    enter(document, ReturnState.SENT.value, by=by)
    place = boundary_place(document.site_id, PlaceKind.SUPPLIER, document.supplier_id)
    reason = document.reason
    legs = list(
        taken_legs(document, Code.RETURN_TO_SUPPLIER, place.pk, document.supplier_id, reason)
    )
    end_receipts(legs, document.site_id, first=document.of_receipt_id, by=by)
    collect(legs, said=Said("return_id"), by=by)
    amend(
        document,
        by=by,
        sent_at=by.now,
        transport_mode=transport.mode.strip(),
        carrier_name=carrier_written(transport.carrier_name),
        waybill=transport.waybill.strip(),
        vehicle_plate=transport.vehicle_plate.strip(),
        driver_id=transport.driver_id if transport.vehicle_plate.strip() else None,
        transport_conditions=transport.conditions.strip(),
        departure_c=transport.departure_c,
    )
    quantity = queries.returned(document.pk)
    emit(events.ReturnSent(document.uid, quantity), subject=document.uid, by=by)
    return ReturnStep(document.pk, quantity, document.state)


@command(
    "purchasing.cancel_return",
    roles=(BUYER, SUPERVISOR, QUALITY_HEAD),
    scope=return_scope,
    from_states=(ReturnState.PROPOSED, ReturnState.APPROVED),
)
def cancel_return(return_id: int, reason: str, *, by: Actor) -> ReturnStep:
    """The goods do not go back; they stand where they are."""
    document: SupplierReturn = SupplierReturn.objects.lock(return_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the return is cancelled."), field="reason")
    by.work.facts["reason"] = reason
    enter(document, ReturnState.CANCELLED.value, by=by)
    return ReturnStep(document.pk, queries.returned(document.pk), document.state)
