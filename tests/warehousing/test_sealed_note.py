# ruff: noqa: S608 - the attacker of these tests writes SQL by hand, with ids of our own rows
"""A 随货同行单 comes after each dispatch by itself, is under the seal, and tampering is named."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import outbound
from tests.audit import sealed
from traceward.domain.warehousing.commands import noting, shipping
from traceward.domain.warehousing.models import Shipment
from traceward.domain.warehousing.papers.delivery_note import delivery_note_of
from traceward.kernel.audit import leaves
from traceward.kernel.audit.models import Seal
from traceward.kernel.command.delivery import deliver, parked
from traceward.kernel.documents.models import DocumentFile
from traceward.kernel.org import roles
from traceward.kernel.outbox.sequencer import sequence_commands
from traceward.kernel.records.models import StoredFile

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


def worked_off(papers: int) -> None:
    """The worker's steps, until so many papers are there: older transactions are waited for."""
    deadline = time.monotonic() + sealed.PATIENCE_SECONDS
    while DocumentFile.objects.count() < papers and time.monotonic() < deadline:
        sequence_commands()
        deliver()
        time.sleep(0.1)
    assert DocumentFile.objects.count() == papers
    assert parked() == []


@pytest.fixture(scope="module")
def ledger(fresh_database: str) -> sealed.World:
    """Two dispatches, one of them cancelled: three papers, all under the seal."""
    world = sealed.build()
    going = [outbound.shipped(world), outbound.shipped(world, quantity=2)]
    worked_off(2)
    by = world.by(roles.DISPATCHER)
    shipping.cancel_shipment(going[1].shipment_id, "too late", by=by)
    worked_off(3)
    assert deliver() == 0
    noting.print_delivery_note(going[0].shipment_id, by=by.asking())
    assert sealed.seal_all() >= 1
    return world


@pytest.fixture
def copy(ledger: sealed.World, fresh_database: str, tmp_path: Path) -> Iterator[sealed.Copy]:
    with sealed.Copy(f"{fresh_database}_copy"[-60:], tmp_path, ledger) as made:
        yield made


def first_paper() -> tuple[StoredFile, str]:
    row = DocumentFile.objects.select_related("file").order_by("pk")[0]
    return row.file, bytes(row.file.sha256).hex()


def test_the_hash_of_each_paper_is_in_the_seal(copy: sealed.Copy) -> None:  # DOC-01
    rows = StoredFile.objects.filter(media_type="application/pdf")
    assert rows.count() == 3
    held = b"".join(bytes(seal.leaves) for seal in Seal.objects.order_by("number"))
    for row in rows:
        leaf = bytes([leaves.STORED_FILE.code]) + row.pk.to_bytes(8, "big") + bytes(row.leaf_hash)
        assert leaf in held
    report = copy.verify()
    assert (report.findings, report.notes) == ([], [])
    assert copy.strangers_findings("--head", report.head) == []


def test_a_changed_paper_is_named_by_both(copy: sealed.Copy) -> None:
    file, name = first_paper()
    path = copy.var / "files" / name
    path.write_bytes(path.read_bytes()[:-2] + b"\n\n")
    assert copy.findings() == [f"stored file {file.pk}: its content {name} was changed."]
    assert copy.strangers_findings() == [f"stored file {file.pk}: its content {name} was changed"]


def test_a_missing_paper_is_named_by_both(copy: sealed.Copy) -> None:
    file, name = first_paper()
    (copy.var / "files" / name).unlink()
    assert copy.findings() == [f"stored file {file.pk}: its content {name} is missing."]
    assert copy.strangers_findings() == [f"stored file {file.pk}: its content {name} is missing"]


def test_two_papers_with_swapped_bytes_are_named(copy: sealed.Copy) -> None:
    one, two = (
        copy.var / "files" / bytes(row.file.sha256).hex()
        for row in DocumentFile.objects.select_related("file").order_by("pk")[:2]
    )
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    said = copy.findings()
    assert [one.name in said[0], two.name in said[1]] == [True, True]
    assert len(copy.strangers_findings()) == 2


def test_two_papers_that_change_their_shipments_are_named(copy: sealed.Copy) -> None:
    copy.tamper(
        "UPDATE documents_file f SET file_id = o.file_id FROM documents_file o"
        " WHERE f.version = 1 AND o.version = 1 AND f.id <> o.id"
    )
    said = copy.findings()
    assert len(said) == 2
    assert all("not as its command recorded it" in text for text in said)


def test_an_added_or_removed_link_is_named(copy: sealed.Copy) -> None:
    shipment = Shipment.objects.order_by("pk")[0]
    copy.tamper("DELETE FROM documents_printing", "DELETE FROM documents_file WHERE version = 2")
    (said,) = copy.findings()
    assert "was exchanged, added or removed" in said
    copy.tamper(
        "INSERT INTO documents_file"
        " (uid, document_id, file_id, role, version, name, is_void, command_id)"
        f" SELECT gen_random_uuid(), {shipment.pk}, file_id, role, 9, '', false, command_id"
        " FROM documents_file ORDER BY id LIMIT 1"
    )
    assert len(copy.findings()) == 2


def test_a_file_made_void_behind_the_commands_is_named(copy: sealed.Copy) -> None:
    copy.tamper(
        "INSERT INTO documents_voided_file (uid, voided_id, reason, person_id, at, command_id)"
        " SELECT gen_random_uuid(), id, 'not wanted', (SELECT min(id) FROM org_person), now(),"
        " command_id FROM documents_file ORDER BY id LIMIT 1"
    )
    (said,) = copy.findings()
    assert "was exchanged, added or removed" in said


def test_what_an_interrupted_command_left_is_told_and_does_no_harm(copy: sealed.Copy) -> None:
    (copy.var / "files" / "0123.new").write_bytes(b"half")
    report = copy.verify()
    assert report.findings == []
    assert ["0123.new" in str(note) for note in report.notes] == [True]
    assert delivery_note_of(Shipment.objects.order_by("pk")[0].pk).content.startswith(b"%PDF")
