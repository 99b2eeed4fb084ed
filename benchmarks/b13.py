"""B13: a delivery of serials is received from its notice."""

import time
from decimal import Decimal
from typing import Any

import psycopg

from benchmarks import company as companies
from benchmarks.figures import Figure, growth, median, spread
from benchmarks.scale import Scale
from tests import inbound, world
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.warehousing.commands.receiving import Scan
from traceward.flows.inbound import receive_notice
from traceward.kernel.org import roles

LIMIT_SECONDS = 2.0
#: The limit is for so many serials; fewer say how the time grows.
COUNTS_FROM = 10_000
#: Lots of a delivery.
LOTS = 20
#: Received before anything counts, so that the tables have statistics.
BEFORE = 2_000


def run(scale: Scale) -> list[Figure]:
    """A tenth of the serials, then all of them."""
    with companies.scratch("b13") as database:
        company = world.build()
        deliver(company, BEFORE, "W")
        companies.as_administrator(database, "tables", "serials", "fill_balances", "fill_moves",
                                   "renumber_balances", "renumber_moves")  # fmt: skip
        few, few_seconds = measured(company, database, scale.serials // 10, scale)
        many, many_seconds = measured(company, database, scale.serials, scale)
        slope = growth(scale.serials // 10, few_seconds, scale.serials, many_seconds)
        many.note += f"; time grows as serials^{slope:.2f}"
        few.target, few.met = "", None
        wrong = companies.differences(database)
        assert wrong == 0, f"{wrong} balances differ from the ledger"
        return [few, many]


def measured(company: World, database: str, serials: int, scale: Scale) -> tuple[Figure, float]:
    """The flow and the floor by turns; the notice is on file before the clock starts."""
    ours: list[float] = []
    announced: list[float] = []
    floor: list[float] = []
    with psycopg.connect(companies.address(database)) as bare:
        for n in range(scale.rounds + 1):
            noticed, received = deliver(company, serials, f"{serials}R{n}-", database)
            least = by_floor(bare, company, [f"{serials}F{n}-{k}" for k in range(serials)])
            if n:
                announced.append(noticed)
                ours.append(received)
                floor.append(least)
    middle = median(ours)
    figure = Figure(
        "B13",
        "receive serials from a notice",
        f"{serials:,} serials",
        middle,
        "s",
        median(floor),
        median([a / b for a, b in zip(ours, floor, strict=True)]),
        f"≤ {LIMIT_SECONDS:.0f} s" if serials >= COUNTS_FROM else "",
        middle <= LIMIT_SECONDS if serials >= COUNTS_FROM else None,
        note=f"{len(ours)} rounds, ours {spread(ours)}, floor {spread(floor)}; "
        f"the notice itself {spread(announced)}",
    )
    return figure, middle


def deliver(company: World, serials: int, mark: str, database: str = "") -> tuple[float, float]:
    """Seconds that the notice and the receipt took; ordering and approving are not measured."""
    wanted = [purchasing.Wanted(company.items["PACER"].pk, serials, Decimal(100))]
    order = purchasing.order(
        company.shanghai.pk, company.supplier.pk, wanted, by=company.by(roles.BUYER)
    )
    purchasing.approve(order.order_id, by=company.by(roles.SUPERVISOR))
    codes = [
        inbound.code("PACER", f"{mark}{k % LOTS}", serial=f"{mark}{k}") for k in range(serials)
    ]
    noticed = [purchasing.Noticed([raw], 1) for raw in codes]
    began = time.perf_counter()
    notice = purchasing.notify(order.order_id, f"N{mark}", noticed, by=company.by(roles.BUYER))
    middle = time.perf_counter()
    if database:
        companies.settle(database)
    scans, dock = [Scan([raw], 1) for raw in codes], company.places["DOCK"].pk
    start = time.perf_counter()
    by = company.by(roles.STOREKEEPER)
    done = receive_notice(notice.notice_id, dock, "DN-1", scans, journey=inbound.JOURNEY, by=by)
    seconds = time.perf_counter() - start
    assert (done.base_units, done.still_to_come) == (serials, 0)
    return middle - began, seconds


def by_floor(bare: psycopg.Connection[Any], company: World, numbers: list[str]) -> float:
    """The same facts in one statement, committed; nothing is read or checked."""
    values = {
        "numbers": numbers,
        "item": company.items["PACER"].pk,
        "lot": 1,
        "document": len(numbers),
        "from": company.places["SUP"].pk,
        "to": company.places["DOCK"].pk,
        "owner": company.us.pk,
        "supplier": company.supplier.pk,
    }
    began = time.perf_counter()
    bare.execute(companies.statements()["receive_serials"], values)  # type: ignore[arg-type]
    bare.commit()
    seconds = time.perf_counter() - began
    bare.execute("DELETE FROM floor_line; DELETE FROM floor_receipt_line")
    bare.commit()
    return seconds
