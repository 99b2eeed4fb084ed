"""What the tests of the ledger share."""

import pytest

from tests.ledger import database_now, demand_line
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
