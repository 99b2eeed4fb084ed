"""How long a write transaction may last: it holds locks, and everything waits behind it.

From PostgreSQL 17 on the server itself ends a transaction that is over its time
(`tw_command_begin` sets `transaction_timeout`). Older servers limit each statement and each pause
between two; there the limit is looked at before every statement, so such a transaction ends at the
latest when the statement under way does, and never commits.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from traceward.kernel.base.refusals import Busy, sentence

SECONDS = 30.0
#: The first server that limits a transaction by itself.
SERVER_LIMITS_FROM = 170_000


class TookTooLong(Busy):
    """The transaction was over its time and was ended; it has changed nothing."""


def too_long() -> TookTooLong:
    return TookTooLong(
        sentence(
            "This took longer than is allowed and was stopped; nothing was done. "
            "Send fewer lines at once, or try again when the system is less busy."
        )
    )


def milliseconds() -> int:
    """What the server is told at the beginning; 0, no limit, inside a transaction of a caller."""
    return 0 if connection.in_atomic_block else round(SECONDS * 1000)


@contextmanager
def limited(milliseconds: int) -> Iterator[None]:
    """On a server that cannot do it, no statement begins after so long; 0 is no limit."""
    if not milliseconds or _server_version() >= SERVER_LIMITS_FROM:
        yield
        return
    end = time.monotonic() + milliseconds / 1000

    def in_time(execute: Callable[..., Any], *statement: Any) -> Any:
        if time.monotonic() > end:
            raise too_long()
        return execute(*statement)

    with connection.execute_wrapper(in_time):
        yield


def _server_version() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.server_version)
