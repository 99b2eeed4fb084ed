"""One command posts a bounded number of rows, of whatever kind."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kernel.verbs import EVERYWHERE
from tests.refusing import refused
from tests.world import World
from traceward.domain.stock.commands.posting import collect, promise, relate
from traceward.domain.stock.rules import BalanceKey, Edge, Promise
from traceward.kernel.base.refusals import TooLarge
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.arguments import MAX_LINES
from traceward.kernel.command.run import command
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles

ROWS: dict[str, tuple[Callable[..., object], Any]] = {
    "collect": (collect, None),
    "promise": (promise, Promise(1, BalanceKey(1, 1, 1, 2, 1), 1)),
    "relate": (relate, Edge(1, None, 2, None, 1)),
}


@command("testing.post_many", **EVERYWHERE)
def post_many(what: str, times: int, count: int, *, by: Actor) -> int:
    """So many rows, so many times, are posted together."""
    gather, row = ROWS[what]
    for _ in range(times):
        gather([row] * count, by=by)
    return count


@pytest.mark.parametrize("what", ROWS)
def test_too_many_rows_are_refused(world: World, what: str) -> None:
    set_up_roles()
    with refused(TooLarge) as caught:
        post_many(what, 2, MAX_LINES // 2 + 1, by=world.by(roles.SYSTEM))
    assert caught.value.values["count"] == MAX_LINES + 2
