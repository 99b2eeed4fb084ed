"""B1: many lines in one command, and many clients on the same lots."""

from benchmarks import company as companies
from benchmarks.clients import Clients, Round, clients
from benchmarks.company import Company
from benchmarks.figures import Figure, growth, median, spread
from benchmarks.moving import by_command, by_floor, tell
from benchmarks.scale import Scale

STOCKED = 2
BINS = 9
HOT_LOTS = 400
HOT_LINES = 200
HOT_CLIENTS = 8
SHARE = 0.40


def run(scale: Scale) -> list[Figure]:
    """1,000 and 10,000 lines by one client; 200 lines a post by eight clients on 400 lots."""
    with companies.company("b1", lots=scale.lots, bins=BINS) as made:
        stock(made, scale)
        with clients(1, made.database) as one:
            introduce(one, made)
            figures, seconds = [], []
            for lines in (1_000, 10_000):
                ours, floor = interleaved(one, scale.rounds, seconds=0.0, lines=lines)
                figures.append(figure("B1", "post through the command", f"{lines:,} lines", ours,
                                      floor, "lines/s", SHARE))  # fmt: skip
                seconds.append(median([r.seconds for r in ours]))
            figures[
                -1
            ].note += f"; time grows as lines^{growth(1_000, seconds[0], 10_000, seconds[1]):.2f}"
        before = companies.deadlocks(made.database)
        with clients(HOT_CLIENTS, made.database) as many:
            introduce(many, made)
            ours, floor = interleaved(
                many, scale.rounds, seconds=scale.seconds, lines=HOT_LINES, hot=HOT_LOTS
            )
        hot = figure("B1", "8 clients on 400 hot lots", "200 lines a post", ours, floor,
                     "lines/s", SHARE)  # fmt: skip
        locked = companies.deadlocks(made.database) - before
        hot.note += f"; {locked} deadlocks, {sum(r.refused for r in ours)} posts refused"
        hot.met = bool(hot.met) and locked == 0
        hot.target += ", 0 deadlocks"
        wrong = companies.differences(made.database)
        assert wrong == 0, f"{wrong} balances differ from the ledger"
        return [*figures, hot]


def stock(made: Company, scale: Scale) -> None:
    """Every lot stands qualified in the stocked bins; the floor's tables are as full."""
    receive = companies.receipts(made, scale.lots, STOCKED, companies.PLENTY, 10_000)
    work = list(receive)
    with clients(2, made.database) as loaders:
        loaders.share_out(companies.post, iter(work))
        loaders.share_out(companies.post, companies.releases(iter(work)))
    companies.as_administrator(
        made.database, "tables", "fill_balances", "fill_moves", "renumber_balances",
        "renumber_moves",
    )  # fmt: skip
    companies.settle(made.database)


def introduce(some: Clients, made: Company) -> None:
    some.ask(tell, *(
        {"company": made, "stocked": STOCKED, "client": n} for n in range(len(some.pipes))
    ))  # fmt: skip


def interleaved(
    some: Clients, rounds: int, *, seconds: float, lines: int, hot: int | None = None
) -> tuple[list[Round], list[Round]]:
    """Rounds of the command and of the floor by turns, after one of each to warm up."""
    ours, floor = [], []
    for n in range(rounds + 1):
        turn = [(by_command, ours), (by_floor, floor)]
        for function, kept in turn if n % 2 else reversed(turn):
            done = some.round(function, seconds=seconds, lines=lines, hot=hot)
            if n:
                kept.append(done)
    return ours, floor


def figure(
    name: str, work: str, size: str, ours: list[Round], floor: list[Round], unit: str, share: float
) -> Figure:
    """Medians of the rounds; the ratio is the median of the ratios of neighbours."""
    ratio = median([a.per_second / b.per_second for a, b in zip(ours, floor, strict=True)])
    return Figure(
        name,
        work,
        size,
        median([r.per_second for r in ours]),
        unit,
        median([r.per_second for r in floor]),
        ratio,
        f"≥ {share:.2f} × floor",
        ratio >= share,
        f"{median([r.cpu_share for r in ours]):.0%}, {median([r.cpu_share for r in floor]):.0%}",
        f"{len(ours)} rounds, ours {spread([r.per_second for r in ours])}, "
        f"floor {spread([r.per_second for r in floor])}",
    )
