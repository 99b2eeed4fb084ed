"""The steps of receipts, orders and transfers lead through the documents of others. # UX-01"""

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import inbound, outbound
from tests.web.test_pages import browser, company, text_of
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place
from traceward.domain.quality import commands as quality
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.stock.models import Status
from traceward.domain.warehousing.commands import storing
from traceward.domain.warehousing.models import ReceiptLine
from traceward.kernel.org import roles

__all__ = ["company"]


def steps(client: Client, address: str) -> list[tuple[str, str, str]]:
    """Each step: how far, its name, what stands below it."""
    html = client.get(address).content.decode()
    (part,) = re.findall(r'<ol class="tw-step".*?</ol>', html, flags=re.S)
    return [
        (css, text_of(label), text_of(about))
        for css, label, about in re.findall(
            r'<li class="tw-(\w+)".*?<div class="tw-l">(.*?)</div>(.*?)</li>', part, flags=re.S
        )
    ]


def came(world: World, *numbers: str) -> tuple[int, list[int]]:
    """A receipt of lots of three units, and its inspections."""
    lines = tuple((inbound.code("STENT", number), 3) for number in numbers)
    receipt = inbound.received(world, *lines)
    opened = quality.open_inspections(receipt.receipt_uid, by=world.by(roles.SYSTEM))
    return receipt.receipt_id, opened.inspection_ids


def inspect(world: World, pk: int) -> None:
    for name in inbound.CHECKS:
        quality.record_result(pk, name, True, 1, by=world.by(roles.INSPECTOR))


def decide(world: World, pk: int, accepted: int, rejected: int = 0) -> None:
    share = Share(world.places["DOCK"].pk, accepted, rejected)
    words = {"defects": "bent", "disposition": "send back"} if rejected else {}
    head = world.by(roles.QUALITY_HEAD).reauthenticated()
    quality.decide(pk, [share], "as found", **words, by=head)


def test_an_inspection_is_decided_once_all_is_recorded(world: World) -> None:  # INB-03
    _, (pk,) = came(world, "L1")
    inspector, head = browser(world, roles.INSPECTOR), browser(world, roles.QUALITY_HEAD)
    address = f"/quality/inspections/{pk}"
    assert 'tw-pri" href="/do/quality.record_result' in inspector.get(address).content.decode()
    inspect(world, pk)
    html = inspector.get(address).content.decode()
    assert "tw-btn tw-pri" not in html
    assert "下一步： 验收判定 · 质量负责人、质管员" in text_of(html)
    assert 'tw-pri" href="/do/quality.decide' in head.get(address).content.decode()


def test_a_receipt_leads_through_inspection_and_decision(world: World) -> None:  # INB-03 INB-04
    receipt, (first, second) = came(world, "L1", "L2")
    address = f"/warehousing/receipts/{receipt}"
    keeper, auditor = browser(world, roles.STOREKEEPER), browser(world, roles.AUDITOR)
    found = steps(auditor, address)
    assert [name for _, name, _ in found] == ["已通知", "已收货", "验收", "判定", "已上架"]
    assert [css for css, _, _ in found] == ["done", "done", "now", "todo", "todo"]
    assert roles.STOREKEEPER.zh in found[1][2]
    assert found[2][2] == " 0 / 2 "
    html = keeper.get(address).content.decode()
    assert html.count("待验</span>") >= 2
    assert "批量登记验收 · 验收员" in text_of(html), "what is due is another's"
    assert (
        "/do/warehousing.put_away"
        not in html.partition('class="tw-act"')[2].partition("</summary>")[0]
    ), "nothing is put away that nobody has decided about"
    assert "/do/warehousing.put_away" not in keeper.get("/board").content.decode()
    inspect(world, first)
    inspect(world, second)
    assert steps(auditor, address)[2][2] == " 2 / 2 "
    decide(world, first, 3)
    found = steps(auditor, address)
    assert [css for css, _, _ in found] == ["done", "done", "done", "now", "todo"]
    assert found[3][2].startswith(" 1 / 2 · ")
    assert roles.QUALITY_HEAD.zh in found[3][2]
    assert "/do/warehousing.put_away" in keeper.get("/board").content.decode()
    html = keeper.get(address).content.decode()
    assert 'class="tw-btn tw-pri" href="/do/warehousing.put_away' in html
    decide(world, second, 2, 1)
    html = auditor.get(address).content.decode()
    assert "部分合格</span>" in html
    assert "合格</span>" in html
    number = Inspection.objects.get(pk=second).number
    feed = text_of(html.partition('id="life"')[2])
    assert f"验收判定 {number}" in feed
    assert "登记验收结果" in feed
    assert "不合格" not in text_of(re.findall(r'<ol class="tw-step".*?</ol>', html, flags=re.S)[0])


def test_what_was_put_away_stands_at_its_line(world: World) -> None:  # INB-04
    receipt, (pk,) = came(world, "L1")
    inspect(world, pk)
    decide(world, pk, 3)
    line = ReceiptLine.objects.get(receipt=receipt)
    away = storing.PutAway(line.pk, 2, world.places["A-01"].pk, status=Status.QUALIFIED)
    storing.put_away(receipt, [away], by=world.by(roles.STOREKEEPER))
    client = browser(world, roles.AUDITOR, "en")
    html = client.get(f"/warehousing/receipts/{receipt}").content.decode()
    assert re.search(r'data-label="Put away"><b class="tw-c-bad">2</b>', html)
    listed = client.get("/warehousing/receipt_lines").content.decode()
    assert "Qualified</span>" in listed
    assert "Pending" not in text_of(listed.partition("<tbody")[2].partition("</tbody")[0])


def test_many_lots_ask_no_more_than_few(world: World) -> None:
    asked, client = [], browser(world, roles.AUDITOR)
    for numbers in (("L1",), ("M1", "M2", "M3")):
        receipt, inspections = came(world, *numbers)
        for pk in inspections:
            inspect(world, pk)
            decide(world, pk, 3)
        client.get(f"/warehousing/receipts/{receipt}")
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/warehousing/receipts/{receipt}")
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_an_order_shows_the_whole_way(world: World) -> None:  # OUT-01
    world.stock(world.lot("STENT", "L1"), 30)
    outbound.shipped(world)
    client = browser(world, roles.AUDITOR, "en")
    listed = client.get("/sales/orders?view=all").content.decode()
    (address,) = set(re.findall(r'data-open="(/sales/orders/\d+)', listed))
    found = steps(client, address)
    assert [name for _, name, _ in found] == [
        *("Open", "Promised", "Picked", "Checked", "Shipped", "Signed for", "Closed")
    ]
    assert [css for css, _, _ in found] == [*["done"] * 5, "now", "todo"]
    assert {about.strip() for _, _, about in found[1:5]} == {"3 / 3"}


def test_a_bin_that_keeps_the_goods_is_proposed(world: World) -> None:  # INB-04 INV-09
    receipt, (pk,) = came(world, "L1")
    inspect(world, pk)
    decide(world, pk, 3)
    client, address = (
        browser(world, roles.STOREKEEPER),
        f"/do/warehousing.put_away?receipt_id={receipt}",
    )
    Place.objects.filter(code="C-01").update(zone="qualified")
    Place.objects.filter(code="DOCK").update(temperature_c_min=10, temperature_c_max=30)
    cold = world.places["C-01"]

    def proposed() -> str:
        html = client.get(address).content.decode()
        (field,) = re.findall(r'name="lines.0.to_place_id".*?</select>', html, flags=re.S)
        chosen = re.findall(r'value="#(\d+)" selected', field)
        return chosen[0] if chosen else ""

    assert proposed() != str(cold.pk)
    Item.objects.filter(code="STENT").update(storage_c_min=2, storage_c_max=8)
    assert proposed() == str(cold.pk)
    Place.objects.filter(pk=cold.pk).update(temperature_c_max=12)
    assert proposed() == "", "none is proposed rather than one that is too warm"


def test_an_order_says_what_is_next_and_whose(world: World) -> None:  # OUT-01
    world.stock(world.lot("STENT", "L1"), 30)

    def told(going: outbound.Going) -> str:
        client = browser(world, roles.STOREKEEPER, "en")
        return client.get(f"/sales/orders/{going.order_id}").content.decode()

    start = 'class="tw-btn tw-pri" href="/do/outbound.start_pick'
    assert start in told(outbound.allocated(world))
    html = told(outbound.opened(world))
    assert start not in html, "it is being fetched"
    assert "Pick · Picker" in text_of(html)
    assert "Start pick" in text_of(html), "its activity says what was done to its picks"
    assert "Check · Checker" in text_of(told(outbound.picked(world)))
    assert "Ship · " in text_of(told(outbound.checked(world)))


def test_a_shipment_to_a_customer_is_signed_for(world: World) -> None:  # OUT-06
    world.stock(world.lot("STENT", "L1"), 30)
    pick = outbound.checked(world).pick_id
    keeper = browser(world, roles.STOREKEEPER, "en")
    html = keeper.get(f"/warehousing/picks/{pick}").content.decode()
    assert 'class="tw-btn tw-pri" href="/do/warehousing.pack' in html, "nothing of it is packed"
    shipment = outbound.shipped(world).shipment_id
    html = keeper.get(f"/warehousing/shipments/{shipment}").content.decode()
    assert "/do/transfers.receive" not in html
    assert "Sign for · " in text_of(html)
