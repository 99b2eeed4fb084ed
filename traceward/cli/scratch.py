"""A sandbox database of its own beside the real one, for what is shown and then thrown away."""

from pathlib import Path

import psycopg

from traceward.cli.migrate import migrate_database
from traceward.kernel.base.server import database_urls


def open_scratch(name: str, home: Path) -> str:
    """A fresh sandbox of this name is migrated and used from now on; gives its admin address."""
    from django.conf import settings
    from django.db import connections

    admin = database_urls(home)["admin"]
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" OWNER traceward_owner')
    for connection_ in connections.all():
        connection_.close()
        connection_.settings_dict["NAME"] = name
        settings.DATABASES[connection_.alias]["NAME"] = name
    settings.VAR = home / "var" / name
    migrate_database(sandbox=True)
    return psycopg.conninfo.make_conninfo(admin, dbname=name)


def close_scratch(name: str, home: Path) -> None:
    """The sandbox is gone."""
    from django.db import connections

    connections.close_all()
    with psycopg.connect(database_urls(home)["admin"], autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
