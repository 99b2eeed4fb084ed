"""References of tables that are written by thousands of rows: looked up once for a statement.

PostgreSQL checks a foreign key row by row and locks each row that it finds, again and again the
same lot and item. Here a trigger asks for all rows of the statement together, and what they refer
to can neither go nor change its key, so that nothing has to be locked. # docs/adr/0130
"""

from collections.abc import Iterable

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models.options import Options

TRIGGERS = {"references_of_new": "INSERT", "references_of_changed": "UPDATE"}

FUNCTION = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql
-- by the key's index, however large the table was when the session planned this
SET enable_seqscan = off SET search_path = public, pg_temp AS $${body}$$
"""
BODY = """
DECLARE
  missing text;
BEGIN
  SELECT CASE {cases} END INTO missing;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION '%.% names a row that does not exist', TG_TABLE_NAME, missing
      USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME, COLUMN = missing;
  END IF;
  RETURN NULL;
END"""
#: Each row that is named is asked for once, and by a question in the list, not by a join: a plan
#: made while the table was small would join by reading the whole of it for each row, and a session
#: keeps its plan until statistics are taken again.
CASE = """
    WHEN EXISTS (SELECT FROM (SELECT DISTINCT w.{column} AS key FROM written w) d
      WHERE d.key IS NOT NULL
        AND (SELECT x.{key} FROM {target} x WHERE x.{key} = d.key) IS NULL) THEN '{column}'
"""


def together() -> list[type[models.Model]]:
    """The models whose references are looked up together."""
    return [m for m in apps.get_models() if getattr(m, "refers_together", False)]


def references(model: type[models.Model]) -> list[tuple[str, "Options[models.Model]"]]:
    """Each column of the model's own table that refers to a row, and what of."""
    fields = model._meta.local_concrete_fields
    return [(str(f.column), f.remote_field.model._meta) for f in fields if f.remote_field]


def hold_references(connection: BaseDatabaseWrapper) -> None:
    """The database looks them up, and keeps what is referred to; run by the owner."""
    made = together()
    with connection.cursor() as cursor:
        for model in made:
            _look_up(cursor, model._meta.db_table, _body(model))
        _keep(cursor, {target for model in made for _, target in references(model)})


def _body(model: type[models.Model]) -> str:
    cases = [
        CASE.format(column=column, target=target.db_table, key=_key(target))
        for column, target in references(model)
    ]
    return BODY.format(cases="".join(cases))


def _key(target: "Options[models.Model]") -> str:
    assert target.pk is not None, "every table has a key"
    return str(target.pk.column)


def _look_up(cursor: CursorWrapper, table: str, body: str) -> None:
    function = f"tw_references_of_{table}"
    cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [function])
    if cursor.fetchone() == (body,):
        return
    cursor.execute(FUNCTION.format(function=function, body=body))
    for name, event in TRIGGERS.items():
        cursor.execute(
            f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table}"
            f" REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )


def _keep(cursor: CursorWrapper, targets: Iterable["Options[models.Model]"]) -> None:
    for target in sorted(targets, key=lambda meta: meta.db_table):
        cursor.execute("CALL tw_keep_referred(%s, %s)", [target.db_table, _key(target)])
