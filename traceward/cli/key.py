"""`traceward key`: an API key for a program's account, shown once."""

import argparse
import sys

from django.utils.translation import get_language

from traceward.kernel.base.refusals import Refusal, fill, sentence

HELP = "issue an API key for a program's account; it is printed once"
NOBODY = sentence("There is no active person with login {login}.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("--label", default="terminal", help="what the key is for")
    parser.add_argument(
        "--administrator",
        action="store_true",
        help="register the account first, as an administrator",
    )


def run(chosen: argparse.Namespace) -> int:
    from traceward.kernel.command.actor import Actor
    from traceward.kernel.command.keys import issue_key
    from traceward.kernel.command.people import grant_role, register_person
    from traceward.kernel.command.setup import SYSTEM_LOGIN
    from traceward.kernel.org.models import Person
    from traceward.kernel.org.roles import ADMINISTRATOR

    language = get_language() or "en"
    system = Person.objects.get(login=SYSTEM_LOGIN)
    by = Actor(system.pk, system.login, origin="terminal")
    try:
        if chosen.administrator:
            known = register_person(chosen.login, name_en=chosen.login, by=by.asking())
            grant_role(known.id, ADMINISTRATOR.code, by=by.asking())
        person = Person.objects.filter(login=chosen.login, is_active=True).first()
        if person is None:
            print(fill(NOBODY, {"login": chosen.login}, language), file=sys.stderr)
            return 3
        issued = issue_key(person.pk, chosen.label, by=by.asking())
    except Refusal as refusal:
        print(refusal.in_language(language), file=sys.stderr)
        return refusal.exit_code
    print(issued.key.reveal())
    return 0
