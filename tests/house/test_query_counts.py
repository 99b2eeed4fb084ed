"""As many statements for many lines as for few: what grows with the lines is a loop of queries."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import inbound, making, outbound
from tests.stock.allocating import demand, line_of
from tests.web.local import browser_of
from tests.world import World
from traceward.domain.production.commands import issuing
from traceward.domain.production.commands.issuing import IssueScan
from traceward.domain.production.models import Bom, WorkOrder
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.quality import commands as quality
from traceward.domain.quality.rules import Share
from traceward.domain.sales.commands import delivering, ordering, using
from traceward.domain.stock.commands.allocation import reserve
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.queries import items_on_hand, on_hand
from traceward.domain.stock.rules import Leg
from traceward.domain.trace.queries import Start, backward, forward
from traceward.domain.warehousing.commands import checking, picking, receiving, shipping, storing
from traceward.domain.warehousing.models import ReceiptLine
from traceward.flows import acceptance
from traceward.flows import outbound as flows
from traceward.kernel.base.gs1 import build_sscc
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def stocked(world: World, size: int, mark: str) -> list[str]:
    """So many lots, two units of each qualified at A-01; their numbers."""
    numbers = [f"{mark}{n}" for n in range(size)]
    lots = [world.lot("STENT", number, date(2030, 12, 31)) for number in numbers]
    arrived = [world.leg(Code.RECEIVE, x, 2, "SUP", "A-01", status=Status.PENDING) for x in lots]
    world.post(*arrived)
    world.post(*(released(leg) for leg in arrived))
    return numbers


def released(leg: Leg) -> Leg:
    return leg._replace(
        code=Code.RELEASE, from_place_id=leg.to_place_id, to_status=int(Status.QUALIFIED)
    )


def read_on_hand(world: World, size: int, mark: str) -> Callable[[], Any]:
    stocked(world, size, mark)
    return lambda: (on_hand(sites=None, now=NOW), items_on_hand(sites=None))


def trace(world: World, size: int, mark: str) -> Callable[[], Any]:
    pks = [world.lot("STENT", number).pk for number in stocked(world, size, mark)]
    start = Start(lots=pks)
    return lambda: (forward(start, sites=None), backward(start, sites=None))


def promise(world: World, size: int, mark: str) -> Callable[[], Any]:
    stocked(world, size, mark)
    wanted = [demand(world, 1, line_id=pk) for pk in line_of(world, size)]
    return lambda: reserve(wanted, by=world.by(roles.PLANNER))


def allocate(world: World, size: int, mark: str) -> Callable[[], Any]:
    order_id = ordered(world, size, mark)
    return lambda: flows.allocate(order_id, by=world.by(roles.PLANNER))


def ordered(world: World, size: int, mark: str) -> int:
    """An order of one line for each lot, by its number, two units each."""
    lots = [world.lot("STENT", number) for number in stocked(world, size, mark)]
    lines = [ordering.OrderedItem(world.items["STENT"].pk, 2, lot_id=lot.pk) for lot in lots]
    made = ordering.order(
        world.shanghai.pk,
        world.hospital.pk,
        world.places["DEP"].pk,
        lines,
        by=world.by(roles.SALES),
    )
    return made.order_id


def place_order(world: World, size: int, mark: str) -> Callable[[], Any]:
    wanted = [purchasing.Wanted(world.items["STENT"].pk, 1, Decimal(9)) for _ in range(size)]
    site, supplier = world.shanghai.pk, world.supplier.pk
    return lambda: purchasing.order(site, supplier, wanted, by=world.by(roles.BUYER))


def take_order(world: World, size: int, mark: str) -> Callable[[], Any]:
    lines = [ordering.OrderedItem(world.items["STENT"].pk, 2) for _ in range(size)]
    to = (world.shanghai.pk, world.hospital.pk, world.places["DEP"].pk)
    return lambda: ordering.order(*to, lines, by=world.by(roles.SALES))


def opened(world: World, size: int, mark: str) -> int:
    order_id = ordered(world, size, mark)
    flows.allocate(order_id, by=world.by(roles.PLANNER))
    stage, by = world.places["STAGE"].pk, world.by(roles.STOREKEEPER)
    return flows.start_pick(order_id, stage, by=by).pick_id


def start_pick(world: World, size: int, mark: str) -> Callable[[], Any]:
    order_id = ordered(world, size, mark)
    flows.allocate(order_id, by=world.by(roles.PLANNER))
    stage, by = world.places["STAGE"].pk, world.by(roles.STOREKEEPER)
    return lambda: flows.start_pick(order_id, stage, by=by)


def pick(world: World, size: int, mark: str) -> Callable[[], Any]:
    pick_id = opened(world, size, mark)
    scans = [outbound.scan(f"{mark}{n}", 2) for n in range(size)]
    return lambda: picking.pick(pick_id, scans, by=world.by(roles.PICKER))


def check(world: World, size: int, mark: str) -> Callable[[], Any]:
    pick_id = opened(world, size, mark)
    scans = [outbound.scan(f"{mark}{n}", 2) for n in range(size)]
    picking.pick(pick_id, scans, by=world.by(roles.PICKER))
    again = [checking.CheckScan(scan.codes, 2) for scan in scans]
    return lambda: checking.check(
        pick_id, again, is_package_intact=True, is_label_right=True, by=world.by(roles.CHECKER)
    )


def receive(world: World, size: int, mark: str) -> Callable[[], Any]:
    codes = [(inbound.code("STENT", f"{mark}{n}"), 1) for n in range(size)]
    coming = inbound.announced(world, *codes, ordered_quantity=size)
    scans = [receiving.Scan([raw], packs) for raw, packs in codes]
    dock, by = world.places["DOCK"].pk, world.by(roles.STOREKEEPER)
    return lambda: receiving.receive(
        coming.notice_id, dock, "DN-1", scans, journey=inbound.JOURNEY, by=by
    )


def notify(world: World, size: int, mark: str) -> Callable[[], Any]:
    codes = [inbound.code("STENT", f"{mark}{n}") for n in range(size)]
    order_id = inbound.ordered(world, quantity=size)
    noticed = [purchasing.Noticed([raw], 1) for raw in codes]
    by = world.by(roles.BUYER)
    return lambda: purchasing.notify(order_id, f"N{mark}", noticed, by=by)


def put_away(world: World, size: int, mark: str) -> Callable[[], Any]:
    receipt = receive(world, size, mark)()
    lines = [
        storing.PutAway(row.pk, 1, world.places["A-01"].pk, status=Status.PENDING)
        for row in ReceiptLine.objects.filter(receipt=receipt.receipt_id)
    ]
    by = world.by(roles.STOREKEEPER)
    return lambda: storing.put_away(receipt.receipt_id, lines, by=by)


def checked(world: World, size: int, mark: str) -> int:
    pick_id = opened(world, size, mark)
    scans = [outbound.scan(f"{mark}{n}", 2) for n in range(size)]
    picking.pick(pick_id, scans, by=world.by(roles.PICKER))
    again = [checking.CheckScan(scan.codes, 2) for scan in scans]
    checking.check(
        pick_id, again, is_package_intact=True, is_label_right=True, by=world.by(roles.CHECKER)
    )
    return pick_id


def ship(world: World, size: int, mark: str) -> Callable[[], Any]:
    pick_id = checked(world, size, mark)
    return lambda: shipping.ship(pick_id, outbound.VAN, by=world.by(roles.DISPATCHER))


def sign_for(world: World, size: int, mark: str) -> Callable[[], Any]:
    shipment_id = ship(world, size, mark)().shipment_id
    by = world.by(roles.DRIVER).reauthenticated()
    return lambda: delivering.sign_for(shipment_id, Erasable("张三"), by=by)


def issue(world: World, size: int, mark: str) -> Callable[[], Any]:
    order_id, numbers = work_order(world, size, mark)
    scans = [IssueScan(outbound.scan(number).codes, "A-01", 2) for number in numbers]
    return lambda: issuing.issue(order_id, scans=scans, by=world.by(roles.STOREKEEPER))


def complete(world: World, size: int, mark: str) -> Callable[[], Any]:
    issue(world, size, mark)()
    order_id = WorkOrder.objects.order_by("-pk")[0].pk
    made = making.pacers(world, *(f"{mark}{n}" for n in range(size)))
    return lambda: making.complete(world, order_id, made)


def open_inspections(world: World, size: int, mark: str) -> Callable[[], Any]:
    uid, by = receive(world, size, mark)().receipt_uid, world.by(roles.SYSTEM)
    return lambda: quality.open_inspections(uid, by=by)


def inspected(world: World, size: int, mark: str) -> tuple[int, list[quality.Found]]:
    """A receipt of so many lots with open inspections, and a good result for each check."""
    done = receive(world, size, mark)()
    opened = quality.open_inspections(done.receipt_uid, by=world.by(roles.SYSTEM))
    checks = inbound.CHECKS
    return done.receipt_id, [
        quality.Found(pk, check, True, 1) for pk in opened.inspection_ids for check in checks
    ]


def record_results(world: World, size: int, mark: str) -> Callable[[], Any]:
    receipt_id, results = inspected(world, size, mark)
    return lambda: acceptance.record_results(receipt_id, results, by=world.by(roles.INSPECTOR))


def decide_lots(world: World, size: int, mark: str) -> Callable[[], Any]:
    receipt_id, results = inspected(world, size, mark)
    acceptance.record_results(receipt_id, results, by=world.by(roles.INSPECTOR))
    share = [Share(world.places["DOCK"].pk, 1, 0)]
    verdicts = [
        quality.Verdict(pk, share, "fit") for pk in dict.fromkeys(x.inspection_id for x in results)
    ]
    by = world.by(roles.QUALITY_HEAD).reauthenticated()
    return lambda: acceptance.decide_lots(receipt_id, verdicts, by=by)


def pack(world: World, size: int, mark: str) -> Callable[[], Any]:
    pick_id = checked(world, size, mark)
    sscc = f"]C100{build_sscc(1, '6901234', size)}"
    return lambda: shipping.pack(pick_id, sscc=sscc, by=world.by(roles.PICKER))


def use(world: World, size: int, mark: str) -> Callable[[], Any]:
    sign_for(world, size, mark)()
    used = [using.UsedItem(outbound.scan(f"{mark}{n}").codes, 2) for n in range(size)]
    place, by = world.places["DEP"].pk, world.by(roles.COORDINATOR)
    return lambda: using.use(place, used, by=by)


def work_order(world: World, size: int, mark: str) -> tuple[int, list[str]]:
    """A released order that takes two of each of so many lots."""
    if not Bom.objects.exists():
        making.plant(world)
    return making.released(world, size), stocked(world, size, mark)


@pytest.mark.parametrize(
    ("prepare", "few", "many"),
    [
        (read_on_hand, 5, 50),
        (trace, 5, 50),
        (promise, 10, 100),
        (place_order, 1, 50),
        (take_order, 1, 50),
        (allocate, 10, 100),
        (start_pick, 5, 50),
        (pick, 5, 50),
        (check, 5, 50),
        (receive, 5, 50),
        (notify, 5, 50),
        (open_inspections, 1, 50),
        (record_results, 1, 50),
        (decide_lots, 1, 50),
        (put_away, 5, 50),
        (pack, 5, 50),
        (ship, 5, 50),
        (sign_for, 5, 50),
        (use, 5, 50),
        (issue, 5, 50),
        (complete, 5, 50),
    ],
)
def test_statements_do_not_grow_with_the_lines(
    world: World, prepare: Callable[..., Callable[[], Any]], few: int, many: int
) -> None:
    sent = {}
    for size, mark in ((few, "F"), (many, "M")):
        ask = prepare(world, size, mark)
        with CaptureQueriesContext(connection) as seen:
            ask()
        sent[size] = [query["sql"] for query in seen]
    more = [sql[:200] for sql in sent[many] if sent[many].count(sql) > sent[few].count(sql)]
    assert len(sent[many]) <= len(sent[few]), (
        f"{len(sent[few])} statements for {few}, {len(sent[many])} for {many}: "
        f"ask for all lines at once\n" + "\n".join(more[:5])
    )


def in_stock(world: World, size: int, mark: str) -> tuple[str, ...]:
    stocked(world, size, mark)
    near = world.lot("STENT", f"{mark}NEAR", datetime.now(UTC).date() + timedelta(days=20))
    for place in ("A-01", "A-02") if size > FEW else ("A-01",):
        world.stock(near, 2, place)
    return (
        *("/", "/board", "/stock/lots?view=all", "/stock/balances?view=all", "/stock/moves"),
        *("/ask/stock.near_expiry", "/ask/stock.on_hand"),
        f"/stock/lots/{near.pk}",
    )


def received(world: World, size: int, mark: str) -> tuple[str, ...]:
    receipt_id, _ = inspected(world, size, mark)
    return (
        *(f"/warehousing/receipts/{receipt_id}", "/warehousing/receipt_lines?view=all"),
        *(f"/do/{verb}?receipt_id={receipt_id}" for verb in TO_STORE),
    )


TO_STORE = ("warehousing.put_away", "inbound.record_results", "inbound.decide_lots")


def sold(world: World, size: int, mark: str) -> tuple[str, ...]:
    order_id = ordered(world, size, mark)
    flows.allocate(order_id, by=world.by(roles.PLANNER))
    return f"/sales/orders/{order_id}", f"/do/outbound.start_pick?order_id={order_id}"


def picked(world: World, size: int, mark: str) -> tuple[str, ...]:
    pick_id = opened(world, size, mark)
    return f"/warehousing/picks/{pick_id}", f"/do/warehousing.pick?pick_id={pick_id}"


def sent(world: World, size: int, mark: str) -> tuple[str, ...]:
    shipment_id = ship(world, size, mark)().shipment_id
    return (
        f"/warehousing/shipments/{shipment_id}",
        f"/do/sales.sign_for?shipment_id={shipment_id}",
        "/warehousing/shipment_lines?view=all",
    )


FEW, MANY = 3, 30


@pytest.mark.parametrize("prepare", [in_stock, received, sold, picked, sent])
def test_pages_do_not_ask_more_for_many_rows(
    world: World, prepare: Callable[..., tuple[str, ...]]
) -> None:
    set_up_roles()
    client = browser_of(*(role for role in roles.ALL if role != roles.SYSTEM))
    asked = {}
    for size, mark in ((FEW, "F"), (MANY, "M")):
        asked[size] = [statements(client, address) for address in prepare(world, size, mark)]
    for (address, few), (_, many) in zip(asked[FEW], asked[MANY], strict=True):
        more = [sql[:200] for sql in many if many.count(sql) > few.count(sql)]
        assert len(many) <= len(few), (
            f"{address}: {len(few)} statements for {FEW} rows, {len(many)} for {MANY}\n"
            + "\n".join(more[:5])
        )


def statements(client: Client, address: str) -> tuple[str, list[str]]:
    """What the page asks the database, once it has been opened before."""
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return address, [query["sql"] for query in seen]
