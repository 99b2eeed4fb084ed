"""Whoever subscribed hears when stock leaves its limits or rests, and when it does no more.

# INV-11
"""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from tests.refusing import only_at, refused
from tests.world import World, move_clock
from traceward.domain.stock.commands import watching
from traceward.domain.stock.commands.watching import Watched, watch
from traceward.domain.stock.models import Code, Lot, StockAlert
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import NotAllowed
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.org import roles
from traceward.kernel.org.models import Site
from traceward.kernel.org.scope import Grant
from traceward.kernel.outbox.models import Event
from traceward.resources import stock

TODAY = date(2027, 6, 1)


@pytest.fixture
def world(world: World) -> World:
    move_clock(TODAY)
    return world


def watch_all(world: World) -> None:
    for site in Site.objects.order_by("pk"):
        watch(site.pk, by=world.by(roles.PLANNER))


def told(world: World) -> list[tuple[str, str, str, str]]:
    """What is said now that was not before: name, kind, item, site."""
    last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    watch_all(world)
    said = Event.objects.filter(pk__gt=last).order_by("pk")
    return [
        (x.name.rpartition(".")[2], x.data["kind"], x.data["item"], x.data["site"]) for x in said
    ]


def limit(world: World, key: str, value: int, **where: Any) -> None:
    where = {"item": world.items["STENT"].pk} | where
    set_parameter(key, value, where, by=world.by(roles.QUALITY_HEAD))


def test_too_little_is_told_once_and_its_end_too_and_again(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 3)
    limit(world, "stock.minimum", 5)
    assert told(world) == [("StockAlertRaised", "below_minimum", "STENT", "SH")]
    row = StockAlert.objects.get()
    assert (row.quantity, row.threshold, row.ended_at) == (3, 5, None)
    event = Event.objects.get(name="stock.watch.StockAlertRaised")
    assert event.subject == row.uid
    assert told(world) == []
    world.stock(world.lot("STENT", "L1"), 2)
    assert told(world) == [("StockAlertEnded", "below_minimum", "STENT", "SH")]
    assert told(world) == []
    limit(world, "stock.minimum", 6)
    assert told(world) == [("StockAlertRaised", "below_minimum", "STENT", "SH")]
    assert StockAlert.objects.filter(ended_at=None).count() == 1
    assert StockAlert.objects.count() == 2


def test_from_too_little_to_too_much_is_an_end_and_a_beginning(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 3)
    limit(world, "stock.minimum", 5, site=world.shanghai.pk)
    told(world)
    world.stock(world.lot("STENT", "L1"), 9)
    limit(world, "stock.maximum", 10, site=world.shanghai.pk)
    assert told(world) == [
        ("StockAlertRaised", "above_maximum", "STENT", "SH"),
        ("StockAlertEnded", "below_minimum", "STENT", "SH"),
    ]


def test_dead_stock_is_told_until_something_goes_out(world: World) -> None:
    lot = world.lot("STENT", "L1", TODAY + timedelta(days=2_000))
    world.stock(lot, 9)
    Lot.objects.filter(pk=lot.pk).update(first_received_at="2027-06-01T00:00:00Z")
    assert told(world) == []
    move_clock(TODAY + timedelta(days=200))
    assert told(world) == [("StockAlertRaised", "resting", "STENT", "SH")]
    assert (StockAlert.objects.get().quantity, StockAlert.objects.get().threshold) == (9, 180)
    world.post(world.leg(Code.PICK, lot, 1, "A-01", "STAGE"))
    world.post(world.leg(Code.SHIP, lot, 1, "STAGE", "WAY"))
    assert told(world) == [("StockAlertEnded", "resting", "STENT", "SH")]


def test_more_than_one_command_tells_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reagent = world.items["REAGENT"].pk
    world.stock(world.lot("STENT", "L1"), 3)
    world.stock(world.lot("REAGENT", "L1"), 3, "C-01")
    limit(world, "stock.minimum", 5)
    limit(world, "stock.minimum", 5, item=reagent)
    monkeypatch.setattr(watching, "MAX_EVENTS", 1)
    by, here = world.by(roles.SYSTEM), world.shanghai.pk
    assert watch(here, by=by) == Watched(1, 0, False)
    assert watch(here, by=by) == Watched(1, 0, False), "the same request"
    assert watch(here, by=by.asking()) == Watched(1, 0, True)
    limit(world, "stock.minimum", 0)
    limit(world, "stock.minimum", 0, item=reagent)
    assert watch(here, by=by.asking()) == Watched(0, 1, False)
    assert watch(here, by=by.asking()) == Watched(0, 1, True)


def test_what_was_not_looked_at_has_not_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.stock(world.lot("STENT", "L1"), 3)
    world.stock(world.lot("STENT", "L1"), 3, "B-01")
    limit(world, "stock.minimum", 5)
    assert len(told(world)) == 2
    monkeypatch.setattr(watching, "MAX_ROWS", 1)
    assert told(world) == []


def test_who_covers_the_site_watches_it(world: World) -> None:  # ORG-03
    here = only_at(world, roles.PLANNER, world.shanghai)
    assert watch(world.shanghai.pk, by=here) == Watched(0, 0, True)
    with refused(NotAllowed):
        watch(world.chengdu.pk, by=here.asking())


def test_an_alert_is_about_its_site_alone(world: World) -> None:
    """Where a webhook that is limited to a site hears of it. # ORG-03"""
    world.stock(world.lot("STENT", "L1"), 3)
    limit(world, "stock.minimum", 5)
    told(world)
    event = Event.objects.get(name="stock.watch.StockAlertRaised")
    detail = json.loads(AuditEntry.objects.get(pk=event.command_id).detail)
    assert detail["scope"] == [[world.entity.pk, world.shanghai.pk]]


def test_alerts_are_read_at_ones_site(world: World) -> None:  # SEC-01
    world.stock(world.lot("STENT", "L1"), 3)
    limit(world, "stock.minimum", 5)
    told(world)

    def seen(site: Any) -> int:
        scope = stock.where_it_is((Grant(world.entity.pk, site.pk),))
        return StockAlert.objects.filter(scope).count()

    assert (seen(world.shanghai), seen(world.chengdu)) == (1, 0)
