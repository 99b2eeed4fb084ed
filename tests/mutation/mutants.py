"""Mutants made from the catalogue of a migrated database: constraints, triggers, rights, functions.

A mutant is SQL that weakens one thing. A mutant of a function is named by the words around its
place, so that it keeps its name while they stay as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from tests.mutation.operators import weakened
from traceward.kernel.base.rights import APP, VERIFY

#: Tables of the kernel and the ledger; the areas above prove their own.
TABLES = r"^(stock|audit|outbox|command|base|documents|places|rules|workflow|org|records)_"
#: What posts, blocks, begins and finishes commands, sequences, hashes and keeps time.
FUNCTIONS = r"^(stock|tw)_"
#: Reading the past and choosing stock write nothing; their tests compare them with plain sums
#: and with line-by-line allocation. Where rows come from a check, `verify` compares them.
ELSEWHERE = (
    r"^stock_(past|checkpoint|change|changed|changes|moves|next|make|void|is_inside|candidates"
    r"|blocked_balances)|^tw_cluster"
)


@dataclass(frozen=True)
class Mutant:
    """Something weakened: its name, the SQL that does it, and what kind of guard it was."""

    name: str
    sql: str
    kind: str


def mutants(connection: psycopg.Connection) -> list[Mutant]:
    """All of them; each has a name of its own."""
    made = [
        *_constraints(connection),
        *_needed_columns(connection),
        *_indexes(connection),
        *_triggers(connection),
        *_rights(connection),
        *_rights_of_columns(connection),
        *_functions(connection),
    ]
    assert len({m.name for m in made}) == len(made), "two mutants have the same name"
    return made


def _constraints(connection: psycopg.Connection) -> Iterator[Mutant]:
    rows = connection.execute(
        "SELECT conrelid::regclass::text, conname, contype = 'f' FROM pg_constraint"
        " WHERE contype IN ('c', 'u', 'x', 'f', 'p') AND conrelid::regclass::text ~ %s"
        " AND conparentid = 0 ORDER BY 1, 2",
        [TABLES],
    )
    for table, name, is_foreign in rows.fetchall():
        kind = "reference" if is_foreign else "constraint"
        yield Mutant(f"{table}/{name}", f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE", kind)


def _needed_columns(connection: psycopg.Connection) -> Iterator[Mutant]:
    """What must be there may be missing; what is part of a key or made by itself cannot."""
    rows = connection.execute(
        "SELECT a.attrelid::regclass::text, quote_ident(a.attname) FROM pg_attribute a"
        " JOIN pg_class t ON t.oid = a.attrelid AND t.relkind = 'r'"
        " WHERE a.attrelid::regclass::text ~ %s AND a.attnum > 0 AND a.attnotnull"
        " AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = ''"
        " AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid"
        "  AND i.indisprimary AND a.attnum = ANY (i.indkey)) ORDER BY 1, 2",
        [TABLES],
    )
    for table, column in rows.fetchall():
        sql = f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL"
        yield Mutant(f"{table}/{column} may be missing", sql, "column")


def _indexes(connection: psycopg.Connection) -> Iterator[Mutant]:
    rows = connection.execute(
        "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text FROM pg_index i"
        " WHERE i.indisunique AND i.indrelid::regclass::text ~ %s AND NOT EXISTS"
        " (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1, 2",
        [TABLES],
    )
    for table, name in rows.fetchall():
        yield Mutant(f"{table}/{name}", f"DROP INDEX {name}", "index")


def _triggers(connection: psycopg.Connection) -> Iterator[Mutant]:
    rows = connection.execute(
        "SELECT tgrelid::regclass::text, tgname, tgenabled = 'A' FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid::regclass::text ~ %s ORDER BY 1, 2",
        [TABLES],
    )
    for table, name, is_always in rows.fetchall():
        yield Mutant(f"{table}/{name} dropped", f"DROP TRIGGER {name} ON {table}", "trigger")
        if is_always:
            sql = f"ALTER TABLE {table} ENABLE TRIGGER {name}"
            yield Mutant(f"{table}/{name} not always", sql, "trigger")


def _rights(connection: psycopg.Connection) -> Iterator[Mutant]:
    """Each right on a table that the application does not have, and any for who verifies."""
    rows = connection.execute(
        "SELECT quote_ident(tablename), p.allowed FROM pg_tables"
        " CROSS JOIN unnest('{INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) p(allowed)"
        " WHERE schemaname = 'public' AND tablename ~ %s"
        "  AND NOT has_table_privilege(%s, quote_ident(tablename), p.allowed)"
        "  AND NOT (p.allowed = 'UPDATE'"
        "   AND has_any_column_privilege(%s, quote_ident(tablename), 'UPDATE')) ORDER BY 1, 2",
        [TABLES, APP, APP],
    ).fetchall()
    for table, right in rows:
        yield Mutant(f"{table}/{APP} may {right}", f"GRANT {right} ON {table} TO {APP}", "right")
    for table in sorted({table for table, _ in rows}):
        everything = f"GRANT INSERT, UPDATE, DELETE, TRUNCATE ON {table} TO {VERIFY}"
        yield Mutant(f"{table}/{VERIFY} may write", everything, "right")


def _rights_of_columns(connection: psycopg.Connection) -> Iterator[Mutant]:
    """Each column that the application may not change where it may others, or not be verified."""
    rows = connection.execute(
        "SELECT a.attrelid::regclass::text, quote_ident(a.attname), g.role, g.allowed"
        " FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid AND t.relkind = 'r'"
        " CROSS JOIN (VALUES (%s, 'UPDATE'), (%s, 'SELECT')) g(role, allowed)"
        " WHERE a.attrelid::regclass::text ~ %s AND a.attnum > 0 AND NOT a.attisdropped"
        "  AND a.attidentity = '' AND has_any_column_privilege(g.role, a.attrelid, g.allowed)"
        "  AND NOT has_column_privilege(g.role, a.attrelid, a.attnum, g.allowed) ORDER BY 1, 2",
        [APP, VERIFY, TABLES],
    )
    for table, column, role, right in rows.fetchall():
        sql = f"GRANT {right} ({column}) ON {table} TO {role}"
        yield Mutant(f"{table}/{role} may {right} {column}", sql, "right")


def _functions(connection: psycopg.Connection) -> Iterator[Mutant]:
    functions = connection.execute(
        "SELECT p.oid::regprocedure::text, p.proname, p.prosecdef, pg_get_functiondef(p.oid),"
        " CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END"
        " FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
        " AND p.prokind IN ('f', 'p') AND p.proname ~ %s ORDER BY 2",
        [FUNCTIONS],
    )
    for signature, name, runs_as_owner, text, what in functions.fetchall():
        if runs_as_owner:
            change = f"ALTER {what} {signature}"
            yield Mutant(f"{name}: as its caller", f"{change} SECURITY INVOKER", "right")
            yield Mutant(f"{name}: any search path", f"{change} RESET search_path", "right")
            everybody = f"GRANT EXECUTE ON {what} {signature} TO PUBLIC"
            yield Mutant(f"{name}: for everybody", everybody, "right")
        if not _is_elsewhere(connection, name):
            for label, sql, kind in weakened(name, text):
                yield Mutant(label, sql, kind)


def _is_elsewhere(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute("SELECT %s ~ %s", [name, ELSEWHERE]).fetchone()
    return bool(row and row[0])
