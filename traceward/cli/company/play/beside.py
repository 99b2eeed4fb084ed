"""The start of a process that plays beside another one: Django first, then everything else."""

import os
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from threading import Thread


def start(database: str, told: "Connection[object, object]", barrier: Barrier) -> None:
    """The process works on the sandbox and plays what it is told, in step with the first one."""
    Thread(target=_end_with_the_first, daemon=True).start()
    os.environ["TRACEWARD_SANDBOX"] = database
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")

    import django

    django.setup()
    from traceward.cli.company.play.loading import play_beside

    play_beside(told, barrier)


def _end_with_the_first() -> None:
    """However the first process ends, also killed, this one does not wait for it any longer."""
    first = parent_process()
    assert first is not None, "this process is started by another one"
    first.join()
    os._exit(1)
