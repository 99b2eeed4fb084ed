"""What is shown as held is what a post would refuse. # INV-03"""

import random

import pytest
from django.db import connection

from tests.ledger import database_now
from tests.stock.allocating import serials_of
from tests.world import World
from traceward.domain.stock.commands import blocks
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    Container,
    Lot,
    Serial,
    Status,
    StockBalance,
    StockBlock,
)
from traceward.domain.stock.queries import (
    Which,
    held_as,
    is_held,
    on_balance,
    on_hand,
    on_lot,
    on_serial,
)
from traceward.kernel.org import roles


@pytest.mark.parametrize("seed", range(6))
def test_blocked_balances_are_those_that_a_post_would_refuse(world: World, seed: int) -> None:
    chance = random.Random(seed)
    lots = [world.lot("STENT", f"B{n}") for n in range(3)]
    outer, other = (Container.objects.create(code=f"BOX{seed}-{n}") for n in range(2))
    boxes = [outer, other, Container.objects.create(code=f"BOX{seed}-2", parent=outer)]
    serials = serials_of(world, 2)
    for lot in lots:
        for place in ("A-01", "A-02"):
            box = chance.choice([None, *(b.pk for b in boxes)])
            leg = world.leg(Code.RECEIVE, lot, 5, "SUP", place, status=Status.PENDING)
            world.post(leg._replace(to_container_id=box))
    for _ in range(4):
        filled = {
            "lot_id": chance.choice([None, *(x.pk for x in lots)]),
            "serial_id": chance.choice([None, None, *(s.pk for s in serials)]),
            "item_id": chance.choice([None, world.items["STENT"].pk]),
            "place_id": chance.choice([None, world.places["A-01"].pk]),
            "container_id": chance.choice([None, None, *(b.pk for b in boxes)]),
        }
        if any(filled.values()):
            kind, by = chance.choice(list(BlockKind)), world.by(roles.QUALITY_HEAD)
            blocks.block(blocks.Scope(**filled), kind, "test", by=by)
    with connection.cursor() as cursor:
        items = [world.items["STENT"].pk, world.items["PACER"].pk]
        cursor.execute(
            "SELECT balance_id FROM stock_blocked_balances(%s, 'allocate', tw_now())", [items]
        )
        found = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT b.id FROM stock_balance b WHERE EXISTS (SELECT FROM stock_blocks_on("
            "ARRAY[b.lot_id], ARRAY[b.serial_id], ARRAY[b.container_id], ARRAY[b.place_id],"
            " ARRAY[b.item_id], ARRAY[b.container_id], ARRAY[b.place_id], tw_now()))"
        )
        assert found == {row[0] for row in cursor.fetchall()}
    rows = on_hand(sites=None, now=database_now(), which=Which(items=items))
    shown = {row.balance_id for row in rows if row.is_on_hold or row.is_recalled}
    assert shown == found & {row.balance_id for row in rows}
    balances = StockBalance.objects.annotate(held=held_as(on_balance()))
    held = dict(balances.filter(held__isnull=False).values_list("pk", "held"))
    assert set(held) == found
    for row in rows:
        kind = "recall" if row.is_recalled else "hold" if row.is_on_hold else None
        assert held.get(row.balance_id) == kind
    for asked in (True, False):
        ids = StockBalance.objects.filter(is_held(asked)).values_list("pk", flat=True)
        assert set(ids) == {
            pk for pk in balances.values_list("pk", flat=True) if (pk in held) is asked
        }
    _are_held_whole(lots, serials)


def _are_held_whole(lots: list[Lot], serials: list[Serial]) -> None:
    """Lots and serials count as held where a block covers them wherever they stand."""
    active = StockBlock.objects.filter(lifted_at=None, place=None, container=None)
    shown = dict(Lot.objects.annotate(held=held_as(on_lot())).values_list("pk", "held"))
    for lot in lots:
        kinds = {
            b.kind
            for b in active.filter(serial=None)
            if b.lot_id in (None, lot.pk) and b.item_id in (None, lot.item_id)
        }
        assert shown[lot.pk] == max(kinds, default=None)
    shown = dict(Serial.objects.annotate(held=held_as(on_serial())).values_list("pk", "held"))
    for one in serials:
        kinds = {
            b.kind
            for b in active
            if b.serial_id in (None, one.pk)
            and b.lot_id in (None, one.lot_id)
            and b.item_id in (None, one.item_id)
        }
        assert shown[one.pk] == max(kinds, default=None)
