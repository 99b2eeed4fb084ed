"""From any identifier to timeline, list and completeness. # TRC-01 TRC-05"""

from datetime import date, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.inbound import code, inspected
from tests.ledger import database_now
from tests.outbound import VAN, signed
from tests.world import World
from traceward.domain.purchasing.models import PurchaseOrder
from traceward.domain.quality import commands as quality
from traceward.domain.quality.rules import Share
from traceward.domain.sales.commands import using
from traceward.domain.sales.models import SalesOrder, UsageLine
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, Lot, Serial, Status
from traceward.domain.stock.queries import Moment
from traceward.domain.trace.queries import (
    Start,
    by_items,
    completeness,
    forward,
    identified,
    listing,
    timeline,
)
from traceward.kernel.org import roles

EXPIRY = date(2030, 12, 31)


def job(world: World) -> Lot:
    """Five of lot L1 stand at A-01, three were delivered, one of these was used."""
    lot = world.lot("STENT", "L1", EXPIRY)
    world.stock(lot, 8)
    signed(world, quantity=3)
    item = using.UsedItem([code("STENT", "L1")], 1)
    using.use(world.places["DEP"].pk, [item], by=world.by(roles.COORDINATOR))
    return lot


def meanings(world: World, text: str) -> set[tuple[str, int]]:
    now = database_now()
    found = identified(text, sites=None, now=now, today=now.date())
    return {(m.kind, m.id) for m in found}


def test_any_identifier_leads_to_its_goods(world: World) -> None:  # TRC-01
    lot = job(world)
    Lot.objects.filter(pk=lot.pk).update(supplier_lot="V-1")
    order = SalesOrder.objects.get()
    usage = UsageLine.objects.select_related("line").get()
    for text, expected in (
        (code("STENT", "L1"), ("lot", lot.pk)),
        ("l1", ("lot", lot.pk)),
        ("V-1", ("lot", lot.pk)),
        (order.number, ("document", order.pk)),
        ("A-01", ("place", world.places["A-01"].pk)),
        ("江城医院", ("partner", world.hospital.pk)),
        ("H1", ("partner", world.hospital.pk)),
        (str(usage.line.uid), ("usage", usage.pk)),
        (str(lot.uid), ("lot", lot.pk)),
    ):
        assert expected in meanings(world, text), text
        now = database_now()
        starts = identified(text, sites=None, now=now, today=now.date())
        start = next(m.start for m in starts if (m.kind, m.id) == expected)
        assert lot.pk in forward(start, sites=None).node_ids, text
    assert meanings(world, "") == meanings(world, "nothing of ours") == set()
    assert ("document", order.pk) not in {
        (m.kind, m.id)
        for m in identified(
            order.number, sites=[world.chengdu.pk], now=database_now(), today=database_now().date()
        )
    }


def test_a_supplier_leads_to_what_it_sent(world: World) -> None:
    (inspection,) = inspected(world, (code("STENT", "S1"), 4))
    assert inspection.lot_id in forward(Start(partners=[world.supplier.pk]), sites=None).node_ids
    order = PurchaseOrder.objects.get()
    assert forward(Start(documents=[order.pk]), sites=None).node_ids == (inspection.lot_id,)


def test_the_timeline_has_every_act_with_its_papers(world: World) -> None:
    (inspection,) = inspected(world, (code("STENT", "S1"), 4))
    by = world.by(roles.QUALITY_HEAD).reauthenticated()
    shares = [Share(world.places["DOCK"].pk, 4, 0)]
    quality.decide(inspection.pk, shares, "good", by=by)
    lot = inspection.lot_id
    block(Scope(lot_id=lot), BlockKind.HOLD, "wet", by=world.by(roles.QUALITY_HEAD))
    found = timeline([lot], sites=None)
    assert {(a.what, a.code) for a in found.acts} == {
        ("moved", Code.RECEIVE),
        ("moved", Code.RELEASE),
        ("blocked", None),
    }
    assert all(a.actor for a in found.acts)
    facts = {p.kind: {f.name for f in p.facts} for p in found.papers}
    assert "delivery_note" in facts["warehousing.receipt"]
    assert {"accepted", "conclusion", "packaging", "label"} <= facts["quality.inspection"]
    assert found.total == 2
    assert found.next is None


def test_the_timeline_comes_in_pages_and_stops_at_a_moment(world: World) -> None:
    lot = job(world)
    whole = timeline([lot.pk], sites=None)
    assert sum(g.acts for g in whole.groups) == whole.total == len(whole.acts)
    seen, after = [], None
    while True:
        page = timeline([lot.pk], sites=None, after=after, limit=2)
        seen += page.acts
        after = page.next
        if after is None:
            break
    assert tuple(seen) == whole.acts
    shipment = next(p for p in whole.papers if p.kind == "warehousing.shipment")
    assert ("carrier_name", VAN.carrier_name) in {(f.name, f.value) for f in shipment.facts}
    before = Moment(whole.acts[0].at - timedelta(seconds=1))
    assert timeline([lot.pk], sites=None, moment=before).acts == ()
    assert timeline([lot.pk], sites=[world.chengdu.pk]).total == 0


def test_the_list_names_everything_and_pages_add_up(world: World) -> None:
    lot = job(world)
    trace = forward(Start(lots=[lot.pk]), sites=None)
    page = listing(trace)
    assert page.total == len(page.rows) == 3
    assert {(r.place, r.consignee, r.quantity) for r in page.rows} == {
        ("A-01", "", 5),
        ("DEP", "江城医院", 2),
        ("USED", "", 1),
    }
    assert listing(trace, offset=1, limit=1).rows == page.rows[1:2]
    (item,) = by_items(trace).nodes
    assert (item.nodes, item.inside, item.delivered, item.used) == (1, 5, 2, 1)


def test_what_is_missing_is_told_by_kind(world: World) -> None:  # TRC-05
    lot = job(world)  # received by a bare move: no document, no supplier, no scan
    serial = Serial.objects.create(
        item=world.items["PACER"], lot=world.lot("PACER", "P"), number="S1", raw_number="S1"
    )
    world.post(
        world.leg(
            Code.RECEIVE,
            *(serial.lot, 1, "SUP", "A-01"),
            status=Status.PENDING,
            serial_id=serial.pk,
        )
    )
    report = completeness(None, sites=None)
    kinds = {k.kind: (k.nodes, k.complete) for k in report.kinds}
    assert kinds["finished"] == (2, 0)
    assert kinds["shipped"] == (1, 1)
    assert kinds["raw"] == kinds["wip"] == kinds["semi-finished"] == (0, 0)
    assert report.gap_count == len(report.gaps) == 6
    assert {g.lacks for g in report.gaps} == {"document", "supplier", "udi"}
    assert next(k.ratio for k in report.kinds if k.kind == "raw") is None
    alone = completeness([lot.pk], sites=None, limit=2)
    assert (len(alone.gaps), alone.gap_count) == (2, 3)
    assert completeness([lot.pk], sites=[world.chengdu.pk]).gap_count == 0


def test_goods_that_came_by_the_book_lack_nothing(world: World) -> None:  # TRC-05
    (inspection,) = inspected(world, (code("STENT", "S1"), 4))
    report = completeness([inspection.lot_id], sites=None)
    assert {k.kind: k.ratio for k in report.kinds if k.nodes} == {"finished": 1.0}
    assert report.gaps == ()


def test_many_lots_take_as_many_queries_as_one(world: World) -> None:
    def counted(*numbers: str) -> int:
        lots = [world.lot("STENT", n, EXPIRY) for n in numbers]
        for lot in lots:
            world.stock(lot, 2)
        nodes = [lot.pk for lot in lots]
        trace = forward(Start(lots=nodes), sites=None)
        with CaptureQueriesContext(connection) as seen:
            timeline(nodes, sites=None)
            listing(trace)
            completeness(nodes, sites=None)
        return len(seen)

    assert counted("A") == counted("B", "C", "D", "E")
