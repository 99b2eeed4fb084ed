"""`traceward worker`: sequences, delivers and seals what commands wrote; runs scheduled jobs."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading

import psycopg
import psycopg_pool
from django.db import OperationalError, connection
from django.utils.translation import get_language

from traceward.kernel.base import logs
from traceward.kernel.base.refusals import fill, sentence

HELP = "run the worker: sequence, deliver and seal, and the scheduled jobs"
RUNNING = sentence("worker: running")
ENDED = sentence("The bookkeeping ended by itself; start the worker again.")
PAUSE_SECONDS = 2.0
#: So long may what is under way take to end; it is a transaction, and the next worker's if cut.
END_SECONDS = 8.0

LOG = logging.getLogger("traceward.worker")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--without-jobs", action="store_true", help="no scheduled jobs, bookkeeping only"
    )
    parser.add_argument(
        "--leave-with", type=int, default=0, metavar="ID", help="end with the process of this id"
    )


def run(chosen: argparse.Namespace) -> int:
    _require_version()
    logs.set_up()
    stopping, failed = threading.Event(), threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stopping.set())
    if chosen.leave_with:
        leaving = threading.Thread(target=_leave, args=(chosen.leave_with, stopping), daemon=True)
        leaving.start()
    keeper = threading.Thread(target=_keep, args=(stopping, failed), name="bookkeeping")
    keeper.start()
    threading.Thread(target=_send_heads, args=(stopping,), daemon=True).start()
    sender = threading.Thread(target=_send_webhooks, args=(stopping,), daemon=True)
    sender.start()
    threading.Thread(target=_send_mails, args=(stopping,), daemon=True).start()
    threading.Thread(target=_end_in_time, args=(stopping, failed), daemon=True).start()
    print(fill(RUNNING, {}, get_language() or "en"), flush=True)
    while not stopping.is_set() and not chosen.without_jobs:
        _run_jobs(stopping)
    stopping.wait()
    keeper.join()
    sender.join()
    if failed.is_set():
        print(fill(ENDED, {}, get_language() or "en"), file=sys.stderr)
    return 1 if failed.is_set() else 0


def _leave(parent: int, stopping: threading.Event) -> None:
    """Told to stop once the process that started this one is gone, however it ended."""
    while os.getppid() == parent and not stopping.wait(PAUSE_SECONDS):
        pass
    stopping.set()


def _require_version() -> None:
    """Refused at once on a database that was not migrated; one that is away is waited for."""
    with contextlib.suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT FROM outbox_queue, base_database LIMIT 0")


def _end_in_time(stopping: threading.Event, failed: threading.Event) -> None:
    """Told to stop, the worker ends, also while a connection waits for a database that is gone."""
    stopping.wait()
    threading.Event().wait(END_SECONDS)
    LOG.warning("the worker did not end in %s s; what was under way is cut off", END_SECONDS)
    logging.shutdown()
    os._exit(1 if failed.is_set() else 0)


def _keep(stopping: threading.Event, failed: threading.Event) -> None:
    """The bookkeeping, until told to stop; the worker does not live on without it."""
    from traceward.kernel.command.bookkeeping import run_until

    try:
        run_until(stopping)
    finally:
        if not stopping.is_set():
            failed.set()
            stopping.set()


def _send_heads(stopping: threading.Event) -> None:
    """Heads go out when they are due, apart from the bookkeeping, which waits for nobody."""
    from traceward.kernel.audit.outlets import run_until

    run_until(stopping)


def _send_webhooks(stopping: threading.Event) -> None:
    """Webhooks are sent in threads of their own: a consumer that is slow holds nothing back."""
    from traceward.kernel.command.sending import run_until

    run_until(stopping)


def _send_mails(stopping: threading.Event) -> None:
    """E-mails wait in rows for whoever sends them; nothing here waits for a mail server."""
    from traceward.kernel.command.mailing import run_until

    run_until(stopping)


def _run_jobs(stopping: threading.Event) -> None:
    """The scheduled jobs, until told to stop, or until the database goes away under them."""
    try:
        asyncio.run(_jobs(stopping))
    except Exception as error:
        if _is_outage(error):
            LOG.warning("the scheduled jobs wait for the database")
        else:
            LOG.exception("the scheduled jobs ended; they are started again")
    stopping.wait(PAUSE_SECONDS)


def _quiet_outages() -> None:
    """The bookkeeping tells of an outage once; the libraries would tell of each of their tries."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    for handler in (*logging.root.handlers, logging.lastResort):
        if handler is not None:
            handler.addFilter(_is_no_outage)


def _is_no_outage(record: logging.LogRecord) -> bool:
    is_theirs = record.name.startswith("procrastinate")
    return not (is_theirs and record.exc_info and _is_outage(record.exc_info[1]))


def _is_outage(error: BaseException | None) -> bool:
    """Whether it came of a database that is away: no fault, and told of once already."""
    while error is not None:
        if isinstance(error, psycopg.OperationalError | psycopg_pool.PoolTimeout):
            return True
        error = error.__cause__ or error.__context__
    return False


async def _jobs(stopping: threading.Event) -> None:
    """procrastinate's own worker, until told to stop or until it ends by itself."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    _quiet_outages()
    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()) as ours:
        async with ours.open_async():
            task = asyncio.create_task(
                ours.run_worker_async(install_signal_handlers=False, listen_notify=True)
            )
            while not stopping.is_set() and not task.done():
                await asyncio.sleep(0.2)
            if task.done():
                task.result()  # raises what ended it
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
