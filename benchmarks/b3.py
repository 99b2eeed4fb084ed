"""B3: order lines get their stock by FEFO, written as promises.

The floor weighs all stock of the items by window sums. The command finds by index how far it has to
look first, so that at a large stock it may come out below the floor.
"""

import time

import psycopg

from benchmarks import company as companies
from benchmarks.company import Company, actor
from benchmarks.figures import Figure, growth, median, spread
from benchmarks.scale import Scale
from traceward.domain.stock.allocation import Demand
from traceward.domain.stock.commands.allocation import release_reservations, reserve
from traceward.domain.stock.models import Reservation
from traceward.kernel.documents.models import Document, DocumentLine
from traceward.kernel.org.models import LegalEntity, Site

LIMIT = 2.5
BINS = 4
ITEMS = 500
#: What stands of each lot in each bin, and what a line asks for: it takes one balance or two.
STANDS, ASKED = 10, 7
#: Lots of an item expire on different days, in no order.
EXPIRIES = "UPDATE stock_lot SET expires_on = date '2031-01-01' + (id * 7919 % 2999)::int"


def run(scale: Scale) -> list[Figure]:
    """A tenth of the lines, then all of them, over the same balances."""
    lots, lines = scale.balances // BINS, scale.demand_lines
    with companies.company("b3", lots=lots, bins=BINS, items=ITEMS) as made:
        stock(made, lots)
        few, few_seconds = measured(made, lines // 10, scale)
        many, many_seconds = measured(made, lines, scale)
        slope = growth(lines // 10, few_seconds, lines, many_seconds)
        many.note += f"; time grows as lines^{slope:.2f}"
        few.target, few.met = "", None
        wrong = companies.differences(made.database)
        assert wrong == 0, f"{wrong} balances differ from the ledger"
        return [few, many]


def stock(made: Company, lots: int) -> None:
    """Every lot stands qualified in every bin; the floor's balances are the same."""
    companies.as_administrator(made.database, EXPIRIES)
    for batch in companies.receipts(made, lots, BINS, STANDS, 10_000):
        companies.post(**batch)
        for one in companies.releases(iter([batch])):
            companies.post(**one)
    companies.as_administrator(made.database, "tables", "reservations", "fill_balances")
    companies.settle(made.database)


def demanded(made: Company, lines: int) -> list[Demand]:
    """So many order lines, the items by turns."""
    site = Site.objects.get(code="SH")
    order = Document.objects.create(
        kind="sales.order",
        legal_entity=LegalEntity.objects.get(code="HA"),
        site=site,
        state="open",
        created_at="2026-01-01T00:00:00Z",
        created_by_id=made.system,
    )
    rows = DocumentLine.objects.bulk_create(
        DocumentLine(document=order, line_number=n + 1) for n in range(lines)
    )
    items = sorted({item for item, _ in made.lots})
    return [
        Demand(row.pk, items[n % len(items)], ASKED, site.pk, made.owner)
        for n, row in enumerate(rows)
    ]


def measured(made: Company, lines: int, scale: Scale) -> tuple[Figure, float]:
    """The command and the floor by turns; what each promised is given back, not measured.

    Each round has lines of its own, so that both write new promises.
    """
    ours: list[float] = []
    floor: list[float] = []
    with psycopg.connect(companies.address(made.database)) as bare:
        for n in range(scale.rounds + 1):
            demands = demanded(made, lines)
            mine = by_command(made, demands)
            promised = total()
            release_reservations([d.line_id for d in demands], by=actor(made.system))
            least, same = by_floor(bare, demands)
            assert promised == same == ASKED * len(demands), (promised, same)
            companies.settle(made.database)
            if n:
                ours.append(mine)
                floor.append(least)
    ratio = median([a / b for a, b in zip(ours, floor, strict=True)])
    figure = Figure(
        "B3",
        "allocate by FEFO",
        f"{lines:,} lines over {scale.balances:,} balances",
        median(ours) * 1000,
        "ms",
        median(floor) * 1000,
        ratio,
        f"≤ {LIMIT} × floor",
        ratio <= LIMIT,
        note=f"{len(ours)} rounds, ours {spread([s * 1000 for s in ours])}, "
        f"floor {spread([s * 1000 for s in floor])}",
    )
    return figure, median(ours)


def by_command(made: Company, demands: list[Demand]) -> float:
    """Permission, rules, locks, reasons, promises, audit and outbox included."""
    person = actor(made.system)
    began = time.perf_counter()
    done = reserve(demands, by=person)
    seconds = time.perf_counter() - began
    assert done.shortage == 0
    return seconds


def total() -> int:
    return sum(Reservation.objects.values_list("quantity", flat=True))


def by_floor(bare: psycopg.Connection, demands: list[Demand]) -> tuple[float, int]:
    """FEFO by window sums, written and committed; then taken back."""
    values = {
        "lines": [d.line_id for d in demands],
        "items": [d.item_id for d in demands],
        "quantities": [d.quantity for d in demands],
    }
    began = time.perf_counter()
    bare.execute(companies.statements()["fefo"], values)  # type: ignore[arg-type]  # our own file
    bare.commit()
    seconds = time.perf_counter() - began
    (same,) = bare.execute("SELECT sum(reserved) FROM floor_balance").fetchone() or (0,)
    bare.execute("UPDATE floor_balance SET reserved = 0 WHERE reserved <> 0")
    bare.execute("TRUNCATE floor_reservation")
    bare.commit()
    return seconds, int(same)
