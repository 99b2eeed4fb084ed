"""As many statements for many lines as for few: what grows with the lines is a loop of queries."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import inbound, outbound
from tests.stock.allocating import demand, line_of
from tests.world import World
from traceward.domain.sales.commands import ordering
from traceward.domain.stock.commands.allocation import reserve
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.queries import items_on_hand, on_hand
from traceward.domain.stock.rules import Leg
from traceward.domain.trace.queries import Start, backward, forward
from traceward.domain.warehousing.commands import checking, picking, receiving
from traceward.flows import outbound as flows
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
    return lambda: receiving.receive(coming.notice_id, dock, "DN-1", scans, by=by)


@pytest.mark.parametrize(
    ("prepare", "few", "many"),
    [
        (read_on_hand, 5, 50),
        (trace, 5, 50),
        (promise, 10, 100),
        (allocate, 10, 100),
        (start_pick, 5, 50),
        (pick, 5, 50),
        (check, 5, 50),
        (receive, 5, 50),
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
