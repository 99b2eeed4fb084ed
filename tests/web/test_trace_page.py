"""The trace console: from any code to origin, whereabouts and events. # TRC-01 UX-01 UX-05"""

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import making
from tests.ledger import database_now, set_clock
from tests.outbound import allocated, shipped, signed
from tests.trace.test_reading import job
from tests.web.local import browser_at, browser_of
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.quality.commands.checking import Keeping, check_stock
from traceward.domain.sales.models import SalesOrder
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, Container, Lot, Serial
from traceward.domain.warehousing.models import Shipment
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person


@pytest.fixture(autouse=True)
def permissions(world: World) -> None:
    set_up_roles()


def head(language: str = "zh-hans") -> Client:
    """The head of quality, signed in."""
    login = f"all-1-{roles.QUALITY_HEAD.code}"
    known = Person.objects.filter(login=login).first()
    if known is None:
        return browser_of(roles.QUALITY_HEAD, language=language)
    client = Client()
    client.force_login(known)
    client.cookies["language"] = language
    return client


def text_of(client: Client, address: str, status: int = 200, **given: Any) -> str:
    answer = client.get(address, given)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def figures(html: str) -> dict[str, str]:
    """The mass balance as it stands on the page."""
    found = re.findall(r'tw-k">([^<]+)</div><div class="tw-v[^"]*">([^<]+)<', html)
    return {label: value.strip() for label, value in found}


def rows(html: str) -> list[tuple[str, str, str]]:
    """The flows as a table: from, to, how much."""
    table = html.partition('class="tw-flow-table"')[2].partition("</details>")[0]
    return [(row[0], row[1], row[2]) for row in cells(table)]


def cells(table: str) -> list[list[str]]:
    """What stands in each row of a table."""
    found = re.findall(r"<tr>(.*?)</tr>", table)
    lines = [re.findall(r"<td[^>]*>(?:<b>)?(.*?)(?:</b>)?</td>", row) for row in found]
    return [line for line in lines if line]


# --- What stands on the page --------------------------------------------------------------------


def test_a_lot_adds_up(world: World) -> None:
    lot = job(world)
    html = text_of(head("en"), f"/trace/lot/{lot.pk}")
    found = figures(html)
    assert found == {
        "Received": "8",
        "On hand": "5",
        "In transit": "0",
        "At institutions": "2",
        "Used": "1",
        "Otherwise gone": "0",
        "Difference": "0",
    }
    flows = rows(html)
    assert any(a.startswith("Supplier not on record") for a, _, _ in flows)
    (got,) = [(a, b, n) for a, b, n in flows if b.startswith("Jiangcheng")]
    assert got == ("Shanghai · there 5", "Jiangcheng Hospital · got 3 · used 1", "3")
    assert 'class="tw-flow tw-lying' in html
    assert 'class="tw-flow tw-standing' in html
    assert "style=" not in html.partition("<main")[2]
    assert f'href="/sales/orders/{SalesOrder.objects.get().pk}"' not in html  # no event of goods
    assert re.search(r'href="/warehousing/shipments/\d+"', html)
    assert re.search(r'href="/places/places/\d+"', html)


def test_chinese_readers_read_the_words_of_the_trade(world: World) -> None:  # UX-02
    html = text_of(head(), f"/trace/lot/{job(world).pk}")
    for words in ("收货入库", "机构库存", "物料平衡", "流向图", "事件时间线", "现存位置"):
        assert words in html
    assert "收 3 · 用 1" in html


def test_the_story_of_made_goods_begins_with_their_materials(world: World) -> None:
    making.plant(world)
    making.complete(world, making.issued(world), making.pacers(world, "P1", "P2", "P3"))
    serial, raw = Serial.objects.get(number="P1"), Lot.objects.get(number="RAW2")
    up = text_of(head("en"), f"/trace/serial/{serial.pk}", way="up")
    assert f'href="/trace/lot/{raw.pk}"' in up
    assert re.search(r'href="/production/\w+/\d+"', up)
    down = text_of(head("en"), f"/trace/lot/{raw.pk}", way="down")
    assert "Made of it" in down
    assert f'href="/trace/lot/{serial.lot_id}"' in down
    assert figures(down)["Otherwise gone"] == "6"
    assert figures(down)["Difference"] == "0"


def test_directions_are_links_and_leave_out_the_other_side(world: World) -> None:
    lot = job(world)
    client = head("en")
    up = text_of(client, f"/trace/lot/{lot.pk}", way="up")
    assert any(a.startswith("Supplier") for a, _, _ in rows(up))
    assert not any(b.startswith("Jiangcheng") for _, b, _ in rows(up))
    down = text_of(client, f"/trace/lot/{lot.pk}", way="down")
    assert not any(a.startswith("Supplier") for a, _, _ in rows(down))
    assert any(b.startswith("Jiangcheng") for _, b, _ in rows(down))
    assert text_of(client, f"/trace/lot/{lot.pk}", way="<script>").count("<script>") == 0


def test_a_hold_is_violet_and_a_promise_dashed(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    allocated(world, quantity=3)
    html = text_of(head("en"), f"/trace/lot/{lot.pk}")
    assert "tw-line tw-planned" in html
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "外箱破损", by=world.by(roles.QUALITY_HEAD))
    html = text_of(head("en"), f"/trace/lot/{lot.pk}")
    assert '<span class="tw-tag tw-l tw-hold">' in html
    assert 'class="tw-box tw-hold"' in html


def test_what_is_under_way_is_a_place(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    shipped(world, quantity=3)
    html = text_of(head("en"), f"/trace/lot/{lot.pk}")
    assert figures(html)["In transit"] == "3"
    assert "In transit from Shanghai" in html
    assert ("Shanghai · there 5", "In transit · there 3", "3") in rows(html)


# --- Any code -----------------------------------------------------------------------------------


def test_a_code_leads_to_its_trace(world: World) -> None:
    lot = job(world)
    client = head()
    answer = client.get("/trace", {"code": " L1\u3000"})
    assert answer["Location"] == f"/trace/lot/{lot.pk}"
    number = Shipment.objects.get().number
    answer = client.get("/trace", {"code": number}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/trace/lot/{lot.pk}"  # all that it is about
    answer = client.get("/trace", {"code": str(lot.uid)}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/trace/lot/{lot.pk}"


def test_a_number_of_several_is_a_choice(world: World) -> None:
    lots = [world.lot(item, "SAME") for item in ("STENT", "REAGENT")]
    world.stock(lots[0], 1)
    html = text_of(head(), "/trace", code="SAME")
    assert "指的是哪一个？" in html
    for lot in lots:
        assert f'href="/trace/lot/{lot.pk}"' in html


def test_a_box_stands_for_what_is_in_it(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    box = Container.objects.create(code="095200000000000018")
    world.post(world.leg(Code.PACK, lot, 2, "A-01", "A-01", to_container_id=box.pk))
    for given in ({"containers": str(box.pk)}, {"code": box.code}):
        answer = head().get("/trace", given, follow=True)
        assert answer.redirect_chain[-1][0] == f"/trace/lot/{lot.pk}"
    empty = Container.objects.create(code="195012345678901235")
    assert head().get("/trace", {"containers": str(empty.pk)}).status_code == 422


@pytest.mark.parametrize(
    "code",
    ["NOTHING", "\x00", "x" * 5_000, "<script>alert(1)</script>", "' OR 1=1 --", "%", "(01)1"],
)
def test_what_cannot_be_found_is_told(world: World, code: str) -> None:  # UX-02
    html = text_of(head(), "/trace", 422, code=code)
    assert 'role="alert"' in html
    assert "<script>alert" not in html


@pytest.mark.parametrize(
    "given",
    [
        {"at": "gestern"},
        {"at": "9999-12-31T23:59:59+99:00"},
        {"with": "x" * 500},
        {"before_at": "nie", "before_id": "-"},
    ],
)
def test_a_wrong_moment_is_told_and_the_page_stands(world: World, given: dict[str, str]) -> None:
    html = text_of(head(), f"/trace/lot/{job(world).pk}", 422, **given)
    assert "不是有效的时间" in html
    assert "物料平衡" in html


@pytest.mark.parametrize(
    "path",
    [
        "/trace/lot/99999999",
        "/trace/lot/99999999999999999999999",
        "/trace/party/1",
        "/trace/lot/99999999/report.pdf",
        "/trace/place/1/epcis.json",
        "/trace/serial/99999999/epcis.json",
    ],
)
def test_there_is_nothing_at_a_wrong_address(world: World, path: str) -> None:
    assert head().get(path).status_code == 404


@pytest.mark.parametrize("day", ["-1", "x", "99999999999", ""])
def test_a_wrong_day_is_now(world: World, day: str) -> None:
    lot = job(world)
    answer = head().get(f"/trace/lot/{lot.pk}", {"day": day})
    assert answer.status_code == 302
    assert "at=" not in answer["Location"]


# --- Moments ------------------------------------------------------------------------------------


def later_job(world: World) -> tuple[Lot, str]:
    """A lot of which three go out a day after it came; and a moment between."""
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    between = database_now() + timedelta(hours=1)
    set_clock(between + timedelta(days=1))
    signed(world, quantity=3)
    local = between.astimezone(ZoneInfo("Asia/Shanghai"))
    return lot, local.strftime("%Y-%m-%dT%H:%M")


def test_as_of_a_moment_nothing_later_has_happened(world: World) -> None:
    lot, then = later_job(world)
    client = head("en")
    now = figures(text_of(client, f"/trace/lot/{lot.pk}"))
    past = text_of(client, f"/trace/lot/{lot.pk}", at=then)
    assert (now["On hand"], figures(past)["On hand"]) == ("5", "8")
    assert figures(past)["Difference"] == "0"
    assert "As it stood on" in past
    assert not any(b.startswith("Jiangcheng") for _, b, _ in rows(past))
    assert f'value="{then}"' in past
    future = text_of(client, f"/trace/lot/{lot.pk}", 422, at="2090-01-01T00:00")
    assert figures(future) == now


def test_the_slider_is_a_form_that_leads_to_a_moment(world: World) -> None:
    lot, _ = later_job(world)
    client = head("en")
    html = text_of(client, f"/trace/lot/{lot.pk}")
    assert re.search(r'type="range" name="day" min="0" max="1" value="1"', html)
    answer = client.get(f"/trace/lot/{lot.pk}", {"day": "0", "way": "down"})
    assert "at=" in answer["Location"]
    assert "way=down" in answer["Location"]
    assert figures(client.get(answer["Location"]).content.decode())["On hand"] == "8"


def test_two_moments_are_compared(world: World) -> None:
    lot, then = later_job(world)
    html = text_of(head("en"), f"/trace/lot/{lot.pk}", **{"with": then})
    table = html.partition("What moved between")[2].partition("</section>")[0]
    there, got = "<div>→ Jiangcheng Hospital\u00a03</div>", "<div>← Shanghai\u00a03</div>"
    assert ["Shanghai", "8", "0", "3", "5", there] in cells(table)
    assert ["Jiangcheng Hospital", "0", "3", "0", "3", got] in cells(table)
    assert ["In transit", "0", "3", "3", "0", got + there] in cells(table)


# --- Who sees what ------------------------------------------------------------------------------


def test_who_works_elsewhere_sees_nothing_of_it(world: World) -> None:  # ORG-02
    lot = job(world)
    client = browser_at(world, roles.QUALITY_HEAD, world.chengdu, "en")
    html = text_of(client, f"/trace/lot/{lot.pk}")
    assert "None of it is, or was, where you may see it." in html
    for hidden in ("Jiangcheng", "Beichen", "tw-flow", "SH-", "A-01"):
        assert hidden not in html.partition("<main")[2]
    events = client.get(f"/trace/lot/{lot.pk}/epcis.json")
    assert json.loads(events.content)["epcisBody"]["eventList"] == []
    answer = client.get(f"/trace/lot/{lot.pk}/report.pdf")
    assert "Jiangcheng" not in printed(answer.content)


def test_who_works_at_one_site_sees_its_part_and_is_told_so(world: World) -> None:  # ORG-02
    lot = job(world)
    client = browser_at(world, roles.STOREKEEPER, world.shanghai, "en")
    html = text_of(client, f"/trace/lot/{lot.pk}")
    assert "the rest is hidden" in html
    assert "Difference" not in figures(html)
    assert figures(html)["On hand"] == "5"


def test_who_has_no_role_sees_nothing(world: World) -> None:  # ORG-02
    lot = job(world)
    client = Client()
    client.force_login(Person.objects.create(login="nobody", password="!"))
    for path in ("/trace", f"/trace/lot/{lot.pk}", f"/trace/lot/{lot.pk}/report.pdf"):
        assert client.get(path).status_code == 403
    assert client.get(f"/trace/lot/{lot.pk}/epcis.json").status_code == 403
    assert Client().get(f"/trace/lot/{lot.pk}").status_code == 302


# --- What leaves --------------------------------------------------------------------------------


def printed(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Trace report", "Mass balance", "Difference", "Jiangcheng Hospital", "L1")),
        ("zh-hans", ("追溯报告", "物料平衡", "差异", "江城医院", "L1")),
    ],
)
def test_a_trace_is_printed(world: World, language: str, words: tuple[str, ...]) -> None:
    lot = job(world)
    answer = head(language).get(f"/trace/lot/{lot.pk}/report.pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    told = printed(answer.content)
    for word in words:
        assert word in told


def test_a_report_is_of_the_moment_that_the_page_shows(world: World) -> None:
    lot, then = later_job(world)
    client = head("en")
    html = text_of(client, f"/trace/lot/{lot.pk}", at=then)
    (address,) = re.findall(r'href="([^"]+report\.pdf[^"]*)"', html)
    told = printed(client.get(address.replace("&amp;", "&")).content)
    assert "As it stood on" in told
    assert "Jiangcheng" not in told


def test_events_leave_as_epcis(world: World) -> None:  # TRC-02
    lot = job(world)
    answer = head().get(f"/trace/lot/{lot.pk}/epcis.json")
    found = json.loads(answer.content)
    assert found["type"] == "EPCISDocument"
    assert {event["type"] for event in found["epcisBody"]["eventList"]} >= {"ObjectEvent"}
    assert "attachment" in answer["Content-Disposition"]


# --- Ways here, and how much it asks ------------------------------------------------------------


def test_records_and_the_search_lead_here(world: World) -> None:
    lot = job(world)
    client = head()
    assert f'href="/trace/lot/{lot.pk}"' in text_of(client, f"/stock/lots/{lot.pk}")
    assert f'href="/trace/lot/{lot.pk}"' in text_of(client, "/find", q="L")
    shipment = Shipment.objects.get()
    page = text_of(client, f"/warehousing/shipments/{shipment.pk}")
    assert f'href="/trace?documents={shipment.pk}"' in page
    assert 'href="/trace"' in text_of(client, "/stock/lots")


# --- A box looked at ----------------------------------------------------------------------------


def boxes(html: str) -> dict[str, tuple[str, str]]:
    """The boxes of the drawing that can be looked at: key → (where it is told, its own page)."""
    found = re.findall(r'href="([^"]+)" data-peek="([^"]+)"', html)
    return {look.partition("/box/")[2].partition("?")[0]: (look, page) for page, look in found}


def test_each_box_is_looked_at_beside_the_drawing(world: World) -> None:  # UX-01
    lot = job(world)
    client = head("en")
    found = boxes(text_of(client, f"/trace/lot/{lot.pk}"))
    assert {"focus", "site", "consignee", "in"} <= {key.partition("-")[0] for key in found}
    assert found["focus"][1] == f"/stock/lots/{lot.pk}"  # without a script the link leads there
    told = {key: text_of(client, look) for key, (look, _) in found.items()}
    assert all("data-close" in html and "<html" not in html for html in told.values())
    (site,) = [html for key, html in told.items() if key.startswith("site-")]
    assert re.search(r"<dt>There now</dt><dd>5</dd>", site)
    assert re.search(r'/warehousing/shipments/\d+">SH-', site)
    assert f"lot_id={lot.pk}" in site
    (hospital,) = [html for key, html in told.items() if key.startswith("consignee-")]
    assert "Jiangcheng Hospital" in hospital
    assert re.search(r"<dt>Got</dt><dd>3</dd>.*<dt>Used</dt><dd>1</dd>", hospital)
    assert re.search(r'/sales/deliveries/\d+">DL-', hospital)
    assert "SH-" not in hospital  # what left the site is told there
    assert "days left" in told["focus"]
    assert "/do/stock.block" in told["focus"]


def test_a_box_is_told_in_chinese(world: World) -> None:  # UX-02
    lot = job(world)
    client = head()
    found = boxes(text_of(client, f"/trace/lot/{lot.pk}"))
    html = text_of(client, next(look for key, (look, _) in found.items() if "site-" in key))
    for words in ("现存", "最近事件", "有效期至", "该处库存", "发运"):
        assert words in html, words


@pytest.mark.parametrize(("read", "css"), [("6.5", "tw-c-ok"), ("21.5", "tw-c-bad")])
def test_a_box_says_what_was_measured_where_it_stands(world: World, read: str, css: str) -> None:
    lot = job(world)
    Item.objects.filter(pk=lot.item_id).update(storage_c_min=2, storage_c_max=8)
    check_stock(
        world.places["A-01"].pk,
        keeping=Keeping(measures="the goods are moved"),
        temperature_c=Decimal(read),
        humidity_percent=55,
        by=world.by(roles.MAINTENANCE),
    )
    html = text_of(head("en"), f"/trace/lot/{lot.pk}/box/focus")
    assert "2–8 ℃" in html
    assert re.search(rf'<dd class="{css} tw-tnum">{read} ℃', html)


@pytest.mark.parametrize("box", ["site-9999999", "consignee-0", "lot-1", "x", "group-sites-site"])
def test_there_is_no_box_that_is_not_drawn(world: World, box: str) -> None:
    lot = job(world)
    assert head().get(f"/trace/lot/{lot.pk}/box/{box}").status_code == 404


def test_a_box_is_there_for_who_sees_it_drawn(world: World) -> None:  # ORG-02
    lot = job(world)
    look = f"/trace/lot/{lot.pk}/box/focus"
    assert head().get(look).status_code == 200
    assert browser_at(world, roles.QUALITY_HEAD, world.chengdu).get(look).status_code == 404
    nobody = Client()
    nobody.force_login(Person.objects.create(login="nobody", password="!"))
    assert nobody.get(look).status_code == 403


# --- What was known -----------------------------------------------------------------------------


def test_as_known_then_leaves_out_what_was_recorded_later(world: World) -> None:  # TRC-01
    """Two that were missed in a count are entered two days later, with the day of the count."""
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    counted = database_now() + timedelta(days=1)
    set_clock(counted + timedelta(days=2))
    leg = world.leg(Code.ADJUST_OUT, lot, 2, "A-01", "ADJ")
    world.post(leg, happened_at=counted, reason="count sheet came late")
    local = counted.astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(hours=2)
    at = local.strftime("%Y-%m-%dT%H:%M")
    client, path = head("en"), f"/trace/lot/{lot.pk}"
    now, then = text_of(client, path, at=at), text_of(client, path, at=at, known="then")
    assert (figures(now)["On hand"], figures(then)["On hand"]) == ("6", "8")
    assert figures(then)["Difference"] == "0"
    assert "by what was on record then" in then
    assert "known=then" in then.partition("epcis.json?")[2][:60]  # papers and boxes are of it, too
    assert all("known=then" in look for look, _ in boxes(then).values())
    assert '<option value="then" selected>' in then
    assert figures(text_of(client, path, known="then"))["On hand"] == "6"  # now is known now
    answer = client.get(path, {"day": "2", "known": "then"})
    assert "known=then" in answer["Location"]


def test_a_longer_story_asks_no_more(world: World) -> None:
    """The same statements for one delivery as for three."""
    lot = world.lot("STENT", "L1")
    world.stock(lot, 30)
    counts = []
    client = head()
    for _ in range(3):
        signed(world, quantity=3)
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/trace/lot/{lot.pk}")
        counts.append(len(seen))
    assert counts[1] == counts[2]
    assert counts[2] <= 48
