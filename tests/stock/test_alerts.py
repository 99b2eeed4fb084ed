"""What ends, lacks, rests or lapses is found in time, and by whom may see it. # INV-07 INV-11"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.world import World, move_clock
from traceward.domain.stock import queries, rules
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, Lot, Status
from traceward.domain.stock.rules import Level
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.org import roles

TODAY = date(2027, 6, 1)
#: Half past three in the afternoon of that day, in Shanghai.
NOW = datetime(2027, 6, 1, 7, 30, tzinfo=UTC)


@pytest.fixture
def world(world: World) -> World:
    move_clock(TODAY)
    return world


def ends(world: World, days: int, number: str = "", place: str = "A-01", units: int = 5) -> Lot:
    """So much of a lot whose last day is so many days away."""
    lot = world.lot("STENT", number or f"E{days}", TODAY + timedelta(days=days))
    world.stock(lot, units, place)
    return lot


def shipped(world: World, lot: Lot, quantity: int) -> None:
    """So much of the lot is on its way."""
    world.post(world.leg(Code.PICK, lot, quantity, "A-01", "STAGE"))
    world.post(world.leg(Code.SHIP, lot, quantity, "STAGE", "WAY"))


def rule(world: World, key: str, value: Any, **context: Any) -> None:
    set_parameter(key, value, context, by=world.by(roles.QUALITY_HEAD))


def near(world: World, **how: Any) -> dict[str, int | None]:
    found = queries.near_expiry(**{"sites": None, "now": NOW, **how})
    return {row.lot: row.step for row in found}


# --- Lots that end ------------------------------------------------------------------------------


def test_each_step_counts_from_its_day_on(world: World) -> None:  # INV-07
    for days in (181, 180, 91, 90, 31, 30, 0):
        ends(world, days)
    assert near(world) == {"E0": 30, "E30": 30, "E31": 90, "E90": 90, "E91": 180, "E180": 180}
    assert near(world, limit=2) == {"E0": 30, "E30": 30}
    assert near(world, sites=[world.chengdu.pk]) == {}


def test_on_its_last_day_a_lot_ends_and_from_the_next_it_is_expired(world: World) -> None:
    """The days are those of the site: seven in the morning there is the day before in UTC."""
    lot = ends(world, 0)
    assert [row.days_left for row in queries.near_expiry(sites=None, now=NOW)] == [0]
    assert queries.expired(sites=None, now=NOW) == []
    morning = datetime(2027, 6, 1, 23, tzinfo=UTC)
    assert near(world, now=morning) == {}
    (row,) = queries.expired(sites=None, now=morning)
    assert (row.lot, row.days_left, row.step) == (lot.raw_number, -1, None)
    assert row.what_to_do["zh"].startswith("移入不合格品区")


def test_the_most_specific_rule_counts_and_a_share_of_the_shelf_life_before_days(
    world: World,
) -> None:  # INV-07
    ends(world, 100)
    ends(world, 300)
    stent = world.items["STENT"]
    rule(world, "stock.near_expiry.days", [400], site=world.chengdu.pk)
    assert near(world) == {"E100": 180}
    rule(world, "stock.near_expiry.days", [310, 99], item=stent.pk)
    assert near(world) == {"E100": 310, "E300": 310}
    rule(world, "stock.near_expiry.percents", [10], item=stent.pk)
    assert near(world) == {"E100": 310, "E300": 310}, "its shelf life is not known"
    type(stent).objects.filter(pk=stent.pk).update(shelf_life_days=1_000)
    assert near(world) == {"E100": 100}
    rule(world, "stock.near_expiry.percents", ["all", 30], item=stent.pk)
    assert near(world) == {"E100": 300, "E300": 300}


def test_it_says_where_whose_and_what_to_do(world: World) -> None:
    blocked, held = ends(world, 10, "ON-HOLD"), ends(world, 10, "GOOD", units=7)
    scope = Scope(lot_id=blocked.pk)
    block(scope, BlockKind.HOLD, "label is doubtful", by=world.by(roles.QUALITY_HEAD))
    world.post(world.leg(Code.RECEIVE, held, 2, "SUP", "DOCK", status=Status.PENDING))
    by_place = {(x.lot, x.place): x for x in queries.near_expiry(sites=None, now=NOW)}
    one = by_place["GOOD", "A-01"]
    assert (one.on_hand, one.reserved, one.status, one.site) == (7, 0, "qualified", "SH")
    assert (one.owner["zh"], one.names["zh"]) == ("沪安医疗器械", "STENT")
    assert one.what_to_do["en"].startswith("Sell or use them first")
    assert by_place["GOOD", "DOCK"].what_to_do["en"].startswith("Inspect them first")
    assert by_place["ON-HOLD", "A-01"].is_on_hold
    assert by_place["ON-HOLD", "A-01"].what_to_do["en"].startswith("Wait for quality")


def test_what_is_blocked_or_rejected_is_not_called_forgotten(world: World) -> None:
    for number in ("BLOCKED", "LEFT"):
        ends(world, 1, number)
    block(
        Scope(lot_id=world.lot("STENT", "BLOCKED").pk),
        BlockKind.HOLD,
        "ends",
        by=world.by(roles.QUALITY_HEAD),
    )
    later = NOW + timedelta(days=2)
    assert [row.lot for row in queries.expired(sites=None, now=later)] == ["LEFT"]
    assert queries.expired(sites=[world.chengdu.pk], now=later) == []


def test_ours_at_a_hospital_counts_and_theirs_does_not(world: World) -> None:  # REV-02
    lot = ends(world, 100, "L1")
    shipped(world, lot, 3)
    world.post(world.leg(Code.DELIVER, lot, 2, "WAY", "DEP"))
    theirs = world.leg(Code.DELIVER, lot, 1, "WAY", "DEP", to_owner=world.hospital.pk)
    world.post(theirs)
    found = {row.place: row for row in queries.near_expiry(sites=None, now=NOW)}
    assert {place: row.on_hand for place, row in found.items()} == {"A-01": 2, "DEP": 2}
    assert found["DEP"].what_to_do["en"].startswith("Have the hospital use them first")


# --- Limits, and what rests -----------------------------------------------------------------------


def limits(world: World, **how: Any) -> list[tuple[Any, ...]]:
    found = queries.out_of_limits(**{"sites": None, "now": NOW, **how})
    return [(x.item, x.site, x.usable, x.is_below, x.quantity, x.other_site) for x in found]


def test_without_a_rule_nothing_is_out_of_its_limits(world: World) -> None:
    ends(world, 500)
    assert limits(world) == []


def test_below_the_minimum_another_site_gives_or_it_is_bought(world: World) -> None:  # INV-11
    ends(world, 500, "HERE", units=4)
    stent = world.items["STENT"].pk
    rule(world, "stock.minimum", 10, item=stent, site=world.shanghai.pk)
    rule(world, "stock.maximum", 40, item=stent, site=world.shanghai.pk)
    assert limits(world) == [("STENT", "SH", 4, True, 36, "")]
    ends(world, 500, "THERE", "B-01", units=20)
    rule(world, "stock.minimum", 17, item=stent, site=world.chengdu.pk)
    assert limits(world) == [("STENT", "SH", 4, True, 3, "CD")]
    assert limits(world, sites=[world.shanghai.pk]) == [("STENT", "SH", 4, True, 36, "")]
    assert limits(world, sites=[world.chengdu.pk]) == []


def test_only_what_may_be_promised_is_usable(world: World) -> None:
    stent = world.items["STENT"].pk
    rule(world, "stock.minimum", 5, item=stent)
    move_clock(TODAY - timedelta(days=5))
    ends(world, -1, "EXPIRED", units=9)
    move_clock(TODAY)
    held = ends(world, 500, "HELD", units=9)
    block(Scope(lot_id=held.pk), BlockKind.HOLD, "doubt", by=world.by(roles.QUALITY_HEAD))
    ends(world, 500, "GOOD", units=5)
    assert limits(world) == []
    rule(world, "stock.minimum", 6, item=stent)
    assert limits(world) == [("STENT", "SH", 5, True, 1, "")]


def test_a_site_that_never_had_it_lacks_it_where_the_rule_names_it(world: World) -> None:
    rule(world, "stock.minimum", 3, item=world.items["STENT"].pk, site=world.chengdu.pk)
    assert limits(world) == [("STENT", "CD", 0, True, 3, "")]


def test_above_the_maximum_it_goes_where_it_lacks(world: World) -> None:
    ends(world, 500, "HERE", units=30)
    stent = world.items["STENT"].pk
    rule(world, "stock.maximum", 10, item=stent, site=world.shanghai.pk)
    assert limits(world) == [("STENT", "SH", 30, False, 0, "")]
    rule(world, "stock.minimum", 8, item=stent, site=world.chengdu.pk)
    assert limits(world) == [
        ("STENT", "CD", 0, True, 8, "SH"),
        ("STENT", "SH", 30, False, 8, "CD"),
    ]


def test_it_says_how_long_it_lasts_by_what_went_out(world: World) -> None:  # INV-11
    ends(world, 1_000, "L1", units=48)
    lot = world.lot("STENT", "L1")
    rule(world, "stock.minimum", 40, item=lot.item_id)
    shipped(world, lot, 18)
    (row,) = queries.out_of_limits(sites=None, now=NOW)
    assert (row.usable, row.used, row.lasts_days) == (30, 18, 150)
    assert row.runs_out_on == TODAY + timedelta(days=150)


def test_stock_rests_where_nothing_went_out_for_as_long_as_the_rule_says(world: World) -> None:
    lot = ends(world, 2_000, "L1", units=9)
    Lot.objects.filter(pk=lot.pk).update(first_received_at=NOW)

    def rest(sites: list[int] | None = None, days: int = 181) -> list[tuple[str, int, date | None]]:
        found = queries.resting(sites=sites, now=NOW + timedelta(days=days))
        return [(x.item, x.on_hand, x.last_out_on) for x in found]

    assert rest() == [("STENT", 9, None)]
    assert rest(days=179) == []
    assert rest(sites=[world.chengdu.pk]) == []
    move_clock(TODAY + timedelta(days=10))
    shipped(world, lot, 1)
    assert rest() == []
    rule(world, "stock.resting_days", 30, item=lot.item_id)
    assert rest() == [("STENT", 8, TODAY + timedelta(days=10))]


# --- Rules --------------------------------------------------------------------------------------

levels = st.builds(Level, *[st.integers(0, 50)] * 3)


@given(levels, st.dictionaries(st.integers(1, 5), levels, max_size=4))
def test_what_is_proposed_helps_one_and_hurts_no_other(
    level: Level, others: dict[int, Level]
) -> None:
    assume(level.lacking or level.is_above)
    quantity, other = rules.proposed(level, others)
    assert quantity >= 0
    if other is None:
        if level.lacking:
            assert quantity >= level.lacking
            assert not any(x.surplus for x in others.values())
        return
    giver, taker = (others[other], level) if level.lacking else (level, others[other])
    assert quantity <= min(giver.surplus, taker.lacking)
    assert giver.usable - quantity >= (giver.maximum or giver.minimum)
