"""A sandbox database of its own beside the real one, for what is shown and then thrown away."""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.utils.translation import get_language
from psycopg import sql

from traceward.cli.migrate import migrate_database
from traceward.kernel.base.addresses import OWNER, make_database
from traceward.kernel.base.refusals import Conflict, InvalidInput, fill, sentence
from traceward.kernel.base.server import database_urls

#: What tells a sandbox of ours from a database that must not be dropped.
MARK = "Sandbox of Traceward: it is dropped when the next one of this name is made"


KEPT = sentence(
    "The sandbox {database} stays, as the story left it: with the row that step 15 altered and two "
    "triggers off. Its keys and heads lie in {folder}; “traceward verify --sandbox {database}” "
    "looks there."
)


@contextmanager
def scratch(
    name: str, home: Path, *, keep: bool = False, keep_whole: bool = False
) -> Iterator[str]:
    """A fresh sandbox of this name is used; gives its admin address; it is gone afterwards.

    With `keep` it stays whatever happened, and that is told; with `keep_whole` it stays if all
    went well. A database of this name that is no sandbox stays, and so does one that another run
    uses.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,50}", name):
        raise InvalidInput(
            sentence(
                "A sandbox's name begins with a letter and has at most 51 small letters, digits "
                "and _."
            ),
            field="sandbox-name",
        )
    urls = database_urls(home)
    var = home / "var" / name
    with psycopg.connect(urls["admin"], autocommit=True) as admin:
        _claim(admin, name)
        _make(admin, name)
        shutil.rmtree(var, ignore_errors=True)  # the keys and heads of an earlier one
        _point_at(name, var)
        is_whole = False
        try:
            migrate_database(sandbox=True)
            yield psycopg.conninfo.make_conninfo(urls["admin"], dbname=name)
            is_whole = keep_whole
        finally:
            if is_whole:
                pass
            elif keep:
                told = fill(KEPT, {"database": name, "folder": var}, get_language() or "en")
                print(told, file=sys.stderr)
            else:
                _drop(admin, name)
                shutil.rmtree(var, ignore_errors=True)


def exists(name: str, home: Path) -> bool:
    """Whether there is a sandbox of ours of this name."""
    query = (
        "SELECT FROM pg_database WHERE datname = %s AND shobj_description(oid, 'pg_database') = %s"
    )
    with psycopg.connect(database_urls(home)["admin"]) as admin:
        return admin.execute(query, [name, MARK]).fetchone() is not None


def use_sandbox(name: str) -> None:
    """From now on this process works on the sandbox that was kept, with its keys and heads."""
    from django.conf import settings

    _point_at(name, settings.HOME / "var" / name)


def _claim(admin: psycopg.Connection, name: str) -> None:
    """No other process uses the name as long as the connection lasts."""
    query = "SELECT pg_try_advisory_lock(7298, hashtext(%s))"
    if admin.execute(query, [name]).fetchone() != (True,):
        raise Conflict(
            sentence(
                "Another run uses the sandbox {database}. Wait for it, or name another one with "
                "--sandbox-name."
            ),
            database=name,
        )
    query = (
        "SELECT shobj_description(oid, 'pg_database') IS NOT DISTINCT FROM %s"
        " FROM pg_database WHERE datname = %s"
    )
    if admin.execute(query, [MARK, name]).fetchone() == (False,):
        raise Conflict(
            sentence(
                "The database {database} exists and is no sandbox of ours, so it stays. Name "
                "another one with --sandbox-name."
            ),
            database=name,
        )


def _make(admin: psycopg.Connection, name: str) -> None:
    _drop(admin, name)
    admin.execute(f"SET ROLE {OWNER}".encode())  # our own user need not be able to make any
    make_database(admin, name)
    admin.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(MARK))
    )
    admin.execute("RESET ROLE")


def _drop(admin: psycopg.Connection, name: str) -> None:
    from django.db import connections

    connections.close_all()
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _point_at(name: str, var: Path) -> None:
    from django.conf import settings
    from django.db import connections

    for connection in connections.all():
        connection.close()
        connection.settings_dict["NAME"] = name
        settings.DATABASES[connection.alias]["NAME"] = name
    settings.VAR = var
