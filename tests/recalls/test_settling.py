"""What a recall asks for is on the lists until it is begun, to the last unit. # TRC-03"""

import random
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Sum

from tests.outbound import shipped, sign_for, signed
from tests.recalls.test_commands import opened
from tests.recalls.test_drilling import drilled
from tests.returns.test_returns import announced, received, taking
from tests.web.local import browser_of
from tests.world import World
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.queries import drilled as drilled_goods
from traceward.domain.recalls.queries import list_units
from traceward.domain.recalls.queries.settling import settling, to_destroy, to_fetch
from traceward.domain.sales.commands import delivering
from traceward.domain.sales.models import CustomerReturnLine
from traceward.domain.sales.queries import comes_back
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, StockBalance
from traceward.domain.warehousing.commands import destroying
from traceward.domain.warehousing.models import Shipment
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles


def fetched() -> list[int]:
    return list(Shipment.objects.filter(to_fetch()).order_by("pk").values_list("pk", flat=True))


def left_of(shipment_id: int) -> int:
    _, left = comes_back(Shipment.objects.get(pk=shipment_id))
    return sum(max(0, quantity) for quantity in left.values())


@pytest.fixture
def two(world: World) -> tuple[Any, Any]:
    """Of 12 units 3 and 4 were signed for by the same hospital."""
    world.stock(world.lot("STENT", "L1"), 12)
    return signed(world, quantity=3), signed(world, quantity=4)


@pytest.mark.parametrize("seed", range(4))
def test_a_shipment_is_fetched_back_until_nothing_of_it_is_out(
    world: World, two: tuple[Any, Any], seed: int
) -> None:
    """Whatever is announced, received or comes short, in whatever order."""
    chance = random.Random(seed)
    case = opened(world).case_id
    out = {one.shipment_id: one.quantity for one in map(with_quantity, two)}
    coming: list[tuple[int, int, int]] = []
    while any(out.values()) or coming:
        assert fetched() == sorted(pk for pk, quantity in out.items() if quantity)
        assert {pk: left_of(pk) for pk in out} == out
        asked = settling(case)
        assert sum(one.quantity for one in asked.journeys) == sum(out.values())
        assert sum(one.quantity for one in asked.under_way if one.what == "return") == sum(
            quantity for _, _, quantity in coming
        )
        open_ = [pk for pk, quantity in out.items() if quantity]
        if coming and (not open_ or chance.random() < 0.5):
            pk, back, quantity = coming.pop(0)
            came = chance.randint(1, quantity)
            received(world, back, came)
            out[pk] += quantity - came
        else:
            pk = chance.choice(open_)
            quantity = chance.randint(1, out[pk])
            back = announced(world, SimpleNamespace(shipment_id=pk), quantity)
            coming.append((pk, back, quantity))
            out[pk] -= quantity
    assert fetched() == []
    came_back = CustomerReturnLine.objects.aggregate(total=Sum("received"))["total"]
    assert came_back == 7


def with_quantity(going: Any) -> Any:
    rows = Shipment.objects.get(pk=going.shipment_id).lines.all()
    return SimpleNamespace(
        shipment_id=going.shipment_id, quantity=sum(one.quantity for one in rows)
    )


def test_what_was_refused_at_the_door_is_fetched_back_from_the_way(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 5)
    going = shipped(world)
    sign_for(world, going, lines=[delivering.SignedLine(1, 1)])
    opened(world)
    announced(world, going, 1, was_refused=True)
    assert fetched() == [going.shipment_id], "one is on the way, one was signed for"
    announced(world, going, 1, was_refused=True)
    assert fetched() == [going.shipment_id], "one was signed for"
    announced(world, going, 1)
    assert fetched() == []


def test_goods_in_the_house_are_to_destroy_until_all_of_them_are_proposed(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 5)
    case = opened(world).case_id
    for left, quantity in ((5, 2), (3, 3)):
        assert [one.on_hand for one in StockBalance.objects.filter(to_destroy())] == [5]
        assert [one.quantity for one in settling(case).here] == [left]
        destroying.propose_destruction(
            world.shanghai.pk,
            taking("A-01", quantity),
            "recalled",
            "burnt",
            by=world.by(roles.SUPERVISOR),
        )
    assert not StockBalance.objects.filter(to_destroy())
    assert settling(case).here == ()


def test_each_unit_says_as_what_it_is_held(world: World) -> None:  # INV-03
    """A drill holds nothing; a hold is a hold; a recall is graver than both."""
    lot = world.lot("STENT", "L1")
    world.stock(lot, 4)
    other = world.lot("STENT", "L2")
    world.stock(other, 2, "A-02")
    drill = drilled(world, Target(lot_id=lot.pk), Target(lot_id=other.pk))
    goods = drilled_goods(drill.drill_id)

    def held() -> dict[str, str]:
        return {unit.place: unit.held_as for unit in list_units(goods)}

    assert held() == {"A-01": "", "A-02": ""}
    place = world.places["A-02"].pk
    block(Scope(place_id=place), BlockKind.HOLD, "leak", by=world.by(roles.QUALITY_HEAD))
    assert held() == {"A-01": "", "A-02": "hold"}
    case = opened(world, Target(lot_id=lot.pk), Target(lot_id=other.pk)).case_id
    assert held() == {"A-01": "recall", "A-02": "recall"}
    set_up_roles()
    client = browser_of(roles.QUALITY_HEAD, language="en")
    html = client.get("/ask/recalls.units", {"case_id": f"#{case}"}).content.decode()
    assert html.count(">Recalled<") == 2
