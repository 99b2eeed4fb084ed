"""The database holds what the models declare: every unique field, constraint and lower bound."""

import pytest
from django.apps import apps
from django.db import connection, models

from tests.databases import ROOT

TABLES = [
    m for m in apps.get_models() if m.__module__.startswith("traceward.") and not m._meta.proxy
]
#: Tables that migrations make from the model; the others are made by SQL of ours.
OURS = [m for m in TABLES if m._meta.managed]


def _held(table: str) -> tuple[set[str], set[tuple[str, ...]], set[str]]:
    """The names of constraints and unique indexes, the column lists that are unique, the checks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass",
            [table],
        )
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index"
            " WHERE indrelid = %s::regclass AND indisunique",
            [table],
        )
        names = {row[0] for row in rows} | {row[0] for row in cursor.fetchall()}
    unique = {
        tuple(c.strip(' "') for c in d[d.index("(") + 1 : d.rindex(")")].split(","))
        for _, kind, d in rows
        if kind in "up"
    }
    return names, unique, {d for _, kind, d in rows if kind == "c"}


@pytest.mark.django_db
@pytest.mark.parametrize("model", TABLES, ids=lambda m: m._meta.label)
def test_database_holds_what_the_model_declares(model: type[models.Model]) -> None:
    names, unique, checks = _held(model._meta.db_table)
    for constraint in model._meta.constraints:
        assert constraint.name in names, f"{constraint.name} is missing"
    for field in model._meta.local_fields:
        if field.unique:
            assert (field.column,) in unique, f"{field.column} is not unique"
        if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField):
            assert any(f"{field.column} >= 0" in c for c in checks), field.column


@pytest.mark.django_db
@pytest.mark.parametrize("model", TABLES, ids=lambda m: m._meta.label)
def test_columns_must_be_there_and_refer_as_the_model_says(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnotnull",
            [model._meta.db_table],
        )
        needed = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT a.attname, k.confrelid::regclass::text FROM pg_constraint k"
            " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
            " WHERE k.contype = 'f' AND k.conrelid = %s::regclass",
            [model._meta.db_table],
        )
        references = set(cursor.fetchall())
    for field in model._meta.local_concrete_fields:
        assert (field.column in needed) == (not field.null), f"{field.column} may be missing"
        if isinstance(field, models.ForeignKey) and field.db_constraint:
            target = field.remote_field.model._meta.db_table
            assert (field.column, target) in references, f"{field.column} refers to nothing"


def test_every_model_of_ours_is_looked_at() -> None:
    files = [f for f in ROOT.glob("traceward/**/models.py") if "class Meta" in f.read_text()]
    assert len({m.__module__ for m in OURS}) == len(files)
