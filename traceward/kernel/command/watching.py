"""Each command leaves one line in the log and is counted: verb, person, outcome, duration.

Never its arguments: the audit entry has the excerpt of them that may be read. # SEC-02
"""

import logging
import os
import time
from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from traceward.kernel.base.logs import fields
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.command.actor import Actor

LOG = logging.getLogger("traceward.command")
#: The figures of this process; /metrics shows them beside those of the database.
FIGURES = CollectorRegistry()
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

COMMANDS = Counter(
    "traceward_commands",
    "Commands that this process ran, by how they ended",
    ["process", "verb", "outcome"],
    registry=FIGURES,
)
SECONDS = Histogram(
    "traceward_command_seconds",
    "How long they took",
    ["process", "verb"],
    buckets=BUCKETS,
    registry=FIGURES,
)


def watched(verb: str, by: Actor, held: type, work: Callable[[], Any]) -> Any:
    """What `work` gives; how it ended is logged and counted."""
    began, outcome, level = time.monotonic(), "fault", logging.ERROR
    try:
        answer = work()
        outcome, level = "held" if isinstance(answer, held) else "done", logging.INFO
        return answer
    except Refusal as refusal:
        outcome, level = type(refusal).__name__, logging.INFO
        raise
    finally:
        seconds = time.monotonic() - began
        COMMANDS.labels(str(os.getpid()), verb, outcome).inc()
        SECONDS.labels(str(os.getpid()), verb).observe(seconds)
        if LOG.isEnabledFor(level):
            LOG.log(
                level,
                "command",
                extra=fields(
                    request_id=str(by.request_id),
                    verb=verb,
                    person=by.login,
                    outcome=outcome,
                    milliseconds=round(seconds * 1000, 1),
                    door=by.origin.partition(" ")[0],
                ),
            )
