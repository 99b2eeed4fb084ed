"""From the notice to the order's end; and by itself, through the outbox."""

from tests.inbound import JOURNEY, announced, code
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.purchasing.models import PurchaseOrder, ShippingNotice
from traceward.domain.stock.models import StockMove
from traceward.domain.warehousing.commands.receiving import Scan
from traceward.domain.warehousing.scanning.announced import NotAnnounced
from traceward.flows.inbound import receive_notice
from traceward.kernel.base.refusals import NotAllowed, NotFound
from traceward.kernel.org import roles

LOT = code("STENT", "L1")


def take(world: World, notice_id: int, packs: int, raw: str = LOT, by=None):
    return receive_notice(
        notice_id,
        world.places["DOCK"].pk,
        "DN-1",
        [Scan([raw], packs)],
        journey=JOURNEY,
        by=by or world.by(roles.STOREKEEPER),
    )


def test_the_last_goods_end_notice_and_order(world: World) -> None:  # INB-01
    coming = announced(world, (LOT, 10))
    first = take(world, coming.notice_id, 4)
    assert (first.base_units, first.still_to_come, first.order_state) == (4, 6, "approved")
    last = take(world, coming.notice_id, 6)
    assert (last.still_to_come, last.order_state) == (0, "received")
    assert ShippingNotice.objects.get(pk=coming.notice_id).state == "received"
    assert PurchaseOrder.objects.get(pk=coming.order_id).state == "received"
    assert StockMove.objects.count() == 2


def test_an_order_that_is_not_all_announced_stays_open(world: World) -> None:
    coming = announced(world, (LOT, 4))
    assert take(world, coming.notice_id, 4).order_state == "approved"


def test_what_does_not_agree_changes_nothing(world: World) -> None:  # INB-02
    coming = announced(world, (LOT, 10))
    with refused(NotAnnounced, "scans.0.codes"):
        take(world, coming.notice_id, 1, code("STENT", "X"))
    with refused(NotFound, "notice_id"):
        take(world, coming.order_id, 1)


def test_a_grant_for_another_site_does_not_count(world: World) -> None:  # ORG-03
    coming = announced(world, (LOT, 10))
    elsewhere = only_at(world, roles.STOREKEEPER, world.chengdu)
    with refused(NotAllowed):
        take(world, coming.notice_id, 1, by=elsewhere)
