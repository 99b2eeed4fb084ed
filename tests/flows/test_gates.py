"""Every route × every fault of a licence or certificate: refused with the reason. # MDM-04 OUT-03

And what no licence may stop: goods that are there, come back, or are recalled. docs/adr/0091
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests import inbound, making, outbound, transferring
from tests.inbound import code
from tests.kernel.verbs import entry
from tests.refusing import everything
from tests.world import LONG_AGO, World
from traceward.domain.catalog.models import Product
from traceward.domain.catalog.queries import CertificateLacking
from traceward.domain.partners.models import Licence, LicenceKind
from traceward.domain.partners.queries import LicenceLacking
from traceward.domain.places.models import PlaceKind
from traceward.domain.production.commands import planning
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.quality import commands as quality
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.recalls.commands import scoping, telling
from traceward.domain.recalls.models import RecallLevel
from traceward.domain.sales.commands import returning, using
from traceward.domain.sales.models import TransferPoint
from traceward.domain.transfers.commands import requesting
from traceward.domain.warehousing.commands import receiving, shipping
from traceward.domain.warehousing.commands.arriving import Pack
from traceward.flows import inbound as inbound_flow
from traceward.flows import outbound as outbound_flow
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import LegalEntity, Party

Step = Callable[[], Any]


@dataclass(frozen=True)
class Route:
    """A step that is about to be taken, and whose papers it asks for."""

    make: Callable[[World], Step]
    #: Party (by its name in the world) and kind of licence.
    papers: tuple[tuple[str, LicenceKind], ...]
    asks_for_certificate: bool = True


SUPPLIER = ("supplier", LicenceKind.PRODUCTION)
LETTER = ("supplier", LicenceKind.AUTHORISATION)
US = ("us", LicenceKind.DISTRIBUTION)
WE_MAKE = ("us", LicenceKind.PRODUCTION)
OTHER = ("other", LicenceKind.DISTRIBUTION)
HOSPITAL = ("hospital", LicenceKind.INSTITUTION)
BUYING = (SUPPLIER, LETTER, US)
SELLING = (HOSPITAL, US)
BETWEEN = (US, OTHER)

#: What is wrong with a licence, and the word of the refusal.
LICENCE_FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "another kind": ({"kind": LicenceKind.BUSINESS}, "missing"),
    "revoked": ({"revoked_at": LONG_AGO}, "revoked"),
    "lapsed": ({"valid_until": date(2020, 1, 1)}, "expired"),
    "not yet valid": ({"valid_from": date(2099, 1, 1)}, "not yet valid"),
    "without the class": ({"classes": [1, 2]}, "does not cover the class"),
    "without the category": ({"categories": ["22", "6840"]}, "does not cover the category"),
    "another holder's": ({}, "missing"),
}
PRODUCT_FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "lapsed": ({"valid_until": date(2023, 1, 1)}, "expired"),
    "not yet valid": ({"valid_from": date(2099, 1, 1)}, "not yet valid"),
    "another region's": ({"region": "HK"}, "not valid in this region"),
    "not qualified": ({"is_qualified": False}, "not qualified yet"),
}
LABEL = code("STENT", "L1")


def buying(world: World) -> Step:
    wanted = [purchasing.Wanted(world.items["STENT"].pk, 5, Decimal(1))]
    site, supplier = world.shanghai.pk, world.supplier.pk
    return lambda: purchasing.order(site, supplier, wanted, by=world.by(roles.BUYER).asking())


def approving(world: World) -> Step:
    made = buying(world)()
    by = world.by(roles.SUPERVISOR)
    return lambda: purchasing.approve(made.order_id, by=by.asking())


def announcing(world: World) -> Step:
    order_id = inbound.ordered(world)
    lines = [purchasing.Noticed([LABEL], 5)]
    by = world.by(roles.BUYER)
    return lambda: purchasing.notify(order_id, "N-1", lines, by=by.asking())


def receiving_it(world: World) -> Step:
    coming = inbound.announced(world, (LABEL, 5))
    dock, scans = world.places["DOCK"].pk, [receiving.Scan([LABEL], 5)]
    by = world.by(roles.STOREKEEPER)
    return lambda: inbound_flow.receive_notice(
        coming.notice_id, dock, "DN-1", scans, journey=inbound.JOURNEY, by=by.asking()
    )


def selling(world: World, **more: Any) -> Step:
    return lambda: outbound.ordered(world, **more)


def consigning(world: World) -> Step:
    return selling(world, transfer_point=TransferPoint.USE)


def promising(world: World) -> Step:
    order_id = outbound.ordered(world).order_id
    by = world.by(roles.PLANNER)
    return lambda: outbound_flow.allocate(order_id, by=by.asking())


def checking(world: World) -> Step:
    going = outbound.picked(world)
    return lambda: outbound.check(world, going, by=world.by(roles.CHECKER).asking())


def packing(world: World) -> Step:
    going = outbound.checked(world)
    by = world.by(roles.PICKER)
    return lambda: shipping.pack(going.pick_id, sscc="095200000000000011", by=by.asking())


def shipping_it(world: World, **more: Any) -> Step:
    going = outbound.checked(world, **more)
    by = world.by(roles.DISPATCHER)
    return lambda: shipping.ship(going.pick_id, outbound.VAN, by=by.asking())


def shipping_consigned(world: World) -> Step:
    return shipping_it(world, transfer_point=TransferPoint.USE)


def asking_for(world: World) -> Step:
    target = transferring.other_entity(world)
    transferring.place(world, PlaceKind.DOCK, target)
    return lambda: transferring.requested(world, target=target, by=world.by(roles.PLANNER).asking())


def approving_transfer(world: World) -> Step:
    going = asking_for(world)()
    by = world.by(roles.SUPERVISOR)
    return lambda: requesting.approve(going.transfer_id, by=by.asking())


def promising_transfer(world: World) -> Step:
    going = transferring.approved(world, target=transferring.other_entity(world))
    by = world.by(roles.PLANNER)
    return lambda: requesting.allocate(going.transfer_id, by=by.asking())


def shipping_transfer(world: World) -> Step:
    going = transferring.checked(world, target=transferring.other_entity(world))
    by = world.by(roles.DISPATCHER)
    return lambda: shipping.ship(going.pick_id, outbound.VAN, by=by.asking())


def making_it(world: World) -> Step:
    order_id = making.planned(making.plant(world)).order_id
    by = world.by(roles.PRODUCTION)
    return lambda: planning.release(order_id, by=by.asking())


ROUTES = {
    "order from a supplier": Route(buying, BUYING),
    "approve it": Route(approving, BUYING),
    "its notice": Route(announcing, BUYING),
    "receive it": Route(receiving_it, BUYING),
    "sell": Route(selling, SELLING),
    "consign": Route(consigning, SELLING),
    "promise": Route(promising, SELLING),
    "check": Route(checking, SELLING),
    "pack": Route(packing, SELLING),
    "ship": Route(shipping_it, SELLING),
    "ship consigned goods": Route(shipping_consigned, SELLING),
    "ask another firm of the group": Route(asking_for, BETWEEN),
    "approve the transfer": Route(approving_transfer, BETWEEN),
    "promise to the transfer": Route(promising_transfer, BETWEEN),
    "ship to another firm of the group": Route(shipping_transfer, BETWEEN),
    "release to production": Route(making_it, (WE_MAKE,), asks_for_certificate=False),
}


@pytest.fixture
def stocked(world: World) -> World:
    set_up_roles()
    world.stock(world.lot("STENT", "L1"), 5)
    return world


def party_of(world: World, name: str) -> Party:
    if name == "other":
        return LegalEntity.objects.get(code="DH").party
    found: Party = getattr(world, name)
    return found


def spoilt(row: Any, values: dict[str, Any], step: Step, kind: type[Refusal]) -> Refusal:
    """How the step is refused while the row has these values."""
    rows = type(row).objects.filter(pk=row.pk)
    rows.update(**values)
    try:
        with pytest.raises(kind) as caught:
            step()
    finally:
        rows.update(**{name: getattr(row, name) for name in values})
    return caught.value


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_licence_that_does_not_count_stops_the_route(stocked: World, name: str) -> None:
    route = ROUTES[name]
    step = route.make(stocked)
    carrier = Party.objects.create(name_en="Quick Wheels")
    before = everything()
    for holder, kind in route.papers:
        party = party_of(stocked, holder)
        row = Licence.objects.get(party=party, kind=kind)
        for fault, (values, why) in LICENCE_FAULTS.items():
            told = spoilt(row, values or {"party": carrier}, step, LicenceLacking)
            detail = told.details[0]
            assert (detail["why"], detail["party"]) == (why, party.names), (holder, fault)
            assert party.name("en") in str(told)
            assert f"“{why}”" in str(told)
            assert "valid licence" in str(told)
    assert everything() == before
    step()  # with its papers in order it is done


@pytest.mark.parametrize("name", sorted(n for n, r in ROUTES.items() if r.asks_for_certificate))
def test_a_certificate_that_does_not_count_stops_the_route(stocked: World, name: str) -> None:
    step = ROUTES[name].make(stocked)
    before = everything()
    product = stocked.items["STENT"].product
    for fault, (values, why) in PRODUCT_FAULTS.items():
        told = spoilt(product, values, step, CertificateLacking)
        assert (told.details[0]["why"], told.details[0]["item"]) == (why, "STENT"), fault
        assert product.registration_number in str(told)
    assert everything() == before


def test_a_letter_for_other_products_stops_a_purchase(stocked: World) -> None:  # GSP art. 53
    letter = Licence.objects.get(party=stocked.supplier, kind=LicenceKind.AUTHORISATION)
    values = {"registration_numbers": ["国械注准20223130999"]}
    told = spoilt(letter, values, buying(stocked), LicenceLacking)
    assert told.details[0]["why"] == "does not cover the product"


# --- What no licence may stop -----------------------------------------------------------------


def lapse_everything() -> None:
    Licence.objects.update(valid_until=date(2020, 1, 1))
    Product.objects.update(valid_until=date(2023, 1, 1))


def test_goods_that_came_are_inspected_whatever_lapses(stocked: World) -> None:  # art. 64, 65
    (inspection,) = inbound.inspected(stocked, (code("STENT", "L2"), 5))
    lapse_everything()
    inspector, head = stocked.by(roles.INSPECTOR), stocked.by(roles.QUALITY_HEAD)
    for check in inbound.CHECKS:
        quality.record_result(inspection.pk, check, True, 1, by=inspector.asking())
    decided = quality.decide(
        inspection.pk,
        [Share(stocked.places["DOCK"].pk, 5, 0)],
        "as required",
        by=head.asking().reauthenticated(),
    )
    assert decided.accepted == 5
    assert Inspection.objects.get(pk=inspection.pk).state == "decided"


def test_what_is_on_its_way_arrives_and_comes_back(stocked: World) -> None:  # art. 96, 106, 107
    going = outbound.shipped(stocked)
    moving = transferring.shipped(stocked, 1, target=transferring.other_entity(stocked), lot="L1")
    lapse_everything()
    assert outbound.sign_for(stocked, going).quantity == 3
    assert transferring.received(stocked, moving, (1, False)).quantity == 1
    back = returning.announce_return(
        going.shipment_id, [returning.ReturnedLine(1, 2)], "lapsed", by=stocked.by(roles.SALES)
    )
    dock, packs = stocked.places["DOCK"].pk, [Pack([LABEL], 2)]
    by = stocked.by(roles.STOREKEEPER)
    assert returning.receive_return(back.return_id, dock, packs, "unopened", by=by).quantity == 2


def test_a_recall_runs_whatever_lapses(stocked: World) -> None:  # GSP art. 110, 111
    outbound.signed(stocked)
    lapse_everything()
    targets = [scoping.Target(item_id=stocked.items["STENT"].pk)]
    head = stocked.by(roles.QUALITY_HEAD)
    case = scoping.open(stocked.shanghai.pk, RecallLevel.ONE, "may crack", targets, by=head)
    assert telling.notify(case.case_id, by=head.asking()).quantity == 3


def test_a_use_without_licence_is_on_record_and_told(stocked: World) -> None:  # art. 84, 89, 90
    """The goods are in the patient: a record that is refused would lose them."""
    outbound.signed(stocked, transfer_point=TransferPoint.USE)
    by = stocked.by(roles.COORDINATOR)
    department = stocked.places["DEP"].pk

    def use(**more: Any) -> tuple[using.Used, Any]:
        asking = by.asking()
        item = using.UsedItem([LABEL], 1, Erasable("ZY-1"))
        return using.use(department, [item], by=asking, **more), entry(asking)

    done, told = use()
    assert (done.unlicensed, told.facts.get("licences_lacking")) == ([], None)
    Licence.objects.filter(party=stocked.hospital).update(valid_until=date(2020, 1, 1))
    done, told = use()
    assert done.unlicensed == ["STENT"]
    (row,) = told.facts["licences_lacking"]
    assert (row["why"], row["kind"]) == ("expired", "medical institution licence")
    Licence.objects.filter(party=stocked.us).update(revoked_at=LONG_AGO)
    done, told = use()
    assert [row["why"] for row in told.facts["licences_lacking"]] == ["expired", "revoked"]
