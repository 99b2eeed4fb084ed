"""What is sealed: each kind of leaf names its table and its byte form, field by field.

The byte form is written once here and once more in docs/reference/byte-form.md; the database's
own hash functions (in sql/) must give the same bytes. `verify` uses the expressions made here and
trusts no function that is stored in the database, because whoever can edit a row behind our back
can also replace a function.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from psycopg import sql

from traceward.kernel.base.refusals import sentence

#: A leaf in a seal: kind (1 byte), row id (8, big endian), leaf hash (32).
LEAF_BYTES = 41


class Form(Enum):
    """How a value becomes text: its expression in SQL, null where the value is null."""

    NUMBER = "{column}::text"
    TIME = "(extract(epoch FROM {column}) * 1000000)::bigint::text"
    TEXT = "octet_length({column}::text)::text || ':' || {column}::text"
    HEX = "(2 * octet_length({column}))::text || ':' || encode({column}, 'hex')"
    DATE = "'10:' || to_char({column}, 'YYYY-MM-DD')"


#: The same values for an export: nothing but the value, as text.
EXPORTED = {
    Form.NUMBER: "{column}::text",
    Form.TIME: "(extract(epoch FROM {column}) * 1000000)::bigint::text",
    Form.TEXT: "{column}::text",
    Form.HEX: "encode({column}, 'hex')",
    Form.DATE: "to_char({column}, 'YYYY-MM-DD')",
}


@dataclass(frozen=True)
class LeafKind:
    """One kind of sealed row. `fields` are its byte form after the tag, in order."""

    code: int
    name: str
    tag: str
    table: str
    fields: tuple[tuple[str, Form], ...]
    id_column: str = "id"
    command_column: str = "command_id"
    hash_column: str = "leaf_hash"

    @cached_property
    def hash_sql(self) -> sql.Composable:
        """The leaf hash of row `t`, computed from its columns."""
        parts = [
            sql.SQL("coalesce({}, '-')").format(_expression(form.value, column))
            for column, form in self.fields
        ]
        return sql.SQL(
            "sha256('\\x00'::bytea || convert_to(concat_ws('|', {}, {}), 'UTF8'))"
        ).format(sql.Literal(self.tag), sql.SQL(", ").join(parts))

    @cached_property
    def stored_sql(self) -> sql.Composable:
        """The leaf hash of row `t` as the database stored it when the row was written."""
        return sql.SQL("t.{}").format(sql.Identifier(self.hash_column))

    @cached_property
    def export_sql(self) -> sql.Composable:
        """The columns of row `t` for an export: the byte form's fields, then the stored hash."""
        columns = [
            sql.SQL("{} AS {}").format(_expression(EXPORTED[form], column), sql.Identifier(column))
            for column, form in self.fields
        ]
        stored = sql.SQL("encode({}, 'hex') AS leaf").format(self.stored_sql)
        return sql.SQL(", ").join([*columns, stored])

    def names(self) -> dict[str, sql.Composable]:
        """What the queries of this module fill in for this kind."""
        return {
            "code": sql.Literal(self.code),
            "byte": sql.SQL(f"'\\x{self.code:02x}'::bytea"),
            "table": sql.Identifier(self.table),
            "id": sql.Identifier(self.id_column),
            "command": sql.Identifier(self.command_column),
            "hash": self.hash_sql,
            "stored": self.stored_sql,
        }


def _expression(template: str, column: str) -> sql.Composable:
    value = sql.SQL("t.{}").format(sql.Identifier(column))
    return sql.SQL(template).format(column=value)


KINDS: dict[int, LeafKind] = {}


def register(kind: LeafKind) -> None:
    """Rows of this kind are sealed. Codes below 16 are the kernel's, the rest the domain's."""
    if KINDS.get(kind.code, kind) != kind:
        raise ValueError(f"two leaf kinds have the code {kind.code}; choose a free one")
    KINDS[kind.code] = kind


def kinds() -> list[LeafKind]:
    """All kinds in the order in which the leaves of one command stand: by code, then by id."""
    return [KINDS[code] for code in sorted(KINDS)]


# --- Queries over all kinds -----------------------------------------------------------------

_LEAVES_OF_ONE_KIND = sql.SQL(
    "SELECT o.sequence, {code} AS kind, t.{id} AS id,"
    " {byte} || int8send(t.{id}) || {hash} AS leaf"
    " FROM outbox_order o JOIN {table} t ON t.{command} = o.command_id"
    " WHERE o.sequence BETWEEN %(first)s AND %(last)s"
)
_PACKED = sql.SQL(
    "SELECT coalesce(string_agg(leaf, ''::bytea ORDER BY sequence, kind, id), '') FROM ({}) leaves"
)
_DIGEST = sql.SQL(
    "SELECT encode(sha256(coalesce(string_agg(leaf, ''::bytea ORDER BY sequence, kind, id), '')),"
    " 'hex') FROM ({}) leaves"
)
_ROWS_OF_ONE_KIND = sql.SQL(
    "SELECT {code}, t.{id}, o.command_id, {hash}, {stored}, o.sequence"
    " FROM outbox_order o JOIN {table} t ON t.{command} = o.command_id"
    " WHERE o.sequence BETWEEN %(first)s AND %(last)s"
)


def packed_query() -> str:
    """The packed leaves of the commands from %(first)s to %(last)s, as stored when written."""
    return _over_kinds(_PACKED, _LEAVES_OF_ONE_KIND, is_stored=True)


def digest_query() -> str:
    """The sha256 of the packed leaves of these commands, computed from the rows as they are."""
    return _over_kinds(_DIGEST, _LEAVES_OF_ONE_KIND, is_stored=False)


def rows_query() -> str:
    """Kind, id, command, computed hash and stored hash of each row of these commands, in order."""
    return _over_kinds(sql.SQL("{} ORDER BY 6, 1, 2"), _ROWS_OF_ONE_KIND, is_stored=False)


def _over_kinds(whole: sql.SQL, part: sql.SQL, *, is_stored: bool) -> str:
    parts = []
    for kind in kinds():
        names = kind.names()
        if is_stored:
            names["hash"] = names["stored"]
        parts.append(part.format(**names))
    return whole.format(sql.SQL(" UNION ALL ").join(parts)).as_string()


def count_query(commands: str) -> str:
    """How many leaves each command of a relation `o(command_id, …)` has, kind by kind."""
    counts = [
        sql.SQL("(SELECT count(*) FROM {table} t WHERE t.{command} = o.command_id)").format(
            **{name: kind.names()[name] for name in ("table", "command")}
        )
        for kind in kinds()
    ]
    return sql.SQL(commands).format(counts=sql.SQL(" + ").join(counts)).as_string()


# --- The kernel's own kinds -----------------------------------------------------------------

N, T, X, AT = Form.NUMBER, Form.TEXT, Form.HEX, Form.TIME

AUDIT_ENTRY = LeafKind(
    code=1,
    name=sentence("audit entry"),
    tag="A1",
    table="audit_entry",
    command_column="id",
    hash_column="content_hash",
    fields=(
        ("id", N),
        ("at", AT),
        ("actor_id", N),
        ("verb", T),
        ("request_id", T),
        ("origin", T),
        ("outcome", T),
        ("arguments_digest", X),
        ("detail", T),
    ),
)
SIGNATURE = LeafKind(
    code=2,
    name=sentence("signature"),
    tag="S1",
    table="audit_signature",
    fields=(
        ("id", N),
        ("uid", T),
        ("person_id", N),
        ("at", AT),
        ("meaning", T),
        ("subject_kind", T),
        ("subject_uid", T),
        ("content_hash", X),
        ("command_id", N),
    ),
)
STORED_FILE = LeafKind(
    code=3,
    name=sentence("stored file"),
    tag="F1",
    table="records_stored_file",
    fields=(
        ("id", N),
        ("uid", T),
        ("sha256", X),
        ("name", T),
        ("media_type", T),
        ("size", N),
        ("stored_at", AT),
        ("command_id", N),
        ("retain_until", Form.DATE),
    ),
)
for _kind in (AUDIT_ENTRY, SIGNATURE, STORED_FILE):
    register(_kind)
