"""The post refuses moments that may not be, and reversals of what is none.

Each test differs from a post that passes in the one thing that is refused.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.ledger import database_now, set_clock
from tests.stock.posting import P, Q, R, lot_of, moved, post, refused, serial
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.stock import refusals
from traceward.domain.stock.commands.moves import reverse
from traceward.domain.stock.models import (
    ClosedPeriod,
    Code,
    Container,
    Lot,
    StockMove,
    VoidTransformation,
)
from traceward.domain.stock.queries.past import Moment, stood
from traceward.domain.stock.queries.which import Which
from traceward.domain.stock.rules import Edge
from traceward.kernel.base.refusals import Conflict, InvalidInput
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party

# --- TW008, TW013: time -------------------------------------------------------------------------


def test_moment_is_not_in_the_future(ledger: World) -> None:
    now = database_now()
    refused(refusals.TimeRefused, ledger, moved(ledger), happened_at=now + timedelta(seconds=121))
    post(ledger, moved(ledger), happened_at=now + timedelta(seconds=119))
    move = StockMove.objects.latest("pk")
    assert move.happened_at == move.posted_at, "a clock that is fast says now"


def test_back_dating_needs_a_reason(ledger: World) -> None:
    now = database_now()
    set_clock(now + timedelta(days=1))
    now = database_now()
    early = now - timedelta(seconds=901)
    refused(refusals.TimeRefused, ledger, moved(ledger), happened_at=early)
    refused(refusals.TimeRefused, ledger, moved(ledger), happened_at=early, reason="")
    post(ledger, moved(ledger), happened_at=now - timedelta(seconds=899))
    post(ledger, moved(ledger), happened_at=early, reason="late paper")
    assert StockMove.objects.latest("pk").happened_at == early
    assert StockMove.objects.latest("pk").reason == "late paper"


@pytest.mark.parametrize("outside", ["from", "to"])
def test_closed_period_takes_nothing(ledger: World, outside: str) -> None:
    now = database_now()
    set_clock(now + timedelta(days=10))
    other = Party.objects.create(name_en="Other")
    theirs = type(ledger.entity).objects.create(code="HB", party=other)
    abroad = Place.objects.create(
        code="X-01", kind="bin", physical=True, site=ledger.shanghai, legal_entity=theirs
    )
    closed = now + timedelta(days=5)
    ClosedPeriod.objects.create(legal_entity=theirs, closed_until=closed, closed_at=now)
    leg = moved(ledger, to_place_id=abroad.pk)
    times = {"reason": "late", "happened_at": closed - timedelta(seconds=1)}
    post(ledger, moved(ledger), **times)
    post(ledger, leg, happened_at=closed, reason="late")
    if outside == "to":
        refused(refusals.TimeRefused, ledger, leg, **times)
    else:
        set_clock(now + timedelta(days=20))
        times = {"reason": "late", "happened_at": closed - timedelta(seconds=1)}
        away = leg._replace(from_place_id=abroad.pk, to_place_id=ledger.places["A-01"].pk)
        refused(refusals.TimeRefused, ledger, away, **times)


@pytest.fixture
def past(ledger: World) -> Iterator[tuple[World, Lot, datetime]]:
    """Ten since day 0; on day 10 eight go out and come back in on day 20; now is day 30."""
    lot = lot_of(ledger)
    start = database_now()
    set_clock(start + timedelta(days=10))
    post(ledger, ledger.leg(Code.MOVE, lot, 8, "A-01", "A-02"))
    set_clock(start + timedelta(days=20))
    post(ledger, ledger.leg(Code.MOVE, lot, 8, "A-02", "A-01"))
    set_clock(start + timedelta(days=30))
    return ledger, lot, start


def test_back_dating_makes_no_moment_of_the_past_short(
    past: tuple[World, Lot, datetime],
) -> None:
    world, lot, start = past
    early = {"happened_at": start + timedelta(days=5), "reason": "late paper"}
    leg = world.leg(Code.MOVE, lot, 3, "A-01", "C-01")
    error = refused(refusals.ShortStock, world, leg, **early)
    assert (error.details[0]["was"], error.details[0]["asked"]) == (2, 3)
    post(world, leg._replace(quantity=2), **early)
    later = {"happened_at": start + timedelta(days=21), "reason": "late paper"}
    post(world, leg._replace(quantity=8), **later)


def test_limits_of_time_are_exact(ledger: World) -> None:
    """The clock stands still in a test, so that the last moment can be met."""
    arrived = database_now()
    set_clock(arrived + timedelta(minutes=20))
    now = database_now()
    post(ledger, moved(ledger), happened_at=now + timedelta(minutes=2))
    post(ledger, moved(ledger), happened_at=now - timedelta(minutes=15))
    just = now - timedelta(minutes=15, microseconds=1)
    refused(refusals.TimeRefused, ledger, moved(ledger), happened_at=just)
    post(ledger, moved(ledger), happened_at=just, reason="late")


def test_what_is_entered_some_minutes_later_makes_no_moment_short(ledger: World) -> None:
    """Without a reason and with one: nothing left before it arrived."""  # INV-08
    arrived = database_now()
    set_clock(arrived + timedelta(minutes=10))
    for before in (timedelta(microseconds=1), timedelta(minutes=4)):
        when = arrived - before
        error = refused(refusals.ShortStock, ledger, moved(ledger), happened_at=when)
        assert (error.details[0]["was"], error.details[0]["asked"]) == (0, 1)
    half = arrived - timedelta(minutes=5, seconds=30)
    refused(refusals.ShortStock, ledger, moved(ledger), happened_at=half, reason="late")
    post(ledger, moved(ledger), happened_at=arrived)


def test_what_a_fast_clock_entered_may_leave_now(ledger: World) -> None:
    """And at no moment did it leave before it came."""  # INV-08
    now = database_now()
    lot = lot_of(ledger)
    came = moved(ledger, from_place_id=ledger.places["A-01"].pk, quantity=5)
    post(ledger, came, happened_at=now + timedelta(minutes=1))
    away = came._replace(from_place_id=came.to_place_id, to_place_id=came.from_place_id)
    post(ledger, away, happened_at=now)
    rows = stood(Moment(database_now()), sites=None, which=Which(lots=[lot.pk]))
    assert all(row.on_hand > 0 for row in rows if row.place_id != ledger.places["SUP"].pk)


def test_what_is_asked_late_is_counted_once(ledger: World) -> None:
    """Whatever else the same post takes: the same goods elsewhere, and others there."""  # INV-08
    start = database_now()
    lots = [ledger.lot("STENT", "S1"), ledger.lot("STENT", "S2"), ledger.lot("REAGENT", "R1")]
    ledger.stock(lots[0], 2, "C-01")
    ledger.stock(lots[0], 5, "A-01")
    ledger.stock(lots[1], 5, "A-01")
    ledger.stock(lots[2], 5, "C-01")
    set_clock(start + timedelta(days=8))
    ledger.stock(lots[0], 20, "C-01")
    ledger.stock(lots[0], 10, "A-01")
    came_beside(ledger, lots[0])
    set_clock(start + timedelta(days=10))
    post(ledger, ledger.leg(Code.MOVE, lots[0], 1, "C-01", "A-02"))
    set_clock(start + timedelta(days=30))
    late = {"happened_at": start + timedelta(days=5), "reason": "late paper"}
    legs = [
        ledger.leg(Code.ADJUST_OUT, lots[0], 3, "C-01", "ADJ", reason="count"),
        ledger.leg(Code.ADJUST_OUT, lots[0], 1, "A-01", "ADJ", reason="count"),
        ledger.leg(Code.ADJUST_OUT, lots[1], 1, "A-01", "ADJ", reason="count"),
        ledger.leg(Code.ADJUST_OUT, lots[2], 1, "C-01", "ADJ", reason="count"),
    ]
    error = refused(refusals.ShortStock, ledger, *legs, **late)
    assert [(row["was"], row["asked"]) for row in error.details] == [(2, 3)]
    assert post(ledger, legs[0]._replace(quantity=2), *legs[1:], **late) == 4


def came_beside(world: World, lot: Lot) -> None:
    """Of the lot at C-01, ten go into a box; others came that wait, and others of the hospital."""
    box = Container.objects.create(code="BOX")
    post(world, world.leg(Code.PACK, lot, 10, "C-01", "C-01", to_container_id=box.pk))
    post(world, world.leg(Code.RECEIVE, lot, 7, "SUP", "C-01", status=P))
    theirs = {"from_owner": world.hospital.pk, "to_owner": world.hospital.pk}
    post(world, world.leg(Code.RECEIVE, lot, 6, "SUP", "C-01", status=P, **theirs))
    post(world, world.leg(Code.RELEASE, lot, 6, "C-01", "C-01", from_status=P, **theirs))


def test_another_serial_that_came_is_not_this_one(ledger: World) -> None:
    """Both came back at one moment; at a time in between this one was not there."""  # INV-08
    start = database_now()
    lot, one = serial(ledger, "S1")
    _, other = serial(ledger, "S2")
    legs = [
        ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P, serial_id=unit.pk)
        for unit in (one, other)
    ]
    post(ledger, *legs)
    there = [
        leg._replace(code=Code.MOVE, from_place_id=leg.to_place_id,
                     to_place_id=ledger.places["A-02"].pk)
        for leg in legs
    ]  # fmt: skip
    set_clock(start + timedelta(days=10))
    post(ledger, *there)
    set_clock(start + timedelta(days=20))
    back = [
        leg._replace(from_place_id=leg.to_place_id, to_place_id=leg.from_place_id) for leg in there
    ]
    post(ledger, *back)
    set_clock(start + timedelta(days=30))
    error = refused(
        refusals.ShortStock, ledger, there[0],
        happened_at=start + timedelta(days=15), reason="late paper",
    )  # fmt: skip
    assert (error.details[0]["was"], error.details[0]["asked"]) == (0, 1)


def test_a_supplier_is_never_short(past: tuple[World, Lot, datetime]) -> None:
    """A delivery is entered late, after a later one of the same lot."""  # INV-08
    world, _, start = past
    came = world.leg(Code.RECEIVE, world.lot("STENT", "NEW"), 3, "SUP", "A-01", status=P)
    post(world, came)
    early = start + timedelta(days=5)
    assert post(world, came._replace(quantity=5), happened_at=early, reason="late paper") == 1


def test_moves_of_one_moment_count_together(past: tuple[World, Lot, datetime]) -> None:
    """Out and back in at one moment is no dip in between."""
    world, lot, start = past
    when = {"happened_at": start + timedelta(days=25), "reason": "late"}
    away = world.leg(Code.MOVE, lot, 9, "A-01", "C-01")
    post(world, away, **when)
    back = away._replace(from_place_id=away.to_place_id, to_place_id=away.from_place_id)
    post(world, back, **when)
    post(world, away._replace(quantity=2), happened_at=start + timedelta(days=22), reason="late")


# --- TW009: reversals ---------------------------------------------------------------------------


def test_reversal_mirrors_a_move_once(ledger: World) -> None:
    leg = moved(ledger, quantity=4)
    post(ledger, leg)
    move = StockMove.objects.latest("pk")
    mirror = leg.mirrored(move.pk, Code.REVERSE, "slip")
    other = ledger.lot("STENT", "L2")
    ledger.stock(other, 5, "A-02")
    for values in (
        {"quantity": 3},
        {"reverses_id": None},
        {"reverses_id": 999_999},
        {"code": Code.MOVE},
        {"lot_id": other.pk},
        {"to_place_id": ledger.places["C-01"].pk},
        {"to_owner_id": ledger.hospital.pk},
        {"to_status": P},
    ):
        refused(refusals.ReversalRefused, ledger, mirror._replace(**values))
    post(ledger, leg)
    refused(Conflict, ledger, mirror, mirror)
    post(ledger, mirror)
    refused(refusals.ReversalRefused, ledger, mirror)
    taken_back = StockMove.objects.latest("pk")
    again = mirror.mirrored(taken_back.pk, Code.REVERSE, "slip")
    refused(refusals.ReversalRefused, ledger, again)


def test_a_reversal_and_a_move_are_posted_together(ledger: World) -> None:
    leg = moved(ledger, quantity=4)
    post(ledger, leg)
    mirror = leg.mirrored(StockMove.objects.latest("pk").pk, Code.REVERSE, "slip")
    assert post(ledger, mirror, moved(ledger, quantity=1)) == 2


def test_a_signed_decision_is_not_taken_back(ledger: World) -> None:  # QUA-04
    released = StockMove.objects.get(code=Code.RELEASE)
    leg = ledger.leg(
        Code.RELEASE, lot_of(ledger), 10, "A-01", "A-01", from_status=P, to_status=Q
    )  # fmt: skip
    error = refused(
        refusals.ReversalRefused, ledger, leg.mirrored(released.pk, Code.REVERSE, "slip")
    )
    assert "signed decision" in str(error)
    fresh = ledger.lot("STENT", "L3")
    received = ledger.leg(Code.RECEIVE, fresh, 4, "SUP", "A-01", status=P)
    rejected = ledger.leg(Code.REJECT, fresh, 4, "A-01", "A-01", from_status=P, to_status=R)
    post(ledger, received)
    post(ledger, rejected)
    mirror = rejected.mirrored(StockMove.objects.latest("pk").pk, Code.REVERSE, "slip")
    refused(refusals.ReversalRefused, ledger, mirror, why="decision")


def test_a_transformation_is_taken_back_as_a_whole(ledger: World) -> None:  # PRO-02 TRC-01
    raw, made = lot_of(ledger), ledger.lot("STENT", "MADE")
    legs = [
        ledger.leg(Code.CONSUME, raw, 2, "A-01", "PRD"),
        ledger.leg(Code.PRODUCE, made, 2, "PRD", "A-01", status=P),
    ]
    edges = [Edge(raw.pk, None, made.pk, None, 2)]
    post(ledger, *legs, edges=edges)
    moves = list(StockMove.objects.order_by("-pk")[:2])[::-1]
    mirrors = [leg.mirrored(m.pk, Code.REVERSE, "slip") for leg, m in zip(legs, moves, strict=True)]
    post(ledger, *legs, edges=edges)
    for mirror in mirrors:
        error = refused(refusals.ReversalRefused, ledger, mirror, why="transformation")
        assert "together" in str(error)
    assert VoidTransformation.objects.count() == 0
    post(ledger, *mirrors)
    taken_back = StockMove.objects.latest("pk")
    assert list(VoidTransformation.objects.values_list()) == [
        (moves[0].command_id, taken_back.command_id)
    ]


def test_what_moved_beside_a_transformation_is_not_of_it(ledger: World) -> None:  # PRO-02
    raw, made = lot_of(ledger), ledger.lot("STENT", "MADE")
    legs = [
        ledger.leg(Code.CONSUME, raw, 2, "A-01", "PRD"),
        ledger.leg(Code.PRODUCE, made, 2, "PRD", "A-01", status=P),
    ]
    post(ledger, *legs, moved(ledger), edges=[Edge(raw.pk, None, made.pk, None, 2)])
    *moves, beside = list(StockMove.objects.order_by("-pk")[:3])[::-1]
    post(ledger, moved(ledger).mirrored(beside.pk, Code.REVERSE, "slip"))
    assert not VoidTransformation.objects.exists()
    mirrors = [leg.mirrored(m.pk, Code.REVERSE, "slip") for leg, m in zip(legs, moves, strict=True)]
    assert post(ledger, *mirrors) == 2
    assert VoidTransformation.objects.count() == 1


def test_what_was_only_consumed_is_taken_back_without_more(ledger: World) -> None:
    leg = ledger.leg(Code.CONSUME, lot_of(ledger), 2, "A-01", "PRD")
    post(ledger, leg)
    post(ledger, leg.mirrored(StockMove.objects.latest("pk").pk, Code.REVERSE, "slip"))
    assert not VoidTransformation.objects.exists()


def test_reversal_takes_the_container_back(ledger: World) -> None:
    boxes = [Container.objects.create(code=f"C{n}") for n in range(2)]
    leg = ledger.leg(Code.PACK, lot_of(ledger), 4, "A-01", "A-01", to_container_id=boxes[0].pk)
    post(ledger, leg)
    mirror = leg.mirrored(StockMove.objects.latest("pk").pk, Code.REVERSE, "slip")
    refused(refusals.ReversalRefused, ledger, mirror._replace(to_container_id=boxes[1].pk))
    post(ledger, mirror)


def test_reverse_names_moves_that_exist(ledger: World) -> None:
    for ids in ([999_999], []):
        with pytest.raises(refusals.ReversalRefused):
            reverse(ids, "slip", by=ledger.by(roles.SUPERVISOR))
    with pytest.raises(InvalidInput):
        reverse([StockMove.objects.latest("pk").pk], " ", by=ledger.by(roles.SUPERVISOR))
