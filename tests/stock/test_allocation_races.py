"""Many clients at once never promise more than there is. # INV-04, INV-06"""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection, connections

from tests import world as worlds
from tests.databases import ADMIN
from tests.stock.allocating import demand, stock_rows
from tests.stock.waiting import wait_for_lock
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


def test_promises_are_locked_before_they_are_given_and_in_one_order(company: worlds.World) -> None:
    """Who waits for the first one has locked none after it: nobody can wait in a ring."""
    company.stock(company.lot("STENT", "ORDER"), 40)
    wanted = [demand(company, 1) for _ in range(20)]
    allocation.reserve(wanted, by=company.by(roles.SALES))
    lines = [one.line_id for one in wanted]
    held = "SELECT id FROM stock_reservation WHERE line_id = ANY (%s) ORDER BY id"
    database = connection.settings_dict["NAME"]
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(ADMIN, dbname=database) as waiting,
        psycopg.connect(ADMIN, dbname=database) as first,
        psycopg.connect(ADMIN, dbname=database) as looking,
    ):
        for one in (first, waiting, looking):
            one.execute("SET ROLE traceward_owner")
        ids = [row for (row,) in looking.execute(held, [lines])]
        assert len(ids) == len(lines)
        first.execute("SELECT FROM stock_reservation WHERE id = %s FOR NO KEY UPDATE", ids[:1])
        call = "SELECT stock_lock_promises(%s, %s)"
        turned = list(reversed(lines))
        asked = pool.submit(waiting.execute, call, [turned, [wanted[0].item_id]])
        wait_for_lock(looking, waiting.info.backend_pid)
        looking.execute("SET ROLE traceward_owner")
        assert free(looking, lines) == ids[1:]
        first.rollback()
        asked.result()
        assert free(looking, lines) == []
        waiting.rollback()
        assert free(looking, lines) == ids


def free(looking: psycopg.Connection, lines: list[int]) -> list[int]:
    """The promises of these lines that nobody has locked."""
    rows = looking.execute(
        "SELECT id FROM stock_reservation WHERE line_id = ANY (%s) ORDER BY id"
        " FOR NO KEY UPDATE SKIP LOCKED", [lines],
    ).fetchall()  # fmt: skip
    looking.rollback()
    looking.execute("SET ROLE traceward_owner")
    return [row for (row,) in rows]
