"""What a station says is so at this moment: recalled meanwhile, not there yet, where it all is."""

import re
import uuid

from tests import inbound, outbound
from tests.inbound import code
from tests.recalls.test_commands import opened
from tests.web.test_pages import browser, company, text_of
from tests.web.test_stations import Floor, stocked
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Lot
from traceward.domain.warehousing.models import RefusedLine
from traceward.kernel.org import roles

__all__ = ["company", "stocked"]


def test_what_is_recalled_meanwhile_is_red_at_the_scan(stocked: World) -> None:  # TRC-03 OUT-02
    loading = outbound.checked(stocked, quantity=2)
    boxed = outbound.checked(stocked, quantity=1)
    sscc = "095200000000000011"
    outbound.shipping.pack(boxed.pick_id, sscc=sscc, by=stocked.by(roles.STOREKEEPER))
    there = outbound.shipped(stocked, quantity=2)
    floor = Floor(browser(stocked, roles.DRIVER), f"/station/deliver/{there.shipment_id}")
    floor.scan(code("STENT", "L1"))
    assert floor.tone == "ok"
    opened(stocked)
    for role, address, scanned in (
        (roles.DRIVER, f"/station/deliver/{there.shipment_id}", code("STENT", "L1")),
        (roles.DISPATCHER, f"/station/load/{loading.pick_id}", code("STENT", "L1")),
        (roles.DISPATCHER, f"/station/load/{boxed.pick_id}", "00" + sscc),
    ):
        floor = Floor(browser(stocked, role), address)
        told = text_of(floor.scan(scanned))
        assert floor.tone == "bad", address
        assert "召回" in told, address
        assert "strut may break" in told, address


def test_a_pick_that_is_not_there_yet_says_what_is_done_first(stocked: World) -> None:
    picking, picked = outbound.opened(stocked, quantity=1), outbound.picked(stocked, quantity=1)
    for role, station, pick, said in (
        (roles.CHECKER, "check", picking, "还在拣货"),
        (roles.DISPATCHER, "load", picked, "还未复核"),
    ):
        floor = Floor(browser(stocked, role), f"/station/{station}/{pick.pick_id}")
        told = text_of(floor.html)
        assert said in told
        assert "本单已" not in told


def test_a_pick_whose_shortage_waits_is_no_task(stocked: World) -> None:  # OUT-05
    short, other = (outbound.opened(stocked, quantity=1).pick_id for _ in range(2))
    client = browser(stocked, roles.PICKER)
    page = client.get("/station/pick").content.decode()
    assert f"/station/pick/{short}" in page
    outbound.picking.end_pick(short, "not there", by=stocked.by(roles.PICKER))
    page = client.get("/station/pick").content.decode()
    assert f"/station/pick/{short}" not in page
    assert f"/station/pick/{other}" in page


def test_all_of_a_lot_is_counted_where_it_is_in_many_places(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 7)
    outbound.signed(world, quantity=1)
    in_bins(world, lot)
    floor = Floor(browser(world, roles.STOREKEEPER), "/station/look-up")
    told = text_of(floor.scan(code("STENT", "L1")))
    assert re.search(r"合计 另有 \d+ 处，点开查看 21\b", told), told


def in_bins(world: World, lot: Lot) -> None:
    """Two units of the lot stand in each of seven bins more."""
    model = world.places["A-01"]
    for n in range(7):
        place = Place.objects.create(
            code=f"X-{n:02d}", kind=model.kind, physical=True, site=model.site,
            legal_entity=model.legal_entity, temperature_c_min=model.temperature_c_min,
            temperature_c_max=model.temperature_c_max,
        )  # fmt: skip
        world.places[place.code] = place
        world.stock(lot, 2, place.code)


def test_the_label_of_the_last_box_is_printed_again(stocked: World) -> None:  # OUT-03
    going = outbound.checked(stocked)
    sscc = "095200000000000011"
    outbound.shipping.pack(going.pick_id, sscc=sscc, by=stocked.by(roles.STOREKEEPER))
    floor = Floor(browser(stocked, roles.STOREKEEPER), f"/station/pack/{going.pick_id}")
    told = text_of(floor.send(key="label"))
    assert floor.tone == "more"
    assert sscc in told


def test_a_part_is_refused_at_the_door_by_scanner(world: World) -> None:  # INB-02
    inbound.received(world, (code("STENT", "L9"), 1))
    notice = inbound.announced(world, (code("STENT", "L1"), 5)).notice_id
    client = browser(world, roles.STOREKEEPER)
    floor = Floor(client, f"/station/receive/{notice}")
    floor.scan(code("STENT", "L1"), packs="2")
    told = text_of(floor.send(key="refuse"))
    assert "拒收 2，不入库" in told
    assert re.search(r'name="place_id"[^>]*value="DOCK|selected[^>]*>DOCK', floor.html), "proposed"
    dock = f"#{world.places['DOCK'].pk}"
    given = {
        "place_id": dock,
        "reason": "damaged",
        "seen": "箱体压坏",
        "delivery_note": "DN-1",
        "journey.transport_mode": "road",
        "journey.deliverer": "Chen",
        "do": "1",
    }
    sent = {"hand": floor.hand, "request_id": str(uuid.uuid4()), **given}
    answer = client.post(floor.address, sent)
    assert answer.status_code == 302, text_of(answer.content.decode())
    assert list(RefusedLine.objects.values_list("quantity", flat=True)) == [2]
    assert "0 / 3" in text_of(client.get(floor.address).content.decode())
