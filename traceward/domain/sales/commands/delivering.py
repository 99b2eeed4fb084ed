"""Customers sign for what arrives 签收."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from traceward.domain.sales import events
from traceward.domain.sales.commands.closing import end_delivered, resume_order
from traceward.domain.sales.commands.returning import ReturnedLine, announce_return
from traceward.domain.sales.models import (
    Delivery,
    DeliveryLine,
    DeliveryReceiver,
    DeliveryState,
    SalesOrder,
    TransferPoint,
)
from traceward.domain.sales.queries import returnable
from traceward.domain.stock.commands import collect
from traceward.domain.stock.commands.containers import whole_containers
from traceward.domain.stock.commands.moves import take_back
from traceward.domain.stock.models import Code, StockBalance
from traceward.domain.stock.rules import Leg
from traceward.domain.warehousing.commands.journeys import require_cold_enough
from traceward.domain.warehousing.commands.shipping import (
    arrive,
    resume_shipment,
    shipment_scope,
)
from traceward.domain.warehousing.models import Shipment, ShipmentLine, ShipmentState
from traceward.domain.warehousing.queries import HANDED_OVER
from traceward.kernel.base.measures import Celsius
from traceward.kernel.base.refusals import InvalidInput, WrongState, sentence
from traceward.kernel.base.rows import add_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_lines, emit, enter, link, open_document, sign
from traceward.kernel.org.roles import COORDINATOR, DRIVER
from traceward.kernel.org.scope import ScopeKey, scope_of

MEANING = "handed over and signed for"
CANCELLED = "recorded by mistake: not handed over"


@dataclass(frozen=True)
class SignedLine:
    """Of this line of the shipment, so many base units were accepted."""

    line_number: int
    quantity: int


@dataclass(frozen=True)
class SignedFor:
    delivery_id: int
    quantity: int
    #: Base units that were not accepted and still stand in transit.
    left: int
    shipment_state: str
    #: “closed” once everything of the order was signed for; empty where no order asked for it.
    order_state: str
    #: Of what was not accepted, how much was refused, and the return by which it comes back.
    refused: int = 0
    return_id: int | None = None


@command(
    "sales.sign_for",
    roles=(DRIVER, COORDINATOR),
    scope=shipment_scope,
    signed=MEANING,
    from_states=(ShipmentState.SHIPPED,),
)
def sign_for(
    shipment_id: int,
    receiver: Erasable,
    *,
    lines: list[SignedLine] | None = None,
    remark: str = "",
    arrival_c: Celsius | None = None,
    refused_because: str = "",
    by: Actor,
) -> SignedFor:
    """The goods stand at the customer's, who signed for them; the rest stays on its way.

    Without lines everything was accepted. Where it is said why, the rest was refused: its return
    is announced. The goods become the customer's where the order's
    contract says so: now, or only when they are used. The receiver's name is kept erasable.
    The order is closed once everything of it was signed for.
    Cold goods are handed over with their temperature, one that the label allows.
    """
    shipment: Shipment = Shipment.objects.select_related("deliver_to").lock(shipment_id)
    _require_handed_over(shipment)
    if not receiver:
        raise InvalidInput(sentence("Enter the name of who signs."), field="receiver")
    rows = ShipmentLine.objects.filter(shipment=shipment).select_related("line", "item")
    standing = _standing(shipment)
    on_the_way = sum(standing.values())
    there = _on_the_way(standing, rows.order_by("line__line_number"))
    accepted = _accepted(there, lines)
    back = _refused(shipment, there, accepted) if refused_because.strip() else []
    require_cold_enough((row.item for row, _ in accepted), arrival_c, "arrival_c")
    delivery = Delivery(
        of_shipment=shipment,
        place_id=shipment.deliver_to_id,
        signed_at=by.now,
        handed_over_by_id=by.person_id,
        remark=remark.strip(),
        arrival_c=arrival_c,
    )
    open_document(delivery, site=shipment.site, state=DeliveryState.SIGNED, by=by)
    link(shipment, delivery, "delivery")
    DeliveryReceiver.objects.create(delivery=delivery, text=receiver.reveal())
    _write_lines(delivery, accepted)
    order = SalesOrder.objects.find(shipment.demand_id)
    collect(_legs(delivery, shipment, accepted, order), by=by)
    refused = (
        announce_return(shipment.pk, back, refused_because, was_refused=True, by=by)
        if back
        else None
    )
    state = arrive(shipment.pk, by=by).state
    content = _content(delivery, accepted, back, refused_because)
    sign(MEANING, kind=delivery.KIND, uid=delivery.uid, content=content, by=by)
    told = events.DeliverySigned(delivery.uid, shipment.uid, state == ShipmentState.DELIVERED)
    emit(told, subject=delivery.uid, by=by)
    quantity = sum(part for _, part in accepted)
    order_state = end_delivered(order.pk, by=by) if order else ""
    back_by = (refused.quantity, refused.return_id) if refused else (0, None)
    return SignedFor(delivery.pk, quantity, on_the_way - quantity, state, order_state, *back_by)


def _content(
    delivery: Delivery,
    accepted: list[tuple[ShipmentLine, int]],
    back: list[ReturnedLine],
    reason: str,
) -> dict[str, Any]:
    """What the signature is bound to."""
    content: dict[str, Any] = {
        "delivery": str(delivery.uid),
        "shipment": str(delivery.of_shipment.uid),
        "lines": [[row.line.line_number, quantity] for row, quantity in accepted],
    }
    if back:
        content["refused"] = [[one.line_number, one.quantity] for one in back]
        content["reason"] = reason.strip()
    return content


def _require_handed_over(shipment: Shipment) -> None:
    """It is on its way, to a customer."""
    if shipment.state != ShipmentState.SHIPPED:
        raise WrongState(
            sentence("{number} is “{state}”; nothing of it is on the way any more."),
            number=str(shipment),
            state=shipment.state,
        )
    if shipment.deliver_to.kind not in HANDED_OVER:
        raise WrongState(
            sentence("{number} goes to {place}, which is ours. Have it received there."),
            number=str(shipment),
            place=shipment.deliver_to.code,
        )


Parts = list[tuple[ShipmentLine, int]]


def _on_the_way(standing: dict[tuple[int | None, ...], int], rows: Iterable[ShipmentLine]) -> Parts:
    """The shipment's lines with what is still on the way of each."""
    open_rows: Parts = []
    for sent in rows:
        part = min(sent.quantity, standing[_key(sent)])
        standing[_key(sent)] -= part
        if part:
            open_rows.append((sent, part))
    return open_rows


def _refused(shipment: Shipment, there: Parts, accepted: Parts) -> list[ReturnedLine]:
    """What is on the way, was not accepted, and is not announced to come back already."""
    taken = {row.pk: quantity for row, quantity in accepted}
    left = returnable(shipment.transit_id)
    for row, quantity in accepted:
        left[row.item_id, row.lot_id, row.serial_id] -= quantity
    back = []
    for row, quantity in there:
        goods = (row.item_id, row.lot_id, row.serial_id)
        part = min(quantity - taken.get(row.pk, 0), left[goods])
        if part > 0:
            left[goods] -= part
            back.append(ReturnedLine(row.line.line_number, part))
    if not back:
        raise InvalidInput(
            sentence("Nothing is left that could be refused: leave the reason empty."),
            field="refused_because",
        )
    return back


def _accepted(open_rows: Parts, lines: list[SignedLine] | None) -> Parts:
    """The shipment's lines with what was accepted of each, at most what is still on the way."""
    if lines is None:
        lines = [SignedLine(row.line.line_number, left) for row, left in open_rows]
    numbered: dict[int, tuple[ShipmentLine | None, int]] = {
        row.line.line_number: (row, left) for row, left in open_rows
    }
    accepted: Parts = []
    for n, line in enumerate(lines):
        row, left = numbered.pop(line.line_number, (None, 0))
        if row is None or not 1 <= line.quantity <= left:
            raise InvalidInput(
                sentence("Of line {line}, {left} are on the way. Enter what was accepted of them."),
                field=f"lines.{n}",
                line=line.line_number,
                left=left,
            )
        accepted.append((row, line.quantity))
    if not accepted:
        raise InvalidInput(
            sentence("Nothing was accepted: have the goods brought back instead."), field="lines"
        )
    return accepted


def _key(row: Any) -> tuple[int | None, ...]:
    return row.item_id, row.lot_id, row.serial_id, row.owner_id, row.container_id


def _standing(shipment: Shipment) -> dict[tuple[int | None, ...], int]:
    """What stands in the shipment's transit place, as last posted."""
    found: dict[tuple[int | None, ...], int] = defaultdict(int)
    for row in StockBalance.objects.filter(place=shipment.transit_id, on_hand__gt=0):
        found[_key(row)] += row.on_hand
    return found


def _write_lines(delivery: Delivery, accepted: list[tuple[ShipmentLine, int]]) -> None:
    numbered = add_lines(delivery, len(accepted))
    add_rows(
        DeliveryLine(
            line=number,
            order_line_id=row.demand_line_id,
            item_id=row.item_id,
            lot_id=row.lot_id,
            serial_id=row.serial_id,
            quantity=quantity,
        )
        for number, (row, quantity) in zip(numbered, accepted, strict=True)
    )


def _legs(
    delivery: Delivery,
    shipment: Shipment,
    accepted: list[tuple[ShipmentLine, int]],
    order: SalesOrder | None,
) -> Iterable[Leg]:
    """Transit to the customer's place; qualified goods only are ever on the way to a customer."""
    whole = whole_containers((row.container_id, quantity) for row, quantity in accepted)
    is_theirs = order is None or order.transfer_point == TransferPoint.DELIVERY
    for row, quantity in accepted:
        yield Leg(
            code=Code.DELIVER,
            item_id=row.item_id,
            lot_id=row.lot_id,
            serial_id=row.serial_id,
            quantity=quantity,
            from_place_id=shipment.transit_id,
            from_status=2,
            from_owner_id=row.owner_id,
            from_container_id=row.container_id,
            to_place_id=shipment.deliver_to_id,
            to_status=2,
            to_owner_id=shipment.consignee_id if is_theirs else row.owner_id,
            to_container_id=row.container_id if row.container_id in whole else None,
            document_id=delivery.pk,
            line_id=row.demand_line_id,
        )


def delivery_scope(delivery_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Delivery, delivery_id)


@dataclass(frozen=True)
class DeliveryUndone:
    """So many base units stand in transit again."""

    shipment_id: int
    quantity: int


@command(
    "sales.cancel_delivery",
    roles=(COORDINATOR,),
    scope=delivery_scope,
    signed=CANCELLED,
    from_states=(DeliveryState.SIGNED,),
)
def cancel_delivery(delivery_id: int, reason: str, *, by: Actor) -> DeliveryUndone:
    """A delivery that was recorded by mistake is cancelled: the goods are on their way again.

    Refused where the customer used some of it: that cannot have been a mistake.
    """
    known = Delivery.objects.filter(pk=delivery_id).values_list("of_shipment", flat=True).first()
    if known is not None:
        Shipment.objects.lock(known)
    delivery: Delivery = Delivery.objects.lock(delivery_id)
    enter(delivery, DeliveryState.CANCELLED, by=by)
    quantity = take_back(delivery, reason, by=by)
    resume_shipment(delivery.of_shipment_id, by=by)
    if SalesOrder.objects.find(delivery.of_shipment.demand_id):
        resume_order(delivery.of_shipment.demand_id, by=by)
    content = {"delivery": str(delivery.uid), "reason": reason}
    sign(CANCELLED, kind=delivery.KIND, uid=delivery.uid, content=content, by=by)
    emit(
        events.DeliveryCancelled(delivery.uid, delivery.of_shipment.uid),
        subject=delivery.uid,
        by=by,
    )
    return DeliveryUndone(delivery.of_shipment_id, quantity)
