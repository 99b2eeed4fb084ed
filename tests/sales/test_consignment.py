"""Goods at the hospital are ours until they are used; using them sells them. # REV-02"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests import outbound
from tests.inbound import code
from tests.refusing import refused
from tests.world import World
from traceward.domain.sales import queries
from traceward.domain.sales.commands import using
from traceward.domain.sales.models import ConsignmentSale, TransferPoint
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind
from traceward.domain.stock.refusals import Blocked, ShortStock
from traceward.kernel.base.refusals import NotFound
from traceward.kernel.org import roles
from traceward.kernel.org.scope import Grant
from traceward.resources import group
from traceward.resources.kit import Reader


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 12)
    return world


def consigned(world: World, quantity: int, price: int) -> Any:
    return outbound.signed(
        world, quantity=quantity, unit_price=Decimal(price), transfer_point=TransferPoint.USE
    )


def use(world: World, quantity: int) -> using.Used:
    items = [using.UsedItem([code("STENT", "L1")], quantity)]
    return using.use(world.places["DEP"].pk, items, by=world.by(roles.COORDINATOR))


def sales() -> list[tuple[int, Decimal | None]]:
    return list(ConsignmentSale.objects.order_by("pk").values_list("quantity", "amount"))


def test_use_sells_at_the_price_of_the_oldest_order(stocked: World) -> None:  # SAL-03
    """Several uses of a part each; GSP art. 84, 89."""
    first, second = consigned(stocked, 2, 100), consigned(stocked, 2, 90)
    assert sales() == []
    use(stocked, 1)
    use(stocked, 2)
    assert sales() == [(1, Decimal(100)), (1, Decimal(100)), (1, Decimal(90))]
    rows = queries.used_and_sold(first.order_id)
    assert [(row.quantity, row.unit_price, row.lot) for row in rows] == [(1, 100, "L1")] * 2
    assert rows[0].buyer == "江城医院"
    assert rows[0].registration_number.startswith("国械注准")
    assert len(queries.used_and_sold(second.order_id)) == 1


def test_what_the_hospital_owns_is_used_first_and_not_sold_again(stocked: World) -> None:
    outbound.signed(stocked, quantity=2)
    consigned(stocked, 2, 100)
    use(stocked, 3)
    assert sales() == [(1, Decimal(100))]
    with refused(ShortStock, "items.0"):
        use(stocked, 2)


def test_a_cancelled_use_sold_nothing(stocked: World) -> None:
    going = consigned(stocked, 2, 100)
    used = use(stocked, 2)
    using.cancel_usage(used.usage_id, "wrong patient", by=stocked.by(roles.COORDINATOR))
    assert queries.used_and_sold(going.order_id) == []
    use(stocked, 1)
    assert len(queries.used_and_sold(going.order_id)) == 1


def test_blocked_goods_are_neither_used_nor_sold(stocked: World) -> None:
    consigned(stocked, 2, 100)
    scope = Scope(lot_id=stocked.lot("STENT", "L1").pk)
    block(scope, BlockKind.RECALL, "leaks", by=stocked.by(roles.QUALITY_HEAD))
    with refused(Blocked):
        use(stocked, 1)
    assert sales() == []


def test_consigned_stock_is_shown_with_age_and_expiry(stocked: World) -> None:  # SAL-02
    outbound.signed(stocked, quantity=1)
    consigned(stocked, 2, 100)
    now = timezone.now() + timedelta(days=10)
    (row,) = queries.consigned(now, sites=None, customer_id=stocked.hospital.pk)
    assert (row.quantity, row.place, row.lot) == (2, "DEP", "L1")
    assert row.days_there == 10
    today = stocked.shanghai.day_at(now)
    assert row.days_left == (stocked.lot("STENT", "L1").expires_on - today).days
    assert queries.consigned(now, sites=None, customer_id=stocked.supplier.pk) == []
    use(stocked, 2)
    (left,) = queries.consigned(now, sites=None)
    assert left.quantity == 1


def test_consignment_is_asked_for_within_the_readers_sites(stocked: World) -> None:  # SEC-01
    going = consigned(stocked, 2, 100)
    use(stocked, 1)
    here, there = (
        Reader(0, (Grant(stocked.entity.pk, site.pk),))
        for site in (stocked.shanghai, stocked.chengdu)
    )
    assert [row.quantity for row in group.consigned(to=here)] == [1]
    assert [row.quantity for row in group.used_and_sold(going.order_id, to=here)] == [1]
    assert group.consigned(to=there) == []
    for order_id in (going.order_id, going.order_id + 10**9):
        with pytest.raises(NotFound):
            group.used_and_sold(order_id, to=there)
