"""Three database roles: owner migrates, app does the work, verify only reads.

The application role can never change or remove history, however wrong the application is:
append-only tables take INSERT, guarded ones only SELECT (their functions run as the owner).
The verifying role reads everything but private fields.
"""

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from traceward.kernel.base.references import hold_references

APP, VERIFY = "traceward_app", "traceward_verify"


def rights_of(model: type[models.Model]) -> str:
    """What the application role may do with the table, as a GRANT list."""
    if getattr(model, "guarded", False):
        return "SELECT"
    if getattr(model, "append_only", False):
        return "SELECT, INSERT"
    if not model.__module__.startswith("traceward."):
        return "SELECT, INSERT, UPDATE, DELETE"
    update = "" if getattr(model, "insert_only", False) else f", UPDATE{_columns(model)}"
    delete = ", DELETE" if getattr(model, "deletable", False) else ""
    return f"SELECT, INSERT{update}{delete}"


def _columns(model: type[models.Model]) -> str:
    """The columns that may be updated, in brackets; nothing where all of them may."""
    kept = set(vars(model).get("kept", ()))  # a kind's own table keeps what its own class says
    if not kept:
        return ""
    fields = [f for f in model._meta.local_concrete_fields if not f.primary_key]
    assert kept <= {f.name for f in fields}, f"{model._meta.label} keeps fields it does not have"
    open_ones = [f'"{f.column}"' for f in fields if f.name not in kept | {"uid"}]
    # A row must be lockable, and locking needs the right to update some column: the uid serves.
    return f" ({', '.join(open_ones or ['uid'])})"


def readable_by_verify(model: type[models.Model]) -> str:
    """The columns that the verifying role may read, in brackets; nothing where all of them may."""
    private = set(getattr(model, "private", ()))
    if not private:
        return ""
    fields = model._meta.local_concrete_fields
    assert private <= {f.name for f in fields}, f"{model._meta.label} hides what it does not have"
    return f" ({', '.join(str(f.column) for f in fields if f.name not in private)})"


def grant_rights(connection: BaseDatabaseWrapper) -> None:
    """Every table's rights become what its model declares; run by the owner after migrating."""
    models_ = apps.get_models(include_auto_created=True)
    known = {m._meta.db_table: m for m in models_ if not m._meta.proxy}
    declared = {table: rights_of(model) for table, model in known.items()}
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP}, {VERIFY}")
        cursor.execute("SELECT quote_ident(current_database())")
        # A temporary table of the same name could otherwise stand before ours.
        cursor.execute(f"REVOKE TEMP ON DATABASE {cursor.fetchone()[0]} FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        foreign = "SELECT, INSERT, UPDATE, DELETE"
        for table in tables:
            is_jobs = table.startswith("procrastinate_")
            rights = declared.get(table, foreign if is_jobs else "SELECT")
            cursor.execute(f'REVOKE ALL ON "{table}" FROM {APP}')
            cursor.execute(f'GRANT {rights} ON "{table}" TO {APP}')
            readable = readable_by_verify(known[table]) if table in known else ""
            cursor.execute(f'REVOKE ALL ON "{table}" FROM {VERIFY}')
            cursor.execute(f'GRANT SELECT{readable} ON "{table}" TO {VERIFY}')
        for table in _history_without_triggers(cursor):
            cursor.execute(f"CALL tw_make_append_only('\"{table}\"')")
        hold_references(connection)
        # Functions that run as the owner write what roles may not: the application's alone.
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p"
            " WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
        )
        for function in [row[0] for row in cursor.fetchall()]:
            cursor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {APP}")


def _history_without_triggers(cursor: CursorWrapper) -> list[str]:
    """Tables that their models declare append-only, and that nothing but rights keeps so yet."""
    declared = [m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)]
    cursor.execute(
        "SELECT t.name FROM unnest(%s::text[]) t(name) WHERE NOT EXISTS ("
        " SELECT FROM pg_trigger g WHERE g.tgrelid = to_regclass(quote_ident(t.name))"
        " AND g.tgname = 'append_only_rows')",
        [declared],
    )
    return [row[0] for row in cursor.fetchall()]
