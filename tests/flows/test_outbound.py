"""An order gets stock promised with reasons; the gates are asked again. # OUT-03"""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.outbound import VAN, allocated, check, checked, ordered, picked, reserved, shipped
from tests.recalls.test_commands import opened
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.partners.models import Licence
from traceward.domain.partners.queries import LicenceLacking
from traceward.domain.recalls.commands import Target, catch_up
from traceward.domain.sales.commands import ordering
from traceward.domain.stock.allocation import Shortfall, Strategy
from traceward.domain.stock.models import Lot
from traceward.domain.stock.refusals import Blocked, ShortStock
from traceward.domain.warehousing.commands import shipping
from traceward.flows import outbound
from traceward.kernel.base.refusals import NotAllowed, WrongState
from traceward.kernel.org import roles


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "LATE", date(2031, 12, 31)), 5)
    world.stock(world.lot("STENT", "SOON", date(2030, 12, 31)), 2, "A-02")
    return world


def test_the_lot_that_expires_first_is_promised_first(stocked: World) -> None:  # INV-06
    going = ordered(stocked, quantity=3)
    found = outbound.allocate(going.order_id, by=stocked.by(roles.PLANNER))
    assert found.shortage == 0
    assert reserved() == {"A-02": 2, "A-01": 1}
    again = outbound.allocate(going.order_id, by=stocked.by(roles.PLANNER))
    assert again.shortage == 0
    assert reserved() == {"A-02": 2, "A-01": 1}


def test_a_strategy_may_be_asked_for(stocked: World) -> None:
    going = ordered(stocked, quantity=3)
    by = stocked.by(roles.PLANNER)
    outbound.allocate(going.order_id, strategy=Strategy.LEFO, by=by)
    assert reserved() == {"A-01": 3}


def test_a_shortage_is_said_or_refused(stocked: World) -> None:
    going = ordered(stocked, quantity=9)
    by = stocked.by(roles.PLANNER)
    with refused(ShortStock):
        outbound.allocate(going.order_id, shortfall=Shortfall.REFUSE, by=by.asking())
    assert outbound.allocate(going.order_id, by=by.asking()).shortage == 2


def test_one_lot_only_where_the_order_says_so(stocked: World) -> None:
    lot = stocked.lot("STENT", "LATE")
    made = ordering.order(
        stocked.shanghai.pk,
        stocked.hospital.pk,
        stocked.places["DEP"].pk,
        [ordering.OrderedItem(lot.item_id, 3, lot_id=lot.pk)],
        by=stocked.by(roles.SALES),
    )
    outbound.allocate(made.order_id, by=stocked.by(roles.PLANNER))
    assert reserved() == {"A-01": 3}


def test_a_licence_that_ended_since_the_order_stops_the_allocation(stocked: World) -> None:
    going = ordered(stocked)
    yesterday = timezone.now().date() - timedelta(days=2)
    Licence.objects.filter(party=stocked.hospital).update(valid_until=yesterday)
    with refused(LicenceLacking, "lines.0"):
        outbound.allocate(going.order_id, by=stocked.by(roles.PLANNER))


def test_what_has_left_is_not_promised_again(stocked: World) -> None:
    going = shipped(stocked, lot="LATE", quantity=3, strategy=Strategy.LEFO)
    with refused(WrongState):
        outbound.allocate(going.order_id, by=stocked.by(roles.PLANNER))


def test_a_cancelled_order_gets_nothing(stocked: World) -> None:
    going = allocated(stocked)
    ordering.cancel(going.order_id, "budget", by=stocked.by(roles.SALES))
    Licence.objects.update(valid_until=date(2020, 1, 1))  # the state is asked for first
    with refused(WrongState):
        outbound.allocate(going.order_id, by=stocked.by(roles.PLANNER))


def test_a_grant_for_another_site_does_not_count(stocked: World) -> None:  # ORG-03
    going = ordered(stocked)
    by = only_at(stocked, roles.PLANNER, stocked.chengdu)
    with refused(NotAllowed):
        outbound.allocate(going.order_id, by=by)


@pytest.fixture
def named(world: World) -> World:
    """A recall by a supplier's lot runs; what else is of that lot is not known yet."""
    known = world.lot("STENT", "L0")
    Lot.objects.filter(pk=known.pk).update(supplier_lot="V-77")
    world.stock(world.lot("STENT", "L1"), 3)
    opened(world, Target(supplier_lot="V-77"))
    return world


def name_it_late() -> None:
    Lot.objects.filter(number="L1").update(supplier_lot="V-77")


def test_what_a_recall_names_does_not_pass_the_check(named: World) -> None:  # TRC-03 OUT-03
    going = picked(named)
    name_it_late()
    with refused(Blocked) as caught:
        check(named, going)
    assert caught.value.details[0]["lot"] == "L1"
    catch_up(by=named.by(roles.SYSTEM))
    with refused(Blocked):
        check(named, going)


def test_what_a_recall_names_is_not_packed(named: World) -> None:  # TRC-03 OUT-03
    going = checked(named)
    name_it_late()
    by = named.by(roles.PICKER)
    with refused(Blocked):
        shipping.pack(going.pick_id, sscc="095200000000000011", by=by)
    with refused(Blocked):
        shipping.ship(going.pick_id, VAN, by=named.by(roles.DISPATCHER))
