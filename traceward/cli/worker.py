"""`traceward worker`: sequences, delivers and seals what commands wrote; runs scheduled jobs."""

import argparse
import asyncio
import signal
import threading

HELP = "run the worker: sequence, deliver and seal, and the scheduled jobs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--without-jobs", action="store_true", help="no scheduled jobs, bookkeeping only"
    )


def run(chosen: argparse.Namespace) -> int:
    from traceward.kernel.command.bookkeeping import run_until

    stopping = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stopping.set())
    keeper = threading.Thread(target=run_until, args=(stopping,), name="bookkeeping")
    keeper.start()
    print("worker: running", flush=True)
    if chosen.without_jobs:
        stopping.wait()
    else:
        asyncio.run(_jobs(stopping))
    keeper.join()
    return 0


async def _jobs(stopping: threading.Event) -> None:
    """procrastinate's own worker, until told to stop."""
    from procrastinate.contrib.django import app

    async with app.replace_connector(app.connector.get_worker_connector()).open_async() as opened:
        task = asyncio.create_task(
            opened.run_worker_async(install_signal_handlers=False, listen_notify=True)
        )
        while not stopping.is_set() and not task.done():
            await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
