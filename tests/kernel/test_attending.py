"""What a person says of what waits: seen, and in which order. # FLW-04 UX-01"""

from typing import Any

import pytest

from tests.refusing import refused
from tests.world import World
from traceward.kernel.base.refusals import InvalidInput, NotAllowed
from traceward.kernel.command.attending import MAX_CARDS, acknowledge, arrange_board
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.workflow.models import Acknowledgement, Board


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


def test_acknowledged_once_it_stays_so(world: World) -> None:
    by = world.by(roles.STOREKEEPER)
    assert acknowledge("stock.alerts", [7, 8, 7], by=by).new == 2
    assert acknowledge("stock.alerts", [7, 9], by=by.asking()).new == 1
    assert Acknowledgement.objects.count() == 3
    acknowledge("stock.alerts", [7], by=world.by(roles.PLANNER))
    assert Acknowledgement.objects.count() == 4


def test_what_is_no_list_cannot_be_acknowledged(world: World) -> None:
    by = world.by(roles.STOREKEEPER)
    for subject in ("", "stock.nothing", "'; DROP TABLE"):
        with refused(InvalidInput, "subject"):
            acknowledge(subject, [1], by=by.asking())
    for records in ([], list(range(1, 202))):
        with refused(InvalidInput, "records"):
            acknowledge("stock.alerts", records, by=by.asking())
    with refused(InvalidInput, "records.0"):
        acknowledge("stock.alerts", [2**70], by=by.asking())
    assert not Acknowledgement.objects.exists()


def test_what_may_not_be_read_cannot_be_acknowledged(world: World) -> None:
    with refused(NotAllowed, "subject"):
        acknowledge("outbox.parked", [1], by=world.by(roles.PICKER))


def test_a_board_is_arranged_and_reset(world: World) -> None:
    by = world.by(roles.PICKER)
    arrange_board(["to_pick", "to_check", "to_pick"], ["to_check", "near"], by=by)
    board = Board.objects.get()
    assert (board.shown, board.hidden) == (["to_pick", "to_check"], ["near"])
    arrange_board(by=by.asking())
    board.refresh_from_db()
    assert (board.shown, board.hidden) == ([], [])


@pytest.mark.parametrize(
    "given",
    [
        {"shown": ["<script>"]},
        {"hidden": [""]},
        {"shown": [f"card_{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(MAX_CARDS + 1)]},
    ],
)
def test_what_is_no_board_is_refused(world: World, given: dict[str, Any]) -> None:
    with refused(InvalidInput, next(iter(given))):
        arrange_board(**given, by=world.by(roles.PICKER))
    assert not Board.objects.exists()
