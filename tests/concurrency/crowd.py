"""A crowd of client processes that start each race at the same moment."""

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.concurrency.client import Outcome, Task, serve

SIZES = (2, 3, 4, 20)


@dataclass(frozen=True)
class Call:
    """A function and its arguments, to be called by one client."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def calling(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Call:
    return Call(function, args, kwargs)


class Crowd:
    """So many processes, forked from a fresh one that has imported the program once."""

    def __init__(self, count: int, database: str, spoil: str = "") -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.concurrency.client"])
        barriers = self._barriers = {size: context.Barrier(size) for size in SIZES}
        self.deadlocks = 0
        self._clients = []
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=serve, args=(theirs, barriers, database, spoil), daemon=True
            )
            process.start()
            theirs.close()
            self._clients.append((process, ours))

    def race(self, *calls: Call) -> list[Outcome]:
        """Each call is made by a process of its own, all at once; outcomes in the same order."""
        pipes = [pipe for _, pipe in self._clients[: len(calls)]]
        for pipe, call in zip(pipes, calls, strict=True):
            pipe.send(Task(call.function, call.args, call.kwargs, len(calls)))
        outcomes = [pipe.recv() for pipe in pipes]
        self.deadlocks += sum(outcome.deadlocks for outcome in outcomes)
        faults = [outcome.fault for outcome in outcomes if outcome.fault]
        assert not faults, faults
        return outcomes

    def leave(self) -> None:
        """The processes end by themselves; one that hangs is ended."""
        for _, pipe in self._clients:
            pipe.send(None)
        for process, _ in self._clients:
            process.join(timeout=10)
            if process.is_alive():
                process.terminate()
