"""Goods go through the whole house, step by step, with as many lines as asked for."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests import inbound, outbound
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.quality import commands as quality
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.sales.commands import delivering, ordering, using
from traceward.domain.warehousing.commands import checking, picking, receiving, shipping, storing
from traceward.domain.warehousing.models import ReceiptLine
from traceward.flows import acceptance
from traceward.flows import outbound as going_out
from traceward.flows.inbound import receive_notice
from traceward.kernel.base.gs1 import build_sscc
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles

#: Calls the step of that name and gives its answer.
Meter = Callable[[str, Callable[[], Any]], Any]


def play(world: World, lines: int, nth: int, meter: Meter, *, item: str = "STENT") -> None:
    """From the purchase order to the patient: each line a lot of its own, or a serial of one lot.

    `nth` tells one play from another. Every command goes through the meter.
    """
    serials = item == "PACER"
    quantity = 1 if serials else 2
    codes = [
        inbound.code(item, f"Q{nth}", serial=f"Q{nth}-{n}")
        if serials
        else inbound.code(item, f"Q{nth}-{n}")
        for n in range(lines)
    ]
    receipt_id = _in(world, codes, quantity, nth, meter, item)
    _accept(world, receipt_id, serials, meter)
    _out(world, codes, quantity, nth, meter, item)


def _in(world: World, codes: list[str], quantity: int, nth: int, meter: Meter, item: str) -> int:
    by, dock = world.by, world.places["DOCK"].pk
    pk = world.items[item].pk
    wanted = [purchasing.Wanted(pk, quantity, Decimal(100)) for _ in codes]
    order = meter(
        "purchasing.order",
        lambda: purchasing.order(world.shanghai.pk, world.supplier.pk, wanted, by=by(roles.BUYER)),
    )
    meter(
        "purchasing.approve",
        lambda: purchasing.approve(order.order_id, by=by(roles.SUPERVISOR)),
    )
    noticed = [purchasing.Noticed([raw], quantity) for raw in codes]
    notice = meter(
        "purchasing.notify",
        lambda: purchasing.notify(order.order_id, f"N{nth}", noticed, by=by(roles.BUYER)),
    )
    scans = [receiving.Scan([raw], quantity) for raw in codes]
    receipt = meter(
        "inbound.receive_notice",
        lambda: receive_notice(
            notice.notice_id, dock, f"DN-{nth}", scans,
            journey=inbound.JOURNEY, by=by(roles.STOREKEEPER),
        ),
    )  # fmt: skip
    meter(
        "quality.open_inspections",
        lambda: quality.open_inspections(receipt.receipt_uid, by=by(roles.SYSTEM)),
    )
    return receipt.receipt_id


def _accept(world: World, receipt_id: int, serials: bool, meter: Meter) -> None:
    by, dock = world.by, world.places["DOCK"].pk
    inspections = list(Inspection.objects.filter(source=receipt_id).order_by("pk"))
    found = [
        acceptance.Found(row.pk, check, True, 1) for row in inspections for check in inbound.CHECKS
    ]
    meter(
        "inbound.record_results",
        lambda: acceptance.record_results(receipt_id, found, by=by(roles.INSPECTOR)),
    )
    rows = list(ReceiptLine.objects.filter(receipt=receipt_id).order_by("pk"))
    verdicts = [
        acceptance.Verdict(
            row.pk,
            [Share(dock, 1, 0, serial_id=x.serial_id) for x in rows]
            if serials
            else [Share(dock, row.quantity, 0)],
            "合格",
        )
        for row in inspections
    ]
    meter(
        "inbound.decide_lots",
        lambda: acceptance.decide_lots(
            receipt_id, verdicts, by=by(roles.QUALITY_CONTROLLER).reauthenticated()
        ),
    )
    away = [storing.PutAway(x.pk, x.quantity, world.places["A-01"].pk) for x in rows]
    meter(
        "warehousing.put_away",
        lambda: storing.put_away(receipt_id, away, by=by(roles.STOREKEEPER)),
    )


def _out(world: World, codes: list[str], quantity: int, nth: int, meter: Meter, item: str) -> None:
    by, pk = world.by, world.items[item].pk
    wanted = [ordering.OrderedItem(pk, quantity, Decimal(100)) for _ in codes]
    order = meter(
        "sales.order",
        lambda: ordering.order(
            world.shanghai.pk, world.hospital.pk, world.places["DEP"].pk, wanted,
            by=by(roles.SALES),
        ),
    )  # fmt: skip
    meter(
        "outbound.allocate",
        lambda: going_out.allocate(order.order_id, by=by(roles.PLANNER)),
    )
    pick = meter(
        "outbound.start_pick",
        lambda: going_out.start_pick(
            order.order_id, world.places["STAGE"].pk, by=by(roles.STOREKEEPER)
        ),
    )
    scans = [picking.PickScan([raw], "A-01", quantity) for raw in codes]
    meter(
        "warehousing.pick",
        lambda: picking.pick(pick.pick_id, scans, by=by(roles.PICKER)),
    )
    again = [checking.CheckScan([raw], quantity) for raw in codes]
    meter(
        "warehousing.check",
        lambda: checking.check(pick.pick_id, again, True, True, by=by(roles.CHECKER)),
    )
    sscc = f"]C100{build_sscc(1, '6901234', 1000 + nth)}"
    meter(
        "warehousing.pack",
        lambda: shipping.pack(pick.pick_id, sscc=sscc, by=by(roles.PICKER)),
    )
    sent = meter(
        "warehousing.ship",
        lambda: shipping.ship(pick.pick_id, outbound.VAN, by=by(roles.DISPATCHER)),
    )
    meter(
        "sales.sign_for",
        lambda: delivering.sign_for(
            sent.shipment_id, Erasable("张三"), by=by(roles.DRIVER).reauthenticated()
        ),
    )
    used = [
        using.UsedItem([raw], quantity, Erasable("P-1") if item == "PACER" else None)
        for raw in codes
    ]
    meter(
        "sales.use",
        lambda: using.use(world.places["DEP"].pk, used, by=by(roles.COORDINATOR)),
    )
