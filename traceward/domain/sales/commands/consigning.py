"""What is used of our own goods at a customer's is sold by that. # REV-02 SAL-03"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from traceward.domain.catalog.queries import is_for_sale, items_with_facts, need_of
from traceward.domain.partners.models import Partner
from traceward.domain.partners.queries import licences_lacking
from traceward.domain.partners.rules import Act
from traceward.domain.places.models import Place
from traceward.domain.sales import events
from traceward.domain.sales.models import (
    ConsignmentSale,
    CustomerReturnLine,
    Delivery,
    DeliveryLine,
    DeliveryState,
    SalesOrder,
    SalesOrderLine,
    TransferPoint,
    Usage,
    UsageLine,
    UsageState,
)
from traceward.domain.stock.rules import Leg
from traceward.domain.warehousing.queries import Goods, act_of_customer
from traceward.kernel.base.money import line_amount
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.write import created, emit


def sell(
    usage: Usage, place: Place, rows: Sequence[UsageLine], legs: Iterable[Leg], by: Actor
) -> list[str]:
    """Each unit that was ours until it was used has a sale, at the price of its order.

    The oldest consignment order that brought such goods here and has some left is the one; what
    no order brought has a sale without a price, to be settled. GSP art. 84, 89, 90. Codes of the
    items for which a licence did not count on the day of use.
    """
    ours: dict[int, int] = defaultdict(int)
    for leg in legs:
        if leg.from_owner_id != place.party_id and leg.line_id is not None:
            ours[leg.line_id] += leg.quantity
    if not ours:
        return []
    left = _unsold(place)
    orders = SalesOrder.objects.in_bulk({order for order, _ in left})
    prices = SalesOrderLine.objects.in_bulk({line for _, line in left})
    for row in rows:
        missing = ours.get(row.pk, 0)
        goods = Goods(row.item_id, row.lot_id, row.serial_id)
        for (order_id, line_id), there in left.items():
            part = min(missing, there.get(goods, 0))
            if not part:
                continue
            there[goods] -= part
            missing -= part
            price, currency = prices[line_id].unit_price, orders[order_id].currency
            _sold(usage, row, part, by, order_line_id=line_id, unit_price=price,
                  currency=currency, amount=line_amount(part, price, currency))  # fmt: skip
        if missing:
            _sold(usage, row, missing, by)
    return _told_of_licences(usage, place, [row.item_id for row in rows if row.pk in ours], by)


def _told_of_licences(usage: Usage, place: Place, item_ids: list[int], by: Actor) -> list[str]:
    """Quality is told where the customer's licence or ours did not count on the day of use, and
    of what is not for sale at all.

    The goods are in the patient: a record that is refused would lose them. docs/adr/0091
    """
    items = items_with_facts(item_ids)
    partner = Partner.objects.filter(party=place.party_id).first()
    act = act_of_customer(partner) if partner else Act.USE
    buyer, seller = place.party_id or usage.legal_entity.party_id, usage.legal_entity.party_id
    asked = [(item, party, what) for item in items.values()
             for party, what in ((buyer, act), (seller, Act.TRADE))]  # fmt: skip
    rows = licences_lacking([need_of(*one) for one in asked], usage.used_on)
    unsold = {item.code for item in items.values() if not is_for_sale(item)}
    codes = sorted(unsold | {asked[row["n"]][0].code for row in rows})
    if not codes:
        return []
    by.work.facts["licences_lacking"] = rows[:MOST_TOLD]
    emit(events.SoldWithoutLicence(usage.uid, codes[:MOST_TOLD]), subject=usage.uid, by=by)
    return codes


#: So many licences stand in the audit entry, and items in the event.
MOST_TOLD = 50


def _sold(usage: Usage, row: UsageLine, quantity: int, by: Actor, **priced: object) -> None:
    sale = ConsignmentSale.objects.create(
        usage_line=row, quantity=quantity, sold_on=usage.used_on, **priced
    )
    created(sale, by=by, quantity=quantity, **priced)


def _unsold(place: Place) -> dict[tuple[int, int], dict[Goods, int]]:
    """By consignment order and line, oldest first, the goods brought here and not sold or returned.

    The orders are locked, so that two uses at once do not sell the same unit of one.
    """
    goods = ("item_id", "lot_id", "serial_id")
    by_use = SalesOrder.objects.filter(transfer_point=TransferPoint.USE, deliver_to=place)
    signed = Delivery.objects.filter(place=place, state=DeliveryState.SIGNED)
    delivered = DeliveryLine.objects.filter(
        line__document__in=signed.values("pk"), order_line__document__in=by_use.values("pk")
    )
    SalesOrder.objects.lock_all(delivered.values_list("order_line__document", flat=True))
    left: dict[tuple[int, int], dict[Goods, int]] = {}
    rows = delivered.order_by("order_line__document", "order_line", "pk")
    for order, line, *of, quantity in rows.values_list(
        "order_line__document", "order_line", *goods, "quantity"
    ):
        there = left.setdefault((order, line), defaultdict(int))
        there[Goods(*of)] += quantity
    lines = {line: there for (_, line), there in left.items()}
    sold = ConsignmentSale.objects.filter(order_line__in=lines).exclude(
        usage_line__line__document__state=UsageState.CANCELLED
    )
    named = [f"usage_line__{name}" for name in goods]
    for line, *of, quantity in sold.values_list("order_line", *named, "quantity"):
        lines[line][Goods(*of)] -= quantity
    back = CustomerReturnLine.objects.filter(order_line__in=lines, of_return__from_place=place)
    for line, *of, quantity in back.values_list("order_line", *goods, "received"):
        lines[line][Goods(*of)] -= quantity
    return left
