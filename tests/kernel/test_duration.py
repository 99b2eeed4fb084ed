"""A write transaction that lasts too long is ended, refused once, and has changed nothing."""

import time
from typing import Any

import pytest
from django.db import connection, transaction

from tests import world as worlds
from tests.kernel.verbs import RUNS, name_party
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import Busy
from traceward.kernel.command import database_errors, duration
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.duration import TookTooLong
from traceward.kernel.command.models import AnsweredRequest
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party


@pytest.fixture(scope="module")
def company(fresh_database: str, django_db_blocker: pytest.FixtureRequest) -> worlds.World:
    with django_db_blocker.unblock():
        set_up_roles()
        return worlds.build()


@pytest.fixture
def hurried(
    company: worlds.World, django_db_blocker: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Any:
    monkeypatch.setattr(duration, "SECONDS", 0.5)
    RUNS.clear()
    with django_db_blocker.unblock():
        yield company.by(roles.SYSTEM).asking()


def is_server_timed() -> bool:
    connection.ensure_connection()
    return connection.connection.info.server_version >= duration.SERVER_LIMITS_FROM


def refused(by: Actor, then: str) -> None:
    before = Party.objects.count()
    with pytest.raises(TookTooLong) as told:
        name_party("Slow", then=then, by=by)
    assert "Send fewer lines" in str(told.value)
    assert "请减少" in told.value.in_language("zh-hans")
    assert RUNS == ["Slow"], "it is not begun again"
    assert Party.objects.count() == before
    assert not AnsweredRequest.objects.filter(request_id=by.request_id).exists()
    assert not AuditEntry.objects.filter(request_id=by.request_id).exists()


def test_a_transaction_over_its_time_is_refused_and_may_pass_later(  # UX-02
    hurried: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(hurried, "SELECT pg_sleep(1)")
    monkeypatch.setattr(duration, "SECONDS", 30.0)
    assert name_party("Slow", then="SELECT pg_sleep(1)", by=hurried).times == 2


def test_the_limit_ends_with_the_transaction(hurried: Actor) -> None:
    name_party("Quick", by=hurried)
    time.sleep(0.7)
    name_party("Quick again", by=hurried.asking())
    if is_server_timed():
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_timeout")
            assert cursor.fetchone() == ("0",)


def test_no_limit_leaves_the_one_there_is(hurried: Actor) -> None:
    if not is_server_timed():
        pytest.skip("this server knows no limit of a transaction")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = '50s'")
        asked = [hurried.person_id, hurried.request_id, "testing.none", 0]
        cursor.execute("SELECT tw_command_begin(%s, %s, %s, %s)", asked)
        cursor.execute("SHOW transaction_timeout")
        assert cursor.fetchone() == ("50s",)


def test_time_spent_outside_the_database_counts(
    hurried: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = Party.objects.create

    def slowly(**values: Any) -> Party:
        made = created(**values)
        time.sleep(0.8)
        return made

    monkeypatch.setattr(Party.objects, "create", slowly)
    refused(hurried, "SELECT 1")


def test_an_older_server_is_limited_between_statements(
    hurried: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duration, "_server_version", lambda: 150_000)
    with duration.limited(100), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        time.sleep(0.2)
        with pytest.raises(TookTooLong):
            cursor.execute("SELECT 1")
    with duration.limited(0), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_lost_connection_is_not_tried_again_after_so_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database_errors, "LOST_SECONDS", 0.1)
    asked = []

    def work() -> None:
        asked.append(1)
        time.sleep(0.15)
        raise database_errors.OperationalError("server closed the connection unexpectedly")

    with pytest.raises(Busy):
        database_errors.persistent(work)
    assert len(asked) == 1
