"""SQL that stands in files, loaded by migrations and queries."""

from functools import cache
from pathlib import Path

from django.db import migrations


@cache
def read_sql(package_file: str, name: str) -> str:
    """The text of `sql/<name>` beside the given module file."""
    return (Path(package_file).parent / "sql" / name).read_text(encoding="utf-8")


def run_sql_file(migration_file: str, name: str, reverse: str = "") -> migrations.RunSQL:
    """A migration step that runs `../sql/<name>` of the area the migration belongs to."""
    area = Path(migration_file).parent.parent / "__init__.py"
    text = read_sql(str(area), name)
    return migrations.RunSQL([(text, None)], reverse or migrations.RunSQL.noop)
