"""What the trace console makes of a label and of a part of a number. # TRC-01 UX-02"""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client

from tests import making
from tests.inbound import DIS, code
from tests.trace.test_reading import job
from tests.web.local import browser_at
from tests.web.test_trace_page import head, permissions, text_of
from tests.world import World
from traceward.domain.stock.models import Code, Container, Lot, Serial
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person

__all__ = ["permissions"]


def notes(html: str) -> str:
    return " ".join(re.findall(r'<div class="tw-note tw-bad" role="alert">(.*?)</div>', html))


def scanned(client: Client, label: str) -> tuple[str, str]:
    """Where the label leads, and what the page says is wrong with it."""
    answer = client.get("/trace", {"code": label})
    assert answer.status_code == 302, answer.content.decode()
    page = client.get(answer["Location"])
    assert page.status_code == 200
    return answer["Location"], notes(page.content.decode())


# --- A label against the record -----------------------------------------------------------------


def test_a_label_that_fits_is_not_warned_of(world: World) -> None:  # INV-05
    lot = job(world)
    address, told = scanned(head(), code("STENT", "L1"))
    assert (address, told) == (f"/trace/lot/{lot.pk}", "")
    _, told = scanned(head(), code("STENT", "L1", expires="301200"))  # the month of it
    assert told == ""


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_another_expiry_is_told_with_both_days(world: World, language: str) -> None:  # INV-05
    lot = job(world)
    client = head(language)
    address, told = scanned(client, code("STENT", "L1", expires="281130"))
    assert address.startswith(f"/trace/lot/{lot.pk}?code=")
    assert "2028-11-30" in told
    assert "2030-12-31" in told
    assert ("Expiry" if language == "en" else "效期") in told
    other = text_of(client, address.replace("lot/", "lot/9999"), 404)
    assert "2028-11-30" not in other


def test_another_production_date_is_told(world: World) -> None:  # INV-05
    lot = job(world)
    Lot.objects.filter(pk=lot.pk).update(made_on=date(2026, 1, 5))
    label = f"(01){DIS['STENT']}(11)260205(17)301231(10)L1"
    _, told = scanned(head("en"), label)
    assert "Production date" in told
    assert "2026-02-05" in told
    assert "2026-01-05" in told
    assert scanned(head("en"), label.replace("260205", "260105"))[1] == ""


def test_a_serial_of_another_lot_is_told(world: World) -> None:  # INV-05
    making.plant(world)
    making.complete(world, making.issued(world), making.pacers(world, "P1"))
    serial = Serial.objects.get(number="P1")
    assert serial.lot is not None
    day = f"{serial.lot.expires_on:%y%m%d}" if serial.lot.expires_on else ""
    address, told = scanned(head("en"), code("PACER", "OTHER", day, "P1"))
    assert address.startswith(f"/trace/serial/{serial.pk}?")
    assert "OTHER" in told
    assert serial.lot.raw_number in told
    address, told = scanned(head("en"), code("PACER", serial.lot.raw_number, day, "NEVER"))
    assert address.startswith(f"/trace/lot/{serial.lot_id}?")
    assert "NEVER" in told


def test_a_label_speaks_of_its_own_goods_only(world: World) -> None:
    lot, other = job(world), world.lot("STENT", "L2")
    world.stock(other, 1)
    label = code("STENT", "L1", expires="281130")
    assert notes(text_of(head("en"), f"/trace/lot/{lot.pk}", code=label))
    for given in (label, "<script>", "x" * 9_000, "\x00"):
        assert notes(text_of(head("en"), f"/trace/lot/{other.pk}", code=given)) == ""


def test_a_label_that_cannot_be_read_says_why(world: World) -> None:  # UX-02
    job(world)
    wrong = DIS["STENT"][:-1] + str((int(DIS["STENT"][-1]) + 1) % 10)
    html = text_of(head("en"), "/trace", 422, code=f"(01){wrong}(10)L1")
    assert "the check digit is" in html


# --- A part of a number -------------------------------------------------------------------------


def offered(html: str) -> list[str]:
    return re.findall(r'<li><a class="tw-row" href="(/trace[^"]+)"', html)


def test_a_part_of_a_number_offers_what_begins_with_it(world: World) -> None:  # UX-01
    lots = [world.lot("STENT", f"26A{n:02}") for n in range(12)]
    world.lot("STENT", "X26A")
    found = offered(text_of(head(), "/trace/begin", code="26a"))
    assert found == [f"/trace/lot/{lot.pk}" for lot in lots[:8]]
    assert offered(text_of(head(), "/trace/begin", code="26A07")) == [f"/trace/lot/{lots[7].pk}"]
    html = text_of(head("en"), "/trace", code="26A")  # without a script, when it is sent
    assert offered(html) == found
    assert "Nothing is called exactly so" in html


def test_boxes_and_serials_stand_beside_lots(world: World) -> None:
    lots = [world.lot("STENT", f"09{n}") for n in range(9)]
    world.stock(lots[0], 8)
    box = Container.objects.create(code="095200000000000018")
    world.post(world.leg(Code.PACK, lots[0], 2, "A-01", "A-01", to_container_id=box.pk))
    found = offered(text_of(head(), "/trace/begin", code="09"))
    assert len(found) == 8
    assert f"/trace?containers={box.pk}" in found
    elsewhere = browser_at(world, roles.STOREKEEPER, world.chengdu)  # ORG-02
    assert f"/trace?containers={box.pk}" not in offered(
        text_of(elsewhere, "/trace/begin", code="09")
    )
    making.plant(world)
    making.complete(world, making.issued(world), making.pacers(world, "ZP1", "ZP2"))
    serials = Serial.objects.filter(number__startswith="ZP").order_by("number")
    found = offered(text_of(head(), "/trace/begin", code="zp"))
    assert found == [f"/trace/serial/{one.pk}" for one in serials]


@pytest.mark.parametrize("given", ["", " ", "%", "\x00", "x" * 9_000, "<script>", "'"])
def test_nothing_is_offered_of_nothing(world: World, given: str) -> None:
    world.lot("STENT", "L1")
    assert offered(text_of(head(), "/trace/begin", code=given)) == []


def test_who_may_not_trace_is_offered_nothing(world: World) -> None:  # ORG-02
    world.lot("STENT", "L1")
    nobody = Client()
    nobody.force_login(Person.objects.create(login="nobody", password="!"))
    assert nobody.get("/trace/begin", {"code": "L"}).status_code == 403


@pytest.mark.parametrize(
    ("table", "column"),
    [("stock_lot", "number"), ("stock_serial", "number"), ("stock_container", "code")],
)
def test_an_index_answers_in_the_order_that_is_asked(world: World, table: str, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            f"EXPLAIN SELECT id FROM {table} WHERE {column} >= '26A' AND {column} < '26A\U0010ffff'"  # noqa: S608
            f" ORDER BY {column}, id LIMIT 8"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert re.search(rf"Index Cond: .*{column}", plan), plan
    assert "Incremental Sort" in plan or "Sort" not in plan, plan
