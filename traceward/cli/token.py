"""`traceward token`: a bearer token with which a person may send commands for some hours."""

import argparse
import sys

HELP = "print a bearer token for a person"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")


def run(chosen: argparse.Namespace) -> int:
    from traceward.kernel.command.tokens import token_for
    from traceward.kernel.org.models import Person

    person = Person.objects.filter(login=chosen.login, is_active=True).first()
    if person is None:
        print(f"There is no active person with login {chosen.login}.", file=sys.stderr)
        return 3
    print(token_for(person))
    return 0
