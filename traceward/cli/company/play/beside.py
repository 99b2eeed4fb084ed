"""The start of a process that plays beside another one: Django first, then everything else."""

import os
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier


def start(database: str, told: "Connection[object, object]", barrier: Barrier) -> None:
    """The process works on the sandbox and plays what it is told, in step with the first one."""
    os.environ["TRACEWARD_SANDBOX"] = database
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")

    import django

    django.setup()
    from traceward.cli.company.play.loading import play_beside

    play_beside(told, barrier)
