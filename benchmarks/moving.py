"""The work of B1 and B2, for the command and for the floor: goods move between bins."""

import random
from collections.abc import Iterator
from typing import Any

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
    chosen: random.Random = chooser(TOLD["client"], SEED + next(TOLD["rounds"]))
    pairs = TOLD["pairs"][: hot * stocked] if hot else TOLD["pairs"]
    while True:
        many = lines <= len(pairs)
        picked = chosen.sample(pairs, lines) if many else chosen.choices(pairs, k=lines)
        yield [
            (item, lot, source, chosen.choice([b for b in company.bins if b != source]))
            for (item, lot), source in picked
        ]


def by_command(client: int, seconds: float, lines: int, hot: int | None = None) -> dict[str, float]:
    """One unit is one line, moved by stock.move with all that a command includes."""
    company = TOLD["company"]
    work = choices(lines, hot)
    person = actor(company.storekeeper)

    def once() -> int:
        asked = [
            Line(item, 1, source, target, company.owner, lot)
            for item, lot, source, target in next(work)
        ]
        try:
            move(asked, by=person.asking())
        except Refusal:
            return -1
        return lines

    return repeat(seconds, once)


def by_floor(client: int, seconds: float, lines: int, hot: int | None = None) -> dict[str, float]:
    """One unit is one line, written by the floor's statements in one transaction a post."""
    company = TOLD["company"]
    known = statements()
    work = choices(lines, hot)
    connection = floor_connection(company.database)

    def once() -> int:
        asked = next(work)
        items, lots, sources, targets = (list(column) for column in zip(*asked, strict=True))
        values = {
            "owner": company.owner,
            "items": items,
            "lots": lots,
            "sources": sources,
            "targets": targets,
            "quantities": [1] * lines,
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
