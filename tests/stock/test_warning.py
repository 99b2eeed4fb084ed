"""Whoever subscribed hears of each step that a lot or a paper reaches, once. # INV-07 MDM-04"""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.refusing import only_at, refused
from tests.world import World, move_clock
from traceward.domain.catalog.models import Product
from traceward.domain.partners.models import Licence
from traceward.domain.stock.commands import warning
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.commands.warning import Warned, warn
from traceward.domain.stock.models import BlockKind, EarlyWarning, Lot
from traceward.kernel.base.refusals import NotAllowed
from traceward.kernel.org import roles
from traceward.kernel.org.scope import Grant
from traceward.kernel.outbox.models import Event
from traceward.resources import stock

TODAY = date(2027, 6, 1)


@pytest.fixture
def world(world: World) -> World:
    move_clock(TODAY)
    return world


def told(world: World, days: int = 0) -> list[dict[str, Any]]:
    """What is raised so many days later that was not before."""
    move_clock(TODAY + timedelta(days=days))
    before = Event.objects.count()
    warn(by=world.by(roles.SYSTEM))
    return [event.data for event in Event.objects.order_by("pk")[before:]]


def lot(world: World, days: int, place: str = "A-01") -> Lot:
    found = world.lot("STENT", f"E{days}", TODAY + timedelta(days=days))
    world.stock(found, 5, place)
    return found


def test_each_step_is_told_once(world: World) -> None:
    made = lot(world, 100)
    (first,) = told(world)
    assert (first["lot_uid"], first["site"], first["step"]) == (str(made.uid), "SH", 180)
    assert (first["days_left"], first["quantity"]) == (100, 5)
    assert told(world) == told(world, 9) == []
    assert [(x["step"], x["days_left"]) for x in told(world, 10)] == [(90, 90)]
    assert [x["step"] for x in told(world, 95)] == [30]
    assert told(world, 100) == []
    assert [(x["step"], x["days_left"]) for x in told(world, 101)] == [(None, -1)]
    assert told(world, 102) == []
    event = Event.objects.order_by("pk").first()
    assert (event.name, event.subject) == ("stock.warn.LotEndsSoon", made.uid)


def test_a_lot_is_told_of_at_each_site_and_what_came_late_at_once(world: World) -> None:
    made = lot(world, 20)
    assert [(x["site"], x["step"]) for x in told(world)] == [("SH", 30)]
    world.stock(made, 3, "B-01")
    assert [(x["site"], x["quantity"]) for x in told(world)] == [("CD", 3)]


def test_what_is_on_hold_is_not_told_as_forgotten(world: World) -> None:
    made = lot(world, 0)
    told(world)
    by = world.by(roles.QUALITY_HEAD)
    block(Scope(lot_id=made.pk), BlockKind.HOLD, "it ends", by=by)
    assert told(world, 1) == []


def test_papers_are_told_of_and_again_when_they_were_renewed(world: World) -> None:
    paper = Licence.objects.get(party=world.supplier, kind="authorisation")
    Licence.objects.filter(pk=paper.pk).update(valid_until=TODAY + timedelta(days=60))
    Product.objects.update(valid_until=TODAY + timedelta(days=30))
    certificate, letter = told(world)
    assert (certificate["kind"], certificate["step"]) == ("registration", 30)
    assert (letter["kind"], letter["number"], letter["step"]) == ("authorisation", paper.number, 60)
    assert letter["party_uid"] == str(world.supplier.uid)
    assert told(world) == []
    Product.objects.update(valid_until=TODAY + timedelta(days=400))
    assert [x["step"] for x in told(world, 370)] == [None, 30]


def test_more_than_one_command_raises_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for days in (1, 2, 3):
        lot(world, days)
    monkeypatch.setattr(warning, "MAX_EVENTS", 2)
    by = world.by(roles.SYSTEM)
    assert warn(by=by) == Warned(2, False)
    assert warn(by=by) == Warned(2, False), "the same request"
    assert warn(by=by.asking()) == Warned(1, True)
    assert EarlyWarning.objects.count() == 3


def test_it_counts_in_the_whole_group_only(world: World) -> None:  # ORG-03
    here = only_at(world, roles.QUALITY_CONTROLLER, world.shanghai)
    with refused(NotAllowed):
        warn(by=here)


def test_warnings_are_read_at_ones_site_and_papers_everywhere(world: World) -> None:  # SEC-01
    lot(world, 1)
    Product.objects.update(valid_until=TODAY)
    told(world)

    def seen(site: Any) -> int:
        scope = stock.where_or_paper((Grant(world.entity.pk, site.pk),))
        return EarlyWarning.objects.filter(scope).count()

    assert (seen(world.shanghai), seen(world.chengdu)) == (2, 1)
