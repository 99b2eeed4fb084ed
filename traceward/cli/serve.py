"""`traceward serve`: the web server (granian): health page and the door to commands."""

import argparse
import functools
import os
import socket
import sys
import threading
import time
from typing import Any

from django.utils.translation import get_language

from traceward.kernel.base.refusals import fill, sentence

HELP = "run the web server: health page and the door to commands"
TAKEN = sentence(
    "Port {port} on {host} is taken by another program. "
    "Stop it, or choose another port with --port."
)
#: After a sudden end of the server its workers leave within this time.
PORT_SECONDS = 3.0
PARENT_CHECK_SECONDS = 0.25


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--threads", type=int, default=8, help="per worker; each holds a connection"
    )


def run(chosen: argparse.Namespace) -> int:
    from granian import Granian
    from granian.constants import Interfaces

    from traceward.kernel.base.programs import wait_for

    if not wait_for(lambda: not _is_taken(chosen.host, chosen.port), PORT_SECONDS):
        values = {"port": chosen.port, "host": chosen.host}
        print(fill(TAKEN, values, get_language() or "en"), file=sys.stderr)
        return 1
    print(f"serve: http://{chosen.host}:{chosen.port}/health", flush=True)
    Granian(
        "traceward.wsgi:application",
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=chosen.workers,
        blocking_threads=chosen.threads,
        log_access=False,
        respawn_failed_workers=True,
    ).serve(target_loader=functools.partial(_application, os.getpid()), wrap_loader=False)
    return 0


def _application(parent: int) -> Any:
    """The application, in a worker process that does not outlive the server that started it.

    Otherwise the workers of a killed server would hold the port against its successor. # SEC-03
    """
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()

    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    return application


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(1)


def _is_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
