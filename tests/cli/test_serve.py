"""The worker beside the pages comes and goes with them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from traceward.cli.worker import _leave

PARENT = """
import os, subprocess, sys
environment = {**os.environ, "SERVER": str(os.getpid())}
worker = subprocess.Popen([sys.executable, "-c", sys.argv[1]], env=environment)
print(worker.pid, flush=True)
worker.wait()
"""
WORKER = """
import os, threading
from traceward.cli.worker import _leave
_leave(int(os.environ["SERVER"]), threading.Event())
"""


def eventually(holds: Callable[[], bool], seconds: float = 30) -> bool:
    ends = time.monotonic() + seconds
    while not holds() and time.monotonic() < ends:
        time.sleep(0.1)
    return holds()


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_ends_with_its_server_however_that_ended() -> None:
    command = [sys.executable, "-c", PARENT, WORKER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        worker = int(server.stdout.readline())
        time.sleep(1)
        assert lives(worker)
        server.send_signal(signal.SIGKILL)
    assert eventually(lambda: not lives(worker))


def test_a_worker_of_a_server_that_is_gone_ends_at_once() -> None:
    stopping = threading.Event()
    _leave(1 if os.getppid() != 1 else 2, stopping)
    assert stopping.is_set()
