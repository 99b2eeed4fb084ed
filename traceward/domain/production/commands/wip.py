"""Goods issued to an order, as they stand in its WIP place, and out of it. # PRO-01"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from traceward.domain.production import queries
from traceward.domain.production.models import IssuedGoods, OrderState, WorkOrder
from traceward.domain.production.refusals import NotCleared
from traceward.domain.stock.commands import promise
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.rules import BalanceKey, Leg, Promise
from traceward.domain.warehousing.queries import Promised, standing
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor


class Gone(NamedTuple):
    """So much of the issued goods leaves the balance, for the n-th of what was asked."""

    n: int
    issued: IssuedGoods
    key: BalanceKey
    quantity: int


def under_way(order_id: int) -> WorkOrder:
    """The released order, locked."""
    order: WorkOrder = WorkOrder.objects.lock(order_id)
    order.require(OrderState.RELEASED)
    return order


def wip_key(order: WorkOrder, row: IssuedGoods, status: int = Status.QUALIFIED) -> BalanceKey:
    """Where the issued goods stand."""
    return BalanceKey(
        row.component.item_id,
        row.lot_id,
        order.wip_id,
        status,
        order.legal_entity.party_id,
        row.serial_id,
    )


def picked_out(
    order: WorkOrder, wanted: Sequence[tuple[int, int]], *, field: str
) -> list[tuple[IssuedGoods, int]]:
    """The rows with these ids and quantities; refused where so much is not in WIP any more."""
    if not wanted:
        raise InvalidInput(sentence("Say which of the issued goods."), field=field)
    known = {row.pk: row for row in queries.issued_to(order.pk)}
    total: dict[int, int] = defaultdict(int)
    found = []
    for n, (pk, quantity) in enumerate(wanted):
        row = known.get(pk)
        if row is None:
            raise NotFound(
                sentence("Nothing was issued to {number} under id {id}."),
                field=f"{field}.{n}.issued_id",
                number=str(order),
                id=pk,
            )
        total[pk] += quantity
        if quantity < 1 or total[pk] > row.left:
            raise InvalidInput(
                sentence("{left} of {item}, lot {lot}, stand in WIP. Enter 1 to {left}."),
                field=f"{field}.{n}.quantity",
                left=row.left,
                item=row.component.item.code,
                lot=str(row.lot or "—"),
            )
        found.append((row, quantity))
    return found


def take_out(
    order: WorkOrder, taken: Sequence[tuple[IssuedGoods, int]], *, by: Actor
) -> list[Gone]:
    """Where the goods are taken from in the WIP place, and their promise to the order ends.

    What lost its promise by a block, or its status by a decision, is found all the same; the
    ledger says whether what is meant may be done with it.
    """
    spots = [
        queries.Spot(row.component.item_id, row.lot_id, row.serial_id, order.wip_id)
        for row, _ in taken
    ]
    there = queries.statuses_at(spots)
    mine = standing(row.component_id for row, _ in taken)
    left: dict[BalanceKey, int] = {}
    gone, promises = [], []
    for n, ((row, quantity), spot) in enumerate(zip(taken, spots, strict=True)):
        for balance in sorted(there.get(spot, []), key=lambda b: b.status != Status.QUALIFIED):
            key = wip_key(order, row, balance.status)
            if balance.container_id or balance.owner_id != key.owner_id:
                continue
            held = Promised(row.component_id, key)
            others = balance.reserved - mine.get(held, 0)
            free = left.setdefault(key, balance.on_hand) - others
            part = min(quantity, free)
            if part < 1:
                continue
            left[key] -= part
            quantity -= part
            gone.append(Gone(n, row, key, part))
            if promised := min(part, mine.get(held, 0)):
                mine[held] -= promised
                promises.append(Promise(row.component_id, key, -promised))
        if quantity:
            raise NotCleared(
                sentence(
                    "{missing} of {item}, lot {lot}, do not stand in {place} any more. "
                    "Count the place first."
                ),
                missing=quantity,
                item=row.component.item.code,
                lot=str(row.lot or "—"),
                place=order.wip.code,
            )
    promise(promises, by=by)
    return gone


def leg(order: WorkOrder, gone: Gone, code: Code, to_place_id: int, reason: str = "") -> Leg:
    """One movement out of WIP; it points at the order's line."""
    key = gone.key
    return Leg.between(
        code,
        key,
        key._replace(place_id=to_place_id),
        gone.quantity,
        document_id=order.pk,
        line_id=gone.issued.component_id,
        reason=reason,
    )
