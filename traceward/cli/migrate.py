"""`traceward migrate`: the schema, the roles' rights and the translations are up to date."""

import argparse
from pathlib import Path

HELP = "bring the database to this version: schema, rights, roles, translations"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sandbox", action="store_true", help="make a new database a sandbox")


def run(chosen: argparse.Namespace) -> int:
    compile_translations()
    migrate_database(sandbox=chosen.sandbox)
    return 0


def compile_translations() -> None:
    """Every .po has a .mo that is not older than it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po in (Path(__file__).parent.parent / "locale").glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source:
            catalog = read_po(source, locale=po.parent.parent.name)
        with mo.open("wb") as target:
            write_mo(target, catalog)


def migrate_database(*, sandbox: bool) -> None:
    """Schema by the owner, rights for the application's role, roles of the trade, system person."""
    from django.core.management import call_command
    from django.db import connections

    from traceward.kernel.base.rights import grant_rights
    from traceward.kernel.command.setup import set_up_handlers, set_up_roles, set_up_system_person

    owner = connections["owner"]
    if sandbox:
        with owner.cursor() as cursor:
            cursor.execute("SELECT set_config('traceward.sandbox', 'on', false)")
    call_command("migrate", database="owner", verbosity=0)
    grant_rights(owner)
    set_up_roles()
    set_up_system_person()
    set_up_handlers()
