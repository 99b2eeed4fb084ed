"""One table from what the database says to what the user is told."""

import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import DatabaseError, Error, InterfaceError, OperationalError, connection

from traceward.kernel.base.refusals import Busy, Conflict, NotFound, Refusal, sentence
from traceward.kernel.command.beyond import too_large
from traceward.kernel.command.duration import SECONDS, too_long

#: Deadlock, serialisation failure, lock not available: the same request may pass next time.
PASSING = frozenset({"40P01", "40001", "55P03"})

#: Unique indexes over what a command checks itself: who breaks one was overtaken since the check,
#: and learns from another try what is there now.
OVERTAKEN: set[str] = set()

#: Ended by an administrator or a crash, shutting down, not up yet, too many connections, idle.
LOST = frozenset({"57P01", "57P02", "57P03", "57P05", "53300", "25P03"})
#: The pauses between them add up to about two and a half seconds.
LOST_ATTEMPTS = 8
#: Nor is anything begun again after so long: it would only be cut off again.
LOST_SECONDS = SECONDS

#: SQLSTATE of ours -> makes the refusal from the rows that the function gave as DETAIL.
Maker = Callable[[list[dict[str, Any]]], Refusal]
MAKERS: dict[str, Maker] = {}


#: What a user's value can bring about whatever the command is.
COMMON: dict[str, Callable[[], Refusal]] = {
    "23503": lambda: NotFound(
        sentence("Something that was named does not exist. Look it up in its list and try again.")
    ),
    # A statement, a pause between two, or the whole transaction was over its time.
    **dict.fromkeys(("57014", "25P03", "25P04"), too_long),
}
#: A value that no column holds.
UNFIT = frozenset({"22001", "22003", "22021", "22P05", "54000"})


def sqlstate(error: Error) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def is_passing(error: Error) -> bool:
    state = sqlstate(error)
    return state in PASSING or (state == "23505" and _constraint(error) in OVERTAKEN)


def _constraint(error: Error) -> str:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


def is_lost(error: Error) -> bool:
    """Whether the connection broke, or the server is down, starting or full of connections."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = sqlstate(error)
    return not state or state.startswith("08") or state in LOST


T = TypeVar("T")


def persistent(work: Callable[[], T]) -> T:
    """What `work` gives, begun again on a new connection where the old one broke. # SEC-03

    Bounded; then refused as Busy. Only for work that may be begun twice: it reads, or it is a
    whole command, whose request id gives the first answer if the commit had come through.
    """
    began = time.monotonic()
    for attempt in range(LOST_ATTEMPTS):
        if attempt:
            time.sleep(random.uniform(0.01, 0.03) * (2 ** (attempt - 1)))
        if time.monotonic() - began > LOST_SECONDS:
            break
        try:
            return work()
        except Error as error:
            if connection.in_atomic_block or not is_lost(error):
                raise
            connection.close()
    raise Busy(
        sentence(
            "The database does not answer at the moment. Send the same request again in a moment: "
            "with the same request id nothing is done twice."
        )
    )


def refusal_for(error: DatabaseError, arguments: Mapping[str, Any]) -> Refusal | None:
    """The refusal that the error stands for; None where it passes, or is a fault of ours."""
    state = sqlstate(error)
    if is_passing(error):
        return None
    diagnosis = getattr(error.__cause__, "diag", None)
    if state in MAKERS:
        detail = getattr(diagnosis, "message_detail", None) or "[]"
        return MAKERS[state](json.loads(detail))
    if state == "23505":
        return Conflict(
            sentence("A record with the same {constraint} exists already. Use that one."),
            constraint=_constraint(error),
        )
    if state in UNFIT:
        return too_large(error, arguments)
    if state in COMMON:
        return COMMON[state]()
    return None
