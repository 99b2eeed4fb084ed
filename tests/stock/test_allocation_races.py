"""Many clients at once never promise more than there is. # INV-04, INV-06"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tests import world as worlds
from tests.stock.allocating import demand, stock_rows
from traceward.domain.stock.allocation import Strategy
from traceward.domain.stock.commands import allocation
from traceward.kernel.org import roles

CLIENTS, UNITS = 10, 5


@pytest.fixture(scope="module")
def company(fresh_database: str) -> worlds.World:
    return worlds.build()


@pytest.mark.parametrize("spread", [1, 5], ids=["one lot", "five lots"])
def test_ten_clients_over_five_units_get_exactly_five(company: worlds.World, spread: int) -> None:
    """With five lots each client first locks the same lot and has to look further."""
    for n in range(spread):
        company.stock(company.lot("STENT", f"S{spread}-{n}"), UNITS // spread)
    fefo, lefo = Strategy.FEFO, Strategy.LEFO
    wanted = [demand(company, 1, strategy=(fefo, lefo)[n % 2]) for n in range(CLIENTS)]
    gate = threading.Barrier(CLIENTS)

    def ask(n: int) -> int:
        gate.wait()
        try:
            (got,) = allocation.reserve([wanted[n]], by=company.by(roles.SALES)).lines
            return sum(p.quantity for p in got.picks)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLIENTS) as pool:
        got = list(pool.map(ask, range(CLIENTS)))
    assert sorted(got) == [0] * (CLIENTS - UNITS) + [1] * UNITS
    mine = {k: v for k, v in stock_rows(company).items() if k.startswith(f"S{spread}-")}
    assert all(on_hand == reserved for on_hand, reserved in mine.values())


def test_one_line_asked_for_twice_at_once_is_served_once(company: worlds.World) -> None:
    company.stock(company.lot("STENT", "T"), 20)
    wanted = demand(company, 7)
    gate = threading.Barrier(4)

    def ask(_: int) -> int:
        gate.wait()
        try:
            (got,) = allocation.reserve([wanted], by=company.by(roles.SALES)).lines
            return sum(p.quantity for p in got.picks)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(4))) == [0, 0, 0, 7]
