"""How far lines are, who ended a document and why, can be read in its list. # SAL-01 INB-01"""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import inbound, outbound, transferring
from tests.world import World
from traceward.domain.places.models import PlaceKind
from traceward.domain.purchasing.commands import closing as buying
from traceward.domain.sales.commands import closing, ordering
from traceward.domain.stock.commands.blocks import Scope, block, lift_block
from traceward.domain.stock.models import BlockKind, StockBlock
from traceward.domain.transfers.commands import closing as moving
from traceward.domain.warehousing.commands import putting_back
from traceward.kernel.org import roles
from traceward.kernel.org.scope import Grant
from traceward.resources.asking import read
from traceward.resources.kit import RESOURCES, Reader
from traceward.resources.reading import one, page


def listed(name: str, **asked: str) -> list[dict[str, Any]]:
    found = RESOURCES[name]
    given = {key: [value] for key, value in asked.items()}
    return page(found, read(found, given), Reader(1, (Grant(None, None),))).rows


@pytest.fixture
def stocked(world: World) -> World:
    world.stock(world.lot("STENT", "L1"), 5)
    return world


def test_what_has_not_come_is_due(world: World) -> None:
    inbound.received(world, (inbound.code("STENT", "L1"), 2))
    (row,) = listed("purchasing.order_lines")
    assert (row["announced"], row["received"]) == (2, 2)
    assert row["due"] == (row["quantity"] - 2 if row["order_state"] == "approved" else 0)
    (told,) = listed("purchasing.notice_lines")
    assert (told["received"], told["due"], told["order_id"]) == (2, 0, row["order_id"])
    assert [x["received"] for x in listed("warehousing.expected_lines")] == [2]
    assert listed("warehousing.receipts", order_id=str(row["order_id"]))


def test_a_sales_line_says_how_far_it_is(stocked: World) -> None:
    going = outbound.allocated(stocked)
    fresh = outbound.ordered(stocked, quantity=2)
    rows = listed("sales.order_lines", order_state="open", to_promise__gt="0")
    assert [(r["id"], r["to_promise"]) for r in rows] == [(fresh.line_ids[0], 2)]
    (row,) = [r for r in listed("sales.order_lines") if r["id"] == going.line_ids[0]]
    assert (row["promised"], row["picked"], row["signed"], row["to_ship"]) == (3, 0, 0, 3)
    assert row["order_number"]
    assert row["customer_id"] == stocked.hospital.pk


def test_a_signed_line_is_done(stocked: World) -> None:
    outbound.signed(stocked)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        (row,) = listed("sales.order_lines")
    assert len(asked) == 1
    assert (row["picked"], row["shipped"], row["signed"]) == (3, 3, 3)
    assert (row["promised"], row["to_promise"], row["to_ship"]) == (0, 0, 0)


def test_an_ended_document_says_who_ended_it_and_why(stocked: World) -> None:
    going = outbound.ordered(stocked)
    by = stocked.by(roles.SALES)
    ordering.cancel(going.order_id, "the ward is shut", by=by)
    columns = list(RESOURCES["sales.orders"].columns.values())
    row = one(
        RESOURCES["sales.orders"], str(going.order_id), columns, Reader(1, (Grant(None, None),))
    )
    assert (row["changed_with"], row["changed_because"]) == ("sales.cancel", "the ward is shut")
    assert row["changed_by_id"] == by.person_id
    assert row["lines"][0]["to_promise"] == 0
    entry = listed("audit.entries", verb="sales.cancel")[0]
    assert entry["detail"]["reason"] == "the ward is shut"


def test_a_pick_that_was_cancelled_says_why(stocked: World) -> None:
    going = outbound.picked(stocked)
    putting_back.cancel_pick(going.pick_id, "wrong ward", by=stocked.by(roles.STOREKEEPER))
    (row,) = listed("warehousing.picks", state="cancelled")
    assert (row["changed_with"], row["changed_because"]) == (
        "warehousing.cancel_pick",
        "wrong ward",
    )


def test_a_block_says_who_placed_and_who_lifted_it(stocked: World) -> None:
    head = stocked.by(roles.QUALITY_HEAD)
    block(Scope(lot_id=stocked.lot("STENT", "L1").pk), BlockKind.HOLD, "wet box", by=head)
    row = StockBlock.objects.get()
    lift_block(row.uid, "dry", by=head.asking().reauthenticated())
    (told,) = listed("stock.blocks")
    assert (told["placed_by_id"], told["lifted_by_id"]) == (head.person_id, head.person_id)


def test_a_sale_that_ended_short_says_by_how_much(stocked: World) -> None:
    going = outbound.short(stocked, 5)
    assert [x["short"] for x in listed("sales.order_lines")] == [0]  # it is still open
    closing.close(going.order_id, reason="no more there", by=stocked.by(roles.SALES))
    stocked.stock(stocked.lot("STENT", "L1"), 1)
    whole = outbound.signed(stocked, quantity=1)
    assert [x["short"] for x in listed("sales.order_lines")] == [1, 0]
    told = {x["id"]: x["short"] for x in listed("sales.orders")}
    assert told == {going.order_id: 1, whole.order_id: 0}
    assert [x["order_id"] for x in listed("sales.order_lines", short__gt="0")] == [going.order_id]


def test_a_purchase_that_ended_short_says_by_how_much(world: World) -> None:
    inbound.received(world, (inbound.code("STENT", "L1"), 2))
    (row,) = listed("purchasing.order_lines")
    assert row["short"] == 0
    buying.close(row["order_id"], "the maker has no more", by=world.by(roles.BUYER))
    (row,) = listed("purchasing.order_lines")
    assert (row["received"], row["due"], row["short"]) == (2, 0, row["quantity"] - 2)
    assert [x["short"] for x in listed("purchasing.orders")] == [row["short"]]
    assert [x["short"] for x in listed("purchasing.notice_lines")] == [0]


def test_a_transfer_that_ended_short_says_by_how_much(stocked: World) -> None:
    going = transferring.shipped(stocked, 3)
    transferring.received(stocked, going, (2, False))
    (row,) = listed("transfers.lines")
    assert (row["received"], row["short"]) == (2, 0)
    transferring.write_off(stocked, going)
    (row,) = listed("transfers.lines")
    assert (row["quantity"], row["received"], row["short"]) == (3, 2, 1)
    with CaptureQueriesContext(connection) as asked:
        assert [x["short"] for x in listed("transfers.orders")] == [1]
    assert len(asked) == 1


def test_what_came_back_was_not_received(stocked: World) -> None:
    going = transferring.shipped(stocked, 3)
    dock = transferring.place(stocked, PlaceKind.DOCK, stocked.shanghai)
    transferring.received(stocked, going, (3, False), at=dock)
    moving.close(going.transfer_id, reason="not needed", by=stocked.by(roles.PLANNER))
    (row,) = listed("transfers.lines")
    assert (row["received"], row["short"]) == (0, 3)
