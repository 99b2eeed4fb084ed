"""Picked goods are checked by another person, packed, and sent on their way."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.inbound import code
from tests.ledger import database_now, set_clock
from tests.outbound import (
    VAN,
    check,
    checked,
    opened,
    picked,
    reserved,
    scan,
    shipped,
    sign_for,
    standing,
)
from tests.refusing import only_at, refused
from tests.world import LONG_AGO, World, move_clock
from traceward.domain.catalog.models import Product
from traceward.domain.catalog.queries import CertificateLacking
from traceward.domain.catalog.scanning import UnreadableCode
from traceward.domain.partners.models import Licence
from traceward.domain.partners.queries import LicenceLacking
from traceward.domain.sales.commands import delivering
from traceward.domain.stock import refusals as stock
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.commands.moves import reverse
from traceward.domain.stock.models import BlockKind, Code, Container, StockBalance, StockMove
from traceward.domain.warehousing import queries
from traceward.domain.warehousing.commands import checking, packing, picking, putting_back, shipping
from traceward.domain.warehousing.models import Pick, PickLine, Shipment, ShipmentLine
from traceward.domain.warehousing.refusals import CheckFailed
from traceward.kernel.base.gs1 import has_check_digit
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SamePerson,
    WrongState,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.devices import Device
from traceward.kernel.org import roles
from traceward.kernel.org.models import Role, RoleGrant
from traceward.kernel.rules.models import Parameter

SSCC = "095200000000000011"


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 5)
    return world


def recall(world: World) -> None:
    scope = Scope(lot_id=world.lot("STENT", "L1").pk)
    block(scope, BlockKind.RECALL, "leaks", by=world.by(roles.QUALITY_HEAD))


def picker_who_checks(world: World) -> Actor:
    """The picker, who has the checker's role too."""
    by = world.by(roles.PICKER)
    role = Role.objects.get(code=roles.CHECKER.code)
    RoleGrant.objects.create(person_id=by.person_id, role=role, granted_at=timezone.now())
    return by


def set_parameter(key: str, value: object, **context: object) -> None:
    Parameter.objects.create(key=key, context=context, value=value, valid_from=LONG_AGO)


def test_another_person_checks_what_was_picked(stocked: World) -> None:  # OUT-02
    going = picked(stocked)
    done = check(stocked, going)
    assert (done.quantity, done.state) == (3, "checked")
    pick = Pick.objects.get(pk=going.pick_id)
    assert pick.checked_by_id == stocked.by(roles.CHECKER).person_id
    assert standing() == {"A-01": 2, "STAGE": 3}


def test_who_picked_does_not_check(stocked: World) -> None:  # ORG-03
    going = picked(stocked)
    by = picker_who_checks(stocked)
    with refused(SamePerson):
        check(stocked, going, by=by)


def test_who_picked_a_part_does_not_check_either(stocked: World) -> None:  # ORG-03
    going = opened(stocked)
    by = picker_who_checks(stocked)
    picking.pick(going.pick_id, [scan("L1", 1)], by=by)
    picking.pick(going.pick_id, [scan("L1", 2)], by=stocked.by(roles.STOREKEEPER))
    with refused(SamePerson):
        check(stocked, going, by=by.asking())


def test_a_count_that_differs_fails_the_check(stocked: World) -> None:
    stocked.stock(stocked.lot("STENT", "L2"), 5)
    going = picked(stocked)
    with refused(CheckFailed, "scans") as caught:
        check(stocked, going, quantity=2)
    assert "3 were picked, 2 are here" in str(caught.value)
    with refused(CheckFailed, "scans"):
        check(stocked, going, lot="L2")


def test_damaged_packages_and_wrong_labels_do_not_go_out(stocked: World) -> None:
    going = picked(stocked)
    for name in ("is_package_intact", "is_label_right"):
        with refused(CheckFailed, name):
            check(stocked, going, **{name: False})


def test_what_is_not_picked_yet_is_not_checked(stocked: World) -> None:
    going = opened(stocked)
    with refused(WrongState):
        check(stocked, going)


def test_the_check_asks_again_for_blocks_licences_and_certificates(stocked: World) -> None:
    """# OUT-03"""
    going = picked(stocked)
    yesterday = timezone.now().date() - timedelta(days=2)
    licence = Licence.objects.get(party=stocked.hospital)
    Licence.objects.filter(pk=licence.pk).update(valid_until=yesterday)
    with refused(LicenceLacking):
        check(stocked, going)
    Licence.objects.filter(pk=licence.pk).update(valid_until=None)
    Product.objects.update(valid_until=yesterday)
    with refused(CertificateLacking):
        check(stocked, going)
    Product.objects.update(valid_until=None)
    recall(stocked)
    with refused(stock.Blocked):
        check(stocked, going)


def test_the_check_asks_for_the_customers_remaining_shelf_life(stocked: World) -> None:  # OUT-03
    going = picked(stocked)
    set_parameter("stock.allocation.minimum_days", 20_000, customer_class="hospital")
    with refused(CheckFailed) as caught:
        check(stocked, going)
    assert "requires 20000" in str(caught.value)


def test_a_lot_that_expired_in_staging_is_not_checked(stocked: World) -> None:  # INV-07
    going = picked(stocked)
    lot = stocked.lot("STENT", "L1")
    move_clock(lot.expires_on + timedelta(days=1))
    raw = code("STENT", "L1", lot.expires_on.strftime("%y%m%d"))
    with refused(stock.Expired):
        checking.check(
            going.pick_id,
            [checking.CheckScan([raw], 3)],
            True,
            True,
            by=stocked.by(roles.CHECKER),
        )


def test_packed_goods_stand_in_their_container_and_stay_promised(stocked: World) -> None:
    """# INV-10"""
    going = checked(stocked)
    set_parameter("warehousing.gs1_company_prefix", "9520000")
    done = shipping.pack(going.pick_id, by=stocked.by(roles.STOREKEEPER))
    assert has_check_digit(done.sscc)
    assert done.sscc.startswith("19520000")
    row = StockBalance.objects.get(container__code=done.sscc)
    assert (row.on_hand, row.reserved, row.place.code) == (3, 3, "STAGE")
    with refused(InvalidInput, "line_numbers"):
        shipping.pack(going.pick_id, by=stocked.by(roles.STOREKEEPER))


def test_a_scanned_container_is_used_once(stocked: World) -> None:
    going = checked(stocked, quantity=2)
    other = checked(stocked, quantity=2)
    shipping.pack(going.pick_id, sscc=SSCC, by=stocked.by(roles.STOREKEEPER))
    assert Container.objects.get().code == SSCC
    with refused(Conflict, "sscc"):
        shipping.pack(other.pick_id, sscc=SSCC, by=stocked.by(roles.STOREKEEPER))
    with refused(UnreadableCode, "sscc"):
        shipping.pack(other.pick_id, sscc="095200000000000012", by=stocked.by(roles.STOREKEEPER))
    with refused(InvalidInput, "sscc"):
        shipping.pack(other.pick_id, sscc=code("STENT", "L1"), by=stocked.by(roles.STOREKEEPER))


def test_without_a_prefix_no_sscc_is_made_up(stocked: World) -> None:
    going = checked(stocked)
    with refused(InvalidInput, "sscc"):
        shipping.pack(going.pick_id, by=stocked.by(roles.STOREKEEPER))


def test_no_sscc_is_given_out_twice(stocked: World) -> None:
    """The serials of a prefix come to an end; the first one does not come again."""
    going = checked(stocked)
    set_parameter("warehousing.gs1_company_prefix", "952000000000")
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(nextval('warehousing_sscc')) FROM generate_series(1, 9999)")
    with refused(InvalidInput, "sscc"):
        shipping.pack(going.pick_id, by=stocked.by(roles.STOREKEEPER))


def test_a_part_of_a_line_is_packed_and_unpacked(stocked: World) -> None:  # INV-10 OUT-03
    going = checked(stocked)
    keeper = stocked.by(roles.STOREKEEPER)
    parts = [packing.PackedPart(1, 2)]
    shipping.pack(going.pick_id, parts=parts, sscc=SSCC, by=keeper.asking())
    lines = PickLine.objects.filter(pick=going.pick_id).order_by("line__line_number")
    assert [(x.quantity, x.picked) for x in lines] == [(2, 2), (1, 1)]
    assert lines[1].registration_number == lines[0].registration_number
    with refused(InvalidInput, "parts.0"):
        shipping.pack(going.pick_id, parts=[packing.PackedPart(2, 2)], by=keeper.asking())
    with refused(InvalidInput, "sscc"):
        packing.unpack(going.pick_id, "095200000000000028", by=keeper.asking())
    done = packing.unpack(going.pick_id, SSCC, by=keeper.asking())
    assert done.quantity == 2
    row = StockBalance.objects.get(place__code="STAGE", on_hand__gt=0)
    assert (row.on_hand, row.reserved, row.container_id) == (3, 3, None)
    shipping.pack(going.pick_id, sscc=SSCC, by=keeper.asking())
    shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    assert standing() == {"A-01": 2, "transit": 3}


def test_only_checked_goods_are_packed_and_shipped(stocked: World) -> None:
    going = picked(stocked)
    with refused(WrongState):
        shipping.pack(going.pick_id, sscc=SSCC, by=stocked.by(roles.STOREKEEPER))
    with refused(WrongState):
        shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))


def test_shipped_goods_stand_in_a_transit_place_of_their_own(stocked: World) -> None:  # OUT-02
    going = checked(stocked)
    shipping.pack(going.pick_id, sscc=SSCC, by=stocked.by(roles.STOREKEEPER))
    sent = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    assert standing() == {"A-01": 2, "transit": 3}
    assert reserved() == {}
    shipment = Shipment.objects.get(pk=sent.shipment_id)
    row = StockBalance.objects.get(place=shipment.transit)
    assert (row.container.code, row.owner_id) == (SSCC, stocked.us.pk)
    assert StockMove.objects.get(code=Code.SHIP).document_id == shipment.pk
    with refused(WrongState):
        shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    with refused(WrongState):
        putting_back.cancel_pick(going.pick_id, "late", by=stocked.by(roles.STOREKEEPER))


def test_a_box_that_holds_more_than_was_picked_stays(stocked: World) -> None:
    """A box stands in one place: the picked goods leave it. # INV-10"""
    going = checked(stocked)
    box = shipping.pack(going.pick_id, sscc=SSCC, by=stocked.by(roles.STOREKEEPER)).container_id
    lot = stocked.lot("STENT", "L1")
    stocked.post(stocked.leg(Code.MOVE, lot, 1, "A-01", "STAGE", to_container_id=box))
    sent = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    rows = StockBalance.objects.filter(on_hand__gt=0).exclude(place__code="A-01")
    found = {row.place_id: (row.container_id, row.on_hand) for row in rows.filter(physical=True)}
    assert found == {stocked.places["STAGE"].pk: (box, 1), sent.transit_id: (None, 3)}
    assert ShipmentLine.objects.get(shipment=sent.shipment_id).container_id is None


def test_the_papers_of_a_shipment_say_what_the_law_asks(stocked: World) -> None:
    going = shipped(stocked)
    note = queries.delivery_note(going.shipment_id)
    assert (note.supplier, note.consignee) == ("沪安医疗器械", "江城医院")
    assert note.number.startswith("SH-")
    assert note.vehicle_plate == VAN.vehicle_plate
    (line,) = note.lines
    assert (line.lot, line.quantity, line.expires_on) == ("L1", 3, date(2030, 12, 31))
    assert line.registration_number == "国械注准20223130001"
    assert line.production_licence == f"L{stocked.supplier.pk}"


def test_a_shipment_needs_a_vehicle_or_a_carrier_with_waybill(stocked: World) -> None:
    going = checked(stocked)
    wrong = (
        (shipping.Transport(""), "transport.mode"),
        (shipping.Transport("road"), "transport.vehicle_plate"),
        (shipping.Transport("road", carrier_name="Quick"), "transport.vehicle_plate"),
    )
    for transport, field in wrong:
        with refused(InvalidInput, field):
            shipping.ship(going.pick_id, transport, by=stocked.by(roles.DISPATCHER))


def test_a_recall_between_check_and_dispatch_stops_the_shipment(stocked: World) -> None:
    going = checked(stocked)
    recall(stocked)
    with refused(stock.Blocked):
        shipping.pack(going.pick_id, sscc=SSCC, by=stocked.by(roles.STOREKEEPER))
    with refused(stock.Blocked):
        shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))


def test_packed_goods_come_back_out_of_the_box_when_the_pick_is_cancelled(stocked: World) -> None:
    going = checked(stocked)
    shipping.pack(going.pick_id, sscc=SSCC, by=stocked.by(roles.STOREKEEPER))
    putting_back.cancel_pick(going.pick_id, "order changed", by=stocked.by(roles.STOREKEEPER))
    row = StockBalance.objects.get(place__code="A-01", on_hand__gt=0)
    assert (row.on_hand, row.reserved, row.container_id) == (5, 3, None)


def test_goods_on_the_way_do_not_arrive_by_word_alone(stocked: World) -> None:
    going = shipped(stocked)
    assert shipping.arrive(going.shipment_id, by=stocked.by(roles.COORDINATOR)).state == "shipped"


def test_a_grant_for_another_site_does_not_count(stocked: World) -> None:  # ORG-03
    going = picked(stocked)
    elsewhere = only_at(stocked, roles.CHECKER, stocked.chengdu)
    with refused(NotAllowed):
        check(stocked, going, by=elsewhere)
    keeper = only_at(stocked, roles.STOREKEEPER, stocked.chengdu)
    for attempt in (
        lambda: shipping.pack(going.pick_id, sscc=SSCC, by=keeper.asking()),
        lambda: shipping.ship(going.pick_id, VAN, by=keeper.asking()),
    ):
        with refused(NotAllowed):
            attempt()
    check(stocked, going)
    sent = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    elsewhere = only_at(stocked, roles.COORDINATOR, stocked.chengdu)
    with refused(NotAllowed):
        shipping.arrive(sent.shipment_id, by=elsewhere)


def test_a_cancelled_shipment_stands_in_staging_again_and_may_be_shipped_again(
    stocked: World,
) -> None:
    going = checked(stocked)
    shipping.pack(going.pick_id, sscc=SSCC, by=stocked.by(roles.STOREKEEPER))
    first = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    by = stocked.by(roles.DISPATCHER)
    undone = shipping.cancel_shipment(first.shipment_id, "the van broke down", by=by)
    assert (undone.pick_id, undone.quantity) == (going.pick_id, 3)
    assert standing() == {"A-01": 2, "STAGE": 3}
    assert reserved() == {"STAGE": 3}
    shipment = Shipment.objects.get(pk=first.shipment_id)
    assert (shipment.state, Pick.objects.get(pk=going.pick_id).state) == ("cancelled", "checked")
    assert shipment.number
    back = StockMove.objects.filter(document=shipment, reverses__isnull=False)
    assert {m.reason for m in back} == {"the van broke down"}
    again = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    assert (standing(), reserved()) == ({"A-01": 2, "transit": 3}, {})
    assert Shipment.objects.get(pk=again.shipment_id).number != shipment.number


def test_recalled_goods_come_back_from_the_way_without_a_promise(stocked: World) -> None:
    going = shipped(stocked)
    recall(stocked)
    by = stocked.by(roles.DISPATCHER)
    shipping.cancel_shipment(going.shipment_id, "recalled", by=by.asking())
    assert (standing(), reserved()) == ({"A-01": 2, "STAGE": 3}, {})
    with refused(stock.Blocked):
        shipping.ship(going.pick_id, VAN, by=by.asking())


def test_a_shipment_is_cancelled_once_and_only_before_anybody_signed(stocked: World) -> None:
    going = shipped(stocked)
    by = stocked.by(roles.DISPATCHER)
    with refused(InvalidInput, "reason"):
        shipping.cancel_shipment(going.shipment_id, " ", by=by.asking())
    with refused(NotFound):
        shipping.cancel_shipment(0, "none", by=by.asking())
    sign_for(stocked, going, lines=[delivering.SignedLine(1, 1)])
    with refused(WrongState):
        shipping.cancel_shipment(going.shipment_id, "late", by=by.asking())
    moves = StockMove.objects.filter(document=going.shipment_id)
    with refused(stock.ReversalRefused):
        reverse([m.pk for m in moves], "late", by=stocked.by(roles.SUPERVISOR).asking())


def test_a_shipment_is_not_on_its_way_again_by_word_alone(stocked: World) -> None:
    going = shipped(stocked)
    by = stocked.by(roles.COORDINATOR)
    assert shipping.resume_shipment(going.shipment_id, by=by.asking()).state == "shipped"
    sign_for(stocked, going)
    with refused(WrongState):
        shipping.resume_shipment(going.shipment_id, by=by.asking())


def test_floor_commands_keep_the_moment_and_the_device(stocked: World) -> None:  # INV-01
    going = opened(stocked)
    set_clock(database_now() + timedelta(minutes=10))
    at = database_now() - timedelta(minutes=5)
    picker = replace(stocked.by(roles.PICKER), device=Device("PDA-7", -40, at))
    picking.pick(going.pick_id, [scan("L1")], by=picker)
    check(stocked, going)
    dispatcher = replace(stocked.by(roles.DISPATCHER), device=Device("PDA-8"))
    shipping.ship(going.pick_id, VAN, by=dispatcher)
    picked_, shipped_ = (StockMove.objects.get(code=code) for code in (Code.PICK, Code.SHIP))
    assert (picked_.happened_at, picked_.device, picked_.clock_offset_ms) == (at, "PDA-7", -40)
    assert (shipped_.device, shipped_.clock_offset_ms) == ("PDA-8", None)
    assert shipped_.happened_at == shipped_.posted_at


@pytest.mark.parametrize("minutes", [-16, 3])
def test_a_moment_long_ago_or_ahead_is_refused(stocked: World, minutes: int) -> None:  # INV-01
    going = opened(stocked)
    at = database_now() + timedelta(minutes=minutes)
    picker = replace(stocked.by(roles.PICKER), device=Device("PDA-7", 0, at))
    with refused(stock.TimeRefused, "happened_at"):
        picking.pick(going.pick_id, [scan("L1")], by=picker)
