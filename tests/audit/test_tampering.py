# ruff: noqa: S608 - the attacker of these tests writes SQL by hand, with ids of our own rows
"""Tampering is named: by `verify` and by the stand-alone verifier, whoever did it and however.

Each test works on its own copy of a sealed database, as a superuser with all triggers off.
"""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connections
from psycopg import sql

from tests.audit import sealed
from tests.databases import ADMIN
from traceward.domain.stock.models import Code
from traceward.kernel.audit import heads, keys
from traceward.kernel.audit.leaves import kinds
from traceward.kernel.audit.merkle import Frontier
from traceward.kernel.audit.models import Seal
from traceward.kernel.audit.proof import export_proof
from traceward.kernel.audit.sealing import RolledBack, hashes, log_uid, seal_pending, statement_of

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


@pytest.fixture(scope="module")
def ledger(fresh_database: str) -> sealed.World:
    world = sealed.build()
    assert sealed.seal_all() >= 3
    return world


@pytest.fixture
def copy(ledger: sealed.World, fresh_database: str, tmp_path: Path) -> Iterator[sealed.Copy]:
    with sealed.Copy(f"{fresh_database}_copy"[-60:], tmp_path, ledger) as made:
        yield made


def move_ids(copy: sealed.Copy) -> list[int]:
    return [row[0] for row in copy.ask("SELECT id FROM stock_move ORDER BY id")]


def test_sound_ledger_passes_both(copy: sealed.Copy) -> None:  # INV-09
    report = copy.verify()
    assert report.findings == []
    assert report.notes == []
    assert report.leaves.total() == sum(
        copy.ask(f"SELECT count(*) FROM {table}")[0][0]
        for table in ("stock_move", "audit_entry", "audit_signature", "records_stored_file")
    )
    assert copy.strangers_findings("--head", report.head) == []


def test_edited_row_is_named(copy: sealed.Copy) -> None:
    victim = move_ids(copy)[4]
    copy.tamper(f"UPDATE stock_move SET quantity = quantity + 1 WHERE id = {victim}")
    assert f"stock move {victim} of command" in copy.findings()[0]
    assert "was edited." in copy.findings()[0]
    first = copy.strangers_findings()[0]
    assert first.startswith(f"stock move {victim} (seal")
    assert first.endswith("was edited")


def test_edited_row_with_repaired_hash_is_named(copy: sealed.Copy) -> None:
    victim = move_ids(copy)[4]
    copy.tamper(
        f"UPDATE stock_move SET quantity = quantity + 1 WHERE id = {victim}",
        f"UPDATE stock_move m SET content_hash = tw_move_hash(m) WHERE id = {victim}",
    )
    assert f"stock move {victim} of command" in copy.findings()[0]
    assert "hash repaired" in copy.findings()[0]
    first = copy.strangers_findings()[0]
    assert first.startswith(f"stock move {victim} (seal")
    assert first.endswith("its own hash repaired to fit")


def test_removed_row_is_named(copy: sealed.Copy) -> None:
    victim = move_ids(copy)[4]
    copy.tamper(f"DELETE FROM stock_move WHERE id = {victim}")
    assert copy.findings()[0].startswith(f"stock move {victim} (seal")
    assert "missing" in copy.findings()[0]
    assert copy.strangers_findings()[0].startswith(f"stock move {victim} (seal")


def test_swapped_rows_are_named(copy: sealed.Copy) -> None:
    one, two = move_ids(copy)[4:6]
    copy.tamper(
        "ALTER TABLE stock_move ALTER COLUMN id DROP IDENTITY",
        f"UPDATE stock_move SET id = -1 WHERE id = {one}",
        f"UPDATE stock_move SET id = {one} WHERE id = {two}",
        f"UPDATE stock_move SET id = {two} WHERE id = -1",
    )
    findings = copy.findings()
    assert findings[0].startswith(f"stock move {one} (seal")
    assert f"carries the hash of {two}" in findings[0]
    assert f"carries the hash of {one}" in findings[1]
    first = copy.strangers_findings()[0]
    assert first.startswith(f"stock move {one} (seal")
    assert first.endswith(f"carries the hash of stock move {two}")


def test_added_row_is_named(copy: sealed.Copy) -> None:
    victim = move_ids(copy)[4]
    columns = "command_id, posted_at, happened_at, code, item_id, lot_id, quantity, from_place_id,"
    columns += "from_status, from_owner_id, to_place_id, to_status, to_owner_id, actor_id,"
    columns += "hash_version, content_hash"
    copy.tamper(
        f"INSERT INTO stock_move ({columns}) SELECT {columns} FROM stock_move WHERE id = {victim}"
    )
    added = move_ids(copy)[-1]
    assert any(f"stock move {added} " in text and "was added" in text for text in copy.findings())
    assert any(
        text.startswith(f"stock move {added} was added") for text in copy.strangers_findings()
    )


def test_row_of_no_command_is_named(copy: sealed.Copy) -> None:
    columns = "posted_at, happened_at, code, item_id, lot_id, quantity, from_place_id,"
    columns += "from_status, from_owner_id, to_place_id, to_status, to_owner_id, actor_id,"
    columns += "hash_version, content_hash"
    copy.tamper(
        f"INSERT INTO stock_move (command_id, {columns})"
        f" SELECT 999999, {columns} FROM stock_move ORDER BY id LIMIT 1"
    )
    added = move_ids(copy)[-1]
    assert any(f"stock move {added} belongs to command 999999" in t for t in copy.findings())


def test_row_given_to_another_command_is_named(copy: sealed.Copy) -> None:
    victim = move_ids(copy)[4]
    copy.tamper(f"UPDATE stock_move SET command_id = command_id + 1 WHERE id = {victim}")
    assert any(f"stock move {victim} " in text for text in copy.findings())
    assert any(f"stock move {victim} " in text for text in copy.strangers_findings())


def test_forged_seal_is_named(copy: sealed.Copy) -> None:
    copy.tamper("UPDATE audit_seal SET root = sha256('other') WHERE number = 2")
    assert copy.findings()[0].startswith("Seal 2 is forged")
    assert copy.strangers_findings()[0].startswith("seal 2 is forged")


def test_seal_forged_with_another_key_is_named(copy: sealed.Copy) -> None:
    forge(copy, Ed25519PrivateKey.generate(), edit_a_move(copy))
    assert copy.findings()[0].startswith("Seal 1 is forged: its signature")
    assert copy.strangers_findings()[0].startswith("seal 1 is forged")


def test_seal_forged_with_the_stolen_key_is_named_by_the_heads(copy: sealed.Copy) -> None:
    _, private = keys.signing_key(copy.var / "keys")
    forge(copy, private, edit_a_move(copy))
    assert copy.findings()[0].startswith("Seal 1 is another one than the head outside")
    assert any(
        "seal 1 is not the one that the heads know" in text for text in copy.strangers_findings()
    )


def edit_a_move(copy: sealed.Copy) -> int:
    victim = move_ids(copy)[0]
    copy.tamper(
        f"UPDATE stock_move SET quantity = quantity + 1 WHERE id = {victim}",
        f"UPDATE stock_move m SET content_hash = tw_move_hash(m) WHERE id = {victim}",
    )
    return victim


def forge(copy: sealed.Copy, private: Ed25519PrivateKey, victim: int) -> None:
    """The first seal covers the edited row, with a fitting root and a signature by this key."""
    ((new_hash,),) = copy.ask(f"SELECT content_hash FROM stock_move WHERE id = {victim}")
    seal = Seal.objects.get(number=1)
    packed = bytearray(seal.leaves)
    at = packed.index(bytes([16]) + victim.to_bytes(8, "big"))
    packed[at + 9 : at + 41] = new_hash
    frontier = Frontier()
    frontier.extend(hashes(bytes(packed)))
    seal.leaves, seal.root, seal.frontier = bytes(packed), frontier.root(), frontier.packed
    seal.signature = private.sign(statement_of(seal, log_uid("default")).text)
    fields = {
        name: bytes(getattr(seal, name)).hex()
        for name in ("leaves", "root", "frontier", "signature")
    }
    changes = ", ".join(f"{name} = '\\x{value}'" for name, value in fields.items())
    copy.tamper(f"UPDATE audit_seal SET {changes} WHERE number = 1")


def test_edited_audit_row_is_named(copy: sealed.Copy) -> None:  # SEC-02
    ((victim,),) = copy.ask("SELECT id FROM audit_entry ORDER BY id OFFSET 3 LIMIT 1")
    copy.tamper(f"UPDATE audit_entry SET actor_id = actor_id + 1 WHERE id = {victim}")
    assert copy.findings()[0].startswith(f"audit entry {victim} of command {victim} (seal")
    assert copy.strangers_findings()[0].startswith(f"audit entry {victim} (seal")


def test_removed_audit_row_and_edited_signature_are_named(copy: sealed.Copy) -> None:  # QUA-04
    ((victim,),) = copy.ask("SELECT min(id) FROM audit_entry")
    ((signed,),) = copy.ask("SELECT max(id) FROM audit_signature")
    copy.tamper(
        f"DELETE FROM audit_entry WHERE id = {victim}",
        f"UPDATE audit_signature SET meaning = 'reviewed' WHERE id = {signed}",
    )
    findings, strangers = copy.findings(), copy.strangers_findings()
    assert findings[0].startswith(f"audit entry {victim} (seal 1) is missing")
    assert strangers[0].startswith(f"audit entry {victim} (seal 1) is missing")
    assert any(text.startswith(f"signature {signed} of command") for text in findings)
    assert any(text.startswith(f"signature {signed} (seal") for text in strangers)


def test_changed_and_missing_files_are_named(copy: sealed.Copy) -> None:
    name = sha256(sealed.CERTIFICATE).hexdigest()
    path = copy.var / "files" / name
    path.write_bytes(sealed.CERTIFICATE.replace(b"1", b"2"))
    assert copy.findings() == [f"stored file 1: its content {name} was changed."]
    assert copy.strangers_findings() == [f"stored file 1: its content {name} was changed"]
    path.unlink()
    assert copy.findings() == [f"stored file 1: its content {name} is missing."]


def test_edited_file_row_is_named(copy: sealed.Copy) -> None:
    copy.tamper("UPDATE records_stored_file SET name = 'other.txt'")
    assert copy.findings()[0].startswith("stored file 1 of command")
    assert copy.strangers_findings()[0].startswith("stored file 1 (seal")


def test_changed_order_is_named(copy: sealed.Copy) -> None:
    copy.tamper(
        "UPDATE outbox_order SET sequence = -1 WHERE sequence = 2",
        "UPDATE outbox_order SET sequence = 2 WHERE sequence = 3",
        "UPDATE outbox_order SET sequence = 3 WHERE sequence = -1",
    )
    assert copy.findings()[0] == "The order of commands in seal 1 was changed."


def test_gap_in_the_order_is_named(copy: sealed.Copy) -> None:
    copy.tamper("DELETE FROM outbox_order WHERE sequence = 3")
    assert "The order of commands has a gap at 3." in copy.findings()


def test_replaced_hash_function_fools_nobody(copy: sealed.Copy) -> None:
    victim = move_ids(copy)[4]
    copy.tamper(
        "CREATE OR REPLACE FUNCTION tw_move_hash(m stock_move) RETURNS bytea LANGUAGE sql STABLE"
        " RETURN m.content_hash",
        "CREATE OR REPLACE FUNCTION tw_us(p timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE"
        " RETURN 0",
        f"UPDATE stock_move SET quantity = quantity + 1 WHERE id = {victim}",
    )
    assert f"stock move {victim} " in copy.findings()[0]
    assert f"stock move {victim} " in copy.strangers_findings()[0]


def test_rolled_back_database_is_seen_in_the_heads(copy: sealed.Copy) -> None:
    ((newest,),) = copy.ask("SELECT max(number) FROM audit_seal")
    copy.tamper(f"DELETE FROM audit_seal WHERE number = {newest}")
    assert f"a head outside knows seal {newest}" in copy.findings()[0]
    assert f"the heads know seal {newest}" in copy.strangers_findings()[0]
    with pytest.raises(RolledBack):
        seal_pending()


def test_removed_seal_in_the_middle_is_named(copy: sealed.Copy) -> None:
    copy.tamper("DELETE FROM audit_seal WHERE number = 2")
    assert copy.findings()[0].startswith("Seal 3 does not follow the one before it")
    assert copy.strangers_findings()[0].startswith("seal 2 is missing")


def test_lost_heads_are_said(copy: sealed.Copy) -> None:
    (copy.var / "heads" / "heads.jsonl").unlink()
    assert "knows nothing of this log" in copy.findings()[0]
    seal_pending()
    report = copy.verify()
    assert report.findings == []
    assert "were lost and written again" in str(report.notes[0])


def test_wrong_and_unknown_keys_are_named(copy: sealed.Copy) -> None:
    public, _ = keys.signing_key(copy.var / "keys")
    export_proof(copy.scratch / "ours")
    assert copy.strangers_findings("--key", "0" * 16, folder=copy.scratch / "ours")[0].startswith(
        f"signed with {public.key_id}, not only with"
    )
    shutil.rmtree(copy.var / "keys")
    keys.make_first_key(copy.var / "keys", 1)
    assert copy.findings()[0].startswith(f"Seal 1 is signed with the key {public.key_id}, which")
    assert copy.strangers_findings()[0] == (
        f"seal 1 is signed with the unknown key {public.key_id}"
    )


@pytest.mark.parametrize("name", ["leaves.bin", "stock_move.tsv", "audit_entry.tsv", "seals.tsv"])
def test_truncated_export_is_named(copy: sealed.Copy, name: str) -> None:
    folder = copy.scratch / "proof"
    export_proof(folder)
    whole = (folder / name).read_bytes()
    cut = whole[: whole.rindex(b"\n", 0, -1) + 1] if name.endswith("tsv") else whole[:-41]
    (folder / name).write_bytes(cut)
    assert copy.strangers_findings(folder=folder) != []


def test_row_cut_in_the_middle_is_named(copy: sealed.Copy) -> None:
    folder = copy.scratch / "proof"
    export_proof(folder)
    path = folder / "stock_move.tsv"
    path.write_bytes(path.read_bytes()[:-20])
    assert any(
        "cut short" in text or "missing" in text for text in copy.strangers_findings(folder=folder)
    )


def test_part_of_the_log_is_exported_and_verified(copy: sealed.Copy) -> None:
    export_proof(copy.scratch / "part", from_seal=2, to_seal=2)
    assert copy.strangers_findings(folder=copy.scratch / "part") == []
    about = (copy.scratch / "part" / "log.json").read_text()
    assert '"from": 2' in about


def test_unsealed_rows_are_said_and_checked(copy: sealed.Copy) -> None:
    world = copy.world
    lot = world.lot("STENT", "L1")
    world.post(world.leg(Code.MOVE, lot, 1, "A-01", "A-02"))
    report = copy.verify()
    assert report.findings == []
    assert "1 commands with 2 rows are not sealed yet" in str(report.notes[0])
    copy.tamper("UPDATE stock_move SET quantity = 2 WHERE id = (SELECT max(id) FROM stock_move)")
    assert "(not sealed yet) was edited" in copy.findings()[0]


def test_fast_verification_reads_the_newest_seals(copy: sealed.Copy) -> None:
    victim = move_ids(copy)[-1]
    copy.tamper(f"UPDATE stock_move SET quantity = quantity + 1 WHERE id = {victim}")
    report = copy.verify(fast=True)
    assert report.is_fast
    assert f"stock move {victim} " in str(report.findings[0])


def test_rotated_key_goes_on_and_the_old_one_is_gone(copy: sealed.Copy) -> None:
    folder = copy.var / "keys"
    before, private = keys.signing_key(folder)
    after = keys.rotate(folder, 2_000_000_000_000_000)
    assert not (folder / f"{before.key_id}.pem").exists()
    assert (folder / f"{after.key_id}.pem").stat().st_mode & 0o777 == 0o600
    world = copy.world
    world.post(world.leg(Code.MOVE, world.lot("STENT", "L1"), 1, "A-01", "A-02"))
    sealed.seal_all()
    report = copy.verify()
    assert (report.findings, report.notes) == ([], [])
    assert Seal.objects.order_by("-number")[0].key_id == after.key_id
    assert copy.strangers_findings() == []
    seal = Seal.objects.order_by("-number")[0]
    seal.key_id = before.key_id
    forged = private.sign(statement_of(seal, log_uid("default")).text).hex()
    copy.tamper(
        f"UPDATE audit_seal SET signature = '\\x{forged}', key_id = '{before.key_id}'"
        f" WHERE number = {seal.number}"
    )
    assert f"Seal {seal.number} is another one than the head" in "\n".join(copy.findings())


def test_lost_key_is_refused_then_replaced_and_said(copy: sealed.Copy) -> None:
    folder = copy.var / "keys"
    lost, _ = keys.signing_key(folder)
    (folder / f"{lost.key_id}.pem").unlink()
    world = copy.world
    world.post(world.leg(Code.MOVE, world.lot("STENT", "L1"), 1, "A-01", "A-02"))
    sealed.sequence_all()
    with pytest.raises(keys.SealKeyMissing):
        seal_pending()
    assert "is not here" in str(copy.verify().notes)
    keys.rotate(folder, 2_000_000_000_000_000, is_lost=True)
    assert seal_pending() == 1
    report = copy.verify()
    assert report.findings == []
    assert any("that key was lost" in str(note) for note in report.notes)


def test_heads_have_every_seal(copy: sealed.Copy) -> None:
    known = list(heads.read(copy.var / "heads" / heads.FILE, log_uid("default")))
    assert [h.number for h in known] == list(range(1, Seal.objects.count() + 1))


def test_the_database_hashes_each_kind_as_the_byte_form_says(copy: sealed.Copy) -> None:
    with psycopg.connect(ADMIN, dbname=copy.name) as admin:
        admin.execute(
            "INSERT INTO stock_genealogy (command_id, input_lot_id, output_lot_id, quantity)"
            " SELECT 1, id, id, 3 FROM stock_lot"
        )
    for kind in kinds():
        query = sql.SQL("SELECT {hash} = {stored}, hash_version FROM {table} t").format(
            **{name: kind.names()[name] for name in ("hash", "stored", "table")}
        )
        rows = copy.ask(query.as_string())
        assert rows
        assert set(rows) == {(True, 1)}


def test_application_may_add_seals_but_not_change_them(copy: sealed.Copy) -> None:
    for statement in (
        "UPDATE audit_seal SET number = 9",
        "DELETE FROM audit_seal",
        "TRUNCATE audit_seal",
        "UPDATE stock_move SET quantity = 9",
        "DELETE FROM audit_entry",
    ):
        with pytest.raises(Exception, match="permission denied"):
            connections["default"].cursor().execute(statement)
    assert settings.DATABASES["default"]["NAME"] == copy.name
