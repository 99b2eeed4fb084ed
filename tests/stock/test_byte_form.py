"""The database hashes each row on its way in, in the documented byte form. # INV-01 SEC-05"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.databases import pose
from tests.stock.belts import MOVE, inserted, moved

FILE = (
    "INSERT INTO records_stored_file (uid, sha256, name, media_type, size, stored_at, command_id,"
    " retain_until, hash_version, leaf_hash) VALUES (gen_random_uuid(), '\\x07', '证书.pdf',"
    " 'application/pdf', 71, '2026-01-02 03:04:05.000006+00', 72, NULL, 0, '')"
)
#: What a writer says of the hash, which does not count.
LIES = {"hash_version": "0", "content_hash": "''::bytea", "leaf_hash": "''::bytea"}
ENTRY = inserted(
    "audit_entry",
    "id, at, actor_id, verb, request_id, origin, outcome, arguments_digest, detail, hash_version,"
    " content_hash",
    id="nextval('audit_command_id')",
    **LIES,
)
SIGNATURE = inserted(
    "audit_signature",
    "uid, at, meaning, subject_kind, subject_uid, content_hash, command_id, person_id,"
    " hash_version, leaf_hash",
    uid="gen_random_uuid()",
    hash_version="0",
    leaf_hash="''::bytea",
)
EDGE = inserted(
    "stock_genealogy",
    "command_id, input_lot_id, output_lot_id, quantity, hash_version, leaf_hash",
    **LIES,
)
HASHED = (
    ("stock_move", "content_hash", "tw_move_hash", moved()),
    ("stock_genealogy", "leaf_hash", "tw_genealogy_hash", EDGE),
    ("audit_entry", "content_hash", "tw_audit_hash", ENTRY),
    ("audit_signature", "leaf_hash", "tw_signature_hash", SIGNATURE),
    ("records_stored_file", "leaf_hash", "tw_stored_file_hash", FILE),
)


def _text(value: str | None) -> str:
    return "-" if value is None else f"{len(value.encode())}:{value}"


def _moment(value: datetime) -> str:
    return str((value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def _leaf(*parts: str) -> bytes:
    return hashlib.sha256(b"\0" + "|".join(parts).encode()).digest()


def _row(admin: psycopg.Connection, query: str) -> dict[str, Any]:
    cursor = admin.execute(query)
    assert cursor.description
    names = [column.name for column in cursor.description]
    row = cursor.fetchone()
    assert row
    return dict(zip(names, row, strict=True))


NUMBERS = (
    "item_id", "lot_id", "serial_id", "quantity", "from_place_id", "from_status",
    "from_owner_id", "from_container_id", "to_place_id", "to_status", "to_owner_id",
    "to_container_id", "actor_id", "reverses_id",
)  # fmt: skip


@pytest.mark.parametrize("full", [True, False])
def test_move_hash_is_of_the_documented_bytes(admin: psycopg.Connection, full: bool) -> None:
    columns = f"{MOVE}, document_id, line_id, di, reason, device, clock_offset_ms"
    filled = {
        "serial_id": "NULL", "document_id": "71", "line_id": "72", "from_container_id": "73",
        "to_container_id": "74", "reverses_id": "75", "di": "'09521234543213'",
        "reason": "'盘点|差异'", "device": "''", "clock_offset_ms": "-40",
        "happened_at": "'1969-12-31 23:59:59.000001+00'", "posted_at": "'2026-01-02+00'",
    }  # fmt: skip
    changed = filled if full else {}
    columns += ", hash_version, content_hash"
    changed |= {"hash_version": "0", "content_hash": "''::bytea"}
    with admin.transaction(force_rollback=True):
        admin.execute(inserted("stock_move", columns, **changed))
        m = _row(admin, "SELECT * FROM stock_move ORDER BY id DESC LIMIT 1")
        assert m["content_hash"] == _leaf(
            "M1", str(m["id"]), str(m["command_id"]), _moment(m["posted_at"]),
            _moment(m["happened_at"]), str(m["code"]), _number(m["document_id"]),
            _number(m["line_id"]), *(_number(m[name]) for name in NUMBERS), _text(m["di"]),
            _text(m["reason"]), _text(m["device"]), _number(m["clock_offset_ms"]),
        )  # fmt: skip


def test_edge_and_entry_hashes_are_of_the_documented_bytes(admin: psycopg.Connection) -> None:
    with admin.transaction(force_rollback=True):
        admin.execute(
            "INSERT INTO stock_genealogy (command_id, input_lot_id, input_serial_id,"
            " output_lot_id, output_serial_id, quantity, hash_version, leaf_hash)"
            " SELECT 1, lot_id, id, lot_id, id, 7, 0, '' FROM stock_serial LIMIT 1"
        )
        for g in (
            _row(admin, "SELECT * FROM stock_genealogy ORDER BY id DESC LIMIT 1"),
            _row(admin, "SELECT * FROM stock_genealogy ORDER BY id LIMIT 1"),
        ):
            assert g["leaf_hash"] == _leaf(
                "G1", str(g["id"]), str(g["command_id"]), _number(g["input_lot_id"]),
                _number(g["input_serial_id"]), _number(g["output_lot_id"]),
                _number(g["output_serial_id"]), str(g["quantity"]),
            )  # fmt: skip
        admin.execute(ENTRY)
        e = _row(admin, "SELECT * FROM audit_entry ORDER BY id DESC LIMIT 1")
        admin.execute(SIGNATURE)
        s = _row(admin, "SELECT * FROM audit_signature ORDER BY id DESC LIMIT 1")
    assert e["content_hash"] == _leaf(
        "A1", str(e["id"]), _moment(e["at"]), str(e["actor_id"]), _text(e["verb"]),
        _text(str(e["request_id"])), _text(e["origin"]), _text(e["outcome"]),
        _text(e["arguments_digest"].hex()), _text(e["detail"]),
    )  # fmt: skip
    assert s["leaf_hash"] == _leaf(
        "S1", str(s["id"]), _text(str(s["uid"])), str(s["person_id"]), _moment(s["at"]),
        _text(s["meaning"]), _text(s["subject_kind"]), _text(str(s["subject_uid"])),
        _text(s["content_hash"].hex()), str(s["command_id"]),
    )  # fmt: skip


@pytest.mark.parametrize("until", ["'2041-03-01'", "NULL"])
def test_file_hash_is_of_the_documented_bytes(admin: psycopg.Connection, until: str) -> None:
    with admin.transaction(force_rollback=True):
        admin.execute(FILE.replace("NULL", until))
        f = _row(admin, "SELECT * FROM records_stored_file")
        assert f["leaf_hash"] == _leaf(
            "F1", str(f["id"]), _text(str(f["uid"])), _text(f["sha256"].hex()), _text(f["name"]),
            _text(f["media_type"]), str(f["size"]), _moment(f["stored_at"]), str(f["command_id"]),
            _text(f["retain_until"] and str(f["retain_until"])),
        )  # fmt: skip


@pytest.mark.parametrize("table", [table for table, *_ in HASHED])
@pytest.mark.parametrize("replica", ["origin", "replica"])
def test_rows_are_hashed_by_the_database(
    admin: psycopg.Connection, replica: str, table: str
) -> None:
    """Whatever the writer says of the hash."""
    ((hashed, function, statement),) = [row[1:] for row in HASHED if row[0] == table]
    with admin.transaction(force_rollback=True):
        pose(admin, replica)
        admin.execute(statement)
        compared = f"SELECT r.{hashed} = {function}(r), r.hash_version FROM {table} r"  # noqa: S608
        assert set(admin.execute(compared).fetchall()) == {(True, 1)}
