"""stock.reserve and stock.release_reservations against the database. # INV-06, OUT-03"""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from tests.ledger import demand_line
from tests.refusing import granted_only
from tests.stock.allocating import demand, line_of, serials_of, stock_rows
from tests.stock.test_allocation import FAR, unit_by_unit
from tests.world import LONG_AGO, World, move_clock
from traceward.domain.places.models import Place
from traceward.domain.stock.allocation import (
    Allocated,
    Demand,
    Line,
    Shortfall,
    Stock,
    Strategy,
)
from traceward.domain.stock.commands import allocation, blocks
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    Lot,
    Reservation,
    Serial,
    Status,
    StockBalance,
    StockBlock,
)
from traceward.domain.stock.queries.promises import promised_to
from traceward.domain.stock.refusals import ShortStock
from traceward.domain.stock.rules import BalanceKey
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, NotFound, Refusal, TooLarge
from traceward.kernel.command.arguments import MAX_LINES
from traceward.kernel.org import roles
from traceward.kernel.rules.models import Parameter


def reserve_one(world: World, *wanted: Demand, **terms) -> list[Allocated]:
    return allocation.reserve(list(wanted), by=world.by(roles.SALES), **terms).lines


def told(got: Allocated) -> list[str]:
    return [r.told() for r in got.reasons]


def today(world: World) -> date:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (tw_now() AT TIME ZONE %s)::date", [world.shanghai.time_zone])
        return cursor.fetchone()[0]


def rule(key: str, value: object, **context: object) -> None:
    Parameter.objects.create(key=key, value=value, context=context, valid_from=LONG_AGO)


def test_fefo_takes_what_expires_first_and_says_so(world: World) -> None:  # INV-06
    late = world.lot("STENT", "LATE", date(2031, 1, 1))
    soon = world.lot("STENT", "SOON", date(2030, 1, 1))
    world.stock(late, 5)
    world.stock(soon, 5, "A-02")
    (got,) = reserve_one(world, demand(world, 7))
    assert [(p.key.lot_id, p.quantity) for p in got.picks] == [(soon.pk, 5), (late.pk, 2)]
    assert (got.shortage, told(got)) == (
        0,
        ["Lot SOON first: it expires earliest (2030-01-01)."],
    )
    assert stock_rows(world) == {"LATE": (5, 2), "SOON": (5, 5)}


def test_every_kind_of_unusable_stock_is_named(world: World) -> None:  # OUT-03
    now = today(world)
    lots = {n: world.lot("STENT", n) for n in ("PENDING", "HELD", "RECALLED", "DOCKED", "SHUT")}
    lots["OLD"] = world.lot("STENT", "OLD", now + timedelta(days=1))
    lots["BRIEF"] = world.lot("STENT", "BRIEF", now + timedelta(days=43))
    world.stock(lots["SHUT"], 5, "C-01")
    Place.objects.filter(code="C-01").update(is_open=False)
    for name in ("HELD", "RECALLED", "OLD", "BRIEF"):
        world.stock(lots[name], 5)
    move_clock(now + timedelta(days=2))
    pending = (lots["PENDING"], 5, "SUP", "A-01")
    world.post(world.leg(Code.RECEIVE, *pending, status=Status.PENDING))
    world.stock(lots["DOCKED"], 5, "DOCK")
    by = world.by(roles.QUALITY_HEAD)
    blocks.block(blocks.Scope(lot_id=lots["HELD"].pk), BlockKind.HOLD, "seal broken", by=by)
    by = world.by(roles.QUALITY_HEAD)
    blocks.block(blocks.Scope(lot_id=lots["RECALLED"].pk), BlockKind.RECALL, "case 7", by=by)
    (got,) = reserve_one(world, demand(world, 3, minimum_days=90))
    assert (got.picks, got.shortage, got.minimum_days) == ([], 3, 90)
    assert set(told(got)) == {
        "Lot PENDING skipped: pending inspection.",
        "Lot HELD skipped: on hold (seal broken).",
        "Lot RECALLED skipped: recalled (case 7).",
        f"Lot OLD skipped: expired after {now + timedelta(days=1)}.",
        "Lot BRIEF skipped: 41 days left, 90 are required.",
        "Lot DOCKED at DOCK skipped: the place is not a storage bin.",
        "Lot SHUT at C-01 skipped: the place is closed.",
        "3 of 3 are missing.",
    }


def test_a_place_of_the_wrong_temperature_is_passed_over(world: World) -> None:  # OUT-03
    world.stock(world.lot("REAGENT", "COLD"), 5, "C-01")
    Place.objects.filter(code="C-01").update(temperature_c_max=15)
    (got,) = reserve_one(world, demand(world, 1, "REAGENT"))
    assert got.shortage == 1
    assert "not kept at the temperature" in told(got)[0]


def test_a_lot_is_usable_through_its_last_day(world: World) -> None:  # INV-07
    world.stock(world.lot("STENT", "TODAY", today(world)), 5)
    (got,) = reserve_one(world, demand(world, 2))
    assert got.shortage == 0


def test_the_most_specific_rule_decides_and_is_on_record(world: World) -> None:  # INV-06
    old = world.lot("STENT", "OLD", today(world) + timedelta(days=100))
    new = world.lot("STENT", "NEW", today(world) + timedelta(days=400))
    world.stock(old, 5)
    world.stock(new, 5)
    rule("stock.allocation.minimum_days", 180, customer_class="hospital")
    rule("stock.allocation.strategy", "lefo", item=world.items["STENT"].pk)
    wanted = demand(world, 1, customer_id=world.hospital.pk)
    by = world.by(roles.SALES)
    (got,) = allocation.reserve([wanted], by=by).lines
    assert [p.key.lot_id for p in got.picks] == [new.pk]
    assert (got.strategy, got.minimum_days) == (Strategy.LEFO, 180)
    assert got.rules[0].startswith("strategy: stock.allocation.strategy@")
    assert got.rules[1].startswith("minimum_days: stock.allocation.minimum_days@")
    entry = AuditEntry.objects.filter(verb="stock.reserve").latest("pk")
    assert got.rules[0] in entry.detail
    (free,) = reserve_one(world, demand(world, 1, strategy=Strategy.FEFO))
    assert [p.key.lot_id for p in free.picks] == [old.pk]
    assert free.rules == ("strategy: line", "minimum_days: default")


def test_a_lot_may_have_a_minimum_of_its_own(world: World) -> None:  # INV-06
    short = world.lot("STENT", "SHORT", today(world) + timedelta(days=30))
    other = world.lot("STENT", "OTHER", today(world) + timedelta(days=40))
    world.stock(short, 5)
    world.stock(other, 5)
    rule("stock.allocation.minimum_days", 90)
    rule("stock.allocation.minimum_days", 10, lot=short.pk)
    (got,) = reserve_one(world, demand(world, 7))
    assert [(p.key.lot_id, p.quantity) for p in got.picks] == [(short.pk, 5)]
    assert "Lot OTHER skipped: 40 days left, 90 are required." in told(got)


def test_a_rule_that_names_no_strategy_is_refused(world: World) -> None:
    rule("stock.allocation.strategy", "dearest")
    with pytest.raises(InvalidInput, match="dearest"):
        reserve_one(world, demand(world, 1))


def test_asking_again_adds_only_what_is_missing(world: World) -> None:  # INV-06
    world.stock(world.lot("STENT", "L1"), 4)
    wanted = demand(world, 6)
    assert reserve_one(world, wanted)[0].shortage == 2
    world.stock(world.lot("STENT", "L2"), 9)
    (again,) = reserve_one(world, wanted)
    assert ([p.quantity for p in again.picks], again.shortage) == ([2], 0)
    (third,) = reserve_one(world, wanted)
    assert (third.picks, third.shortage, third.reasons) == ([], 0, [])
    assert sum(p.quantity for p in promised_to([wanted.line_id])) == 6


def test_all_or_nothing_refuses_and_promises_nothing(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 4)
    with pytest.raises(ShortStock) as refused:
        reserve_one(world, demand(world, 3), demand(world, 3), shortfall=Shortfall.REFUSE)
    assert refused.value.details[0]["missing"] == 3
    assert not Reservation.objects.exists()
    assert stock_rows(world) == {"L1": (4, 0)}


def test_released_promises_are_free_again(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 4)
    wanted = demand(world, 3)
    reserve_one(world, wanted)
    freed = allocation.release_reservations([wanted.line_id], by=world.by(roles.SALES))
    assert [(p.lot, p.place, p.quantity) for p in freed.lines] == [("L1", "A-01", 3)]
    assert stock_rows(world) == {"L1": (4, 0)}
    assert promised_to([wanted.line_id]) == []
    again = allocation.release_reservations([wanted.line_id], by=world.by(roles.SALES))
    assert again.lines == []


def test_promises_that_ran_out_go_to_the_next(world: World) -> None:  # INV-06
    world.stock(world.lot("STENT", "L1"), 4)
    first, second = demand(world, 3), demand(world, 3)
    moment = LONG_AGO + timedelta(days=3000)
    _clock(moment)
    reserve_one(world, first, expires_at=moment + timedelta(hours=1))
    (early,) = reserve_one(world, second)
    assert early.shortage == 2
    _clock(moment + timedelta(hours=2))
    (late,) = reserve_one(world, second)
    assert late.shortage == 0
    assert promised_to([first.line_id]) == []
    assert stock_rows(world) == {"L1": (4, 3)}


def _clock(moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_set_clock(%s)", [moment])


def test_named_serials_are_promised_and_no_others(world: World) -> None:  # INV-06
    serials = serials_of(world, 4)
    wanted = demand(world, 2, "PACER", serial_ids=(serials[3].pk, serials[1].pk))
    (got,) = reserve_one(world, wanted)
    assert {p.key.serial_id for p in got.picks} == {serials[1].pk, serials[3].pk}
    (second,) = reserve_one(world, demand(world, 1, "PACER", serial_ids=(serials[1].pk,)))
    assert (second.picks, second.shortage) == ([], 1)
    assert told(second)[0] == "Lot P1 at A-01 skipped: promised to other lines."


def test_a_serial_that_is_not_there_is_a_shortage(world: World) -> None:
    lot = world.lot("PACER", "P1")
    away = Serial.objects.create(item=lot.item, lot=lot, number="GONE", raw_number="GONE")
    (got,) = reserve_one(world, demand(world, 1, "PACER", serial_ids=(away.pk,)))
    assert got.shortage == 1
    assert told(got)[0] == "Serial GONE skipped: it does not stand at this site."


WRONG: dict[str, tuple[type[Refusal], Callable[[World], dict]]] = {
    "line_id": (NotFound, lambda w: {"line_id": 999_999_999}),
    "quantity": (InvalidInput, lambda w: {"quantity": 0}),
    "item_id": (NotFound, lambda w: {"item_id": 999_999_999}),
    "owner_id": (NotFound, lambda w: {"owner_id": 999_999_999}),
    "lot_id": (NotFound, lambda w: {"lot_id": w.lot("PACER", "P1").pk}),
    "serial_ids": (NotFound, lambda w: {"serial_ids": (999_999_999,), "quantity": 1}),
    "serial count": (InvalidInput, lambda w: {"serial_ids": (1, 2, 3)}),
    "minimum_days": (InvalidInput, lambda w: {"minimum_days": -1}),
    "site_id": (NotFound, lambda w: {"site_id": 999_999_999}),
}


@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_a_demand_that_names_something_wrong_is_refused(world: World, wrong: str) -> None:
    world.stock(world.lot("STENT", "L1"), 4)
    kind, values = WRONG[wrong]
    with pytest.raises(kind):
        reserve_one(world, demand(world, **{"quantity": 2, **values(world)}))
    assert not Reservation.objects.exists()
    assert stock_rows(world) == {"L1": (4, 0)}


def test_one_line_twice_is_refused(world: World) -> None:
    line = line_of(world)[0]
    with pytest.raises(InvalidInput, match="twice"):
        reserve_one(world, demand(world, 1, line_id=line), demand(world, 1, line_id=line))


def test_promises_cannot_end_in_the_past(world: World) -> None:
    with pytest.raises(InvalidInput):
        reserve_one(world, demand(world, 1), expires_at=LONG_AGO)


def test_too_many_lines_are_refused(world: World) -> None:
    one = demand(world, 1)
    with pytest.raises(TooLarge):
        reserve_one(world, *([one] * (MAX_LINES + 1)))


def test_another_site_is_refused(world: World) -> None:  # ORG-03
    world.stock(world.lot("STENT", "L1"), 4)
    by = granted_only(world.by(roles.SALES), site_id=world.chengdu.pk)
    wanted = demand(world, 1)
    with pytest.raises(NotAllowed):
        allocation.reserve([wanted], by=by)
    with pytest.raises(NotAllowed):
        allocation.release_reservations([wanted.line_id], by=by.asking())
    assert stock_rows(world) == {"L1": (4, 0)}


def test_a_document_of_another_site_is_refused(world: World) -> None:  # ORG-03
    """A right where the goods are is none over a document that stands elsewhere."""
    world.stock(world.lot("STENT", "L1"), 4)
    by = granted_only(world.by(roles.SALES), site_id=world.shanghai.pk)
    elsewhere = demand_line(world.chengdu, by.person_id, LONG_AGO)
    wanted = demand(world, 1, line_id=elsewhere)
    with pytest.raises(NotAllowed):
        allocation.reserve([wanted], by=by)
    assert stock_rows(world) == {"L1": (4, 0)}


def test_lines_unknown_cannot_be_released(world: World) -> None:
    with pytest.raises(NotFound):
        allocation.release_reservations([999_999_999], by=world.by(roles.SALES))


def test_statements_do_not_grow_with_the_lines(world: World, django_assert_num_queries) -> None:
    lots = [world.lot("STENT", f"L{n}") for n in range(12)]
    legs = [world.leg(Code.RECEIVE, x, 9, "SUP", "A-01", status=Status.PENDING) for x in lots]
    world.post(*legs)
    _release(world, legs)
    counts = []
    for size in (2, 40):
        wanted = [demand(world, 1, line_id=pk) for pk in line_of(world, size)]
        with django_assert_num_queries(99, exact=False) as counted:
            reserve_one(world, *wanted)
        counts.append(len(counted))
    assert counts[0] == counts[1]


def _release(world: World, legs: list) -> None:
    world.post(
        *(
            leg._replace(
                code=Code.RELEASE,
                from_place_id=leg.to_place_id,
                to_status=int(Status.QUALIFIED),
            )
            for leg in legs
        )
    )


# --- Many lines equal one line at a time, and both equal taking unit by unit ---------------------


def _random_stock(world: World, chance: random.Random) -> list[Lot]:
    now = today(world)
    move_clock(now - timedelta(days=10))  # what has expired by now could still be received then
    lots, legs, later = [], [], {}
    for n in range(chance.randint(3, 7)):
        days = chance.choice([None, -3, 5, 30, 41, 100, 400])
        expires = None if days is None else now + timedelta(days=days + n)
        lot = world.lot("STENT", f"R{n}", expires)
        later[lot.pk] = LONG_AGO + timedelta(days=chance.randint(0, 3))
        lots.append(lot)
        for place in chance.sample(["A-01", "A-02", "DOCK"], chance.randint(1, 3)):
            quantity = chance.randint(1, 6)
            status = {"status": Status.PENDING}
            legs.append(world.leg(Code.RECEIVE, lot, quantity, "SUP", place, **status))
    world.post(*legs)
    _release(world, [leg for leg in legs if chance.random() < 0.85])
    for pk, received in later.items():
        Lot.objects.filter(pk=pk).update(first_received_at=received)
    move_clock(now)
    if chance.random() < 0.5:
        scope = blocks.Scope(lot_id=chance.choice(lots).pk)
        blocks.block(scope, BlockKind.HOLD, "test", by=world.by(roles.QUALITY_HEAD))
    return lots


def _random_lines(world: World, chance: random.Random, lots: list[Lot]) -> list[Demand]:
    now = today(world)
    strategies = chance.choice([list(Strategy), [Strategy.FEFO], [Strategy.FIFO, Strategy.NEAREST]])
    return [
        demand(
            world,
            chance.randint(1, 9),
            line_id=pk,
            strategy=chance.choice(strategies),
            minimum_days=chance.choice([0, 0, 0, 20, 60]),
            priority=chance.choice([0, 0, 1]),
            due_on=chance.choice([None, now + timedelta(days=chance.randint(1, 60))]),
            lot_id=chance.choice([None] * 5 + [chance.choice(lots).pk]),
        )
        for pk in line_of(world, chance.randint(2, 8))
    ]


def _as_plain(world: World, demands: list[Demand]) -> tuple[list[Line], list[Stock]]:
    """Lines and stock as the second allocator takes them, read without the command's SQL."""
    now = today(world)
    held = set(StockBlock.objects.filter(lifted_at=None).values_list("lot_id", flat=True))
    stock = []
    for b in StockBalance.objects.filter(physical=True, on_hand__gt=0).select_related("lot"):
        place = Place.objects.get(pk=b.place_id)
        is_free = (
            b.status == Status.QUALIFIED
            and place.kind == "bin"
            and b.lot_id not in held
            and (b.lot.expires_on or FAR) >= now
        )
        key = BalanceKey(b.item_id, b.lot_id, b.place_id, b.status, b.owner_id)
        stock.append(
            Stock(
                key,
                place.site_id,
                b.on_hand - b.reserved,
                b.lot.expires_on,
                b.lot.first_received_at,
                place.pick_rank,
                b.lot.raw_number,
                place.code,
                "" if is_free else "not free",
            )
        )
    lines = []
    for d in demands:
        late = d.strategy == Strategy.EDD and d.due_on is not None and d.due_on > now
        start = d.due_on if late else now
        lines.append(Line(d, d.strategy, start, d.minimum_days, {}, d.quantity))
    return lines, stock


def _picks(got: list[Allocated]) -> dict[int, dict[BalanceKey, int]]:
    return {x.line_id: {p.key: p.quantity for p in x.picks} for x in got}


@pytest.mark.parametrize("seed", range(25))
def test_many_lines_get_what_one_at_a_time_gives(world: World, seed: int) -> None:  # INV-06
    chance = random.Random(seed)
    lots = _random_stock(world, chance)
    demands = _random_lines(world, chance, lots)
    lines, stock = _as_plain(world, demands)
    expected = unit_by_unit(lines, stock)

    together = reserve_one(world, *demands)
    assert _picks(together) == expected
    standing = {tuple(s.key): s.left for s in stock}
    for row in StockBalance.objects.filter(reserved__gt=0):
        assert row.reserved <= row.on_hand
    assert sum(standing.values()) >= sum(q for got in expected.values() for q in got.values())

    allocation.release_reservations([d.line_id for d in demands], by=world.by(roles.SALES))
    alone = [reserve_one(world, x.demand)[0] for x in sorted(lines, key=lambda x: x.served)]
    assert _picks(alone) == expected
    by_line = {x.line_id: x for x in together}
    for got in alone:
        assert got.shortage == by_line[got.line_id].shortage
        assert set(told(got)) == set(told(by_line[got.line_id]))
