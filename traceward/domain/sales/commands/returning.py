"""Goods come back from customers 退货: announced, received, inspected anew. # REV-01"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from traceward.domain.catalog.queries import items_with_facts, papers_of
from traceward.domain.places.models import Place, Zone
from traceward.domain.quality.commands import forbid_acceptance
from traceward.domain.sales import events
from traceward.domain.sales.models import (
    CustomerReturn,
    CustomerReturnLine,
    ReturnState,
)
from traceward.domain.sales.queries import delivered_by, returnable
from traceward.domain.stock.models import Code, Status, StockBalance
from traceward.domain.stock.rules import BalanceKey
from traceward.domain.warehousing.commands.arriving import Came, Coming, Pack, take_over
from traceward.domain.warehousing.commands.receiving import (
    Announcement,
    Journey,
    expect,
    receiving_place,
)
from traceward.domain.warehousing.commands.shipping import arrive, shipment_scope
from traceward.domain.warehousing.models import (
    ExpectedDelivery,
    Shipment,
    ShipmentLine,
    ShipmentState,
)
from traceward.domain.warehousing.queries import HANDED_OVER
from traceward.kernel.base.refusals import InvalidInput, WrongState, sentence
from traceward.kernel.base.rows import save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_lines, amend, emit, enter, link, open_document
from traceward.kernel.org.roles import COORDINATOR, DRIVER, SALES, STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of


@dataclass(frozen=True)
class ReturnedLine:
    """Of this line of the shipment, so many base units come back."""

    line_number: int
    quantity: int


@dataclass(frozen=True)
class ReturnAnnounced:
    return_id: int
    quantity: int


@command(
    "sales.announce_return",
    roles=(SALES, COORDINATOR, DRIVER),
    scope=shipment_scope,
    from_states=(ShipmentState.SHIPPED, ShipmentState.DELIVERED),
)
def announce_return(
    shipment_id: int,
    lines: list[ReturnedLine],
    reason: str,
    *,
    was_refused: bool = False,
    by: Actor,
) -> ReturnAnnounced:
    """Goods of the shipment will come back: from where they were handed over, or never were.

    What was refused at the delivery still stands in transit. No more comes back than was
    delivered and has not come back yet. # GSP art. 106
    """
    shipment: Shipment = Shipment.objects.lock(shipment_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the goods come back."), field="reason")
    if shipment.deliver_to.kind not in HANDED_OVER:
        raise WrongState(
            sentence("{number} goes to {place}, which is ours. Have it received there."),
            number=str(shipment),
            place=shipment.deliver_to.code,
        )
    from_place = shipment.transit if was_refused else shipment.deliver_to
    chosen = _chosen(shipment, lines, from_place)
    if not lines:
        raise InvalidInput(sentence("Say what comes back."), field="lines")
    document = CustomerReturn(
        of_shipment=shipment,
        customer_id=shipment.consignee_id,
        from_place=from_place,
        reason=reason.strip(),
    )
    open_document(document, site=shipment.site, state=ReturnState.ANNOUNCED.value, by=by)
    link(shipment, document, "return")
    _announce(document, chosen, by)
    emit(events.ReturnAnnounced(document.uid, shipment.uid), subject=document.uid, by=by)
    return ReturnAnnounced(document.pk, sum(line.quantity for line in lines))


def _chosen(
    shipment: Shipment, lines: list[ReturnedLine], from_place: Place
) -> list[tuple[ShipmentLine, int]]:
    """The shipment's lines with what comes back of each: no more than may, and than is there."""
    known = ShipmentLine.objects.filter(shipment=shipment).select_related("line", "lot", "serial")
    rows = {row.line.line_number: row for row in known}
    left = returnable(from_place.pk)
    chosen: list[tuple[ShipmentLine, int]] = []
    delivered = left if from_place == shipment.transit else delivered_by(shipment)
    for n, line in enumerate(lines):
        row = rows.get(line.line_number)
        goods = (row.item_id, row.lot_id, row.serial_id) if row else None
        there = delivered[goods] if goods else 0
        if not 1 <= line.quantity <= there:
            raise InvalidInput(
                sentence("Of line {line}, {there} can come back. Enter how many of them do."),
                field=f"lines.{n}",
                line=line.line_number,
                there=there,
            )
        assert row is not None
        assert goods is not None
        if line.quantity > left[goods]:
            raise InvalidInput(
                sentence(
                    "Of line {line}, {there} still stand at {place}: what was used there does "
                    "not come back. Enter how many of them do."
                ),
                field=f"lines.{n}",
                line=line.line_number,
                there=max(left[goods], 0),
                place=from_place.code,
            )
        left[goods] -= line.quantity
        if delivered is not left:
            delivered[goods] -= line.quantity
        chosen.append((row, line.quantity))
    return chosen


def _announce(
    document: CustomerReturn, chosen: Sequence[tuple[ShipmentLine, int]], by: Actor
) -> None:
    items = items_with_facts(row.item_id for row, _ in chosen)
    papers = papers_of(items.values(), document.site.day_at(by.now))
    numbered = add_lines(document, len(chosen))
    CustomerReturnLine.objects.bulk_create(
        CustomerReturnLine(
            line=number,
            of_return=document,
            order_line_id=row.demand_line_id,
            item_id=row.item_id,
            lot_id=row.lot_id,
            serial_id=row.serial_id,
            quantity=quantity,
            **papers[row.item_id],
        )
        for number, (row, quantity) in zip(numbered, chosen, strict=True)
    )
    expect(
        document,
        document.customer_id,
        [
            Announcement(
                number.pk,
                row.item_id,
                quantity,
                row.lot.raw_number if row.lot else "",
                row.serial.raw_number if row.serial else "",
                row.lot.expires_on if row.lot else None,
            )
            for number, (row, quantity) in zip(numbered, chosen, strict=True)
        ],
        stand_at_id=document.from_place_id,
    )


def place_scope(place_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Place, place_id)


def return_scope(return_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(CustomerReturn, return_id)


@dataclass(frozen=True)
class ReturnReceived:
    receipt_id: int
    quantity: int
    #: Base units that were announced and did not come; they may be announced again.
    missing: int


@command(
    "sales.receive_return",
    roles=(STOREKEEPER, SUPERVISOR),
    scope=place_scope,
    from_states=(ReturnState.ANNOUNCED,),
)
def receive_return(
    return_id: int,
    place_id: int,
    packs: list[Pack],
    quality_state: str,
    *,
    transport_conditions: str = "",
    storage_conditions: str = "",
    journey: Journey | None = None,
    by: Actor,
) -> ReturnReceived:
    """The scanned goods wait for inspection in the returns zone and are ours again.

    Cold chain without the temperatures of the time away, or out of its limits, may only be
    rejected. The conditions are those of the labels where nothing else is said.
    # GSP art. 67, 106, 107
    """
    document, shipment = _announced(return_id)
    place = receiving_place(place_id, Zone.RETURNS)
    if place.site_id != document.site_id:
        raise InvalidInput(
            sentence("{number} comes back to {site}. Choose a returns zone or dock there."),
            field="place_id",
            number=str(document),
            site=document.site.code,
        )
    if not quality_state.strip():
        raise InvalidInput(
            sentence("Say in what state the goods came back."), field="quality_state"
        )
    taken = take_over(
        ExpectedDelivery.objects.get(document=return_id),
        place,
        packs,
        coming_of(document),
        code=Code.RETURN_FROM_CUSTOMER,
        judge=lambda *_: Status.PENDING,
        owner_id=place.legal_entity.party_id,
        delivery_note=str(document),
        journey=journey or Journey(),
        by=by,
    )
    forbid_acceptance(taken.receipt, taken.faults)
    quantity, missing = _write_received(document, taken.parts)
    enter(document, ReturnState.RECEIVED.value, by=by)
    amend(
        document,
        by=by,
        of_receipt_id=taken.receipt.pk,
        returned_on=place.site.day_at(by.now),
        quality_state=quality_state.strip(),
        transport_conditions=transport_conditions.strip() or _asked_for(document),
        storage_conditions=storage_conditions.strip() or _asked_for(document),
    )
    if shipment.state == ShipmentState.SHIPPED:
        arrive(shipment.pk, by=by)
    emit(events.ReturnReceived(document.uid, taken.receipt.uid), subject=document.uid, by=by)
    return ReturnReceived(taken.receipt.pk, quantity, missing)


def _asked_for(document: CustomerReturn) -> str:
    """运输及贮存条件 of the return's labels."""
    asked = document.lines.exclude(storage_conditions="").values_list(
        "storage_conditions", flat=True
    )
    return " / ".join(sorted(set(asked)))[:200]


def _announced(return_id: int) -> tuple[CustomerReturn, Shipment]:
    """The return that was announced, and its shipment, locked: the shipment first."""
    known = CustomerReturn.objects.filter(pk=return_id).values_list("of_shipment", flat=True)
    of_shipment = known.first()
    shipment = Shipment.objects.lock(of_shipment) if of_shipment else None
    document: CustomerReturn = CustomerReturn.objects.lock(return_id)
    assert shipment is not None, "a return belongs to a shipment for good"
    document.require(ReturnState.ANNOUNCED)
    return document, shipment


def _write_received(document: CustomerReturn, parts: Sequence[Came]) -> tuple[int, int]:
    """Each line says how much of it came; base units that came, and that did not."""
    came: dict[int, int] = defaultdict(int)
    for part in parts:
        came[part.coming.line_id] += part.quantity
    rows = list(document.lines.order_by("pk"))
    for row in rows:
        row.received = came[row.pk]
    save_rows(rows, ["received"])
    quantity = sum(came.values())
    return quantity, sum(row.quantity for row in rows) - quantity


def coming_of(document: CustomerReturn) -> list[Coming]:
    """What of the return's lines stands where it comes from: the customer's own or still ours."""
    found = []
    standing = {
        row.pk: row
        for row in StockBalance.objects.filter(
            place=document.from_place_id, status=Status.QUALIFIED, on_hand__gt=0
        ).order_by("pk")
    }
    left = {pk: row.on_hand for pk, row in standing.items()}
    for line in document.lines.order_by("line__line_number"):
        wanted = line.quantity
        for pk, row in standing.items():
            is_same = (row.item_id, row.lot_id, row.serial_id) == (
                line.item_id,
                line.lot_id,
                line.serial_id,
            )
            part = min(wanted, left[pk]) if is_same else 0
            if part:
                left[pk] -= part
                wanted -= part
                key = BalanceKey.of(row)
                found.append(Coming(line.pk, key, part, line.order_line_id))
    return found


@dataclass(frozen=True)
class ReturnCancelled:
    return_id: int
    state: str


@command(
    "sales.cancel_return",
    roles=(SALES, COORDINATOR),
    scope=return_scope,
    from_states=(ReturnState.ANNOUNCED,),
)
def cancel_return(return_id: int, reason: str, *, by: Actor) -> ReturnCancelled:
    """The announced goods do not come back after all; they stay where they are."""
    document: CustomerReturn = CustomerReturn.objects.lock(return_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the return is cancelled."), field="reason")
    by.work.facts["reason"] = reason
    enter(document, ReturnState.CANCELLED.value, by=by)
    return ReturnCancelled(document.pk, document.state)
