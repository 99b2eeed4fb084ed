"""Files of documents: attached, replaced, made void, never deleted. # DOC-01 SEC-02"""

import base64
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from tests import world as worlds
from tests.inbound import ordered
from tests.kernel.verbs import entry
from tests.outbound import shipped
from tests.refusing import refused
from tests.world import World
from traceward.domain.warehousing.commands import noting
from traceward.domain.warehousing.models import Shipment
from traceward.kernel.audit.files import check_documents
from traceward.kernel.base.refusals import Conflict, InvalidInput, NotFound, TooLarge, WrongState
from traceward.kernel.command import filing
from traceward.kernel.command.filing import MAX_FILES, attach_file, void_file
from traceward.kernel.command.run import Done, run_json
from traceward.kernel.command.uploads import Upload
from traceward.kernel.documents.contents import MAX_UPLOAD
from traceward.kernel.documents.files import content_of
from traceward.kernel.documents.models import DocumentFile, FileRole, VoidedFile
from traceward.kernel.org import roles
from traceward.resources.files import STANDING

PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)


REPORT, PHOTO = FileRole.TEST_REPORT, FileRole.PHOTO


def standing(pk: int) -> str:
    return DocumentFile.objects.annotate(standing=STANDING).get(pk=pk).standing


def test_a_file_belongs_to_the_document_and_its_bytes_stand_nowhere_else(world: World) -> None:
    by, order = world.by(roles.BUYER), ordered(world)
    done = attach_file(order, REPORT, Upload("x/报告.pdf", PDF), by=by)
    row = DocumentFile.objects.select_related("file").get(pk=done.file_id)
    assert (row.document_id, row.role, row.version, row.called) == (order, REPORT, 1, "报告.pdf")
    assert content_of(row.file).content == PDF
    assert row.file.media_type == "application/pdf"
    digest = hashlib.sha256(PDF).hexdigest()
    told = entry(by).facts
    assert told["arguments"]["file"] == {"name": "报告.pdf", "size": len(PDF), "sha256": digest}
    assert "%PDF" not in entry(by).detail
    assert base64.b64encode(PDF).decode() not in entry(by).detail
    assert check_documents(using="default") == []


def test_the_same_request_counts_once_and_with_another_file_is_refused(world: World) -> None:
    by, order = world.by(roles.BUYER), ordered(world)
    sent = {"name": "a.pdf", "base64": base64.b64encode(PDF).decode()}
    given = {"document_id": order, "role": "test report", "file": sent}
    first, again = (run_json("documents.attach_file", given, by) for _ in range(2))
    assert isinstance(first, Done)
    assert first == again
    assert DocumentFile.objects.count() == 1
    other = {**sent, "base64": base64.b64encode(PDF + b"2").decode()}
    with pytest.raises(Conflict, match="already used"):
        run_json("documents.attach_file", {**given, "file": other}, by)


def test_the_same_bytes_are_not_attached_twice(world: World) -> None:
    by, order = world.by(roles.BUYER), ordered(world)
    attach_file(order, REPORT, Upload("a.pdf", PDF), by=by)
    with refused(Conflict, "file") as caught:
        attach_file(order, PHOTO, Upload("b.pdf", PDF), by=by.asking())
    assert "“a.pdf”" in str(caught.value)
    elsewhere = attach_file(ordered(world), PHOTO, Upload("b.pdf", PDF), by=by.asking())
    assert DocumentFile.objects.get(pk=elsewhere.file_id).called == "b.pdf"


def test_a_file_is_replaced_once_by_one_of_its_kind(world: World) -> None:
    by, order = world.by(roles.BUYER), ordered(world)
    first = attach_file(order, REPORT, Upload("a.pdf", PDF), by=by).file_id
    with refused(InvalidInput, "role"):
        attach_file(order, PHOTO, Upload("b.pdf", PDF + b"2"), replaces_id=first, by=by.asking())
    new = Upload("b.pdf", PDF + b"2")
    second = attach_file(order, REPORT, new, replaces_id=first, by=by.asking())
    assert second.version == 2
    assert (standing(first), standing(second.file_id)) == ("replaced", "counts")
    with refused(NotFound, "replaces_id"):
        attach_file(order, REPORT, Upload("c.pdf", b"%PDF-3"), replaces_id=first, by=by.asking())
    other, last = ordered(world), Upload("c.pdf", b"%PDF-3")
    with refused(NotFound, "replaces_id"):
        attach_file(other, REPORT, last, replaces_id=second.file_id, by=by.asking())
    assert check_documents(using="default") == []


def test_a_wrong_file_is_void_with_its_reason_and_stays(world: World) -> None:
    order, by = ordered(world), world.by(roles.QUALITY_HEAD)
    row = attach_file(order, PHOTO, Upload("a.pdf", PDF), by=world.by(roles.BUYER)).file_id
    with refused(InvalidInput, "reason"):
        void_file(row, " ", by=by)
    void_file(row, "of another lot", by=by.asking())
    assert standing(row) == "void"
    void = VoidedFile.objects.get(voided=row)
    assert (void.reason, void.person_id) == ("of another lot", by.person_id)
    assert content_of(DocumentFile.objects.select_related("file").get(pk=row).file).content == PDF
    with refused(WrongState, "file_id"):
        void_file(row, "again", by=by.asking())
    attach_file(order, PHOTO, Upload("a.pdf", PDF), by=world.by(roles.BUYER))  # and counts again
    assert check_documents(using="default") == []


def test_a_paper_of_ours_is_not_made_void_by_hand(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 5)
    shipment = Shipment.objects.get(pk=shipped(world).shipment_id)
    noting.archive_delivery_note(shipment.uid, by=world.by(roles.SYSTEM))
    paper = DocumentFile.objects.get()
    assert standing(paper.pk) == "counts"
    with refused(WrongState, "file_id"):
        void_file(paper.pk, "wrong", by=world.by(roles.QUALITY_HEAD))


def test_too_much_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge, match="20 MB"):
        Upload("a.pdf", b"%PDF-" + b"0" * MAX_UPLOAD)
    by, order = world.by(roles.BUYER), ordered(world)
    monkeypatch.setattr(filing, "MAX_FILES", 1)
    attach_file(order, PHOTO, Upload("a.pdf", PDF), by=by)
    with refused(Conflict, "file"):
        attach_file(order, PHOTO, Upload("b.pdf", PDF + b"2"), by=by.asking())
    assert MAX_FILES == 200


def test_base64_that_is_none_is_refused(world: World) -> None:
    given = {"document_id": ordered(world), "role": "photo"}
    for file in (
        {"name": "a.pdf", "base64": "%%%"},
        {"name": "", "base64": ""},
        {"name": "a"},
        "a",
    ):
        with pytest.raises(InvalidInput):
            run_json("documents.attach_file", {**given, "file": file}, world.by(roles.BUYER))
    assert not DocumentFile.objects.exists()


@pytest.fixture(scope="module")
def company(fresh_database: str) -> worlds.World:
    return worlds.build()


def test_of_two_who_attach_at_once_each_has_a_number_of_its_own(company: worlds.World) -> None:
    order, wait = ordered(company), threading.Barrier(2)

    def attached(content: bytes) -> int:
        try:
            wait.wait(timeout=20)
            by = company.by(roles.BUYER)
            return attach_file(order, PHOTO, Upload("a.pdf", content), by=by).version
        except Conflict:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attached, [PDF, PDF + b"2"])) == [1, 2]
        assert sorted(pool.map(attached, [PDF + b"3", PDF + b"3"])) == [0, 3]
