"""`traceward migrate`: the schema, the roles' rights and the translations are up to date."""

import argparse
from typing import TYPE_CHECKING

from traceward.kernel.base.refusals import WrongState, sentence
from traceward.kernel.base.translations import compile_translations

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

OTHER_SCRIPTS = sentence(
    "This database was made from other scripts than this version's ({files}), and before the first "
    "release nothing brings it up to date. Make it anew, or name another database."
)
IS_REAL = sentence(
    "The database {database} is a real one and stays so. Name a new database for a sandbox."
)
HELP = "bring the database to this version: schema, rights, roles, translations"

#: Held by the session that migrates; another one waits and then finds everything done.
ONE_AT_A_TIME = 7297


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sandbox", action="store_true", help="make a new database a sandbox")


def run(chosen: argparse.Namespace) -> int:
    compile_translations()
    migrate_database(sandbox=chosen.sandbox)
    return 0


def pending(connection: "BaseDatabaseWrapper") -> int:
    """How many migrations of this version the database has not had."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate_database(*, sandbox: bool) -> None:
    """Schema by the owner, rights for the application's role, roles of the trade, system person."""
    from django.core.management import call_command
    from django.db import connections

    from traceward.kernel.base.rights import grant_rights
    from traceward.kernel.base.sqlfile import changed_since
    from traceward.kernel.command.setup import set_up_handlers, set_up_roles, set_up_system_person

    owner = connections["owner"]
    if changed := changed_since(owner):
        raise WrongState(OTHER_SCRIPTS, files=changed)
    with owner.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        if sandbox:
            cursor.execute("SELECT set_config('traceward.sandbox', 'on', false)")
    if pending(owner):
        call_command("migrate", database="owner", verbosity=0)
    grant_rights(owner)
    set_up_roles()
    set_up_system_person()
    set_up_handlers()
    with owner.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
        cursor.execute("SELECT is_sandbox FROM base_database")
        if sandbox and cursor.fetchone() == (False,):
            raise WrongState(IS_REAL, database=owner.settings_dict["NAME"])
