"""Who signed for goods, and whom an order names, is read back on record. # SEC-01"""

from typing import Any

import pytest

from tests.kernel.verbs import entry
from tests.outbound import ordered, signed
from tests.refusing import refused
from tests.world import World
from traceward.domain.sales.commands import ordering, reading
from traceward.domain.sales.models import Delivery, OrderContact
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles
from traceward.kernel.org.scope import Grant
from traceward.resources.asking import read
from traceward.resources.kit import RESOURCES, Reader
from traceward.resources.reading import page


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 5)
    return world


def listed(name: str, column: str) -> dict[int, Any]:
    """The column by the id of the row, as a list of the API has it."""
    found = page(RESOURCES[name], read(RESOURCES[name], {}), Reader(1, (Grant(None, None),)))
    return {row["id"]: row[column] for row in found.rows}


def test_who_signed_and_whom_to_ask_for_is_read_on_record(stocked: World) -> None:  # SEC-01
    going = signed(stocked, contact=Erasable("王五"))
    delivery = Delivery.objects.get(of_shipment=going.shipment_id)
    nobody = ordered(stocked).order_id
    by = stocked.by(roles.COORDINATOR)
    with refused(InvalidInput, "reason"):
        reading.read_receiver(delivery.pk, " ", by=by.asking())
    with refused(NotFound, "order_id"):
        reading.read_contact(nobody, "door is shut", by=by.asking())
    asked = by.asking()
    assert reading.read_receiver(delivery.pk, "who signed?", by=asked).text.reveal() == "张三"
    assert AuditEntry.objects.get(request_id=asked.request_id).facts["reason"] == "who signed?"
    assert reading.read_contact(going.order_id, "shut", by=by).text.reveal() == "王五"
    assert listed("sales.deliveries", "receiver_read_by") == {delivery.pk: "sales.read_receiver"}
    assert listed("sales.orders", "contact_read_by") == {
        going.order_id: "sales.read_contact",
        nobody: "",
    }


def test_who_signed_is_erased_on_record(stocked: World) -> None:  # SEC-01
    going = signed(stocked)
    delivery = Delivery.objects.get(of_shipment=going.shipment_id)
    by = stocked.by(roles.COMPLIANCE)
    with refused(InvalidInput, "reason"):
        reading.erase_receiver(delivery.pk, " ", by=by.asking())
    with refused(NotFound, "delivery_id"):
        reading.erase_receiver(0, "asked for", by=by.asking())
    assert reading.erase_receiver(delivery.pk, "asked for", by=by).was_there
    (change,) = entry(by).facts["changes"]
    assert change["after"]["reason"] == "asked for"
    assert "张三" not in str(entry(by).facts)
    assert not reading.erase_receiver(delivery.pk, "asked for", by=by.asking()).was_there
    coordinator = stocked.by(roles.COORDINATOR)
    assert not reading.read_receiver(delivery.pk, "who signed?", by=coordinator).text
    assert listed("sales.deliveries", "receiver_read_by") == {delivery.pk: ""}


def test_a_contact_is_erased_once_nothing_more_goes_there(stocked: World) -> None:  # SEC-01
    going = ordered(stocked, contact=Erasable("王五"))
    by = stocked.by(roles.COMPLIANCE)
    with refused(WrongState, "order_id"):
        reading.erase_contact(going.order_id, "asked for", by=by.asking())
    ordering.cancel(going.order_id, "ordered twice", by=stocked.by(roles.SALES))
    assert reading.erase_contact(going.order_id, "asked for", by=by).was_there
    assert OrderContact.objects.get(order=going.order_id).text == ""
    bare = ordered(stocked).order_id
    ordering.cancel(bare, "ordered twice", by=stocked.by(roles.SALES))
    with refused(NotFound, "order_id"):
        reading.erase_contact(bare, "asked for", by=by.asking())
