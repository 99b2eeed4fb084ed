"""A transfer's goods arrive, come back, or are written off. # TRF-01"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.places.queries import boundary_place
from traceward.domain.quality.commands import forbid_acceptance
from traceward.domain.stock.commands import collect
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.rules import Leg
from traceward.domain.transfers import events, queries
from traceward.domain.transfers.commands.closing import end_settled
from traceward.domain.transfers.models import (
    Discrepancy,
    DiscrepancyKind,
    TransferOrder,
    TransferState,
)
from traceward.domain.warehousing.commands.arriving import (
    Came,
    Coming,
    Judge,
    Pack,
    TakenOver,
    take_over,
)
from traceward.domain.warehousing.commands.receiving import (
    Announcement,
    Journey,
    expect,
    receiving_place,
)
from traceward.domain.warehousing.commands.shipping import arrive, shipment_scope
from traceward.domain.warehousing.models import (
    ExpectedDelivery,
    Receipt,
    Shipment,
    ShipmentLine,
    ShipmentState,
)
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    amend,
    apply_rules,
    created,
    emit,
    require_other_person,
    sign,
    touch,
)
from traceward.kernel.org.roles import QUALITY_HEAD, STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of
from traceward.kernel.rules.queries import declare, reader

#: Whether what left 合格 has to be inspected again where it arrives.
ARRIVES_QUALIFIED = declare(
    "transfers.arrives_qualified",
    False,
    "item",
    "product_line",
    "site",
    doc="Whether goods of a transfer within one legal entity stay qualified when they arrive.",
)
MEANING = "write off as lost"


@dataclass(frozen=True)
class Received:
    #: Null where nothing at all had come.
    receipt_id: int | None
    receipt_uid: uuid.UUID | None
    quantity: int
    damaged: int
    #: Base units noted missing now, and those that are on the way or missing still.
    missing: int
    left: int
    shipment_state: str
    transfer_state: str


def place_scope(place_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Place, place_id)


@command(
    "transfers.receive",
    roles=(STOREKEEPER, SUPERVISOR),
    scope=place_scope,
    from_states=(ShipmentState.SHIPPED,),
)
def receive(
    shipment_id: int,
    place_id: int,
    packs: list[Pack],
    *,
    journey: Journey | None = None,
    is_complete: bool = True,
    by: Actor,
) -> Received:
    """The scanned goods of the shipment stand at the other site, or back at the one that sent them.

    They become the receiving legal entity's. They enter 待验, or 合格 where the rules say so and
    nothing is wrong with them. Where the shipment is unloaded completely, what was not scanned is
    noted missing and stays in transit until it is found or written off; that may be everything.
    """
    order, shipment = _on_the_way(shipment_id)
    place = receiving_place(place_id)
    if place.site_id not in (order.site_id, order.to_site_id):
        raise InvalidInput(
            sentence("{number} goes from {site} to {target}. Choose a dock or 待验 zone there."),
            field="place_id",
            number=str(shipment),
            site=order.site.code,
            target=order.to_site.code,
        )
    standing = queries.on_the_way(shipment)
    taken = None
    if packs or not is_complete:
        taken = _taken(order, shipment, place, packs, standing, journey or Journey(), by)
    parts = taken.parts if taken else ()
    receipt = taken.receipt if taken else None
    damaged, missing = _note(shipment, receipt, parts, standing, is_complete, by)
    touch(order, by=by)
    state = arrive(shipment.pk, by=by).state
    receipt_uid = receipt.uid if receipt else None
    emit(
        events.TransferReceived(order.uid, shipment.uid, receipt_uid, missing, damaged),
        subject=order.uid,
        by=by,
    )
    quantity = sum(part.quantity for part in parts)
    left = sum(s.quantity for s in standing) - quantity
    ended = order.state
    if state == ShipmentState.DELIVERED and place.site_id == order.to_site_id:
        ended = end_settled(order, _by_demand_line(parts), {}, by=by)
    return Received(
        receipt.pk if receipt else None, receipt_uid, quantity, damaged, missing, left, state, ended
    )


def _by_demand_line(parts: Sequence[Came]) -> dict[int, int]:
    came: dict[int, int] = defaultdict(int)
    for part in parts:
        if part.coming.demand_line_id is not None:
            came[part.coming.demand_line_id] += part.quantity
    return came


def _taken(
    order: TransferOrder,
    shipment: Shipment,
    place: Place,
    packs: Sequence[Pack],
    standing: Sequence[queries.OnTheWay],
    journey: Journey,
    by: Actor,
) -> TakenOver:
    is_back = place.site_id == order.site_id
    taken = take_over(
        _expected(order, shipment),
        place,
        packs,
        coming_of(standing),
        code=Code.TRANSFER,
        judge=_judge(order, is_back, by),
        owner_id=order.from_owner_id if is_back else order.to_owner_id,
        delivery_note=str(shipment),
        journey=replace(
            journey,
            transport_mode=journey.transport_mode or shipment.transport_mode,
            departed_at=journey.departed_at or shipment.dispatched_at,
        ),
        by=by,
    )
    forbid_acceptance(taken.receipt, taken.faults)
    return taken


def coming_of(standing: Sequence[queries.OnTheWay]) -> list[Coming]:
    """What may come of a shipment: all that stands in transit, by its lines."""
    return [
        Coming(s.shipment_line.pk, s.key, s.quantity, s.shipment_line.demand_line_id)
        for s in standing
    ]


def _on_the_way(shipment_id: int) -> tuple[TransferOrder, Shipment]:
    """The transfer and its shipment, locked in that order."""
    of_shipment = Shipment.objects.filter(pk=shipment_id).values("demand")
    known = TransferOrder.objects.filter(pk__in=of_shipment).only("pk").first()
    if known is None:
        raise NotFound(
            sentence("There is no shipment of a transfer with id {id}."),
            field="shipment_id",
            id=shipment_id,
        )
    order: TransferOrder = TransferOrder.objects.lock(known.pk)
    shipment: Shipment = Shipment.objects.lock(shipment_id)
    order.require(TransferState.APPROVED)
    if shipment.state != ShipmentState.SHIPPED:
        raise WrongState(
            sentence("{number} is “{state}”; nothing of it is on the way any more."),
            number=str(shipment),
            state=shipment.state,
        )
    return order, shipment


def _expected(order: TransferOrder, shipment: Shipment) -> ExpectedDelivery:
    """What the shipment announces, from its transit place; said once."""
    known = ExpectedDelivery.objects.filter(document=shipment.pk).first()
    if known is not None:
        return known
    rows = ShipmentLine.objects.filter(shipment=shipment).select_related("lot", "serial")
    return expect(
        shipment,
        order.from_owner_id,
        [
            Announcement(
                row.pk,
                row.item_id,
                row.quantity,
                row.lot.raw_number if row.lot else "",
                row.serial.raw_number if row.serial else "",
                row.lot.expires_on if row.lot else None,
            )
            for row in rows
        ],
        stand_at_id=shipment.transit_id,
    )


def _judge(order: TransferOrder, is_back: bool, by: Actor) -> Judge:
    """By rule; what came back, and what another legal entity took over, is always inspected."""
    rules = reader(ARRIVES_QUALIFIED)

    def judge(_: Came, item: Item) -> Status:
        if is_back or order.from_owner_id != order.to_owner_id:
            return Status.PENDING
        context = {
            "item": item.pk,
            "product_line": item.product_line,
            "site": order.to_site_id,
        }
        stays = apply_rules(rules, context, by=by).value
        return Status.QUALIFIED if stays else Status.PENDING

    return judge


def _note(
    shipment: Shipment,
    receipt: Receipt | None,
    parts: Sequence[Came],
    standing: Sequence[queries.OnTheWay],
    is_complete: bool,
    by: Actor,
) -> tuple[int, int]:
    """Base units noted damaged and missing; what was missing and came now is noted as found."""
    came: dict[int, int] = defaultdict(int)
    damaged: dict[int, int] = defaultdict(int)
    stood: dict[int, int] = defaultdict(int)
    for part in parts:
        came[part.coming.line_id] += part.quantity
        if part.is_damaged:
            damaged[part.coming.line_id] += part.quantity
    for s in standing:
        stood[s.shipment_line.pk] += s.quantity
    unsettled = _found(shipment, came, stood, by)
    missing: dict[int, int] = {}
    if is_complete:
        missing = {n: stood[n] - came[n] - unsettled.get(n, 0) for n in stood}
    for kind, noted in (
        (DiscrepancyKind.DAMAGED, damaged),
        (DiscrepancyKind.MISSING, missing),
    ):
        for line_id, quantity in sorted(noted.items()):
            if quantity:
                row = Discrepancy.objects.create(
                    shipment=shipment,
                    shipment_line_id=line_id,
                    receipt=receipt,
                    kind=kind.value,
                    quantity=quantity,
                    noted_by_id=by.person_id,
                    noted_at=by.now,
                )
                created(row, by=by, kind=row.kind, line=line_id, quantity=quantity)
    return sum(damaged.values()), sum(missing.values())


def _missing_rows(shipment: Shipment) -> list[Discrepancy]:
    """What is noted missing of the shipment and not settled, locked."""
    rows = Discrepancy.objects.filter(shipment=shipment, kind=DiscrepancyKind.MISSING)
    locked = Discrepancy.objects.lock_all(rows.values_list("pk", flat=True))
    return [row for row in locked if row.is_open]


def _found(
    shipment: Shipment, came: dict[int, int], stood: dict[int, int], by: Actor
) -> dict[int, int]:
    """By line what is missing still; of a line, what nobody missed is taken to come first."""
    unsettled: dict[int, int] = defaultdict(int)
    rows = _missing_rows(shipment)
    for row in rows:
        unsettled[row.shipment_line_id] += row.quantity - row.found - row.written_off
    for row in rows:
        line = row.shipment_line_id
        found = min(row.quantity - row.found - row.written_off, max(0, came[line] - stood[line]
                    + unsettled[line]))  # fmt: skip
        if found:
            amend(row, by=by, found=row.found + found)
            unsettled[line] -= found
            came[line], stood[line] = came[line] - found, stood[line] - found
    return unsettled


@dataclass(frozen=True)
class WrittenOff:
    """So many base units are lost; the shipment and the transfer are in these states."""

    quantity: int
    shipment_state: str
    transfer_state: str


@command(
    "transfers.write_off",
    roles=(SUPERVISOR, QUALITY_HEAD),
    scope=shipment_scope,
    signed=MEANING,
    from_states=(ShipmentState.SHIPPED,),
)
def write_off(shipment_id: int, reason: str, *, by: Actor) -> WrittenOff:
    """What is noted missing of the shipment is lost, by a signed decision of the giving site.

    Whoever noted it missing does not decide it. What is found later is counted in, 待验. # QUA-04
    """
    order, shipment = _on_the_way(shipment_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say what was done to find the goods."), field="reason")
    rows = _missing_rows(shipment)
    if not rows:
        raise WrongState(
            sentence("Nothing of {number} is noted missing. Have it unloaded and received first."),
            number=str(shipment),
        )
    for person in sorted({row.noted_by_id for row in rows}):
        require_other_person(person, by=by)
    left: dict[int, int] = defaultdict(int)
    for row in rows:
        lost = row.quantity - row.found - row.written_off
        left[row.shipment_line_id] += lost
        amend(
            row,
            by=by,
            written_off=row.written_off + lost,
            decided_by_id=by.person_id,
            decided_at=by.now,
            decision=reason.strip(),
        )
    quantity = sum(left.values())
    legs = _lost(shipment, left, reason)
    assert sum(leg.quantity for leg in legs) == quantity, "what is missing stands in transit"
    collect(legs, by=by)
    touch(order, by=by)
    state = arrive(shipment.pk, by=by).state
    content = {
        "shipment": str(shipment.uid),
        "quantity": quantity,
        "reason": reason,
        "discrepancies": [str(row.uid) for row in rows],
    }
    sign(MEANING, kind=shipment.KIND, uid=shipment.uid, content=content, by=by)
    emit(events.TransferWrittenOff(order.uid, shipment.uid, quantity), subject=order.uid, by=by)
    ended = order.state
    if state == ShipmentState.DELIVERED:
        lost_of: dict[int, int] = defaultdict(int)
        for leg in legs:
            lost_of[leg.line_id or 0] += leg.quantity
        ended = end_settled(order, {}, lost_of, by=by)
    return WrittenOff(quantity, state, ended)


def _lost(shipment: Shipment, left: dict[int, int], reason: str) -> list[Leg]:
    """From transit to the giving site's adjustments, in its books."""
    book = boundary_place(shipment.site_id, PlaceKind.ADJUSTMENT)
    legs = []
    for s in queries.on_the_way(shipment):
        quantity = min(s.quantity, left[s.shipment_line.pk])
        left[s.shipment_line.pk] -= quantity
        if quantity:
            lost = s.key._replace(place_id=book.pk, container_id=None)
            legs.append(
                Leg.between(
                    Code.WRITE_OFF,
                    s.key,
                    lost,
                    quantity,
                    document_id=shipment.pk,
                    line_id=s.shipment_line.demand_line_id,
                    reason=reason,
                )
            )
    return legs
