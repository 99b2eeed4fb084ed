"""The order of commands: gapless, once each, and never past one that can still commit. # INT-01"""

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.concurrency.crowd import Crowd, calling
from tests.databases import ADMIN
from tests.ledger import post_all
from tests.world import World, build
from traceward.domain.stock.models import Code, Status
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import CommandOrder, QueuedCommand


@pytest.fixture(scope="module")
def company(fresh_database: str, django_db_blocker: Any) -> World:
    with django_db_blocker.unblock():
        set_up_roles()
        return build()


@pytest.fixture
def unblocked(company: World, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def sequence(limit: int = 100_000) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_sequence_commands(%s)", [limit])
        return cursor.fetchone()[0]


def drain(limit: int = 100_000) -> list[int]:
    """Batches until the queue is empty: transactions of other databases hold the horizon too."""
    batches = []
    until = time.monotonic() + 60
    while QueuedCommand.objects.exists():
        assert time.monotonic() < until, "an old transaction of the cluster holds the horizon"
        if n := sequence(limit):
            batches.append(n)
        else:
            time.sleep(0.05)
    return batches


def post(world: World) -> None:
    lot = world.lot("STENT", "Q1")
    leg = world.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=Status.PENDING)
    post_all([leg], by=world.by(roles.SYSTEM))


def sound() -> None:
    rows = list(CommandOrder.objects.order_by("sequence").values_list("sequence", "command_id"))
    assert [s for s, _ in rows] == list(range(1, len(rows) + 1))
    assert not set(QueuedCommand.objects.values_list("command_id", flat=True)) & {
        c for _, c in rows
    }


@pytest.mark.usefixtures("unblocked")
def test_nothing_is_ordered_past_a_command_that_can_still_commit(
    company: World, fresh_database: str
) -> None:
    drain()
    with psycopg.connect(ADMIN, dbname=fresh_database) as older:
        older.execute("SELECT pg_current_xact_id()")
        post(company)
        assert sequence() == 0, "an older transaction may still come in before it"
        older.rollback()
    assert drain() == [1]
    sound()


@pytest.mark.usefixtures("unblocked")
def test_each_batch_goes_on_from_the_last(company: World) -> None:
    for _ in range(5):
        post(company)
    batches = drain(2)
    assert sum(batches) == 5
    assert max(batches) <= 2
    sound()


@pytest.mark.usefixtures("unblocked")
def test_commands_of_another_cluster_are_ordered_at_once(
    company: World, fresh_database: str
) -> None:
    """After a restore the numbers of transactions mean nothing: what is there has committed."""
    drain()
    post(company)
    with psycopg.connect(ADMIN, dbname=fresh_database, autocommit=True) as admin:
        admin.execute("UPDATE outbox_queue SET cluster = cluster + 1, xid = '9000000000000'")
    assert sequence() == 1
    sound()


def ready() -> int:
    """Commands that no older transaction of the cluster holds back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM outbox_queue WHERE xid < pg_snapshot_xmin(pg_current_snapshot())"
        )
        return cursor.fetchone()[0]


@pytest.mark.usefixtures("unblocked")
def test_sequencers_do_not_get_in_each_others_way(company: World, fresh_database: str) -> None:
    drain()
    crowd = Crowd(4, fresh_database)
    try:
        for _ in range(6):
            for _ in range(24):
                post(company)
            until = time.monotonic() + 60
            while ready() < 24 and time.monotonic() < until:
                time.sleep(0.05)
            while QueuedCommand.objects.exists() and ready():
                crowd.race(*(calling(sequence, 3) for _ in range(4)))
    finally:
        crowd.leave()
    drain()
    sound()
    ordered = CommandOrder.objects.count()
    assert ordered == AuditEntry.objects.count(), "every command, once"


def test_two_sequencers_wait_for_each_other(unblocked: None, fresh_database: str) -> None:
    """Also where there is nothing to give a number to: the next command may come in between."""
    drain()
    with (
        psycopg.connect(ADMIN, dbname=fresh_database) as one,
        psycopg.connect(ADMIN, dbname=fresh_database) as other,
    ):
        one.execute("SELECT tw_sequence_commands(1)")
        other.execute("SET lock_timeout = '300ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("SELECT tw_sequence_commands(1)")
