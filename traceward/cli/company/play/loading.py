"""The whole company is loaded: opened, then played; on two processes where it is worth it.

The legal entities touch no goods of each other, and each number series is one entity's, so two
processes write the same rows as one. They share the sandbox's clock: each slot of a day begins
and ends for both at once.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, Protocol

from django.db import connection, connections

from traceward.cli.company.blueprint import Blueprint
from traceward.cli.company.group import TODAY
from traceward.cli.company.plan.days import earlier
from traceward.cli.company.plan.history import plans
from traceward.cli.company.plan.steps import Plan
from traceward.cli.company.play import beside
from traceward.cli.company.play.growing import grow
from traceward.cli.company.play.history import When, play
from traceward.cli.company.play.known import Known
from traceward.cli.company.play.opening import (
    open_firms,
    open_places,
    open_trade,
    set_passwords,
)
from traceward.cli.company.play.player import SHANGHAI, SLOTS, Player
from traceward.cli.company.work import one_of_each
from traceward.kernel.audit.sealing import seal_pending
from traceward.kernel.command.delivery import pass_over
from traceward.kernel.org import roles
from traceward.kernel.org.models import RoleGrant
from traceward.kernel.outbox.sequencer import sequence_commands

#: A process that waits longer for the other one gives up.
#: Of these roles everybody signs in on the demo, of the others one.
ALSO = (roles.QUALITY_HEAD, roles.STOREKEEPER, roles.SUPERVISOR, roles.COORDINATOR, roles.INSPECTOR)
PATIENCE_SECONDS = 600
FAILED = "the process that played a legal entity failed; it says why above"


class Told(Protocol):
    """Is told what is done, now and then."""

    def __call__(self, share: float, day: date) -> None: ...


def load(blueprint: Blueprint, told: Told, *, processes: int = 2) -> None:
    """The sandbox that the settings point at holds the company, up to this morning.

    The player does the worker's part of the history too, but for the delivery notes 随货同行单:
    only those of the last two days are left to the worker, since each is set as a PDF.
    """
    set_clock(datetime.combine(blueprint.opens_on, SLOTS[0], SHANGHAI))
    with in_no_hurry():
        known = (_play_alone if processes == 1 else _play_together)(blueprint, told)
        if blueprint.scale.moves:
            grow(known, blueprint.scale.moves)
        # heads of quality too: who opened a recall does not end it; who keeps and serves each store
        also = [one.code for one in ALSO]
        more = RoleGrant.objects.filter(role__code__in=also, revoked_at=None)
        signers = {worker.person_id for worker in one_of_each(TODAY)}
        set_passwords(sorted(signers.union(more.values_list("person", flat=True))))
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


def take_statistics() -> None:
    """The planner knows what stands in each table: no session waits for the server to look again.

    The tables grow by the hundredfold in minutes; a session that planned its statements while they
    were empty would go on reading them from end to end.
    """
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    connections["owner"].close()


def _weeks(times: Sequence[When]) -> dict[When, bool]:
    """The last slot of each week, and whether it is a month's: the books are settled after it."""
    weeks = {when[0].isocalendar()[:2]: when for when in times}
    months = {(when[0].year, when[0].month): when for when in times}
    last = {*weeks.values(), *months.values()}
    return {when: when in months.values() for when in last}


def _settle_after(n: int, when: When, ends: dict[When, bool], told: Told, slots: int) -> None:
    """After a week the books are settled, after a month that is told.

    Statistics are taken after the first slot and each time that twice as many are played. When only
    the last two days are left, nobody waits any more for what followed before them.
    """
    if n & (n - 1) == 0:
        take_statistics()
    if when in ends:
        settle()
        if ends[when]:
            told(n / slots, when[0])
    if when == (earlier(TODAY, 2), 2):
        sequence_commands()
        pass_over()


def _play_alone(blueprint: Blueprint, told: Told) -> Known:
    known = open_firms(blueprint)
    open_places(known, blueprint)
    open_trade(known, blueprint)
    made = plans(blueprint)
    times = _times(made)
    players = [Player(blueprint, known) for _ in made]
    ends = _weeks(times)
    for n, when in enumerate(times, start=1):
        set_clock(datetime.combine(when[0], SLOTS[when[1]], SHANGHAI))
        for player, plan in zip(players, made, strict=True):
            play(player, plan, when)
        _settle_after(n, when, ends, told, len(times))
    return known


def _times(made: Sequence[Plan]) -> list[When]:
    return sorted({when for plan in made for when in plan.steps})


def _play_together(blueprint: Blueprint, told: Told) -> Known:
    """Each plan has a process; this one has the first plan, the clock, and the bookkeeping.

    The company is opened here; places, which take long, are opened beside meanwhile.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    here, there = context.Pipe()
    database = str(connection.settings_dict["NAME"])
    other = context.Process(target=beside.start, args=(database, there, barrier))
    other.start()
    there.close()  # so that we hear it when the other process ends
    try:
        known = open_firms(blueprint)
        here.send((blueprint, known))
        open_trade(known, blueprint)
        mine, others = plans(blueprint)
        times = _times([mine, others])
        known.places = _answer(here)
        here.send((known, others, times))
        player, ends = Player(blueprint, known), _weeks(times)
        for n, when in enumerate(times, start=1):
            set_clock(datetime.combine(when[0], SLOTS[when[1]], SHANGHAI))
            barrier.wait(PATIENCE_SECONDS)
            play(player, mine, when)
            barrier.wait(PATIENCE_SECONDS)
            _settle_after(n, when, ends, told, len(times))
    except BaseException:
        barrier.abort()
        here.close()
        raise
    finally:
        other.join()
    if other.exitcode:
        raise AssertionError(FAILED)
    return known


def _answer(here: "Connection[Any, Any]") -> dict[str, int]:
    """The places that the other process opened."""
    try:
        places: dict[str, int] = here.recv()
    except EOFError:
        raise AssertionError(FAILED) from None
    return places


def play_beside(told: "Connection[Any, Any]", barrier: Barrier) -> None:
    """A plan is played in a process of its own, on the same database, in step with the first."""
    try:
        with in_no_hurry():
            blueprint, known = told.recv()
            open_places(known, blueprint)
            told.send(known.places)
            known, plan, times = told.recv()
            player = Player(blueprint, known)
            for when in times:
                barrier.wait(PATIENCE_SECONDS)
                play(player, plan, when)
                barrier.wait(PATIENCE_SECONDS)
    except BaseException:
        barrier.abort()
        raise
    finally:
        connections.close_all()
