"""Goods go from site to site of the group, and nothing of them is lost from sight. # TRF-01"""

import pytest
from django.utils import timezone

from tests import inbound, outbound
from tests.inbound import code
from tests.outbound import reserved, standing
from tests.refusing import refused
from tests.transferring import (
    allocated,
    opened,
    other_entity,
    place,
    received,
    shipped,
    statuses,
    stay_qualified,
    write_off,
)
from tests.world import World
from traceward.domain.places.models import PlaceKind, Zone
from traceward.domain.quality import commands as quality
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.stock.commands.moves import reverse
from traceward.domain.stock.models import Code, Status, StockBalance, StockMove
from traceward.domain.stock.refusals import ReversalRefused
from traceward.domain.trace.queries import mass_balances
from traceward.domain.transfers import queries
from traceward.domain.transfers.commands import closing, requesting
from traceward.domain.transfers.models import Discrepancy
from traceward.domain.warehousing.commands import putting_back, shipping, storing
from traceward.domain.warehousing.models import ReceiptLine
from traceward.kernel.base.refusals import (
    InvalidInput,
    SamePerson,
    SignatureRequired,
    WrongState,
)
from traceward.kernel.org import roles
from traceward.kernel.org.scope import Grant
from traceward.kernel.outbox.models import Event
from traceward.resources import group
from traceward.resources.kit import Reader


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 5)
    return world


# --- The way ----------------------------------------------------------------------------------


def test_a_transfer_goes_from_shelf_to_the_other_site(stocked: World) -> None:  # TRF-01
    going = shipped(stocked)
    assert standing() == {"A-01": 2, "transit": 3}
    assert reserved() == {}
    (part,) = queries.unsettled(timezone.now(), sites=None)
    assert (part.from_site, part.to_site, part.quantity, part.missing) == ("SH", "CD", 3, 0)
    for site in (stocked.shanghai.pk, stocked.chengdu.pk):
        reader = Reader(0, (Grant(stocked.entity.pk, site),))
        assert group.unsettled(site_id=stocked.chengdu.pk, to=reader) == [part]
    assert queries.unsettled(timezone.now(), sites=[0]) == []
    done = received(stocked, going, (3, False))
    assert (done.quantity, done.missing, done.left, done.shipment_state) == (3, 0, 0, "delivered")
    assert standing() == {"A-01": 2, going.dock.code: 3}
    (line,) = queries.line_progress(going.transfer_id)
    assert (line.ordered, line.shipped, line.received, line.on_the_way) == (3, 3, 3, 0)
    assert (done.transfer_state, queries.unsettled(timezone.now(), sites=None)) == ("closed", [])


def test_what_arrives_is_inspected_and_put_away(stocked: World) -> None:  # INB-03
    going = shipped(stocked)
    done = received(stocked, going, (3, False))
    assert statuses(going.dock) == {Status.PENDING: 3}
    opened_now = quality.open_inspections(done.receipt_uid, by=stocked.by(roles.SYSTEM))
    (pk,) = opened_now.inspection_ids
    assert Inspection.objects.get(pk=pk).supplier_id == stocked.us.pk
    for check in inbound.CHECKS:
        quality.record_result(pk, check, True, 1, by=stocked.by(roles.INSPECTOR))
    head = stocked.by(roles.QUALITY_HEAD).reauthenticated()
    quality.decide(pk, [Share(going.dock.pk, 3, 0)], "fit for use", by=head)
    row = ReceiptLine.objects.get(receipt=done.receipt_id)
    away = storing.PutAway(row.pk, 3, stocked.places["B-01"].pk)
    stored = storing.put_away(done.receipt_id, [away], by=stocked.by(roles.STOREKEEPER))
    assert (stored.state, standing()) == ("put away", {"A-01": 2, "B-01": 3})


def test_goods_stay_qualified_where_the_rules_say_so(stocked: World) -> None:
    stay_qualified(site=stocked.chengdu.pk)
    going = shipped(stocked)
    received(stocked, going, (2, False), (1, True))
    assert statuses(going.dock) == {Status.QUALIFIED: 2, Status.PENDING: 1}


def test_in_a_pending_zone_everything_waits(stocked: World) -> None:
    stay_qualified()
    going = shipped(stocked)
    zone = place(stocked, PlaceKind.DOCK, stocked.chengdu, zone=Zone.PENDING)
    received(stocked, going, (3, False), at=zone)
    assert statuses(zone) == {Status.PENDING: 3}


def test_another_legal_entity_takes_the_goods_over(stocked: World) -> None:  # TRF-01
    """They are the sender's on the way, the receiver's from the receipt on, and inspected."""
    stay_qualified()
    site = other_entity(stocked)
    going = shipped(stocked, target=site)
    assert set(StockBalance.objects.filter(on_hand__gt=0).values_list("owner", flat=True)) == {
        stocked.us.pk
    }
    received(stocked, going, (3, False))
    row = StockBalance.objects.get(place=going.dock, on_hand__gt=0)
    assert (row.owner_id, row.status) == (site.legal_entity.party_id, Status.PENDING)


# --- Differences ------------------------------------------------------------------------------


def test_what_is_missing_stays_in_transit_until_it_is_written_off(stocked: World) -> None:
    going = shipped(stocked)
    done = received(stocked, going, (2, True))
    assert (done.damaged, done.missing, done.left, done.shipment_state) == (2, 1, 1, "shipped")
    assert standing() == {"A-01": 2, going.dock.code: 2, "transit": 1}
    (part,) = queries.unsettled(timezone.now(), sites=None, site_id=stocked.chengdu.pk)
    assert (part.quantity, part.missing) == (1, 1)
    with refused(WrongState):
        closing.close(going.transfer_id, reason="one is lost", by=stocked.by(roles.PLANNER))
    lost = write_off(stocked, going)
    assert (lost.quantity, lost.shipment_state) == (1, "delivered")
    assert standing() == {"A-01": 2, going.dock.code: 2}
    row = Discrepancy.objects.get(kind="missing")
    assert (row.written_off, row.decision) == (1, "the carrier found nothing")
    assert (lost.transfer_state, told_short()) == ("closed", [1])
    assert mass_balances([stocked.lot("STENT", "L1").pk])[0].missing == 0


def test_what_was_missing_is_found(stocked: World) -> None:
    going = shipped(stocked)
    received(stocked, going, (1, False))
    done = received(stocked, going, (1, False))
    assert (done.missing, done.left, done.shipment_state) == (0, 1, "shipped")
    row = Discrepancy.objects.get()
    assert (row.quantity, row.found, row.written_off) == (2, 1, 0)
    assert write_off(stocked, going).quantity == 1
    row.refresh_from_db()
    assert (row.found, row.written_off, row.is_open) == (1, 1, False)


def test_a_shipment_unloaded_in_two_goes_misses_nothing_in_between(stocked: World) -> None:
    going = shipped(stocked)
    first = received(stocked, going, (1, False), is_complete=False)
    assert (first.missing, first.left) == (0, 2)
    with refused(WrongState):
        write_off(stocked, going)
    last = received(stocked, going, (2, False))
    assert (last.missing, last.shipment_state) == (0, "delivered")
    assert not Discrepancy.objects.exists()


def test_an_empty_lorry_is_noted(stocked: World) -> None:
    going = shipped(stocked)
    with refused(InvalidInput, "packs"):
        received(stocked, going, is_complete=False)
    done = received(stocked, going)
    assert (done.receipt_id, done.missing, done.left) == (None, 3, 3)


def test_goods_come_back_to_where_they_left(stocked: World) -> None:
    """Refused at the other site, for example: they are inspected, and may be sent again."""
    stay_qualified()
    going = shipped(stocked)
    done = received(stocked, going, (3, False), at=stocked.places["DOCK"])
    assert (done.left, statuses(stocked.places["DOCK"])) == (0, {Status.PENDING: 3})
    (line,) = queries.line_progress(going.transfer_id)
    assert (line.shipped, line.received) == (0, 0)
    got = requesting.allocate(going.transfer_id, by=stocked.by(roles.PLANNER))
    assert got.shortage == 1


def test_a_decision_to_write_off_is_signed_by_another_person(stocked: World) -> None:  # QUA-04
    going = shipped(stocked)
    supervisor = stocked.by(roles.SUPERVISOR)
    received(stocked, going, (2, False), by=supervisor)
    with refused(SignatureRequired):
        write_off(stocked, going, by=stocked.by(roles.SUPERVISOR))
    with refused(SamePerson):
        write_off(stocked, going)
    head = stocked.by(roles.QUALITY_HEAD).reauthenticated()
    with refused(InvalidInput, "reason"):
        write_off(stocked, going, reason=" ", by=head)
    assert write_off(stocked, going, by=head.asking()).quantity == 1


def test_the_moves_of_a_transfer_are_not_reversed_behind_it(stocked: World) -> None:
    going = shipped(stocked)
    received(stocked, going, (2, False))
    write_off(stocked, going)
    for kind in (Code.TRANSFER, Code.WRITE_OFF):
        move = StockMove.objects.get(code=kind)
        with refused(ReversalRefused):
            reverse([move.pk], "mistake", by=stocked.by(roles.SUPERVISOR))


def told_short() -> list[int]:
    """By each transfer that was closed, how much of it did not arrive."""
    told = Event.objects.filter(name__endswith="TransferClosed").order_by("pk")
    return [event.data["short"] for event in told]


# --- Ends -------------------------------------------------------------------------------------


def test_a_transfer_is_cancelled_while_nothing_was_fetched(stocked: World) -> None:
    going = opened(stocked)
    planner = stocked.by(roles.PLANNER)
    with refused(WrongState):
        requesting.cancel(going.transfer_id, "not needed", by=planner.asking())
    putting_back.cancel_pick(going.pick_id, "not needed", by=stocked.by(roles.STOREKEEPER))
    with refused(InvalidInput, "reason"):
        requesting.cancel(going.transfer_id, " ", by=planner.asking())
    ended = requesting.cancel(going.transfer_id, "not needed", by=planner.asking())
    assert (ended.freed_line_ids, reserved()) == (going.line_ids, {})
    with refused(WrongState):
        requesting.cancel(going.transfer_id, "again", by=planner.asking())


def test_what_has_left_is_not_cancelled_but_brought_back(stocked: World) -> None:
    going = shipped(stocked)
    with refused(WrongState):
        requesting.cancel(going.transfer_id, "not needed", by=stocked.by(roles.PLANNER))
    shipping.cancel_shipment(going.shipment_id, "wrong van", by=stocked.by(roles.DISPATCHER))
    assert standing() == {"A-01": 2, "STAGE": 3}
    putting_back.cancel_pick(going.pick_id, "not needed", by=stocked.by(roles.STOREKEEPER))
    requesting.cancel(going.transfer_id, "not needed", by=stocked.by(roles.PLANNER))
    assert standing() == {"A-01": 5}


def test_a_transfer_ends_short_for_a_reason(stocked: World) -> None:
    going = allocated(stocked, quantity=9)
    with refused(InvalidInput, "reason"):
        closing.close(going.transfer_id, by=stocked.by(roles.PLANNER))
    ended = closing.close(going.transfer_id, reason="bought", by=stocked.by(roles.PLANNER))
    assert (ended.freed_line_ids, reserved()) == (going.line_ids, {})


def test_a_transfer_ends_by_itself_when_all_of_it_arrived(stocked: World) -> None:  # TRF-01
    going = shipped(stocked)
    half = received(stocked, going, (1, False), is_complete=False)
    assert half.transfer_state == "approved"
    assert received(stocked, going, (2, False)).transfer_state == "closed"
    assert told_short() == [0]
    with refused(WrongState):
        closing.close(going.transfer_id, reason="again", by=stocked.by(roles.PLANNER))


def test_a_transfer_of_which_more_is_to_be_sent_stays_open(stocked: World) -> None:
    going = opened(stocked, quantity=5)
    scan = outbound.picking.PickScan([code("STENT", "L1")], "A-01", 3)
    outbound.picking.pick(going.pick_id, [scan], by=stocked.by(roles.PICKER))
    keeper = stocked.by(roles.STOREKEEPER)
    outbound.picking.end_pick(going.pick_id, "the van is full", by=keeper)
    checks = [outbound.checking.CheckScan(scan.codes, 3)]
    outbound.checking.check(going.pick_id, checks, True, True, by=stocked.by(roles.CHECKER))
    sent = shipping.ship(going.pick_id, outbound.VAN, by=stocked.by(roles.DISPATCHER))
    going.shipment_id = sent.shipment_id
    done = received(stocked, going, (3, False))
    assert (done.shipment_state, done.transfer_state) == ("delivered", "approved")
    with refused(InvalidInput, "reason"):
        closing.close(going.transfer_id, by=stocked.by(roles.PLANNER))
    ended = closing.close(going.transfer_id, reason="enough", by=stocked.by(roles.PLANNER))
    assert (ended.state, told_short()) == ("closed", [2])


def test_what_came_back_keeps_the_transfer_open(stocked: World) -> None:
    going = shipped(stocked)
    received(stocked, going, (2, False), is_complete=False)
    back = received(stocked, going, (1, False), at=stocked.places["DOCK"])
    assert (back.shipment_state, back.transfer_state) == ("delivered", "approved")


def test_what_is_being_picked_keeps_the_transfer_open(stocked: World) -> None:
    going = opened(stocked)
    with refused(WrongState):
        closing.close(going.transfer_id, reason="enough", by=stocked.by(roles.PLANNER))


def test_what_has_left_is_not_promised_again(stocked: World) -> None:
    going = shipped(stocked, quantity=3)
    with refused(WrongState):
        requesting.allocate(going.transfer_id, by=stocked.by(roles.PLANNER))
