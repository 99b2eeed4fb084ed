"""A supplier's box is scanned as a whole, ours gets its label, and a scanner's fault is named."""

import json
import uuid
from datetime import date

import pytest

from tests import outbound, transferring
from tests.inbound import DIS, code, ordered
from tests.outbound import standing
from tests.web.test_pages import browser, company, text_of
from tests.web.test_stations import Floor, stocked
from tests.world import World
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.warehousing.commands import shipping
from traceward.domain.warehousing.models import PrintedLabel, ReceiptLine
from traceward.kernel.org import roles
from traceward.web.kit.unended import unended

__all__ = ["company", "stocked"]

SSCC, OTHER = "095200000000000011", "095200000000000028"
STENT = DIS["STENT"]
#: As a scanner without FNC1 sends (01) (10) (17).
RUN = f"01{STENT}10L117301231"


def book(floor: Floor, world: World, **more: str) -> int:
    """The form is sent; the status of the answer."""
    filled = {
        "hand": floor.hand,
        "do": "1",
        "request_id": str(uuid.uuid4()),
        "place_id": f"#{world.places['DOCK'].pk}",
        "delivery_note": "DN-1",
        "is_intact": "true",
        "journey.transport_mode": "road",
        "journey.deliverer": "Chen",
    }
    return floor.client.post(floor.address, filled | more).status_code


def boxed(world: World) -> Floor:
    """A notice that names a box with two lots in it, and a third lot outside."""
    order = ordered(world)
    lines = [
        purchasing.Noticed([f"(00){SSCC}", code("STENT", "L1")], 4),
        purchasing.Noticed([f"(00){SSCC}", code("STENT", "L2")], 2),
        purchasing.Noticed([code("STENT", "L3")], 1),
    ]
    made = purchasing.notify(order, "N1", lines, by=world.by(roles.BUYER))
    return Floor(browser(world, roles.STOREKEEPER), f"/station/receive/{made.notice_id}")


def test_a_box_that_the_notice_names_is_taken_whole(world: World) -> None:  # INB-02 INV-10
    floor = boxed(world)
    told = text_of(floor.scan(f"00{SSCC}"))
    assert (floor.tone, floor.step) == ("ok", "goods")
    assert "+6" in told
    assert SSCC in told
    floor.scan(SSCC)
    assert floor.tone == "bad", "scanned before, and typed without its identifier"
    assert "已扫过" in text_of(floor.html)
    floor.send(key="undo")
    assert json.loads(floor.hand).get("basket", []) == []
    floor.scan(code("STENT", "L1"))
    assert "+5" in text_of(floor.scan(f"]C100{SSCC}")), "what is left of it"
    floor.scan(code("STENT", "L3"))
    assert (floor.tone, floor.step) == ("done", "book")
    assert book(floor, world) == 302
    assert standing() == {"DOCK": 7}
    kept = {one.raw for one in ReceiptLine.objects.all()}
    assert f"(00){SSCC}\n{code('STENT', 'L2')}" in kept, "the receipt keeps the box"


def test_of_a_box_that_nobody_named_the_goods_are_scanned(world: World) -> None:  # INB-02
    floor = boxed(world)
    told = text_of(floor.scan(f"00{OTHER}"))
    assert (floor.tone, floor.step) == ("more", "goods")
    assert OTHER in told
    assert "商品条码" in told
    floor.scan(code("STENT", "L1"), packs="4")
    assert floor.tone == "ok"
    floor.send(key="book")
    assert book(floor, world) == 302
    assert ReceiptLine.objects.get().raw == f"00{OTHER}\n{code('STENT', 'L1')}"


def test_a_box_of_a_transfer_is_received_whole(stocked: World) -> None:  # TRF-01 INV-10
    going = transferring.checked(stocked, 3)
    shipping.pack(going.pick_id, sscc=SSCC, by=stocked.by(roles.STOREKEEPER))
    made = shipping.ship(going.pick_id, outbound.VAN, by=stocked.by(roles.DISPATCHER))
    going.shipment_id = made.shipment_id
    address = f"/station/receive-transfer/{going.shipment_id}"
    floor = Floor(browser(stocked, roles.STOREKEEPER), address)
    floor.scan(f"00{OTHER}")
    assert floor.tone == "bad", "it is not of this shipment"
    assert OTHER in text_of(floor.html)
    floor.scan(f"00{SSCC}")
    assert (floor.tone, floor.step) == ("done", "book")
    sent = {"place_id": f"#{going.dock.pk}", "is_complete": "true"}
    assert book(floor, stocked, **sent) == 302
    assert standing()[going.dock.code] == 3


def test_the_label_of_the_box_in_hand_is_printed(stocked: World) -> None:  # WMS-06 OUT-03
    going = outbound.checked(stocked)
    floor = Floor(browser(stocked, roles.PICKER), f"/station/pack/{going.pick_id}")
    floor.send(key="label")
    assert floor.tone == "bad", "no box yet"
    floor.scan(code("STENT", "L1"), packs="3")
    floor.scan(f"00{SSCC}")
    once = str(uuid.uuid4())
    floor.send(once, key="label")
    hand = floor.hand
    printed = PrintedLabel.objects.get()
    assert printed.container is not None
    assert printed.container.code == SSCC
    for form, begins in (("pdf", b"%PDF"), ("zpl", b"^XA")):
        address = f"/station/labels/{printed.label_print_id}.{form}"
        assert address in floor.html
        answer = floor.client.get(address)
        assert answer.status_code == 200
        assert begins in answer.content
    floor.hand = hand
    floor.send(once, key="label")
    assert PrintedLabel.objects.count() == 1, "sent twice, it is printed once"
    floor.send(key="undo")
    assert "已拆箱" in text_of(floor.html), "the box can be undone still"


def test_a_scanner_without_separators_is_named(world: World) -> None:  # INB-02 WMS-01
    floor = boxed(world)
    told = text_of(floor.scan(RUN))
    assert floor.tone == "bad"
    assert "FNC1" in told
    assert "批号 L1 与后面的 17301231" in told
    assert json.loads(floor.hand).get("codes", []) == [], "the next scan begins anew"
    told = text_of(floor.scan(f"01{STENT}10UNKNOWN-1173012312112345678901234"))
    assert "FNC1" in told, "longer than any lot"
    told = text_of(floor.scan(f"01{STENT}1730123110L9"))
    assert floor.tone == "bad"
    assert "FNC1" not in told, "simply another lot"
    floor.scan(f"01{STENT}10L1\x1d17301231")
    assert floor.tone == "ok"


def test_a_lot_that_is_known_is_no_fault_of_the_scanner(stocked: World) -> None:  # OUT-05
    stocked.lot("STENT", "L117301231", date(2031, 12, 31))
    going = outbound.opened(stocked)
    floor = Floor(browser(stocked, roles.PICKER), f"/station/pick/{going.pick_id}")
    floor.scan("A-01")
    told = text_of(floor.scan(RUN))
    assert floor.tone == "bad"
    assert "FNC1" not in told


@pytest.mark.parametrize(
    ("text", "known", "found"),
    [
        (RUN, [], ("10", "L1", "17301231")),
        (f"01{STENT}1730123110L121S1", ["L1", "S1"], ("10", "L1", "21S1")),
        (f"01{STENT}1730123110L121S1", ["L1"], None),
        (f"01{STENT}10L117301331", [], None),
        (f"01{STENT}1730123110AB17301231", [], None),
        (f"01{STENT}10L1\x1d17301231", ["L1"], None),
        (f"(01){STENT}(10)L117301231", ["L1"], None),
        ("L117301231", ["L1"], None),
        (f"01{STENT}10" + "17" * 900, ["L1"], None),
    ],
)
def test_what_runs_together(text: str, known: list[str], found: tuple[str, ...] | None) -> None:
    assert unended(text, known) == found
