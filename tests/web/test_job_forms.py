"""Forms of the main job say what was found, what lacks, and what is wrong in its line. # UX-01"""

import re
import uuid
from html import unescape

from tests import inbound, outbound
from tests.web.test_forms import html_of, sent_by
from tests.web.test_pages import PASSWORD, browser, company, text_of
from tests.web.test_stations import stocked
from tests.world import World
from traceward.domain.partners.models import Partner
from traceward.domain.places.models import Place
from traceward.domain.quality.models import Inspection
from traceward.domain.warehousing.commands import shipping
from traceward.domain.warehousing.models import Receipt, Shipment
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party

__all__ = ["company", "stocked"]


def test_what_is_wrong_with_a_line_stands_in_that_line(world: World) -> None:
    receipt = released(world)
    client = browser(world, roles.STOREKEEPER)
    address = f"/do/warehousing.put_away?receipt_id={receipt.pk}"
    given = sent_by(html_of(client, address))
    given |= {f"lines.{n}.to_place_id": f"#{_bin(world)}" for n in range(2)}
    answer = client.post(address, {**given, "lines.1.quantity": "-5"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert 'id="lines-1-quantity-problem"' in html
    (field,) = re.findall(r'<input[^>]*name="lines.1.quantity"[^>]*>', html)
    assert 'aria-invalid="true"' in field
    assert "tw-note tw-bad" not in html


def released(world: World) -> Receipt:
    """Two lots were received and are good."""
    labels = [(inbound.code("STENT", "L1"), 3), (inbound.code("STENT", "L2"), 2)]
    first, _ = inbound.inspected(world, *labels)
    client = browser(world, roles.QUALITY_HEAD)
    address = f"/do/inbound.decide_lots?receipt_id={first.source_id}"
    client.post(address, {**sent_by(html_of(client, address)), "signature": PASSWORD})
    return Receipt.objects.get(pk=first.source_id)


def test_only_bins_that_may_keep_the_goods_are_offered(world: World) -> None:  # INB-04
    Place.objects.filter(code="A-02").update(zone="rejected")
    Place.objects.filter(code="A-01").update(temperature_c_min=2, temperature_c_max=8)
    receipt = released(world)
    client = browser(world, roles.STOREKEEPER)
    address = f"/do/warehousing.put_away?receipt_id={receipt.pk}"
    html = html_of(client, address)
    asked = re.search(r'<select[^>]*name="lines.0.to_place_id".*?</select>', html, re.S)
    assert asked is not None
    options = re.findall(r"<option[^>]*>([^<]+)</option>", asked[0])
    assert any(text.startswith("A-01 · ") and "2–8 °C" in text for text in options), options
    assert not any(text.startswith("A-02") for text in options)
    given = sent_by(html) | {f"lines.{n}.to_place_id": f"#{_bin(world)}" for n in range(2)}
    assert client.post(address, given).status_code == 302
    html = html_of(client, address)
    assert "该收货单的货物已全部上架。" in html
    offered = re.search(r'<select[^>]*name="lines.0.receipt_line_id".*?</select>', html, re.S)
    assert offered is not None
    assert len(re.findall(r'value="#\d+"', offered[0])) == 2


def test_a_whole_delivery_is_decided_from_its_receipt(world: World) -> None:
    labels = [(inbound.code("STENT", "L1"), 3), (inbound.code("STENT", "L2"), 2)]
    first, _ = inbound.inspected(world, *labels)
    client = browser(world, roles.QUALITY_HEAD)
    html = html_of(client, f"/do/inbound.decide_lots?receipt_id={first.source_id}")
    given = sent_by(html)
    told = text_of(html)
    assert "标签" in told  # what was found stands at each lot # INB-03
    assert "通过，抽样" in told
    assert "通过，抽样" in given["verdicts.1.~"]
    for n in range(2):
        given[f"verdicts.{n}.conclusion"] = "合格"
    answer = client.post("/do/inbound.decide_lots", {**given, "signature": PASSWORD})
    assert answer.status_code == 302, text_of(answer.content.decode())
    assert set(Inspection.objects.values_list("state", flat=True)) == {"decided"}


def test_who_promises_stock_sees_what_lacks_and_why(world: World) -> None:  # INV-06
    world.stock(world.lot("STENT", "L1"), 2)
    order = outbound.ordered(world, quantity=5).order_id
    client = browser(world, roles.SALES)
    address = f"/do/outbound.allocate?order_id={order}"
    html = html_of(client, address)
    assert "待配数量" in text_of(html)
    assert '<b class="tw-c-bad">5</b>' in html
    assert client.post(address, sent_by(html)).status_code == 302
    page = html_of(client, f"/sales/orders/{order}")
    (told,) = re.findall(r'<div class="tw-note tw-warn".*?</div>', page, re.S)
    assert "缺 3 件" in text_of(told)
    (why,) = re.findall(r'href="(/ask/stock.passed_over[^"]*)"', told)
    assert client.get(unescape(why)).status_code == 200
    assert '<b class="tw-c-bad">3</b>' in page


def _bin(world: World) -> int:
    return int(world.places["A-01"].pk)


def test_a_form_that_is_too_old_names_in_words_what_was_done(world: World) -> None:
    pk = inbound.ordered(world)  # and approved meanwhile
    given = {"order_id": str(pk), "reason": "no longer needed", "version_seen": f'"{pk}-1"'}
    for language, verb in (("zh-hans", "批准"), ("en", "Approve")):
        client = browser(world, roles.BUYER, language)
        answer = client.post("/do/purchasing.close", {**given, "request_id": str(uuid.uuid4())})
        assert answer.status_code == 412
        told = text_of(answer.content.decode())
        assert f"“{verb}" in told
        assert "purchasing.approve" not in told


def test_a_count_from_the_first_page_has_the_lines_of_its_bin(world: World) -> None:  # WMS-04
    world.stock(world.lot("STENT", "L1"), 9)
    client = browser(world, roles.STOREKEEPER)
    html = html_of(client, "/do/warehousing.count?next=/")
    assert 'name="place_id"' in html
    assert "lines.0." not in html
    chosen = client.get("/do/warehousing.count", {"place_id": "a-01", "next": "/"})
    assert chosen.status_code == 302
    assert "lines.0.item_id" in html_of(client, chosen["Location"])
    for wrong in ("nowhere", "#999999", "x" * 5000, "\x00"):
        refused = client.get("/do/warehousing.count", {"place_id": wrong})
        assert refused.status_code == 422, wrong
        assert 'id="place_id-problem"' in refused.content.decode()


def test_who_ships_is_led_to_the_delivery_note_and_opens_it(world: World) -> None:  # SAL-02
    world.stock(world.lot("STENT", "L1"), 5)
    pick = outbound.checked(world).pick_id
    client = browser(world, roles.DISPATCHER)
    address = f"/do/warehousing.ship?pick_id={pick}"
    carrier = {"carrier_name": "Quick Wheels", "waybill": "WB-1", "departure_c": "5"}
    named = {f"transport.{name}": value for name, value in carrier.items()}
    given = sent_by(html_of(client, address))
    answer = client.post(address, {**given, "transport.mode": "公路", **named})
    assert answer.status_code == 302, text_of(answer.content.decode())
    told = told_in(client.get(answer["Location"], follow=True).content.decode())
    (way,) = re.findall(r'href="(/do/warehousing.print_delivery_note[^"]*)"', told)
    answer = client.post(way, sent_by(html_of(client, way)))
    assert answer["Location"].startswith("/warehousing/shipments/")
    (paper,) = re.findall(
        r'href="(/documents/files/[^"]+/content)"', told_in(html_of(client, answer["Location"]))
    )
    opened = client.get(paper)
    assert b"".join(opened).startswith(b"%PDF")


def told_in(html: str) -> str:
    (told,) = re.findall(r'<div class="tw-note tw-ok".*?</div>', html, re.S)
    return str(told)


def test_a_carrier_is_called_as_the_reader_knows_it(stocked: World) -> None:  # UX-05
    """In English by its English name; the papers have the Chinese one, whoever wrote it."""
    party = Party.objects.create(name_zh="长风物流", name_en="Changfeng Logistics")
    Partner.objects.create(party=party, is_carrier=True)
    client = browser(stocked, roles.DISPATCHER)
    for name in ("Changfeng Logistics", "长风物流"):
        going = outbound.checked(stocked, quantity=1)
        page = client.get(f"/do/warehousing.ship?pick_id={going.pick_id}").content.decode()
        assert '<option value="长风物流">' in page
        transport = shipping.Transport("road", carrier_name=name, waybill="WB-9")
        shipping.ship(going.pick_id, transport, by=stocked.by(roles.DISPATCHER))
    assert set(Shipment.objects.values_list("carrier_name", flat=True)) == {"长风物流"}
    assert "长风物流" in client.get("/warehousing/shipments?view=all").content.decode()
    client.cookies["language"] = "en"
    page = client.get("/warehousing/shipments?view=all").content.decode()
    assert "Changfeng Logistics" in page
    assert "长风物流" not in page
    going = outbound.checked(stocked, quantity=1)
    page = client.get(f"/do/warehousing.ship?pick_id={going.pick_id}").content.decode()
    assert 'value="Changfeng Logistics"' in page, "as the last one travelled"
