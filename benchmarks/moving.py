"""The work of B1 and B2, for the command and for the floor: goods move between bins."""

import random
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

from benchmarks.clients import repeat
from benchmarks.company import Company, actor, chooser, floor_connection, statements
from traceward.domain.stock.commands.moves import Line, move
from traceward.kernel.base.refusals import Refusal

#: What this client process was told: the company, and how many of its bins are stocked.
TOLD: dict[str, Any] = {}
SEED = 20261122


def tell(company: Company, stocked: int, client: int) -> None:
    """The client process knows the company from now on."""
    pairs = [(lot, source) for lot in company.lots for source in company.bins[:stocked]]
    TOLD.update(company=company, stocked=stocked, client=client, pairs=pairs)
    TOLD["rounds"] = iter(range(1_000_000))


def choices(lines: int, hot: int | None) -> Iterator[list[tuple[int, int, int, int]]]:
    """Item, lot, from and to, so many at a time, in random order, without end."""
    company, stocked = TOLD["company"], TOLD["stocked"]
    bins = company.bins
    at = {place: n for n, place in enumerate(bins)}
    chosen: random.Random = chooser(TOLD["client"], SEED + next(TOLD["rounds"]))
    pairs = TOLD["pairs"][: hot * stocked] if hot else TOLD["pairs"]
    while True:
        many = lines <= len(pairs)
        picked = chosen.sample(pairs, lines) if many else chosen.choices(pairs, k=lines)
        yield [
            (item, lot, source, bins[at[source] - chosen.randrange(1, len(bins))])
            for (item, lot), source in picked
        ]


T = TypeVar("T")


def ahead(work: Iterator[T]) -> Iterator[T]:
    """The same work, of which the first piece is made already: choosing it is not measured."""
    return chain([next(work)], work)


def by_command(client: int, seconds: float, lines: int, hot: int | None = None) -> dict[str, float]:
    """One unit is one line, moved by stock.move with all that a command includes."""
    company = TOLD["company"]
    work = ahead(
        [Line(item, 1, source, target, company.owner, lot) for item, lot, source, target in asked]
        for asked in choices(lines, hot)
    )
    person = actor(company.storekeeper)

    def once() -> int:
        try:
            move(next(work), by=person.asking())
        except Refusal:
            return -1
        return lines

    return repeat(seconds, once)


def array(numbers: Sequence[int]) -> str:
    """As PostgreSQL writes it: the least that a client can do."""
    return "{" + ",".join(map(str, numbers)) + "}"


def by_floor(client: int, seconds: float, lines: int, hot: int | None = None) -> dict[str, float]:
    """One unit is one line, written by the floor's statements in one transaction a post."""
    company = TOLD["company"]
    known = statements()
    work = ahead(choices(lines, hot))
    connection = floor_connection(company.database)

    def once() -> int:
        items, lots, sources, targets = zip(*next(work), strict=True)
        values = {
            "owner": company.owner,
            "items": array(items),
            "lots": array(lots),
            "sources": array(sources),
            "targets": array(targets),
            "quantities": array([1] * lines),
        }
        with connection.transaction():
            connection.execute(known["many_balances"], values)
            connection.execute(known["many_moves"], values)
        return lines

    def one() -> int:
        ((item, lot, source, target),) = next(work)
        common = {"item": item, "lot": lot, "owner": company.owner}
        sides = sorted([(source, -1), (target, 1)])
        with connection.transaction():
            for place, change in sides:
                connection.execute(
                    known["one_balance"], {**common, "place": place, "change": change}
                )
            connection.execute(
                known["one_move"], {**common, "from": source, "to": target, "quantity": 1}
            )
        return 1

    return repeat(seconds, one if lines == 1 else once)
