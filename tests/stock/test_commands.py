"""The verbs of the ledger: what each makes true, and that a refused one changes nothing."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.inbound import code, received
from tests.ledger import database_now
from tests.outbound import check, picked, shipped, sign_for
from tests.outbound import standing as everywhere
from tests.refusing import refused
from tests.stock.allocating import demand, line_of
from tests.world import World
from traceward.domain.sales.commands.delivering import cancel_delivery
from traceward.domain.sales.models import Delivery
from traceward.domain.stock.allocation import Shortfall
from traceward.domain.stock.commands.allocation import release_reservations, reserve
from traceward.domain.stock.commands.blocks import Scope, block, lift_block
from traceward.domain.stock.commands.moves import (
    Difference,
    Line,
    adjust,
    move,
    move_backdated,
    reverse,
)
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    Reservation,
    Status,
    StockBalance,
    StockMove,
)
from traceward.domain.stock.refusals import (
    MoveNotAllowed,
    ReversalRefused,
    ShortStock,
    TimeRefused,
)
from traceward.domain.warehousing.commands.putting_back import cancel_pick
from traceward.domain.warehousing.commands.shipping import cancel_shipment, pack
from traceward.domain.warehousing.commands.storing import PutAway, put_away
from traceward.domain.warehousing.models import ReceiptLine
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotFound,
    SignatureRequired,
    TooLarge,
    WrongState,
)
from traceward.kernel.command.devices import Device
from traceward.kernel.command.run import Held
from traceward.kernel.org import roles


def line(world: World, quantity: int = 4, target: str = "A-02") -> Line:
    lot, places = world.lot("STENT", "L1"), world.places
    source, there = places["A-01"].pk, places[target].pk
    return Line(lot.item_id, quantity, source, there, world.us.pk, lot_id=lot.pk)


def standing(world: World) -> dict[tuple[str, int], int]:
    """On hand by place and status, in bins."""
    rows = StockBalance.objects.filter(on_hand__gt=0, place__kind="bin")
    return {(row.place.code, row.status): row.on_hand for row in rows.select_related("place")}


def test_goods_are_moved_inside_a_site(ledger: World) -> None:  # INV-04
    by = ledger.by(roles.STOREKEEPER)
    assert move([line(ledger)], by=by).moves == 1
    assert standing(ledger) == {("A-01", 2): 6, ("A-02", 2): 4}
    with refused(ShortStock, "lines.0"):
        move([line(ledger, 7)], by=by.asking())
    with refused(MoveNotAllowed):
        move([line(ledger, 1, "CUS")], by=by.asking())


def test_a_move_takes_three_statements(ledger: World) -> None:
    by, one = ledger.by(roles.STOREKEEPER), line(ledger)
    with CaptureQueriesContext(connection) as seen:
        move([one], by=by)
    said = [q["sql"] for q in seen if "SAVEPOINT" not in q["sql"]]
    for words, sql in zip(("begin(", "places_place", "stock_post("), said, strict=True):
        assert words in sql
    assert "tw_command_finish(" in said[-1]
    assert standing(ledger) == {("A-01", 2): 6, ("A-02", 2): 4}


@pytest.mark.parametrize("owner", [-1, 987_654_321])
def test_an_owner_that_is_nobody_is_named_by_its_field(ledger: World, owner: int) -> None:
    moved = [line(ledger), replace(line(ledger), owner_id=owner)]
    with refused(NotFound, "lines.1.owner_id"):
        move(moved, by=ledger.by(roles.STOREKEEPER))


def test_what_was_forgotten_is_entered_later(ledger: World) -> None:  # INV-08
    by = ledger.by(roles.SUPERVISOR)
    moment = StockMove.objects.order_by("-pk")[0].happened_at  # of one moment: count together
    with refused(InvalidInput, "reason"):
        move_backdated([line(ledger)], moment, " ", by=by.asking())
    with refused(InvalidInput, "happened_at"):
        move_backdated([line(ledger)], moment.replace(tzinfo=None), "late", by=by.asking())
    said = replace(by.asking(), device=Device("PDA-7", happened_at=moment - timedelta(minutes=1)))
    with refused(InvalidInput, "happened_at"):  # the device says another moment
        move_backdated([line(ledger)], moment, "late", by=said)
    with refused(ShortStock):
        move_backdated([line(ledger)], moment - timedelta(days=1), "late", by=by.asking())
    with refused(TimeRefused):
        move_backdated([line(ledger)], database_now() + timedelta(days=1), "late", by=by.asking())
    move_backdated([line(ledger)], moment, "scanner was offline", by=by.asking())
    last = StockMove.objects.order_by("-pk")[0]
    assert (last.happened_at, last.reason) == (moment, "scanner was offline")


def test_a_move_is_taken_back_once(ledger: World) -> None:  # INV-08
    by = ledger.by(roles.SUPERVISOR)
    move([line(ledger)], by=by)
    last = StockMove.objects.order_by("-pk")[0].pk
    with refused(InvalidInput, "reason"):
        reverse([last], "", by=by.asking())
    reverse([last], "wrong bin", by=by.asking())
    assert standing(ledger) == {("A-01", 2): 10}
    for again in ([], [0]):
        with refused(ReversalRefused):
            reverse(again, "wrong bin", by=by.asking())


def test_the_ledger_agrees_with_the_count(ledger: World) -> None:
    by, lot = ledger.by(roles.STOREKEEPER), ledger.lot("STENT", "L1")
    place = ledger.places["A-01"].pk

    def found(change: int) -> list[Difference]:
        return [Difference(lot.item_id, place, change, ledger.us.pk, lot_id=lot.pk)]

    with refused(InvalidInput, "reason"):
        adjust(found(-1), " ", by=by.asking())
    with refused(ShortStock):
        adjust(found(-11), "counted", by=by.asking())
    adjust(found(-1), "counted twice", by=by.asking())
    assert standing(ledger) == {("A-01", 2): 9}


def test_an_adjustment_in_small_parts_is_held_as_one(ledger: World) -> None:  # ORG-03
    by, lot = ledger.by(roles.STOREKEEPER), ledger.lot("STENT", "L1")

    def found(place: str, change: int) -> Difference:
        place_id = ledger.places[place].pk
        return Difference(lot.item_id, place_id, change, ledger.us.pk, lot_id=lot.pk)

    adjust([found("A-01", 60), found("A-01", 40)], "counted", by=by.asking())
    assert standing(ledger) == {("A-01", 1): 100, ("A-01", 2): 10}
    for parts in (
        [found("A-01", 60), found("A-01", 41)],
        [found("A-01", 60), found("A-02", 41)],
        [found("A-01", -5), found("A-02", 96)],
    ):
        assert isinstance(adjust(parts, "counted", by=by.asking()), Held)
    assert standing(ledger) == {("A-01", 1): 100, ("A-01", 2): 10}


def test_a_move_that_its_document_stands_on_is_not_taken_back(ledger: World) -> None:
    """The document would say what is not true any more; there is another way for each."""
    going = picked(ledger)
    check(ledger, going)
    keeper = ledger.by(roles.STOREKEEPER)
    pack(going.pick_id, sscc="095200000000000011", by=keeper.asking())
    going = picked(ledger)
    cancel_pick(going.pick_id, "mistake", by=keeper.asking())
    receipt = received(ledger, (code("STENT", "L2"), 3))
    row = ReceiptLine.objects.get(receipt=receipt.receipt_id)
    away = PutAway(row.pk, 3, ledger.places["A-02"].pk, status=Status.PENDING)
    put_away(receipt.receipt_id, [away], by=keeper.asking())
    moves = dict(StockMove.objects.exclude(document=None).values_list("pk", "code"))
    assert set(moves.values()) == {Code.PICK, Code.PACK, Code.MOVE, Code.RECEIVE, Code.PUTAWAY}
    for pk in moves:
        with refused(ReversalRefused, "move_ids"):
            reverse([pk], "a slip", by=ledger.by(roles.SUPERVISOR))


def test_goods_that_left_are_brought_back_through_their_document_only(ledger: World) -> None:
    """Reversal refuses each move and names the way; the way works. # SAL-02 INV-01"""
    going = shipped(ledger)
    sign_for(ledger, going)
    by = ledger.by(roles.SUPERVISOR)
    for kind in (Code.DELIVER, Code.SHIP):
        (pk,) = StockMove.objects.filter(code=kind).values_list("pk", flat=True)
        with refused(ReversalRefused, "move_ids"):
            reverse([pk], "came back", by=by.asking())
    delivery = Delivery.objects.get(of_shipment=going.shipment_id)
    coordinator = ledger.by(roles.COORDINATOR).reauthenticated()
    cancel_delivery(delivery.pk, "wrong ward", by=coordinator)
    cancel_shipment(going.shipment_id, "wrong van", by=by.asking())
    assert everywhere() == {"A-01": 7, "STAGE": 3}


def test_a_block_holds_until_it_is_lifted(ledger: World) -> None:  # INV-07
    by = ledger.by(roles.QUALITY_HEAD)
    scope = Scope(place_id=ledger.places["A-01"].pk)
    with refused(InvalidInput, "reason"):
        block(scope, BlockKind.HOLD, "", by=by.asking())
    with refused(InvalidInput):
        block(Scope(), BlockKind.HOLD, "water", by=by.asking())
    placed = block(scope, BlockKind.HOLD, "water on the floor", by=by.asking()).block_uid
    with refused(SignatureRequired):
        lift_block(placed, "dry again", by=by.asking())
    signing = by.reauthenticated()
    with refused(InvalidInput, "reason"):
        lift_block(placed, "", by=signing.asking())
    lift_block(placed, "dry again", by=signing.asking())
    with refused(WrongState):
        lift_block(placed, "dry again", by=signing.asking())


def test_stock_is_promised_and_given_back(ledger: World) -> None:  # INV-06
    by = ledger.by(roles.PLANNER)
    wanted, none, many = demand(ledger, 4), demand(ledger, 0), demand(ledger, 11)
    with refused(InvalidInput):
        reserve([none], by=by.asking())
    with refused(ShortStock):
        reserve([many], shortfall=Shortfall.REFUSE, by=by.asking())
    (given,) = reserve([wanted], by=by.asking()).lines
    assert sum(p.quantity for p in given.picks) == 4
    with refused(TooLarge, "line_ids"):
        release_reservations(list(range(20_001)), by=by.asking())
    (held,) = release_reservations([wanted.line_id], by=by.asking()).lines
    assert (held.line_id, held.quantity) == (wanted.line_id, 4)
    assert not Reservation.objects.filter(quantity__gt=0).exists()
    assert release_reservations(line_of(ledger), by=by.asking()).lines == []


def test_an_unknown_block_is_not_lifted(ledger: World) -> None:
    with refused(NotFound):
        lift_block(uuid.UUID(int=1), "dry", by=ledger.by(roles.QUALITY_HEAD).reauthenticated())


def test_a_block_that_would_be_over_at_once_is_refused(ledger: World) -> None:
    """It would free what is promised and hold nothing."""
    by = ledger.by(roles.QUALITY_HEAD)
    scope = Scope(lot_id=ledger.lot("STENT", "L1").pk)
    now = database_now()
    for until in (now - timedelta(days=1), now, datetime(2999, 1, 1)):  # noqa: DTZ001  # on purpose
        with refused(InvalidInput, "until"):
            block(scope, BlockKind.HOLD, "water", until=until, by=by.asking())
