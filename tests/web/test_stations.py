"""Stations: one question at a time; a scan does it once, and a wrong one nothing. # WMS-01"""

import json
import re
import uuid
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests import inbound, outbound, transferring
from tests.inbound import code
from tests.outbound import opened, picked, reserved, scan, standing
from tests.refusing import refused
from tests.web.local import browser_at
from tests.web.test_boards import person, visitor
from tests.web.test_pages import PASSWORD, browser, company, text_of
from tests.world import World
from traceward.domain.stock.models import Code, Container, StockMove
from traceward.domain.transfers.models import Discrepancy
from traceward.domain.warehousing.commands import picking, putting_back
from traceward.domain.warehousing.models import Pick, ReceiptLine, Shipment
from traceward.domain.warehousing.refusals import WrongPick
from traceward.kernel.base.refusals import WrongState
from traceward.kernel.org import roles
from traceward.kernel.workflow.models import HeldCommand
from traceward.web.kit.hands import HAND, MOST_LETTERS, hand_of
from traceward.web.kit.stations import STATIONS
from traceward.web.stations.picking import task_of

__all__ = ["company"]
BIN, OTHER = "A-01", "A-02"


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 5)
    return world


def found(pattern: str, html: str) -> str:
    """What the pattern finds first; empty where it finds nothing."""
    hit = re.search(pattern, html)
    return hit[1] if hit else ""


class Floor:
    """One person at a station, as the browser keeps it between two scans."""

    def __init__(self, client: Client, address: str) -> None:
        self.client, self.address = client, address
        self.take(client.get(address))

    def take(self, answer: Any) -> str:
        assert answer.status_code == 200, answer
        self.html = answer.content.decode()
        self.hand = unescape(found(r'name="hand" value="([^"]*)"', self.html))
        return self.html

    def send(self, request_id: str = "", **given: str) -> str:
        sent = {"hand": self.hand, "request_id": request_id or str(uuid.uuid4()), **given}
        return self.take(self.client.post(self.address, sent, headers={"X-Part": "1"}))

    def scan(self, text: str, **more: str) -> str:
        return self.send(code=text, **more)

    @property
    def tone(self) -> str:
        return found(r'data-verdict="(\w+)"', self.html)

    @property
    def step(self) -> str:
        return found(r'data-step="([\w-]+)"', self.html)


def at_pick(world: World, quantity: int = 3) -> tuple[Floor, int]:
    going = opened(world, quantity=quantity)
    return Floor(browser(world, roles.PICKER), f"/station/pick/{going.pick_id}"), going.pick_id


def test_a_pick_is_picked_by_scans_alone(stocked: World) -> None:  # WMS-01 OUT-02 OUT-05
    floor, pick = at_pick(stocked)
    assert floor.step == "place"
    assert BIN in text_of(floor.html)
    floor.scan(OTHER)
    assert (floor.tone, floor.step) == ("bad", "place")
    assert BIN in text_of(floor.html), "the right bin is shown"
    floor.scan(code("STENT", "L1"))
    assert (floor.tone, floor.step) == ("bad", "place"), "the bin comes first"
    floor.scan(BIN)
    assert (floor.tone, floor.step) == ("ok", "goods")
    floor.scan(code("STENT", "L1"))
    assert (floor.tone, floor.step) == ("ok", "goods")
    assert standing() == {BIN: 4, "STAGE": 1}
    floor.scan(code("STENT", "L1"), packs="2")
    assert (floor.tone, floor.step) == ("done", "done")
    assert standing() == {BIN: 2, "STAGE": 3}
    assert Pick.objects.get(pk=pick).state == "picked"
    assert "本单已拣完" in text_of(floor.html)
    floor.send(key="undo")
    assert (floor.tone, floor.step) == ("ok", "goods"), "until it is checked"
    assert standing() == {BIN: 4, "STAGE": 1}
    assert Pick.objects.get(pk=pick).state == "open"


def test_a_wrong_lot_is_red_with_the_right_one_and_changes_nothing(
    stocked: World,
) -> None:  # OUT-05
    stocked.stock(stocked.lot("STENT", "L2", date(2031, 12, 31)), 5)
    floor, _ = at_pick(stocked)
    floor.scan(BIN)
    before = standing(), reserved(), StockMove.objects.count()
    told = text_of(floor.scan(code("STENT", "L2", "311231")))
    assert (floor.tone, floor.step) == ("bad", "goods")
    assert "批号不符" in told
    assert "L1" in told
    assert 'class="tw-no"' in floor.html, "the part of the label that is wrong is crossed out"
    assert (standing(), reserved(), StockMove.objects.count()) == before
    floor.scan(code("STENT", "L1"))
    assert floor.tone == "ok", "a new scan goes on, nothing is to be clicked away"


def test_a_scan_that_is_sent_again_counts_once(stocked: World) -> None:  # WMS-01 SEC-05
    floor, pick = at_pick(stocked)
    floor.scan(BIN)
    hand, request = floor.hand, str(uuid.uuid4())
    first = floor.scan(code("STENT", "L1"), request_id=request)
    floor.hand = hand  # the answer was lost: the browser sends what it had
    again = floor.scan(code("STENT", "L1"), request_id=request)
    assert standing() == {BIN: 4, "STAGE": 1}
    assert text_of(first) == text_of(again)
    task = task_of(pick, visitor(person(stocked, roles.PICKER)))
    assert task is not None
    assert task.lines[0].done == 1


def test_the_last_scan_is_taken_back(stocked: World) -> None:  # WMS-01
    floor, _ = at_pick(stocked)
    floor.scan(BIN)
    floor.scan(code("STENT", "L1"), packs="2")
    assert reserved() == {BIN: 1, "STAGE": 2}
    assert 'value="undo"' in floor.html
    floor.send(key="undo")
    assert floor.tone == "ok"
    assert standing() == {BIN: 5}
    assert reserved() == {BIN: 3}
    assert 'value="undo"' not in floor.html, "once"


def test_two_barcodes_of_one_label_are_one_scan(stocked: World) -> None:  # WMS-01
    floor, _ = at_pick(stocked)
    floor.scan(BIN)
    whole = code("STENT", "L1")
    what, which = whole[: whole.index("(17)")], whole[whole.index("(17)") :]
    floor.scan(which)
    assert floor.tone == "more"
    floor.scan(what)
    assert floor.tone == "ok"
    assert standing()["STAGE"] == 1


def test_what_is_short_is_left_and_ends_the_pick_with_a_reason(stocked: World) -> None:  # OUT-02
    floor, pick = at_pick(stocked)
    floor.scan(BIN)
    floor.scan(code("STENT", "L1"))
    told = text_of(floor.send(key="short"))
    assert floor.step == "short"
    assert "缺货 · 差 2" in told
    floor.send(key="back")
    assert floor.step == "place", "it was found after all"
    floor.send(key="short")
    kept = floor.hand
    floor.take(floor.client.get(floor.address))
    floor.hand = kept
    assert "接着做 · 缺货 1 行" in text_of(floor.send(key="kept"))
    assert floor.step == "short"
    sent = {"hand": floor.hand, "do": "1", "reason": "少两件", "request_id": str(uuid.uuid4())}
    assert floor.client.post(floor.address, sent).status_code == 302
    assert Pick.objects.get(pk=pick).state == "open", "the supervisor decides"
    held = HeldCommand.objects.get()
    assert "2" in held.why
    assert "少两件" in held.why
    answer = floor.client.post(floor.address, sent | {"request_id": str(uuid.uuid4())})
    assert answer.status_code == 409, "it is reported once"
    keeper = Floor(browser(stocked, roles.STOREKEEPER), f"/station/pick/{pick}")
    keeper.scan(BIN)
    keeper.send(key="short")
    assert "缺货：A-01" in unescape(keeper.html)
    answer = keeper.client.post(
        keeper.address,
        {"hand": keeper.hand, "do": "1", "reason": "少两件", "request_id": str(uuid.uuid4())},
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert Pick.objects.get(pk=pick).state == "picked"
    assert standing() == {BIN: 4, "STAGE": 1}


def test_another_lot_is_asked_for_with_a_reason(stocked: World) -> None:  # OUT-05
    stocked.stock(stocked.lot("STENT", "L2", date(2031, 12, 31)), 5, "A-02")
    floor, pick = at_pick(stocked)
    told = text_of(floor.send(key="lot"))
    assert floor.step == "lot"
    assert "主管" in told, "a picker does not decide it"
    floor.send(key="back")
    assert floor.step == "place"
    keeper = Floor(browser(stocked, roles.STOREKEEPER), f"/station/pick/{pick}")
    keeper.scan(BIN)
    keeper.send(key="lot")
    sent = {"hand": keeper.hand, "do": "1", "request_id": str(uuid.uuid4())}
    answer = keeper.client.post(keeper.address, sent)
    assert answer.status_code == 422, "the reason is missing"
    sent |= {"request_id": str(uuid.uuid4()), "why": "damaged"}
    answer = keeper.client.post(keeper.address, sent)
    assert answer["Location"] == keeper.address
    keeper.take(keeper.client.get(keeper.address))
    assert "已换批次" in text_of(keeper.html)
    assert keeper.step == "place"
    keeper.scan("A-02")
    keeper.scan(code("STENT", "L2", "311231"), packs="3")
    assert keeper.tone == "done"
    keeper = Floor(keeper.client, f"/station/pick/{opened(stocked, quantity=5).pick_id}")
    keeper.send(key="lot")
    sent = {"hand": keeper.hand, "do": "1", "request_id": str(uuid.uuid4()), "why": "damaged"}
    answer = keeper.client.post(keeper.address, sent)
    assert answer.status_code == 409
    assert "没有其他批次可改拣" in text_of(answer.content.decode())


@pytest.mark.parametrize("text", ["%%%", "9" * 3000, "\x00", "批号", "<script>alert(1)</script>"])
def test_what_is_no_code_is_told(stocked: World, text: str) -> None:  # WMS-01
    floor, _ = at_pick(stocked)
    floor.scan(BIN)
    floor.scan(text)
    assert (floor.tone, floor.step) == ("bad", "goods")
    assert "<script>alert" not in floor.html
    assert standing() == {BIN: 5}


@pytest.mark.parametrize(
    "hand",
    ["", "[]", "{", '{"step": "nowhere"}', '{"packs": -1}', '{"basket": 7}', "x" * MOST_LETTERS],
)
def test_a_hand_that_is_none_begins_anew(stocked: World, hand: str) -> None:
    floor, _ = at_pick(stocked)
    floor.hand = hand
    floor.scan(BIN)
    assert floor.tone == "ok"


def test_a_bin_that_the_page_made_up_takes_nothing(stocked: World) -> None:  # OUT-05
    floor, _ = at_pick(stocked)
    floor.hand = json.dumps({"step": "goods", "place": OTHER, "line": 1})
    floor.scan(code("STENT", "L1"))
    assert floor.tone == "bad"
    assert standing() == {BIN: 5}


def test_stations_are_for_who_may_use_their_verb(stocked: World) -> None:  # SEC-01
    going = picked(stocked)
    client = browser(stocked, roles.AUDITOR)
    assert client.get(f"/station/pick/{going.pick_id}").status_code == 403
    assert client.post(f"/station/pick/{going.pick_id}", {"code": BIN}).status_code == 403
    picker = browser(stocked, roles.PICKER)
    assert picker.get("/station/pick/999999").status_code == 404
    assert picker.get("/station/nothing").status_code == 404
    assert "拣货" in text_of(picker.get("/station").content.decode())


def test_a_scanned_number_opens_its_task(stocked: World) -> None:  # WMS-01
    going = opened(stocked)
    number = Pick.objects.get(pk=going.pick_id).number
    client = browser(stocked, roles.PICKER)
    assert number in client.get("/station/pick").content.decode()
    answer = client.post("/station/pick", {"code": number})
    assert answer["Location"] == f"/station/pick/{going.pick_id}"
    refused = client.post("/station/pick", {"code": "PK-NONE"})
    assert refused.status_code == 422
    assert "PK-NONE" in refused.content.decode()


def test_scenarios_and_tasks_are_data(stocked: World) -> None:
    """A browser can hold them: the door of the queue for poor networks. # WMS-02"""
    going = opened(stocked)
    for one in STATIONS.values():
        table = json.loads(json.dumps(one.table()))
        steps = {step.key for step in one.steps}
        assert set(table) == steps
        for answers in table.values():
            assert {answer["good"] for answer in answers.values()} <= steps
    task = task_of(going.pick_id, visitor(person(stocked, roles.PICKER)))
    assert task is not None
    assert [one.place for one in task.lines] == [BIN]
    assert hand_of(HAND.dump_json(hand_of('{"place": "A-01"}')).decode()).place == "A-01"


def test_only_what_the_pick_fetched_is_put_back(stocked: World) -> None:  # OUT-05
    going = opened(stocked)
    by = stocked.by(roles.PICKER)
    picking.pick(going.pick_id, [scan("L1", 2)], by=by)
    with refused(WrongPick, "scans.0.codes"):
        putting_back.put_back(going.pick_id, [scan("L1", 3)], by=stocked.by(roles.PICKER))
    assert standing() == {BIN: 3, "STAGE": 2}
    progress = putting_back.put_back(going.pick_id, [scan("L1", 1)], by=stocked.by(roles.PICKER))
    assert (progress.taken, progress.left, progress.state) == (-1, 2, "open")
    assert standing() == {BIN: 4, "STAGE": 1}
    assert reserved() == {BIN: 2, "STAGE": 1}
    moves = StockMove.objects.filter(document=going.pick_id, code=Code.MOVE)
    assert moves.count() == 1
    picking.pick(going.pick_id, [scan("L1", 2)], by=stocked.by(roles.PICKER))
    by = stocked.by(roles.PICKER)
    again = putting_back.put_back(going.pick_id, [scan("L1", 1)], reason="wet", by=by)
    assert (again.left, again.state) == (1, "open"), "a complete pick is open again"
    assert moves.filter(reason="wet").count() == 1
    assert standing() == {BIN: 3, "STAGE": 2}


def test_what_was_checked_is_not_put_back(stocked: World) -> None:  # OUT-03
    going = outbound.checked(stocked)
    with refused(WrongState):
        putting_back.put_back(going.pick_id, [scan("L1", 1)], by=stocked.by(roles.PICKER))


def test_what_came_is_scanned_and_booked_once(world: World) -> None:  # INB-02 WMS-01
    coming = inbound.announced(world, (code("STENT", "L1"), 5))
    floor = Floor(browser(world, roles.STOREKEEPER), f"/station/receive/{coming.notice_id}")
    floor.send(key="book")
    assert floor.tone == "bad", "there is nothing to book"
    floor.scan(code("STENT", "L1"), packs="2")
    assert (floor.tone, floor.step) == ("ok", "goods")
    told = text_of(floor.scan(code("STENT", "L1"), packs="4"))
    assert floor.tone == "bad"
    assert "4" in told
    floor.scan(code("REAGENT", "R1", "301231"))
    assert floor.tone == "bad", "it was not announced"
    floor.send(key="undo")
    assert json.loads(floor.hand).get("basket", []) == []
    floor.scan(code("STENT", "L1"), packs="5")
    assert (floor.tone, floor.step) == ("done", "book")
    assert standing() == {}, "nothing is booked before the papers are compared"
    sent = {"hand": floor.hand, "do": "1", "request_id": str(uuid.uuid4())}
    answer = floor.client.post(floor.address, sent)
    assert answer.status_code == 422
    assert "随货同行单" in answer.content.decode()
    filled = {
        "place_id": f"#{world.places['DOCK'].pk}",
        "delivery_note": "DN-1",
        "is_intact": "true",
        "journey.transport_mode": "road",
        "journey.deliverer": "Chen",
    }
    filled["request_id"] = str(uuid.uuid4())
    answer = floor.client.post(floor.address, sent | filled)
    assert answer.status_code == 302, text_of(answer.content.decode())[-1500:]
    floor.client.post(floor.address, sent | filled)
    assert standing() == {"DOCK": 5}, "sent twice, it counts once"


def test_a_transfer_is_received_by_scans(stocked: World) -> None:  # TRF-01 WMS-01
    """As its shipment has it, at the site where it arrives; the rest is missing, and may come."""
    going = transferring.shipped(stocked, 3)
    address = f"/station/receive-transfer/{going.shipment_id}"
    client = browser(stocked, roles.STOREKEEPER)
    number = Shipment.objects.get(pk=going.shipment_id).number
    assert number in client.get("/station/receive-transfer").content.decode()
    floor = Floor(client, address)
    floor.scan(code("STENT", "L2", "311231"))
    assert floor.tone == "bad", "it is not of this shipment"
    floor.scan(code("STENT", "L1"), packs="4")
    assert floor.tone == "bad", "more than were sent"
    floor.scan(code("STENT", "L1"), packs="2")
    assert (floor.tone, floor.step) == ("ok", "goods")
    floor.scan(code("STENT", "L1"), packs="2")
    assert floor.tone == "bad", "with what is at hand it is more than were sent"
    floor.send(key="book")
    sent = {"hand": floor.hand, "do": "1", "request_id": str(uuid.uuid4())}
    filled = {"place_id": f"#{going.dock.pk}", "is_complete": "false"}
    answer = client.post(address, sent | filled)
    assert answer.status_code == 302, text_of(answer.content.decode())[-1500:]
    assert standing()[going.dock.code] == 2
    floor = Floor(client, address)
    assert "2/3" in floor.html.replace(" ", "")
    floor.scan(code("STENT", "L1"))
    assert (floor.tone, floor.step) == ("done", "book")
    local = browser_at(stocked, roles.STOREKEEPER, stocked.shanghai)
    floor = Floor(local, address)
    floor.scan(code("STENT", "L1"))
    assert floor.tone == "bad", "it arrives elsewhere"


def test_what_came_damaged_is_marked_and_waits_for_inspection(stocked: World) -> None:
    # TRF-01 WMS-01
    going = transferring.shipped(stocked, 3)
    address = f"/station/receive-transfer/{going.shipment_id}"
    client = browser(stocked, roles.STOREKEEPER)
    floor = Floor(client, address)
    floor.send(key="damaged")
    assert floor.tone == "bad", "nothing was scanned that could be damaged"
    floor.scan(code("STENT", "L1"))
    floor.send(key="damaged")
    assert (floor.tone, floor.step) == ("more", "goods")
    assert "破损 · 1" in text_of(floor.html)
    floor.send(key="damaged")
    assert "未破损 · 1" in text_of(floor.html)
    floor.send(key="damaged")
    floor.scan(code("STENT", "L1"), packs="2")
    assert floor.step == "book"
    kept = json.loads(floor.hand)["basket"]
    marks = [(one.get("packs", 1), one.get("is_damaged", False)) for one in kept]
    assert marks == [(1, True), (2, False)]
    floor.send(key="undo")
    assert sum(one.get("packs", 1) for one in json.loads(floor.hand)["basket"]) == 1
    floor.send(key="book")
    sent = {"hand": floor.hand, "do": "1", "request_id": str(uuid.uuid4())}
    filled = {"place_id": f"#{going.dock.pk}", "is_complete": "false"}
    answer = client.post(address, sent | filled)
    assert answer.status_code == 302, text_of(answer.content.decode())[-1500:]
    noted = Discrepancy.objects.get()
    assert (noted.kind, noted.quantity) == ("damaged", 1)
    assert ReceiptLine.objects.get().is_damaged


def test_a_pick_is_checked_packed_loaded_and_signed_for(stocked: World) -> None:
    # OUT-02 OUT-03 WMS-01
    going = picked(stocked)
    client = browser(stocked, roles.CHECKER)
    floor = Floor(client, f"/station/check/{going.pick_id}")
    floor.scan(code("STENT", "L1"), packs="4")
    assert floor.tone == "bad", "more than were picked"
    floor.scan(code("STENT", "L1"), packs="3")
    assert (floor.tone, floor.step) == ("done", "book")
    sent = {"hand": floor.hand, "do": "1", "request_id": str(uuid.uuid4())}
    answer = client.post(
        floor.address, sent | {"is_package_intact": "true", "is_label_right": "true"}
    )
    assert answer.status_code == 302, text_of(answer.content.decode())[-1500:]
    assert Pick.objects.get(pk=going.pick_id).state == "checked"

    floor = Floor(browser(stocked, roles.PICKER), f"/station/pack/{going.pick_id}")
    floor.scan(code("STENT", "L1"), packs="3")
    assert floor.step == "book"
    assert "装车发运" not in text_of(floor.html), "the box comes next"
    assert (
        found(r'name="key" value="(\w+)" formnovalidate class="tw-btn tw-pri"', floor.html) == "new"
    )
    floor.send(key="new")
    assert floor.tone == "bad", "who has no GS1 company prefix has no SSCC of their own"
    floor.scan("00095200000000000011")
    assert (floor.tone, floor.step) == ("done", "done"), text_of(floor.html)
    box = Container.objects.get()

    client = browser(stocked, roles.DISPATCHER)
    floor = Floor(client, f"/station/load/{going.pick_id}")
    floor.scan("00095200000000000028")
    assert floor.tone == "bad", "not a box of this pick"
    floor.scan(f"00{box.code}")
    assert (floor.tone, floor.step) == ("done", "book")
    assert 'name="transport.carrier_name"' not in floor.html, "our own vehicle has no carrier"
    floor.send(key="carrier")
    assert floor.step == "carrier"
    assert 'name="transport.driver_id"' not in floor.html
    van = {
        "transport.carrier_name": "Quick Wheels",
        "transport.waybill": "WB-1",
        "transport.departure_c": "5",
    }
    sent = {"hand": floor.hand, "do": "1", "request_id": str(uuid.uuid4())}
    answer = client.post(floor.address, sent | van)
    assert answer.status_code == 302, text_of(answer.content.decode())[-1500:]
    shipment = Shipment.objects.get()
    assert (shipment.transport_mode, shipment.carrier_name) == ("第三方运输", "Quick Wheels")

    client = browser(stocked, roles.COORDINATOR)
    floor = Floor(client, f"/station/deliver/{shipment.pk}")
    floor.scan(code("STENT", "L1"))
    assert (floor.tone, floor.step) == ("ok", "goods")
    floor.scan(f"00{box.code}")
    assert (floor.tone, floor.step) == ("done", "book"), "the rest of the box"
    sent = {"hand": floor.hand, "do": "1", "request_id": str(uuid.uuid4())}
    signed = {"receiver": "Dr. Li", "arrival_c": "5", "signature": PASSWORD}
    wrong = client.post(floor.address, sent | signed | {"signature": "wrong"})
    assert wrong.status_code == 401
    answer = client.post(floor.address, sent | signed | {"request_id": str(uuid.uuid4())})
    assert answer.status_code == 302, text_of(answer.content.decode())[-1500:]
    assert standing().get("DEP") == 3


def test_what_is_at_hand_is_said_by_line(stocked: World) -> None:  # OUT-03
    going = picked(stocked)
    client = browser(stocked, roles.CHECKER)
    asked = {"pick_id": going.pick_id, "codes": code("STENT", "L1"), "held": "x"}
    answer = client.get("/ask/warehousing.judge_check", asked)
    assert "半角冒号" in answer.content.decode()
