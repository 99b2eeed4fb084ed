"""Marked zones keep out what stands in another status. # INV-05"""

import pytest

from tests.refusing import refused
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.stock.commands.moves import Line, move
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.refusals import UnsuitablePlace
from traceward.kernel.org import roles


@pytest.mark.parametrize(
    ("status", "zone", "goes"),
    [
        (Status.PENDING, "qualified", False),
        (Status.PENDING, "dispatch", False),
        (Status.PENDING, "rejected", False),
        (Status.PENDING, "pending", True),
        (Status.PENDING, "returns", True),
        (Status.PENDING, "", True),
        (Status.REJECTED, "qualified", False),
        (Status.REJECTED, "pending", False),
        (Status.REJECTED, "returns", False),
        (Status.REJECTED, "rejected", True),
        (Status.QUALIFIED, "rejected", True),
    ],
)
def test_a_marked_zone_takes_no_goods_of_another_status(
    world: World, status: Status, zone: str, goes: bool
) -> None:
    lot, (a, b) = world.lot("STENT", "L1"), (world.places["A-01"].pk, world.places["A-02"].pk)
    world.post(world.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=Status.PENDING))
    if status != Status.PENDING:
        code = Code.RELEASE if status == Status.QUALIFIED else Code.REJECT
        leg = world.leg(code, lot, 1, "A-01", "A-01", from_status=Status.PENDING, to_status=status)
        world.post(leg)
    Place.objects.filter(pk=b).update(zone=zone)
    lines = [Line(lot.item_id, 1, a, b, world.us.pk, lot_id=lot.pk, status=status.value)]
    by = world.by(roles.STOREKEEPER)
    if goes:
        assert move(lines, by=by).moves == 1
    else:
        with refused(UnsuitablePlace, "lines.0.to_place_id"):
            move(lines, by=by)
