"""Two people act at once on a transfer, a return, a destruction: one of them does. # TRF-01"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from tests import outbound, transferring
from tests import world as worlds
from tests.inbound import code
from tests.refusing import colleague
from traceward.domain.sales.commands import returning
from traceward.domain.stock.models import StockBalance
from traceward.domain.transfers.commands import receiving, requesting
from traceward.domain.warehousing.commands import destroying
from traceward.domain.warehousing.commands.arriving import Pack
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.org import roles


@pytest.fixture(scope="module")
def company(fresh_database: str) -> worlds.World:
    made = worlds.build()
    made.stock(made.lot("STENT", "L1"), 40)
    return made


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What becomes of the acts, each in a thread and with a connection of its own."""

    def tried(act: Callable[[], Any]) -> str:
        try:
            act()
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(tried, acts))


PACK = Pack([code("STENT", "L1")], 3)


def test_one_of_two_receives_the_shipment(company: worlds.World) -> None:
    going = transferring.shipped(company)
    by = [company.by(roles.STOREKEEPER), company.by(roles.SUPERVISOR)]
    acts = [
        lambda one=one: receiving.receive(going.shipment_id, going.dock.pk, [PACK], by=one)
        for one in by
    ]
    assert at_once(*acts) == ["WrongState", "done"]
    rows = StockBalance.objects.filter(place=going.dock, on_hand__gt=0)
    assert sum(rows.values_list("on_hand", flat=True)) == 3


def test_cancelling_and_allocating_leave_no_promise(company: worlds.World) -> None:
    going = transferring.approved(company)
    outcomes = at_once(
        lambda: requesting.allocate(going.transfer_id, by=company.by(roles.PLANNER)),
        lambda: requesting.cancel(going.transfer_id, "no", by=company.by(roles.SUPERVISOR)),
    )
    assert outcomes in (["done", "done"], ["WrongState", "done"])
    assert outbound.reserved() == {}


def test_no_unit_is_announced_to_come_back_twice(company: worlds.World) -> None:
    going = outbound.signed(company)
    lines = [returning.ReturnedLine(1, 2)]
    acts = [
        lambda one=one: returning.announce_return(going.shipment_id, lines, "x", by=one)
        for one in (company.by(roles.SALES), company.by(roles.COORDINATOR))
    ]
    assert at_once(*acts) == ["InvalidInput", "done"]


def test_goods_are_destroyed_once(company: worlds.World) -> None:
    row = StockBalance.objects.get(place__code="A-01", status=2, on_hand__gt=0)
    lines = [destroying.Taking(row.pk, 1)]
    pk = destroying.propose_destruction(
        company.shanghai.pk, lines, "crushed", "fire", by=company.by(roles.STOREKEEPER)
    ).destruction_id
    head = company.by(roles.QUALITY_HEAD).reauthenticated()
    destroying.approve_destruction(pk, by=head)
    people = [company.by(role).person_id for role in (roles.AUDITOR, roles.COMPLIANCE)]
    acts = [
        lambda one=one: destroying.destroy(pk, people, by=one.reauthenticated())
        for one in (company.by(roles.STOREKEEPER), colleague(roles.SUPERVISOR))
    ]
    assert at_once(*acts) == ["WrongState", "done"]
