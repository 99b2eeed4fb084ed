"""A document's page tells what was done to it, and hands out its files. # UX-01 SEC-02"""

import re

import pytest

from tests.inbound import ordered
from tests.outbound import shipped
from tests.web.local import browser_at
from tests.web.test_pages import browser, company, text_of
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.purchasing.models import PurchaseOrder
from traceward.domain.warehousing.commands import noting
from traceward.domain.warehousing.models import Shipment
from traceward.kernel.documents.models import DocumentFile
from traceward.kernel.org import roles
from traceward.web.kit import history

__all__ = ["company"]


def life_of(html: str) -> str:
    """The part of the page that tells its history or files."""
    (found,) = re.findall(r'<section class="tw-card" id="life".*?</section>', html, flags=re.S)
    return text_of(found)


@pytest.fixture
def order(world: World) -> PurchaseOrder:
    return PurchaseOrder.objects.get(pk=ordered(world))


def test_the_auditor_sees_every_step_with_both_values(world: World, order: PurchaseOrder) -> None:
    purchasing.close(order.pk, "供应商停产", by=world.by(roles.BUYER))
    for language, words in (
        ("zh-hans", ("审计轨迹", "供应商停产", "状态")),
        ("en", ("Audit trail", "供应商停产", "State")),
    ):
        client = browser(world, roles.AUDITOR, language)
        told = life_of(client.get(f"/purchasing/orders/{order.pk}?tab=audit").content.decode())
        assert all(one in told for one in words)
        assert "→" in told
        assert told.count(roles.SUPERVISOR.zh if language == "zh-hans" else "supervisor") == 2
        assert told.index("供应商停产") < told.index("→")


def test_others_see_who_did_what_and_no_values(world: World, order: PurchaseOrder) -> None:
    client = browser(world, roles.BUYER)
    html = client.get(f"/purchasing/orders/{order.pk}?tab=audit").content.decode()
    told = life_of(html)
    assert "动态" in told
    assert "审计轨迹" not in told
    assert "→" not in told
    assert world.by(roles.BUYER).login not in told
    assert roles.BUYER.zh in told
    assert roles.SUPERVISOR.zh in told


def test_a_long_history_leads_to_the_rest(
    world: World, order: PurchaseOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "SHOWN", 1)
    client = browser(world, roles.AUDITOR)
    html = client.get(f"/purchasing/orders/{order.pk}?tab=audit").content.decode()
    rest = f"/audit/entries?document_id={order.pk}"
    assert rest in html
    listed = client.get(rest).content.decode()
    assert 'role="alert"' not in listed
    assert "document_id" not in text_of(listed)


def test_a_file_is_handed_out_to_who_may_read_its_document(world: World) -> None:  # ORG-02
    world.stock(world.lot("STENT", "L1"), 5)
    shipment = Shipment.objects.get(pk=shipped(world).shipment_id)
    noting.archive_delivery_note(shipment.uid, by=world.by(roles.SYSTEM))
    address = f"/documents/files/{DocumentFile.objects.get().pk}/content"
    client = browser(world, roles.PICKER)
    page = f"/warehousing/shipments/{shipment.pk}"
    assert address in client.get(f"{page}?tab=files").content.decode()
    answer = client.get(address)
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert browser_at(world, roles.PICKER, world.shanghai).get(address).status_code == 200
    assert browser_at(world, roles.PICKER, world.chengdu).get(address).status_code == 404
    for key in ("999999", "x"):
        assert client.get(f"/documents/files/{key}/content").status_code == 404
