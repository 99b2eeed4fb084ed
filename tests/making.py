"""Goods being made, for tests: a bill of material, an order, what was issued to it, its product."""

from datetime import date
from typing import Any

from tests.world import LONG_AGO, World
from traceward.domain.partners.models import Licence, LicenceKind
from traceward.domain.production.commands import completing, issuing, planning
from traceward.domain.production.commands.goods import Output
from traceward.domain.production.commands.planning import BomPart
from traceward.domain.production.models import BomLineKind, IssuedGoods
from traceward.domain.stock.models import VoidTransformation
from traceward.kernel.org import roles
from traceward.kernel.rules.models import Parameter

#: RAW2 expires first.
EXPIRY = date(2029, 6, 30)
LATER = date(2030, 12, 31)
START = date(2024, 1, 1)


def plant(world: World, quantity: int = 10) -> World:
    """We may make devices; a PACER is made of two STENTs, and some REAGENT comes out besides."""
    Licence.objects.create(
        party=world.us,
        kind=LicenceKind.PRODUCTION,
        number="沪药监械生产许20990001号",
        classes=[1, 2, 3],
        valid_from=LONG_AGO,
    )
    world.stock(world.lot("STENT", "RAW1", LATER), quantity)
    world.stock(world.lot("STENT", "RAW2", EXPIRY), quantity)
    defined(world)
    return world


def defined(world: World, **more: Any) -> planning.BomVersion:
    lines = [
        BomPart(world.items["STENT"].pk, 2),
        BomPart(world.items["REAGENT"].pk, 1, kind=BomLineKind.BY_PRODUCT),
    ]
    values = {"effective_from": START, **more}
    return planning.define_bom(
        world.items["PACER"].pk, lines, by=world.by(roles.DATA_OWNER), **values
    )


def planned(world: World, quantity: int = 3) -> planning.Planned:
    return planning.plan(
        world.shanghai.pk,
        world.items["PACER"].pk,
        quantity,
        world.places["STAGE"].pk,
        by=world.by(roles.PLANNER),
    )


def released(world: World, quantity: int = 3) -> int:
    made = planned(world, quantity)
    planning.release(made.order_id, by=world.by(roles.PRODUCTION))
    return made.order_id


def issued(world: World, quantity: int = 3) -> int:
    """What the order needs was promised, first expired first out, and stands in WIP."""
    order_id = released(world, quantity)
    issuing.allocate(order_id, by=world.by(roles.PLANNER))
    issuing.issue(order_id, by=world.by(roles.STOREKEEPER))
    return order_id


def pacers(world: World, *serials: str, **more: Any) -> Output:
    """New PACERs with these serial numbers, at A-02."""
    values: dict[str, Any] = {"quantity": len(serials), **more}
    item, place = world.items["PACER"].pk, world.places["A-02"].pk
    return Output(item, place, serial_numbers=list(serials), **values)


def complete(world: World, order_id: int, *outputs: Output, **more: Any) -> completing.Completed:
    by = more.pop("by", None) or world.by(roles.PRODUCTION)
    return completing.complete(order_id, list(outputs), by=by, **more)


def out_of(order_id: int) -> list[IssuedGoods]:
    return list(IssuedGoods.objects.filter(component__order=order_id).order_by("pk"))


def rule(key: str, value: object, **context: object) -> None:
    """The parameter has this value there."""
    Parameter.objects.create(key=key, context=context, value=value, valid_from=LONG_AGO)


def spot(world: World, lot: str, quantity: int) -> tuple[int, int, int, int]:
    """So much of the STENT lot at A-01, as an input says it."""
    row = world.lot("STENT", lot)
    return row.item_id, quantity, world.places["A-01"].pk, row.pk


def void_commands() -> set[int]:
    """The commands whose genealogy counts no more."""
    return set(VoidTransformation.objects.values_list("command_id", flat=True))
