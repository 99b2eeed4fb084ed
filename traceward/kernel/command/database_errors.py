"""One table from what the database says to what the user is told."""

import json
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError

from traceward.kernel.base.refusals import Busy, Conflict, InvalidInput, NotFound, Refusal, sentence

#: Deadlock, serialisation failure, lock not available: the same request may pass next time.
PASSING = frozenset({"40P01", "40001", "55P03"})

#: SQLSTATE of ours -> makes the refusal from the rows that the function gave as DETAIL.
Maker = Callable[[list[dict[str, Any]]], Refusal]
MAKERS: dict[str, Maker] = {}


#: What a user's value can bring about whatever the command is.
COMMON: dict[str, Callable[[], Refusal]] = {
    "23503": lambda: NotFound(
        sentence("Something that was named does not exist. Look it up in its list and try again.")
    ),
    "57014": lambda: Busy(
        sentence(
            "This took longer than is allowed and was stopped; nothing was done. "
            "Send fewer lines at once, or try again when the system is less busy."
        )
    ),
    **dict.fromkeys(
        ("22001", "22003", "22021", "22P05", "54000"),
        lambda: InvalidInput(
            sentence("A number is too large, or a text too long or unreadable. Correct it.")
        ),
    ),
}


def sqlstate(error: DatabaseError) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def is_passing(error: DatabaseError) -> bool:
    return sqlstate(error) in PASSING


def refusal_for(error: DatabaseError) -> Refusal | None:
    """The refusal that the error stands for, or None where it is a fault of ours."""
    state = sqlstate(error)
    diagnosis = getattr(error.__cause__, "diag", None)
    if state in MAKERS:
        detail = getattr(diagnosis, "message_detail", None) or "[]"
        return MAKERS[state](json.loads(detail))
    if state == "23505":
        return Conflict(
            sentence("A record with the same {constraint} exists already. Use that one."),
            constraint=getattr(diagnosis, "constraint_name", "") or "",
        )
    if state in COMMON:
        return COMMON[state]()
    return None
