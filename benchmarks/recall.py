"""B6, of it the recall: a lot in 500 places and 40 documents is found, blocked and listed."""

import time

from benchmarks import company as companies
from benchmarks.company import Company
from benchmarks.figures import Figure, median, spread
from benchmarks.scale import Scale
from tests import ledger
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.models import RecallLevel
from traceward.domain.recalls.queries import consignees, ladder, list_units, what_if
from traceward.domain.stock.models import Code, Reservation, Status
from traceward.domain.stock.rules import BalanceKey, Leg, Promise
from traceward.domain.trace.queries import documents
from traceward.kernel.org.models import Site

PLACES = 500
DOCUMENTS = 40
EACH = 10
SECONDS = 1.0


def recall(made: Company, moves: int, scale: Scale) -> list[Figure]:
    """Each round recalls another lot: opened, its units listed, consignees, ladder, documents."""
    spare = made.lots[-(scale.rounds + 1) :]
    for item, lot in spare:
        spread_out(made, item, lot)
    companies.settle(made.database)
    took: list[float] = []
    asked: list[float] = []
    drilled: list[float] = []
    site = Site.objects.get(code="SH").pk
    for _, lot in spare:
        target, by = [Target(lot_id=lot)], companies.actor(made.quality)
        began = time.perf_counter()
        found = what_if(target, ledger.database_now(), ledger.database_now().date())
        asked.append(time.perf_counter() - began)
        began = time.perf_counter()
        tried = recalls.drill(site, RecallLevel.ONE, "benchmark", target, by=by)
        drilled.append(time.perf_counter() - began)
        assert found.standing == tried.standing == PLACES * EACH, found.standing
        assert len(found.documents) == tried.promises == DOCUMENTS
        assert not found.ladder.difference
        began = time.perf_counter()
        by = companies.actor(made.quality)
        held = recalls.open(site, RecallLevel.ONE, "benchmark", [Target(lot_id=lot)], by=by)
        units = list_units(held.case_id)
        told = consignees(held.case_id)
        adds_up = ladder(held.case_id)
        papers = documents([lot], sites=None)
        took.append(time.perf_counter() - began)
        assert len(units) == PLACES + 1, len(units)
        assert len(held.hits) == DOCUMENTS
        assert len(papers) == DOCUMENTS
        assert not adds_up.difference
        assert sum(c.standing for c in told) == DOCUMENTS
        assert not Reservation.objects.filter(quantity__gt=0, balance__lot=lot).exists()
    seconds = median(took[1:])
    where = f"{PLACES} places, {DOCUMENTS} documents, {moves:,} moves"
    return [
        *(
            Figure(
                *("B6", what, where, median(times[1:]), "s"),
                target=f"≤ {SECONDS:.0f} s",
                met=median(times[1:]) <= SECONDS,
                note=f"{len(times) - 1} rounds, {spread(times[1:])}",
            )
            for what, times in (
                ("what a recall would reach: asked", asked),
                ("drill: found, scored, kept", drilled),
            )
        ),
        Figure(
            "B6", "recall: found, blocked, listed",
            where, seconds, "s",
            target=f"≤ {SECONDS:.0f} s", met=seconds <= SECONDS,
            note=f"{len(took) - 1} rounds, {spread(took[1:])}; {DOCUMENTS} promises given back",
        )
    ]  # fmt: skip


def spread_out(made: Company, item: int, lot: int) -> None:
    """The lot stands in 500 bins; 40 documents took one unit each to a customer, and have another
    one promised.
    """
    us, pending, good = made.owner, Status.PENDING.value, Status.QUALIFIED.value
    places = made.bins[:PLACES]
    receive, release = Code.RECEIVE.value, Code.RELEASE.value
    legs = [
        Leg(receive, item, lot, None, EACH, made.supplier_place, pending, us, p, pending, us)
        for p in places
    ]
    ledger.post_all(legs=legs, by=companies.actor(made.system))
    legs = [Leg(release, item, lot, None, EACH, p, pending, us, p, good, us) for p in places]
    ledger.post_all(legs=legs, by=companies.actor(made.system))
    site, now = Site.objects.get(code="SH"), ledger.database_now()
    lines = [ledger.demand_line(site, made.system, now) for _ in range(DOCUMENTS)]
    papers = companies.documents_of(lines)
    steps = (
        (Code.PICK, None, made.staging_place),
        (Code.SHIP, made.staging_place, made.transit_place),
        (Code.DELIVER, made.transit_place, made.customer_place),
    )
    for code, source, target in steps:
        legs = [
            Leg(code.value, item, lot, None, 1, source or p, good, us, target, good, us,
                document_id=paper, line_id=line)
            for p, line, paper in zip(places, lines, papers, strict=False)
        ]  # fmt: skip
        ledger.post_all(legs=legs, by=companies.actor(made.system))
    promises = [
        Promise(line, BalanceKey(item, lot, p, good, us), 1)
        for p, line in zip(places, lines, strict=False)
    ]
    ledger.post_all(legs=[], promises=promises, by=companies.actor(made.system))
