"""Another lot is fetched than the proposed one: the rules say which, and why not. # OUT-05"""

from datetime import date
from decimal import Decimal

import pytest

from tests.inbound import code
from tests.making import rule
from tests.outbound import allocated, opened, picked, scan, standing
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.sales.commands.ordering import OrderedItem, order
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Reservation
from traceward.domain.stock.refusals import ShortStock
from traceward.domain.warehousing.commands import picking, putting_back
from traceward.domain.warehousing.commands.changing import LotChanged, Why, change_lot
from traceward.domain.warehousing.models import Pick, PickLine
from traceward.flows import outbound
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, WrongState
from traceward.kernel.org import roles
from traceward.resources.kit import now


@pytest.fixture
def stocked(world: World) -> World:
    """Three lots; the first expires first."""
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 5)
    world.stock(world.lot("STENT", "L2", date(2031, 6, 30)), 2)
    world.stock(world.lot("STENT", "L3", date(2031, 12, 31)), 5)
    return world


def changed(world: World, pick: int, line: int = 1, why: Why = Why.DAMAGED) -> LotChanged:
    return change_lot(pick, line, why, by=world.by(roles.STOREKEEPER))


def lines(pick: int) -> list[tuple[int, str, int, int]]:
    rows = PickLine.objects.filter(pick=pick).select_related("line", "lot").order_by("line")
    return [(x.line.line_number, str(x.lot), x.quantity, x.picked) for x in rows]


def promised() -> int:
    return sum(Reservation.objects.values_list("quantity", flat=True))


def fetch(world: World, pick: int, lot: str, expires: str, packs: int) -> None:
    label = picking.PickScan([code("STENT", lot, expires)], "A-01", packs)
    picking.pick(pick, [label], by=world.by(roles.PICKER))


def hold(world: World, number: str) -> None:
    scope = Scope(lot_id=world.lot("STENT", number).pk)
    block(scope, BlockKind.HOLD, "seal doubtful", by=world.by(roles.QUALITY_CONTROLLER))


def test_the_next_lots_by_the_rules_are_fetched_instead(stocked: World) -> None:  # INV-06
    going = opened(stocked)
    made = changed(stocked, going.pick_id)
    assert lines(going.pick_id) == [(1, "L2", 2, 0), (2, "L3", 1, 0)], "first expired first out"
    assert (made.quantity, made.line_numbers, made.place_code) == (3, [1, 2], "A-01")
    assert (made.lot, made.serial) == ("L2", "")
    assert promised() == 3
    fetch(stocked, going.pick_id, "L2", "310630", 2)
    fetch(stocked, going.pick_id, "L3", "311231", 1)
    assert Pick.objects.get(pk=going.pick_id).state == "picked"
    assert standing() == {"A-01": 9, "STAGE": 3}
    entry = AuditEntry.objects.filter(verb="warehousing.change_lot").latest("pk")
    assert entry.facts["why"] == "damaged"
    assert entry.facts["changes"], "what the line was, and what it is"


def test_what_was_fetched_already_stays_fetched(stocked: World) -> None:
    going = opened(stocked)
    picking.pick(going.pick_id, [scan("L1", 1)], by=stocked.by(roles.PICKER))
    changed(stocked, going.pick_id, why=Why.NOT_THERE)
    assert lines(going.pick_id) == [(1, "L1", 1, 1), (2, "L2", 2, 0)]
    fetch(stocked, going.pick_id, "L2", "310630", 2)
    assert Pick.objects.get(pk=going.pick_id).state == "picked"
    putting_back.cancel_pick(going.pick_id, "mistake", by=stocked.by(roles.STOREKEEPER))
    assert standing() == {"A-01": 12}
    assert promised() == 3


def test_a_lot_that_was_blocked_meanwhile_is_changed(stocked: World) -> None:  # INV-05
    going = opened(stocked)
    hold(stocked, "L1")
    hold(stocked, "L2")
    changed(stocked, going.pick_id)
    assert lines(going.pick_id) == [(1, "L3", 3, 0)]
    assert promised() == 3


def test_a_lot_with_too_little_shelf_life_is_passed_over(stocked: World) -> None:  # INV-06
    going = opened(stocked)
    days = (date(2031, 7, 31) - stocked.shanghai.day_at(now())).days
    rule("stock.allocation.minimum_days", days, customer=stocked.hospital.pk)
    changed(stocked, going.pick_id, why=Why.SHORT_LIFE)
    assert lines(going.pick_id) == [(1, "L3", 3, 0)]


def test_where_no_other_lot_may_be_fetched_the_reason_is_told(stocked: World) -> None:  # INV-06
    going = opened(stocked)
    hold(stocked, "L2")
    allocated(stocked, quantity=5)
    with refused(ShortStock, "line_number") as told:
        changed(stocked, going.pick_id)
    assert "Lot L2 skipped: on hold" in told.value.in_language("en")
    assert "L2" in told.value.in_language("zh-hans")


def test_what_is_promised_to_others_stays_theirs(stocked: World) -> None:
    going = opened(stocked)
    allocated(stocked, quantity=8)
    with refused(ShortStock, "line_number"):
        changed(stocked, going.pick_id)


def test_what_the_customer_named_is_not_changed(stocked: World) -> None:
    lot = stocked.lot("STENT", "L1", date(2030, 12, 31))
    wanted = OrderedItem(stocked.items["STENT"].pk, 3, Decimal(100), lot_id=lot.pk)
    place = stocked.places["DEP"].pk
    made = order(
        stocked.shanghai.pk, stocked.hospital.pk, place, [wanted], by=stocked.by(roles.SALES)
    )
    outbound.allocate(made.order_id, by=stocked.by(roles.PLANNER))
    by = stocked.by(roles.STOREKEEPER)
    pick = outbound.start_pick(made.order_id, stocked.places["STAGE"].pk, by=by)
    with refused(WrongState):
        changed(stocked, pick.pick_id)


def test_it_is_asked_for_a_line_with_something_left_and_a_reason(stocked: World) -> None:
    going = opened(stocked)
    with refused(InvalidInput, "line_number"):
        changed(stocked, going.pick_id, 7)
    with refused(InvalidInput, "reason"):
        changed(stocked, going.pick_id, why=Why.OTHER)


def test_who_picks_asks_somebody_who_may(stocked: World) -> None:  # SEC-01
    going = opened(stocked)
    with refused(NotAllowed):
        change_lot(going.pick_id, 1, Why.DAMAGED, by=stocked.by(roles.PICKER))
    elsewhere = only_at(stocked, roles.STOREKEEPER, stocked.chengdu)
    with refused(NotAllowed):
        change_lot(going.pick_id, 1, Why.DAMAGED, by=elsewhere)


def test_a_pick_that_is_over_changes_no_more(stocked: World) -> None:
    done = picked(stocked)
    with refused(WrongState):
        changed(stocked, done.pick_id)
