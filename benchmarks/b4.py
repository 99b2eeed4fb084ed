"""B4: traces both ways through 5,000 lots, with quantities and whereabouts; and B6's recall."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psycopg
from django.test import Client

from benchmarks import company as companies
from benchmarks.clients import Clients, clients
from benchmarks.company import Company
from benchmarks.figures import Figure, growth, median, milliseconds, short, spread
from benchmarks.recall import recall
from benchmarks.scale import Scale
from tests import ledger
from tests.web.local import browser_of
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.rules import Edge, Leg
from traceward.domain.trace.queries import Start, Trace, backward, forward
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person

#: From one raw lot through thousands to one last lot, so that both directions find all of them.
LEVELS = (1, 5, 50, 500, 1_700, 1_700, 700, 250, 80, 13, 1)
FEWER = (1, 2, 5, 50, 170, 170, 70, 25, 8, 2, 1)
BINS = 500
BATCH = 10_000
#: Outputs of one transformation.
TOGETHER = 100
PLENTY = 1_000_000
LIMIT = 8.0
PAGE_MS = 500.0
SEED = 4
WARM_UP = 2
#: Lots of the company that the recalls need; no family has them.
SPARE = 10


@dataclass(frozen=True)
class Family:
    """Lots by level; each was made of lots of the level before it."""

    levels: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def size(self) -> int:
        return sum(map(len, self.levels))


def run(scale: Scale) -> list[Figure]:
    """Traces at two sizes of the set and of the ledger; then the recall on the larger ledger."""
    shapes = [FEWER, *[LEVELS] * scale.families]
    lots = sum(map(sum, shapes)) + SPARE
    with companies.company("b4", lots=lots, bins=BINS) as made:
        set_up_roles()
        families = divided(made, shapes)
        with clients(2, made.database) as loaders:
            few = grow(loaders, made, families)
            before = questions(made, families, few, scale)
            many = few + fill(loaders, made, scale.moves - few)
        after = questions(made, families, many, scale)
        for a, b in zip(before, after, strict=True):
            if b.floor is None:
                continue
            slope = growth(few, a.ours, many, b.ours)
            b.note += f"; at {few:,} moves {short(a.ours)} ms, grows as moves^{slope:.2f}"
        found = recall(made, many, scale)
        wrong = companies.differences(made.database)
        assert wrong == 0, f"{wrong} balances differ from the ledger"
        return [*after, *found]


def divided(made: Company, shapes: list[tuple[int, ...]]) -> list[Family]:
    """The company's lots as families; what is over is left for the recall."""
    rest = iter(made.lots)
    return [Family(tuple(tuple(islice(rest, n)) for n in shape)) for shape in shapes]


def home(made: Company, lot: int) -> int:
    return made.bins[lot % BINS]


def face(made: Company, lot: int) -> int:
    """The second bin of a lot; goods go there and back."""
    return made.bins[(lot + 1) % BINS]


def grow(loaders: Clients, made: Company, families: list[Family]) -> int:
    """Every first lot was received, every other one made of lots of the level before."""
    raw = [family.levels[0][0] for family in families]
    moves = _load(loaders, made, ({"legs": _received(made, raw)} for _ in range(1)))
    moves += _load(loaders, made, _released(made, raw))
    for level in range(1, len(LEVELS)):
        moves += _load(loaders, made, _turned(made, families, level))
        moves += _load(
            loaders, made, _released(made, [x for f in families for x in f.levels[level]])
        )
    return moves


def _load(loaders: Clients, made: Company, work: Iterator[dict[str, Any]]) -> int:
    pieces = ({"edges": [], **one, "system": made.system} for one in work)
    return sum(loaders.share_out(post, pieces))


def post(legs: list[tuple[Any, ...]], edges: list[tuple[Any, ...]], system: int) -> int:
    """Legs and edges go through the ledger's door; runs in a client process."""
    ledger.post_all(
        legs=[Leg(*one) for one in legs],
        edges=[Edge(*one) for one in edges] or None,
        by=companies.actor(system),
    )
    return len(legs)


def _received(made: Company, lots: list[tuple[int, int]]) -> list[tuple[Any, ...]]:
    us, pending = made.owner, Status.PENDING.value
    return [
        (Code.RECEIVE.value, item, lot, None, PLENTY, made.supplier_place, pending, us,
         home(made, lot), pending, us)
        for item, lot in lots
    ]  # fmt: skip


def _released(made: Company, lots: list[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    us = made.owner
    for n in range(0, len(lots), BATCH):
        yield {"legs": [
            (Code.RELEASE.value, item, lot, None, PLENTY, home(made, lot), Status.PENDING.value, us,
             home(made, lot), Status.QUALIFIED.value, us)
            for item, lot in lots[n : n + BATCH]
        ]}  # fmt: skip


def _turned(made: Company, families: list[Family], level: int) -> Iterator[dict[str, Any]]:
    """A level's lots, a few a transformation; every lot of the level before goes into one."""
    us, qualified, pending = made.owner, Status.QUALIFIED.value, Status.PENDING.value
    chosen = random.Random(SEED + level)
    for family in families:
        above, here = family.levels[level - 1], family.levels[level]
        inputs: list[set[tuple[int, int]]] = [{chosen.choice(above)} for _ in here]
        for n, one in enumerate(above):
            inputs[n % len(here)].add(one)
        for n in range(0, len(here), TOGETHER):
            pairs = [
                (one, output)
                for output, sources in zip(
                    here[n : n + TOGETHER], inputs[n : n + TOGETHER], strict=True
                )
                for one in sorted(sources)
            ]
            yield {
                "legs": [
                    *((Code.CONSUME.value, item, lot, None, 1, home(made, lot), qualified, us,
                       made.production_place, qualified, us) for (item, lot), _ in pairs),
                    *((Code.PRODUCE.value, item, lot, None, PLENTY, made.production_place, pending,
                       us, home(made, lot), pending, us)
                      for item, lot in here[n : n + TOGETHER]),
                ],
                "edges": [(a, None, b, None, 1) for (_, a), (_, b) in pairs],
            }  # fmt: skip


def fill(loaders: Clients, made: Company, moves: int) -> int:
    """Lots go to their second bin and back, and now and then a little of one to a customer."""
    return _load(loaders, made, islice(_history(made), max(1, moves // BATCH)))


def _history(made: Company) -> Iterator[dict[str, Any]]:
    chosen = random.Random(SEED)
    us, status = made.owner, Status.QUALIFIED.value
    lots = made.lots[:-SPARE]
    while True:
        legs: list[tuple[Any, ...]] = []
        while len(legs) < BATCH:
            item, lot = chosen.choice(lots)
            a, b = home(made, lot), face(made, lot)
            legs.append((Code.MOVE.value, item, lot, None, 3, a, status, us, b, status, us))
            legs.append((Code.MOVE.value, item, lot, None, 2, b, status, us, a, status, us))
        yield {"legs": legs}


def questions(made: Company, families: list[Family], moves: int, scale: Scale) -> list[Figure]:
    """Each trace against the bare recursive query, for a small family and for the large ones."""
    companies.settle(made.database)
    known = companies.statements()
    figures = []
    with psycopg.connect(companies.address(made.database), autocommit=True) as floor:
        for name, trace, end in (("forward", forward, 0), ("backward", backward, -1)):

            def ours(family: Family, trace: Any = trace, end: int = end) -> None:
                found: Trace = trace(Start(lots=[family.levels[end][0][1]]), sites=None)
                assert len(found.nodes) == family.size, (len(found.nodes), family.size)
                assert all(n.quantity for n in found.nodes)

            def bare(family: Family, name: str = name, end: int = end) -> None:
                values = {"node": family.levels[end][0][1]}
                rows = floor.execute(known[f"trace_{name}"], values).fetchall()
                assert len(rows) == family.size

            small = _pairs(lambda ours=ours: ours(families[0]), None, scale.rounds)
            chosen = random.Random(SEED)
            picked = [chosen.choice(families[1:]) for _ in range(scale.rounds + WARM_UP)]
            turn = iter(picked), iter(picked)
            large = _pairs(
                lambda ours=ours, turn=turn: ours(next(turn[0])),
                lambda bare=bare, turn=turn: bare(next(turn[1])),
                scale.rounds,
            )
            figures.append(_figure(f"trace {name}", families, moves, small, large))
    return [*figures, *pages(families, moves, scale)]


def pages(families: list[Family], moves: int, scale: Scale) -> list[Figure]:
    """The page of the first and of the last lot of a family: both ways, drawn, with its events."""
    login = f"all-1-{roles.QUALITY_HEAD.code}"
    known = Person.objects.filter(login=login).first()
    client = Client() if known else browser_of(roles.QUALITY_HEAD)
    if known:
        client.force_login(known)
    figures = []
    for name, end in (("first", 0), ("last", -1)):
        chosen = random.Random(SEED)
        picked = [chosen.choice(families[1:]) for _ in range(scale.rounds + WARM_UP)]
        turn = iter(picked)

        def page(turn: Iterator[Family] = turn, end: int = end) -> None:
            answer = client.get(f"/trace/lot/{next(turn).levels[end][0][1]}")
            assert answer.status_code == 200, answer.status_code

        taken = [one for one, _ in _pairs(page, None, scale.rounds)]
        figures.append(
            Figure(
                "B4", f"trace page of the {name} lot",
                f"{families[-1].size:,} lots, {moves:,} moves", median(taken), "ms",
                target=f"≤ {PAGE_MS:.0f} ms", met=median(taken) <= PAGE_MS,
                note=f"{len(taken)} rounds, {spread(taken)}; server only, in process",
            )
        )  # fmt: skip
    return figures


def _pairs(
    ours: Callable[[], None], floor: Callable[[], None] | None, rounds: int
) -> list[tuple[float, float]]:
    """Milliseconds of both by turns, after a warm-up."""
    pairs = [(milliseconds(ours), milliseconds(floor) if floor else 0.0)
             for _ in range(rounds + WARM_UP)]  # fmt: skip
    return pairs[WARM_UP:]


def _figure(
    work: str,
    families: list[Family],
    moves: int,
    small: list[tuple[float, float]],
    large: list[tuple[float, float]],
) -> Figure:
    ratio = median([a / b for a, b in large])
    few, many = median([a for a, _ in small]), median([a for a, _ in large])
    slope = growth(families[0].size, few, families[-1].size, many)
    return Figure(
        "B4", work, f"{families[-1].size:,} lots, {moves:,} moves", many, "ms",
        median([b for _, b in large]), ratio, f"≤ {LIMIT:.0f} × floor", ratio <= LIMIT,
        note=f"{len(large)} rounds, {spread([a for a, _ in large])}; {families[0].size} lots "
        f"{short(few)} ms, grows as lots^{slope:.2f}",
    )  # fmt: skip
