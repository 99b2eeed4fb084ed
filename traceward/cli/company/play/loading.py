"""The whole company is loaded: opened, then played; on two processes where it is worth it.

The legal entities touch no goods of each other, and each number series is one entity's, so two
processes write the same rows as one. They share the sandbox's clock: each slot of a day begins
and ends for both at once.
"""

import multiprocessing
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from multiprocessing.synchronize import Barrier
from typing import Protocol

from django.db import connection, connections

from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.plan.history import plans
from traceward.cli.company.plan.steps import Plan
from traceward.cli.company.play import beside
from traceward.cli.company.play.growing import grow
from traceward.cli.company.play.history import When, play
from traceward.cli.company.play.known import Known
from traceward.cli.company.play.opening import open_company
from traceward.cli.company.play.player import SHANGHAI, SLOTS, Player
from traceward.kernel.audit.sealing import seal_pending
from traceward.kernel.outbox.sequencer import sequence_commands

#: A process that waits longer for the other one gives up.
PATIENCE_SECONDS = 600


class Told(Protocol):
    """Is told what is done, now and then."""

    def __call__(self, share: float, day: date) -> None: ...


def load(blueprint: Blueprint, told: Told, *, processes: int = 2) -> None:
    """The sandbox that the settings point at holds the company, up to this morning.

    What subscribes to events is left to the worker, as after an outage: it writes a delivery note
    for every shipment, and that takes its time.
    """
    set_clock(datetime.combine(blueprint.opens_on, SLOTS[0], SHANGHAI))
    with in_no_hurry():
        known = open_company(blueprint)
        made = plans(blueprint)
        times = sorted({when for plan in made for when in plan.steps})
        if processes == 1:
            _play_alone(blueprint, known, made, times, told)
        else:
            _play_together(blueprint, known, made, times, told)
        if blueprint.scale.moves:
            grow(known, blueprint.scale.moves)
        settle()


def set_clock(moment: datetime) -> None:
    """The sandbox's clock stands at this moment, and goes on from there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_set_clock(%s)", [moment])


@contextmanager
def in_no_hurry() -> Iterator[None]:
    """Commits do not wait for the disk: a sandbox that is lost meanwhile is made again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        connection.close()


def settle() -> None:
    """Everything so far is sequenced and sealed."""
    sequence_commands()
    seal_pending()


def _months(times: Sequence[When]) -> set[When]:
    """The last slot of each month: the books are settled after it."""
    last: dict[tuple[int, int], When] = {}
    for when in times:
        last[when[0].year, when[0].month] = when
    return set(last.values())


def _play_alone(
    blueprint: Blueprint, known: Known, made: Sequence[Plan], times: Sequence[When], told: Told
) -> None:
    players = [Player(blueprint, known) for _ in made]
    ends = _months(times)
    for n, when in enumerate(times):
        set_clock(datetime.combine(when[0], SLOTS[when[1]], SHANGHAI))
        for player, plan in zip(players, made, strict=True):
            play(player, plan, when)
        if when in ends:
            settle()
            told(n / len(times), when[0])


def _play_together(
    blueprint: Blueprint, known: Known, made: Sequence[Plan], times: Sequence[When], told: Told
) -> None:
    """Each plan has a process; this one has the first plan, the clock, and the bookkeeping."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(made))
    database = str(connection.settings_dict["NAME"])
    others = [
        context.Process(
            target=beside.start,
            args=(database, pickle.dumps((blueprint, known, plan, times)), barrier),
        )
        for plan in made[1:]
    ]
    for process in others:
        process.start()
    player, ends = Player(blueprint, known), _months(times)
    try:
        for n, when in enumerate(times):
            set_clock(datetime.combine(when[0], SLOTS[when[1]], SHANGHAI))
            barrier.wait(PATIENCE_SECONDS)
            play(player, made[0], when)
            barrier.wait(PATIENCE_SECONDS)
            if when in ends:
                settle()
                told(n / len(times), when[0])
    except BaseException:
        barrier.abort()
        raise
    finally:
        for process in others:
            process.join()
    if any(process.exitcode for process in others):
        raise AssertionError("a process that played a legal entity failed; it says why above")


def play_beside(
    blueprint: Blueprint, known: Known, plan: Plan, times: Sequence[When], barrier: Barrier
) -> None:
    """The plan is played in a process of its own, on the same database, in step with the first."""
    player = Player(blueprint, known)
    try:
        with in_no_hurry():
            for when in times:
                barrier.wait(PATIENCE_SECONDS)
                play(player, plan, when)
                barrier.wait(PATIENCE_SECONDS)
    except BaseException:
        barrier.abort()
        raise
    finally:
        connections.close_all()
