"""What is measured is judged for every label, and goods that need other air travel apart."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests import outbound
from tests.inbound import announced, code
from tests.refusing import refused
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.sales.commands import ordering
from traceward.domain.warehousing import rules
from traceward.domain.warehousing.commands import shipping
from traceward.domain.warehousing.commands.arriving import OUT_OF_LIMITS, journey_faults
from traceward.domain.warehousing.commands.journeys import Journey, require_together
from traceward.domain.warehousing.commands.picking import open_pick
from traceward.domain.warehousing.commands.receiving import Scan, receive
from traceward.domain.warehousing.models import PickLine
from traceward.domain.warehousing.refusals import ColdChainBroken
from traceward.flows.outbound import allocate
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles

C = Decimal


def label(world: World, low: int, high: int) -> Item:
    """The stent's label allows this range."""
    Item.objects.filter(code="STENT").update(storage_c_min=low, storage_c_max=high)
    return Item.objects.get(code="STENT")


def test_what_was_measured_is_judged_for_what_is_not_cold(world: World) -> None:  # INV-05
    label(world, 10, 30)
    raw = code("STENT", "L1")
    coming = announced(world, (raw, 2))
    hot = Journey("road", Erasable("老周"), arrival_c=C(45))
    with refused(ColdChainBroken, "journey.arrival_c"):
        receive(
            coming.notice_id,
            world.places["DOCK"].pk,
            "DN-1",
            [Scan([raw], 2)],
            journey=hot,
            by=world.by(roles.STOREKEEPER),
        )


def test_what_comes_back_too_warm_is_held(world: World) -> None:  # INV-05
    stent = label(world, 10, 30)
    assert journey_faults([stent], Journey("road")) == {}
    assert journey_faults([stent], Journey("road", transit_c_max=C(31))) == {
        stent.pk: OUT_OF_LIMITS
    }


def test_what_leaves_too_cold_is_kept_back(world: World) -> None:  # INV-05
    world.stock(world.lot("STENT", "L1"), 5)
    going = outbound.checked(world)
    label(world, 10, 30)
    with refused(ColdChainBroken, "transport.departure_c"):
        shipping.ship(
            going.pick_id,
            replace(outbound.VAN, departure_c=C(4)),
            by=world.by(roles.DISPATCHER),
        )


@pytest.mark.parametrize(
    ("labels", "fits"),
    [
        ([(2, 8), (10, 30)], [True, False]),
        ([(2, 8), (10, 30), (4, 25)], [True, False, True]),
        ([(4, 25), (2, 8), (10, 30)], [True, True, False]),
        ([(None, 8), (8, None), (None, None)], [True, True, True]),
    ],
)
def test_goods_travel_together_at_one_temperature(
    labels: list[rules.Limits], fits: list[bool]
) -> None:
    assert rules.fitting(labels) == fits


def test_an_order_of_cold_and_other_goods_is_two_picks(world: World) -> None:  # INV-05
    stent = label(world, 10, 30)
    world.stock(world.lot("STENT", "L1"), 5)
    world.stock(world.lot("REAGENT", "R1"), 5, "C-01")
    made = ordering.order(
        world.shanghai.pk,
        world.hospital.pk,
        world.places["DEP"].pk,
        [ordering.OrderedItem(world.items[x].pk, 1) for x in ("STENT", "REAGENT")],
        by=world.by(roles.SALES),
    )
    allocate(made.order_id, by=world.by(roles.PLANNER))
    staging, by = world.places["STAGE"].pk, world.by(roles.STOREKEEPER)
    first = open_pick(made.order_id, staging, by=by.asking())
    second = open_pick(made.order_id, staging, by=by.asking())
    assert (first.lines, first.waiting, second.lines, second.waiting) == (1, 1, 1, 0)
    items = [PickLine.objects.get(pick=x.pick_id).item for x in (first, second)]
    assert {item.pk for item in items} == {stent.pk, world.items["REAGENT"].pk}
    with refused(ColdChainBroken, "pick_id"):
        require_together(items, "pick_id")
