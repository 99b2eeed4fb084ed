"""What was registered wrongly is put right, and stock and open orders feel it. # MDM-01"""

from datetime import date

import pytest

from tests import inbound, outbound, transferring
from tests.catalog.test_categories import declare, register
from tests.kernel.verbs import entry
from tests.refusing import refused
from tests.world import World
from traceward.domain.catalog.commands import (
    certify_item,
    deactivate_item,
    qualify_product,
    reactivate_item,
    recategorise_item,
    register_product,
)
from traceward.domain.catalog.models import Item, MaterialCategory, PackagingLevel, Product
from traceward.domain.catalog.queries import CertificateLacking, NotForSale
from traceward.domain.warehousing.commands import checking, picking, putting_back, shipping
from traceward.domain.warehousing.models import PickLine
from traceward.domain.warehousing.refusals import CheckFailed
from traceward.flows import outbound as flow
from traceward.kernel.audit.models import Signature
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState
from traceward.kernel.command.actor import Actor
from traceward.kernel.org import roles
from traceward.kernel.org.scope import Grant
from traceward.resources.kit import Reader
from traceward.resources.records.questions import completeness

EVERYWHERE = Reader(0, (Grant(None, None),))
SIGNED = "item put under its certificate"


def head(world: World) -> Actor:
    return world.by(roles.QUALITY_HEAD).reauthenticated()


def sold_as_none(world: World) -> Item:
    """Goods that were declared no device, with stock and a GTIN."""
    item = world.items["BAG"] = register(world, MaterialCategory.NON_DEVICE)
    declare(world, item)
    PackagingLevel.objects.create(item=item, level=0, di=inbound.DIS["BAG"], base_units=1)
    world.stock(world.lot("BAG", "L1"), 5)
    return item


def certificate(world: World) -> Product:
    by = world.by(roles.DATA_OWNER)
    number, start = "国械注准20223130077", date(2022, 1, 1)
    made = register_product(number, world.supplier.pk, 3, "13-07-01", start, name_zh="袋", by=by)
    return Product.objects.get(pk=made.id)


def test_gates_apply_once_it_is_a_device(world: World) -> None:
    item, product = sold_as_none(world), certificate(world)
    waiting = outbound.ordered(world, "BAG")
    going = outbound.opened(world, "BAG", 2)
    scan = outbound.scan("L1", 2, item="BAG")
    picking.pick(going.pick_id, [scan], by=world.by(roles.PICKER))

    def check() -> None:
        found = [checking.CheckScan(scan.codes, 2)]
        checking.check(going.pick_id, found, True, True, by=world.by(roles.CHECKER))

    by = head(world)
    assert certify_item(item.pk, product.pk, "it has a certificate", by=by).id == item.pk
    (change,) = entry(by).facts["changes"]
    assert change["before"] == {
        "product_id": "None",
        "material_category": "non_device",
        "non_device_reason": "no medical purpose",
    }
    assert change["after"]["product_id"] == str(product.pk)
    assert Signature.objects.get(subject_uid=item.uid, meaning=SIGNED).person_id == by.person_id
    with refused(CertificateLacking, "lines.0"):
        flow.allocate(waiting.order_id, by=world.by(roles.PLANNER))
    with refused(CertificateLacking):
        check()
    qualify_product(product.pk, "papers are complete", by=head(world))
    check()
    line = PickLine.objects.get(pick=going.pick_id)
    assert line.registration_number == product.registration_number


def test_what_was_checked_as_no_device_is_checked_again(world: World) -> None:  # GSP art. 84, 88
    item, product = sold_as_none(world), certificate(world)
    going = outbound.opened(world, "BAG", 2)
    scan, keeper = outbound.scan("L1", 2, item="BAG"), world.by(roles.STOREKEEPER)

    def fetched(pick_id: int) -> None:
        picking.pick(pick_id, [scan], by=world.by(roles.PICKER))
        found = [checking.CheckScan(scan.codes, 2)]
        checking.check(pick_id, found, True, True, by=world.by(roles.CHECKER))

    fetched(going.pick_id)
    certify_item(item.pk, product.pk, "it has a certificate", by=head(world))
    qualify_product(product.pk, "papers are complete", by=head(world))
    for go_on in (
        lambda: shipping.ship(going.pick_id, outbound.VAN, by=world.by(roles.DISPATCHER)),
        lambda: shipping.pack(going.pick_id, by=world.by(roles.PICKER)),
    ):
        with refused(CheckFailed, "pick_id"):
            go_on()
    (before,) = [x for x in completeness(to=EVERYWHERE) if x.record == "records.outbound_checks"]
    assert before.lines == 0  # it was written of no device
    putting_back.cancel_pick(going.pick_id, "check it again", by=keeper)
    flow.allocate(going.order_id, by=world.by(roles.PLANNER))
    again = flow.start_pick(going.order_id, world.places["STAGE"].pk, by=keeper.asking())
    fetched(again.pick_id)
    shipping.ship(again.pick_id, outbound.VAN, by=world.by(roles.DISPATCHER))
    for record in ("records.outbound_checks", "records.sales"):
        (found,) = [x for x in completeness(to=EVERYWHERE) if x.record == record]
        said = {x.en: x.filled for x in found.fields}
        assert (found.lines, said["registration or filing number"]) == (1, 1)
        assert said.get("buyer's licence or filing number", 1) == 1


def test_a_wrong_certificate_is_replaced(world: World) -> None:
    stent, product = world.items["STENT"], certificate(world)
    certify_item(stent.pk, product.pk, "taken from another paper", by=head(world))
    stent.refresh_from_db()
    assert (stent.product_id, stent.material_category) == (product.pk, "device")
    with refused(WrongState, "product_id"):
        certify_item(stent.pk, product.pk, "again", by=head(world))


def test_a_device_is_registered_as_one(world: World) -> None:
    product = world.items["STENT"].product_id
    item = register(world, MaterialCategory.RAW, has_expiry=False)
    with refused(NotFound, "product_id"):
        certify_item(item.pk, 0, "it has a certificate", by=head(world))
    with refused(InvalidInput, "reason"):
        certify_item(item.pk, product, " ", by=head(world))
    with refused(InvalidInput, "service_life"):
        certify_item(item.pk, product, "it has a certificate", by=head(world))
    more = {"service_life": "10 年", "is_implantable": True}
    certify_item(item.pk, product, "it has a certificate", by=head(world), **more)
    item.refresh_from_db()
    assert (item.product_id, item.service_life, item.is_implantable) == (product, "10 年", True)


def test_what_turns_out_to_be_material_goes_to_no_customer(world: World) -> None:
    item = sold_as_none(world)
    waiting = outbound.ordered(world, "BAG")
    raw = MaterialCategory.RAW
    by = head(world)
    recategorise_item(item.pk, raw, "it is made into kits", by=by)
    (change,) = entry(by).facts["changes"]
    assert change["after"] == {"material_category": "raw", "non_device_reason": ""}
    with refused(NotForSale, "lines.0"):
        flow.allocate(waiting.order_id, by=world.by(roles.PLANNER))
    with refused(WrongState, "material_category"):
        recategorise_item(item.pk, raw, "again", by=head(world))


@pytest.mark.parametrize("category", ["device", "non_device"])
def test_what_is_sold_is_said_in_its_own_way(world: World, category: str) -> None:
    item = register(world, MaterialCategory.RAW)
    with refused(InvalidInput, "material_category"):
        recategorise_item(item.pk, MaterialCategory(category), "not raw", by=head(world))


def test_a_device_stays_in_the_records_of_the_law(world: World) -> None:
    stent = world.items["STENT"].pk
    with refused(WrongState, "item_id"):
        recategorise_item(stent, MaterialCategory.PACKAGING, "a box", by=head(world))


def test_what_is_not_traded_is_not_ordered_and_goes_out(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 10)
    going = outbound.ordered(world, quantity=3)
    stent = world.items["STENT"].pk
    deactivate_item(stent, "the maker stopped", by=head(world))
    with refused(InvalidInput, "lines.0.item_id"):
        outbound.ordered(world)
    with refused(NotFound, "lines.0.item_id"):
        inbound.ordered(world)
    flow.allocate(going.order_id, by=world.by(roles.PLANNER))
    assert transferring.shipped(world, 2).shipment_id
    with refused(WrongState, "item_id"):
        deactivate_item(stent, "again", by=head(world))
    reactivate_item(stent, "made again", by=head(world))
    assert outbound.ordered(world).order_id
    with refused(WrongState, "item_id"):
        reactivate_item(stent, "again", by=head(world))


def test_what_is_implanted_stays_so(world: World) -> None:  # MDM-04
    stent, product = world.items["STENT"], certificate(world)
    Item.objects.filter(pk=stent.pk).update(is_implantable=True)
    with refused(WrongState, "is_implantable"):
        certify_item(stent.pk, product.pk, "another", is_implantable=False, by=head(world))
