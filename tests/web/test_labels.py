"""Labels are printed from pages and lists, and fetched as PDF and for a label printer. # WMS-06"""

import re
import uuid
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from django.test import Client

from tests import scanning
from tests.api.test_reading import Elsewhere, person
from tests.inbound import code, received
from tests.outbound import VAN, checked
from tests.warehousing.printers import printed
from tests.warehousing.test_delivery_note import SSCC
from tests.web.local import browser_at
from tests.web.test_pages import browser, company
from tests.world import World
from traceward.domain.catalog.models import PackagingLevel
from traceward.domain.warehousing.commands import shipping
from traceward.domain.warehousing.models import LabelPrint, PrintedLabel
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles

__all__ = ["company"]
GOODS, BOXES, PLACES = (
    f"/do/warehousing.print_{kind}_labels" for kind in ("goods", "box", "place")
)


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 50)
    return world


def offered(client: Client, page: str, form: str) -> dict[str, list[str]]:
    """What the form begins with that the page offers."""
    html = client.get(page).content.decode()
    (found,) = set(re.findall(rf'href="{re.escape(form)}\?([^"]*)"', html))
    return parse_qs(found.replace("&amp;", "&"))


def send(client: Client, form: str, **given: Any) -> str:
    """Where one is after the form was sent."""
    answer = client.post(form, {"request_id": str(uuid.uuid4()), **given})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_a_lots_page_leads_to_its_labels(stocked: World) -> None:
    lot, client = stocked.lot("STENT", "L1"), browser(stocked, roles.STOREKEEPER)
    begun = offered(client, f"/stock/lots/{lot.pk}", GOODS)
    assert begun == {"labels.0.lot_id": [f"#{lot.pk}"]}
    form = client.get(GOODS, {name: found[0] for name, found in begun.items()}).content.decode()
    assert "50×30 毫米" in form
    given = {name: found[0] for name, found in begun.items()}
    given |= {"site_id": f"#{stocked.shanghai.pk}", "labels.0.copies": "3", "size": "70x40"}
    page = send(client, GOODS, **given, next=f"/stock/lots/{lot.pk}")
    made = LabelPrint.objects.get()
    assert (page, made.labels) == (f"/warehousing/label_prints/{made.pk}", 3)
    html = client.get(page).content.decode()
    assert f'src="{page}/labels.png"' in html
    pdf, zpl, png = (client.get(f"{page}/labels.{form}") for form in ("pdf", "zpl", "png"))
    raw = "]d20106901234567892" + "17301231" + "10L1"
    assert scanning.raws(pdf.content) == [[raw]] * 3
    assert [(x.raw, x.copies) for x in printed(zpl.content.decode())] == [(raw, 3)]
    assert png.content.startswith(b"\x89PNG")
    assert pdf["Content-Disposition"].startswith("inline")
    assert zpl["Content-Disposition"].startswith("attachment")
    assert client.get(f"{page}/labels.exe").status_code == 404
    assert client.get("/warehousing/label_prints/987654/labels.pdf").status_code == 404
    assert "已打印标签" in client.get(f"/stock/lots/{lot.pk}").content.decode()


def test_wrong_copies_are_said_at_their_field(stocked: World) -> None:
    lot, client = stocked.lot("STENT", "L1"), browser(stocked, roles.STOREKEEPER)
    given = {"site_id": f"#{stocked.shanghai.pk}", "labels.0.lot_id": f"#{lot.pk}"}
    for copies in ("0", "10000", "-1"):
        answer = client.post(GOODS, {**given, "labels.0.copies": copies})
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "每次打印 1 到 500 份" in html
        assert re.search(r'name="labels\.0\.copies"[^>]*aria-invalid="true"', html)
    assert not PrintedLabel.objects.exists()


def test_many_lots_of_a_list_come_into_one_form(stocked: World) -> None:
    lots = [stocked.lot("STENT", "L1"), stocked.lot("STENT", "L2")]
    client = browser(stocked, roles.STOREKEEPER)
    answer = client.post(
        "/stock/lots/bulk/warehousing.print_goods_labels", {"row": [str(x.pk) for x in lots]}
    )
    form = urlparse(answer["Location"])
    assert form.path == GOODS
    begun = parse_qs(form.query)
    wanted = {f"labels.{n}.lot_id" for n in (0, 1)}
    assert wanted <= begun.keys()
    assert {begun[name][0] for name in wanted} == {str(x.pk) for x in lots}


def test_receipts_picks_shipments_levels_and_places_offer_theirs(stocked: World) -> None:
    client, site = browser(stocked, roles.STOREKEEPER), [f"#{stocked.shanghai.pk}"]
    going = checked(stocked)
    by = stocked.by(roles.STOREKEEPER)
    box = shipping.pack(going.pick_id, sscc=SSCC, by=by).container_id
    wanted = {"labels.0.container_id": [f"#{box}"], "site_id": site}
    assert offered(client, f"/warehousing/picks/{going.pick_id}", BOXES) == wanted
    sent = shipping.ship(going.pick_id, VAN, by=stocked.by(roles.DISPATCHER))
    assert offered(client, f"/warehousing/shipments/{sent.shipment_id}", BOXES) == wanted
    place = stocked.places["A-01"].pk
    wanted = {"labels.0.place_id": [f"#{place}"], "site_id": site}
    assert offered(client, f"/places/places/{place}", PLACES) == wanted
    assert "labels.0.container_id" in offered(client, f"/stock/containers/{box}", BOXES)
    pack = PackagingLevel.objects.get(item=stocked.items["STENT"]).pk
    wanted = {"labels.0.packaging_id": [f"#{pack}"]}
    assert offered(client, f"/catalog/packaging_levels/{pack}", GOODS) == wanted


def test_a_receipt_offers_all_its_lots(world: World) -> None:
    came = received(world, (code("STENT", "L1"), 3), (code("STENT", "L2"), 2))
    client = browser(world, roles.INSPECTOR)
    begun = offered(client, f"/warehousing/receipts/{came.receipt_id}", GOODS)
    lots = [f"#{world.lot('STENT', number).pk}" for number in ("L1", "L2")]
    assert [begun[f"labels.{n}.lot_id"] for n in (0, 1)] == [[lots[0]], [lots[1]]]
    given = {name: found[0] for name, found in begun.items()}
    page = send(client, GOODS, **given)
    read = scanning.raws(client.get(f"{page}/labels.pdf").content)
    assert [raw[-2:] for (raw,) in read] == ["L1", "L2"]


def test_who_may_not_print_is_not_offered_it_and_gets_no_file(stocked: World) -> None:
    lot, keeper = stocked.lot("STENT", "L1"), browser(stocked, roles.STOREKEEPER)
    given = {"site_id": f"#{stocked.shanghai.pk}", "labels.0.lot_id": f"#{lot.pk}"}
    page = send(keeper, GOODS, **given)
    sales = browser(stocked, roles.SALES)
    assert GOODS not in sales.get(f"/stock/lots/{lot.pk}").content.decode()
    html = sales.get(page).content.decode()
    assert "labels.pdf" not in html
    assert sales.get(f"{page}/labels.png").status_code == 200
    assert sales.get(f"{page}/labels.pdf").status_code == 403
    there = browser_at(stocked, roles.STOREKEEPER, stocked.chengdu)  # ORG-03
    assert there.get(page).status_code == 404
    assert there.get(f"{page}/labels.pdf").status_code == 404


def test_a_program_prints_and_fetches(stocked: World) -> None:  # INT-02
    keeper, client = person(stocked, roles.STOREKEEPER), Client()
    headers = {"Authorization": f"Bearer {token_for(keeper)}", "Idempotency-Key": "one"}
    given = {
        "site_id": stocked.shanghai.pk,
        "labels": [{"place_id": stocked.places["A-01"].pk, "copies": 2}],
    }
    made = client.post(
        "/api/v1/commands/warehousing.print_place_labels",
        given,
        content_type="application/json",
        headers=headers,
    )
    assert made.status_code == 200, made.content
    told = made.json()["answer"]
    assert told["printed"] == 2
    path = f"/api/v1/warehousing/label_prints/{told['label_print_id']}/labels"
    zpl = client.get(f"{path}.zpl", headers=headers)
    assert [(x.raw, x.copies) for x in printed(zpl.content.decode())] == [("]Q1A-01", 2)]
    assert client.get(f"{path}.exe", headers=headers).status_code == 404
    auditor = {"Authorization": f"Bearer {token_for(person(stocked, roles.AUDITOR))}"}
    assert client.get(f"{path}.zpl", headers=auditor).status_code == 403
    elsewhere = Elsewhere(stocked, site=True).person
    there = {"Authorization": f"Bearer {token_for(elsewhere)}"}
    assert client.get(f"{path}.pdf", headers=there).status_code in (403, 404)
