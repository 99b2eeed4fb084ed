"""The company in which guides are played: the small demo, made and served as a stranger would."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg
from django.conf import settings

from tests.databases import WORKER, execute
from tests.house.source import ROOT

#: What a guide calls the demo's database, and where it is served.
WRITTEN_NAME, WRITTEN_BASE = "traceward_demo", "http://127.0.0.1:8000"
#: How a reader makes it; here its parts are run one by one, under a name and at a port of its own.
SERVES = "./dev demo --scale small"
#: Seconds until it is made, and served.
PATIENCE = 240.0


@dataclass(frozen=True)
class Served:
    """A demo that is there, and where."""

    name: str
    base: str


@contextmanager
def served() -> Iterator[Served]:
    """The small demo with its worker, in a sandbox of its own that is gone afterwards."""
    name = f"traceward_guides_{WORKER}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Served(name, f"http://127.0.0.1:{port}")
    program = [sys.executable, "-m", "traceward"]
    environment = {**os.environ, "TRACEWARD_LANGUAGE": "en"}
    demo = [*program, *SERVES.split()[1:], "--sandbox-name", name]
    subprocess.run(
        demo, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE
    )
    environment["TRACEWARD_SANDBOX"] = name
    process = subprocess.Popen(
        [*program, "serve", "--with-worker", "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(made.base)
        yield made
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        _remove(name)


def _wait_for(base: str) -> None:
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{base}/health", timeout=5):
                return
        except (OSError, urllib.error.URLError):
            if time.monotonic() > ends:
                raise
            time.sleep(0.3)


def _remove(name: str) -> None:
    with suppress(psycopg.Error):
        execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(settings.HOME / "var" / name, ignore_errors=True)
