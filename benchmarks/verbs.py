"""What each verb of the main chain costs: statements and time at 1, 20 and 200 lines."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from benchmarks import company as companies
from benchmarks.chain import play
from benchmarks.figures import Figure, growth, median, short
from benchmarks.scale import Scale
from tests import world

SIZES = (1, 20, 200)


@dataclass
class Cost:
    """Of one verb at one size: statements sent, and milliseconds of each round."""

    statements: int = 0
    rounds: list[float] = field(default_factory=list)


def run(scale: Scale) -> list[Figure]:
    """From the purchase order to the patient, a lot to a line; the first play does not count."""
    costs: dict[str, dict[int, Cost]] = defaultdict(lambda: defaultdict(Cost))
    rounds = 3 if scale.name == "quick" else scale.rounds
    with companies.scratch("verbs") as database:
        company = world.build()
        play(company, SIZES[0], 0, lambda _, call: call())
        for n, size in enumerate(SIZES):
            companies.settle(database)
            for nth in range(rounds):
                play(company, size, 1 + n * rounds + nth, metering(costs, size))
        wrong = companies.differences(database)
        assert wrong == 0, f"{wrong} balances differ from the ledger"
    return [figure(verb, found) for verb, found in costs.items()]


def metering(
    costs: dict[str, dict[int, Cost]], size: int
) -> Callable[[str, Callable[[], Any]], Any]:
    """Notes what each call took; COPY is not among the statements that are counted."""

    def meter(verb: str, call: Callable[[], Any]) -> Any:
        cost, sent = costs[verb][size], []

        def count(execute: Callable[..., Any], *statement: Any) -> Any:
            sent.append(statement[0])
            return execute(*statement)

        began = time.perf_counter()
        with connection.execute_wrapper(count):
            answer = call()
        cost.rounds.append((time.perf_counter() - began) * 1_000)
        cost.statements = len(sent)
        return answer

    return meter


def figure(verb: str, found: dict[int, Cost]) -> Figure:
    """The verb at the largest size; the others beside it."""
    times = [median(found[size].rounds) for size in SIZES]
    statements = " / ".join(str(found[size].statements) for size in SIZES)
    slope = growth(SIZES[1], times[1], SIZES[2], times[2])
    return Figure(
        "verbs",
        verb,
        f"{SIZES[-1]} lines",
        times[-1],
        "ms",
        note=f"{short(times[0])} / {short(times[1])} / {short(times[2])} ms and {statements} "
        f"statements for {' / '.join(map(str, SIZES))} lines; time grows as lines^{slope:.2f}",
    )
