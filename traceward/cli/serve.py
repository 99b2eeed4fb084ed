"""`traceward serve`: the web server (granian): pages, API and health."""

import argparse
import contextlib
import errno
import functools
import importlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language

from traceward.kernel.base import logs
from traceward.kernel.base.refusals import fill, sentence

HELP = "run the web server: pages, API and its description, health"
TAKEN = sentence(
    "Port {port} on {host} is taken by another program. "
    "Stop it, or choose another port with --port."
)
CANNOT_LISTEN = sentence(
    "Nobody can listen on port {port} of {host}: {error}. Choose others with --host and --port."
)
#: After a sudden end of the server its workers leave within this time.
PORT_SECONDS = 3.0
PARENT_CHECK_SECONDS = 0.25
#: So long may a client take for its request's headers, and be silent between two requests.
HEADER_SECONDS = 20
#: … and a worker take to end what it does, once the server is told to stop.
END_SECONDS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=port, default=8000)
    parser.add_argument("--workers", type=count, default=1)
    parser.add_argument(
        "--threads", type=count, default=8, help="per worker; each holds a connection"
    )
    parser.add_argument(
        "--with-worker",
        action="store_true",
        help="run `traceward worker` beside it: for a demo or a small company",
    )


def port(text: str) -> int:
    """A port that a server can be reached at."""
    return _within(text, 65535)


def count(text: str) -> int:
    """How many there are to be, within reason."""
    return _within(text, 256)


port.__name__, count.__name__ = "1–65535", "1–256"  # what a wrong one is told it is not


def _within(text: str, most: int) -> int:
    if not 1 <= int(text) <= most:
        raise ValueError(text)
    return int(text)


def run(chosen: argparse.Namespace) -> int:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    from traceward.kernel.base.programs import wait_for

    wait_for(lambda: _hindrance(chosen.host, chosen.port) != errno.EADDRINUSE, PORT_SECONDS)
    hindrance = _hindrance(chosen.host, chosen.port)
    if hindrance:
        values = {"port": chosen.port, "host": chosen.host, "error": os.strerror(hindrance)}
        message = TAKEN if hindrance == errno.EADDRINUSE else CANNOT_LISTEN
        print(fill(message, values, get_language() or "en"), file=sys.stderr)
        return 1
    shown = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    print(f"serve: http://{shown}:{chosen.port}/ and /api/v1/docs", flush=True)
    # Each worker counts its share of the limits of requests.
    os.environ["TRACEWARD_WORKERS"] = str(chosen.workers)
    # Where links of e-mails lead, unless the installation says how it is reached from outside.
    os.environ.setdefault("TRACEWARD_ADDRESS", f"http://{shown}:{chosen.port}")
    server = Granian(
        "traceward.wsgi:application",
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,  # with both, a connection that says nothing is never closed
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        workers=chosen.workers,
        blocking_threads=chosen.threads,
        log_access=False,
        log_dictconfig=logs.server_settings(),
        respawn_failed_workers=True,
        workers_kill_timeout=END_SECONDS,
    )
    with _worker() if chosen.with_worker else contextlib.nullcontext():
        server.serve(target_loader=functools.partial(_application, os.getpid()), wrap_loader=False)
    return 0


@contextlib.contextmanager
def _worker() -> Iterator[None]:
    """`traceward worker` runs meanwhile, and no longer."""
    command = [sys.executable, "-m", "traceward", "worker", "--leave-with", str(os.getpid())]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def _application(parent: int) -> Any:
    """The application, in a worker process that does not outlive the server that started it.

    Otherwise the workers of a killed server would hold the port against its successor. # SEC-03
    """
    # By its name: the command line stands below the application that it serves.
    application = importlib.import_module("traceward.wsgi").application

    logs.set_up()  # after Django's own settings of its loggers

    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    return application


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(1)


def _hindrance(host: str, port: int) -> int:
    """The system's number for why nobody can listen there; 0 where one can."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        return errno.EADDRNOTAVAIL
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            return error.errno or errno.EADDRNOTAVAIL
    return 0
