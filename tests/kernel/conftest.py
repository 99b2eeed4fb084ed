"""What the tests of the runner share."""

import pytest

from tests.kernel import verbs
from tests.world import World
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles


@pytest.fixture
def by(world: World) -> Actor:
    """The system, asking for something new; no command of the tests has run."""
    set_up_roles()
    verbs.RUNS.clear()
    return world.by(roles.SYSTEM)
