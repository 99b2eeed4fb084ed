"""The worker runs the scheduled jobs."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from traceward.cli import worker
from traceward.cli.worker import END_SECONDS, _run_jobs


def test_the_worker_runs_what_is_due(
    fresh_database: str,
    django_db_blocker: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert {"traceward.forget_old_answers", "traceward.verify_nightly"} <= set(app.tasks)
    # A job closes its thread's connection when it is old: at once.
    monkeypatch.setitem(settings.DATABASES["default"], "CONN_MAX_AGE", 0)
    with django_db_blocker.unblock():
        job = app.configure_task("traceward.forget_old_answers").defer(timestamp=0)
        stopping = threading.Event()
        worker = threading.Thread(target=_run_jobs, args=(stopping,))
        worker.start()
        try:
            give_up = time.monotonic() + 30
            while ProcrastinateJob.objects.get(pk=job).status in ("todo", "doing"):
                assert time.monotonic() < give_up, "the job was not run"
                time.sleep(0.1)
        finally:
            stopping.set()
            worker.join(20)
        assert ProcrastinateJob.objects.get(pk=job).status == "succeeded"


HANGING = """
import argparse, time
import django
django.setup()
from traceward.cli import worker
from traceward.kernel.command import bookkeeping
bookkeeping.run_until = lambda stopping: time.sleep(600)  # as a connection to a host that is gone
worker._require_version = lambda: None  # what it asks is not what hangs here
worker.END_SECONDS /= 16
worker.run(argparse.Namespace(without_jobs=True, leave_with=0))
"""


def test_the_worker_ends_when_told_although_the_database_hangs() -> None:  # SEC-03
    assert END_SECONDS <= 8
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "traceward.settings"}
    command = [sys.executable, "-c", HANGING]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "worker: running\n"
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(10) == 0
        finally:
            worker.kill()


def test_an_outage_is_no_fault_of_the_jobs() -> None:
    """The bookkeeping tells of it once; a job that fails for another reason is still told of."""
    outage = ValueError("a library's own word")
    outage.__cause__ = psycopg.OperationalError("the server is away")

    def record(name: str, error: BaseException) -> logging.LogRecord:
        told = (type(error), error, None)
        return logging.LogRecord(name, logging.ERROR, "", 0, "failed", (), told)

    assert not worker._is_no_outage(record("procrastinate.worker", outage))
    assert worker._is_no_outage(record("procrastinate.worker", ValueError("a fault")))
    assert worker._is_no_outage(record("traceward.worker", outage))
