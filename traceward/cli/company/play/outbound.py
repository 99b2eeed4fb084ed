"""Outbound work as the plan has it: sell, allocate, pick, check, pack, ship, deliver, use."""

from decimal import Decimal

from django.db.models import QuerySet

from traceward.cli.company.plan.steps import Check, Deliver, Fetch, OpenPick, Sell, Ship, Use
from traceward.cli.company.play.player import Player, Taken, code_of
from traceward.domain.sales.commands.delivering import sign_for
from traceward.domain.sales.commands.ordering import OrderedItem
from traceward.domain.sales.commands.ordering import order as take_order
from traceward.domain.sales.commands.using import UsedItem, use
from traceward.domain.sales.models import TransferPoint
from traceward.domain.transfers.commands import requesting
from traceward.domain.warehousing.commands.checking import CheckScan, check
from traceward.domain.warehousing.commands.picking import PickScan, pick
from traceward.domain.warehousing.commands.shipping import Transport, pack, ship
from traceward.domain.warehousing.models import PickLine, ShipmentLine, TakenLine
from traceward.domain.warehousing.rules import COLD_BELOW_C
from traceward.flows.outbound import allocate, start_pick
from traceward.kernel.base.gs1 import check_digit
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles

#: What hospitals pay above what we pay.
MARGIN = Decimal("1.28")


def sell(player: Player, step: Sell) -> None:
    known = player.known
    lines = [
        OrderedItem(known.items[wish.item], wish.quantity, player.article(wish.item).price * MARGIN)
        for wish in step.wishes
    ]
    place = known.places[f"{step.hospital}-{step.department}"]
    made = take_order(
        known.sites[step.site],
        known.parties[step.hospital],
        place,
        lines,
        customer_reference=step.reference,
        delivery_address=step.address,
        contact=Erasable(step.contact),
        transfer_point=TransferPoint.USE if step.is_consigned else TransferPoint.DELIVERY,
        by=known.by(roles.SALES, step.site),
    )
    if not step.is_allocated:
        return
    promised = allocate(made.order_id, by=known.by(roles.SALES, step.site))
    if any(line.picks for line in promised.lines):
        player.orders[step.key] = made.order_id
        player.places[step.key] = place


def open_pick(player: Player, step: OpenPick | Fetch) -> None:
    """What was promised is given to the pickers; nothing was, where the shelves were empty.

    Cold goods and others are picks of their own.
    """
    if step.order not in player.orders:
        return
    staging = player.known.places[f"{step.site}-FH-{step.nth % 3 + 1:02d}"]
    by = player.known.by(roles.STOREKEEPER, step.site)
    start = requesting.start_pick if step.order in player.transfers else start_pick
    picks = player.picks.setdefault(step.order, [])
    waiting = 1
    while waiting:
        made = start(player.orders[step.order], staging, by=by.asking())
        picks.append(made.pick_id)
        waiting = made.waiting


FETCHED = (
    "item__code",
    "item__is_implantable",
    "lot__raw_number",
    "lot__expires_on",
    "serial__raw_number",
    "place__code",
    "quantity",
)


def fetch(player: Player, step: Fetch) -> None:
    """Everything is fetched from where the pick says it stands."""
    open_pick(player, step)
    for pick_id in player.picks.get(step.order, ()):
        taken = _on_the_shelves(player, pick_id)
        player.fetched[pick_id] = taken
        player.taken.setdefault(step.order, []).extend(taken)
        scans = [PickScan([x.code], x.place, packs=x.quantity) for x in taken]
        pick(pick_id, scans, by=player.known.by(roles.PICKER, step.site, step.nth))


def _on_the_shelves(player: Player, pick_id: int) -> list[Taken]:
    rows = PickLine.objects.filter(pick=pick_id).order_by("pk").values_list(*FETCHED)
    return [
        Taken(
            code_of(player.article(item).packs[0].di, lot or "", serial or "", expires_on),
            place,
            quantity,
            is_implantable,
        )
        for item, is_implantable, lot, expires_on, serial, place, quantity in rows
    ]


def check_goods(player: Player, step: Check) -> None:
    for pick_id in player.picks.get(step.order, ()):
        scans = [CheckScan([x.code], x.quantity) for x in player.fetched.pop(pick_id)]
        check(pick_id, scans, True, True, by=player.known.by(roles.CHECKER, step.site))


def send(player: Player, step: Ship) -> None:
    """Each pick is packed into one case under its SSCC, and on the way."""
    for n, pick_id in enumerate(player.picks.pop(step.order, ())):
        shipment_id = _sent(player, step, pick_id, _case(step.sscc, n))
        player.shipments.setdefault(step.order, []).append(shipment_id)


def _case(sscc: str, n: int) -> str:
    """The first case has the plan's SSCC; each other one the same under its own extension digit."""
    digits = f"{(int(sscc[0]) + 4 * n) % 10}{sscc[1:17]}"
    return f"{digits}{check_digit(digits)}"


def _sent(player: Player, step: Ship, pick_id: int, sscc: str) -> int:
    known = player.known
    pack(pick_id, sscc=f"]C100{sscc}", by=known.by(roles.PICKER, step.site))
    departure_c = measured(PickLine.objects.filter(pick=pick_id))
    transport = Transport(
        "自有车辆" if step.plate else "第三方运输",
        vehicle_plate=step.plate,
        carrier_name=step.carrier,
        waybill=step.waybill,
        conditions="常温" if departure_c is None else "冷藏箱 2–8 ℃",
        driver_id=known.by(roles.DRIVER, step.site).person_id if step.plate else None,
        departure_c=departure_c,
    )
    return ship(pick_id, transport, by=known.by(roles.DISPATCHER, step.site)).shipment_id


def deliver(player: Player, step: Deliver) -> None:
    for shipment_id in player.shipments.pop(step.order, ()):
        by = player.known.signing(roles.DRIVER, step.site, step.nth)
        arrival_c = measured(ShipmentLine.objects.filter(shipment=shipment_id))
        sign_for(shipment_id, Erasable(step.receiver), arrival_c=arrival_c, by=by)
        player.delivered.setdefault(step.order, shipment_id)


def measured(
    lines: QuerySet[PickLine] | QuerySet[ShipmentLine] | QuerySet[TakenLine],
) -> Decimal | None:
    """The middle of what the coldest goods ask for; nothing where none are cold."""
    cold = lines.filter(item__storage_c_max__lte=COLD_BELOW_C).order_by("item__storage_c_max")
    row = cold.select_related("item").first()
    if row is None or row.item.storage_c_min is None or row.item.storage_c_max is None:
        return None
    return (row.item.storage_c_min + row.item.storage_c_max) / 2


def use_up(player: Player, step: Use) -> None:
    """The department has used what came, but for a little that stays on its shelf."""
    items = []
    for n, x in enumerate(player.taken.pop(step.order, ())):
        left = n % step.keep == step.keep - 1
        quantity = x.quantity // 2 if left else x.quantity
        if quantity:
            who = f"P-{step.patient + n // 4:06d}"
            items.append(UsedItem([x.code], quantity, Erasable(who) if x.is_implantable else None))
    if items:
        by = player.known.by(roles.COORDINATOR, step.site)
        use(player.places[step.order], items, by=by)
