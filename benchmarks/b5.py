"""B5: what stands where, now and as of a past moment, on a ledger that grew over a year."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import psycopg
from django.db import connection

from benchmarks import company as companies
from benchmarks.clients import clients
from benchmarks.company import Company
from benchmarks.figures import Figure, growth, median, milliseconds, short
from benchmarks.scale import Scale
from tests import world
from traceward.domain.stock.checkpoints import SPACING, keep_checkpoints
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.queries.now import items_on_hand, on_hand
from traceward.domain.stock.queries.past import Moment, items_in_past, stood
from traceward.domain.stock.queries.which import Which
from traceward.domain.stock.rules import Leg

BINS = 8
BATCH = 10_000
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
ALL_ROWS = 100_000_000
NOW_LIMIT = 2.0
PAST_LIMIT = 6.0
ONE_PAST_MS = 20.0
SEED = 5


def run(scale: Scale) -> list[Figure]:
    """The questions at two sizes; then once more after a back-dated row."""
    with companies.company("b5", lots=scale.standing_lots, bins=BINS) as made:
        set_clock(BEGIN)
        places = max(1, min(BINS, scale.fewer_moves // 4 // len(made.lots)))
        few = stock_up(made, places, scale.moves)
        history = movements(made, places)
        few += fill(made, history, scale.fewer_moves - few, scale.moves)
        before = questions(made, scale, few)
        many = few + fill(made, history, scale.moves - few, scale.moves)
        after = questions(made, scale, many)
        for a, b in zip(before, after, strict=True):
            slope = growth(few, a.ours, many, b.ours)
            b.note += f"; at {few:,} moves {short(a.ours)} ms, grows as moves^{slope:.2f}"
        backdate(made)
        late = [f for f in questions(made, scale, many) if "past" in f.work]
        for figure in late:
            figure.work += ", after a back-dated row"
        wrong = companies.differences(made.database)
        assert wrong == 0, f"{wrong} balances differ from the ledger"
        return [*after, *late]


def stock_up(made: Company, places: int, total: int) -> int:
    """Every lot was received into so many bins and released there."""
    receive = list(companies.receipts(made, len(made.lots), places, companies.PLENTY, BATCH))
    release = companies.releases(iter(receive))
    return load(made, iter(receive), total) + load(made, release, total)


def movements(made: Company, places: int) -> Iterator[dict[str, Any]]:
    """Pieces of work without end: goods move from a stocked bin to another one."""
    chosen = random.Random(SEED)
    us, status = made.owner, Status.QUALIFIED.value
    while True:
        legs = []
        for _ in range(BATCH):
            item, lot = chosen.choice(made.lots)
            source = chosen.randrange(places)
            target = (source + chosen.randrange(1, BINS)) % BINS
            legs.append(
                (Code.MOVE.value, item, lot, None, 1, made.bins[source], status, us,
                 made.bins[target], status, us)
            )  # fmt: skip
        yield {"legs": legs, "system": made.system}


def fill(made: Company, history: Iterator[dict[str, Any]], wanted: int, total: int) -> int:
    """So many moves more; then checkpoints are made, as the job does."""
    count = load(made, islice(history, max(1, -(-wanted // BATCH))), total)
    pass_time(timedelta(hours=3))
    keep_checkpoints()
    companies.settle(made.database)
    return count


def load(made: Company, work: Iterator[dict[str, Any]], total: int) -> int:
    """The work goes through the ledger while the sandbox's clock walks through the year."""

    def dated() -> Iterator[dict[str, Any]]:
        for one in work:
            pass_time(YEAR * (len(one["legs"]) / total))
            yield one

    with clients(2, made.database) as loaders:
        return sum(loaders.share_out(companies.post, dated()))


def clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def set_clock(moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_set_clock(%s)", [moment])


def pass_time(span: timedelta) -> None:
    set_clock(clock() + span)


def questions(made: Company, scale: Scale, moves: int) -> list[Figure]:
    """Each question against its floor, or against the same question about now."""
    chosen = random.Random(SEED)
    items = sorted({item for item, _ in made.lots})
    first, last = _span()
    known = companies.statements()
    floor = psycopg.connect(companies.address(made.database), autocommit=True)
    now = clock()

    def asked(name: str) -> Callable[[], object]:
        return lambda: floor.execute(known[name], {"item": chosen.choice(items)}).fetchall()

    def moment() -> Moment:
        return Moment(first + (last - first) * chosen.uniform(0.1, 0.9))

    def one() -> Which:
        return Which(items=[chosen.choice(items)])

    rounds = scale.rounds
    size = f"{moves:,} moves"
    with floor:
        figures = [
            _figure("on hand now, one item", size, rounds * 5, NOW_LIMIT,
                    lambda: items_on_hand(sites=None, which=one()), asked("one_item")),
            _figure("on hand now, all items", size, rounds, NOW_LIMIT,
                    lambda: items_on_hand(sites=None), asked("all_items")),
            _figure("on hand now, by lot and bin", size, rounds, NOW_LIMIT,
                    lambda: on_hand(sites=None, now=now, limit=ALL_ROWS),
                    asked("by_lot_and_place")),
            _figure("past, one item", size, rounds * 5, None,
                    lambda: items_in_past(moment(), sites=None, items=one().items),
                    lambda: items_on_hand(sites=None, which=one())),
            _figure("past, all items", size, rounds, PAST_LIMIT,
                    lambda: items_in_past(moment(), sites=None),
                    lambda: items_on_hand(sites=None)),
            _figure("past, by lot and bin", size, rounds, None,
                    lambda: stood(moment(), sites=None),
                    lambda: on_hand(sites=None, now=now, limit=ALL_ROWS)),
        ]  # fmt: skip
    for figure in figures[3:]:
        figure.note += "; the floor is the same question about now"
        if moves < SPACING:
            figure.note += "; fewer moves than lie between two checkpoints, so none helps yet"
    past = figures[3]
    past.target, past.met = f"≤ {ONE_PAST_MS:.0f} ms", past.ours <= ONE_PAST_MS
    return figures


def _figure(
    work: str,
    size: str,
    rounds: int,
    limit: float | None,
    ours: Callable[[], object],
    floor: Callable[[], object],
) -> Figure:
    """Medians of the rounds by turns; the ratio is the median of the ratios of neighbours."""
    pairs = []
    for n in range(rounds + 2):
        pair = (milliseconds(ours), milliseconds(floor))
        if n > 1:
            pairs.append(pair)
    ratio = median([a / b for a, b in pairs])
    return Figure(
        "B5", work, size, median([a for a, _ in pairs]), "ms", median([b for _, b in pairs]),
        ratio, f"≤ {limit:.0f} × floor" if limit else "", ratio <= limit if limit else None, "",
        f"{rounds} rounds",
    )  # fmt: skip


def _span() -> tuple[datetime, datetime]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(happened_at), max(happened_at) FROM stock_move")
        first, last = cursor.fetchone()
    return first, last


def backdate(made: Company) -> None:
    """One move is entered months late; the past answer changes by it, and checkpoints are kept."""
    first, last = _span()
    earlier = first + (last - first) * 0.3
    item, lot = made.lots[0]
    after = Moment(earlier + timedelta(days=1))
    before = {s.place_id: s.on_hand for s in _standing(lot, after)}
    leg = Leg(Code.MOVE.value, item, lot, None, 1, made.bins[0], Status.QUALIFIED.value, made.owner,
              made.bins[1], Status.QUALIFIED.value, made.owner)  # fmt: skip
    world.post_legs(
        legs=[leg], happened_at=earlier, reason="found late", by=companies.actor(made.system)
    )
    now = {s.place_id: s.on_hand for s in _standing(lot, after)}
    assert now[made.bins[0]] == before[made.bins[0]] - 1, "the past does not know the late row"
    keep_checkpoints()


def _standing(lot: int, moment: Moment) -> list[Any]:
    rows = stood(moment, sites=None, which=Which(lots=[lot]))
    return [s for s in rows if s.status == Status.QUALIFIED.value]
