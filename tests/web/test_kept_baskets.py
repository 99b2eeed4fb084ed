"""What was scanned and not booked is gone on with, and is never booked twice. # WMS-01"""

import json
import uuid

import pytest

from tests import inbound
from tests.inbound import code
from tests.outbound import picked, standing
from tests.web.test_pages import browser, company, text_of
from tests.web.test_stations import Floor, stocked
from tests.world import World
from traceward.domain.warehousing.models import Receipt
from traceward.kernel.org import roles

__all__ = ["company", "stocked"]


@pytest.fixture
def coming(world: World) -> Floor:
    notice = inbound.announced(world, (code("STENT", "L1"), 5))
    return Floor(browser(world, roles.STOREKEEPER), f"/station/receive/{notice.notice_id}")


def anew(floor: Floor, **sent: str) -> str:
    """The page is opened again, and gives back what the device kept."""
    hand = floor.hand
    floor.take(floor.client.get(floor.address))
    assert not json.loads(floor.hand).get("basket")
    floor.hand = hand
    return text_of(floor.send(key="kept", **sent))


def book(floor: Floor, world: World, request_id: str) -> int:
    filled = {
        "hand": floor.hand,
        "do": "1",
        "request_id": request_id,
        "place_id": f"#{world.places['DOCK'].pk}",
        "delivery_note": "DN-1",
        "is_intact": "true",
        "journey.transport_mode": "road",
        "journey.deliverer": "Chen",
    }
    return int(floor.client.post(floor.address, filled).status_code)


def test_what_was_scanned_is_gone_on_with(world: World, coming: Floor) -> None:
    coming.scan(code("STENT", "L1"), packs="2")
    told = anew(coming)
    assert "接着做 · 已扫 2" in told
    assert (coming.tone, coming.step) == ("more", "goods")
    assert 'value="anew"' in coming.html
    coming.scan(code("STENT", "L1"), packs="3")
    assert coming.step == "book"
    assert "接着做 · 已扫 5" in anew(coming)
    assert coming.step == "book", "where one was"
    assert book(coming, world, str(uuid.uuid4())) == 302
    assert standing() == {"DOCK": 5}


def test_it_may_be_thrown_away(coming: Floor) -> None:
    coming.scan(code("STENT", "L1"), packs="2")
    anew(coming)
    told = text_of(coming.send(key="anew"))
    assert "重新扫描" in told
    assert (coming.step, json.loads(coming.hand).get("basket")) == ("goods", None)


def test_what_was_booked_is_not_booked_again(world: World, coming: Floor) -> None:  # SEC-05
    coming.scan(code("STENT", "L1"), packs="2")
    coming.send(key="book")
    request = str(uuid.uuid4())
    assert book(coming, world, request) == 302
    # The answer was lost with the battery: the notice still waits for three.
    told = anew(coming, sent=f"{uuid.uuid4()},{request}")
    assert "已经登记过" in told
    assert not json.loads(coming.hand).get("basket")
    assert standing() == {"DOCK": 2}


def test_a_request_still_under_way_is_not_overtaken(world: World, coming: Floor) -> None:  # SEC-05
    coming.scan(code("STENT", "L1"), packs="2")
    coming.send(key="book")
    request, before = str(uuid.uuid4()), coming.hand
    anew(coming, sent=request)
    assert request in coming.html, "the form goes on with the same id"
    coming.hand, after = before, coming.hand
    assert book(coming, world, request) == 302
    coming.hand = after
    coming.send(key="more")
    coming.scan(code("STENT", "L1"))
    assert coming.step == "book"
    assert book(coming, world, request) == 302
    assert "已经登记过" in text_of(coming.client.get("/station/receive").content.decode())
    assert Receipt.objects.count() == 1
    assert standing() == {"DOCK": 2}, "the basket with more in it is told to be booked"


def test_what_was_refused_is_tried_with_an_id_of_its_own(world: World, coming: Floor) -> None:
    coming.scan(code("STENT", "L1"), packs="2")
    coming.send(key="book")
    request = str(uuid.uuid4())
    sent = {"hand": coming.hand, "do": "1", "request_id": request, "delivery_note": "DN-1"}
    assert coming.client.post(coming.address, sent).status_code == 422
    assert book(coming, world, request) == 409, "refused, and not taken to be booked"
    anew(coming, sent=request)
    assert coming.step == "book"
    assert book(coming, world, str(uuid.uuid4())) == 302


def test_what_was_done_elsewhere_meanwhile_is_told(world: World, coming: Floor) -> None:
    coming.scan(code("STENT", "L1"), packs="2")
    other = Floor(browser(world, roles.STOREKEEPER, "other"), coming.address)
    other.scan(code("STENT", "L1"), packs="4")
    other.send(key="book")
    assert book(other, world, str(uuid.uuid4())) == 302
    assert "已在别处做过" in anew(coming)
    assert not json.loads(coming.hand).get("basket")
    coming.scan(code("STENT", "L1"))
    kept = coming.hand
    other = Floor(browser(world, roles.STOREKEEPER, "other"), coming.address)
    other.scan(code("STENT", "L1"))
    assert book(other, world, str(uuid.uuid4())) == 302
    coming.hand = kept
    assert "已在别处完成" in anew(coming)
    assert standing() == {"DOCK": 5}


@pytest.mark.parametrize("sent", ["", ",", "x", "'; --", "0" * 9000, ",".join(["x"] * 5000)])
def test_ids_that_are_none_say_nothing(stocked: World, sent: str) -> None:
    going = picked(stocked)
    floor = Floor(browser(stocked, roles.CHECKER), f"/station/check/{going.pick_id}")
    floor.scan(code("STENT", "L1"), packs="2")
    assert "接着做 · 已扫 2" in anew(floor, sent=sent)


def test_what_is_no_basket_begins_anew(coming: Floor) -> None:
    coming.hand = '{"step": "goods", "basket": [{"codes": ["x"], "parts": [[999, 5]]}]}'
    assert "已在别处做过" in text_of(coming.send(key="kept"))
    coming.hand = "["
    coming.send(key="kept")
    assert coming.step == "goods"


def test_a_station_without_a_basket_keeps_none(stocked: World) -> None:
    answer = browser(stocked, roles.PICKER).post("/station/look-up", {"key": "kept", "hand": "{}"})
    assert answer.status_code == 404
