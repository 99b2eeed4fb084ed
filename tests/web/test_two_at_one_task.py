"""Two people at one document: each is told what the other did, and nothing counts twice."""

import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import inbound, outbound
from tests.inbound import code
from tests.outbound import standing
from tests.web.test_boxes_at_stations import book
from tests.web.test_pages import browser, company, text_of
from tests.web.test_stations import BIN, Floor, stocked
from tests.world import World
from traceward.kernel.org import roles

__all__ = ["company", "stocked"]
LABEL = code("STENT", "L1")


def test_who_picks_the_same_is_told(stocked: World) -> None:  # WMS-01 OUT-02
    pick = outbound.opened(stocked).pick_id
    address = f"/station/pick/{pick}"
    mine, theirs = (
        Floor(browser(stocked, role), address) for role in (roles.PICKER, roles.STOREKEEPER)
    )
    for floor in (mine, theirs):
        floor.scan(BIN)
    told = text_of(theirs.scan(LABEL))
    assert theirs.tone == "ok"
    assert "同单作业" not in told, "nobody else did anything"
    told = text_of(mine.scan(LABEL))
    assert mine.tone == "ok"
    assert "同单作业：保管员 拣货 1" in told
    assert "2/3" in text_of(mine.html).replace(" ", "")
    told = text_of(mine.scan(LABEL))
    assert mine.tone == "done"
    assert "同单作业" not in told, "it is told once"
    told = text_of(theirs.scan(LABEL))
    assert theirs.tone == "bad", "all of it was fetched"
    assert "同单作业：拣货员 拣货 2" in told
    assert standing() == {BIN: 2, "STAGE": 3}


def test_what_the_other_booked_is_not_booked_again(world: World) -> None:  # INB-02 WMS-01
    coming = inbound.announced(world, (LABEL, 5), (code("STENT", "L2"), 2))
    address = f"/station/receive/{coming.notice_id}"
    mine, theirs = (
        Floor(browser(world, role), address) for role in (roles.STOREKEEPER, roles.SUPERVISOR)
    )
    mine.scan(LABEL, packs="4")
    mine.scan(code("STENT", "L2"), packs="1")
    theirs.scan(LABEL, packs="3")
    theirs.send(key="book")
    assert book(theirs, world, delivery_note="DN-1") == 302
    told = text_of(mine.scan(code("STENT", "L2"), packs="1"))
    assert "同单作业：仓库主管 登记收货 3" in told
    assert "您扫的 4 已由对方登记，未计入" in told
    kept = json.loads(mine.hand)["basket"]
    assert sum(quantity for one in kept for _, quantity in one["parts"]) == 2
    mine.send(key="book")
    assert book(mine, world, delivery_note="DN-2") == 302
    assert standing() == {"DOCK": 5}


def test_a_form_that_books_too_much_is_looked_at_again(world: World) -> None:  # INB-02
    coming = inbound.announced(world, (LABEL, 5))
    address = f"/station/receive/{coming.notice_id}"
    mine, theirs = (
        Floor(browser(world, role), address) for role in (roles.STOREKEEPER, roles.SUPERVISOR)
    )
    for floor in (mine, theirs):
        floor.scan(LABEL, packs="4")
        floor.send(key="book")
    once = str(uuid.uuid4())
    assert book(theirs, world, request_id=once) == 302
    assert book(mine, world) == 200
    assert standing() == {"DOCK": 4}
    assert book(theirs, world, request_id=once) == 302, "sent again, it is the same"
    assert standing() == {"DOCK": 4}


def test_who_is_alone_is_asked_nothing_more(stocked: World) -> None:  # B12
    pick = outbound.opened(stocked).pick_id
    floor = Floor(browser(stocked, roles.PICKER), f"/station/pick/{pick}")
    floor.scan(BIN)
    with CaptureQueriesContext(connection) as seen:
        floor.scan(LABEL)
    assert floor.tone == "ok"
    assert not [one for one in seen.captured_queries if "changed_by" in one["sql"]]


@pytest.mark.parametrize("hand", ['{"seen":-1}', '{"seen":99999999999}', '{"left":"x","seen":3}'])
def test_a_made_up_hand_does_no_harm(stocked: World, hand: str) -> None:
    pick = outbound.opened(stocked).pick_id
    floor = Floor(browser(stocked, roles.PICKER), f"/station/pick/{pick}")
    floor.hand = hand
    floor.scan(BIN)
    assert floor.step in ("place", "goods")
