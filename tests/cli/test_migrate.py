"""A database made from other scripts is not taken for one of this version."""

import argparse
from typing import Any

import psycopg
import pytest

from tests.databases import ADMIN
from traceward.cli import doctor
from traceward.cli.migrate import migrate_database
from traceward.kernel.base.refusals import WrongState


def test_a_database_made_from_other_sql_is_refused_by_name(
    fresh_database: str, django_db_blocker: Any, capsys: pytest.CaptureFixture[str]
) -> None:  # INV-09
    with django_db_blocker.unblock():
        migrate_database(sandbox=True)  # nothing changed: nothing is refused
        with psycopg.connect(ADMIN, dbname=fresh_database) as connection:
            connection.execute("ALTER TABLE base_database DISABLE TRIGGER keep_row")
            connection.execute("UPDATE base_database SET is_sandbox = false")
        with pytest.raises(WrongState, match="is a real one and stays so"):
            migrate_database(sandbox=True)
        with psycopg.connect(ADMIN, dbname=fresh_database) as connection:
            connection.execute(
                "UPDATE base_sql_file SET sha256 = 'old' WHERE path = 'domain/stock/sql/post.sql'"
            )
        with pytest.raises(WrongState, match=r"domain/stock/sql/post\.sql"):
            migrate_database(sandbox=True)
        assert doctor.run(argparse.Namespace(production=False)) == 1
        assert "domain/stock/sql/post.sql" in capsys.readouterr().out
        with psycopg.connect(ADMIN, dbname=fresh_database) as connection:
            connection.execute("DROP TABLE base_sql_file")  # as it was before they remembered
        with pytest.raises(WrongState, match=r"kernel/base/migrations/0001_tables\.py"):
            migrate_database(sandbox=True)
