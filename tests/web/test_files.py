"""Files are put to documents on their page, and leave it as what they are. # UX-01 SEC-01"""

import io
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.inbound import ordered
from tests.kernel.test_contents import PDF, PNG, SVG
from tests.web.local import browser_at
from tests.web.test_history import life_of
from tests.web.test_pages import browser, company, text_of
from tests.world import World
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.documents.contents import MAX_UPLOAD
from traceward.kernel.documents.models import DocumentFile, VoidedFile
from traceward.kernel.org import roles

__all__ = ["company"]
DO = "/do/documents.attach_file"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)


def page(order: int) -> str:
    return f"/purchasing/orders/{order}"


def send(client: Client, order: int, name: str, content: bytes, **given: Any) -> Any:
    file = io.BytesIO(content)
    file.name = name
    next_ = f"{page(order)}?tab=files#life"
    sent = {"request_id": str(uuid.uuid4()), "document_id": order, "role": "photo", "next": next_}
    return client.post(DO, {**sent, "file": file, **given})


def test_a_file_is_attached_from_the_documents_page(world: World) -> None:
    order, client = ordered(world), browser(world, roles.BUYER)
    html = client.get(f"{page(order)}?tab=files").content.decode()
    assert 'enctype="multipart/form-data"' in html
    assert 'name="csrfmiddlewaretoken"' in html[html.index("tw-attach") :]
    answer = send(client, order, "../外箱.png", PNG)
    assert (answer.status_code, answer["Location"]) == (302, f"{page(order)}?tab=files#life")
    told = life_of(client.get(f"{page(order)}?tab=files").content.decode())
    assert "外箱.png" in told
    assert f"照片 · 1 KB · {roles.BUYER.zh}" in told
    assert "添加附件" in life_of(client.get(page(order)).content.decode())  # what was done


def test_sent_twice_it_counts_once(world: World) -> None:
    order, client, key = ordered(world), browser(world, roles.BUYER), str(uuid.uuid4())
    for _ in range(2):
        assert send(client, order, "a.png", PNG, request_id=key).status_code == 302
    assert DocumentFile.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", b"<html><script>alert(1)</script>", "网页或矢量图"),
        ("a.svg", SVG, "网页或矢量图"),
        ("a.pdf", b"", "空文件"),
        ("a.pdf.exe", PDF, "实际内容是 PDF"),
        ("a.exe", b"MZ\x90\0\x03", "不是可接受的文件类型"),
    ],
)
def test_a_wrong_file_is_refused_at_its_field(
    world: World, name: str, content: bytes, told: str
) -> None:
    order = ordered(world)
    answer = send(browser(world, roles.BUYER), order, name, content)
    html = answer.content.decode()
    assert answer.status_code == 422
    (problem,) = re.findall(r'<span class="tw-problem" id="file-problem"[^>]*>(.*?)</span>', html)
    assert told in problem
    assert '<option value="photo" selected>' in html  # what was chosen stays
    assert not DocumentFile.objects.exists()


def test_no_file_at_all_is_said_at_its_field(world: World) -> None:
    client = browser(world, roles.BUYER, "en")
    answer = client.post(DO, {"document_id": ordered(world), "role": "photo"})
    assert answer.status_code == 422
    assert 'id="file-problem"' in answer.content.decode()


def test_what_is_too_large_is_not_even_read(world: World) -> None:
    client = browser(world, roles.BUYER)
    entries = AuditEntry.objects.count()
    for length in (str(MAX_UPLOAD + 1_000_000), ""):
        answer = client.generic(
            "POST", DO, b"x", "multipart/form-data; boundary=x", CONTENT_LENGTH=length
        )
        assert answer.status_code == 413
        assert "文件过大" in text_of(answer.content.decode())
    assert AuditEntry.objects.count() == entries


def test_a_file_leaves_as_what_it_is_and_can_run_nothing(world: World) -> None:
    order, client = ordered(world), browser(world, roles.BUYER)
    send(client, order, "a.png", PNG)
    send(client, order, "b.pdf", PDF)
    rows = {row.called: row.pk for row in DocumentFile.objects.all()}
    for name, asked, how in (
        ("a.png", "?show", "inline"),
        ("a.png", "", "attachment"),
        ("b.pdf", "?show", "attachment"),
    ):
        answer = client.get(f"/documents/files/{rows[name]}/content{asked}")
        assert answer["Content-Disposition"] == f'{how}; filename="{name}"'
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/pdf"


def test_who_may_not_see_the_document_neither_attaches_nor_reads(world: World) -> None:  # ORG-03
    order = ordered(world)
    send(browser(world, roles.BUYER), order, "a.png", PNG)
    key = DocumentFile.objects.get().pk
    stranger = browser_at(world, roles.BUYER, world.chengdu)
    assert send(stranger, order, "b.png", PNG + b"2").status_code == 422
    assert stranger.get(f"/documents/files/{key}/content").status_code == 404
    auditor = browser(world, roles.AUDITOR)
    assert "tw-attach" not in auditor.get(f"{page(order)}?tab=files").content.decode()
    assert send(auditor, order, "b.png", PNG + b"2").status_code == 403
    assert DocumentFile.objects.count() == 1


def test_a_wrong_file_is_void_and_stays_to_be_seen(world: World) -> None:
    order, head = ordered(world), browser(world, roles.QUALITY_HEAD)
    send(head, order, "a.png", PNG)
    row = DocumentFile.objects.get()
    html = head.get(f"{page(order)}?tab=files").content.decode()
    assert f"/do/documents.void_file?file_id={row.pk}" in html
    head.post("/do/documents.void_file", {"file_id": row.pk, "reason": "别的批次"})
    assert VoidedFile.objects.get().voided_id == row.pk
    told = life_of(head.get(f"{page(order)}?tab=files").content.decode())
    assert all(one in told for one in ("a.png", "已作废", "别的批次", roles.QUALITY_HEAD.zh))
    assert "附件 0" in told
