"""What a running recall covers stays where it is, whatever becomes of its blocks. # TRC-03"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from tests.ledger import database_now
from tests.recalls.test_commands import opened
from tests.refusing import colleague, refused
from tests.stock.allocating import demand
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls import queries
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.models import RecallCase
from traceward.domain.stock import refusals
from traceward.domain.stock.commands import allocation, blocks
from traceward.domain.stock.models import Code, Lot, Serial, Status, StockBlock
from traceward.domain.stock.rules import Leg
from traceward.kernel.base.refusals import WrongState
from traceward.kernel.org import roles

EXPIRY = date(2030, 12, 31)


def lifted(world: World, case: int) -> None:
    """The case runs, and none of its blocks holds any more: as no way through a command leads."""
    RecallCase.objects.filter(pk=case).update(closed_at=database_now())
    by = world.by(roles.QUALITY_HEAD).reauthenticated()
    for row in StockBlock.objects.filter(case=case):
        blocks.lift_block(row.uid, "by mistake", by=by.asking())
    RecallCase.objects.filter(pk=case).update(closed_at=None)


@dataclass(frozen=True)
class Named:
    """A target, a leg that takes what it names, and one that takes what it does not."""

    target: Target
    leg: Leg
    free: Leg | None = None

    @property
    def item(self) -> int:
        return self.leg.item_id


def picked(world: World, lot: Lot, **changed: int | None) -> Leg:
    return world.leg(Code.PICK, lot, 1, "A-01", "STAGE")._replace(**changed)


def lot_of(world: World) -> Named:
    lot = world.lot("STENT", "L1", EXPIRY)
    world.stock(lot, 5)
    return Named(Target(lot_id=lot.pk), picked(world, lot))


def item_of(world: World) -> Named:
    leg = lot_of(world).leg
    return Named(Target(item_id=leg.item_id), leg)


def units(world: World, lot: Lot, item: Item, lot_id: int | None) -> list[Leg]:
    """Two serials stand released at A-01; a leg that takes each."""
    legs = []
    for number in ("SN1", "SN2"):
        row = Serial.objects.create(item=item, lot_id=lot_id, number=number, raw_number=number)
        what = {"item_id": item.pk, "lot_id": lot_id, "serial_id": row.pk}
        pending = {"status": Status.PENDING}
        world.post(world.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", **pending)._replace(**what))
        release = world.leg(Code.RELEASE, lot, 1, "A-01", "A-01")._replace(**what)
        world.post(release._replace(from_status=Status.PENDING.value))
        legs.append(picked(world, lot, **what))
    return legs


def serial_of(world: World) -> Named:
    lot = world.lot("PACER", "P1", EXPIRY)
    one, other = units(world, lot, lot.item, lot.pk)
    return Named(Target(serial_id=one.serial_id), one, other)


def lot_of_serials(world: World) -> Named:
    named = serial_of(world)
    return Named(Target(lot_id=named.leg.lot_id), named.leg)


def serial_without_lot(world: World) -> Named:
    lot = world.lot("STENT", "L1", EXPIRY)
    item = Item.objects.create(
        code="PUMP",
        maker=world.supplier,
        product=world.items["STENT"].product,
        has_lots=False,
        has_serials=True,
    )
    one, other = units(world, lot, item, None)
    return Named(Target(serial_id=one.serial_id), one, other)


SCOPES: dict[str, Callable[[World], Named]] = {
    "a lot": lot_of,
    "an item": item_of,
    "a serial": serial_of,
    "a lot of serials": lot_of_serials,
    "a serial without a lot": serial_without_lot,
}


@pytest.mark.parametrize("kind", SCOPES)
def test_the_scope_holds_without_its_blocks(world: World, kind: str) -> None:
    named = SCOPES[kind](world)
    case = opened(world, named.target).case_id
    lifted(world, case)
    assert "scope without a block" in {p.why for p in queries.what_is_open(case)}
    with refused(refusals.Blocked):
        world.post(named.leg)
    wanted = demand(world, 2, item_id=named.item)
    (line,) = allocation.reserve([wanted], by=world.by(roles.SALES)).lines
    free = {named.free.serial_id} if named.free else set()
    assert {pick.key.serial_id for pick in line.picks} == free
    assert line.shortage == 2 - len(free)
    allocation.release_reservations([wanted.line_id], by=world.by(roles.SALES))
    if named.free:
        world.post(named.free)
    recalls.block_scope(case, by=world.by(roles.QUALITY_HEAD))
    assert "scope without a block" not in {p.why for p in queries.what_is_open(case)}


def test_a_block_of_a_running_recall_is_not_lifted(world: World) -> None:
    target = lot_of(world).target
    case = opened(world, target).case_id
    row = StockBlock.objects.get(case=case)
    for by in (world.by(roles.QUALITY_HEAD), colleague(roles.QUALITY_HEAD)):
        with refused(WrongState, "block_uid") as caught:
            blocks.lift_block(row.uid, "x", by=by.reauthenticated())
        assert str(RecallCase.objects.get(pk=case)) in str(caught.value)
    RecallCase.objects.filter(pk=case).update(closed_at=database_now())
    blocks.lift_block(row.uid, "ended", by=world.by(roles.QUALITY_HEAD).reauthenticated())


def test_a_block_stays_while_another_recall_covers_the_goods(world: World) -> None:
    named = lot_of(world)
    case = opened(world, named.target).case_id
    other = opened(world, Target(item_id=named.item)).case_id
    RecallCase.objects.filter(pk=case).update(closed_at=database_now())
    row = StockBlock.objects.get(case=case)
    by = world.by(roles.QUALITY_HEAD).reauthenticated()
    with refused(WrongState, "block_uid"):
        blocks.lift_block(row.uid, "ended", by=by.asking())
    RecallCase.objects.filter(pk=other).update(closed_at=database_now())
    blocks.lift_block(row.uid, "ended", by=by.asking())


def test_the_database_keeps_the_block_of_a_running_recall(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed for, and with nothing asked before: the table itself refuses."""
    case = opened(world, lot_of(world).target).case_id
    row = StockBlock.objects.get(case=case)
    monkeypatch.setattr(blocks, "_require_no_keeper", lambda row: None)
    with pytest.raises(DatabaseError, match="not lifted while its case runs"):
        blocks.lift_block(row.uid, "x", by=world.by(roles.QUALITY_HEAD).reauthenticated())
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
    ):
        StockBlock.objects.filter(pk=row.pk).update(case=None)
    row.refresh_from_db()
    assert (row.case_id, row.lifted_at) == (case, None)
