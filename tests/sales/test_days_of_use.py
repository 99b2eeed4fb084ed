"""Goods are used on a day on which they stood where they were used. # SAL-03"""

from datetime import timedelta

from tests.inbound import code
from tests.outbound import signed
from tests.refusing import refused
from tests.world import World
from traceward.domain.sales.commands import using
from traceward.domain.stock.models import Code, StockMove
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles


def test_nothing_is_used_before_it_came(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 5)
    signed(world)
    came = StockMove.objects.filter(code=Code.DELIVER).latest("pk").happened_at
    place = world.places["DEP"]
    day = place.site.day_at(came)
    items = [using.UsedItem([code("STENT", "L1")], 1, Erasable("P-1"))]
    by = world.by(roles.COORDINATOR)
    with refused(InvalidInput, "used_on"):
        using.use(place.pk, items, used_on=day - timedelta(days=1), by=by.asking())
    used = using.use(place.pk, items, used_on=day, by=by.asking())
    using.cancel_usage(used.usage_id, "wrong day", by=by.asking())
    assert using.use(place.pk, items, used_on=day, by=by.asking()).quantity == 1
