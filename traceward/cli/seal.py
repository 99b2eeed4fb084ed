"""`traceward seal`: seal what waits now, or change the key. The worker seals by itself."""

import argparse
import time

from django.db import connection
from django.utils.translation import get_language

from traceward.kernel.audit import keys
from traceward.kernel.base.refusals import fill, sentence
from traceward.kernel.outbox.sequencer import sequence_commands

HELP = "seal what is not sealed yet, or change the key (the worker seals by itself)"

SEALED = sentence("{commands} commands were given their place; {seals} seals were made.")
CHANGED = sentence(
    "The key {key} seals from now on. Copy {folder} to a safe place outside this machine."
)
SENT = sentence("The head of seal {number} was sent.")
FAILED = sentence("The newest head could not be sent: {problem}. It is tried again later.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--send-heads", action="store_true", help="send the newest head now, to wherever it is sent"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--rotate-key", action="store_true", help="a new key, signed by the old one")
    which.add_argument(
        "--key-is-lost", action="store_true", help="a new key that nobody can sign; verify says so"
    )


def run(chosen: argparse.Namespace) -> int:
    # Late: subcommands are listed before Django is set up, and the models need it.
    from traceward.kernel.audit import outlets
    from traceward.kernel.audit.sealing import Folders, microseconds, seal_pending

    language = get_language() or "en"
    if chosen.rotate_key or chosen.key_is_lost:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tw_now()")
            (now,) = cursor.fetchone()
        folder = Folders.below(None).keys
        key = keys.rotate(folder, microseconds(now), is_lost=chosen.key_is_lost)
        print(fill(CHANGED, {"key": key.key_id, "folder": str(folder)}, language))
    commands = sequence_commands()
    print(fill(SEALED, {"commands": commands, "seals": seal_pending()}, language))
    failed = 0
    for state in outlets.send_due(now=time.time(), is_forced=True) if chosen.send_heads else []:
        failed += bool(state.failures)
        told = FAILED if state.failures else SENT
        print(fill(told, {"number": state.number, "problem": state.error}, language))
    return 1 if failed else 0
