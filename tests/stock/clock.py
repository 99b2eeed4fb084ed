"""The sandbox's clock, and waiting for the sequencer, for tests of the past."""

import time
from datetime import datetime

from django.db import connection

from traceward.kernel.outbox.models import QueuedCommand
from traceward.kernel.outbox.sequencer import sequence_commands


def set_clock(moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_set_clock(%s)", [moment])


def sequence_all() -> None:
    """Every command has its number; a transaction open elsewhere on the server may delay that."""
    for _ in range(900):
        sequence_commands()
        if not QueuedCommand.objects.exists():
            return
        time.sleep(0.1)
    raise AssertionError("another transaction kept the sequencer waiting for 90 seconds")
