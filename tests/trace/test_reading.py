"""From any identifier to timeline, list and completeness. # TRC-01 TRC-05"""

from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.inbound import code, inspected
from tests.ledger import database_now
from tests.outbound import VAN, signed
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
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
from traceward.domain.warehousing.models import Receipt
from traceward.kernel.documents.models import DocumentLink
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


def test_the_story_begins_with_the_order_and_its_supplier(world: World) -> None:  # TRC-01
    (inspection,) = inspected(world, (code("STENT", "S1"), 4))
    papers = timeline([inspection.lot_id], sites=None).papers
    of = {paper.kind: paper for paper in papers}
    assert set(of) == {"purchasing.order", "purchasing.notice", "warehousing.receipt"}
    order, notice = of["purchasing.order"], of["purchasing.notice"]
    assert order.number == PurchaseOrder.objects.get().number
    assert (notice.follows, of["warehousing.receipt"].follows) == ((order.id,), (notice.id,))
    assert {(p.partner_id, p.partner_zh) for p in papers} == {(world.supplier.pk, "北辰器械")}
    assert {f.name for f in order.facts} >= {"ordered_on", "approved_at"}
    assert ("reference", f"N{order.id}") in {(f.name, f.value) for f in notice.facts}
    assert timeline([inspection.lot_id], sites=[world.chengdu.pk]).papers == ()


def test_the_story_has_the_order_that_the_goods_were_sold_under(world: World) -> None:
    lot = job(world)
    of = {paper.kind: paper for paper in timeline([lot.pk], sites=None).papers}
    order = SalesOrder.objects.get()
    assert of["sales.order"].id == order.pk
    assert order.pk in of["warehousing.pick"].follows
    assert order.pk in of["warehousing.shipment"].follows
    assert of["sales.delivery"].follows == (of["warehousing.shipment"].id,)
    for kind in ("sales.order", "warehousing.shipment", "sales.delivery"):
        assert of[kind].partner_id == world.hospital.pk
    assert of["sales.usage"].partner_id is None


def test_papers_of_another_site_end_the_way_to_them(world: World) -> None:  # ORG-03
    (inspection,) = inspected(world, (code("STENT", "S1"), 4))
    wanted = purchasing.Wanted(world.items["STENT"].pk, 4, Decimal(1))
    by = world.by(roles.BUYER)
    theirs = purchasing.order(world.chengdu.pk, world.supplier.pk, [wanted], by=by).order_id
    receipt = Receipt.objects.get()
    DocumentLink.objects.create(earlier_id=theirs, later=receipt, kind="receipt")
    whole = timeline([inspection.lot_id], sites=None).papers
    seen = timeline([inspection.lot_id], sites=[world.shanghai.pk]).papers
    assert {paper.id for paper in whole} - {paper.id for paper in seen} == {theirs}
    followed = [next(p for p in papers if p.id == receipt.pk).follows for papers in (whole, seen)]
    assert [theirs in of for of in followed] == [True, False]


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


def test_many_papers_take_as_many_queries_as_few(world: World) -> None:
    def counted(nodes: list[int]) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert timeline(nodes, sites=None).papers
        return len(seen)

    lots = [inspected(world, (code("STENT", number), 4))[0].lot_id for number in ("S1", "S2")]
    assert counted(lots[:1]) == counted(lots) == 6
