"""What was scanned before midnight and posted after it counts for the day of the scan. (ADR 0056)

The days are those of the site, which is eight hours ahead of UTC: at 00:05 there it is the day
before in UTC.
"""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests import outbound
from tests.ledger import set_clock
from tests.refusing import refused
from tests.world import World, move_clock
from traceward.domain.stock.models import Code, StockMove
from traceward.domain.stock.refusals import Expired
from traceward.domain.warehousing.commands.picking import pick
from traceward.kernel.command.devices import Device
from traceward.kernel.org import roles

LAST_DAY = date(2027, 6, 1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
SCANNED_AT = datetime(2027, 6, 1, 23, 58, tzinfo=SHANGHAI)
POSTED_AT = datetime(2027, 6, 2, 0, 5, tzinfo=SHANGHAI)


@pytest.fixture
def going(world: World) -> outbound.Going:
    """A pick of goods on their last day, just before and after whose end it is posted."""
    move_clock(LAST_DAY)
    world.stock(world.lot("STENT", "L1", LAST_DAY), 5)
    opened = outbound.opened(world)
    set_clock(POSTED_AT)
    return opened


def scan() -> list[outbound.picking.PickScan]:
    label = outbound.code("STENT", "L1", f"{LAST_DAY:%y%m%d}")
    return [outbound.picking.PickScan([label], "A-01", 3)]


def test_a_scan_before_midnight_is_of_that_day(world: World, going: outbound.Going) -> None:
    by = replace(world.by(roles.PICKER), device=Device("PDA-7", 20, SCANNED_AT))
    assert pick(going.pick_id, scan(), by=by).taken == 3
    move = StockMove.objects.get(code=Code.PICK)
    assert move.happened_at == SCANNED_AT
    assert move.posted_at >= POSTED_AT
    assert world.shanghai.day_at(move.happened_at) == LAST_DAY


def test_a_scan_after_midnight_is_of_the_next_day(world: World, going: outbound.Going) -> None:
    with refused(Expired):  # INV-07
        pick(going.pick_id, scan(), by=world.by(roles.PICKER))
    after = replace(world.by(roles.PICKER), device=Device("PDA-7", 20, POSTED_AT))
    with refused(Expired):
        pick(going.pick_id, scan(), by=after)
