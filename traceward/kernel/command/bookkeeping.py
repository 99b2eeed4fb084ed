"""What follows every commit: sequence, deliver, seal. Runs in the worker, two ticks a second.

Bookkeeping is no command of its own: it adds to what commands wrote, and an entry about each
entry would never end (docs/adr/0030).
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from functools import partial

from django.db import Error, close_old_connections, connections

from traceward.kernel.audit.sealing import seal_pending
from traceward.kernel.command.database_errors import is_lost
from traceward.kernel.command.delivery import deliver
from traceward.kernel.outbox.sequencer import sequence_commands

LOG = logging.getLogger("traceward.worker")
PAUSE_SECONDS = 0.5
#: So long may one handler work in one tick: making papers must not hold up the sealing.
HANDLER_SECONDS = 1.0

STEPS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("sequence", sequence_commands),
    ("deliver", partial(deliver, HANDLER_SECONDS)),
    ("seal", seal_pending),
)


def tick(told: dict[str, str] | None = None) -> bool:
    """Each step once; false where the database does not answer.

    A step that fails for another reason is logged, once for as long as the reason (in `told`) is
    the same, and does not keep the others from running.
    """
    told = {} if told is None else told
    for name, step in STEPS:
        try:
            step()
            told.pop(name, None)
        except Exception as error:
            with contextlib.suppress(Error):  # a broken connection may not even close
                connections["default"].close()
            if isinstance(error, Error) and is_lost(error):
                return False
            if told.get(name) != repr(error):
                LOG.exception("bookkeeping step %s failed; it is tried again", name)
            told[name] = repr(error)
    return True


def run_until(stopping: threading.Event) -> None:
    """Tick after tick until told to stop; an outage is logged once, not with every tick."""
    was_there, told = True, dict[str, str]()
    while not stopping.is_set():
        close_old_connections()
        is_there = tick(told)
        if is_there != was_there:
            word = "answers again" if is_there else "does not answer; bookkeeping waits"
            LOG.warning("the database %s", word)
        was_there = is_there
        stopping.wait(PAUSE_SECONDS)
    connections.close_all()
