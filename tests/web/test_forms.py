"""Forms begin with what is known, and what is typed into them arrives as it was meant. # UX-01"""

import re
import uuid
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import inbound, outbound
from tests.ledger import database_now
from tests.web.local import browser_at
from tests.web.test_pages import PASSWORD, browser, company, text_of
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.purchasing.models import PurchaseOrder, ShippingNotice
from traceward.domain.quality.models import InspectionState
from traceward.domain.sales.commands import ordering
from traceward.domain.sales.models import Delivery, DeliveryReceiver
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, StockMove
from traceward.domain.warehousing.models import Receipt, Shipment, ShipmentLine
from traceward.kernel.command.parameters import set_parameter
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party

__all__ = ["company"]


def html_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def sent_by(html: str) -> dict[str, str]:
    """What the form would send as it stands."""
    (form,) = re.findall(r'<form method="post" class="tw-card tw-form".*?</form>', html, flags=re.S)
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r' name="([^"]+)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        if name:
            found[name[1]] = value[1] if value else ""
    for name, text in re.findall(
        r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S
    ):
        found[name] = text
    lists = r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>'
    for name, options in re.findall(lists, form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        first = re.search(r'value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else first[1] if first else ""
    return {name: unescape(text) for name, text in found.items()}


def test_a_receipt_begins_with_what_was_announced(world: World) -> None:
    label = inbound.code("STENT", "L1")
    notice = ShippingNotice.objects.get(pk=inbound.announced(world, (label, 4)).notice_id)
    client = browser(world, roles.STOREKEEPER)
    html = html_of(client, f"/do/inbound.receive_notice?notice_id={notice.pk}")
    assert str(notice.number) in text_of(html)
    given = sent_by(html)
    assert (given["scans.0.codes"], given["scans.0.packs"]) == (label, "4")
    assert "应到 4 件" in given["scans.0.~"]
    given |= {
        "delivery_note": "DN-7",
        "place_id": f"#{world.places['DOCK'].pk}",
        "journey.transport_mode": "road",
        "journey.deliverer": "老周",
    }
    answer = client.post("/do/inbound.receive_notice", given)
    assert answer.status_code == 302, text_of(answer.content.decode())
    assert Receipt.objects.get().delivery_note == "DN-7"


def test_who_received_is_told_what_was_made_and_how_it_stands(world: World) -> None:
    notice = inbound.announced(world, (inbound.code("STENT", "L1"), 4)).notice_id
    client = browser(world, roles.STOREKEEPER)
    given = sent_by(html_of(client, f"/do/inbound.receive_notice?notice_id={notice}"))
    given |= {"delivery_note": "DN-7", "place_id": f"#{world.places['DOCK'].pk}", "next": "/"}
    refused = client.post("/do/inbound.receive_notice", given)
    shown = text_of(refused.content.decode())  # all that is missing at once
    assert refused.status_code == 422
    assert "请填到货的运输方式。" in shown
    assert "请填送货人。" in shown
    given = sent_by(refused.content.decode())
    given |= {"journey.transport_mode": "road", "journey.deliverer": "老周"}
    answer = client.post("/do/inbound.receive_notice", given, headers={"X-Form": "1"})
    assert (answer.status_code, answer.headers["X-Next"]) == (204, "/")
    receipt = Receipt.objects.get()
    told = text_of(html_of(client, "/"))
    assert "已登记收货 4 件" in told
    assert str(receipt.number) in told
    assert str(receipt.number) not in text_of(html_of(client, "/me"))
    inspector = browser(world, roles.INSPECTOR)
    page = html_of(inspector, f"/warehousing/receipts/{receipt.pk}")
    (lead,) = re.findall(r'class="tw-btn tw-pri" href="([^"]+)"', page)
    assert lead.startswith("/do/quality.open_inspections")
    form = sent_by(html_of(inspector, unescape(lead)))
    assert form["document_uid"] == str(receipt.uid)
    assert inspector.post("/do/quality.open_inspections", form).status_code == 302
    typed = {"document_uid": str(receipt.number)}
    assert inspector.post("/do/quality.open_inspections", typed).status_code == 302


def test_only_places_where_goods_may_wait_are_offered(world: World) -> None:
    notice = inbound.announced(world, (inbound.code("STENT", "L1"), 4)).notice_id
    client = browser(world, roles.STOREKEEPER)
    html = html_of(client, f"/do/inbound.receive_notice?notice_id={notice}")
    (options,) = re.findall(r'<select[^>]* name="place_id".*?</select>', html, re.S)
    offered = {int(pk) for pk in re.findall(r'value="#(\d+)"', options)}
    kinds = set(Place.objects.filter(pk__in=offered).values_list("kind", flat=True))
    assert world.places["DOCK"].pk in offered
    assert kinds <= {"dock", "bin"}


def test_a_decision_begins_with_what_stands_pending(world: World) -> None:
    (inspection,) = inbound.inspected(world, (inbound.code("STENT", "L1"), 4))
    client = browser(world, roles.QUALITY_HEAD)
    html = html_of(client, f"/do/quality.decide?inspection_id={inspection.pk}")
    given = sent_by(html)
    assert given["shares.0.accepted"] == "4"
    assert given["shares.0.rejected"] == "0"
    assert "shares.0.serial_id" not in given
    assert "放行判定" in text_of(html)
    given |= {"conclusion": "合格", "signature": PASSWORD}
    answer = client.post("/do/quality.decide", given)
    assert answer.status_code == 302, text_of(answer.content.decode())
    inspection.refresh_from_db()
    assert inspection.state == InspectionState.DECIDED


def test_who_signs_with_a_wrong_password_keeps_what_was_typed(world: World) -> None:
    (inspection,) = inbound.inspected(world, (inbound.code("STENT", "L1"), 4))
    client = browser(world, roles.QUALITY_HEAD)
    given = sent_by(html_of(client, f"/do/quality.decide?inspection_id={inspection.pk}"))
    answer = client.post("/do/quality.decide", {**given, "conclusion": "合格", "signature": "no"})
    html = answer.content.decode()
    assert answer.status_code == 401
    assert "合格</textarea>" in html
    assert 'value="no"' not in html
    assert sent_by(html)["shares.0.accepted"] == "4"
    (field,) = re.findall(r'<label class="tw-field tw-wrong">.*?</label>', html)
    assert 'name="signature"' in field
    assert "autofocus" in field
    assert "密码" in text_of(field)
    assert "tw-note tw-bad" not in html


def test_a_delivery_begins_with_all_that_was_sent(world: World) -> None:
    world.stock(world.lot("STENT", "L1"), 5)
    shipment = Shipment.objects.get(pk=outbound.shipped(world).shipment_id)
    client = browser(world, roles.COORDINATOR)
    given = sent_by(html_of(client, f"/do/sales.sign_for?shipment_id={shipment.pk}"))
    sent = dict(shipment_lines(shipment))
    assert {given["lines.0.line_number"]: given["lines.0.quantity"]} == sent
    asked = {"~verb": "sales.sign_for", "~path": "lines.0.quantity", "~text": "3 件"}
    asked |= {name: given[name] for name in ("shipment_id", "lines.0.line_number")}
    assert "<b>3 件</b>" in client.get("/units", asked).content.decode()


def shipment_lines(shipment: Shipment) -> list[tuple[str, str]]:
    rows = ShipmentLine.objects.filter(shipment=shipment)
    return [(str(n), str(q)) for n, q in rows.values_list("line__line_number", "quantity")]


def order_form(world: World, **more: str) -> dict[str, str]:
    return {
        "site_id": str(world.shanghai.pk),
        "supplier_id": str(world.supplier.pk),
        "request_id": str(uuid.uuid4()),
        **more,
    }


def line(world: World, n: int, quantity: str) -> dict[str, str]:
    return {
        f"lines.{n}.item_id": f"#{world.items['STENT'].pk}",
        f"lines.{n}.quantity": quantity,
        f"lines.{n}.unit_price": "12.5",
    }


def test_lines_that_were_left_empty_do_not_count(world: World) -> None:
    client = browser(world, roles.BUYER)
    empty = {"lines.1.item_id": "", "lines.1.quantity": "", "lines.1.unit_price": ""}
    given = order_form(world, **line(world, 0, "3"), **empty, **line(world, 2, "x"))
    answer = client.post("/do/purchasing.order", given)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert not PurchaseOrder.objects.exists()
    kept = sent_by(html)
    assert (kept["lines.0.quantity"], kept["lines.1.quantity"]) == ("3", "x")
    assert "lines.2.quantity" not in kept
    (wrong,) = re.findall(r'<input[^>]*aria-invalid="true"[^>]*>', html)
    assert 'name="lines.1.quantity"' in wrong


def test_lines_are_added_and_removed_without_a_script(world: World) -> None:
    client = browser(world, roles.BUYER)
    given = order_form(world, **line(world, 0, "3"), **line(world, 1, "4"))
    more = sent_by(client.post("/do/purchasing.order", {**given, "more": "lines"}).content.decode())
    assert more["lines.2.quantity"] == ""
    less = client.post("/do/purchasing.order", {**given, "less": "lines.0"}).content.decode()
    assert sent_by(less)["lines.0.quantity"] == "4"
    assert "lines.1.quantity" not in sent_by(less)
    assert not PurchaseOrder.objects.exists()


def test_a_form_has_two_hundred_lines_at_most(world: World) -> None:
    client = browser(world, roles.BUYER)
    given = order_form(world, **{f"lines.{n}.quantity": "1" for n in range(300)})
    answer = client.post("/do/purchasing.order", given)
    assert answer.status_code == 422
    assert not PurchaseOrder.objects.exists()


def test_a_form_asks_as_often_for_many_lines_as_for_few(world: World) -> None:
    client = browser(world, roles.BUYER)

    def asked(count: int) -> int:
        given: dict[str, str] = {}
        for n in range(count):
            given |= line(world, n, "1")
        with CaptureQueriesContext(connection) as found:
            client.post("/do/purchasing.order", order_form(world, **given, more="lines"))
        return len(found)

    assert asked(2) == asked(40)


def test_a_label_fills_all_that_it_says(world: World) -> None:  # WMS-01
    lot = world.lot("STENT", "L1")
    world.stock(lot, 3)
    client = browser(world, roles.STOREKEEPER)
    found = client.get("/scan", {"code": inbound.code("STENT", "L1")}).json()
    assert found["fields"]["lot_id"].startswith(f"#{lot.pk} ")
    assert found["fields"]["item_id"].startswith(f"#{lot.item_id} ")
    assert found["fields"]["expires_on"] == "2030-12-31"
    for code in ("", "\x00", "x" * 5000, "(01)123", "'; DROP"):
        answer = client.get("/scan", {"code": code})
        assert answer.status_code == 200
        assert answer.json()["fields"] == {}


def test_what_only_scripts_ask_for_is_no_page(world: World) -> None:
    client = browser(world, roles.STOREKEEPER)
    for address in ("/scan", "/units", "/day"):
        assert client.get(address).status_code == 200
        answer = client.get(address, headers={"Sec-Fetch-Mode": "navigate"})
        assert answer.status_code == 404
        assert "tw-door" in answer.content.decode()


def test_several_records_are_named_a_line_each(world: World) -> None:  # UX-01
    """They are shown by name, not as bare ids; a line that means nothing is said at the field."""
    for number in ("L1", "L2"):
        lot = world.lot("STENT", number)
        world.stock(lot, 3)
        world.post(world.leg(Code.MOVE, lot, 3, "A-01", "C-01"))
    first, second = StockMove.objects.filter(code=Code.MOVE).order_by("pk")
    client = browser(world, roles.SUPERVISOR)
    address = f"/do/stock.reverse?move_ids={first.pk}"
    given = sent_by(html_of(client, address)) | {"reason": "录错"}
    assert re.fullmatch(rf"#{first.pk} \S.*", given["move_ids"])
    answer = client.post(address, given | {"move_ids": f"{given['move_ids']}\nXYZ"})
    assert answer.status_code == 422
    assert (
        "XYZ" in re.findall(r'id="move_ids-problem"[^>]*>(.*?)</span>', answer.content.decode())[0]
    )
    assert not StockMove.objects.filter(code=Code.REVERSE).exists()
    both = f"{given['move_ids']}\n{second.pk}"
    given["request_id"] = str(uuid.uuid4())
    answer = client.post(address, given | {"move_ids": both})
    assert answer.status_code == 302, text_of(answer.content.decode())
    assert StockMove.objects.filter(code=Code.REVERSE).count() == 2


def test_lots_are_offered_by_expiry_and_with_why_not(world: World) -> None:  # INV-06
    days = (date(2030, 5, 1), date(2030, 3, 1), date(2030, 1, 1))
    late, early, held = (world.lot("STENT", f"L{n}", day) for n, day in enumerate(days))
    for lot in (early, late, held):
        world.stock(lot, 4)
    block(Scope(lot_id=held.pk), BlockKind.HOLD, "破损", by=world.by(roles.QUALITY_HEAD))
    client = browser(world, roles.STOREKEEPER)
    address = f"/pick/stock/lots?item=%23{early.item_id}"
    html = client.get(address).content.decode()
    order = [int(pk) for pk in re.findall(r'data-value="#(\d+) ', html)]
    assert order == [early.pk, late.pk, held.pk]
    assert html.count("aria-disabled") == 1
    assert "冻结" in text_of(html)
    assert "可用 4" in text_of(html)


def test_lots_are_offered_as_the_customers_order_would_get_them(world: World) -> None:  # INV-06
    today = world.shanghai.day_at(database_now())
    short, long, held = (
        world.lot("STENT", f"L{n}", today + timedelta(days=days))
        for n, days in enumerate((100, 400, 900))
    )
    for lot in (short, long, held):
        world.stock(lot, 4)
    block(Scope(lot_id=held.pk), BlockKind.HOLD, "破损", by=world.by(roles.QUALITY_HEAD))
    by = world.by(roles.QUALITY_HEAD)
    set_parameter(
        "stock.allocation.minimum_days", 180, context={"customer": world.hospital.pk}, by=by
    )
    asked = {"item": f"#{short.item_id}", "site": str(world.shanghai.pk)}
    client = browser(world, roles.SALES)

    def offered(**more: str) -> tuple[list[int], str]:
        html = client.get("/pick/stock/lots", {**asked, **more}).content.decode()
        return [int(pk) for pk in re.findall(r'data-value="#(\d+) ', html)], text_of(html)

    order, told = offered(customer=f"#{world.hospital.pk}")
    assert order == [long.pk, short.pk, held.pk]
    assert "100" in told
    assert "180" in told
    assert "破损" in told
    order, told = offered()  # the rule for that customer does not count for others
    assert order == [short.pk, long.pk, held.pk]
    assert "180" not in told
    assert offered(site=str(world.chengdu.pk))[0] == []
    far = browser_at(world, roles.SALES, world.chengdu)
    assert "L1" not in far.get("/pick/stock/lots", asked).content.decode()


def test_drafts_hold_nothing_that_can_be_erased(world: World) -> None:  # SEC-03
    world.stock(world.lot("STENT", "L1"), 5)
    shipment = outbound.shipped(world).shipment_id
    html = html_of(browser(world, roles.COORDINATOR), f"/do/sales.sign_for?shipment_id={shipment}")
    (receiver,) = re.findall(r'<input[^>]*name="receiver"[^>]*>', html)
    assert "data-private" in receiver


def test_a_command_that_waits_says_what_happens_next(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 200)
    client = browser(world, roles.STOREKEEPER)
    given = {
        "differences.0.item_id": f"#{lot.item_id}",
        "differences.0.place_id": f"#{world.places['A-01'].pk}",
        "differences.0.change": "-150",
        "differences.0.owner_id": f"#{world.us.pk}",
        "differences.0.lot_id": f"#{lot.pk}",
        "reason": "盘点",
        "request_id": str(uuid.uuid4()),
        "next": f"/stock/lots/{lot.pk}",
    }
    answer = client.post("/do/stock.adjust", given)
    assert answer.status_code == 302
    assert "待另一人批准" in text_of(html_of(client, answer["Location"]))


def contact(world: World, client: Client) -> dict[str, str]:
    return sent_by(html_of(client, f"/do/org.amend_contact?party_id={world.hospital.pk}"))


def test_who_saves_second_is_shown_both_values(world: World) -> None:
    Party.objects.filter(pk=world.hospital.pk).update(address="旧街 1 号", phone="010")
    first, second = browser(world, roles.SALES), browser(world, roles.BUYER)
    one, other = contact(world, first), contact(world, second)
    assert one["address"] == "旧街 1 号"
    assert first.post("/do/org.amend_contact", {**one, "address": "东街 2 号"}).status_code == 302
    answer = second.post("/do/org.amend_contact", {**other, "address": "西街 3 号"})
    html = answer.content.decode()
    assert answer.status_code == 412
    told = text_of(html)
    assert all(text in told for text in ("旧街 1 号", "东街 2 号", "西街 3 号", roles.SALES.zh))
    assert Party.objects.get(pk=world.hospital.pk).address == "东街 2 号"
    again = sent_by(html)
    assert again["address"] == "西街 3 号"
    assert second.post("/do/org.amend_contact", again).status_code == 302
    assert Party.objects.get(pk=world.hospital.pk).address == "西街 3 号"


@pytest.mark.parametrize("seen", ["org.Party:x:y", "no.Such:1:2", "a:b", "17-", "org.Party:9:"])
def test_a_mark_that_is_none_changes_nothing(world: World, seen: str) -> None:
    client = browser(world, roles.SALES)
    given = {**contact(world, client), "address": "东街", "phone": "1", "version_seen": seen}
    assert client.post("/do/org.amend_contact", given).status_code in (404, 412, 422)
    assert Party.objects.get(pk=world.hospital.pk).address != "东街"


def test_one_button_is_the_next_step(world: World) -> None:
    order = PurchaseOrder.objects.get(pk=inbound.ordered(world))
    html = html_of(browser(world, roles.BUYER), f"/purchasing/orders/{order.pk}")
    assert html.count("tw-btn tw-pri") == 1
    assert "/do/purchasing.notify" in html
    assert "/do/purchasing.approve" not in html
    PurchaseOrder.objects.filter(pk=order.pk).update(state="closed")
    closed = html_of(browser(world, roles.BUYER), f"/purchasing/orders/{order.pk}")
    assert "tw-btn tw-pri" not in closed


def test_a_row_leads_to_those_beside_it(world: World) -> None:
    pks = [inbound.ordered(world) for _ in range(3)]
    client = browser(world, roles.BUYER)
    came_from = "view%3Dall%26sort%3Did"
    html = html_of(client, f"/purchasing/orders/{pks[1]}?in={came_from}")
    assert "2 / 3" in text_of(html)
    assert f"/purchasing/orders/{pks[0]}?in=" in html
    assert f"/purchasing/orders/{pks[2]}?in=" in html
    for wrong in ("nothing%3D1", "x" * 3000, "sort%3D%00", "state%3Dclosed"):
        assert " / 3" not in text_of(html_of(client, f"/purchasing/orders/{pks[1]}?in={wrong}"))


def test_a_held_lot_is_told_on_the_page_of_the_order(world: World) -> None:
    lot = world.lot("STENT", "L1")
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "标签破损", by=world.by(roles.QUALITY_HEAD))
    html = html_of(browser(world, roles.AUDITOR), f"/stock/lots/{lot.pk}")
    assert 'class="tw-note tw-hold"' in html
    assert "标签破损" in text_of(html)


def test_the_page_of_an_order_asks_as_often_for_many_lines(world: World) -> None:
    for number in ("L1", "L2", "L3"):
        world.stock(world.lot("STENT", number), 5)
    client = browser(world, roles.SALES)

    def asked(pk: int) -> int:
        with CaptureQueriesContext(connection) as found:
            html_of(client, f"/sales/orders/{pk}")
        return len(found)

    lines = [ordering.OrderedItem(world.items["STENT"].pk, 1, Decimal(100))] * 30
    few, many = (
        ordering.order(
            world.shanghai.pk,
            world.hospital.pk,
            world.places["DEP"].pk,
            lines[:count],
            by=world.by(roles.SALES),
        )
        for count in (2, 30)
    )
    assert asked(few.order_id) == asked(many.order_id)


def test_who_may_read_a_name_sees_it_and_it_is_on_record(world: World) -> None:  # SEC-01
    world.stock(world.lot("STENT", "L1"), 10)
    outbound.signed(world)
    delivery = Delivery.objects.get()
    client = browser(world, roles.SALES, "en")
    given = {"delivery_id": delivery.pk, "reason": "asked by the customer"}
    given |= {"request_id": str(uuid.uuid4()), "next": f"/sales/deliveries/{delivery.pk}"}
    name = DeliveryReceiver.objects.get(delivery=delivery).text
    html = client.post("/do/sales.read_receiver", given).content.decode()
    assert name in html
    assert "on record" in html
    again = client.post("/do/sales.read_receiver", given).content.decode()
    assert name not in again, "the answer that is kept does not have it"
    assert "shown already" in again
