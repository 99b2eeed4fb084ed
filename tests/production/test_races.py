"""Two at one order or at one lot end the same way whoever comes first. # PRO-01 INV-04"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import world as worlds
from tests.concurrency.crowd import Crowd, calling
from tests.making import issued, out_of, pacers, plant, released
from tests.world import World
from traceward.domain.production.commands.cancelling import cancel
from traceward.domain.production.commands.completing import complete
from traceward.domain.production.commands.goods import Input
from traceward.domain.production.commands.issuing import issue
from traceward.domain.production.commands.planning import close
from traceward.domain.production.commands.returning import GivenBack, return_issued
from traceward.domain.production.models import WorkOrder
from traceward.domain.stock.models import StockBalance
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles

ROUNDS = 3

pytestmark = pytest.mark.usefixtures("unblocked")


@pytest.fixture(scope="module")
def company(fresh_database: str, django_db_blocker: Any) -> World:
    with django_db_blocker.unblock():
        set_up_roles()
        return plant(worlds.build(), 1000)


@pytest.fixture
def unblocked(company: World, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def crowd(company: World, fresh_database: str) -> Iterator[Crowd]:
    made = Crowd(2, fresh_database)
    yield made
    made.leave()
    assert made.deadlocks == 0


SERIALS = iter(f"R{n}" for n in range(1_000_000))


def won(outcomes: list[Any]) -> int:
    return sum(1 for one in outcomes if one.refusal is None)


def by(world: World) -> Any:
    return world.by(roles.PRODUCTION)


def test_the_last_unit_is_completed_once(company: World, crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        order_id = issued(company, 1)
        outcomes = crowd.race(
            *(
                calling(complete, order_id, [pacers(company, next(SERIALS))], by=by(company))
                for _ in range(2)
            )
        )
        assert won(outcomes) == 1
        assert WorkOrder.objects.get(pk=order_id).made == 1


def test_what_is_issued_is_used_up_or_given_back(company: World, crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        order_id = issued(company, 1)
        (row,) = out_of(order_id)
        back = GivenBack(row.pk, 2, company.places["A-01"].pk)
        outcomes = crowd.race(
            calling(complete, order_id, [pacers(company, next(SERIALS))], by=by(company)),
            calling(return_issued, order_id, [back], by=by(company)),
        )
        assert won(outcomes) == 1
        (row,) = out_of(order_id)
        assert row.left == 0


def test_a_completion_is_cancelled_or_its_order_closed_then_open_again(
    company: World, crowd: Crowd
) -> None:
    for _ in range(ROUNDS):
        order_id = issued(company, 1)
        outputs = [pacers(company, next(SERIALS))]
        done = complete(order_id, outputs, by=by(company))
        outcomes = crowd.race(
            calling(cancel, done.transformation_id, "mistake", by=by(company)),
            calling(close, order_id, by=by(company)),
        )
        assert outcomes[0].refusal is None
        order = WorkOrder.objects.get(pk=order_id)
        assert (order.state, order.made) == ("released", 0)


def test_two_orders_do_not_issue_the_same_goods(company: World, crowd: Crowd) -> None:
    lot = company.lot("STENT", "SCARCE")
    company.stock(lot, 2)
    goods = [Input(lot.item_id, 2, company.places["A-01"].pk, lot.pk)]
    orders = [released(company, 1), released(company, 1)]
    outcomes = crowd.race(*(calling(issue, pk, goods=goods, by=by(company)) for pk in orders))
    assert won(outcomes) == 1
    rows = StockBalance.objects.filter(lot=lot, place__code="STAGE")
    assert [(row.on_hand, row.reserved) for row in rows] == [(2, 2)]
