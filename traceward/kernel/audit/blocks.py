"""One sealed block against the rows it covers: the same, or the bad entries by name."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from traceward.kernel.audit.checks import Finding
from traceward.kernel.audit.leaves import KINDS, LEAF_BYTES, digest_query, rows_query
from traceward.kernel.base.refusals import sentence

CHECK = "seal"

EDITED = sentence("{kind} {id} of command {command} (seal {seal}) was edited.")
REPAIRED = sentence(
    "{kind} {id} of command {command} (seal {seal}) was edited and its own hash repaired to fit."
)
MISSING = sentence("{kind} {id} (seal {seal}) is missing: it was removed.")
RENUMBERED = sentence(
    "{kind} {id} (seal {seal}) was swapped or renumbered: it carries the hash of {other}."
)
ADDED = sentence(
    "{kind} {id} of command {command} (seal {seal}) was added: it is not under the seal."
)
REASSIGNED = sentence("{kind} {id} (seal {seal}) was given to another command, {command}.")
REORDERED = sentence("The order of commands in seal {seal} was changed.")

Key = tuple[int, int]


@dataclass(frozen=True)
class Row:
    """A row as it is now: the hash computed from it, and the one stored with it."""

    command_id: int
    computed: bytes
    stored: bytes


def unpacked(packed: bytes) -> dict[Key, bytes]:
    """Kind and id of each leaf with its hash, in order."""
    found = {}
    for i in range(0, len(packed), LEAF_BYTES):
        key = packed[i], int.from_bytes(packed[i + 1 : i + 9], "big", signed=True)
        found[key] = packed[i + 9 : i + LEAF_BYTES]
    return found


def compare(
    connection: BaseDatabaseWrapper, *, seal: int, first: int, last: int, packed: bytes
) -> list[Finding]:
    """What is wrong with the rows of the commands from `first` to `last`, first entry first."""
    span = {"first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(digest_query(), span)
        (digest,) = cursor.fetchone()
        if digest == sha256(packed).hexdigest():
            return []
        cursor.execute(rows_query(), span)
        actual = {
            (kind, row_id): Row(command, bytes(computed), bytes(stored))
            for kind, row_id, command, computed, stored, _ in cursor
        }
    sealed = unpacked(packed)
    missing = [key for key in sealed if key not in actual]
    elsewhere = _commands_of(connection, missing)
    findings = bad_entries(sealed, actual, elsewhere, seal)
    return findings or [Finding(CHECK, REORDERED, {"seal": seal})]


def bad_entries(
    sealed: dict[Key, bytes], actual: dict[Key, Row], elsewhere: dict[Key, int], seal: int
) -> list[Finding]:
    """The entries that differ; `elsewhere` gives the command of sealed rows found under others."""
    owners = {leaf: key for key, leaf in sealed.items()}
    found = []
    for key, leaf in sealed.items():
        row = actual.get(key)
        if row is None:
            found.append(_missing(key, elsewhere.get(key), seal))
        elif row.computed != leaf:
            found.append(_changed(key, row, owners.get(row.stored, key), seal))
    for key, row in actual.items():
        if key not in sealed:
            found.append(_finding(ADDED, key, seal, command=row.command_id))
    return found


def _missing(key: Key, command: int | None, seal: int) -> Finding:
    if command is None:
        return _finding(MISSING, key, seal)
    return _finding(REASSIGNED, key, seal, command=command)


def _changed(key: Key, row: Row, owner: Key, seal: int) -> Finding:
    if owner != key:
        return _finding(RENUMBERED, key, seal, other=owner[1])
    message = REPAIRED if row.stored == row.computed else EDITED
    return _finding(message, key, seal, command=row.command_id)


def _finding(message: str, key: Key, seal: int, **values: Any) -> Finding:
    code, row_id = key
    kind = KINDS[code].name if code in KINDS else str(code)
    return Finding(CHECK, message, {"kind": kind, "id": row_id, "seal": seal, **values})


def _commands_of(connection: BaseDatabaseWrapper, keys: list[Key]) -> dict[Key, int]:
    """The commands under which rows stand that were not found under their own."""
    found: dict[Key, int] = {}
    query = sql.SQL("SELECT t.{id}, t.{command} FROM {table} t WHERE t.{id} = ANY (%s)")
    for code in {code for code, _ in keys if code in KINDS}:
        kind = KINDS[code]
        names = {name: kind.names()[name] for name in ("id", "command", "table")}
        with connection.cursor() as cursor:
            wanted = [row_id for kind_code, row_id in keys if kind_code == code]
            cursor.execute(query.format(**names).as_string(), [wanted])
            if kind.id_column != kind.command_column:
                found.update({(code, row_id): command for row_id, command in cursor})
    return found
