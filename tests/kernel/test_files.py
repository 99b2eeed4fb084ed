"""Stored files: whole or not at all, checked when read, never written over. # DOC-01"""

import os
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings

from tests.refusing import refused
from tests.world import World
from traceward.kernel.audit.files import left_over
from traceward.kernel.base.refusals import TooLarge
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.files import keep_file
from traceward.kernel.command.run import command
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.documents import files
from traceward.kernel.org import roles
from traceward.kernel.org.scope import WHOLE_GROUP, Grant
from traceward.kernel.records.models import StoredFile
from traceward.kernel.records.store import FileDamaged, FolderStore

TEXT = "随货同行单\n".encode()
NAME = sha256(TEXT).hexdigest()


@command("testing.keep", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def keep(name: str, text: str, *, by: Actor) -> int:
    """The text is a stored file; for tests only."""
    return keep_file(text.encode(), name=name, media_type="text/plain", by=by).pk


@pytest.fixture
def by(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Actor:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    set_up_roles()
    return world.by(roles.SYSTEM)


def test_what_is_put_is_read_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "files")
    assert list(store.names()) == []
    assert store.put(TEXT) == store.put(TEXT) == NAME
    assert list(store.names()) == [NAME]
    assert store.read(NAME) == TEXT


def test_a_changed_or_missing_file_is_not_shown(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(TEXT)
    (tmp_path / NAME).write_bytes(b"something else")
    with pytest.raises(FileDamaged, match=f"{NAME} was changed"):
        store.read(NAME)
    with pytest.raises(FileDamaged, match="was changed"):
        store.put(TEXT)
    assert (tmp_path / NAME).read_bytes() == b"something else"  # it is told, never mended
    (tmp_path / NAME).unlink()
    with pytest.raises(FileDamaged, match=f"{NAME} is missing"):
        store.read(NAME)


def test_a_file_that_cannot_be_written_whole_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        FolderStore(tmp_path).put(TEXT)
    assert list(tmp_path.iterdir()) == []


def test_the_same_content_is_one_record(by: Actor, tmp_path: Path) -> None:
    first = keep("one.txt", "text", by=by)
    assert keep("two.txt", "text", by=by.asking()) == first
    row = StoredFile.objects.get(pk=first)
    assert (row.name, row.size, len(row.leaf_hash)) == ("one.txt", 4, 32)
    assert files.content_of(row).content == b"text"
    assert [p.name for p in (tmp_path / "files").iterdir()] == [bytes(row.sha256).hex()]


def test_a_file_that_is_too_large_is_refused(
    by: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traceward.kernel.command.files.MAX_BYTES", 3)
    with refused(TooLarge):
        keep("one.txt", "text", by=by)
    assert not (tmp_path / "files").exists()
    assert not StoredFile.objects.exists()


def test_nobody_reads_a_file_of_no_document(by: Actor) -> None:
    assert not files.may_read(keep("one.txt", "text", by=by), [Grant(None, None)])


def test_what_belongs_to_no_record_is_told(by: Actor, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    assert left_over(folder, using="default") == []
    keep("one.txt", "text", by=by)
    assert left_over(folder, using="default") == []
    FolderStore(folder).put(TEXT)
    (folder / "0.new").touch()
    (note,) = left_over(folder, using="default")
    assert str(note).startswith(f"2 files in {folder} belong to no record, such as 0.new")
