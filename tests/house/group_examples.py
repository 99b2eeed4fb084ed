"""Calls of the commands that cross sites, bring goods back, or end them; see `examples`."""

from collections.abc import Callable
from typing import Any

from tests import inbound, transferring
from tests.world import World
from traceward.domain.transfers.commands.requesting import WantedItem
from traceward.domain.warehousing.commands.arriving import Pack

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
    going = transferring.shipped(stocked(world))
    transferring.received(world, going, (3, False))
    return {"transfer_id": going.transfer_id}
