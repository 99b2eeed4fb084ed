"""Races that must end the same way whoever comes first. # INV-04 INV-08

About 20 rounds each (10 of twenty clients); 200 with TRACEWARD_FULL=1. What guards each race is
taken away by `python -m tests.mutation` and by the tests marked `full`; the race is then lost.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from tests import world as worlds
from tests.concurrency import commands
from tests.concurrency.commands import RaceSlip, counting_move, open_slip, pick_promised, picked
from tests.concurrency.crowd import Call, Crowd, calling
from tests.ledger import database_now, demand_line, post_all
from tests.world import World
from traceward.domain.stock.allocation import Demand
from traceward.domain.stock.commands.allocation import reserve
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.commands.containers import nest_container
from traceward.domain.stock.commands.moves import Line, move
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    Container,
    Lot,
    Reservation,
    Serial,
    Status,
    StockBalance,
    StockMove,
)
from traceward.domain.stock.queries import Moment, Which, stood
from traceward.domain.stock.rules import BalanceKey, Leg, Promise
from traceward.kernel.command.models import AnsweredRequest
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.documents.models import NumberSeries
from traceward.kernel.org import roles

FULL = os.environ.get("TRACEWARD_FULL") == "1"
ROUNDS = int(os.environ.get("TRACEWARD_ROUNDS", "200" if FULL else "20"))
#: Races of twenty take longer: fewer of them in the normal run.
ROUNDS_OF_TWENTY = ROUNDS if ROUNDS >= 200 else max(1, ROUNDS // 2)

pytestmark = pytest.mark.usefixtures("unblocked")
Qualified = Status.QUALIFIED


@pytest.fixture(scope="module")
def company(fresh_database: str, django_db_blocker: Any) -> World:
    with django_db_blocker.unblock():
        set_up_roles()
        return worlds.build()


@pytest.fixture
def unblocked(company: World, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def _deadlocks(database: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [database])
        return cursor.fetchone()[0]


@pytest.fixture(scope="module")
def crowd(company: World, fresh_database: str, django_db_blocker: Any) -> Iterator[Crowd]:
    """Twenty clients; over all races of the module nobody may meet a deadlock."""
    with django_db_blocker.unblock():
        before = _deadlocks(fresh_database)
        made = Crowd(20, fresh_database)
        yield made
        made.leave()
        assert made.deadlocks == 0
        time.sleep(0.2)
        assert _deadlocks(fresh_database) == before


NUMBER = iter(range(1_000_000))


def new_lot(world: World, quantity: int = 10) -> Lot:
    lot = world.lot("STENT", f"R{next(NUMBER)}")
    world.stock(lot, quantity)
    return lot


def line_for(world: World) -> int:
    return demand_line(world.shanghai, world.by(roles.SYSTEM).person_id, database_now())


def key_of(world: World, lot: Lot, place: str = "A-01", serial: int | None = None) -> BalanceKey:
    return BalanceKey(lot.item_id, lot.pk, world.places[place].pk, Qualified, world.us.pk, serial)


def on_hand(lot: Lot, place: str) -> int:
    rows = StockBalance.objects.filter(lot=lot, place__code=place)
    return rows.aggregate(sum=Sum("on_hand"))["sum"] or 0


def inside(world: World, lot: Lot) -> Line:
    places = world.places
    return Line(lot.item_id, 1, places["A-01"].pk, places["A-02"].pk, world.us.pk, lot.pk)


def promising(world: World, lot: Lot, serial: int | None = None) -> Call:
    promise = Promise(line_for(world), key_of(world, lot, serial=serial), 1)
    return calling(post_all, [], promises=[promise], by=world.by(roles.SYSTEM))


def kinds(outcomes: list[Any]) -> Counter[str]:
    return Counter(outcome.kind for outcome in outcomes)


def test_twenty_clients_move_ten_units(company: World, crowd: Crowd) -> None:
    for _ in range(ROUNDS_OF_TWENTY):
        lot = new_lot(company)
        asks = [
            calling(move, [inside(company, lot)], by=company.by(roles.STOREKEEPER))
            for _ in range(20)
        ]
        assert kinds(crowd.race(*asks)) == {"Done": 10, "ShortStock": 10}
        assert (on_hand(lot, "A-01"), on_hand(lot, "A-02")) == (0, 10)


def test_twenty_clients_promise_ten_units(company: World, crowd: Crowd) -> None:
    for _ in range(ROUNDS_OF_TWENTY):
        lot = new_lot(company)
        outcomes = crowd.race(*(promising(company, lot) for _ in range(20)))
        assert kinds(outcomes) == {"Done": 10, "ShortStock": 10}
        held = Reservation.objects.filter(balance__lot=lot).aggregate(sum=Sum("quantity"))
        balance = StockBalance.objects.get(lot=lot, place__code="A-01", status=Qualified)
        assert (held["sum"], balance.reserved, balance.on_hand) == (10, 10, 10)


def test_promises_in_opposite_order_do_not_deadlock(company: World, crowd: Crowd) -> None:
    lot, before = new_lot(company, 100_000), crowd.deadlocks
    key, lines = key_of(company, lot), [line_for(company) for _ in range(16)]
    first = [Promise(line, key, 1) for line in lines]
    post_all([], promises=first, by=company.by(roles.SYSTEM))
    for _ in range(ROUNDS):
        calls = [
            calling(post_all, [], promises=each, by=company.by(roles.SYSTEM))
            for each in (first, first[::-1], first)
        ]
        assert kinds(crowd.race(*calls)) == {"Done": 3}
        assert crowd.deadlocks == before


def test_promise_is_passed_on_once(company: World, crowd: Crowd) -> None:
    """From one line to another: the balance keeps its sum, so the promise itself is locked."""
    for _ in range(ROUNDS):
        lot, giving = new_lot(company), line_for(company)
        key = key_of(company, lot)
        post_all([], promises=[Promise(giving, key, 5)], by=company.by(roles.SYSTEM))
        calls = []
        for _ in range(2):
            passed = [Promise(giving, key, -4), Promise(line_for(company), key, 4)]
            calls.append(calling(post_all, [], promises=passed, by=company.by(roles.SYSTEM)))
        assert kinds(crowd.race(*calls)) == {"Done": 1, "ShortStock": 1}
        assert Reservation.objects.get(line=giving).quantity == 1


def demanding(world: World, lot: Lot, **values: Any) -> Demand:
    asked = {"quantity": 1, "lot_id": lot.pk, **values}
    return Demand(line_for(world), lot.item_id, asked.pop("quantity"), world.shanghai.pk,
                  world.us.pk, **asked)  # fmt: skip


def test_twenty_clients_allocate_ten_units(company: World, crowd: Crowd) -> None:
    """Each gets its unit or an explicit shortage."""
    for _ in range(ROUNDS_OF_TWENTY):
        lot = new_lot(company)
        asks = [
            calling(reserve, [demanding(company, lot)], by=company.by(roles.SALES))
            for _ in range(20)
        ]
        outcomes = crowd.race(*asks)
        assert kinds(outcomes) == {"Done": 20}
        assert sorted(o.answer.shortage for o in outcomes) == [0] * 10 + [1] * 10
        held = Reservation.objects.filter(balance__lot=lot).aggregate(sum=Sum("quantity"))
        assert held["sum"] == 10


def test_one_serial_is_allocated_to_one_order(company: World, crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        lot, unit = stocked_serial(company)
        asks = [
            calling(
                reserve,
                [demanding(company, lot, lot_id=None, serial_ids=(unit.pk,))],
                by=company.by(roles.SALES),
            )
            for _ in range(2)
        ]
        assert sorted(o.answer.shortage for o in crowd.race(*asks)) == [0, 1]


def test_allocations_and_moves_in_opposite_order_do_not_deadlock(
    company: World, crowd: Crowd
) -> None:
    lots = [new_lot(company, 10_000) for _ in range(12)]
    before = crowd.deadlocks
    for _ in range(ROUNDS):
        demands = [demanding(company, lot, quantity=3) for lot in lots]
        promises = [
            Promise(d.line_id, key_of(company, lot), 1)
            for d, lot in zip(demands, lots, strict=True)
        ]
        post_all([], promises=promises, by=company.by(roles.SYSTEM))
        legs = [company.leg(Code.MOVE, lot, 1, "A-01", "A-02") for lot in lots]
        outcomes = crowd.race(
            calling(reserve, demands, by=company.by(roles.SALES)),
            calling(reserve, demands[::-1], by=company.by(roles.SALES)),
            calling(post_all, legs[::-1], by=company.by(roles.SYSTEM)),
            calling(post_all, [], promises=promises[::-1], by=company.by(roles.SYSTEM)),
        )
        assert kinds(outcomes)["Done"] >= 3
        assert {o.kind for o in outcomes} <= {"Done", "Conflict"}
        assert crowd.deadlocks == before


def test_block_against_allocation(company: World, crowd: Crowd) -> None:
    for n in range(ROUNDS):
        lot = new_lot(company, 5)
        promised = Promise(line_for(company), key_of(company, lot), 1)
        post_all([], promises=[promised], by=company.by(roles.SYSTEM))
        placed, allocated = crowd.race(
            calling(_block_after, n % 4, Scope(lot_id=lot.pk), by=company.by(roles.QUALITY_HEAD)),
            calling(reserve, [demanding(company, lot)], by=company.by(roles.SALES)),
        )
        assert (placed.kind, allocated.kind) in {("Done", "Done"), ("Done", "Blocked")}
        got = 1 - allocated.answer.shortage if allocated.kind == "Done" else 0
        assert len(placed.answer.hits) == got + 1
        assert not StockBalance.objects.filter(lot=lot, reserved__gt=0).exists()


def new_serial(world: World) -> tuple[Lot, Serial]:
    lot = world.lot("PACER", "P1")
    number = f"S{next(NUMBER)}"
    return lot, Serial.objects.create(item=lot.item, lot=lot, number=number, raw_number=number)


def stocked_serial(world: World) -> tuple[Lot, Serial]:
    lot, unit = new_serial(world)
    receive = received(world, lot, unit)
    world.post(receive)
    world.post(
        receive._replace(code=Code.RELEASE, from_place_id=receive.to_place_id, to_status=Qualified)
    )
    return lot, unit


def received(world: World, lot: Lot, unit: Serial, place: str = "A-01") -> Leg:
    pending = Status.PENDING
    return world.leg(Code.RECEIVE, lot, 1, "SUP", place, status=pending, serial_id=unit.pk)


def test_one_serial_is_promised_to_one_order(company: World, crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        lot, unit = stocked_serial(company)
        outcomes = crowd.race(*(promising(company, lot, unit.pk) for _ in range(2)))
        assert kinds(outcomes) == {"Done": 1, "ShortStock": 1}
        assert Reservation.objects.filter(balance__serial=unit, quantity=1).count() == 1


def test_one_serial_is_picked_once(company: World, crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        lot, unit = stocked_serial(company)
        pick = company.leg(Code.PICK, lot, 1, "A-01", "STAGE", serial_id=unit.pk)
        outcomes = crowd.race(
            *(calling(post_all, [pick], by=company.by(roles.SYSTEM)) for _ in range(2))
        )
        assert kinds(outcomes) == {"Done": 1, "ShortStock": 1}


def test_block_between_promise_and_pick_wins(company: World, crowd: Crowd) -> None:
    """Whoever comes first, the goods end up blocked, unpromised, and the line hit is named."""
    seen: Counter[str] = Counter()
    for n in range(ROUNDS):
        lot, line = new_lot(company, 5), line_for(company)
        promise = Promise(line, key_of(company, lot), 5)
        post_all([], promises=[promise], by=company.by(roles.SYSTEM))
        blocking = calling(
            _block_after, n % 5, Scope(lot_id=lot.pk), by=company.by(roles.QUALITY_HEAD)
        )
        picking = calling(pick_promised, picked(company, lot, 5), line, by=company.by(roles.SYSTEM))
        placed, pick = crowd.race(blocking, picking)
        assert placed.kind == "Done"
        assert pick.kind in ("Done", "ShortStock", "Blocked")
        seen[pick.kind] += 1
        (hit,) = placed.answer.hits
        assert (hit.line_id, hit.quantity) == (line, 5)
        where = StockBalance.objects.get(pk=hit.balance_id).place.code
        assert where == ("STAGE" if pick.kind == "Done" else "A-01")
        assert not Reservation.objects.filter(line=line, quantity__gt=0).exists()
        assert not StockBalance.objects.filter(lot=lot, reserved__gt=0).exists()
        again = crowd.race(
            calling(post_all, [picked(company, lot, 1)], by=company.by(roles.SYSTEM)),
            promising(company, lot),
        )
        allowed = {"ShortStock", "Blocked"}
        assert {o.kind for o in again} <= allowed, "nothing passes a block that has committed"
    print(f"block against pick: {dict(seen)}")


def _block_after(milliseconds: int, scope: Scope, *, by: Any) -> Any:
    time.sleep(milliseconds / 1000)
    return block(scope, BlockKind.HOLD, "race", by=by)


def test_block_against_promise(company: World, crowd: Crowd) -> None:
    for n in range(ROUNDS):
        lot = new_lot(company, 5)
        blocking = calling(
            _block_after, n % 4, Scope(lot_id=lot.pk), by=company.by(roles.QUALITY_HEAD)
        )
        placed, promised = crowd.race(blocking, promising(company, lot))
        assert placed.kind == "Done"
        assert promised.kind in ("Done", "Blocked")
        assert len(placed.answer.hits) == (1 if promised.kind == "Done" else 0)
        assert not StockBalance.objects.filter(lot=lot, reserved__gt=0).exists()


def test_nothing_leaves_a_place_after_its_block(company: World, crowd: Crowd) -> None:  # INV-03
    zone = company.places["ZONE"].pk
    for n in range(ROUNDS):
        lot = new_lot(company, 5)
        scope = Scope(lot_id=lot.pk, place_id=zone)
        out = company.leg(Code.MOVE, lot, 2, "A-01", "C-01")
        placed, moved = crowd.race(
            calling(_block_after, n % 5, scope, by=company.by(roles.QUALITY_HEAD)),
            calling(post_all, [out], by=company.by(roles.SYSTEM)),
        )
        assert (placed.kind, moved.kind) in {("Done", "Done"), ("Done", "Blocked")}
        assert on_hand(lot, "C-01") == (2 if moved.kind == "Done" else 0)
        outcomes = crowd.race(*(calling(post_all, [out], by=company.by(roles.SYSTEM)),) * 2)
        assert {o.kind for o in outcomes} == {"Blocked"}


def test_two_containers_never_stand_in_each_other(company: World, crowd: Crowd) -> None:  # INV-10
    for n in range(ROUNDS):
        boxes = [Container.objects.create(code=f"RACE-{n}-{side}").pk for side in "AB"]
        outcomes = crowd.race(*(
            calling(nest_container, *pair, by=company.by(roles.STOREKEEPER))
            for pair in (boxes, boxes[::-1])
        ))  # fmt: skip
        assert kinds(outcomes) == {"Done": 1, "NestingRefused": 1}
        assert Container.objects.filter(pk__in=boxes, parent=None).count() == 1


def test_lots_in_opposite_order_do_not_deadlock(company: World, crowd: Crowd) -> None:
    """Many lots against few: without an order of ours, hashing would give each its own."""
    lots = [new_lot(company, 100_000) for _ in range(60)]
    there = [company.leg(Code.MOVE, lot, 50_000, "A-01", "A-02") for lot in lots]
    post_all(there, by=company.by(roles.SYSTEM))
    rng, before = random.Random(7), crowd.deadlocks
    for _ in range(ROUNDS):
        calls = []
        for count in (60, 7, 25, 60):
            sides = rng.choice((("A-01", "A-02"), ("A-02", "A-01")))
            legs = [company.leg(Code.MOVE, lot, 1, *sides) for lot in rng.sample(lots, count)]
            calls.append(calling(post_all, legs, by=company.by(roles.SYSTEM)))
        assert kinds(crowd.race(*calls)) == {"Done": 4}
        assert crowd.deadlocks == before


def test_new_balances_in_opposite_order_do_not_deadlock(company: World, crowd: Crowd) -> None:
    before = crowd.deadlocks
    for _ in range(ROUNDS):
        lots = [company.lot("STENT", f"N{next(NUMBER)}") for _ in range(12)]
        legs = [
            company.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=Status.PENDING) for lot in lots
        ]
        outcomes = crowd.race(
            calling(post_all, legs, by=company.by(roles.SYSTEM)),
            calling(post_all, legs[::-1], by=company.by(roles.SYSTEM)),
        )
        assert kinds(outcomes) == {"Done": 2}
        assert crowd.deadlocks == before
        assert all(on_hand(lot, "A-01") == 2 for lot in lots)


def test_same_request_twice_at_once_posts_once(company: World, crowd: Crowd) -> None:
    """Both get the same answer, and the body ran once."""
    for _ in range(ROUNDS):
        lot, by = new_lot(company), company.by(roles.SYSTEM)
        leg = company.leg(Code.MOVE, lot, 6, "A-01", "A-02")
        outcomes = crowd.race(*(calling(counting_move, leg, by=by) for _ in range(3)))
        assert kinds(outcomes) == {"Done": 3}
        assert len({o.answer[0] for o in outcomes}) == 1
        assert sum(o.answer[2] for o in outcomes) == 1, "the twin waited for the first"
        assert on_hand(lot, "A-02") == 6
        assert StockMove.objects.filter(lot=lot, code=Code.MOVE).count() == 1
        assert AnsweredRequest.objects.filter(request_id=by.request_id).count() == 1


def test_same_refused_request_twice_at_once_is_on_record_once(company: World, crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        lot, by = new_lot(company, 1), company.by(roles.STOREKEEPER)
        line = inside(company, lot)
        lines = [line, line]
        outcomes = crowd.race(*(calling(move, lines, by=by) for _ in range(3)))
        assert kinds(outcomes) == {"ShortStock": 3}
        assert len({str(o.refusal) for o in outcomes}) == 1
        assert AnsweredRequest.objects.filter(request_id=by.request_id).count() == 1


@pytest.mark.parametrize("sources", [("SUP", "SUP"), ("SUP", "ADJ")])
def test_serial_received_twice_at_once_stands_once(
    company: World, crowd: Crowd, sources: tuple[str, str]
) -> None:
    for _ in range(ROUNDS):
        lot, unit = new_serial(company)
        calls = []
        for source, place in zip(sources, ("A-01", "B-01"), strict=True):
            code = Code.RECEIVE if source == "SUP" else Code.ADJUST_IN
            leg = received(company, lot, unit, place)
            leg = leg._replace(code=code, from_place_id=company.places[source].pk)
            calls.append(calling(post_all, [leg], by=company.by(roles.SYSTEM)))
        outcomes = crowd.race(*calls)
        assert kinds(outcomes)["Done"] == 1
        assert kinds(outcomes)["SerialElsewhere"] == len(calls) - 1
        assert StockBalance.objects.filter(serial=unit, physical=True, on_hand=1).count() == 1


def _numbers_race(world: World, crowd: Crowd, rounds: int) -> None:
    made = 0
    for n in range(rounds):
        fails = [(n + k) % 3 == 0 for k in range(4)]
        calls = [
            calling(open_slip, world.shanghai.pk, fails=each, by=world.by(roles.SYSTEM))
            for each in fails
        ]
        passed = fails.count(False)
        assert kinds(crowd.race(*calls)) == {"Done": passed, "WrongState": 4 - passed}
        made += passed
    numbers = sorted(RaceSlip.objects.filter(kind=RaceSlip.KIND).values_list("number", flat=True))
    first = [int(number.rsplit("-", 1)[1]) for number in numbers]
    assert len(numbers) >= made
    assert first == list(range(1, len(first) + 1)), "no gap and no number twice"
    assert NumberSeries.objects.get(kind=RaceSlip.KIND).next_number == len(first) + 1


def test_numbers_have_no_gap(company: World, crowd: Crowd) -> None:
    _numbers_race(company, crowd, ROUNDS)


def test_what_was_short_in_flight_keeps_no_late_entry_out(company: World, crowd: Crowd) -> None:
    """Two posts were in flight: one took what the other, which began later, had brought."""
    lot, by = new_lot(company, 10), company.by(roles.SYSTEM)
    company.stock(lot, 5, "A-02")
    then = database_now()
    there = company.leg(Code.MOVE, lot, 12, "A-01", "STAGE")
    brought = company.leg(Code.MOVE, lot, 5, "A-02", "A-01")
    began = []

    def meanwhile() -> None:
        began.append(database_now())
        assert kinds(crowd.race(calling(post_all, [brought], by=by.asking()))) == {"Done": 1}

    commands.MEANWHILE.append(meanwhile)
    commands.move_meanwhile(there, by=by.asking())
    rows = stood(Moment(*began), sites=None, which=Which(lots=[lot.pk]))
    assert [row.on_hand for row in rows if row.place_id == company.places["A-01"].pk] == [-2]
    late = company.leg(Code.MOVE, lot, 1, "A-01", "A-02")
    assert post_all([late], happened_at=then, by=by.asking()) == 1


# --- what guards in Python, taken away ----------------------------------------------------------


@pytest.mark.full
@pytest.mark.skipif(not FULL, reason="long run; set TRACEWARD_FULL=1")
@pytest.mark.parametrize(("guard", "race"), [("number_series", _numbers_race)])
def test_race_is_lost_without_its_guard(
    company: World,
    fresh_database: str,
    guard: str,
    race: Callable[[World, Crowd, int], None],
) -> None:
    spoilt = Crowd(4, fresh_database, spoil=guard)
    try:
        with pytest.raises(AssertionError):
            race(company, spoilt, 200)
    finally:
        spoilt.leave()
