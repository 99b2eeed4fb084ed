"""`traceward run-command VERB`: one command from the terminal, once per request id.

The person is the one of the token in TRACEWARD_TOKEN (see `traceward token`). The answer is
printed as JSON, as the API gives it; a refusal is printed as a sentence and is the exit code.
"""

import argparse
import getpass
import json
import os
import sys
import termios
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from traceward.kernel.base.refusals import sentence

if TYPE_CHECKING:
    from traceward.kernel.command.actor import Actor

HELP = "run one command, with arguments as JSON"
TOKEN = "TRACEWARD_TOKEN"
PASSWORD = sentence("Password: ")
NO_TERMINAL = sentence(
    "A signature asks for your password. Run this at a terminal where you can type it."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", help="the command's word, such as stock.move")
    parser.add_argument("--json", default="{}", help="the arguments; - reads them from the input")
    parser.add_argument(
        "--request-id",
        type=uuid.UUID,
        help="a UUID; the same one again gives the first answer again",
    )
    parser.add_argument(
        "--happened-at", default="", metavar="MOMENT", help="when it happened, with time zone"
    )
    parser.add_argument("--device", default="", help="the device that it was scanned with")
    parser.add_argument(
        "--clock-offset-ms", default="", metavar="MS", help="the device's clock less ours"
    )
    parser.add_argument(
        "--if-match", default="", metavar="ID-VERSION", help="a document as you read it: 17-4"
    )
    parser.add_argument(
        "--sign", action="store_true", help="ask for your password, as a signature needs it"
    )


def run(chosen: argparse.Namespace) -> int:
    from traceward.kernel.base import ids
    from traceward.kernel.base.refusals import tell
    from traceward.kernel.command.devices import read_device
    from traceward.kernel.command.registry import REGISTRY
    from traceward.kernel.command.run import Held, run_json
    from traceward.kernel.command.seen import read_seen

    arguments = _arguments(chosen.json)
    request_id = chosen.request_id or ids.new_uid()
    if chosen.request_id is None:
        print(f"--request-id {request_id}", file=sys.stderr, flush=True)
    device = read_device(chosen.device, chosen.clock_offset_ms, chosen.happened_at)
    seen = read_seen(chosen.if_match, "if-match")
    by = replace(_actor(chosen.sign, request_id, chosen.verb), device=device, seen=seen)
    outcome = run_json(chosen.verb, arguments, by)
    if isinstance(outcome, Held):
        shown: dict[str, Any] = {"outcome": "held", "held_uid": str(outcome.held_uid)}
        shown["why"] = tell(outcome.why, get_language() or "en")
    else:
        shown = {"outcome": "done", "answer": REGISTRY[chosen.verb].told(outcome.answer)}
        shown["documents"] = [{"id": pk, "version": v} for pk, v in outcome.versions.items()]
    print(json.dumps(shown, ensure_ascii=False))
    return 0


def _arguments(text: str) -> dict[str, Any]:
    from traceward.kernel.base.refusals import InvalidInput, sentence
    from traceward.kernel.command.json_arguments import read_arguments

    found = read_arguments(sys.stdin.read() if text == "-" else text)
    if found is None:
        raise InvalidInput(sentence("The arguments must be one JSON object."), field="json")
    return found


def _actor(is_signing: bool, request_id: uuid.UUID, verb: str) -> "Actor":
    from traceward.kernel.base.refusals import NotAllowed, SignatureRequired, fill
    from traceward.kernel.command.actor import Actor
    from traceward.kernel.command.database_errors import persistent
    from traceward.kernel.command.signing import reauthenticated
    from traceward.kernel.command.tokens import person_of

    token = os.environ.get(TOKEN, "")
    person = persistent(lambda: person_of(token))
    if person is None and token:
        raise NotAllowed(
            sentence(
                "The token in {variable} is wrong or has run out: “traceward token LOGIN” prints "
                "another."
            ),
            variable=TOKEN,
        )
    if person is None:
        raise NotAllowed(
            sentence("Put a token of yours into {variable}: “traceward token LOGIN” prints one."),
            variable=TOKEN,
        )
    by = Actor(person.pk, person.login, "terminal", request_id)
    if not is_signing:
        return by
    try:
        password = getpass.getpass(fill(PASSWORD, {}, get_language() or "en"))
    except (EOFError, OSError, termios.error):
        raise SignatureRequired(NO_TERMINAL) from None
    return persistent(lambda: reauthenticated(person, password, by, verb))
