"""What a station says of a scan is so: boxes, wrong labels, what is refused at the door."""

from tests import outbound
from tests.inbound import code
from tests.web.test_pages import browser, company, text_of
from tests.web.test_stations import Floor, stocked
from tests.world import World
from traceward.domain.stock.models import Container
from traceward.domain.warehousing.models import PickLine
from traceward.kernel.org import roles

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
