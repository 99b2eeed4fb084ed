"""The sequencer: committed commands get their place in the one order that all readers follow."""

from django.db import connections

#: Commands per transaction; more would hold the sequencer's lock too long.
BATCH = 10_000


def sequence_commands(*, using: str = "default") -> int:
    """Every command that no older transaction can still overtake has its sequence; says how many.

    A job of bookkeeping, not a command: it decides nothing and may be run at any time, by anybody,
    as often as wished; a lock in the database lets one run at a time.
    """
    total = 0
    while True:
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT tw_sequence_commands(%s)", [BATCH])
            (count,) = cursor.fetchone()
        total += count
        if count < BATCH:
            return total
