"""Calls of the commands that cross sites, bring goods back, or end them; see `examples`."""

from collections.abc import Callable
from typing import Any

from tests import inbound, outbound, transferring
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.sales.commands import returning
from traceward.domain.stock.models import StockBalance
from traceward.domain.transfers.commands.requesting import WantedItem
from traceward.domain.warehousing.commands import destroying
from traceward.domain.warehousing.commands.arriving import Pack
from traceward.domain.warehousing.commands.destroying import Taking
from traceward.kernel.org import roles

Arguments = dict[str, Any]
Example = Callable[[World], Arguments]

GROUP: dict[str, Example] = {}
LABEL = inbound.code("STENT", "L1")


def example(verb: str) -> Callable[[Example], Example]:
    def keep(made: Example) -> Example:
        GROUP[verb] = made
        return made

    return keep


def stocked(world: World, quantity: int = 5) -> World:
    world.stock(world.lot("STENT", "L1"), quantity)
    return world


# --- From site to site ----------------------------------------------------------------------


@example("transfers.request")
def request_transfer(world: World) -> Arguments:
    return {
        "from_site_id": world.chengdu.pk,
        "deliver_to_id": world.places["DOCK"].pk,
        "lines": [WantedItem(world.items["STENT"].pk, 2)],
        "reason": "days of cover",
    }


@example("transfers.approve")
def approve_transfer(world: World) -> Arguments:
    return {"transfer_id": transferring.requested(world).transfer_id}


@example("transfers.allocate")
def allocate_transfer(world: World) -> Arguments:
    return {"transfer_id": transferring.approved(stocked(world)).transfer_id}


@example("transfers.start_pick")
def start_pick_of_transfer(world: World) -> Arguments:
    going = transferring.allocated(stocked(world))
    return {"transfer_id": going.transfer_id, "staging_id": world.places["STAGE"].pk}


@example("transfers.cancel")
def cancel_transfer(world: World) -> Arguments:
    going = transferring.allocated(stocked(world))
    return {"transfer_id": going.transfer_id, "reason": "not needed any more"}


@example("transfers.receive")
def receive_transfer(world: World) -> Arguments:
    world.stock(world.lot("STENT", "L1"), 5, "B-01")
    way = {"source": world.chengdu, "target": world.shanghai, "bin": "B-01"}
    going = transferring.shipped(world, **way)
    return {
        "shipment_id": going.shipment_id,
        "place_id": going.dock.pk,
        "packs": [Pack([LABEL], 3)],
    }


@example("transfers.write_off")
def write_off(world: World) -> Arguments:
    going = transferring.shipped(stocked(world))
    transferring.received(world, going, (2, False))
    return {"shipment_id": going.shipment_id, "reason": "the carrier found nothing"}


@example("transfers.close")
def close_transfer(world: World) -> Arguments:
    going = transferring.allocated(stocked(world), quantity=6)
    return {"transfer_id": going.transfer_id, "reason": "bought elsewhere"}


# --- What comes back, goes back, or is destroyed ----------------------------------------------


def standing_at(place: str) -> Taking:
    """One unit of what stands there."""
    row = StockBalance.objects.filter(place__code=place, on_hand__gt=0).order_by("-pk")[0]
    return Taking(row.pk, 1)


@example("sales.announce_return")
def announce_return(world: World) -> Arguments:
    going = outbound.signed(stocked(world))
    return {
        "shipment_id": going.shipment_id,
        "lines": [returning.ReturnedLine(1, 2)],
        "reason": "ordered too many",
    }


def announced_return(world: World) -> int:
    values = announce_return(world)
    return returning.announce_return(**values, by=world.by(roles.SALES)).return_id


@example("sales.receive_return")
def receive_return(world: World) -> Arguments:
    return {
        "return_id": announced_return(world),
        "place_id": world.places["DOCK"].pk,
        "packs": [Pack([LABEL], 2)],
        "quality_state": "unopened",
    }


@example("sales.cancel_return")
def cancel_return(world: World) -> Arguments:
    return {"return_id": announced_return(world), "reason": "kept after all"}


@example("purchasing.propose_return")
def propose_return(world: World) -> Arguments:
    receipt = inbound.received(world, (LABEL, 2))
    return {
        "receipt_id": receipt.receipt_id,
        "lines": [standing_at("DOCK")],
        "reason": "ordered too many",
    }


@example("purchasing.approve_return")
def approve_return(world: World) -> Arguments:
    made = purchasing.propose_return(**propose_return(world), by=world.by(roles.BUYER))
    return {"return_id": made.return_id}


@example("purchasing.send_return")
def send_return(world: World) -> Arguments:
    values = approve_return(world)
    purchasing.approve_return(**values, by=world.by(roles.QUALITY_HEAD))
    return {**values, "transport": outbound.VAN}


@example("purchasing.cancel_return")
def cancel_return_to_supplier(world: World) -> Arguments:
    return {**approve_return(world), "reason": "kept after all"}


@example("warehousing.propose_destruction")
def propose_destruction(world: World) -> Arguments:
    stocked(world)
    return {
        "site_id": world.shanghai.pk,
        "lines": [standing_at("A-01")],
        "reason": "crushed",
        "method": "incineration",
    }


@example("warehousing.approve_destruction")
def approve_destruction(world: World) -> Arguments:
    values = propose_destruction(world)
    made = destroying.propose_destruction(**values, by=world.by(roles.STOREKEEPER))
    return {"destruction_id": made.destruction_id}


@example("warehousing.destroy")
def destroy(world: World) -> Arguments:
    values = approve_destruction(world)
    head = world.by(roles.QUALITY_HEAD).reauthenticated()
    destroying.approve_destruction(**values, by=head)
    witnesses = [world.by(role).person_id for role in (roles.AUDITOR, roles.COMPLIANCE)]
    return {**values, "witness_ids": witnesses}


@example("warehousing.cancel_destruction")
def cancel_destruction(world: World) -> Arguments:
    return {**approve_destruction(world), "reason": "sold after all"}
