"""`traceward token`: a bearer token with which a person may send commands for some hours."""

import argparse
import sys

from django.utils.translation import get_language

from traceward.kernel.base.refusals import fill, sentence

HELP = "print a bearer token for a person"
NOBODY = sentence("There is no active person with login {login}.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")


def run(chosen: argparse.Namespace) -> int:
    from traceward.kernel.command.tokens import token_for
    from traceward.kernel.org.models import Person

    person = Person.objects.filter(login=chosen.login, is_active=True).first()
    if person is None:
        print(fill(NOBODY, {"login": chosen.login}, get_language() or "en"), file=sys.stderr)
        return 3
    print(token_for(person))
    return 0
