"""What the trace console says of an earlier moment, and of what moved since. # TRC-01"""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests import making
from tests.ledger import database_now, set_clock
from tests.outbound import shipped
from tests.web.local import browser_at
from tests.web.test_flow_drawing import went
from tests.web.test_trace_page import boxes, cells, head, permissions, rows, text_of
from tests.world import World
from traceward.domain.stock.commands.blocks import Scope, block, lift_block
from traceward.domain.stock.models import BlockKind, Code, Lot, Serial, StockMove
from traceward.kernel.org import roles
from traceward.web.consoles import comparing

__all__ = ["permissions"]


def local(at: datetime) -> str:
    return at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")


# --- Held then, held now ------------------------------------------------------------------------


def tags(html: str) -> set[str]:
    return set(
        re.findall(r'<span class="tw-tag tw-l tw-(?:bad|hold)">(?:<svg.*?</svg>)(.*?)<', html)
    )


@pytest.mark.parametrize("scope", ["lot", "item"])
def test_a_recall_is_marked_from_when_it_began(world: World, scope: str) -> None:  # INV-07
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    before = database_now() + timedelta(hours=1)
    set_clock(before + timedelta(days=1))
    goods = Scope(lot_id=lot.pk) if scope == "lot" else Scope(item_id=lot.item_id)
    by = world.by(roles.QUALITY_HEAD)
    placed = block(goods, BlockKind.RECALL, "seal", by=by)
    during = before + timedelta(days=1, hours=1)
    set_clock(during + timedelta(days=1))
    path = f"/trace/lot/{lot.pk}"
    seen = (head("en"), browser_at(world, roles.STOREKEEPER, world.chengdu, "en"))
    for client in seen:  # also who has none of it
        assert tags(text_of(client, path)) == {"Recalled"}
        assert tags(text_of(client, path, at=local(during))) == {"Recalled"}
        then = text_of(client, path, at=local(before))
        assert tags(then) == set()
        assert "Recalled today; at that moment it was not." in then
        assert "today; at that moment" not in text_of(client, path, at=local(during))
    assert ">Recalled<" in text_of(head("en"), path, at=local(during)).partition('id="where"')[2]
    lift_block(placed.block_uid, "sound", by=by.asking().reauthenticated())
    set_clock(database_now() + timedelta(hours=1))
    for client in seen:
        assert tags(text_of(client, path)) == set()
        then = text_of(client, path, at=local(during))
        assert tags(then) == {"Recalled"}
        assert "no longer held today" in then


def test_a_hold_that_came_later_is_told(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    before = database_now() + timedelta(hours=1)
    set_clock(before + timedelta(days=1))
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "label", by=world.by(roles.QUALITY_HEAD))
    html = text_of(head(), f"/trace/lot/{lot.pk}", at=local(before))
    assert "现已冻结；在该时点尚未冻结。" in html
    look, _ = boxes(html)["focus"]
    peek = text_of(head(), look.replace("&amp;", "&"))
    assert "冻结" not in peek.partition("<footer")[0]


# --- What moved between -------------------------------------------------------------------------


def test_what_left_says_where_it_went_and_what_came_from_where(world: World) -> None:
    lot = world.lot("STENT", "L1")
    start = database_now() + timedelta(hours=1)
    set_clock(start + timedelta(days=1))
    world.stock(lot, 8)
    shipped(world, quantity=3)
    table = text_of(head("en"), f"/trace/lot/{lot.pk}", **{"with": local(start)})
    table = table.partition("What moved between")[2].partition("</section>")[0]
    ends = "<div>← Supplier not on record\u00a08</div><div>→ In transit\u00a03</div>"
    assert ["Shanghai", "0", "8", "3", "5", ends] in cells(table)
    assert ["In transit", "0", "3", "0", "3", "<div>← Shanghai\u00a03</div>"] in cells(table)


def test_a_shipment_that_left_before_came_from_who_sent_it() -> None:
    ours, under_way, clinic = ("site", 1), ("transit", 50), ("consignee", 2)
    found = comparing.between(
        [went(("supplier", 9), ours, 10), went(ours, under_way, 6)],
        [went(under_way, clinic, 4), went(clinic, ours, 1), went(ours, ("transit", 51), 2)],
    )
    assert found[clinic].sources == {ours: 4}
    assert found[clinic].targets == {ours: 1}
    assert found[ours].sources == {clinic: 1}
    assert found[ours].targets == {comparing.ON_THE_WAY: 2}
    transit = found[comparing.ON_THE_WAY]
    assert (transit.then, transit.came, transit.went, transit.now) == (6, 2, 4, 4)
    assert ("supplier", 9) not in found


def test_many_are_told_by_the_most_and_a_sum() -> None:
    ours = ("site", 1)
    found = comparing.between([], [went(ours, ("consignee", n), n) for n in range(1, 9)])
    (line,) = comparing.told(found[ours], lambda station: f"H{station[1]}")
    assert line.replace("\u00a0", " ") == "→ H8 8 · H7 7 · H6 6 · H5 5 · H4 4 · 3 others 6"


# --- What was made of it ------------------------------------------------------------------------


def test_what_was_made_of_it_says_how_much(world: World) -> None:
    making.plant(world)
    making.complete(world, making.issued(world), making.pacers(world, "P1", "P2", "P3"))
    lot, raw = Serial.objects.get(number="P1").lot, Lot.objects.get(number="RAW2")
    assert lot is not None
    html = text_of(head("en"), f"/trace/lot/{raw.pk}", way="down")
    assert any(b.endswith(f"{lot.raw_number} · 3") for _, b, _ in rows(html))
    peek = text_of(head("en"), f"/trace/lot/{raw.pk}/box/lot-{lot.pk}")
    assert "<dt>Made</dt><dd>3</dd>" in peek.replace("\n", "")
    elsewhere = browser_at(world, roles.QUALITY_HEAD, world.chengdu, "en")  # ORG-02
    assert " · 3" not in text_of(elsewhere, f"/trace/lot/{raw.pk}").partition("<main")[2]


def test_a_reversal_is_told_with_what_it_takes_back(world: World) -> None:
    """A put-away is no key event: its undo must not read as if the receipt were taken back."""
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    there = world.leg(Code.PUTAWAY, lot, 5, "A-01", "A-02")
    world.post(there)
    move = StockMove.objects.get(lot=lot, code=Code.PUTAWAY)
    world.post(there.mirrored(move.pk, Code.REVERSE, "by mistake"))
    assert ">冲销上架<" in text_of(head(), f"/trace/lot/{lot.pk}")
    assert ">Reversal: Put away<" in text_of(head("en"), f"/trace/lot/{lot.pk}")
