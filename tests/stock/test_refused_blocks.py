"""The post refuses what is blocked, whatever the scope of the block.

Each test differs from a post that passes in the one thing that is refused.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tests.ledger import database_now, demand_line, set_clock
from tests.stock.posting import (
    WAYS,
    P,
    Q,
    key_of,
    leg_for,
    lot_of,
    moved,
    policy,
    post,
    refused,
    serial,
)
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.stock import refusals
from traceward.domain.stock.commands.blocks import Scope, block, block_all, lift_block
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    Container,
    Lot,
    Reservation,
    Status,
    StockBalance,
    StockBlock,
    StockMove,
)
from traceward.domain.stock.rules import Promise
from traceward.kernel.base.refusals import InvalidInput, NotFound, Refusal
from traceward.kernel.org import roles

# --- TW006: blocks ------------------------------------------------------------------------------


@pytest.fixture
def zone(ledger: World) -> Place:
    """The zone above A-01 and A-02."""
    return ledger.places["ZONE"]


@pytest.fixture
def boxed(ledger: World) -> tuple[Container, Container]:
    """10 of lot BOXED stand at A-01 in a box on a pallet."""
    pallet = Container.objects.create(code="PALLET")
    box = Container.objects.create(code="BOX", parent=pallet)
    lot = ledger.lot("STENT", "BOXED")
    ledger.stock(lot, 10)
    leg = ledger.leg(Code.PACK, lot, 10, "A-01", "A-01", to_container_id=box.pk)
    post(ledger, leg)
    return box, pallet


def quality(world: World) -> Any:
    return world.by(roles.QUALITY_HEAD)


ScopeMaker = Callable[[World], Scope]


def blocked_scopes(world: World, zone: Place, boxes: tuple[Container, Container]) -> list[Scope]:
    lot = world.lot("STENT", "BOXED")
    return [
        Scope(lot_id=lot.pk),
        Scope(item_id=lot.item_id),
        Scope(place_id=world.places["A-01"].pk),
        Scope(place_id=zone.pk),
        Scope(container_id=boxes[0].pk),
        Scope(container_id=boxes[1].pk),
        Scope(lot_id=lot.pk, place_id=zone.pk),
        Scope(item_id=lot.item_id, container_id=boxes[1].pk),
    ]


def test_block_of_any_scope_stops_the_goods_until_lifted(
    ledger: World, zone: Place, boxed: tuple[Container, Container], line: int
) -> None:
    lot = ledger.lot("STENT", "BOXED")
    pick = ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE", from_container_id=boxed[0].pk)
    key = key_of(ledger, lot, container_id=boxed[0].pk)
    for scope in blocked_scopes(ledger, zone, boxed):
        placed = block(scope, BlockKind.HOLD, "sterile barrier", by=quality(ledger))
        error = refused(refusals.Blocked, ledger, pick)
        assert "on hold (sterile barrier)" in str(error)
        refused(refusals.Blocked, ledger, promises=[Promise(line, key, 1)])
        lift_block(placed.block_uid, "tested", by=quality(ledger).reauthenticated())
        post(ledger, pick)
        post(ledger, promises=[Promise(line, key, 1)])
        post(ledger, promises=[Promise(line, key, -1)])


def test_block_stops_nothing_beside_its_scope(
    ledger: World, zone: Place, boxed: tuple[Container, Container]
) -> None:
    other, reagent = lot_of(ledger), ledger.lot("REAGENT", "R1")
    lot = ledger.lot("STENT", "BOXED")
    ledger.stock(other, 5, "C-01")
    for scope in (
        Scope(lot_id=lot.pk),
        Scope(item_id=reagent.item_id),
        Scope(place_id=zone.pk),
        Scope(container_id=boxed[0].pk),
        Scope(lot_id=other.pk, place_id=zone.pk),
        Scope(item_id=other.item_id, container_id=boxed[0].pk),
    ):
        block(scope, BlockKind.RECALL, "recall 7", by=quality(ledger))
    post(ledger, ledger.leg(Code.PICK, other, 1, "C-01", "STAGE"))
    post(ledger, ledger.leg(Code.MOVE, other, 1, "C-01", "DOCK"))


def test_goods_are_not_moved_out_of_a_blocked_place(ledger: World, zone: Place) -> None:
    """INV-03: inside it they may be moved; what the policy lets leave the walls may leave."""
    lot = lot_of(ledger)
    post(ledger, moved(ledger))
    into = StockMove.objects.latest("pk")
    ledger.stock(lot, 2, "C-01")
    for scope in (Scope(place_id=zone.pk), Scope(place_id=zone.pk, lot_id=lot.pk)):
        placed = block(scope, BlockKind.HOLD, "flood", by=quality(ledger))
        post(ledger, moved(ledger), ledger.leg(Code.MOVE, lot, 1, "C-01", "A-01"))
        for code in (Code.MOVE, Code.PUTAWAY):
            for target in ("C-01", "DOCK"):
                out = ledger.leg(code, lot, 1, "A-01", target)
                error = refused(refusals.Blocked, ledger, out, why="leaves")
                assert "may not be taken out" in str(error)
        away = ledger.leg(Code.RETURN_TO_SUPPLIER, lot, 1, "A-01", "SUP")
        post(ledger, away, ledger.leg(Code.ADJUST_OUT, lot, 1, "A-01", "ADJ"))
        lift_block(placed.block_uid, "dry", by=quality(ledger).reauthenticated())
    block(Scope(place_id=ledger.places["A-02"].pk), BlockKind.HOLD, "flood", by=quality(ledger))
    mirror = moved(ledger).mirrored(into.pk, Code.REVERSE, "slip")
    refused(refusals.Blocked, ledger, mirror, why="leaves")


def test_goods_are_not_taken_out_of_a_blocked_container(
    ledger: World, boxed: tuple[Container, Container]
) -> None:  # INV-10
    lot, (box, pallet) = ledger.lot("STENT", "BOXED"), boxed
    other = Container.objects.create(code="OTHER")
    inside = ledger.leg(Code.MOVE, lot, 1, "A-01", "A-02", from_container_id=box.pk)
    block(Scope(container_id=pallet.pk), BlockKind.RECALL, "wet", by=quality(ledger))
    for target in (None, other.pk):
        refused(refusals.Blocked, ledger, inside._replace(to_container_id=target), why="leaves")
    post(ledger, inside._replace(to_container_id=pallet.pk))
    post(ledger, inside._replace(to_container_id=box.pk))
    post(ledger, ledger.leg(Code.DESTROY, lot, 1, "A-01", "DES", from_container_id=box.pk))


def test_a_block_of_a_lot_goes_with_it(ledger: World) -> None:
    block(Scope(lot_id=lot_of(ledger).pk), BlockKind.HOLD, "stop", by=quality(ledger))
    post(ledger, ledger.leg(Code.MOVE, lot_of(ledger), 1, "A-01", "C-01"))


def test_block_of_a_serial(ledger: World, line: int) -> None:
    lot, unit = serial(ledger)
    _, twin = serial(ledger, "S2")
    for each in (unit, twin):
        receive = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P, serial_id=each.pk)
        post(ledger, receive)
        post(ledger, receive._replace(
            code=Code.RELEASE, from_place_id=receive.to_place_id, to_status=Q))  # fmt: skip
    keys = [key_of(ledger, lot, serial_id=each.pk) for each in (unit, twin)]
    post(ledger, promises=[Promise(line, key, 1) for key in keys])
    scope = Scope(serial_id=unit.pk)
    placed = block(scope, BlockKind.HOLD, "complaint", by=quality(ledger))
    assert [(h.line_id, h.quantity) for h in placed.hits] == [(line, 1)]
    post(ledger, promises=[Promise(line, keys[1], -1)])
    pick = ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE", serial_id=unit.pk)
    refused(refusals.Blocked, ledger, pick)
    refused(refusals.Blocked, ledger, promises=[Promise(line, keys[0], 1)])
    post(ledger, pick._replace(serial_id=twin.pk))


def test_block_counts_for_its_own_leg_only(ledger: World) -> None:
    """Blocked goods are moved and others picked in one post."""
    plain = lot_of(ledger)
    lot, unit = serial(ledger)
    _, twin = serial(ledger, "S2")
    for each in (unit, twin):
        receive = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P, serial_id=each.pk)
        post(ledger, receive)
        post(ledger, receive._replace(
            code=Code.RELEASE, from_place_id=receive.to_place_id, to_status=Q))  # fmt: skip
    moves = ledger.leg(Code.MOVE, lot, 1, "A-01", "A-02", serial_id=unit.pk)
    back = moves._replace(from_place_id=moves.to_place_id, to_place_id=moves.from_place_id)
    picks = ledger.leg(Code.PICK, plain, 1, "A-01", "STAGE")
    for scope in (Scope(lot_id=lot.pk), Scope(item_id=lot.item_id), Scope(serial_id=unit.pk)):
        placed = block(scope, BlockKind.HOLD, "stop", by=quality(ledger))
        post(ledger, moves, picks)
        refused(refusals.Blocked, ledger, back._replace(code=Code.PICK,
                to_place_id=ledger.places["STAGE"].pk), picks)  # fmt: skip
        post(ledger, back)
        lift_block(placed.block_uid, "over", by=quality(ledger).reauthenticated())
    block(Scope(serial_id=unit.pk), BlockKind.HOLD, "stop", by=quality(ledger))
    twins = ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE", serial_id=twin.pk)
    post(ledger, moves, twins)


def test_block_names_no_line_that_gave_its_promise_back(ledger: World, line: int) -> None:
    lot, other = lot_of(ledger), demand_line(
        ledger.shanghai, ledger.by(roles.SYSTEM).person_id, database_now()
    )  # fmt: skip
    key = key_of(ledger, lot)
    post(ledger, promises=[Promise(line, key, 2), Promise(other, key, 3)])
    post(ledger, promises=[Promise(line, key, -2)])
    placed = block(Scope(lot_id=lot.pk), BlockKind.HOLD, "stop", by=quality(ledger))
    assert [(h.line_id, h.quantity) for h in placed.hits] == [(other, 3)]


BLOCKED_ALLOWS = {
    BlockKind.HOLD: "receive putaway move adjust_out return_from_customer return_to_supplier"
    " reject transfer write_off",
    BlockKind.RECALL: "receive putaway move adjust_out return_from_customer return_to_supplier"
    " reject destroy transfer write_off",
}


@pytest.mark.parametrize("kind", list(BlockKind))
def test_blocked_goods_may_only_be_kept_returned_or_rejected(
    ledger: World, kind: BlockKind
) -> None:
    lot = lot_of(ledger)
    ledger.stock(lot, 5)
    for place, status in (("STAGE", Q), ("WAY", Q), ("WAY", Q), ("WAY", Q), ("CUS", Q)):
        post(ledger, ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE", status=status))
        if place != "STAGE":
            post(ledger, ledger.leg(Code.SHIP, lot, 1, "STAGE", "WAY"))
        if place == "CUS":
            post(ledger, ledger.leg(Code.DELIVER, lot, 1, "WAY", "CUS"))
    block(Scope(lot_id=lot.pk), kind, "stop", by=quality(ledger))
    for code in sorted(set(WAYS) - {Code.RELEASE}):
        leg = leg_for(ledger, code, Q, lot)
        if code.name.lower() in BLOCKED_ALLOWS[kind].split():
            post(ledger, leg)
        else:
            refused(refusals.Blocked, ledger, leg)


def test_block_catches_what_arrives_later(ledger: World) -> None:
    lot = lot_of(ledger)
    block(Scope(place_id=ledger.places["A-02"].pk), BlockKind.HOLD, "flood", by=quality(ledger))
    post(ledger, ledger.leg(Code.MOVE, lot, 5, "A-01", "A-02"))
    refused(refusals.Blocked, ledger, ledger.leg(Code.PICK, lot, 1, "A-02", "STAGE"))
    post(ledger, ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE"))


def test_blocked_goods_are_not_promised_by_moving_them(ledger: World, line: int) -> None:
    lot = lot_of(ledger)
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "stop", by=quality(ledger))
    promise = Promise(line, key_of(ledger, lot, "A-02"), 1)
    refused(refusals.Blocked, ledger, moved(ledger), promises=[promise])


def test_blocked_goods_are_not_moved_beside_a_promise_of_others(ledger: World, line: int) -> None:
    lot, other = lot_of(ledger), ledger.lot("STENT", "FREE")
    ledger.stock(other, 5)
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "stop", by=quality(ledger))
    pick = ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE")
    refused(refusals.Blocked, ledger, pick, promises=[Promise(line, key_of(ledger, other), 1)])


def test_block_counts_until_its_moment(ledger: World) -> None:
    lot = lot_of(ledger)
    until = database_now() + timedelta(hours=1)
    scope = Scope(lot_id=lot.pk)
    block(scope, BlockKind.HOLD, "stop", until=until, by=quality(ledger))
    pick = ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE")
    refused(refusals.Blocked, ledger, pick)
    set_clock(until)
    post(ledger, pick)


def test_block_cancels_promises_and_names_the_lines(
    ledger: World, zone: Place, boxed: tuple[Container, Container]
) -> None:
    lot = ledger.lot("STENT", "BOXED")
    actor = ledger.by(roles.SYSTEM)
    lines = [demand_line(ledger.shanghai, actor.person_id, database_now()) for _ in range(3)]
    key = key_of(ledger, lot, container_id=boxed[0].pk)
    elsewhere = key_of(ledger, ledger.lot("STENT", "FAR"), "B-01")
    ledger.stock(ledger.lot("STENT", "FAR"), 4, "B-01")
    for scope in blocked_scopes(ledger, zone, boxed):
        promises = [
            Promise(lines[0], key, 2),
            Promise(lines[1], key, 3),
            Promise(lines[2], elsewhere, 1),
        ]
        post(ledger, promises=promises)
        placed = block(scope, BlockKind.RECALL, "recall", by=quality(ledger))
        hits = {(h.line_id, h.quantity) for h in placed.hits}
        expected = {(lines[0], 2), (lines[1], 3)}
        if scope == Scope(item_id=lot.item_id):
            expected.add((lines[2], 1))
        assert hits == expected
        left = {r.line_id: r.quantity for r in Reservation.objects.filter(quantity__gt=0)}
        assert left == {line: 1 for line in lines[2:] if scope != Scope(item_id=lot.item_id)}
        reserved = StockBalance.objects.get(lot=lot, container=boxed[0], status=Q).reserved
        assert reserved == 0
        lift_block(placed.block_uid, "over", by=quality(ledger).reauthenticated())
        if left:
            post(ledger, promises=[Promise(lines[2], elsewhere, -1)])


def test_block_leaves_the_promises_beside_it(
    ledger: World, zone: Place, boxed: tuple[Container, Container], line: int
) -> None:
    """Each scope gives back what is in it and nothing that differs in that alone."""
    reagent, plain = ledger.lot("REAGENT", "R1"), lot_of(ledger)
    (pacers, unit), (_, other) = serial(ledger, "S1"), serial(ledger, "S2")
    ledger.stock(reagent, 5, "C-01")
    bought = ledger.leg(
        Code.RECEIVE, pacers, 1, "SUP", "A-01", status=Status.PENDING, serial_id=unit.pk
    )
    released = ledger.leg(Code.RELEASE, pacers, 1, "A-01", "A-01", status=Status.PENDING)
    post(ledger, bought, released._replace(to_status=Q, serial_id=unit.pk))
    pacer = key_of(ledger, pacers, serial_id=unit.pk)
    keys = [key_of(ledger, reagent, "C-01"), key_of(ledger, plain), pacer]
    post(ledger, promises=[Promise(line, key, 1) for key in keys])
    lot = ledger.lot("STENT", "BOXED")
    for scope in (
        Scope(item_id=lot.item_id, place_id=ledger.places["A-02"].pk),
        Scope(lot_id=lot.pk),
        Scope(container_id=boxed[1].pk),
        Scope(place_id=ledger.places["B-01"].pk),
        Scope(serial_id=other.pk),
    ):
        assert block(scope, BlockKind.RECALL, "recall", by=quality(ledger)).hits == []
    placed = block(Scope(item_id=plain.item_id), BlockKind.HOLD, "stop", by=quality(ledger))
    assert [h.quantity for h in placed.hits] == [1]
    placed = block(Scope(serial_id=unit.pk), BlockKind.HOLD, "stop", by=quality(ledger))
    assert [h.quantity for h in placed.hits] == [1]
    (left,) = Reservation.objects.filter(quantity__gt=0)
    assert left.balance.lot_id == reagent.pk


def test_blocks_of_several_places_do_not_add_up(ledger: World) -> None:
    """Each covers its own lot in its own place; what another reaches does not count."""
    lot, other = lot_of(ledger), ledger.lot("STENT", "L2")
    ledger.stock(other, 5, "A-02")
    here, there, far = (ledger.places[code].pk for code in ("A-01", "A-02", "B-01"))
    for scope in (Scope(lot_id=lot.pk, place_id=far), Scope(lot_id=other.pk, place_id=here)):
        block(scope, BlockKind.RECALL, "recall", by=quality(ledger))
    post(
        ledger,
        ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE"),
        ledger.leg(Code.PICK, other, 1, "A-02", "STAGE"),
    )
    box = Container.objects.create(code="CARTON")
    block(Scope(container_id=box.pk), BlockKind.HOLD, "torn", by=quality(ledger))
    post(
        ledger,
        ledger.leg(Code.PICK, other, 1, "A-02", "STAGE"),
        ledger.leg(Code.MOVE, lot, 1, "A-01", "A-02", to_container_id=box.pk),
    )
    block(Scope(place_id=here), BlockKind.HOLD, "flood", by=quality(ledger))
    block(Scope(lot_id=lot.pk, place_id=there), BlockKind.HOLD, "damp", by=quality(ledger))
    refused(refusals.Blocked, ledger, moved(ledger), why="leaves")


def test_only_the_block_that_is_placed_gives_promises_back(ledger: World, line: int) -> None:
    """Not one whose time is over, and not one that was lifted."""
    lot, other = lot_of(ledger), ledger.lot("STENT", "L2")
    until = database_now() + timedelta(hours=1)
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "stop", until=until, by=quality(ledger))
    lifted = block(Scope(lot_id=lot.pk), BlockKind.HOLD, "wet", by=quality(ledger))
    lift_block(lifted.block_uid, "dry", by=quality(ledger).reauthenticated())
    set_clock(until)
    post(ledger, promises=[Promise(line, key_of(ledger, lot), 1)])
    placed = block(Scope(lot_id=other.pk), BlockKind.HOLD, "bent", by=quality(ledger))
    assert placed.hits == []
    with connection.cursor() as cursor:
        number = StockBlock.objects.get(uid=lifted.block_uid).pk
        cursor.execute("SELECT * FROM stock_block_reservations(%s, 1)", [[number]])
        assert cursor.fetchall() == []
    assert Reservation.objects.get(quantity__gt=0).line_id == line


def test_block_says_what_and_why(ledger: World) -> None:
    lot = lot_of(ledger)
    with pytest.raises(InvalidInput):
        block(Scope(), BlockKind.HOLD, "why", by=quality(ledger))
    with pytest.raises(InvalidInput):
        block(Scope(lot_id=lot.pk), BlockKind.HOLD, " ", by=quality(ledger))
    placed = block(Scope(lot_id=lot.pk), BlockKind.HOLD, "why", by=quality(ledger))
    with pytest.raises(InvalidInput):
        lift_block(placed.block_uid, " ", by=quality(ledger).reauthenticated())
    lift_block(placed.block_uid, "ok", by=quality(ledger).reauthenticated())
    with pytest.raises(Refusal, match="lifted already"):
        lift_block(placed.block_uid, "ok", by=quality(ledger).reauthenticated())
    with pytest.raises(NotFound):
        lift_block(Lot.objects.first().uid, "ok", by=quality(ledger).reauthenticated())


def test_the_policy_says_whether_held_goods_are_promised(ledger: World, line: int) -> None:
    """And a promise that was allowed is given back, though it would not be made any more."""
    lot = lot_of(ledger)
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "a look", by=quality(ledger))
    key = key_of(ledger, lot)
    refused(refusals.Blocked, ledger, promises=[Promise(line, key, 2)])
    with policy("allocate", "on_hold", True):
        post(ledger, promises=[Promise(line, key, 2)])
    refused(refusals.Blocked, ledger, promises=[Promise(line, key, 1)])
    post(ledger, promises=[Promise(line, key, -2)])


def test_many_scopes_are_blocked_at_one_moment(ledger: World, line: int) -> None:
    """Each has a block of its own; a promise that two of them cover is given back once."""
    lot, other = lot_of(ledger), ledger.lot("STENT", "L2")
    post(ledger, promises=[Promise(line, key_of(ledger, lot), 2)])
    scopes = [Scope(lot_id=lot.pk), Scope(item_id=lot.item_id), Scope(lot_id=other.pk)]
    placed = block_all(scopes, BlockKind.RECALL, "leaks", by=quality(ledger))
    assert [hit.quantity for hit in placed.hits] == [2]
    rows = StockBlock.objects.in_bulk(placed.block_uids, field_name="uid")
    assert [(rows[uid].lot_id, rows[uid].item_id) for uid in placed.block_uids] == [
        (lot.pk, None),
        (None, lot.item_id),
        (other.pk, None),
    ]
    assert not Reservation.objects.filter(quantity__gt=0).exists()
