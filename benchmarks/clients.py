"""Client processes: each keeps one connection, does what it is told, and says what it did."""

import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

PROCESSORS = os.cpu_count() or 1


@dataclass(frozen=True)
class Round:
    """What all clients did in one round."""

    done: int
    refused: int
    seconds: float
    client_cpu: float

    @property
    def per_second(self) -> float:
        return self.done / self.seconds

    @property
    def cpu_share(self) -> float:
        """Of all processors of the machine."""
        return self.client_cpu / (self.seconds * PROCESSORS)


def serve(pipe: Connection, database: str) -> None:
    """The life of a client process: functions by name come in, results go out."""
    import django

    django.setup()
    from tests.databases import point_at

    point_at(database)
    while (order := pipe.recv()) is not None:
        module, name, arguments = order
        try:
            pipe.send((True, getattr(import_module(module), name)(**arguments)))
        except BaseException as error:
            pipe.send((False, f"{type(error).__name__}: {error}"))
            raise
    from django.db import connections

    for connection in connections.all():
        connection.close()


class Clients:
    """Some client processes on one database."""

    def __init__(self, count: int, database: str) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipes: list[Connection] = []
        self.processes = []
        for _ in range(count):
            here, there = spawn.Pipe()
            process = spawn.Process(target=serve, args=(there, database), daemon=True)
            process.start()
            there.close()
            self.pipes.append(here)
            self.processes.append(process)

    def ask(self, function: Callable[..., Any], *arguments: dict[str, Any]) -> list[Any]:
        """Each client runs the function with its own arguments, at the same time."""
        given = zip(self.pipes, arguments, strict=True)
        asked = []
        for pipe, one in given:
            pipe.send((function.__module__, function.__name__, one))
            asked.append(pipe)
        return [self._answer(pipe) for pipe in asked]

    def begin(self, function: Callable[..., Any], arguments: dict[str, Any]) -> None:
        """The first client starts; `end` waits for it and gives its answer."""
        self.pipes[0].send((function.__module__, function.__name__, arguments))

    def end(self) -> Any:
        return self._answer(self.pipes[0])

    def share_out(self, function: Callable[..., Any], work: Iterator[dict[str, Any]]) -> list[Any]:
        """The pieces of work go to whichever client is free."""
        answers: list[Any] = []
        busy: list[Connection] = []
        for pipe in self.pipes:
            if (one := next(work, None)) is not None:
                pipe.send((function.__module__, function.__name__, one))
                busy.append(pipe)
        while busy:
            for ready in multiprocessing.connection.wait(busy):
                assert isinstance(ready, Connection)
                answers.append(self._answer(ready))
                if (one := next(work, None)) is not None:
                    ready.send((function.__module__, function.__name__, one))
                else:
                    busy.remove(ready)
        return answers

    def round(self, function: Callable[..., Any], **arguments: Any) -> Round:
        """One measured round of all clients; each has a number of its own for its choices."""
        began = time.perf_counter()
        answers = self.ask(function, *({**arguments, "client": n} for n in range(len(self.pipes))))
        seconds = max(a["seconds"] for a in answers)
        assert time.perf_counter() - began >= seconds
        return Round(
            sum(a["done"] for a in answers),
            sum(a["refused"] for a in answers),
            seconds,
            sum(a["cpu"] for a in answers),
        )

    @staticmethod
    def _answer(pipe: Connection) -> Any:
        is_well, answer = pipe.recv()
        if not is_well:
            raise RuntimeError(f"a client stopped: {answer}")
        return answer

    def close(self) -> None:
        for pipe in self.pipes:
            pipe.send(None)
        for process in self.processes:
            process.join(30)


@contextmanager
def clients(count: int, database: str) -> Iterator[Clients]:
    """Client processes that are gone afterwards."""
    made = Clients(count, database)
    try:
        yield made
    finally:
        made.close()


def cpu_seconds() -> float:
    """Processor time that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def repeat(seconds: float, once: Callable[[], int]) -> dict[str, float]:
    """Do it once, and again until so long has passed; `once` gives the units, or -1 if refused."""
    done = refused = 0
    cpu, began = cpu_seconds(), time.perf_counter()
    until = began + seconds
    while (done == 0 and refused == 0) or time.perf_counter() < until:
        units = once()
        if units < 0:
            refused += 1
        else:
            done += units
    return {
        "done": done,
        "refused": refused,
        "seconds": time.perf_counter() - began,
        "cpu": cpu_seconds() - cpu,
    }
