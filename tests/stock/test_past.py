"""The past is what a plain walk over the moves says, with and without checkpoints. # INV-08"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction

from tests import world as worlds
from tests.stock.clock import sequence_all, set_clock
from tests.world import World
from traceward.domain.stock.checkpoints import keep_checkpoints
from traceward.domain.stock.checks import checkpoints_equal_moves
from traceward.domain.stock.models import Checkpoint, Code, StockMove
from traceward.domain.stock.queries import Moment, Which, items_in_past, stood
from traceward.domain.stock.refusals import ShortStock
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.outbox.models import CommandOrder

SEED = 20261122
DAY = datetime(2026, 3, 1, 1, tzinfo=UTC)
BINS = ("A-01", "A-02", "C-01", "B-01", "STAGE")


def wander(world: World, chance: random.Random, steps: int) -> None:
    """Moves between bins, to the hospital and back-dated ones; checkpoints in between."""
    lots = [world.lot("STENT", f"P{n}") for n in range(3)]
    early = world.lot("STENT", "EARLY")
    now = DAY
    for lot in (*lots, early):
        set_clock(now)
        world.stock(lot, 40)
        world.stock(lot, 40, "B-01")
        now += timedelta(minutes=5)
    for step in range(steps):
        # Several commands may share a moment; some days nothing happens.
        now += timedelta(minutes=chance.choice((0, 0, 20, 40, 200, 1500)))
        set_clock(now)
        lot, quantity = chance.choice(lots), chance.randint(1, 4)
        source, target = chance.sample(BINS[:3], 2)
        legs = [world.leg(Code.MOVE, lot, quantity, source, target)]
        if chance.random() < 0.2:
            legs.append(world.leg(Code.ADJUST_OUT, lot, 1, "B-01", "CD-ADJ"))
        if chance.random() < 0.3:
            legs = [
                world.leg(Code.PICK, lot, quantity, source, "STAGE"),
                world.leg(Code.SHIP, lot, quantity, "STAGE", "WAY"),
            ]
            if chance.random() < 0.5:
                legs.append(world.leg(Code.DELIVER, lot, quantity, "WAY", "CUS"))
        times = {}
        if chance.random() < 0.35:
            back = timedelta(minutes=chance.choice((10, 30, 90, 600, 4000)))
            times = {"happened_at": now - back, "reason": "found in the paper log"}
        try:
            world.post(*legs, **times)
        except ShortStock:
            continue
        if step % 10 == 9:
            if chance.random() < 0.7:  # the others are made while commands wait for a number
                sequence_all()
            keep_checkpoints(spacing=12, late_rows=3, full=14)
    set_clock(now + timedelta(days=2))
    sequence_all()
    for hour in range(1, 6):
        world.post(
            world.leg(Code.MOVE, early, hour, "A-01", "A-02"),
            happened_at=DAY + timedelta(hours=hour),
            reason="the paper log of the first day",
        )
    set_clock(now + timedelta(days=3))
    sequence_all()
    keep_checkpoints(spacing=12, late_rows=3, full=14)


@pytest.fixture(scope="module")
def wandered(fresh_database: str) -> World:
    chance = random.Random(SEED)
    world = worlds.build()
    wander(world, chance, 150)
    return world


def walk(moment: Moment) -> Counter:
    """Every move that counts, added up in Python."""
    order = dict(CommandOrder.objects.values_list("command_id", "sequence"))
    stands: Counter = Counter()
    for m in StockMove.objects.filter(happened_at__lte=moment.happened):
        if moment.posted is not None and m.posted_at > moment.posted:
            continue
        if moment.sequence is not None and order.get(m.command_id, 10**9) > moment.sequence:
            continue
        common = (m.item_id, m.lot_id, m.serial_id)
        stands[*common, m.from_place_id, m.from_status] -= m.quantity
        stands[*common, m.to_place_id, m.to_status] += m.quantity
    return Counter({key: n for key, n in stands.items() if n})


def moments(chance: random.Random, count: int) -> list[Moment]:
    """Exact moments of moves, moments between them, as known now, at a number, at a time."""
    happened = list(StockMove.objects.values_list("happened_at", flat=True))
    last = CommandOrder.objects.order_by("-sequence").first().sequence
    found = []
    for _ in range(count):
        at = chance.choice(happened) + timedelta(microseconds=chance.choice((-1, 0, 1)))
        sequence = chance.randint(0, last) if chance.random() < 0.4 else None
        posted = chance.choice(happened) if chance.random() < 0.4 else None
        found.append(Moment(at, sequence, posted))
    return found


def test_past_equals_a_walk_over_the_moves(wandered: World) -> None:  # INV-08
    chance = random.Random(SEED)
    inside = {p.pk for c, p in wandered.places.items() if c in (*BINS, "WAY")}
    assert StockMove.objects.count() > 100
    assert Checkpoint.objects.filter(is_void=False).count() > 5
    assert Checkpoint.objects.filter(is_renewal=True).exists(), "late rows renewed none"
    for moment in moments(chance, 120):
        expected = walk(moment)
        rows = {
            (r.item_id, r.lot_id, r.serial_id, r.place_id, r.status): r.on_hand
            for r in stood(moment, sites=None)
        }
        assert rows == {k: n for k, n in expected.items() if k[3] in inside}, moment


def test_narrower_questions_give_the_same_rows(wandered: World) -> None:
    chance = random.Random(SEED + 1)
    sites = dict(wandered_sites(wandered))
    for moment in moments(chance, 40):
        expected = walk(moment)
        item = wandered.items["STENT"].pk
        place = wandered.places[chance.choice((*BINS, "CUS", "SUP"))]
        lot = chance.choice([k[1] for k in expected] or [None])
        by_item = stood(moment, sites=None, which=Which(items=[item]))
        assert sorted(by_item) == sorted(stood(moment, sites=None))
        by_place = stood(moment, sites=None, which=Which(places=[place.pk]))
        assert {(r.lot_id, r.status): r.on_hand for r in by_place} == {
            (k[1], k[4]): n for k, n in expected.items() if k[3] == place.pk
        }, (moment, place)
        if lot is not None:
            by_lot = stood(moment, sites=None, which=Which(lots=[lot]))
            assert {(r.place_id, r.status): r.on_hand for r in by_lot} == {
                (k[3], k[4]): n for k, n in expected.items() if k[1] == lot
            }
        here = stood(moment, sites=[wandered.chengdu.pk])
        assert {r.place_id for r in here} <= {
            p for p, s in sites.items() if s == wandered.chengdu.pk
        }


def wandered_sites(world: World) -> Iterator[tuple[int, int]]:
    return ((p.pk, p.site_id) for p in world.places.values())


def test_totals_are_the_sums_of_the_rows(wandered: World) -> None:
    chance = random.Random(SEED + 2)
    sites = dict(wandered_sites(wandered))
    way = wandered.places["WAY"].pk
    item = wandered.items["STENT"].pk
    for moment in moments(chance, 60):
        sums: Counter = Counter()
        for r in stood(moment, sites=None):
            word = 4 if r.place_id == way else r.status
            sums[sites[r.place_id], word] += r.on_hand
        totals = {
            (t.site_id, n): value
            for t in items_in_past(moment, sites=None, items=chance.choice((None, [item])))
            for n, value in enumerate(t[2:], start=1)
            if value
        }
        assert totals == {k: n for k, n in sums.items() if n}, moment


def test_checkpoints_are_close_together_and_sound(wandered: World) -> None:
    rows = list(Checkpoint.objects.filter(is_void=False).order_by("at", "sequence"))
    for before, after in pairwise(rows):
        between = StockMove.objects.filter(happened_at__gt=before.at, happened_at__lte=after.at)
        moments_between = set(between.values_list("happened_at", flat=True))
        assert between.count() <= 12 + 2 + 4 or len(moments_between) == 1
    assert checkpoints_equal_moves("default") == []


def test_what_was_known_does_not_change(wandered: World) -> None:
    """A back-dated entry changes the past as known now, never as known then."""
    lot = wandered.lot("STENT", "LATE")
    clock = StockMove.objects.order_by("-posted_at").first().posted_at + timedelta(days=3)
    set_clock(clock)
    wandered.stock(lot, 10)
    set_clock(clock + timedelta(days=2))
    sequence_all()
    known = CommandOrder.objects.order_by("-sequence").first().sequence
    asked = clock + timedelta(hours=5)
    before = stood(Moment(asked), sites=None)
    wandered.post(
        wandered.leg(Code.MOVE, lot, 4, "A-01", "A-02"),
        happened_at=asked,
        reason="moved on Sunday, entered on Tuesday",
    )
    keep_checkpoints(spacing=12, late_rows=0, full=14)
    then = stood(Moment(asked, sequence=known), sites=None)
    assert sorted(then) == sorted(before)
    assert sorted(stood(Moment(asked), sites=None)) != sorted(before)
    # A move at the moment counts; a microsecond earlier it does not.
    just_before = stood(Moment(asked - timedelta(microseconds=1)), sites=None)
    assert sorted(just_before) == sorted(before)


def test_setting_the_clock_back_voids_later_checkpoints(wandered: World) -> None:
    with transaction.atomic():
        newest = Checkpoint.objects.filter(is_void=False).order_by("-late_from").first()
        set_clock(newest.late_from - timedelta(minutes=1))
        assert Checkpoint.objects.get(pk=newest.pk).is_void
        transaction.set_rollback(True)
    assert not Checkpoint.objects.get(pk=newest.pk).is_void


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        Moment(datetime(2026, 1, 1))  # noqa: DTZ001  # what the test is about
    assert refused.value.field == "happened"
