"""Databases for tests: one template is migrated once, and every worker and module clones it.

The tests run as the application's role, as the product does; only the template is made by the
owner. `fresh_database` gives a module a clone of its own where commits must be real.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from tests import world as worlds
from traceward.kernel.base.rights import grant_rights
from traceward.kernel.base.server import Server, database_urls

ROOT = Path(__file__).parent.parent
WORKER = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
ADMIN = database_urls(settings.HOME)["admin"]


def _stamp() -> str:
    """Changes with every migration, SQL file and role, so that an old template is not used."""
    files = sorted([*ROOT.glob("traceward/**/migrations/*.py"), *ROOT.glob("traceward/**/*.sql")])
    mark = hashlib.sha256(b"".join(f.read_bytes() for f in files))
    return mark.hexdigest()[:12]


TEMPLATE = f"tw_template_{_stamp()}"


def _execute(statement: str) -> None:
    with psycopg.connect(ADMIN, autocommit=True) as connection:
        connection.execute(statement)


def _point_at(database: str) -> None:
    for connection in connections.all(initialized_only=False):
        connection.close()
        connection.settings_dict["NAME"] = database
        settings.DATABASES[connection.alias]["NAME"] = database


def _make_template() -> None:
    """The migrated, empty company; made once for all workers, under a lock of the cluster."""
    from django.core.management import call_command

    from traceward.kernel.command.setup import set_up_roles, set_up_system_person

    with psycopg.connect(ADMIN, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(7299)")
        query = (
            "SELECT datname FROM pg_database WHERE datname ~ '^tw_template_[0-9a-f]+$' ORDER BY oid"
        )
        known = [row[0] for row in connection.execute(query)]
        if TEMPLATE in known:
            return
        for old in known[:-8]:
            connection.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
        making = f"{TEMPLATE}_making"
        connection.execute(f'DROP DATABASE IF EXISTS "{making}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{making}" OWNER traceward_owner')
        connection.execute(f"ALTER DATABASE \"{making}\" SET traceward.sandbox = 'on'")
        _point_at(making)
        call_command("migrate", database="owner", verbosity=0)
        grant_rights(connections["owner"])
        set_up_roles()
        set_up_system_person()
        for alias in connections:
            connections[alias].close()
        connection.execute(f'ALTER DATABASE "{making}" RENAME TO "{TEMPLATE}"')


def _clone(name: str) -> None:
    _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" OWNER traceward_owner')


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """This worker's own clone of the template."""
    name = f"tw_test_{WORKER}"
    with django_db_blocker.unblock():
        Server(settings.HOME).start()
        _make_template()
        _clone(name)
        _point_at(name)
    yield
    with django_db_blocker.unblock():
        for alias in connections:
            connections[alias].close()
        _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def world(db: None) -> worlds.World:
    """A small company, rolled back after the test."""
    return worlds.build()


@pytest.fixture(scope="module")
def fresh_database(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[str]:
    """A database of the module's own in which commits are real; dropped afterwards."""
    name = f"tw_{WORKER}_{request.module.__name__.rsplit('.', 1)[-1]}"[:60]
    before = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock():
        _clone(name)
        _point_at(name)
        yield name
        _point_at(before)
        _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
