"""One call of every command of production, as in `examples`."""

from collections.abc import Callable
from typing import Any

from tests import inbound, making
from tests.world import World
from traceward.domain.production.commands import planning
from traceward.domain.production.commands import transforming as production
from traceward.domain.production.commands.goods import Input, Output
from traceward.domain.production.commands.issuing import IssueScan
from traceward.domain.production.commands.returning import GivenBack, Spoilt
from traceward.kernel.org import roles

Arguments = dict[str, Any]

MAKING: dict[str, Callable[[World], Arguments]] = {}


def example(verb: str) -> Callable[..., Callable[[World], Arguments]]:
    def keep(made: Callable[[World], Arguments]) -> Callable[[World], Arguments]:
        MAKING[verb] = made
        return made

    return keep


def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 5)
    return world


@example("production.transform")
def transform(world: World) -> Arguments:
    lot, places = stocked(world).lot("STENT", "L1"), world.places
    made = Output(world.items["REAGENT"].pk, places["C-01"].pk, 1, "R1", expires_on=lot.expires_on)
    return {
        "site_id": world.shanghai.pk,
        "inputs": [Input(lot.item_id, 1, places["A-01"].pk, lot.pk)],
        "outputs": [made],
    }


@example("production.cancel")
def cancel_transformation(world: World) -> Arguments:
    done = production.transform(**transform(world), by=world.by(roles.PRODUCTION))
    return {"transformation_id": done.transformation_id, "reason": "wrong lot"}


@example("production.define_bom")
def define_bom(world: World) -> Arguments:
    return {
        "item_id": world.items["PACER"].pk,
        "lines": [planning.BomPart(world.items["STENT"].pk, 2)],
        "effective_from": making.START,
    }


@example("production.plan")
def plan(world: World) -> Arguments:
    making.plant(world)
    return {
        "site_id": world.shanghai.pk,
        "item_id": world.items["PACER"].pk,
        "quantity": 3,
        "wip_id": world.places["STAGE"].pk,
    }


@example("production.plan_rework")
def plan_rework(world: World) -> Arguments:
    return {**plan(world), "parts": [planning.BomPart(world.items["STENT"].pk, 1)]}


@example("production.release")
def release_order(world: World) -> Arguments:
    return {"order_id": making.planned(making.plant(world)).order_id}


@example("production.allocate")
def allocate_components(world: World) -> Arguments:
    return {"order_id": making.released(making.plant(world))}


@example("production.issue")
def issue(world: World) -> Arguments:
    order_id = making.released(making.plant(world))
    label = inbound.code("STENT", "RAW1")
    return {"order_id": order_id, "scans": [IssueScan([label], "A-01", 2)]}


@example("production.return_issued")
def return_issued(world: World) -> Arguments:
    order_id = making.issued(making.plant(world))
    (row,) = making.out_of(order_id)
    return {"order_id": order_id, "lines": [GivenBack(row.pk, 1, world.places["A-01"].pk)]}


@example("production.scrap")
def scrap_issued(world: World) -> Arguments:
    order_id = making.issued(making.plant(world))
    (row,) = making.out_of(order_id)
    return {"order_id": order_id, "lines": [Spoilt(row.pk, 1)], "reason": "dropped"}


@example("production.complete")
def complete(world: World) -> Arguments:
    order_id = making.issued(making.plant(world))
    return {"order_id": order_id, "outputs": [making.pacers(world, "S1")]}


@example("production.close")
def close_order(world: World) -> Arguments:
    order_id = making.issued(making.plant(world), 1)
    making.complete(world, order_id, making.pacers(world, "S1"))
    return {"order_id": order_id}


@example("production.cancel_order")
def cancel_order(world: World) -> Arguments:
    return {**release_order(world), "reason": "no demand"}
