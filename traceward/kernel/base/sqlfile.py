"""SQL that stands in files, loaded by migrations and queries, and what a database was made from."""

import hashlib
from functools import cache
from pathlib import Path

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

PACKAGE = Path(__file__).parent.parent.parent
FIRST = "kernel/base/migrations/0001_tables.py"
REMEMBER = (
    "INSERT INTO base_sql_file (path, sha256) VALUES (%s, %s)"
    " ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256"
)


@cache
def read_sql(package_file: str, name: str) -> str:
    """The text of `sql/<name>` beside the given module file."""
    return (Path(package_file).parent / "sql" / name).read_text(encoding="utf-8")


def run_sql_file(migration_file: str, name: str, reverse: str = "") -> migrations.RunSQL:
    """A migration step that runs `../sql/<name>` of the area the migration belongs to.

    The database remembers which text it was, since a migration runs once. # docs/adr/0054
    """
    area = Path(migration_file).resolve().parent.parent
    text = read_sql(str(area / "__init__.py"), name)
    path = (area / "sql" / name).relative_to(PACKAGE).as_posix()
    return migrations.RunSQL(
        [(text, None), (REMEMBER, [path, _mark(text)])], reverse or migrations.RunSQL.noop
    )


def remember_tables(migration_file: str) -> migrations.RunSQL:
    """The last step of a first migration: the database remembers which text made its tables.

    Until the first release that text is rewritten in place. # docs/adr/0110
    """
    file = Path(migration_file).resolve()
    path = file.relative_to(PACKAGE).as_posix()
    return migrations.RunSQL([(REMEMBER, [path, _mark_of(file)])], migrations.RunSQL.noop)


def changed_since(connection: BaseDatabaseWrapper) -> list[str]:
    """The files that say something else now than when this database was made from them."""
    marks: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('base_sql_file'), to_regclass('django_migrations')")
        remembering, migrated = cursor.fetchone()
        if remembering is not None:
            cursor.execute("SELECT path, sha256 FROM base_sql_file")
            marks = dict(cursor.fetchall())
        elif migrated is not None:
            cursor.execute("SELECT 1 FROM django_migrations WHERE app = 'base'")
            migrated = cursor.fetchone()
    if migrated is None:
        return []  # new
    marks.setdefault(FIRST, "")  # from before databases remembered what made their tables
    return sorted(path for path, mark in marks.items() if _mark_of(PACKAGE / path) != mark)


def _mark_of(file: Path) -> str:
    return _mark(file.read_text(encoding="utf-8")) if file.exists() else ""


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
