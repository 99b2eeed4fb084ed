"""The allocator against a second one that takes unit by unit. # INV-06"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceward.domain.stock.allocation import (
    MAX_NAMED,
    WHOLE,
    Allocated,
    Demand,
    Line,
    Shortfall,
    Stock,
    Strategy,
    allocate,
)
from traceward.domain.stock.allocation_reasons import SENTENCES, Reason
from traceward.domain.stock.rules import BalanceKey

TODAY = date(2026, 3, 1)
SITE, US = 1, 9
FAR = date(9999, 12, 31)


def row(lot: int, left: int, days: int | None = 100, place: int = 1, **values) -> Stock:
    return Stock(
        key=BalanceKey(values.pop("item", 7), lot, place, 2, US, values.pop("serial", None)),
        site_id=SITE,
        left=left,
        expires_on=None if days is None else TODAY + timedelta(days=days),
        received_at=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=values.pop("received", lot)),
        pick_rank=values.pop("rank", place),
        lot=f"L{lot}",
        place=f"P{place}",
        **values,
    )


def line(number: int, quantity: int, strategy: Strategy = Strategy.FEFO, **values) -> Line:
    minimum = values.pop("minimum", 0)
    due = values.get("due_on")
    late = strategy == Strategy.EDD and due is not None and due > TODAY
    demand = Demand(number, values.pop("item", 7), quantity, SITE, US, **values)
    return Line(demand, strategy, due if late else TODAY, minimum, {}, quantity)


def codes(got: Allocated) -> list[tuple[str, str]]:
    return [(r.code, r.lot) for r in got.reasons]


def picked(got: Allocated) -> list[tuple[int | None, int]]:
    return [(p.key.lot_id, p.quantity) for p in got.picks]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Strategy.FEFO, [(2, 4), (1, 2)]),
        (Strategy.EDD, [(2, 4), (1, 2)]),
        (Strategy.FIFO, [(3, 3), (1, 3)]),
        (Strategy.LEFO, [(4, 6)]),
        (Strategy.LOT_FIRST, [(3, 3), (2, 3)]),
        (Strategy.ONE_LOT, [(4, 6)]),
        (Strategy.NEAREST, [(1, 5), (3, 1)]),
    ],
)
def test_each_strategy_takes_its_own_order(
    strategy: Strategy, expected: list[tuple[int, int]]
) -> None:  # INV-06
    stock = [
        row(1, 5, 50, place=1, received=2),
        row(2, 4, 40, place=3, received=3),
        row(3, 3, 60, place=2, received=1),
        row(4, 8, None, place=4, received=4),
    ]
    got = allocate([line(1, 6, strategy)], stock)[1]
    assert picked(got) == expected
    assert got.shortage == 0
    assert codes(got)[0][0] == f"first.{strategy.value}"


def test_one_lot_only_is_short_rather_than_mixed() -> None:  # INV-06
    got = allocate([line(1, 10, Strategy.ONE_LOT)], [row(1, 6), row(2, 9)])[1]
    assert (picked(got), got.shortage) == ([], 10)
    told = [r.told() for r in got.reasons]
    assert told[0] == "Lot L1 skipped: 6 left, 10 are needed from one lot only."
    assert told[-1] == "10 of 10 are missing."


def test_one_lot_only_goes_on_with_the_lot_it_began() -> None:  # INV-06
    began = line(1, 10, Strategy.ONE_LOT)
    began = Line(began.demand, began.strategy, TODAY, 0, {}, 4, frozenset({2}))
    got = allocate([began], [row(1, 9, 10), row(2, 4, 20)])[1]
    assert picked(got) == [(2, 4)]
    assert ("skip.other_lot", "L1") in codes(got)


def test_lots_with_too_few_days_are_named_with_both_figures() -> None:  # OUT-03
    got = allocate([line(1, 3, minimum=90)], [row(1, 5, 41), row(2, 5, 90)])[1]
    assert picked(got) == [(2, 3)]
    assert "Lot L1 skipped: 41 days left, 90 are required." in [r.told() for r in got.reasons]


def test_edd_serves_by_due_date_and_counts_life_from_it() -> None:  # INV-06
    soon, later = TODAY + timedelta(days=5), TODAY + timedelta(days=50)
    lines = [line(1, 4, Strategy.EDD, due_on=later), line(2, 4, Strategy.EDD, due_on=soon)]
    got = allocate(lines, [row(1, 4, 30), row(2, 4, 80)])
    assert picked(got[2]) == [(1, 4)]
    assert picked(got[1]) == [(2, 4)]
    assert ("skip.short_life", "L1") in codes(got[1])


def test_priority_goes_before_the_line_number() -> None:
    got = allocate([line(1, 3), line(2, 3, priority=-1)], [row(1, 3)])
    assert (got[1].shortage, got[2].shortage) == (3, 0)
    assert codes(got[1]) == [("skip.promised", "L1"), ("short", "")]


def test_a_line_may_ask_for_everything_or_nothing() -> None:
    got = allocate([line(1, 9), line(2, 2)], [row(1, 5)], Shortfall.LINE)
    assert (picked(got[1]), got[1].shortage) == ([], 9)
    assert picked(got[2]) == [(1, 2)]


def test_serials_are_taken_as_named_and_absent_ones_told() -> None:  # INV-06
    wanted = line(1, 3, serial_ids=(11, 12, 13))
    wanted = Line(wanted.demand, Strategy.FEFO, TODAY, 0, {}, 3, serial_numbers={13: "SN13"})
    stock = [row(1, 1, serial=11), row(1, 0, serial=12), row(1, 1, serial=14)]
    got = allocate([wanted], stock)[1]
    assert [p.key.serial_id for p in got.picks] == [11]
    assert "Serial SN13 skipped: it does not stand at this site." in [r.told() for r in got.reasons]
    assert {code for code, _ in codes(got)} >= {"skip.promised", "serial.absent", "short"}


def test_many_skipped_lots_are_named_up_to_a_limit() -> None:
    stock = [row(n, 5, skip="expired") for n in range(1, 40)]
    got = allocate([line(1, 1)], stock)[1]
    names = [code for code, _ in codes(got)]
    assert names == ["skip.expired"] * MAX_NAMED + ["others", "short"]


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_reason_has_a_sentence_without_gaps(code: str) -> None:
    names = {"lot", "place", "expires_on", "received_on", "status", "cause", "days", "required"}
    names |= {"there", "needed", "serial", "missing", "asked"}
    told = Reason(code, tuple((name, "X") for name in names)).told()
    assert told
    assert "—" not in told


# --- The second allocator --------------------------------------------------------------------


def unit_by_unit(lines: list[Line], stock: list[Stock]) -> dict[int, dict[BalanceKey, int]]:
    """Slow and plain: each unit is the best one that is left."""
    left = {s.key: s.left for s in stock if not s.skip}
    by_key = {s.key: s for s in stock}
    out: dict[int, dict[BalanceKey, int]] = {}

    def served(x: Line) -> tuple:
        due = x.demand.due_on if x.strategy == Strategy.EDD else None
        return x.demand.priority, due is None, due or FAR, x.demand.line_id

    for x in sorted(lines, key=served):
        took: dict[BalanceKey, int] = defaultdict(int)
        limit = x.counted_from + timedelta(days=x.minimum_days)
        good = [
            k
            for k in left
            if k.item_id == x.demand.item_id
            and x.demand.lot_id in (None, k.lot_id)
            and (by_key[k].expires_on or FAR) >= limit
        ]
        there: dict[int | None, int] = defaultdict(int)
        for k in good:
            there[k.lot_id] += left[k]
        if x.strategy == Strategy.ONE_LOT:
            good = [k for k in good if there[k.lot_id] >= x.missing]
            best = min(((by_key[k].expires_on or FAR, k.lot_id) for k in good), default=None)
            lots = {k.lot_id for k in good if (by_key[k].expires_on or FAR) == (best or (0,))[0]}
            first = min(
                (k for k in good if k.lot_id in lots and left[k] > 0),
                key=lambda k: order(x.strategy, by_key[k], there),
                default=None,
            )
            good = [k for k in good if first and k.lot_id == first.lot_id]
        for _ in range(x.missing):
            free = [k for k in good if left[k] > 0]
            if not free:
                break
            best_key = min(free, key=lambda k: order(x.strategy, by_key[k], there))
            left[best_key] -= 1
            took[best_key] += 1
        out[x.demand.line_id] = dict(took)
    return out


def order(strategy: Strategy, s: Stock, there: dict[int | None, int]) -> tuple:
    expires = (s.expires_on or FAR).toordinal()
    key = tuple(part or 0 for part in s.key)
    if strategy == Strategy.FIFO:
        return s.received_at, s.pick_rank, key
    if strategy == Strategy.LEFO:
        return -expires, s.pick_rank, key
    if strategy == Strategy.NEAREST:
        return s.pick_rank, expires, key
    if strategy == Strategy.LOT_FIRST:
        return there[s.key.lot_id], first_of_lot(s), s.pick_rank, key
    return expires, s.pick_rank, key


def first_of_lot(s: Stock) -> tuple:
    return ((s.expires_on or FAR).toordinal(), s.key.lot_id)


@st.composite
def shelves(draw: st.DrawFn) -> list[Stock]:
    """Lots in a few places; a lot has one expiry and one day of receipt."""
    stock = []
    for lot in range(1, draw(st.integers(1, 5)) + 1):
        # Different days, since equal lots are told apart by the rank of their places.
        days = draw(st.none() | st.integers(-2, 9).map(lambda d, lot=lot: d * 10 + lot))
        if days is None:
            days = 10_000 + lot
        skip = draw(st.sampled_from(["", "", "", "expired", "on_hold", "pending"]))
        for place in draw(st.sets(st.integers(1, 3), min_size=1)):
            stock.append(row(lot, draw(st.integers(0, 6)), days, place, skip=skip))
    return stock


@st.composite
def orders(draw: st.DrawFn, strategies: list[Strategy]) -> list[Line]:
    return [
        line(
            number,
            draw(st.integers(1, 8)),
            draw(st.sampled_from(strategies)),
            minimum=draw(st.sampled_from([0, 0, 15, 40])),
            priority=draw(st.integers(0, 1)),
            due_on=draw(st.none() | st.integers(1, 60).map(lambda d: TODAY + timedelta(days=d))),
            lot_id=draw(st.sampled_from([None, None, None, 1, 2])),
        )
        for number in range(1, draw(st.integers(1, 6)) + 1)
    ]


@given(stock=shelves(), lines=orders(list(Strategy)))
def test_lines_get_what_unit_by_unit_gives(stock: list[Stock], lines: list[Line]) -> None:
    expected = unit_by_unit(lines, stock)
    before = {s.key: s.left for s in stock}
    got = allocate(lines, stock)
    for x in lines:
        found = got[x.demand.line_id]
        assert {p.key: p.quantity for p in found.picks} == expected[x.demand.line_id]
        assert found.shortage == x.missing - sum(p.quantity for p in found.picks)
        assert bool(found.picks) == found.reasons[0].code.startswith("first.")
    taken: dict[BalanceKey, int] = defaultdict(int)
    for found in got.values():
        for p in found.picks:
            taken[p.key] += p.quantity
    assert all(0 < taken[key] <= before[key] for key in taken)


@given(stock=shelves(), lines=orders([Strategy.FEFO]))
def test_fefo_never_leaves_something_older(stock: list[Stock], lines: list[Line]) -> None:
    by_key = {s.key: s for s in stock}
    got = allocate(lines, stock)
    last = lines[-1]
    assert last.demand.line_id == max(x.demand.line_id for x in lines)
    for x in lines:
        for p in got[x.demand.line_id].picks:
            mine = by_key[p.key].expires_on or FAR
            for s in stock:
                usable = not s.skip and (s.expires_on or FAR) >= x.good_until(s.key.lot_id)
                mine_too = x.demand.lot_id in (None, s.key.lot_id)
                older = (s.expires_on or FAR) < mine
                assert not (usable and mine_too and older and s.left > 0)


@given(stock=shelves(), lines=orders(list(Strategy)))
def test_every_lot_passed_over_is_named(stock: list[Stock], lines: list[Line]) -> None:
    standing = {s.key: s.left for s in stock}
    for x in lines:
        fresh = [row_again(s, standing[s.key]) for s in stock]
        got = allocate([x], fresh)[x.demand.line_id]
        named = {lot for code, lot in codes(got) if code.startswith("skip.")}
        for s in stock:
            if x.demand.lot_id not in (None, s.key.lot_id):
                assert s.lot not in named
            elif comes_after(x.strategy, s, got, stock):
                continue
            elif s.skip or (s.expires_on or FAR) < x.good_until(s.key.lot_id):
                assert s.lot in named
            elif got.shortage and s.left and s.key not in {p.key for p in got.picks}:
                assert s.lot in named  # one lot only, and this one is too small


def comes_after(strategy: Strategy, s: Stock, got: Allocated, stock: list[Stock]) -> bool:
    """Whether the line had what it asked for before this row's turn came."""
    if got.shortage or not got.picks or strategy in WHOLE:
        return False
    last = max(order(strategy, r, {}) for r in stock if r.key in {p.key for p in got.picks})
    return order(strategy, s, {}) > last


def test_what_comes_after_the_last_lot_taken_is_not_passed_over() -> None:  # INV-06
    stock = [row(1, 5, 10, skip="on_hold"), row(2, 5, 20), row(3, 5, 30, skip="expired")]
    got = allocate([line(1, 3), line(2, 3)], stock)
    assert codes(got[1]) == [("first.fefo", "L2"), ("skip.on_hold", "L1")]
    assert {lot for _, lot in codes(got[2])} == {"L1", "L2", "L3", ""}
    assert got[2].shortage == 1


def row_again(s: Stock, left: int) -> Stock:
    values = {name: getattr(s, name) for name in Stock.__slots__}
    return Stock(**{**values, "left": left})
