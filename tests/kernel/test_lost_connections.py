"""A broken connection is no answer: the work is begun again, bounded, or refused as Busy."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import RequestFactory

from tests import world as worlds
from tests.databases import ADMIN
from traceward.domain.stock.commands.moves import Line, move
from traceward.domain.stock.models import StockMove
from traceward.kernel.base.refusals import Busy
from traceward.kernel.base.secret import secret_key
from traceward.kernel.command import bookkeeping, database_errors
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.web.health import health


def end_our_backend() -> None:
    """The server process behind our connection is told to end."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with psycopg.connect(ADMIN, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@pytest.fixture(scope="module")
def company(fresh_database: str) -> worlds.World:
    set_up_roles()
    made = worlds.build()
    made.stock(made.lot("STENT", "L1"), 100)
    return made


def test_a_command_survives_a_broken_connection(
    company: worlds.World, django_db_blocker: pytest.FixtureRequest
) -> None:  # SEC-03
    with django_db_blocker.unblock():
        lot, places = company.lot("STENT", "L1"), company.places
        line = Line(
            lot.item_id, 1, places["A-01"].pk, places["A-02"].pk, company.us.pk, lot_id=lot.pk
        )
        by = company.by(roles.STOREKEEPER)
        before = StockMove.objects.count()
        end_our_backend()
        assert move([line], by=by).moves == 1
        end_our_backend()
        assert move([line], by=by).moves == 1  # the same request id: the first answer
        assert StockMove.objects.count() == before + 1


def test_the_health_page_tells_a_restart_from_an_outage(
    company: worlds.World,
    django_db_blocker: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asking = RequestFactory().get("/health")
    with django_db_blocker.unblock():
        end_our_backend()
        assert json.loads(health(asking).content)["status"] == "up"
        monkeypatch.setattr(connection, "cursor", _no_answer)
        answer = health(asking)
    assert (answer.status_code, json.loads(answer.content)["status"]) == (503, "down")


def _no_answer() -> None:
    raise InterfaceError("the connection is closed")


def test_a_server_that_stays_away_is_refused_as_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_errors.time, "sleep", lambda seconds: None)
    asked = []

    def work() -> None:
        asked.append(1)
        raise OperationalError("connection refused")

    with pytest.raises(Busy) as refused:
        database_errors.persistent(work)
    assert len(asked) == database_errors.LOST_ATTEMPTS
    assert "request id" in str(refused.value)  # UX-02: it says what to do
    assert not refused.value.is_final


def test_other_errors_are_not_tried_again() -> None:
    class Full(Exception):
        sqlstate = "53100"

    asked = []

    def work() -> None:
        asked.append(1)
        raise OperationalError("disk full") from Full()

    with pytest.raises(OperationalError):
        database_errors.persistent(work)
    assert len(asked) == 1
    assert database_errors.is_lost(InterfaceError("the connection is closed"))


class Unclosable:
    """Connections so broken that even closing them fails."""

    def __getitem__(self, alias: str) -> "Unclosable":
        return self

    def close(self) -> None:
        raise InterfaceError("broken")

    def close_all(self) -> None:
        """Nothing is left to close."""


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Runs bookkeeping with a step that fails so, until the step after it has worked twice."""

    def run(*failures: Exception) -> list[int]:
        stopping, done, coming = threading.Event(), [], list(failures)

        def fails() -> None:
            if coming:
                raise coming.pop(0)

        def works() -> None:
            done.append(1)
            if len(done) == 2:
                stopping.set()

        monkeypatch.setattr(bookkeeping, "STEPS", (("fails", fails), ("works", works)))
        monkeypatch.setattr(bookkeeping, "PAUSE_SECONDS", 0)
        monkeypatch.setattr(bookkeeping, "close_old_connections", lambda: None)
        monkeypatch.setattr(bookkeeping, "connections", Unclosable())
        bookkeeping.run_until(stopping)
        return done

    return run


def test_a_failed_step_does_not_keep_the_others_from_running(
    ticking: Callable[..., list[int]], caplog: pytest.LogCaptureFixture
) -> None:
    assert len(ticking(ValueError("a fault of ours"), ValueError("again"))) == 2
    assert caplog.text.count("step fails failed") == 2


def test_a_step_that_goes_on_failing_is_told_once(
    ticking: Callable[..., list[int]], caplog: pytest.LogCaptureFixture
) -> None:  # SEC-05: a second worker, on a machine without the key, must not fill the log
    assert len(ticking(*(ValueError("no key here") for _ in range(5)))) == 2
    assert caplog.text.count("step fails failed") == 1


def test_bookkeeping_waits_for_the_database_and_says_so_once(
    ticking: Callable[..., list[int]], caplog: pytest.LogCaptureFixture
) -> None:
    assert len(ticking(*(OperationalError("gone") for _ in range(5)))) == 2
    assert [record.getMessage() for record in caplog.records] == [
        "the database does not answer; bookkeeping waits",
        "the database answers again",
    ]


def test_the_secret_is_whole_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACEWARD_SECRET_KEY", raising=False)
    (tmp_path / "secret").touch()  # its maker was killed before it wrote
    made = secret_key(tmp_path)
    assert len(made) > 40
    assert secret_key(tmp_path) == made
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
