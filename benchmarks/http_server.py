"""A web server on a benchmark's database, as `traceward serve` runs it, in a process of its own.

Nothing here imports models: the process begins without Django.
"""

import functools
import http.client
import multiprocessing
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SERVER_THREADS = 8
START_SECONDS = 120.0


def application(database: str) -> Any:
    """The product on this benchmark's database; runs in the server's worker."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    from django.core.wsgi import get_wsgi_application

    made = get_wsgi_application()
    from tests.databases import point_at

    point_at(database)
    return made


def serve(database: str, port: int) -> None:
    """The life of the server process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "traceward.wsgi:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=SERVER_THREADS,
        log_access=False,
    ).serve(target_loader=functools.partial(application, database), wrap_loader=False)


@contextmanager
def server(database: str) -> Iterator[int]:
    """A server of its own on loopback; ended afterwards."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(database, port))
    process.start()
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.join(20)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def wait_for(port: int) -> None:
    """The server answers."""
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/health")
            if line.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError("the benchmark's server did not start")
