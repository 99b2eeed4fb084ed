"""What the tests of the ledger share."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.databases import ADMIN
from tests.ledger import database_now, demand_line
from tests.stock.belts import fill
from tests.world import World
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles


@pytest.fixture
def ledger(world: World) -> World:
    """The company with 10 of lot L1 qualified at A-01."""
    set_up_roles()
    world.stock(world.lot("STENT", "L1"), 10)
    return world


@pytest.fixture
def line(ledger: World) -> int:
    """A line of a document that asks for goods."""
    return demand_line(ledger.shanghai, ledger.by(roles.SYSTEM).person_id, database_now())


@pytest.fixture(scope="module")
def admin(fresh_database: str, django_db_blocker: Any) -> Iterator[psycopg.Connection]:
    """A superuser in a database with a row of everything, in a transaction per statement."""
    with django_db_blocker.unblock():
        fill()
    with psycopg.connect(ADMIN, dbname=fresh_database) as connection:
        yield connection
