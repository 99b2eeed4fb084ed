"""Many rows at once, the shortest way into a table: new ones, and new values of known ones."""

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import AutoField, Field, Model
from django.db.models.options import Options

M = TypeVar("M", bound=Model)


def add_row(row: Model) -> None:
    """The new row is written, with that of its parent's table in one statement, and has its key."""
    if row._meta.proxy or not row._meta.parents:
        row.save(force_insert=True)
        return
    statement, link, fields = _insertion(type(row))
    values = [f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        ((pk,),) = cursor.fetchall()
    for name in ("id", link):
        setattr(row, name, pk)
    row._state.adding, row._state.db = False, connection.alias


@cache
def _insertion(model: type[Model]) -> tuple[str, str, "list[Field[Any, Any]]"]:
    """The statement, the column that names the parent's row, and the fields in their order."""
    meta, quote = model._meta, connection.ops.quote_name
    ((parent, link),) = meta.parents.items()
    assert link is not None, "a column of its own names the parent's row"
    above = [f for f in parent._meta.local_concrete_fields if not f.primary_key]
    below = [f for f in meta.local_concrete_fields if f is not link]
    into = [", ".join(quote(str(f.column)) for f in fields) for fields in (above, (link, *below))]
    holes = ", ".join(f"%s::{_kind(f)}" for f in above)
    chosen = ", ".join(["above.id", *(f"%s::{_kind(f)}" for f in below)])
    statement = (  # names of our own tables and columns, quoted
        f"WITH above AS (INSERT INTO {quote(parent._meta.db_table)} ({into[0]})"  # noqa: S608
        f" VALUES ({holes}) RETURNING id) INSERT INTO {quote(meta.db_table)} ({into[1]})"
        f" SELECT {chosen} FROM above RETURNING {quote(str(link.column))}"
    )
    return statement, link.attname, [*above, *below]


def add_rows(rows: Iterable[M]) -> list[M]:
    """The new rows are written by COPY, those of a parent's table first, and have their keys.

    For thousands of rows: building an INSERT takes several times as long as the database takes.
    The fields' plain values are written as they stand, so JSON and computed ones have no place
    here.
    """
    made = list(rows)
    if not made:
        return made
    meta = type(made[0])._meta
    for parent in reversed(meta.get_parent_list()):
        _copy(parent._meta, made)
    _copy(meta, made)
    for row in made:
        row._state.adding, row._state.db = False, connection.alias
    return made


def copy_rows(
    model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]], **same: Any
) -> None:
    """The rows are written by COPY as they stand; nobody asks for keys that the database gives.

    What is the `same` in all of them is named once; other fields have their default.
    """
    meta = model._meta
    known = {*names, *(f.name for f in meta.local_concrete_fields if isinstance(f, AutoField))}
    rest = [f for f in meta.local_concrete_fields if f.name not in known]
    tail = [same[f.name] if f.name in same else f.get_default() for f in rest]
    fields = [*(meta.get_field(name) for name in names), *rest]
    statement = _copy_into(meta, fields)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row([*row, *tail])


def _copy_into(meta: "Options[Any]", fields: Iterable[Any]) -> str:
    columns = ", ".join(connection.ops.quote_name(str(f.column)) for f in fields)
    return f"COPY {connection.ops.quote_name(meta.db_table)} ({columns}) FROM STDIN"


def _copy(meta: "Options[Any]", rows: Sequence[Model]) -> None:
    fields = list(meta.local_concrete_fields)
    with connection.cursor() as cursor:
        key = meta.pk
        if isinstance(key, AutoField):
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [meta.db_table, key.column, len(rows)],
            )
            for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
                setattr(row, key.attname, pk)
        for parent, link in meta.parents.items():
            key = parent._meta.pk
            assert link is not None, "a column of its own names the parent's row"
            assert key is not None, "every table has a key"
            for row in rows:
                setattr(row, link.attname, getattr(row, key.attname))
        names = [f.attname for f in fields]
        with connection.wrap_database_errors, cursor.copy(_copy_into(meta, fields)) as copy:
            for row in rows:
                values = row.__dict__
                copy.write_row([values[name] for name in names])


def save_rows(rows: Sequence[Model], names: Collection[str]) -> None:
    """The rows, all of one kind and locked, have in the database what these fields say.

    One statement for each table that the fields stand in, whatever the number of rows.
    """
    known = list({row.pk: row for row in rows}.values())
    if not known:
        return
    tables: dict[type[Model], list[Field[Any, Any]]] = {}
    for name in names:
        field = known[0]._meta.get_field(name)
        assert isinstance(field, Field), "columns of the table itself"
        tables.setdefault(field.model, []).append(field)
    for model, fields in tables.items():
        _update(model._meta, known, fields)


def _update(
    meta: "Options[Any]", rows: Sequence[Model], fields: "Sequence[Field[Any, Any]]"
) -> None:
    key, quote = meta.pk, connection.ops.quote_name
    assert key is not None
    columns = [quote(str(f.column)) for f in fields]
    values = [
        [f.get_db_prep_save(getattr(row, f.attname), connection) for row in rows]
        for f in (*fields, key)
    ]
    if len(rows) == 1:  # a plain statement: no join has to be planned
        changes, rest, pk = ", ".join(f"{column} = %s" for column in columns), "", "%s"
        given = [value for (value,) in values]
    else:
        names = [f"n{n}" for n in range(len(fields))]
        changes = ", ".join(f"{column} = v.{n}" for column, n in zip(columns, names, strict=True))
        arrays = ", ".join(f"%s::{_kind(f)}[]" for f in (*fields, key))
        rest, pk = f" FROM unnest({arrays}) v({', '.join(names)}, pk)", "v.pk"
        given = values
    statement = (  # names of our own tables and columns, quoted
        f"UPDATE {quote(meta.db_table)} t SET {changes}{rest}"  # noqa: S608
        f" WHERE t.{quote(str(key.column))} = {pk}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        assert cursor.rowcount == len(rows), "each row is there, once"


def _kind(field: "Field[Any, Any]") -> str:
    """The column's type without its length: a cast to that would cut what is too long."""
    return str(field.db_type(connection)).partition("(")[0]
