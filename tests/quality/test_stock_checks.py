"""What is in store is looked at, read, and blocked where it is doubtful. # WMS-07"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests import outbound
from tests.refusing import only_at, refused
from tests.world import World, move_clock
from traceward.domain.quality.commands.checking import Finding, Keeping, check_stock
from traceward.domain.quality.models import StockCheck, StockCheckLine
from traceward.domain.quality.queries import unread_places
from traceward.domain.stock.models import BlockKind, Lot, StockBlock
from traceward.kernel.base.refusals import InvalidInput, NotAllowed
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Event


@pytest.fixture
def lot(world: World) -> Lot:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 5)
    return lot


def look(world: World, *findings: Finding, place: str = "A-01", **values) -> object:
    climate = {"temperature_c": Decimal("21.5"), "humidity_percent": 55}
    return check_stock(
        world.places[place].pk,
        findings=list(findings),
        by=values.pop("by", world.by(roles.MAINTENANCE)),
        **{**climate, **values},
    )


def test_what_was_found_is_on_record(world: World, lot: Lot) -> None:  # GSP art. 73, 74
    done = look(world, Finding(lot.item_id, lot.pk))
    check = StockCheck.objects.get(pk=done.check_id)
    assert (check.temperature_c, check.humidity_percent) == (Decimal("21.5"), 55)
    assert check.number.startswith("SK-HA-")
    line = StockCheckLine.objects.get(check_of=check)
    assert (line.quantity, line.is_expiry_good, line.block) == (5, True, None)
    assert line.registration_number == "国械注准20223130001"
    assert done.doubtful_line_numbers == []
    assert not StockBlock.objects.exists()


def test_doubtful_goods_are_blocked_at_once(world: World, lot: Lot) -> None:  # GSP art. 74
    wet = Finding(lot.item_id, lot.pk, is_packaging_good=False, note="carton is wet")
    done = look(world, wet)
    assert done.doubtful_line_numbers == [1]
    block = StockBlock.objects.get()
    assert (block.kind, block.lot_id, block.reason) == (BlockKind.HOLD, lot.pk, "carton is wet")
    assert StockCheckLine.objects.get().block_id == block.pk
    event = Event.objects.get(name="quality.check_stock.StockChecked")
    assert event.data["doubtful"] == 1
    outbound.allocated(world)  # nothing of it is promised to anybody
    assert outbound.reserved() == {}


def test_expired_goods_are_noted_and_not_blocked_for_disposal(world: World) -> None:  # INV-07
    old = world.lot("STENT", "OLD", date(2027, 1, 1))
    world.stock(old, 1)
    move_clock(date(2027, 1, 2))
    look(world, Finding(old.item_id, old.pk))
    assert not StockCheckLine.objects.get().is_expiry_good
    assert not StockBlock.objects.exists()


def test_a_check_that_says_too_little_is_refused(world: World, lot: Lot) -> None:
    good = Finding(lot.item_id, lot.pk)
    with refused(InvalidInput, "findings.0.note"):
        look(world, Finding(lot.item_id, lot.pk, is_appearance_good=False))
    with refused(InvalidInput, "findings.1"):
        look(world, good, good)
    with refused(InvalidInput, "findings.0"):
        look(world, good, place="A-02")
    with refused(InvalidInput, "place_id"):
        look(world, place="SUP")
    with refused(InvalidInput, "temperature_c"):
        look(world, good, temperature_c=None)
    with refused(InvalidInput, "humidity_percent"):
        look(world, good, humidity_percent=None)
    with refused(InvalidInput, "humidity_percent"):
        look(world, good, humidity_percent=101)


def test_what_is_not_as_it_should_be_has_its_measures(world: World, lot: Lot) -> None:
    with refused(InvalidInput, "keeping.measures"):
        look(world, temperature_c=Decimal("31"))
    with refused(InvalidInput, "keeping.measures"):
        look(world, keeping=Keeping(is_clean=False))
    look(world, temperature_c=Decimal("31"), keeping=Keeping(measures="air conditioning mended"))
    assert StockCheck.objects.get().measures == "air conditioning mended"


def test_places_that_nobody_read_are_named(world: World) -> None:  # GSP art. 74
    look(world)
    site = world.shanghai
    at = StockCheck.objects.get().checked_at
    day = site.day_at(at)
    unread = unread_places(site.pk, day, at + timedelta(days=2))
    halves = {(x.code, x.half) for x in unread}
    assert len([x for x in halves if x[0] == "A-01"]) == 1
    assert {("C-01", "morning"), ("C-01", "afternoon")} <= halves
    assert unread_places(site.pk, day, at - timedelta(days=2)) == []


def test_a_grant_for_another_site_does_not_count(world: World, lot: Lot) -> None:  # ORG-03
    elsewhere = only_at(world, roles.MAINTENANCE, world.chengdu)
    with refused(NotAllowed):
        look(world, by=elsewhere)
    look(world, by=only_at(world, roles.MAINTENANCE, world.shanghai))
