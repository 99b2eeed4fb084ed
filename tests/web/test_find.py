"""One box finds what the visitor may see, and goes straight to what can be one only. # UX-01"""

from datetime import date

import pytest

from tests.inbound import code, ordered
from tests.web.local import browser_at
from tests.web.test_pages import browser, company, text_of
from tests.world import World
from traceward.domain.purchasing.models import PurchaseOrder
from traceward.kernel.org import roles

__all__ = ["company"]


@pytest.fixture
def stocked(world: World) -> World:
    for number in ("AB-1", "AB-2", "ZZ-9"):
        world.stock(world.lot("STENT", number, date(2030, 12, 31)), 5)
    return world


def test_a_document_number_leads_straight_to_its_page(world: World) -> None:
    order = PurchaseOrder.objects.get(pk=ordered(world))
    client = browser(world, roles.BUYER)
    for text in (order.number, f" {str(order.number).lower()} "):
        answer = client.get("/find", {"q": text})
        assert answer["Location"] == f"/purchasing/orders/{order.pk}"


def test_a_scan_leads_straight_to_what_it_names(stocked: World) -> None:
    lot = stocked.lot("STENT", "AB-1")
    client = browser(stocked, roles.STOREKEEPER)
    answer = client.get("/find", {"q": code("STENT", "AB-1")})
    assert answer["Location"] == f"/stock/lots/{lot.pk}"
    assert client.get("/find", {"q": "A-01"})["Location"].startswith("/places/places/")


def test_several_hits_stand_in_groups(stocked: World) -> None:
    for language, item in (("zh-hans", "物料"), ("en", "Items")):
        client = browser(stocked, roles.STOREKEEPER, language)
        html = client.get("/find?q=ab").content.decode()
        assert f"/stock/lots/{stocked.lot('STENT', 'AB-1').pk}" in html
        assert f"/stock/lots/{stocked.lot('STENT', 'AB-2').pk}" in html
        assert "ZZ-9" not in html
        assert "/stock/lots?q=ab" in html
        found = text_of(client.get("/find?q=sten").content.decode())
        assert item in found
        assert "STENT" in found


def test_pages_and_commands_are_found_by_name_in_either_language(world: World) -> None:
    for language in ("zh-hans", "en"):
        client = browser(world, roles.QUALITY_HEAD, language)
        for text in ("批号", "lots"):
            assert 'href="/stock/lots"' in client.get("/find", {"q": text}).content.decode()
        assert "/do/stock.block" in client.get("/find", {"q": "stock.block"}).content.decode()


def test_nobody_finds_what_they_may_not_see(world: World) -> None:  # ORG-02
    client = browser(world, roles.PICKER)
    html = client.get("/find?q=stock.block").content.decode()
    assert "/do/stock.block" not in html
    assert "/org/people" not in client.get("/find?q=org.people").content.decode()
    assert "/org/people/" not in client.get("/find?q=test-").content.decode()


def test_documents_of_other_sites_are_not_found(world: World) -> None:  # ORG-02
    order = PurchaseOrder.objects.get(pk=ordered(world))
    client = browser_at(world, roles.BUYER, world.chengdu)
    answer = client.get("/find", {"q": order.number})
    assert answer.status_code == 200
    assert "/purchasing/orders/" not in answer.content.decode()
    client = browser_at(world, roles.BUYER, world.shanghai)
    assert client.get("/find", {"q": order.number}).status_code == 302


def test_nothing_found_says_what_to_try(world: World) -> None:
    for language, words in (("zh-hans", "请重新扫描"), ("en", "Scan the label again")):
        html = browser(world, roles.AUDITOR, language).get("/find?q=nothing-like-it")
        assert words in html.content.decode()
        assert browser(world, roles.AUDITOR, language).get("/find").status_code == 200


@pytest.mark.parametrize("text", ["a\x00b", "\x01\x02", "x" * 1001, "\x85", "字" * 5000])
def test_hostile_texts_get_a_sentence(world: World, text: str) -> None:  # SEC-01
    answer = browser(world, roles.AUDITOR).get("/find", {"q": text})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


@pytest.mark.parametrize(
    "text",
    ["\x1d0106901234567892", "%", "\u2003", "'; --", "<b>", "(01)1", "\U0010ffff", "x" * 999],
)
def test_strange_texts_find_nothing_or_something(world: World, text: str) -> None:  # SEC-01
    answer = browser(world, roles.AUDITOR).get("/find", {"q": text})
    assert answer.status_code in (200, 302)
    if answer.status_code == 200:
        assert "<b>&lt;" not in answer.content.decode()
