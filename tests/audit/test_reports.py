# ruff: noqa: S608 - the attacker of these tests writes SQL by hand, with ids of our own rows
"""What verify and the export say of seals by an old key, of heads behind, and of a late queue."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections

from tests.audit import sealed
from tests.ledger import database_now
from tests.stock.clock import set_clock
from traceward.kernel.audit import checks, heads, keys, leaves
from traceward.kernel.audit.models import Seal
from traceward.kernel.audit.proof import export_proof
from traceward.kernel.audit.sealing import (
    Folders,
    last_seal,
    log_uid,
    microseconds,
    statement_of,
)
from traceward.kernel.base.refusals import InvalidInput, NotFound

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


def sign_again(copy: sealed.Copy, private: Ed25519PrivateKey) -> int:
    """The newest seal is signed anew, as it stands, by whoever holds this key."""
    raw = private.public_key().public_bytes_raw()
    key_id = keys.PublicKey(raw, 0).key_id
    number = Seal.objects.latest("number").number
    copy.tamper(f"UPDATE audit_seal SET key_id = '{key_id}' WHERE number = {number}")
    text = statement_of(Seal.objects.get(number=number), log_uid("default")).text
    signature = private.sign(text).hex()
    copy.tamper(
        f"UPDATE audit_seal SET signature = decode('{signature}', 'hex') WHERE number = {number}"
    )
    return int(number)


def test_a_seal_by_the_key_before_is_named(copy: sealed.Copy) -> None:  # INV-09
    folder = Folders.below(None).keys
    (pem,) = folder.glob("*.pem")
    stolen = serialization.load_pem_private_key(pem.read_bytes(), password=None)
    assert isinstance(stolen, Ed25519PrivateKey)
    keys.rotate(folder, microseconds(database_now()))
    for _ in range(2):
        sealed.move_again()
        sealed.seal_all()
    assert copy.findings() == []
    number = sign_again(copy, stolen)
    assert any(
        f"Seal {number} is signed with the key" in told and "replaced before" in told
        for told in copy.findings()
    )


def test_a_seal_over_commands_without_entries_is_named(copy: sealed.Copy) -> None:
    private = keys.signing_key(Folders.below(None).keys)[1]
    newest = Seal.objects.latest("number")
    last = newest.last_sequence + 2
    copy.tamper(f"UPDATE audit_seal SET last_sequence = {last} WHERE number = {newest.number}")
    number = sign_again(copy, private)
    assert f"Seal {number} covers 2 commands without an audit entry." in copy.findings()


def test_heads_that_are_behind_are_noted(copy: sealed.Copy) -> None:
    path = Folders.below(None).heads
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]) + '{"cut sh')
    notes = [str(note) for note in copy.verify().notes]
    number = last_seal("default").number
    assert notes == [f"Seals after {number - 1} have no head outside yet."]
    sealed.seal_all()  # mends it, the line that was cut left as it is
    assert copy.verify().notes == []
    assert '{"cut sh\n' in path.read_text()


def test_a_log_whose_lines_lie_far_back_is_found(tmp_path: Path) -> None:
    ours, other = "0" * 8 + "-0000-0000-0000-" + "0" * 12, "1" * 8 + "-0000-0000-0000-" + "1" * 12
    path = tmp_path / "heads.jsonl"
    heads.append(path, [heads.Head(ours, heads.SEALED, 3)])
    heads.append(path, [heads.Head(other, heads.SEALED, n) for n in range(600)])
    found = heads.newest(path, heads.uuid.UUID(ours))
    assert found
    assert found.number == 3
    assert heads.newest(path, log_uid_of_nobody()) is None


def log_uid_of_nobody() -> Any:
    return heads.uuid.uuid4()


def test_a_queue_that_is_late_is_noted(copy: sealed.Copy) -> None:
    sealed.move_again()
    set_clock(database_now() + timedelta(minutes=6))
    notes = [str(note) for note in copy.verify().notes]
    assert any("1 commands wait for their sequence for more than 5 minutes" in n for n in notes)


def test_an_export_needs_an_empty_folder_and_seals_that_exist(
    copy: sealed.Copy, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(InvalidInput, match="is not empty"):
        export_proof(tmp_path / "full")
    with pytest.raises(NotFound, match="no seals from 99"):
        export_proof(tmp_path / "none", from_seal=99)
    for content in Folders.below(None).files.iterdir():
        content.unlink()
    Folders.below(None).heads.unlink()
    exported = export_proof(tmp_path / "less")
    assert exported.files == 0
    assert not (tmp_path / "less" / "heads.jsonl").exists()


def test_a_file_that_is_no_key_is_passed_over(copy: sealed.Copy) -> None:
    folder = Folders.below(None).keys
    before = keys.public_keys(folder)
    (folder / "0000000000000000.pub").write_text("nothing")
    (folder / "1111111111111111.pub").write_text(next(iter(before.values())).text)
    assert keys.public_keys(folder) == before
    keys.make_first_key(folder, 0)
    assert keys.public_keys(folder) == before


def test_two_things_of_one_name_are_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="two checks are called"):
        checks.register(next(iter(checks.CHECKS)), lambda using: [])
    other = leaves.LeafKind(code=1, name="other", tag="X1", table="other", fields=())
    with pytest.raises(ValueError, match="choose a free one"):
        leaves.register(other)


def test_a_check_is_asked_in_the_snapshot_of_its_caller(copy: sealed.Copy) -> None:
    with checks.snapshot("verify"), checks.snapshot("verify"):
        assert connections["verify"].in_atomic_block
    assert not connections["verify"].in_atomic_block
