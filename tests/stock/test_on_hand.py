"""What stands now, with its derived states, and inside the asker's sites only."""

from datetime import UTC, datetime, time, timedelta

from tests.ledger import database_now
from tests.world import World
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, Status
from traceward.domain.stock.queries import MovesOf, Which, items_on_hand, moves, on_hand
from traceward.kernel.org import roles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_totals_by_status_and_on_the_way(world: World) -> None:
    lot = world.lot("STENT", "N1")
    world.stock(lot, 10)
    world.post(world.leg(Code.RECEIVE, lot, 3, "SUP", "A-02", status=Status.PENDING))
    world.post(world.leg(Code.PICK, lot, 4, "A-01", "STAGE"))
    world.post(world.leg(Code.SHIP, lot, 2, "STAGE", "WAY"))
    [row] = items_on_hand(sites=None)
    assert (row.pending, row.qualified, row.rejected, row.in_transit) == (3, 8, 0, 2)
    assert row.on_hand == 11
    assert items_on_hand(sites=[world.chengdu.pk]) == []
    assert items_on_hand(sites=[]) == []
    assert items_on_hand(sites=None, which=Which(items=[world.items["PACER"].pk])) == []


def test_expired_by_the_day_of_the_site(world: World) -> None:  # INV-07
    last_day = database_now().date() + timedelta(days=30)
    lot = world.lot("STENT", "N2", expires=last_day)
    world.post(world.leg(Code.RECEIVE, lot, 3, "SUP", "A-01", status=Status.PENDING))
    which = Which(lots=[lot.pk], places=[world.places["A-01"].pk])
    # 15:59 UTC is still that day in Shanghai; 16:00 UTC is the next one.
    midnight = datetime.combine(last_day, time(16), tzinfo=UTC)
    [last] = on_hand(sites=None, now=midnight - timedelta(minutes=1), which=which)
    [first] = on_hand(sites=None, now=midnight, which=which)
    assert (last.is_expired, first.is_expired) == (False, True)


def test_blocks_show_on_what_they_cover_only(world: World) -> None:
    held, free = world.lot("STENT", "N3"), world.lot("STENT", "N4")
    for lot in (held, free):
        world.stock(lot, 5)
    block(
        Scope(lot_id=held.pk, place_id=world.places["A-01"].pk),
        BlockKind.HOLD,
        "label damaged",
        by=world.by(roles.QUALITY_HEAD),
    )
    block(
        Scope(place_id=world.places["STAGE"].pk),
        BlockKind.RECALL,
        "notice of the maker",
        by=world.by(roles.QUALITY_HEAD),
    )
    world.post(world.leg(Code.PICK, free, 2, "A-01", "STAGE"))
    rows = {
        (r.lot_id, r.place_id): (r.is_on_hold, r.is_recalled)
        for r in on_hand(sites=None, now=NOW)
        if r.status == Status.QUALIFIED
    }
    bin_id, stage_id = world.places["A-01"].pk, world.places["STAGE"].pk
    assert rows[held.pk, bin_id] == (True, False)
    assert rows[free.pk, bin_id] == (False, False)
    assert rows[free.pk, stage_id] == (False, True)


def test_history_newest_first_in_pages_and_sites(world: World) -> None:
    lot = world.lot("STENT", "N5")
    world.stock(lot, 5)
    world.post(world.leg(Code.MOVE, lot, 1, "A-01", "A-02"))
    page = moves(MovesOf(lot_id=lot.pk), sites=None, limit=2)
    assert [m.code for m in page] == [Code.MOVE, Code.RELEASE]
    [rest] = moves(MovesOf(lot_id=lot.pk), sites=None, before_id=page[-1].id)
    assert rest.code == Code.RECEIVE
    assert moves(MovesOf(lot_id=lot.pk), sites=[world.chengdu.pk]) == []
