"""Forms find the record that is meant: while typing, and by code or number when sent. # UX-01"""

import uuid

import pytest
from django.test import Client

from tests.inbound import ordered
from tests.web.local import browser_at
from tests.web.test_pages import browser, company, text_of
from tests.world import World
from traceward.domain.purchasing.models import PurchaseOrder
from traceward.domain.stock.models import Lot, StockBlock
from traceward.kernel.org import roles
from traceward.web.kit import pickers

__all__ = ["company"]


def block(client: Client, lot: str) -> tuple[int, str]:
    """Asks to block this lot; the status and what is said."""
    given = {"scope.lot_id": lot, "kind": "hold", "reason": "破损", "request_id": str(uuid.uuid4())}
    answer = client.post("/do/stock.block", given)
    return answer.status_code, text_of(answer.content.decode())


def test_rows_are_offered_while_typing(world: World) -> None:
    first, second = world.lot("STENT", "AB-1"), world.lot("STENT", "AB-2")
    other = world.lot("STENT", "ZZ")
    client = browser(world, roles.QUALITY_HEAD)
    html = client.get("/pick/stock/lots?q=ab-").content.decode()
    assert f'value="#{first.pk} ' in html
    assert f'value="#{second.pk} ' in html
    assert f"#{other.pk} " not in html
    assert "STENT" in client.get("/pick/catalog/items?q=sten").content.decode()
    for text in ("\x00", "x" * 5000, "nothing"):
        answer = client.get("/pick/stock/lots", {"q": text})
        assert answer.status_code == 200
        assert "data-value" not in answer.content.decode()
        assert "没有您可查看的匹配项。" in answer.content.decode()


def test_only_what_the_visitor_may_see_is_offered(world: World) -> None:  # ORG-02
    order = PurchaseOrder.objects.get(pk=ordered(world))
    address = f"/pick/purchasing/orders?q={order.number}"
    near = browser_at(world, roles.BUYER, world.shanghai).get(address)
    far = browser_at(world, roles.BUYER, world.chengdu).get(address)
    assert "data-value" in near.content.decode()
    assert "data-value" not in far.content.decode()
    assert browser(world, roles.PICKER).get("/pick/org/people?q=test").status_code == 403


def test_a_long_list_is_searched_from_its_field(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lots = [world.lot("STENT", f"L{n}") for n in range(3)]
    monkeypatch.setattr(pickers, "WHOLE", 2)
    client = browser(world, roles.QUALITY_HEAD)
    html = client.get(f"/do/stock.block?scope.lot_id={lots[0].pk}").content.decode()
    assert 'data-pick="/pick/stock/lots"' in html
    assert f'value="#{lots[0].pk} ' in html


def test_a_number_that_was_typed_counts_for_its_record(world: World) -> None:
    lot = world.lot("STENT", "AB-1")
    client = browser(world, roles.QUALITY_HEAD)
    for text in ("ab-1", f"#{lot.pk}", f"#{lot.pk} AB-1 · STENT"):
        assert block(client, text)[0] == 302
    assert StockBlock.objects.filter(lot=lot).count() == 3


def test_what_means_nothing_or_several_is_told_at_its_field(world: World) -> None:
    world.lot("STENT", "AB-1")
    world.lot("PACER", "AB-1")
    for language, none, several in (
        ("zh-hans", "没有您可查看的“NO”", "可能指多个"),
        ("en", "Nothing that you may see is called “NO”", "may be several"),
    ):
        client = browser(world, roles.QUALITY_HEAD, language)
        for text, told in (("NO", none), ("AB-1", several)):
            status, html = block(client, text)
            assert status == 422
            assert told in html
    assert not StockBlock.objects.exists()


def test_a_number_that_is_anothers_id_is_not_guessed(world: World) -> None:
    one = world.lot("STENT", "AB-1")
    Lot.objects.create(item=one.item, maker=one.maker, number=str(one.pk), raw_number="x")
    client = browser(world, roles.QUALITY_HEAD)
    assert block(client, str(one.pk))[0] == 422
    assert not StockBlock.objects.exists()
