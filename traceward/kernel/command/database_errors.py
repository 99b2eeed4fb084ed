"""One table from what the database says to what the user is told."""

import json
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError

from traceward.kernel.base.refusals import Conflict, Refusal, sentence

#: Deadlock, serialisation failure, lock not available: the same request may pass next time.
PASSING = frozenset({"40P01", "40001", "55P03"})

#: SQLSTATE of ours -> makes the refusal from the rows that the function gave as DETAIL.
Maker = Callable[[list[dict[str, Any]]], Refusal]
MAKERS: dict[str, Maker] = {}


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
    return None
