"""Goods on their way in, for tests: an order, its notice, a receipt, an inspection."""

from dataclasses import dataclass
from decimal import Decimal

from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.quality import commands as quality
from traceward.domain.quality.models import Inspection
from traceward.domain.warehousing.commands import receiving
from traceward.domain.warehousing.commands.journeys import Journey
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles

#: How goods come that need no cold chain.
JOURNEY = Journey("road", Erasable("老周"))

CHECKS = ("packaging", "label", "certificate")


#: The UDI-DI of each item's base unit.
DIS = {
    "STENT": "06901234567892",
    "PACER": "06901234567908",
    "REAGENT": "06901234567915",
    "BAG": "09521234543213",
}


def code(item: str, lot: str = "", expires: str = "301231", serial: str = "") -> str:
    """The label of one base unit, as a reader of brackets gives it."""
    parts = [f"(01){DIS[item]}", f"(17){expires}" if expires else ""]
    parts += [f"(10){lot}" if lot else "", f"(21){serial}" if serial else ""]
    return "".join(parts)


@dataclass(frozen=True)
class Coming:
    order_id: int
    notice_id: int


def ordered(world: World, item: str = "STENT", quantity: int = 10) -> int:
    """An approved order."""
    wanted = purchasing.Wanted(world.items[item].pk, quantity, Decimal("120.50"))
    made = purchasing.order(
        world.shanghai.pk, world.supplier.pk, [wanted], by=world.by(roles.BUYER)
    )
    purchasing.approve(made.order_id, by=world.by(roles.SUPERVISOR))
    return made.order_id


def announced(world: World, *lines: tuple[str, int], item: str = "STENT", ordered_quantity=10):
    """An approved order and its notice of these codes and packs."""
    order_id = ordered(world, item, ordered_quantity)
    noticed = [purchasing.Noticed([raw], packs) for raw, packs in lines]
    notice = purchasing.notify(order_id, f"N{order_id}", noticed, by=world.by(roles.BUYER))
    return Coming(order_id, notice.notice_id)


def received(world: World, *lines: tuple[str, int], item: str = "STENT") -> receiving.Received:
    """What was announced has come, and stands 待验 at the dock."""
    coming = announced(world, *lines, item=item)
    return receiving.receive(
        coming.notice_id,
        world.places["DOCK"].pk,
        "DN-1",
        [receiving.Scan([raw], packs) for raw, packs in lines],
        journey=JOURNEY,
        by=world.by(roles.STOREKEEPER),
    )


def inspected(world: World, *lines: tuple[str, int], item: str = "STENT") -> list[Inspection]:
    """What came in was inspected and found good; nothing is decided yet."""
    receipt = received(world, *lines, item=item)
    opened = quality.open_inspections(receipt.receipt_uid, by=world.by(roles.SYSTEM))
    for pk in opened.inspection_ids:
        for check in CHECKS:
            quality.record_result(pk, check, True, 1, by=world.by(roles.INSPECTOR))
    return list(Inspection.objects.filter(pk__in=opened.inspection_ids).order_by("pk"))
