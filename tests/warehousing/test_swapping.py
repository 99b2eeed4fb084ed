"""Any free serial of the lot may be fetched for the one that was promised. # OUT-05"""

from dataclasses import dataclass

import pytest

from tests import outbound
from tests.inbound import code
from tests.kernel.verbs import entry
from tests.outbound import standing
from tests.refusing import refused
from tests.world import World
from traceward.domain.sales.commands import ordering
from traceward.domain.stock import refusals as stock
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    Lot,
    Reservation,
    Serial,
    Status,
    StockMove,
)
from traceward.domain.warehousing.commands import checking, picking, putting_back, shipping
from traceward.domain.warehousing.models import Pick, PickState, ShipmentLine
from traceward.domain.warehousing.refusals import WrongPick
from traceward.flows import outbound as flow
from traceward.kernel.org import roles


def serials(world: World, *numbers: str, lot: str = "P1", place: str = "A-01") -> Lot:
    row = world.lot("PACER", lot)
    for number in numbers:
        made = Serial.objects.create(item=row.item, lot=row, number=number, raw_number=number)
        release = {"from_status": Status.PENDING, "to_status": Status.QUALIFIED}
        where = {"serial_id": made.pk}
        world.post(world.leg(Code.RECEIVE, row, 1, "SUP", place, status=Status.PENDING, **where))
        world.post(world.leg(Code.RELEASE, row, 1, place, place, **release, **where))
    return row


def label(number: str, lot: str = "P1") -> str:
    return code("PACER", lot, serial=number)


def pick(world: World, going: outbound.Going, *numbers: str, place: str = "A-01", **more: str):
    scans = [picking.PickScan([label(number, **more)], place) for number in numbers]
    return picking.pick(going.pick_id, scans, by=world.by(roles.PICKER))


@dataclass
class Picking:
    going: outbound.Going
    #: The serials that were promised, and the others.
    wanted: list[str]
    free: list[str]


def opened(world: World, quantity: int = 1) -> Picking:
    numbers = ["S1", "S2", "S3"]
    serials(world, *numbers)
    going = outbound.opened(world, "PACER", quantity)
    wanted = fetched(going)
    return Picking(going, wanted, [n for n in numbers if n not in wanted])


def fetched(going: outbound.Going) -> list[str]:
    lines = picking.lines_of(Pick.objects.get(pk=going.pick_id))
    return [line.serial.number for line in lines]


def promised() -> set[tuple[str, str]]:
    rows = Reservation.objects.filter(quantity__gt=0).select_related("balance__serial")
    return {(row.balance.serial.number, row.balance.place.code) for row in rows}


def test_the_promised_serial_is_picked(world: World) -> None:
    found = opened(world)
    assert pick(world, found.going, *found.wanted).state == PickState.PICKED
    move = StockMove.objects.get(code=Code.PICK)
    assert move.line_id == found.going.line_ids[0]


def test_a_free_serial_of_the_lot_takes_its_place(world: World) -> None:
    found = opened(world)
    other = found.free[0]
    by = world.by(roles.PICKER)
    scan = picking.PickScan([label(other)], "A-01")
    assert picking.pick(found.going.pick_id, [scan], by=by).left == 0
    assert fetched(found.going) == [other]
    assert promised() == {(other, "STAGE")}
    changes = [x for x in entry(by).facts["changes"] if "serial_id" in x["before"]]
    ids = dict(Serial.objects.values_list("number", "pk"))
    assert changes[0]["before"]["serial_id"] == str(ids[found.wanted[0]])
    assert changes[0]["after"]["serial_id"] == str(ids[other])
    scans = [checking.CheckScan([label(other)])]
    checking.check(found.going.pick_id, scans, True, True, by=world.by(roles.CHECKER))
    shipping.ship(found.going.pick_id, outbound.VAN, by=world.by(roles.DISPATCHER))
    assert ShipmentLine.objects.get().serial.number == other
    assert (
        flow.allocate(  # what was given up is free again
            outbound.ordered(world, "PACER", 2).order_id, by=world.by(roles.PLANNER)
        )
        .lines[0]
        .shortage
        == 0
    )


def test_what_is_scanned_as_well_is_not_given_up(world: World) -> None:
    found = opened(world, 2)
    kept, other = found.wanted[0], found.free[0]
    pick(world, found.going, other, kept)
    assert set(fetched(found.going)) == {kept, other}


def test_what_was_swapped_is_brought_back_to_its_own_bin(world: World) -> None:
    serials(world, "S1")
    going = outbound.opened(world, "PACER", 1)
    serials(world, "S9", place="A-02")
    pick(world, going, "S9", place="A-02")
    assert standing() == {"A-01": 1, "STAGE": 1}
    putting_back.cancel_pick(going.pick_id, "wrong ward", by=world.by(roles.STOREKEEPER))
    assert promised() == {("S9", "A-02")}


@pytest.mark.parametrize("what", ["another lot", "another place", "fetched", "twice"])
def test_what_does_not_fit_is_not_swapped(world: World, what: str) -> None:
    found = opened(world, 2)
    serials(world, "S9", lot="P2")
    if what == "fetched":
        pick(world, found.going, *found.wanted[:1])
    numbers, more = {
        "another lot": (["S9"], {"lot": "P2"}),
        "another place": (found.free, {"place": "A-02"}),
        "fetched": (found.wanted[:1], {}),
        "twice": ([found.free[0], found.free[0]], {}),
    }[what]
    with refused(WrongPick):
        pick(world, found.going, *numbers, **more)


def test_what_is_promised_to_another_order_is_not_taken(world: World) -> None:
    found = opened(world)
    outbound.allocated(world, "PACER", 2)
    with refused(WrongPick) as caught:
        pick(world, found.going, found.free[0])
    assert caught.value.values["what"] == "serial"


def test_what_the_customer_asked_for_is_fetched(world: World) -> None:
    serials(world, "S1", "S2")
    serial = Serial.objects.get(number="S1").pk
    line = ordering.OrderedItem(world.items["PACER"].pk, 1, lot_id=None, serial_id=serial)
    made = ordering.order(
        world.shanghai.pk,
        world.hospital.pk,
        world.places["DEP"].pk,
        [line],
        by=world.by(roles.SALES),
    )
    flow.allocate(made.order_id, by=world.by(roles.PLANNER))
    stage, keeper = world.places["STAGE"].pk, world.by(roles.STOREKEEPER)
    going = outbound.Going(made.order_id, made.line_ids)
    going.pick_id = flow.start_pick(made.order_id, stage, by=keeper).pick_id
    with refused(WrongPick):
        pick(world, going, "S2")
    assert pick(world, going, "S1").left == 0


def test_a_blocked_serial_is_not_taken(world: World) -> None:  # OUT-03
    found = opened(world)
    scope = Scope(serial_id=Serial.objects.get(number=found.free[0]).pk)
    block(scope, BlockKind.HOLD, "dented", by=world.by(roles.QUALITY_HEAD))
    with refused(stock.Blocked):
        pick(world, found.going, found.free[0])
