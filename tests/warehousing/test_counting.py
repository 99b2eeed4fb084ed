"""A place is counted whole, and the books say what was counted. # WMS-04"""

import pytest

from tests.api.test_refusals import send
from tests.api.test_versions import read
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.stock.models import Code, Lot, Status, StockBalance, StockMove
from traceward.domain.warehousing.commands.counting import Counted, count
from traceward.domain.warehousing.models import StockCount, StockCountLine
from traceward.kernel.base.refusals import InvalidInput, NotAllowed
from traceward.kernel.base.refusals import tell as tell_phrase
from traceward.kernel.command.run import Held
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person
from traceward.kernel.workflow.models import HeldCommand


@pytest.fixture
def lot(world: World) -> Lot:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 5)
    return lot


def counted(world: World, lot: Lot, quantity: int, **values) -> Counted:
    return Counted(lot.item_id, quantity, world.us.pk, lot.pk, **values)


def tell(world: World, *lines: Counted, explanation: str = "", **values) -> object:
    place = world.places[values.pop("place", "A-01")].pk
    by = values.pop("by", world.by(roles.STOREKEEPER))
    return count(place, list(lines), explanation=explanation, by=by)


def test_a_count_that_agrees_changes_nothing(world: World, lot: Lot) -> None:  # GSP art. 77
    before = StockMove.objects.count()
    done = tell(world, counted(world, lot, 5))
    assert done.differing == 0
    assert StockMove.objects.count() == before
    line = StockCountLine.objects.get(count=done.count_id)
    assert (line.booked, line.counted, line.model) == (5, 5, "STENT")
    assert StockCount.objects.get().number.startswith("CT-HA-")


def test_the_books_follow_the_count(world: World, lot: Lot) -> None:  # INV-01
    other = world.lot("STENT", "L2")
    done = tell(
        world, counted(world, lot, 3), counted(world, other, 1), explanation="two fell in the gap"
    )
    assert done.differing == 2
    here = StockBalance.objects.filter(place__code="A-01", on_hand__gt=0)
    left = dict(here.values_list("lot", "on_hand"))
    assert (left[lot.pk], left[other.pk]) == (3, 1)
    gain = StockMove.objects.get(code=Code.ADJUST_IN)
    assert gain.to_status == Status.PENDING  # no count walks around the quality gate


def test_a_count_that_says_too_little_is_refused(world: World, lot: Lot) -> None:
    with refused(InvalidInput, "lines") as caught:
        tell(world)
    assert "L1" in str(caught.value)
    with refused(InvalidInput, "explanation"):
        tell(world, counted(world, lot, 4))
    with refused(InvalidInput, "lines.0"):
        tell(world, counted(world, lot, -1))
    with refused(InvalidInput, "lines.1"):
        tell(world, counted(world, lot, 5), counted(world, lot, 5))
    for wrong in ({"lot_id": 0}, {"item_id": 0}, {"owner_id": 0}, {"status": 9}, {"serial_id": 7}):
        line = Counted(**{**vars(counted(world, lot, 5)), **wrong})
        with refused(InvalidInput, "lines.0"):
            tell(world, line)
    with refused(InvalidInput, "place_id"):
        tell(world, counted(world, lot, 5), place="SUP")


def test_a_large_difference_waits_for_another_person(world: World, lot: Lot) -> None:  # ORG-03
    world.stock(lot, 500)
    held = tell(world, counted(world, lot, 1), explanation="stolen")
    assert isinstance(held, Held)
    assert tell_phrase(held.why, "en") == "An adjustment of 504 is above the limit of 100."
    assert not StockCount.objects.exists()


def test_a_count_that_would_be_refused_is_not_held(world: World, lot: Lot) -> None:  # ORG-03
    world.stock(lot, 500)
    with refused(InvalidInput, "explanation"):
        tell(world, counted(world, lot, 1))
    with refused(InvalidInput, "lines.0"):
        tell(world, Counted(lot.item_id, 900, world.us.pk, 0), explanation="stolen")
    assert not HeldCommand.objects.exists()


def test_who_decides_reads_why_a_count_waits(world: World, lot: Lot) -> None:  # ORG-03 UX-02
    set_up_roles()
    world.stock(lot, 500)
    keeper, head = (
        Person.objects.get(pk=world.by(role).person_id)
        for role in (roles.STOREKEEPER, roles.SUPERVISOR)
    )
    line = {"item_id": lot.item_id, "counted": 1, "owner_id": world.us.pk, "lot_id": lot.pk}
    body = {"place_id": world.places["A-01"].pk, "lines": [line], "explanation": "stolen"}
    answer = send(keeper, "commands/warehousing.count", body)
    assert answer.status_code == 202
    assert "504" in answer.json()["why"]
    (row,) = read(head, "workflow/held").json()["rows"]
    assert row["arguments"]["explanation"] == "stolen"
    assert "504" in row["why"]


def test_a_grant_for_another_site_does_not_count(world: World, lot: Lot) -> None:  # ORG-03
    elsewhere = only_at(world, roles.STOREKEEPER, world.chengdu)
    with refused(NotAllowed):
        tell(world, counted(world, lot, 5), by=elsewhere)
