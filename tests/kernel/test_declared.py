"""The database holds what the models declare: every unique field, constraint and lower bound."""

import re
from collections import Counter

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
    looked_up = _looked_up(model._meta.db_table)
    for field in model._meta.local_concrete_fields:
        assert (field.column in needed) == (not field.null), f"{field.column} may be missing"
        if not isinstance(field, models.ForeignKey):
            continue
        target = field.remote_field.model._meta.db_table
        if getattr(model, "refers_together", False):
            assert not field.db_constraint, f"{field.column} would be looked up twice"
            assert (field.column, target) in looked_up, f"{field.column} refers to nothing"
        elif field.db_constraint:
            assert (field.column, target) in references, f"{field.column} refers to nothing"
        else:
            assert model._meta.db_table in UNREFERRING, f"say why {field.column} refers to nothing"


#: Tables that refer without a constraint, and why.
UNREFERRING = {
    "stock_move": "stock_post looks up what it writes, docs/adr/0003",
    "stock_balance": "stock_post looks up what it writes, docs/adr/0003",
    "stock_checkpoint_item": "stock_make_checkpoint copies what balances say",
    "audit_entry": "tw_command_begin has read the person",
}


#: How a trigger asks for the rows that a column of what was written names.
ASKED_FOR = re.compile(
    r"WHEN EXISTS \(SELECT FROM \(SELECT DISTINCT w\.(\w+) AS key FROM written w\) d\s+"
    r"WHERE d\.key IS NOT NULL\s+"
    r"AND \(SELECT x\.\w+ FROM (\w+) x WHERE x\.\w+ = d\.key\) IS NULL\) THEN '\1'"
)


def _looked_up(table: str) -> set[tuple[str, str]]:
    """What both triggers of the table ask for: columns, and where they refer to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.prosrc FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid"
            " WHERE g.tgrelid = %s::regclass AND g.tgenabled = 'O'"
            " AND g.tgname IN ('references_of_new', 'references_of_changed')",
            [table],
        )
        texts = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname ~ '^referred_'")
        kept = Counter(row[0] for row in cursor.fetchall())
    pairs = [set(ASKED_FOR.findall(t)) for t in texts]
    assert len(texts) in (0, 2), "an INSERT and an UPDATE are looked up alike"
    return {(column, target) for column, target in set().union(*pairs) if kept[target] == 2}


def test_every_model_of_ours_is_looked_at() -> None:
    found = (*ROOT.glob("traceward/**/models.py"), *ROOT.glob("traceward/**/models/*.py"))
    files = [f for f in found if "class Meta" in f.read_text()]
    assert len({m.__module__ for m in OURS}) == len(files)
