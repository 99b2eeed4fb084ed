"""A closed period takes nothing any more, and is not opened again. # INV-08"""

from datetime import datetime, timedelta

from django.db import connection

from tests.refusing import refused
from tests.world import World
from traceward.domain.stock.commands.periods import close_period
from traceward.domain.stock.models import ClosedPeriod, Code, StockMove
from traceward.domain.stock.refusals import TimeRefused
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, NotFound, WrongState
from traceward.kernel.org import roles


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        return cursor.fetchone()[0]


def test_nothing_is_entered_before_the_end(world: World) -> None:
    lot = world.lot("STENT", "C1")
    world.stock(lot, 5)
    end = now() - timedelta(hours=2)
    closed = close_period(world.entity.pk, end, by=world.by(roles.FINANCE))
    assert (closed.legal_entity_id, closed.closed_until) == (world.entity.pk, end)
    moved = StockMove.objects.count()
    leg = world.leg(Code.RECEIVE, lot, 1, "SUP", "A-02", status=1)
    with refused(TimeRefused, "happened_at"):
        world.post(leg, happened_at=end - timedelta(seconds=1), reason="forgotten")
    world.post(leg, happened_at=end, reason="forgotten")  # the moment itself stays open
    assert StockMove.objects.count() == moved + 1


def test_a_period_that_is_not_over_is_refused(world: World) -> None:
    with refused(TimeRefused, "closed_until"):
        close_period(world.entity.pk, now(), by=world.by(roles.FINANCE))


def test_an_earlier_end_is_refused(world: World) -> None:
    end = now() - timedelta(days=1)
    close_period(world.entity.pk, end, by=world.by(roles.FINANCE))
    for earlier in (end, end - timedelta(days=1)):
        with refused(WrongState):
            close_period(world.entity.pk, earlier, by=world.by(roles.FINANCE))
    close_period(world.entity.pk, end + timedelta(hours=1), by=world.by(roles.FINANCE))
    assert ClosedPeriod.objects.count() == 2


def test_who_and_what(world: World) -> None:
    end = now() - timedelta(days=1)
    with refused(NotAllowed):
        close_period(world.entity.pk, end, by=world.by(roles.STOREKEEPER))
    with refused(NotFound):
        close_period(999_999, end, by=world.by(roles.FINANCE))
    with refused(InvalidInput, "closed_until"):
        close_period(world.entity.pk, end.replace(tzinfo=None), by=world.by(roles.FINANCE))
