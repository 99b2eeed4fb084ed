"""What a transfer cannot walk around: gates, blocks, scopes, other people. # TRF-01 OUT-03"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests import inbound, outbound
from tests.catalog.test_categories import declare, register
from tests.outbound import standing
from tests.refusing import granted_only, only_at, refused
from tests.transferring import (
    approved,
    checked,
    other_entity,
    place,
    received,
    requested,
    shipped,
    stay_qualified,
    write_off,
)
from tests.world import World, move_clock
from traceward.domain.catalog.models import Item, MaterialCategory, Product
from traceward.domain.catalog.queries import CertificateLacking, NotForSale
from traceward.domain.partners.models import Licence
from traceward.domain.partners.queries import LicenceLacking
from traceward.domain.places.models import PlaceKind
from traceward.domain.quality import commands as quality
from traceward.domain.quality.rules import Share
from traceward.domain.recalls import queries as recalls
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.commands import open as open_case
from traceward.domain.recalls.models import RecallLevel
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Status, StockMove
from traceward.domain.stock.refusals import Blocked
from traceward.domain.transfers.commands import closing, receiving, requesting
from traceward.domain.warehousing.commands import receiving as supplied
from traceward.domain.warehousing.commands import shipping
from traceward.domain.warehousing.commands.arriving import Pack
from traceward.domain.warehousing.commands.receiving import Journey, NotAnnounced
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    SamePerson,
    WrongState,
)
from traceward.kernel.org import roles


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 5)
    return world


# --- What cannot be bypassed ------------------------------------------------------------------


def test_no_more_arrives_than_was_sent(stocked: World) -> None:
    stocked.stock(stocked.lot("STENT", "L2"), 5)
    going = shipped(stocked)
    with refused(NotAnnounced, "packs.0"):
        received(stocked, going, (4, False))
    with refused(NotAnnounced, "packs.0"):
        received(stocked, going, (1, False), lot="L2")
    received(stocked, going, (3, False))
    with refused(WrongState):
        received(stocked, going, (1, False))


def test_goods_of_a_transfer_are_received_at_its_sites_only(stocked: World) -> None:
    going = shipped(stocked)
    elsewhere = place(stocked, PlaceKind.DOCK, other_entity(stocked))
    with refused(InvalidInput, "place_id"):
        received(stocked, going, (3, False), at=elsewhere)
    with refused(InvalidInput, "place_id"):
        received(stocked, going, (3, False), at=stocked.places["B-01"])


def test_a_transfer_is_neither_signed_for_nor_received_from_a_supplier(stocked: World) -> None:
    going = shipped(stocked)
    with refused(WrongState):
        outbound.sign_for(stocked, outbound.Going(0, [], shipment_id=going.shipment_id))
    received(stocked, going, (1, False))
    scan = supplied.Scan([inbound.code("STENT", "L1")], 1)
    keeper, dock = stocked.by(roles.STOREKEEPER), stocked.places["DOCK"].pk
    with refused(NotAnnounced, "document_id"):
        supplied.receive(going.shipment_id, dock, "DN-1", [scan], by=keeper)


def test_a_sold_shipment_is_not_received_as_a_transfer(stocked: World) -> None:
    going = outbound.shipped(stocked)
    pack = Pack([inbound.code("STENT", "L1")], 3)
    dock = stocked.places["DOCK"].pk
    with refused(NotFound, "shipment_id"):
        receiving.receive(going.shipment_id, dock, [pack], by=stocked.by(roles.STOREKEEPER))
    with refused(NotFound, "shipment_id"):
        head = stocked.by(roles.QUALITY_HEAD).reauthenticated()
        receiving.write_off(going.shipment_id, "lost", by=head)


def test_blocked_goods_do_not_leave_but_arrive(stocked: World) -> None:
    going = checked(stocked)
    scope = Scope(lot_id=stocked.lot("STENT", "L1").pk)
    placed = block(scope, BlockKind.HOLD, "leaks", by=stocked.by(roles.QUALITY_HEAD))
    with refused(Blocked):
        shipping.ship(going.pick_id, outbound.VAN, by=stocked.by(roles.DISPATCHER))
    assert placed.hits


def test_what_is_recalled_or_expired_on_the_way_arrives(stocked: World) -> None:
    going = shipped(stocked)
    scope = Scope(lot_id=stocked.lot("STENT", "L1").pk)
    block(scope, BlockKind.RECALL, "leaks", by=stocked.by(roles.QUALITY_HEAD))
    move_clock(date(2031, 1, 2))
    assert received(stocked, going, (3, False)).left == 0
    again = approved(stocked, 1)
    got = requesting.allocate(again.transfer_id, by=stocked.by(roles.PLANNER))
    assert got.shortage == 1


def test_a_recall_finds_what_is_on_the_way_and_what_arrived(stocked: World) -> None:  # TRC-03
    going = shipped(stocked)
    received(stocked, going, (1, False))
    lot = stocked.lot("STENT", "L1")
    opened_case = open_case(
        stocked.shanghai.pk,
        RecallLevel.TWO,
        "leaks",
        [Target(lot_id=lot.pk)],
        by=stocked.by(roles.QUALITY_HEAD),
    )
    units = recalls.list_units(opened_case.case_id)
    found = {unit.kind: unit.quantity for unit in units}
    assert found == {"bin": 2, "dock": 1, "transit": 2}
    assert recalls.consignees(opened_case.case_id) == []
    assert recalls.ladder(opened_case.case_id).difference == 0


def test_licences_are_asked_on_both_sides(stocked: World) -> None:  # MDM-04 OUT-03
    site = other_entity(stocked, licensed=False)
    place(stocked, PlaceKind.DOCK, site)
    with refused(LicenceLacking, "lines.0.item_id"):
        requested(stocked, target=site)
    going = requested(stocked)
    yesterday = timezone.now().date() - timedelta(days=2)
    Licence.objects.filter(party=stocked.us).update(valid_until=yesterday)
    with refused(LicenceLacking):
        requesting.approve(going.transfer_id, by=stocked.by(roles.SUPERVISOR))


def test_certificates_are_asked_between_legal_entities_only(stocked: World) -> None:  # MDM-04
    yesterday = timezone.now().date() - timedelta(days=2)
    Product.objects.update(valid_until=yesterday)
    site = other_entity(stocked)
    place(stocked, PlaceKind.DOCK, site)
    with refused(CertificateLacking):
        requested(stocked, target=site)
    shipped(stocked)
    assert standing() == {"A-01": 2, "transit": 3}


def test_cold_goods_need_the_record_of_their_way(world: World) -> None:  # GSP art. 63, 67
    """Without it, or out of its limits, they enter 待验 and may only be rejected."""
    stay_qualified()
    world.stock(world.lot("REAGENT", "R1"), 6, "C-01")
    way = {"item": "REAGENT", "lot": "R1", "bin": "C-01"}
    good = Journey(arrival_c=Decimal(4), transit_c_min=Decimal(3), transit_c_max=Decimal(6))
    warm = Journey(arrival_c=Decimal(4), transit_c_min=Decimal(3), transit_c_max=Decimal(12))
    for journey, is_good in ((good, True), (warm, False), (None, False)):
        going = shipped(world, 2, **way)
        done = received(world, going, (2, False), lot="R1", item="REAGENT", journey=journey)
        found = StockMove.objects.get(document=done.receipt_id)
        assert found.to_status == (Status.QUALIFIED if is_good else Status.PENDING)
        if is_good:
            continue
        (pk,) = quality.open_inspections(done.receipt_uid, by=world.by(roles.SYSTEM)).inspection_ids
        for check in inbound.CHECKS:
            quality.record_result(pk, check, True, 1, by=world.by(roles.INSPECTOR))
        head = world.by(roles.QUALITY_HEAD).reauthenticated()
        with refused(quality.NotInspected, "shares"):
            quality.decide(pk, [Share(going.dock.pk, 2, 0)], "looks fit", by=head)
        rejected = [Share(going.dock.pk, 0, 2)]
        words = {"defects": "no record", "disposition": "destroy"}
        quality.decide(pk, rejected, "unfit", by=head.asking(), **words)


def test_who_asked_does_not_approve(stocked: World) -> None:  # ORG-03
    going = requested(stocked, by=stocked.by(roles.SUPERVISOR))
    with refused(SamePerson):
        requesting.approve(going.transfer_id, by=stocked.by(roles.SUPERVISOR))


def test_nothing_is_promised_or_fetched_before_the_approval(stocked: World) -> None:
    going = requested(stocked)
    with refused(WrongState):
        requesting.allocate(going.transfer_id, by=stocked.by(roles.PLANNER))
    stage = stocked.places["STAGE"].pk
    with refused(WrongState):
        requesting.start_pick(going.transfer_id, stage, by=stocked.by(roles.STOREKEEPER))


def test_a_grant_counts_at_its_own_site(stocked: World) -> None:  # ORG-03
    """Who gives decides at the giving site, who takes at the taking one."""
    going = requested(stocked)
    here = only_at(stocked, roles.PLANNER, stocked.shanghai)
    with refused(NotAllowed):
        requested(stocked, by=here)
    there = only_at(stocked, roles.SUPERVISOR, stocked.chengdu)
    with refused(NotAllowed):
        requesting.approve(going.transfer_id, by=there)
    with refused(NotAllowed):
        requesting.cancel(going.transfer_id, "no", by=there.asking())
    sent = shipped(stocked)
    here = only_at(stocked, roles.STOREKEEPER, sent.source)
    with refused(NotAllowed):
        received(stocked, sent, (3, False), by=here)
    keeper = granted_only(
        stocked.by(roles.STOREKEEPER), entity_id=stocked.entity.pk, site_id=stocked.chengdu.pk
    )
    assert received(stocked, sent, (3, False), by=keeper).left == 0
    with refused(NotAllowed):
        write_off(stocked, sent, by=there.reauthenticated().asking())
    with refused(NotAllowed):
        closing.close(sent.transfer_id, by=there.asking())


LINE = ("item_id", "quantity", "lot_id", "serial_id")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "lines"),
        ({"reason": " "}, "reason"),
        ({"from_site_id": "target"}, "deliver_to_id"),
        ({"from_site_id": 10**9}, "from_site_id"),
        ({"deliver_to_id": "A-01"}, "deliver_to_id"),
        ({"quantity": 0}, "lines.0.quantity"),
        ({"item_id": 10**9}, "lines.0.item_id"),
        ({"lot_id": 10**9}, "lines.0.lot_id"),
        ({"serial_id": 10**9}, "lines.0.serial_id"),
    ],
)
def test_a_faulty_request_names_its_field(
    stocked: World, change: dict[str, Any], field: str
) -> None:
    dock = place(stocked, PlaceKind.DOCK, stocked.chengdu)
    named = {"target": stocked.chengdu.pk, "A-01": stocked.places["A-01"].pk}
    change = {key: named.get(v, v) if isinstance(v, str) else v for key, v in change.items()}
    line = {"item_id": stocked.items["STENT"].pk, "quantity": 2}
    line |= {key: change.pop(key) for key in list(change) if key in LINE}
    values = {
        "from_site_id": stocked.shanghai.pk,
        "deliver_to_id": dock.pk,
        "lines": [requesting.WantedItem(**line)],
        "reason": "days of cover",
        **change,
    }
    names_nothing = 10**9 in (line["item_id"], values["from_site_id"])
    with refused(NotFound if names_nothing else InvalidInput, field):
        requesting.request(**values, by=stocked.by(roles.PLANNER))


# --- What is traded between legal entities is what may be sold --------------------------------


@pytest.mark.parametrize("category", ["raw", "semi_finished", "packaging", "non_device"])
def test_what_is_not_sold_goes_to_no_other_entity(world: World, category: str) -> None:  # MDM-01
    item = world.items["BAG"] = register(world, MaterialCategory(category))
    assert requested(world, item="BAG").transfer_id  # within one, nothing is sold
    stranger = other_entity(world)
    place(world, PlaceKind.DOCK, stranger)
    with refused(NotForSale, "lines.0.item_id"):
        requested(world, item="BAG", target=stranger)
    item.refresh_from_db()
    declare(world, item)
    assert requested(world, item="BAG", target=stranger).transfer_id


def test_what_is_sold_no_more_is_not_sent_to_another_entity(stocked: World) -> None:  # MDM-01
    product = stocked.items["STENT"].product_id
    item = stocked.items["STENT"]
    stranger = other_entity(stocked)
    asked, going = requested(stocked, 1, target=stranger), checked(stocked, 1, target=stranger)
    rows = Item.objects.filter(pk=item.pk)
    rows.update(product=None, material_category=MaterialCategory.RAW)
    with refused(NotForSale, "lines.0"):
        requesting.approve(asked.transfer_id, by=stocked.by(roles.SUPERVISOR))
    with refused(NotForSale):
        shipping.ship(going.pick_id, outbound.VAN, by=stocked.by(roles.DISPATCHER))
    rows.update(product=product, material_category=MaterialCategory.DEVICE)
    shipping.ship(going.pick_id, outbound.VAN, by=stocked.by(roles.DISPATCHER))


def test_a_closed_transfer_is_told_so_whatever_its_licences_say(stocked: World) -> None:
    going = approved(stocked, target=other_entity(stocked))
    requesting.cancel(going.transfer_id, "not needed", by=stocked.by(roles.PLANNER))
    Licence.objects.update(valid_until=date(2020, 1, 1))
    with refused(WrongState):
        requesting.allocate(going.transfer_id, by=stocked.by(roles.PLANNER))
