"""`traceward administrator`: the first person who signs in, or a way back in for the last one."""

import argparse

from django.utils.translation import get_language

from traceward.kernel.base.refusals import fill, sentence

HELP = "make an administrator who signs in; the first password is printed once"
DONE = sentence(
    "{login} is an administrator. The password below is for the first sign-in, which asks for "
    "another one; it is not shown again."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("--name-zh", default="", metavar="NAME", help="the person's Chinese name")
    parser.add_argument("--name-en", default="", metavar="NAME", help="the person's English name")


def run(chosen: argparse.Namespace) -> int:
    from traceward.kernel.command.actor import Actor
    from traceward.kernel.command.administration import reset_password
    from traceward.kernel.command.people import grant_role, register_person
    from traceward.kernel.command.setup import SYSTEM_LOGIN
    from traceward.kernel.org.models import Person, RoleGrant
    from traceward.kernel.org.roles import ADMINISTRATOR

    language = get_language() or "en"
    system = Person.objects.get(login=SYSTEM_LOGIN)
    by = Actor(system.pk, system.login, origin="terminal")
    known = RoleGrant.objects.filter(
        person__login=chosen.login, role__code=ADMINISTRATOR.code, revoked_at=None
    ).first()
    if known:
        person_id = known.person_id
    else:
        names = {"name_zh": chosen.name_zh, "name_en": chosen.name_en}
        if not any(names.values()):
            names["name_en"] = chosen.login
        person_id = register_person(chosen.login, **names, language=language, by=by.asking()).id
        grant_role(person_id, ADMINISTRATOR.code, by=by.asking())
    reset = reset_password(person_id, by=by.asking())
    print(fill(DONE, {"login": chosen.login}, language))
    print(reset.password.reveal())
    return 0
