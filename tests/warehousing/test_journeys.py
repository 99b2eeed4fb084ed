"""How goods come and leave is on record, and cold goods stay cold. # INB-02 OUT-03"""

from decimal import Decimal

import pytest

from tests import outbound
from tests.inbound import announced, code
from tests.refusing import colleague, refused
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.sales.models import Delivery
from traceward.domain.warehousing.commands import reading, shipping
from traceward.domain.warehousing.commands.journeys import Journey
from traceward.domain.warehousing.commands.receiving import Scan, receive
from traceward.domain.warehousing.models import PickLine, Receipt, ReceiptDeliverer, Shipment
from traceward.domain.warehousing.queries import delivery_note
from traceward.domain.warehousing.refusals import ColdChainBroken
from traceward.domain.warehousing.scanning import IncompleteLabel
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.keys import issue_key
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party

LOT = code("STENT", "L1")
WHO = Erasable("老周")


def take(world: World, journey: Journey, raw: str = LOT) -> object:
    coming = announced(world, (raw, 2))
    dock, by = world.places["DOCK"].pk, world.by(roles.STOREKEEPER)
    return lambda: receive(
        coming.notice_id, dock, "DN-1", [Scan([raw], 2)], journey=journey, by=by.asking()
    )


@pytest.mark.parametrize(
    ("journey", "field"),
    [(Journey(" ", WHO), "journey.transport_mode"), (Journey("road"), "journey.deliverer")],
)
def test_how_goods_came_and_who_brought_them_is_said(
    world: World, journey: Journey, field: str
) -> None:  # GSP art. 60
    receiving = take(world, journey)
    with refused(InvalidInput, field):
        receiving()


def test_the_lowest_on_the_way_is_not_above_the_highest(world: World) -> None:  # GSP art. 63
    measured = {"transit_c_min": Decimal("7.0"), "transit_c_max": Decimal("3.0")}
    receiving = take(world, Journey("road", WHO, **measured))
    with refused(InvalidInput, "journey.transit_c_min"):
        receiving()


def test_who_brought_the_goods_stands_in_an_erasable_row(world: World) -> None:  # GSP art. 60
    done = take(world, Journey("road", WHO))()
    receipt = Receipt.objects.get(pk=done.receipt_id)
    assert ReceiptDeliverer.objects.get(receipt=receipt).text == "老周"
    assert (receipt.supplier_name, receipt.supplier_phone) == ("北辰器械", "021-0000-0000")
    assert "老周" not in str(AuditEntry.objects.get(verb="warehousing.receive").facts)
    by = world.by(roles.QUALITY_HEAD)
    assert reading.read_deliverer(receipt.pk, "a box is missing", by=by).text.reveal() == "老周"
    with refused(InvalidInput, "reason"):
        reading.read_deliverer(receipt.pk, "", by=by.asking())


def test_a_label_states_the_day_of_expiry_or_the_item_has_none(world: World) -> None:
    raw = code("STENT", "L1", expires="")
    receiving = take(world, Journey("road", WHO), raw)  # GSP art. 65
    with refused(IncompleteLabel, "scans.0.codes"):
        receiving()
    Item.objects.filter(code="STENT").update(has_expiry=False, service_life="10 年")
    done = receiving()
    assert done.base_units == 2


@pytest.fixture
def cold(world: World) -> outbound.Going:
    """A cold reagent that was checked and waits in staging."""
    world.stock(world.lot("REAGENT", "R1"), 5, "C-01")
    going = outbound.opened(world, "REAGENT")
    scans = [outbound.scan("R1", 3, "C-01", "REAGENT")]
    outbound.picking.pick(going.pick_id, scans, by=world.by(roles.PICKER))
    outbound.checking.check(
        going.pick_id,
        [outbound.checking.CheckScan(scans[0].codes, 3)],
        True,
        True,
        by=world.by(roles.CHECKER),
    )
    return going


def send(world: World, going: outbound.Going, departure_c: str | None) -> shipping.Shipped:
    measured = None if departure_c is None else Decimal(departure_c)
    transport = shipping.Transport(
        "refrigerated van", carrier_name="Quick", waybill="1", departure_c=measured
    )
    return shipping.ship(going.pick_id, transport, by=world.by(roles.DISPATCHER))


def test_cold_goods_leave_and_arrive_cold(world: World, cold: outbound.Going) -> None:
    for wrong in (None, "8.1", "1.9"):
        with refused(ColdChainBroken, "transport.departure_c"):
            send(world, cold, wrong)
    cold.shipment_id = send(world, cold, "5.0").shipment_id
    shipment = Shipment.objects.get(pk=cold.shipment_id)
    assert (shipment.departure_c, shipment.transport_conditions) == (Decimal("5.0"), "2–8 ℃")
    for wrong in (None, Decimal("9.0")):
        with refused(ColdChainBroken, "arrival_c"):
            outbound.sign_for(world, cold, arrival_c=wrong)
    outbound.sign_for(world, cold, arrival_c=Decimal("4.5"))
    assert Delivery.objects.get().arrival_c == Decimal("4.5")


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 10)
    return world


def test_our_own_vehicle_has_a_driver(stocked: World) -> None:  # GSP art. 96
    going = outbound.checked(stocked)
    program = colleague(roles.DRIVER).person_id
    issue_key(program, "telematics", by=stocked.by(roles.ADMINISTRATOR))
    for driver in (None, 0, program):
        transport = shipping.Transport("road", vehicle_plate="沪A·00000", driver_id=driver)
        with refused(InvalidInput, "transport.driver_id"):
            shipping.ship(going.pick_id, transport, by=stocked.by(roles.DISPATCHER))
    driver = stocked.by(roles.DRIVER).person_id
    transport = shipping.Transport("road", vehicle_plate="沪A·00000", driver_id=driver)
    sent = shipping.ship(going.pick_id, transport, by=stocked.by(roles.DISPATCHER))
    note = delivery_note(sent.shipment_id)
    assert (note.vehicle_plate, note.driver) == ("沪A·00000", roles.DRIVER.zh)
    assert (note.address, note.phone) == ("江城路 1 号", "021-0000-0000")


def test_papers_that_cannot_name_the_consignee_are_refused(stocked: World) -> None:
    going = outbound.checked(stocked)
    Party.objects.filter(pk=stocked.hospital.pk).update(phone="")
    with refused(InvalidInput, "pick_id"):
        shipping.ship(going.pick_id, outbound.VAN, by=stocked.by(roles.DISPATCHER))
    with refused(InvalidInput, "customer_id"):
        outbound.ordered(stocked)
    Party.objects.filter(pk=stocked.hospital.pk).update(phone="1", address="")
    with refused(InvalidInput, "delivery_address"):
        outbound.ordered(stocked)


def test_the_check_keeps_the_papers_of_that_day(stocked: World) -> None:  # GSP art. 88
    outbound.checked(stocked)
    line = PickLine.objects.get()
    assert (line.udi_di, line.maker_name) == ("06901234567892", "北辰器械")
    assert line.pick.consignee_name == "江城医院"
