"""What a station says of a scan is so: boxes, wrong labels, what is refused at the door."""

import json
import re
import uuid
from datetime import date

from tests import inbound, outbound
from tests.inbound import code
from tests.outbound import standing
from tests.refusing import refused
from tests.web.test_pages import PASSWORD, browser, company, text_of
from tests.web.test_stations import BIN, Floor, stocked
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.quality.commands import decide
from traceward.domain.quality.rules import Share
from traceward.domain.sales.commands import delivering
from traceward.domain.sales.commands.returning import ReturnedLine, announce_return
from traceward.domain.sales.models import CustomerReturn
from traceward.domain.stock.models import Container
from traceward.domain.warehousing.models import PickLine, Receipt
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.org import roles
from traceward.web.kit.comparing import Wanted
from traceward.web.kit.hands import Hand
from traceward.web.kit.stations import STATIONS, Task, Turn
from traceward.web.stations.picking import ending
from traceward.web.visitors import Visitor

__all__ = ["company", "stocked"]


def test_only_what_was_scanned_goes_into_a_box(stocked: World) -> None:  # OUT-03 INV-10
    going = outbound.checked(stocked)
    address = f"/station/pack/{going.pick_id}"
    floor = Floor(browser(stocked, roles.PICKER), address)
    box = "00095200000000000011"
    floor.send(key="new")
    assert floor.tone == "bad", "nothing was scanned"
    floor.scan(box)
    assert (floor.tone, floor.step) == ("bad", "goods")
    assert not Container.objects.exists()
    floor.scan(code("STENT", "L1"))
    told = text_of(floor.scan(box))
    assert (floor.tone, floor.step) == ("ok", "goods")
    assert "还有 2 未装箱" in told
    lines = PickLine.objects.filter(pick=going.pick_id).order_by("line__line_number")
    assert [(one.picked, one.container_id is not None) for one in lines] == [(1, True), (2, False)]
    floor.send(key="undo")
    assert "已拆箱" in text_of(floor.html)
    assert [one.container_id for one in lines.all()] == [None, None]
    floor.scan(code("STENT", "L1"), packs="2")
    floor.scan(box)
    floor.scan(code("STENT", "L1"))
    floor.scan("00095200000000000028")
    assert (floor.tone, floor.step) == ("done", "done")
    assert sum(one.picked for one in lines.all()) == 3
    van = Floor(browser(stocked, roles.DISPATCHER), f"/station/load/{going.pick_id}")
    van.scan(box)
    van.scan("00095200000000000028")
    assert van.step == "book"


def test_at_the_door_the_rest_comes_later_or_is_refused(stocked: World) -> None:  # OUT-02 REV-01
    going = outbound.shipped(stocked)
    address = f"/station/deliver/{going.shipment_id}"
    client = browser(stocked, roles.DRIVER)
    signed = {"receiver": "Dr. Li", "arrival_c": "5", "signature": PASSWORD, "do": "1"}
    floor = Floor(client, address)
    floor.send(key="book")
    assert floor.tone == "bad", "nothing was scanned"
    floor.scan(code("STENT", "L1"))
    told = text_of(floor.send(key="book"))
    assert (floor.tone, floor.step) == ("more", "later")
    assert "还差 2" in told
    assert 'name="refused_because"' not in floor.html
    sent = signed | {"hand": floor.hand, "request_id": str(uuid.uuid4())}
    answer = client.post(address, sent)
    assert answer.status_code == 302, text_of(answer.content.decode())[-1500:]
    assert "还差 2" in text_of(client.get("/station/deliver").content.decode())
    floor = Floor(client, address)
    assert "1/3" in floor.html.replace(" ", ""), "what was signed for does not wait any more"
    floor.scan(code("STENT", "L1"))
    floor.send(key="book")
    floor.send(key="refuse")
    assert floor.step == "refuse"
    sent = signed | {"hand": floor.hand, "request_id": str(uuid.uuid4())}
    assert client.post(address, sent).status_code == 422, "it is to be said why"
    answer = client.post(address, sent | {"refused_because": "box is wet"})
    assert answer.status_code == 302, text_of(answer.content.decode())[-1500:]
    back = CustomerReturn.objects.get()
    assert (back.reason, back.from_place.kind, back.state) == ("box is wet", "transit", "announced")
    assert "没有待签收的货物" in text_of(client.get(address).content.decode())


def test_all_of_it_is_refused_at_the_door(stocked: World) -> None:  # OUT-02 REV-01
    going = outbound.shipped(stocked)
    address = f"/station/deliver/{going.shipment_id}"
    client = browser(stocked, roles.DRIVER)
    floor = Floor(client, address)
    floor.send(key="refuse")
    assert (floor.tone, floor.step) == ("more", "nothing")
    sent = {"hand": floor.hand, "do": "1", "request_id": str(uuid.uuid4())}
    answer = client.post(address, sent | {"reason": "nobody ordered it"})
    assert answer.status_code == 302, text_of(answer.content.decode())[-1500:]
    assert CustomerReturn.objects.get().reason == "nobody ordered it"


def test_with_everything_accepted_nothing_is_refused(stocked: World) -> None:  # OUT-02
    going = outbound.shipped(stocked)
    with refused(InvalidInput, "refused_because"):
        outbound.sign_for(stocked, going, refused_because="wet")
    some = [delivering.SignedLine(1, 1)]
    done = outbound.sign_for(stocked, going, lines=some, refused_because="wet")
    assert (done.quantity, done.left, done.refused) == (1, 2, 2)
    assert done.return_id == CustomerReturn.objects.get().pk


def test_the_part_that_is_wrong_is_marked_and_named(stocked: World) -> None:  # OUT-03 OUT-05
    going = outbound.picked(stocked)
    stocked.stock(stocked.lot("STENT", "L2", date(2031, 12, 31)), 5)
    floor = Floor(browser(stocked, roles.CHECKER), f"/station/check/{going.pick_id}")
    told = text_of(floor.scan(code("STENT", "L2", "301231")))
    assert floor.tone == "bad"
    assert "批号不符" in told, "the day is that of the task: it is the lot that is wrong"
    assert "应为 L1，扫到 L2" in told
    wrong = re.findall(r'<li class="tw-no"><span class="tw-code">(\d+)', floor.html)
    assert wrong == ["10"]
    floor.scan(code("STENT", "L1"), packs="3")
    assert floor.step == "book"
    told = text_of(floor.scan(code("STENT", "L1")))
    assert floor.tone == "bad", "every scan has a verdict, also after the last"
    assert "已扫够" in told
    assert floor.step == "book"


def test_goods_that_nobody_announced_are_told_before_licences(world: World) -> None:  # INB-02
    coming = inbound.announced(world, (code("STENT", "L1"), 5))
    floor = Floor(browser(world, roles.STOREKEEPER), f"/station/receive/{coming.notice_id}")
    told = text_of(floor.scan(code("REAGENT", "R1", "301231")))
    assert "商品不符" in told
    assert "应为 STENT" in told
    assert "许可证" not in told


def test_a_complete_label_drops_the_half_before_it(stocked: World) -> None:  # WMS-01
    going = outbound.picked(stocked)
    floor = Floor(browser(stocked, roles.CHECKER), f"/station/check/{going.pick_id}")
    whole = code("STENT", "L1")
    half = whole[: whole.index("(17)")]
    floor.scan(half)
    assert floor.tone == "more"
    assert 'value="drop"' in floor.html
    floor.send(key="drop")
    assert json.loads(floor.hand).get("codes", []) == []
    floor.scan(half)
    floor.scan(whole)
    assert floor.tone == "ok"


def test_another_box_is_told_with_the_right_one(stocked: World) -> None:  # OUT-02
    going = outbound.checked(stocked)
    box = "095200000000000011"
    outbound.shipping.pack(going.pick_id, sscc=box, by=stocked.by(roles.STOREKEEPER))
    floor = Floor(browser(stocked, roles.DISPATCHER), f"/station/load/{going.pick_id}")
    assert f"箱号 {box}" in text_of(floor.html), "which one to look for"
    told = text_of(floor.scan("00095200000000000028"))
    assert floor.tone == "bad"
    assert box in told


def test_goods_are_put_away_by_two_scans(world: World) -> None:  # INB-04 WMS-01
    (inspection,) = inbound.inspected(world, (code("STENT", "L1"), 5))
    head = world.by(roles.QUALITY_HEAD).reauthenticated()
    decide(inspection.pk, [Share(world.places["DOCK"].pk, 5, 0)], "fit for use", by=head)
    receipt = Receipt.objects.get()
    floor = Floor(browser(world, roles.STOREKEEPER), f"/station/put-away/{receipt.pk}")
    floor.scan(BIN)
    assert floor.tone == "bad", "the goods come first"
    floor.scan(code("STENT", "L1"))
    assert (floor.tone, floor.step) == ("more", "place")
    assert json.loads(floor.hand)["packs"] == 5
    assert 'data-each="1" data-counts="将上架 {n} 件">将上架 5 件<' in floor.html
    floor.scan("STAGE", packs="5")
    assert floor.tone == "bad", "no bin of the store"
    assert BIN in text_of(floor.html), "one that suits is named"
    floor.scan(BIN, packs="2")
    assert (floor.tone, floor.step) == ("ok", "goods")
    assert standing() == {BIN: 2, "DOCK": 3}
    told = text_of(floor.send(key="undo"))
    assert "已撤销 · −2" in told
    assert "回到 DOCK" in told
    assert floor.step == "goods"
    assert standing() == {"DOCK": 5}
    floor.send(key="undo")
    assert floor.tone == "bad", "nothing is left to take back"
    floor.scan(code("STENT", "L1"))
    floor.scan(BIN, packs="5")
    assert (floor.tone, floor.step) == ("done", "done")
    assert standing() == {BIN: 5}
    floor.send(key="undo")
    assert standing() == {"DOCK": 5}, "the last one too"


def test_a_look_up_says_what_stands_where(stocked: World) -> None:  # WMS-01
    floor = Floor(browser(stocked, roles.STOREKEEPER), "/station/look-up")
    told = text_of(floor.scan(BIN))
    assert floor.tone == "ok"
    assert "L1" in told, "what stands in the bin"
    told = text_of(floor.scan(code("STENT", "L1")))
    assert BIN in told, "where the lot stands"
    assert "合格" in told


def test_a_check_that_is_not_passed_cancels_the_pick(stocked: World) -> None:  # OUT-03
    going = outbound.picked(stocked)
    address = f"/station/check/{going.pick_id}"
    floor = Floor(browser(stocked, roles.CHECKER), address)
    floor.send(key="cancel")
    assert floor.step == "cancel"
    assert "主管" in text_of(floor.html), "the checker may not"
    assert 'name="reason"' not in floor.html


def test_a_return_is_received_by_scans(stocked: World) -> None:  # OUT-02 WMS-01
    going = outbound.signed(stocked)
    line = ReturnedLine(1, 2)
    by = stocked.by(roles.SALES)
    made = announce_return(going.shipment_id, [line], "ordered too many", by=by)
    address = f"/station/receive-return/{made.return_id}"
    floor = Floor(browser(stocked, roles.STOREKEEPER), address)
    floor.scan(code("STENT", "L1"), packs="3")
    assert floor.tone == "bad", "two were announced"
    floor.scan(code("STENT", "L1"), packs="2")
    assert (floor.tone, floor.step) == ("done", "book")
    sent = {"hand": floor.hand, "do": "1", "request_id": str(uuid.uuid4())}
    filled = {"place_id": f"#{stocked.places['DOCK'].pk}", "quality_state": "unopened"}
    answer = floor.client.post(address, sent | filled)
    assert answer.status_code == 302, text_of(answer.content.decode())[-1500:]
    assert standing() == {BIN: 2, "DEP": 1, "DOCK": 2}
    assert "已全部到货" in text_of(floor.client.get(address).content.decode())


def test_any_code_is_looked_up(stocked: World) -> None:  # WMS-01
    floor = Floor(browser(stocked, roles.PICKER), "/station/look-up")
    floor.scan(BIN)
    assert floor.tone == "ok"
    floor.scan(code("STENT", "L1"))
    assert floor.tone == "ok"
    assert "L1" in text_of(floor.html)
    floor.scan("nothing of ours")
    assert floor.tone == "bad"


def test_who_has_no_task_at_a_station_is_led_to_their_pages(world: World) -> None:  # UX-05
    html = browser(world, roles.INSPECTOR).get("/station").content.decode()
    assert "/station/look-up" in html
    assert "您的工作在页面上处理" in html
    assert "/quality/inspections?" in html
    html = browser(world, roles.PICKER).get("/station").content.decode()
    assert "您的工作在页面上处理" not in html


def test_what_cold_goods_ask_for_is_marked_before_it_is_refused(world: World) -> None:  # INB-02
    order = inbound.ordered(world, "REAGENT")
    lines = [purchasing.Noticed([code("REAGENT", "R1")], 2)]
    made = purchasing.notify(order, "N-COLD", lines, by=world.by(roles.BUYER))
    floor = Floor(browser(world, roles.STOREKEEPER), f"/station/receive/{made.notice_id}")
    floor.scan(code("REAGENT", "R1"), packs="2")
    assert floor.step == "book"
    for name in ("departed_at", "arrival_c", "transit_c_min", "transit_c_max"):
        field = re.search(rf'<input[^>]*name="journey.{name}"[^>]*>', floor.html)
        assert field, name
        assert " required" in field[0], name
    coming = inbound.announced(world, (code("STENT", "L1"), 1))
    floor = Floor(browser(world, roles.STOREKEEPER), f"/station/receive/{coming.notice_id}")
    floor.scan(code("STENT", "L1"))
    field = re.search(r'<input[^>]*name="journey.arrival_c"[^>]*>', floor.html)
    assert field
    assert " required" not in field[0]


def test_a_reason_of_many_lines_has_room() -> None:  # OUT-02
    lines = (Wanted(n, "S", "S", 5, place=f"A-{n:02}", lot=f"L{n:08}") for n in range(1, 41))
    task = Task(1, "PK", "", "", tuple(lines))
    turn = Turn(STATIONS["pick"], Visitor(None, "zh-hans"), task, Hand(), uuid.uuid4())
    said = str(ending(turn)["reason"])
    assert len(said) < 300
    assert said.startswith("缺货：A-01 S L00000001 差 5；缺货：A-02")
    assert said.endswith(f"另 {40 - said.count('缺货：')} 行缺货")
