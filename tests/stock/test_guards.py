"""What the database itself guards, whoever calls it as the application's role."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.world import World
from traceward.domain.stock.commands import blocks
from traceward.domain.stock.commands.posting import call
from traceward.domain.stock.models import BlockKind, Code, Status, StockBlock, StockMove
from traceward.kernel.org import roles


def test_a_block_is_not_lifted_without_a_signature(world: World) -> None:  # QUA-04
    lot = world.lot("STENT", "G1")
    by = world.by(roles.QUALITY_HEAD)
    blocks.block(blocks.Scope(lot_id=lot.pk), BlockKind.HOLD, "complaint", by=by)
    row = StockBlock.objects.get(lot=lot)
    with pytest.raises(DatabaseError, match="signed"), transaction.atomic():
        StockBlock.objects.filter(pk=row.pk).update(lifted_at=row.placed_at)
    by = world.by(roles.QUALITY_HEAD).reauthenticated()
    blocks.lift_block(row.uid, "cleared", by=by)
    with pytest.raises(DatabaseError, match="once"), transaction.atomic():
        StockBlock.objects.filter(pk=row.pk).update(lifted_at=None)
    row.refresh_from_db()
    assert row.lifted_at is not None


def test_a_lifted_block_takes_no_promises(world: World) -> None:
    lot = world.lot("STENT", "G2")
    by = world.by(roles.QUALITY_HEAD)
    blocks.block(blocks.Scope(lot_id=lot.pk), BlockKind.HOLD, "complaint", by=by)
    row = StockBlock.objects.get(lot=lot)
    blocks.lift_block(row.uid, "cleared", by=world.by(roles.QUALITY_HEAD).reauthenticated())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM stock_block_reservations(%s, %s)", [[row.pk], 1])
        assert cursor.fetchone() == (0,)


def test_a_command_posts_once(world: World) -> None:  # INV-01
    lot = world.lot("STENT", "G3")
    world.post(world.leg(Code.RECEIVE, lot, 5, "SUP", "A-01", status=Status.PENDING))
    move = StockMove.objects.get(lot=lot)
    leg = [
        *([Code.MOVE], [None], [None], [lot.item_id], [lot.pk], [None], [1]),
        *([world.places["A-01"].pk], [1], [world.us.pk], [None]),
        *([world.places["A-02"].pk], [1], [world.us.pk], [None], [None], [None], [None]),
    ]
    text, values = call((), leg, (), ())
    with (
        pytest.raises(DatabaseError, match="refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SELECT {text}", [move.command_id, move.actor_id, *values])
    assert StockMove.objects.filter(lot=lot).count() == 1
