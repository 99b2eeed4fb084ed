"""Goods on their way out, for tests: an order, its promise, its pick, its shipment."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.inbound import code
from tests.world import World
from traceward.domain.sales.commands import delivering, ordering
from traceward.domain.stock.models import StockBalance
from traceward.domain.warehousing.commands import checking, picking, shipping
from traceward.flows import outbound
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles

VAN = shipping.Transport(
    "road", carrier_name="Quick Wheels", waybill="WB-1", departure_c=Decimal(5)
)


@dataclass
class Going:
    """An order on its way out: one item, one lot."""

    order_id: int
    line_ids: list[int]
    pick_id: int = 0
    shipment_id: int = 0


def ordered(world: World, item: str = "STENT", quantity: int = 3, **more: Any) -> Going:
    lines = [
        ordering.OrderedItem(world.items[item].pk, quantity, more.pop("unit_price", Decimal(100)))
    ]
    made = ordering.order(
        world.shanghai.pk,
        world.hospital.pk,
        world.places["DEP"].pk,
        lines,
        by=world.by(roles.SALES),
        **more,
    )
    return Going(made.order_id, made.line_ids)


def allocated(world: World, item: str = "STENT", quantity: int = 3, **more: Any) -> Going:
    strategy = more.pop("strategy", None)
    going = ordered(world, item, quantity, **more)
    outbound.allocate(going.order_id, strategy=strategy, by=world.by(roles.PLANNER))
    return going


def opened(world: World, item: str = "STENT", quantity: int = 3, **more: Any) -> Going:
    going = allocated(world, item, quantity, **more)
    made = outbound.start_pick(
        going.order_id, world.places["STAGE"].pk, by=world.by(roles.STOREKEEPER)
    )
    going.pick_id = made.pick_id
    return going


EXPIRY = {"LATE": "311231"}


def scan(lot: str, packs: int = 3, place: str = "A-01", item: str = "STENT") -> picking.PickScan:
    return picking.PickScan([code(item, lot, EXPIRY.get(lot, "301231"))], place, packs)


def picked(world: World, lot: str = "L1", quantity: int = 3, **more: Any) -> Going:
    going = opened(world, quantity=quantity, **more)
    picking.pick(going.pick_id, [scan(lot, quantity)], by=world.by(roles.PICKER))
    return going


def check(world: World, going: Going, lot: str = "L1", quantity: int = 3, **more: Any) -> Any:
    by = more.pop("by", None) or world.by(roles.CHECKER)
    scans = [checking.CheckScan(scan(lot).codes, quantity)]
    facts = {"is_package_intact": True, "is_label_right": True, **more}
    return checking.check(going.pick_id, scans, by=by, **facts)


def checked(world: World, lot: str = "L1", quantity: int = 3, **more: Any) -> Going:
    going = picked(world, lot, quantity, **more)
    check(world, going, lot, quantity)
    return going


def shipped(world: World, lot: str = "L1", quantity: int = 3, **more: Any) -> Going:
    going = checked(world, lot, quantity, **more)
    sent = shipping.ship(going.pick_id, VAN, by=world.by(roles.DISPATCHER))
    going.shipment_id = sent.shipment_id
    return going


def signed(world: World, lot: str = "L1", quantity: int = 3, **more: Any) -> Going:
    going = shipped(world, lot, quantity, **more)
    sign_for(world, going)
    return going


def short(world: World, there: int) -> Going:
    """All that was there is signed for; one more was ordered."""
    going = opened(world, quantity=there + 1)
    picking.pick(going.pick_id, [scan("L1", there)], by=world.by(roles.PICKER))
    check(world, going, quantity=there)
    sent = shipping.ship(going.pick_id, VAN, by=world.by(roles.DISPATCHER))
    going.shipment_id = sent.shipment_id
    sign_for(world, going)
    return going


def sign_for(world: World, going: Going, **more: Any) -> delivering.SignedFor:
    by = more.pop("by", None) or world.by(roles.DRIVER).reauthenticated()
    return delivering.sign_for(going.shipment_id, Erasable("张三"), by=by, **more)


def standing(lot: Any = None) -> dict[str, int]:
    """What stands in each physical place, by code; transit places under "transit"."""
    rows = StockBalance.objects.filter(on_hand__gt=0, physical=True)
    if lot is not None:
        rows = rows.filter(lot=lot)
    found: dict[str, int] = {}
    for row in rows.select_related("place"):
        name = "transit" if row.place.code.startswith("T-") else row.place.code
        found[name] = found.get(name, 0) + row.on_hand
    return found


def reserved() -> dict[str, int]:
    """What is promised in each place, by code."""
    rows = StockBalance.objects.filter(reserved__gt=0).select_related("place")
    return {row.place.code: row.reserved for row in rows}
