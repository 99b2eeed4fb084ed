"""Scratch databases for tests and benchmarks: one template is migrated once, others clone it.

TRACEWARD_TEST_TEMPLATE names another template instead (the mutation run makes mutated ones).
"""

import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from tests import ledger, world  # noqa: F401  # the template knows their commands
from traceward.kernel.base.rights import grant_rights, rights_of
from traceward.kernel.base.server import database_urls
from traceward.kernel.command.registry import READINGS, REGISTRY
from traceward.kernel.command.setup import set_up_handlers, set_up_roles, set_up_system_person

ROOT = Path(__file__).parent.parent
WORKER = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
ADMIN = database_urls(settings.HOME)["admin"]


def _stamp() -> str:
    """Changes with every migration, SQL file and role, so that an old template is not used."""
    patterns = ("migrations/*.py", "*.sql", "rights.py", "references.py")
    files = sorted(f for pattern in patterns for f in ROOT.glob(f"traceward/**/{pattern}"))
    mark = hashlib.sha256(b"".join(f.read_bytes() for f in files))
    rights = sorted((m._meta.db_table, rights_of(m)) for m in apps.get_models())
    mark.update(repr(rights).encode())
    granted = {c.verb: c.roles for c in REGISTRY.values()} | READINGS
    mark.update(repr(sorted((n, [r.code for r in rs]) for n, rs in granted.items())).encode())
    return mark.hexdigest()[:12]


TEMPLATE = os.environ.get("TRACEWARD_TEST_TEMPLATE") or f"tw_template_{_stamp()}"


def execute(statement: str) -> None:
    with psycopg.connect(ADMIN, autocommit=True) as connection:
        connection.execute(statement)


@cache
def is_superuser() -> bool:
    """Whether ADMIN is one; the user of DATABASE_URL need only be able to make roles."""
    with psycopg.connect(ADMIN) as connection:
        return connection.info.parameter_status("is_superuser") == "on"


def pose(connection: psycopg.Connection, as_what: str) -> None:
    """The session poses as a replica, for which ordinary triggers do not fire, or as nothing."""
    if as_what == "replica":
        if not is_superuser():
            pytest.skip("only a superuser may pose as a replica; DATABASE_URL names none")
        connection.execute("SET session_replication_role = 'replica'")


def point_at(database: str) -> None:
    """All connections go to the database; its keys, heads and files are in a folder of its own."""
    settings.VAR = var_of(database)
    for connection in connections.all(initialized_only=False):
        connection.close()
        connection.settings_dict["NAME"] = database
        settings.DATABASES[connection.alias]["NAME"] = database


def make_template() -> None:
    """The migrated, empty company; made once for all workers, under a lock of the cluster."""
    with psycopg.connect(ADMIN, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(7299)")
        query = (
            "SELECT datname FROM pg_database WHERE datname ~ '^tw_template_[0-9a-f]+$' ORDER BY oid"
        )
        known = [row[0] for row in connection.execute(query)]
        if TEMPLATE in known or "TRACEWARD_TEST_TEMPLATE" in os.environ:
            return
        for old in known[:-8]:
            connection.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
        making = f"{TEMPLATE}_making"
        connection.execute(f'DROP DATABASE IF EXISTS "{making}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{making}" OWNER traceward_owner')
        point_at(making)
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT set_config('traceward.sandbox', 'on', false)")
        call_command("migrate", database="owner", verbosity=0)
        grant_rights(connections["owner"])
        set_up_roles()
        set_up_system_person()
        set_up_handlers()
        for alias in connections:
            connections[alias].close()
        connection.execute(f'ALTER DATABASE "{making}" RENAME TO "{TEMPLATE}"')


def var_of(database: str) -> Path:
    """The clones of a template share its log's uid, so each needs heads of its own."""
    return Path(tempfile.gettempdir()) / f"traceward-tests-{os.getuid()}" / database


def clone(name: str, template: str = "") -> None:
    """A scratch database of this name is a copy of the template."""
    drop(name)
    execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or TEMPLATE}" OWNER traceward_owner')


def drop(name: str) -> None:
    """The scratch database is gone."""
    execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(var_of(name), ignore_errors=True)
