"""Mutants made from the catalogue of a migrated database: constraints, triggers, functions.

A mutant is SQL that weakens one thing. A mutant of a function is named by the words around its
place, so that it keeps its name while they stay as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

#: Tables of the kernel and the ledger; the areas above prove their own.
TABLES = r"^(stock|audit|outbox|command|base|documents|places|rules|workflow)_"
#: What posts, blocks, begins and finishes commands, sequences, hashes and keeps time.
FUNCTIONS = r"^(stock|tw)_"
#: Reading the past and choosing stock write nothing; their tests compare them with plain sums
#: and with line-by-line allocation. Where rows come from a check, `verify` compares them.
ELSEWHERE = (
    r"^stock_(past|checkpoint|change|changed|changes|moves|next|make|void|is_inside|candidates"
    r"|blocked_balances|lock_promises|refuse$)|^tw_(cluster|make_append_only|hash_stored_file"
    r"|stored_file_hash)"
)


@dataclass(frozen=True)
class Mutant:
    """Something weakened: its name, the SQL that does it, and what kind of guard it was."""

    name: str
    sql: str
    kind: str


def mutants(connection: psycopg.Connection) -> list[Mutant]:
    made = [*_constraints(connection), *_indexes(connection), *_triggers(connection)]
    functions = connection.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND prokind = 'f' AND proname ~ %s AND proname !~ %s ORDER BY 1",
        [FUNCTIONS, ELSEWHERE],
    )
    for (function,) in functions.fetchall():
        made += _of_function(connection, function)
    return made


def _constraints(connection: psycopg.Connection) -> Iterator[Mutant]:
    rows = connection.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE contype IN ('c', 'u', 'x') AND conrelid::regclass::text ~ %s ORDER BY 1, 2",
        [TABLES],
    )
    for table, name in rows.fetchall():
        yield Mutant(f"{table}/{name}", f"ALTER TABLE {table} DROP CONSTRAINT {name}", "constraint")


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


@dataclass(frozen=True)
class Operator:
    """A pattern in a function's text and what stands there instead."""

    label: str
    pattern: str
    becomes: str
    kind: str = "branch"


#: Leaving an order out shows nothing while the plan happens to sort; this does.
RANDOM = "ORDER BY random()"
OPERATORS = (
    Operator("refuses not", r"PERFORM stock_refuse\((?:[^;'$]|'[^']*')*\);", "NULL;"),
    Operator("raises not", r"RAISE EXCEPTION(?:[^;']|'[^']*')*;", "NULL;"),
    Operator("no advisory lock", r"PERFORM pg_advisory_xact_lock\w*\([^;]*\);", "NULL;", "lock"),
    Operator("no row lock", r"FOR NO KEY UPDATE(?: OF \w+)?", "", "lock"),
    Operator("any lock order", r"ORDER BY [\w., ()\n]+?(?=\s*FOR NO KEY)", RANDOM, "lock"),
    Operator("any key order", r"ORDER BY k\.i, k\.l[\w., ]+", RANDOM, "lock"),
    Operator("overlooks fault", r"THEN (?=\d+\b)\d+(?=\s+(?:WHEN|END AS fault))", "THEN NULL"),
    Operator("2 minutes", r"'2 minutes'", "'3 minutes'"),
    Operator("15 minutes", r"'15 minutes'", "'16 minutes'"),
    Operator("<> to =", r"(?<= )<>(?= )", "="),
    Operator("< to <=", r"(?<=[\w)] )<(?= )", "<="),
    Operator("> to >=", r"(?<=[\w)] )>(?= )", ">="),
    Operator("<= to <", r"(?<= )<=(?= )", "<"),
    Operator(">= to >", r"(?<= )>=(?= )", ">"),
    Operator("distinct", r"IS DISTINCT FROM", "IS NOT DISTINCT FROM"),
    Operator("exists", r"\bNOT EXISTS \(", "EXISTS ("),
    Operator("both to either", r"\bAND (?=x\.d|NOT |c\.code|k\.d|l\.|b\.physical|reserved)", "OR "),
    Operator("any scope", r"\((?=\w\.\w+ IS NULL OR)", "(true OR "),
    Operator("clock stands", r"\(now\(\) \+", "(now() -"),
    Operator("forgets column", r"\((?:m|e|s|g)\)\.\w+", "NULL", "hash"),
    Operator("hash byte", r"'\\x00'::bytea", "'\\\\x01'::bytea", "hash"),
    Operator("hash version", r"'([MAGS])1'", r"'\g<1>2'", "hash"),
    Operator("hashes not", r"NEW\.(content|leaf)_hash := [^;]+;", "NULL;", "hash"),
    Operator("versions not", r"NEW\.hash_version := 1;", "NULL;", "hash"),
)


def _place(text: str, start: int, end: int) -> str:
    """The words around the place: what tells it from others, however the lines move."""
    line = text[text.rfind("\n", 0, start) + 1 : text.find("\n", end)]
    left = max(0, start - text.rfind("\n", 0, start) - 41)
    return " ".join(line[left : left + 90].split())


def _of_function(connection: psycopg.Connection, name: str) -> Iterator[Mutant]:
    row = connection.execute(
        "SELECT pg_get_functiondef(p.oid) FROM pg_proc p"
        " WHERE p.proname = %s AND p.pronamespace = 'public'::regnamespace",
        [name],
    ).fetchone()
    assert row, f"there is no function {name}"
    text: str = row[0]
    start = text.index("BEGIN") if "BEGIN" in text else text.index("AS $") if "AS $" in text else 0
    for operator in OPERATORS:
        found = [m for m in re.finditer(operator.pattern, text) if m.start() >= start]
        for n, match in enumerate(found, 1):
            changed = text[: match.start()] + match.expand(operator.becomes) + text[match.end() :]
            place = _place(text, match.start(), match.end())
            twins = sum(_place(text, m.start(), m.end()) == place for m in found[: n - 1])
            again = f" ({twins + 1})" if twins else ""
            label = f"{name}: {operator.label} in «{place}»{again}"
            yield Mutant(label, changed, operator.kind)
