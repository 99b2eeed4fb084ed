"""Many new balances are made without asking for each; where another command has made one meanwhile,
all are made once more, one by one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import psycopg
import pytest
from django.db import connection, connections

from tests import world as worlds
from tests.databases import ADMIN
from tests.stock.posting import P
from tests.stock.waiting import wait_for_lock
from traceward.domain.stock.models import Code, StockBalance

MANY = 120


@pytest.fixture(scope="module")
def company(fresh_database: str) -> worlds.World:
    return worlds.build()


@pytest.fixture
def first(company: worlds.World) -> Iterator[psycopg.Connection]:
    database = connection.settings_dict["NAME"]
    with psycopg.connect(ADMIN, dbname=database) as opened:
        yield opened


@pytest.mark.parametrize("is_kept", [True, False], ids=["committed", "rolled back"])
def test_one_that_another_command_makes_is_waited_for(
    company: worlds.World, first: psycopg.Connection, is_kept: bool
) -> None:
    lots = [company.lot("STENT", f"{is_kept}-{n}") for n in range(MANY)]
    first.execute(
        "INSERT INTO stock_balance (item_id, lot_id, place_id, status, owner_id, physical, on_hand)"
        " VALUES (%s, %s, %s, %s, %s, true, 0)",
        [lots[-1].item_id, lots[-1].pk, company.places["DOCK"].pk, P, company.us.pk],
    )
    legs = [company.leg(Code.RECEIVE, lot, 3, "SUP", "DOCK", status=P) for lot in lots]
    pids: SimpleQueue[int] = SimpleQueue()

    def post() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.put(cursor.fetchone()[0])
            company.post(*legs)
        finally:
            connections.close_all()

    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(ADMIN, dbname=connection.settings_dict["NAME"]) as looking,
    ):
        done = pool.submit(post)
        wait_for_lock(looking, pids.get(timeout=20))
        first.commit() if is_kept else first.rollback()
        done.result()
    rows = StockBalance.objects.filter(lot__in=[lot.pk for lot in lots])
    assert sorted(rows.values_list("place__code", "on_hand")) == [
        *[("DOCK", 3)] * MANY,
        *[("SUP", -3)] * MANY,
    ]
