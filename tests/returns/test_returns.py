"""Goods come back, go back, or are destroyed, and stay accounted for. # REV-01"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests import inbound, outbound
from tests.inbound import code
from tests.outbound import standing
from tests.refusing import colleague, only_at, refused
from tests.transferring import place, statuses
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place, PlaceKind, Zone
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.purchasing.models import SupplierReturn
from traceward.domain.quality import commands as quality
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.sales.commands import returning, using
from traceward.domain.sales.models import CustomerReturn, TransferPoint
from traceward.domain.stock.commands import moves
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Status, StockBalance
from traceward.domain.stock.refusals import Blocked, NotReleased, ShortStock
from traceward.domain.trace.queries import mass_balances
from traceward.domain.warehousing.commands import destroying, receiving
from traceward.domain.warehousing.commands.arriving import Pack
from traceward.domain.warehousing.commands.destroying import Taking
from traceward.domain.warehousing.commands.receiving import Journey, NotAnnounced
from traceward.domain.warehousing.models import Destruction
from traceward.domain.warehousing.refusals import ColdChainBroken
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    SamePerson,
    SignatureRequired,
    WrongState,
)
from traceward.kernel.command.keys import issue_key
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person

LABEL = code("STENT", "L1")


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 5)
    return world


def announced(world: World, going: Any, quantity: int = 2, **more: Any) -> int:
    by = more.pop("by", None) or world.by(roles.SALES)
    lines = [returning.ReturnedLine(1, quantity)]
    reason = more.pop("reason", "ordered too many")
    return returning.announce_return(going.shipment_id, lines, reason, by=by, **more).return_id


def received(world: World, return_id: int, quantity: int = 2, **more: Any) -> Any:
    at = more.pop("at", world.places["DOCK"])
    by = more.pop("by", None) or world.by(roles.STOREKEEPER)
    packs = [Pack([more.pop("label", LABEL)], quantity)]
    state = more.pop("quality_state", "unopened")
    return returning.receive_return(return_id, at.pk, packs, state, by=by, **more)


def taking(at: str, quantity: int = 1, **which: Any) -> list[Taking]:
    row = StockBalance.objects.filter(place__code=at, on_hand__gt=0, **which).order_by("-pk")[0]
    return [Taking(row.pk, quantity)]


# --- From customers ---------------------------------------------------------------------------


def test_what_was_sold_comes_back_to_be_inspected(stocked: World) -> None:  # GSP art. 106, 107
    going = outbound.signed(stocked)
    zone = place(stocked, PlaceKind.BIN, stocked.shanghai, zone=Zone.RETURNS)
    back = announced(stocked, going)
    done = received(
        stocked, back, at=zone, transport_conditions="van", storage_conditions="10-30 ℃"
    )
    assert (done.quantity, done.missing, statuses(zone)) == (2, 0, {Status.PENDING: 2})
    assert StockBalance.objects.get(place=zone, on_hand__gt=0).owner_id == stocked.us.pk
    row = CustomerReturn.objects.get(pk=back)
    assert (row.state, row.of_shipment_id) == ("received", going.shipment_id)
    assert row.returned_on is not None
    assert (row.quality_state, row.transport_conditions) == ("unopened", "van")
    system = stocked.by(roles.SYSTEM)
    (pk,) = quality.open_inspections(row.of_receipt.uid, by=system).inspection_ids
    assert Inspection.objects.get(pk=pk).supplier_id == stocked.hospital.pk
    assert mass_balances([stocked.lot("STENT", "L1").pk])[0].missing == 0


def test_what_was_refused_at_the_delivery_comes_back_from_transit(stocked: World) -> None:
    going = outbound.shipped(stocked)
    outbound.sign_for(stocked, going, lines=[outbound.delivering.SignedLine(1, 1)])
    assert standing() == {"A-01": 2, "DEP": 1, "transit": 2}
    back = announced(stocked, going, was_refused=True)
    received(stocked, back)
    assert standing() == {"A-01": 2, "DEP": 1, "DOCK": 2}
    assert CustomerReturn.objects.get(pk=back).of_shipment.state == "delivered"


def test_unused_consigned_goods_come_back(stocked: World) -> None:  # REV-02 GSP art. 90
    going = outbound.signed(stocked, transfer_point=TransferPoint.USE)
    items = [using.UsedItem([LABEL], 1)]
    using.use(stocked.places["DEP"].pk, items, by=stocked.by(roles.COORDINATOR))
    received(stocked, announced(stocked, going))
    assert standing() == {"A-01": 2, "DOCK": 2, "USED": 1}


def test_what_was_used_is_not_announced(stocked: World) -> None:
    going = outbound.signed(stocked)
    items = [using.UsedItem([LABEL], 2)]
    using.use(stocked.places["DEP"].pk, items, by=stocked.by(roles.COORDINATOR))
    with refused(InvalidInput, "lines.0"):
        announced(stocked, going, 2)
    received(stocked, announced(stocked, going, 1), 1)


def test_no_more_comes_back_than_was_delivered(stocked: World) -> None:
    going = outbound.signed(stocked)
    for quantity in (0, 4):
        with refused(InvalidInput, "lines.0"):
            announced(stocked, going, quantity)
    with refused(InvalidInput, "lines.0"):
        announced(stocked, going, 1, was_refused=True)
    back = announced(stocked, going, 2)
    with refused(InvalidInput, "lines.0"):
        announced(stocked, going, 2)
    with refused(NotAnnounced, "packs.0"):
        received(stocked, back, 3)
    done = received(stocked, back, 1)
    assert done.missing == 1
    announced(stocked, going, 2)
    with refused(WrongState):
        received(stocked, back, 1)


def test_what_was_used_does_not_come_back(stocked: World) -> None:
    going = outbound.signed(stocked)
    back = announced(stocked, going, 3)
    items = [using.UsedItem([LABEL], 1)]
    using.use(stocked.places["DEP"].pk, items, by=stocked.by(roles.COORDINATOR))
    with refused(NotAnnounced, "packs.0"):
        received(stocked, back, 3)


def test_a_return_is_not_received_from_a_supplier(stocked: World) -> None:
    back = announced(stocked, outbound.signed(stocked))
    scan = receiving.Scan([LABEL], 2)
    keeper, dock = stocked.by(roles.STOREKEEPER), stocked.places["DOCK"].pk
    with refused(NotAnnounced, "document_id"):
        receiving.receive(back, dock, "DN-1", [scan], by=keeper)


def test_a_return_says_why_and_how(stocked: World) -> None:
    going = outbound.signed(stocked)
    with refused(InvalidInput, "reason"):
        announced(stocked, going, reason=" ")
    with refused(InvalidInput, "lines"):
        returning.announce_return(going.shipment_id, [], "why", by=stocked.by(roles.SALES))
    back = announced(stocked, going)
    with refused(InvalidInput, "quality_state"):
        received(stocked, back, quality_state=" ")
    with refused(InvalidInput, "place_id"):
        received(stocked, back, at=stocked.places["A-01"])
    with refused(InvalidInput, "reason"):
        returning.cancel_return(back, "", by=stocked.by(roles.SALES))
    returning.cancel_return(back, "kept", by=stocked.by(roles.SALES))
    with refused(WrongState):
        received(stocked, back)


def test_returns_count_at_the_site_that_sold(stocked: World) -> None:  # ORG-03
    going = outbound.signed(stocked)
    seller, keeper = (
        only_at(stocked, role, stocked.chengdu) for role in (roles.SALES, roles.STOREKEEPER)
    )
    with refused(NotAllowed):
        announced(stocked, going, by=seller)
    back = announced(stocked, going)
    with refused(NotAllowed):
        received(stocked, back, by=keeper)
    with refused(NotAllowed):
        returning.cancel_return(back, "kept", by=seller.asking())


def test_recalled_goods_come_back(stocked: World) -> None:  # TRC-03
    going = outbound.signed(stocked)
    scope = Scope(lot_id=stocked.lot("STENT", "L1").pk)
    block(scope, BlockKind.RECALL, "leaks", by=stocked.by(roles.QUALITY_HEAD))
    assert received(stocked, announced(stocked, going, 3), 3).quantity == 3


def test_a_cold_return_needs_its_temperatures(world: World) -> None:  # GSP art. 67
    world.stock(world.lot("REAGENT", "R1"), 5, "C-01")
    label = code("REAGENT", "R1")
    going = outbound.opened(world, "REAGENT", 2)
    scan = outbound.picking.PickScan([label], "C-01", 2)
    outbound.picking.pick(going.pick_id, [scan], by=world.by(roles.PICKER))
    checks = [outbound.checking.CheckScan([label], 2)]
    outbound.checking.check(going.pick_id, checks, True, True, by=world.by(roles.CHECKER))
    van = replace(outbound.VAN, departure_c=Decimal(5))
    sent = outbound.shipping.ship(going.pick_id, van, by=world.by(roles.DISPATCHER))
    going.shipment_id = sent.shipment_id
    outbound.sign_for(world, going, arrival_c=Decimal(5))
    cold = Journey(arrival_c=Decimal(4), transit_c_min=Decimal(3), transit_c_max=Decimal(6))
    for journey in (None, cold):  # the second one does not say when it left
        back = announced(world, going, 1)
        done = received(world, back, 1, label=label, journey=journey)
        row = CustomerReturn.objects.get(pk=back)
        assert row.transport_conditions == row.storage_conditions == "2–8 ℃"
        uid = row.of_receipt.uid
        (pk,) = quality.open_inspections(uid, by=world.by(roles.SYSTEM)).inspection_ids
        for check in inbound.CHECKS:
            quality.record_result(pk, check, True, 1, by=world.by(roles.INSPECTOR))
        head = world.by(roles.QUALITY_HEAD).reauthenticated()
        with refused(quality.NotInspected, "shares"):
            quality.decide(pk, [Share(world.places["DOCK"].pk, 1, 0)], "looks fit", by=head)
        assert done.quantity == 1


# --- To suppliers -----------------------------------------------------------------------------


def proposed(world: World, quantity: int = 1, **more: Any) -> int:
    receipt = more.pop("receipt", None) or inbound.received(world, (LABEL, 3))
    lines = taking("DOCK", quantity)
    by = more.pop("by", None) or world.by(roles.BUYER)
    reason = more.pop("reason", "ordered too many")
    return purchasing.propose_return(receipt.receipt_id, lines, reason, by=by).return_id


def test_goods_go_back_to_their_supplier(world: World) -> None:
    back = proposed(world, 2)
    with refused(WrongState):
        purchasing.send_return(back, outbound.VAN, by=world.by(roles.STOREKEEPER))
    purchasing.approve_return(back, by=world.by(roles.QUALITY_HEAD))
    with refused(InvalidInput, "transport.mode"):
        nowhere = outbound.shipping.Transport("")
        purchasing.send_return(back, nowhere, by=world.by(roles.STOREKEEPER))
    sent = purchasing.send_return(back, outbound.VAN, by=world.by(roles.STOREKEEPER))
    assert (sent.quantity, sent.state, standing()) == (2, "sent", {"DOCK": 1})
    row = SupplierReturn.objects.get(pk=back)
    assert (row.departure_c, row.carrier_name, row.driver_id) == (5, "Quick Wheels", None)
    assert mass_balances([world.lot("STENT", "L1").pk])[0].missing == 0


def test_what_goes_back_is_measured_and_travels_with_its_like(world: World) -> None:  # INV-05
    back = proposed(world, 2)
    purchasing.approve_return(back, by=world.by(roles.QUALITY_HEAD))
    Item.objects.filter(code="STENT").update(storage_c_min=10, storage_c_max=30)
    with refused(ColdChainBroken, "transport.departure_c"):
        purchasing.send_return(back, outbound.VAN, by=world.by(roles.STOREKEEPER))
    world.stock(world.lot("REAGENT", "R1"), 5, "C-01")
    receipt = SupplierReturn.objects.get(pk=back).of_receipt_id
    both = taking("DOCK") + taking("C-01")
    with refused(ColdChainBroken, "lines.1.balance_id") as caught:
        purchasing.propose_return(receipt, both, "ordered too many", by=world.by(roles.BUYER))
    assert caught.value.values["its"] == "10–30 ℃"
    van = replace(outbound.VAN, departure_c=Decimal(20))
    assert purchasing.send_return(back, van, by=world.by(roles.STOREKEEPER)).state == "sent"


def test_what_is_not_there_any_more_does_not_go_back(world: World) -> None:
    back = proposed(world, 3)
    purchasing.approve_return(back, by=world.by(roles.QUALITY_HEAD))
    row = StockBalance.objects.get(place__code="DOCK", on_hand__gt=0)
    away = moves.Difference(
        row.item_id, row.place_id, -1, row.owner_id, row.lot_id, None, row.status
    )
    moves.adjust([away], "one was broken", by=world.by(roles.STOREKEEPER))
    with refused(ShortStock):
        purchasing.send_return(back, outbound.VAN, by=world.by(roles.STOREKEEPER))


def test_no_more_goes_back_than_the_receipt_brought(world: World) -> None:
    receipt = inbound.received(world, (LABEL, 3))
    proposed(world, 2, receipt=receipt)
    with refused(InvalidInput, "lines.0.quantity"):
        proposed(world, 2, receipt=receipt)
    with refused(InvalidInput, "reason"):
        proposed(world, 1, receipt=receipt, reason="")
    twice = taking("DOCK") * 2
    with refused(InvalidInput, "lines.1.balance_id"):
        purchasing.propose_return(receipt.receipt_id, twice, "x", by=world.by(roles.BUYER))
    back = announced(world, _sold(world))
    done = received(world, back)
    with refused(WrongState):
        purchasing.propose_return(done.receipt_id, taking("DOCK"), "x", by=world.by(roles.BUYER))


def _sold(world: World) -> Any:
    world.stock(world.lot("STENT", "L1"), 5)
    return outbound.signed(world)


def test_another_person_approves_what_goes_back(world: World) -> None:  # ORG-03
    back = proposed(world, by=world.by(roles.SUPERVISOR))
    with refused(SamePerson):
        purchasing.approve_return(back, by=world.by(roles.SUPERVISOR))
    with refused(InvalidInput, "reason"):
        purchasing.cancel_return(back, " ", by=world.by(roles.BUYER))
    purchasing.cancel_return(back, "kept", by=world.by(roles.BUYER))
    with refused(WrongState):
        purchasing.approve_return(back, by=world.by(roles.QUALITY_HEAD))


# --- Destruction ------------------------------------------------------------------------------


def asked(world: World, quantity: int = 1, **more: Any) -> int:
    by = more.pop("by", None) or world.by(roles.STOREKEEPER)
    values = {"reason": "crushed", "method": "incineration", **more}
    lines = values.pop("lines", None) or taking("A-01", quantity, status=Status.QUALIFIED)
    made = destroying.propose_destruction(world.shanghai.pk, lines, by=by, **values)
    return made.destruction_id


def approved(world: World, destruction_id: int) -> int:
    head = world.by(roles.QUALITY_HEAD).reauthenticated()
    destroying.approve_destruction(destruction_id, by=head)
    return destruction_id


def destroyed(world: World, destruction_id: int, *witnesses: int) -> Any:
    people = witnesses or [world.by(r).person_id for r in (roles.AUDITOR, roles.COMPLIANCE)]
    keeper = world.by(roles.STOREKEEPER).reauthenticated()
    return destroying.destroy(destruction_id, list(people), by=keeper)


def test_goods_are_destroyed_before_two_witnesses(stocked: World) -> None:
    done = destroyed(stocked, approved(stocked, asked(stocked, 2)))
    assert (done.quantity, done.state) == (2, "destroyed")
    assert standing() == {"A-01": 3, "DES": 2}
    assert Destruction.objects.get().first_witness_id != Destruction.objects.get().second_witness_id
    assert mass_balances([stocked.lot("STENT", "L1").pk])[0].missing == 0


def test_witnesses_are_two_others(stocked: World) -> None:
    pk = approved(stocked, asked(stocked))
    auditor = stocked.by(roles.AUDITOR).person_id
    keeper = stocked.by(roles.STOREKEEPER).person_id
    for people in ((auditor,), (auditor, auditor), (auditor, keeper, 10**9)):
        with refused(InvalidInput, "witness_ids"):
            destroyed(stocked, pk, *people)
    program, gone = colleague(roles.AUDITOR).person_id, colleague(roles.COMPLIANCE).person_id
    issue_key(program, "WMS", by=stocked.by(roles.ADMINISTRATOR))
    Person.objects.filter(pk=gone).update(is_active=False)
    job = Person.objects.filter(is_system=True).values_list("pk", flat=True)[0]
    for other in (keeper, 10**9, program, gone, job):
        with refused(InvalidInput, "witness_ids.1"):
            destroyed(stocked, pk, auditor, other)


def test_quality_decides_with_a_signature_what_is_destroyed(stocked: World) -> None:  # QUA-04
    with refused(NotFound, "site_id"):
        destroying.propose_destruction(
            10**9, taking("A-01"), "x", "y", by=stocked.by(roles.STOREKEEPER)
        )
    for name in ("reason", "method"):
        with refused(InvalidInput, name):
            asked(stocked, **{name: " "})
    with refused(InvalidInput, "lines.0.quantity"):
        asked(stocked, 6)
    Place.objects.filter(kind=PlaceKind.DESTRUCTION).update(is_open=False)
    with refused(NotFound):
        asked(stocked)
    Place.objects.filter(kind=PlaceKind.DESTRUCTION).update(is_open=True)
    pk = asked(stocked)
    with refused(WrongState):
        destroyed(stocked, pk)
    with refused(SignatureRequired):
        destroying.approve_destruction(pk, by=stocked.by(roles.QUALITY_HEAD))
    with refused(InvalidInput, "reason"):
        destroying.cancel_destruction(pk, "", by=stocked.by(roles.STOREKEEPER))
    destroying.cancel_destruction(pk, "sold", by=stocked.by(roles.STOREKEEPER))
    head = stocked.by(roles.QUALITY_HEAD).reauthenticated()
    with refused(WrongState):
        destroying.approve_destruction(pk, by=head)


def test_what_is_promised_on_hold_or_undecided_is_not_destroyed(stocked: World) -> None:
    promised = approved(stocked, asked(stocked, 5))
    outbound.allocated(stocked)
    with refused(ShortStock):
        destroyed(stocked, promised)
    inbound.received(stocked, (code("STENT", "P1"), 2))
    undecided = approved(stocked, asked(stocked, lines=taking("DOCK")))
    with refused(NotReleased):
        destroyed(stocked, undecided)
    scope = Scope(lot_id=stocked.lot("STENT", "L1").pk)
    block(scope, BlockKind.HOLD, "leaks", by=stocked.by(roles.QUALITY_HEAD))
    with refused(Blocked):
        destroyed(stocked, promised)


def test_recalled_goods_are_destroyed(stocked: World) -> None:  # TRC-03
    scope = Scope(lot_id=stocked.lot("STENT", "L1").pk)
    block(scope, BlockKind.RECALL, "leaks", by=stocked.by(roles.QUALITY_HEAD))
    assert destroyed(stocked, approved(stocked, asked(stocked, 5))).quantity == 5
