"""The guide's client drives the main job over real HTTP, with a key, on a database of its own."""

import os
import subprocess
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections

from tests.house.source import ROOT
from traceward.cli import key
from traceward.kernel.command.bookkeeping import tick

CLIENT = ROOT / "docs" / "guides" / "main_job_by_http.py"
GIVEN = {"TRACEWARD_RUN": "7A01", "PYTHONIOENCODING": "utf-8"}


class Silent(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_: object) -> None:
        """The test's own output is enough."""


class Server(ThreadingMixIn, WSGIServer):
    """A thread for each connection, whose database connection ends with it."""

    daemon_threads = False

    def process_request_thread(self, request: object, address: object) -> None:
        try:
            super().process_request_thread(request, address)  # type: ignore[arg-type]
        finally:
            connections.close_all()


@pytest.fixture
def url(fresh_database: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A server on loopback and a worker beside it."""
    with django_db_blocker.unblock():
        server = make_server(
            "127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Silent
        )
        ended = threading.Event()
        threads = [
            threading.Thread(target=server.serve_forever, args=(0.05,)),
            threading.Thread(target=_work, args=(ended,)),
        ]
        for thread in threads:
            thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        ended.set()
        for thread in threads:
            thread.join(30)
        server.server_close()


def _work(ended: threading.Event) -> None:
    while not ended.wait(0.1):
        tick()
    connections.close_all()


def test_the_client_drives_the_main_job(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:  # INT-02 INB-01 OUT-02 SAL-02 SAL-03 TRC-03
    key.run(Namespace(login="integrator", label="first", administrator=True))
    words = capsys.readouterr().out.split()
    done = subprocess.run(
        [sys.executable, str(CLIENT)],
        env={**os.environ, **GIVEN, "TRACEWARD_URL": url, "TRACEWARD_KEY": words[-1]},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "done: L267A01" in done.stdout
