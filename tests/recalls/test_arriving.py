"""Goods that come after their recall was opened are caught, whatever they do first. # TRC-03"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from procrastinate.contrib.django import app

from tests.inbound import code, received
from tests.ledger import database_now
from tests.recalls.test_commands import opened
from tests.recalls.test_scopes import made, scope_of
from tests.refusing import refused
from tests.stock.allocating import demand
from tests.world import World
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.models import RecallCase, RecallScope
from traceward.domain.stock import refusals
from traceward.domain.stock.allocation import Allocated
from traceward.domain.stock.commands import allocation, blocks
from traceward.domain.stock.models import Code, Lot, Serial, Status, StockBalance, StockMove
from traceward.domain.stock.rules import Leg
from traceward.jobs import tasks
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import NotAllowed, WrongState
from traceward.kernel.command.registry import REGISTRY
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Event

EXPIRY = date(2030, 12, 31)
Later = tuple[int, Lot, int | None, str]


def serial(world: World, number: str) -> Serial:
    """It was received and waits for inspection at A-01."""
    lot = world.lot("PACER", "P1", EXPIRY)
    row = Serial.objects.create(item=lot.item, lot=lot, number=number, raw_number=number)
    world.post(
        world.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=Status.PENDING, serial_id=row.pk)
    )
    return row


def by_serials(world: World) -> Later:
    serial(world, "SN0008")
    item = world.items["PACER"].pk
    case = opened(world, Target(item_id=item, serial_from="sn0007", serial_to="SN0020")).case_id
    outside, inside = serial(world, "SN0021"), serial(world, "SN0015")
    release(world, outside.lot, outside.pk, "A-01")  # no part of it
    return case, inside.lot, inside.pk, "A-01"


def by_suppliers_lot(world: World) -> Later:
    known = world.lot("STENT", "L1", EXPIRY)
    Lot.objects.filter(pk=known.pk).update(supplier_lot="V-77")
    world.stock(known, 4)
    case = opened(world, Target(supplier_lot="V-77")).case_id
    later = world.lot("STENT", "L2", EXPIRY)
    Lot.objects.filter(pk=later.pk).update(supplier_lot="v-77 ")
    world.post(world.leg(Code.RECEIVE, later, 4, "SUP", "A-01", status=Status.PENDING))
    return case, later, None, "A-01"


def by_document(world: World) -> Later:
    receipt = received(world, (code("STENT", "L1"), 4))
    case = opened(world, Target(document_id=receipt.receipt_id)).case_id
    later = world.lot("STENT", "L2", EXPIRY)
    leg = world.leg(Code.RECEIVE, later, 4, "SUP", "A-01", status=Status.PENDING)
    world.post(leg._replace(document_id=receipt.receipt_id))
    return case, later, None, "A-01"


def by_production(world: World) -> Later:
    raw = world.lot("STENT", "RAW", EXPIRY)
    world.stock(raw, 10)
    first = made(world, raw, "REAGENT", "MID", "C-01")
    case = opened(world, Target(document_id=first.transformation_id)).case_id
    later = world.lot("REAGENT", "MID2", EXPIRY)
    pending = {"status": Status.PENDING, "document_id": first.transformation_id}
    world.post(world.leg(Code.PRODUCE, later, 1, "PRD", "C-01", **pending))
    return case, later, None, "C-01"


def by_place(world: World) -> Later:
    world.stock(world.lot("STENT", "L1", EXPIRY), 4, "A-02")
    place, begin = world.places["A-02"].pk, database_now() - timedelta(minutes=1)
    case = opened(world, Target(place_id=place, from_at=begin)).case_id
    later = world.lot("STENT", "L2", EXPIRY)
    world.stock(later, 4, "A-01")
    world.post(world.leg(Code.MOVE, later, 1, "A-01", "A-02"))
    return case, later, None, "A-02"


CASES: dict[str, Callable[[World], Later]] = {
    "serials": by_serials,
    "supplier's lot": by_suppliers_lot,
    "document": by_document,
    "production": by_production,
    "place": by_place,
}


def release(world: World, lot: Lot, serial_id: int | None, place: str) -> None:
    leg = world.leg(Code.RELEASE, lot, 1, place, place, serial_id=serial_id)
    world.post(leg._replace(from_status=Status.PENDING.value))


def take(world: World, lot: Lot, serial_id: int | None, place: str) -> None:
    """Whatever would bring it to a user next: its release, or its way to the staging area."""
    there = StockBalance.objects.get(
        lot=lot, serial=serial_id, place=world.places[place], on_hand__gt=0
    )
    if there.status == Status.PENDING:
        release(world, lot, serial_id, place)
    else:
        world.post(world.leg(Code.PICK, lot, 1, place, "STAGE", serial_id=serial_id))


@pytest.mark.parametrize("kind", CASES)
def test_what_comes_later_is_held_by_the_gate_and_then_by_a_block(world: World, kind: str) -> None:
    case, lot, serial_id, place = CASES[kind](world)
    before = StockMove.objects.count()
    with refused(refusals.Blocked):
        take(world, lot, serial_id, place)
    assert StockMove.objects.count() == before
    assert recalls.catch_up(by=world.by(roles.SYSTEM)).blocks == 1
    assert (str(lot), str(Serial.objects.filter(pk=serial_id).first() or "")) in scope_of(case)
    with refused(refusals.Blocked):
        take(world, lot, serial_id, place)
    assert StockMove.objects.count() == before
    assert recalls.catch_up(by=world.by(roles.SYSTEM)).blocks == 0
    row = RecallScope.objects.get(case=case, lot=lot, serial=serial_id)
    lift = partial(blocks.lift_block, row.block.uid if row.block else None, "tested")
    with refused(WrongState, "block_uid"):
        lift(by=world.by(roles.QUALITY_HEAD).reauthenticated())
    RecallCase.objects.filter(pk=case).update(closed_at=database_now())
    lift(by=world.by(roles.QUALITY_HEAD).reauthenticated())
    take(world, lot, serial_id, place)


@pytest.mark.parametrize("kind", CASES)
def test_recalled_goods_may_still_be_moved_and_sent_back(world: World, kind: str) -> None:
    _, lot, serial_id, place = CASES[kind](world)
    there = StockBalance.objects.get(
        lot=lot, serial=serial_id, place=world.places[place], on_hand__gt=0
    )
    values = {"serial_id": serial_id, "status": there.status}
    world.post(world.leg(Code.MOVE, lot, 1, place, "DOCK", **values))
    back = world.leg(Code.RETURN_TO_SUPPLIER, lot, 1, "DOCK", "SUP", **values)
    world.post(back)


def by_supplier_known_late(world: World) -> Later:
    """The supplier says afterwards what it calls a lot that was released before."""
    known, later = world.lot("STENT", "L1", EXPIRY), world.lot("STENT", "L2", EXPIRY)
    Lot.objects.filter(pk=known.pk).update(supplier_lot="V-77")
    world.stock(known, 4)
    world.stock(later, 4)
    case = opened(world, Target(supplier_lot="V-77")).case_id
    Lot.objects.filter(pk=later.pk).update(supplier_lot="V-77")
    return case, later, None, "A-01"


@pytest.mark.parametrize("make", [by_place, by_supplier_known_late])
def test_what_comes_later_is_not_promised(
    world: World, make: Callable[[World], Later]
) -> None:  # INV-06
    case, lot, *_ = make(world)
    by = world.by(roles.SALES)

    def asked_for() -> Allocated:
        asked = demand(world, 1, lot_id=lot.pk)
        (line,) = allocation.reserve([asked], by=by.asking()).lines
        return line

    before = asked_for()
    assert (before.picks, before.shortage) == ([], 1)
    recalls.catch_up(by=world.by(roles.SYSTEM))
    after = asked_for()
    assert [r.told() for r in after.reasons] == [r.told() for r in before.reasons]
    assert after.shortage == 1
    (row,) = RecallScope.objects.filter(case=case, lot=lot)
    RecallCase.objects.filter(pk=case).update(closed_at=database_now())
    uid = row.block.uid if row.block else None
    blocks.lift_block(uid, "tested", by=world.by(roles.QUALITY_HEAD).reauthenticated())
    assert asked_for().shortage == 0


def test_other_stock_is_promised_instead(world: World) -> None:  # INV-06
    _, later, *_ = by_place(world)
    good = world.lot("STENT", "GOOD", date(2031, 12, 31))
    world.stock(good, 3, "A-01")
    asked = demand(world, 2)
    (line,) = allocation.reserve([asked], by=world.by(roles.SALES)).lines
    assert {pick.key.lot_id for pick in line.picks} == {good.pk}
    assert later.expires_on < good.expires_on, "first by its day"


def test_what_was_moved_where_a_recall_reaches_is_caught_by_the_clock(world: World) -> None:
    times = {p.task.name: p.cron for p in app.periodic_registry.periodic_tasks.values()}
    assert times["traceward.catch_up_recalls"] == "*/10 * * * *"
    assert tasks.catch_up_recalls(timestamp=0) == 0
    assert not AuditEntry.objects.filter(verb="recalls.catch_up").exists(), "nothing to do"
    case, lot, *_ = by_place(world)
    assert tasks.catch_up_recalls(timestamp=0) == 1
    assert RecallScope.objects.filter(case=case, lot=lot).exists()
    event = Event.objects.order_by("-pk").first()
    assert event.name.endswith(".ScopeBlocked")
    assert tasks.catch_up_recalls(timestamp=0) == 0


def test_hundreds_of_recalled_serials_are_moved_aside_at_once(world: World) -> None:
    """Each has a block of its own. Found by trying: four hundred took 20 s, more were cut off."""
    lot = world.lot("PACER", "P1", EXPIRY)
    numbers = [f"SN{n:04}" for n in range(450)]
    rows = Serial.objects.bulk_create(
        Serial(item=lot.item, lot=lot, number=number, raw_number=number) for number in numbers
    )

    def legs(code: Code, source: str, target: str) -> list[Leg]:
        pending = Status.PENDING
        return [
            world.leg(code, lot, 1, source, target, status=pending, serial_id=row.pk)
            for row in rows
        ]

    world.post(*legs(Code.RECEIVE, "SUP", "A-01"))
    opened(world, Target(item_id=lot.item_id, serial_from="SN0000", serial_to="SN0449"))
    world.post(*legs(Code.MOVE, "A-01", "A-02"))
    assert StockBalance.objects.filter(place=world.places["A-02"], on_hand=1).count() == 450


def test_a_recall_that_has_ended_holds_nothing(world: World) -> None:
    case, lot, serial_id, place = by_serials(world)
    RecallCase.objects.filter(pk=case).update(closed_at=database_now())
    take(world, lot, serial_id, place)


def test_only_the_system_catches_up_by_itself(world: World) -> None:
    case, *_ = by_serials(world)
    with refused(NotAllowed):
        recalls.catch_up(by=world.by(roles.SALES))
    assert RecallScope.objects.filter(case=case).count() == 1


def test_every_way_in_wakes_the_recall() -> None:
    wanted = {"GoodsReceived", "GoodsTransformed", "TransferReceived", "ReturnReceived"}
    assert set(REGISTRY["recalls.catch_up"].subscribes) == wanted
