"""Files over HTTP: found by the hash of their bytes, and attached. # DOC-01"""

import base64
import hashlib
import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.api.test_reading import Elsewhere, getter, person
from tests.inbound import ordered
from tests.outbound import shipped
from tests.world import World
from traceward.api.limits import STRANGERS
from traceward.domain.warehousing.commands import noting
from traceward.domain.warehousing.models import Shipment
from traceward.kernel.command.tokens import token_for
from traceward.kernel.documents.contents import MAX_UPLOAD
from traceward.kernel.documents.files import content_of
from traceward.kernel.documents.models import DocumentFile
from traceward.kernel.org import roles


def test_a_paper_is_found_by_its_hash(world: World) -> None:
    STRANGERS.forget()
    world.stock(world.lot("STENT", "L1"), 5)
    shipment = Shipment.objects.get(pk=shipped(world).shipment_id)
    noting.archive_delivery_note(shipment.uid, by=world.by(roles.SYSTEM))
    row = DocumentFile.objects.select_related("file").get()
    digest = hashlib.sha256(content_of(row.file).content).hexdigest()
    get = getter(person(world, roles.AUDITOR))
    for asked in (digest, digest.upper()):
        status, page = get("documents/files", sha256=asked)
        assert status == 200, page
        (found,) = page["rows"]
        assert (found["sha256"], found["document_id"]) == (digest, shipment.pk)
    assert get("documents/files", sha256="0" * 64)[1]["rows"] == []
    assert get("documents/files", sha256="abc")[1]["field"] == "sha256"
    elsewhere = getter(Elsewhere(world, site=True).person)
    assert elsewhere("documents/files", sha256=digest)[1]["rows"] == []  # SEC-01


def test_a_file_comes_as_multipart_or_in_the_json(  # INT-02
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    STRANGERS.forget()
    buyer, order, client = person(world, roles.BUYER), ordered(world), Client()
    headers = {"Authorization": f"Bearer {token_for(buyer)}", "Idempotency-Key": "one"}
    path = "/api/v1/commands/documents.attach_file"
    given = {"document_id": order, "role": "test report"}
    for _ in range(2):  # once, whatever the number of tries
        file = io.BytesIO(b"%PDF-1.7")
        file.name = "报告.pdf"
        answer = client.post(path, {"arguments": json.dumps(given), "file": file}, headers=headers)
        assert answer.status_code == 200, answer.content
        told = answer.json()["answer"]
        assert (told["name"], told["version"]) == ("报告.pdf", 1)
    sent = {"name": "b.pdf", "base64": base64.b64encode(b"%PDF-2").decode()}
    answer = client.post(
        path,
        json.dumps({**given, "file": sent}),
        content_type="application/json",
        headers={**headers, "Idempotency-Key": "two"},
    )
    assert answer.json()["answer"]["version"] == 2
    (first, _) = sorted(getter(buyer)("documents/files")[1]["rows"], key=lambda row: row["id"])
    assert (first["standing"], first["attached_by_login"]) == ("counts", buyer.login)
    content = client.get(f"/api/v1/documents/files/{first['id']}/content", headers=headers)
    assert content.content == b"%PDF-1.7"
    assert "attachment" in content["Content-Disposition"]


@pytest.mark.parametrize(
    ("body", "length", "status"),
    [
        (b"x", str(MAX_UPLOAD + 1_000_000), 413),
        (b"x", "", 411),
        (b"no parts", None, 422),
        (b'--x\r\nContent-Disposition: form-data; name="arguments"\r\n\r\n[1]\r\n--x--', None, 422),
    ],
)
def test_multipart_that_cannot_be_taken_is_refused(
    world: World, body: bytes, length: str | None, status: int
) -> None:
    STRANGERS.forget()
    token = token_for(person(world, roles.BUYER))
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    asked = {} if length is None else {"CONTENT_LENGTH": length}
    answer = Client(raise_request_exception=False).generic(
        "POST",
        "/api/v1/commands/documents.attach_file",
        body,
        "multipart/form-data; boundary=x",
        headers=headers,
        **asked,
    )
    assert answer.status_code == status, answer.content
    assert answer.json()["title"]
