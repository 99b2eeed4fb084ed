"""A client process: waits at the barrier with the others, makes its one call, tells the outcome."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
django.setup()

from django.db import DatabaseError  # noqa: E402  # only after Django is set up

from tests import ledger, world  # noqa: E402, F401  # registers the tests' commands
from tests.concurrency import spoilt  # noqa: E402
from tests.databases import point_at  # noqa: E402
from traceward.kernel.base.refusals import Refusal  # noqa: E402
from traceward.kernel.command import database_errors  # noqa: E402


@dataclass(frozen=True)
class Task:
    """A call, made when as many clients as `together` have come to the barrier."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    together: int


@dataclass(frozen=True)
class Outcome:
    """What came of the call: its answer or its refusal; a fault fails the test."""

    answer: Any = None
    refusal: Refusal | None = None
    fault: str = ""
    deadlocks: int = 0

    @property
    def kind(self) -> str:
        return self.fault or (type(self.refusal).__name__ if self.refusal else "Done")


STATES: list[str] = []
_is_passing = database_errors.is_passing


def _noted(error: DatabaseError) -> bool:
    STATES.append(database_errors.sqlstate(error))
    return _is_passing(error)


def serve(pipe: Connection, barriers: dict[int, Any], database: str, spoil: str) -> None:
    """The life of a client: tasks come in, outcomes go out, until None comes."""
    database_errors.is_passing = _noted
    if spoil:
        getattr(spoilt, spoil)()
    point_at(database)
    while (task := pipe.recv()) is not None:
        pipe.send(_outcome(task, barriers))


def _outcome(task: Task, barriers: dict[int, Any]) -> Outcome:
    STATES.clear()
    if task.together > 1:
        barriers[task.together].wait(timeout=60)
    try:
        answer, refusal, fault = task.function(*task.args, **task.kwargs), None, ""
    except Refusal as error:
        answer, refusal, fault = None, error, ""
    except Exception as error:  # told to the test, which fails
        answer, refusal, fault = None, None, f"{type(error).__name__}: {error}"
    return Outcome(answer, refusal, fault, STATES.count("40P01"))
