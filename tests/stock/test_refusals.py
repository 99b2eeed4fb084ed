"""Every branch of `stock_post` that refuses: it names what is wrong and changes nothing.

Each test differs from a post that passes in the one thing that is refused.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.ledger import database_now, demand_line, post_all, set_clock
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place
from traceward.domain.stock import refusals
from traceward.domain.stock.commands.blocks import Scope, block, lift_block
from traceward.domain.stock.commands.moves import reverse
from traceward.domain.stock.models import (
    BlockKind,
    ClosedPeriod,
    Code,
    Container,
    GenealogyEdge,
    Lot,
    Reservation,
    Serial,
    Status,
    StockBalance,
    StockMove,
)
from traceward.domain.stock.rules import BalanceKey, Edge, Leg, Promise
from traceward.kernel.base.refusals import Conflict, InvalidInput, NotFound, Refusal
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import Party

P, Q, R = Status.PENDING, Status.QUALIFIED, Status.REJECTED


@pytest.fixture
def ledger(world: World) -> World:
    """The company with 10 of lot L1 qualified at A-01."""
    set_up_roles()
    lot = world.lot("STENT", "L1")
    world.stock(lot, 10)
    return world


def post(world: World, *legs: Leg, **others: Any) -> int:
    return post_all(list(legs), by=world.by(roles.SYSTEM), **others)


def everything() -> list[Any]:
    models = (StockMove, StockBalance, Reservation, GenealogyEdge)
    return [list(m.objects.order_by("pk").values()) for m in models]


def refused(kind: type[Refusal], world: World, *legs: Leg, why: str = "", **others: Any) -> Refusal:
    """The post is refused in this kind, and nothing has changed."""
    before = everything()
    with pytest.raises(kind) as error:
        post(world, *legs, **others)
    assert type(error.value) is kind
    assert everything() == before
    if why:
        assert error.value.details[0]["why"] == why
    assert "{" not in str(error.value)
    return error.value


def lot_of(world: World) -> Lot:
    return world.lot("STENT", "L1")


def moved(world: World, **values: Any) -> Leg:
    return world.leg(Code.MOVE, lot_of(world), 1, "A-01", "A-02")._replace(**values)


def key_of(world: World, lot: Lot, place: str = "A-01", **values: Any) -> BalanceKey:
    made = BalanceKey(lot.item_id, lot.pk, world.places[place].pk, Q, world.us.pk)
    return made._replace(**values)


@pytest.fixture
def line(ledger: World) -> int:
    return demand_line(ledger.shanghai, ledger.by(roles.SYSTEM).person_id, database_now())


# --- TW002: what is named exists and belongs together -------------------------------------------


def test_leg_names_what_exists(ledger: World) -> None:
    other = ledger.lot("REAGENT", "R1")
    for values in (
        {"code": 99},
        {"item_id": 0},
        {"lot_id": 0},
        {"lot_id": other.pk},
        {"lot_id": None},
        {"from_place_id": 0},
        {"to_place_id": 0},
        {"serial_id": 1},
    ):
        error = refused(InvalidInput, ledger, moved(ledger, **values), why="unknown")
        assert error.field == "lines.0"
    post(ledger, moved(ledger))


def test_containers_owners_and_documents_exist(ledger: World) -> None:
    for values in (
        {"from_container_id": 999_999},
        {"to_container_id": 999_999},
        {"document_id": 999_999},
        {"line_id": 999_999},
        {"from_owner_id": 999_999, "to_owner_id": 999_999},
    ):
        refused(InvalidInput, ledger, moved(ledger, **values))
    refused(
        InvalidInput,
        ledger,
        ledger.leg(Code.DELIVER, lot_of(ledger), 1, "WAY", "CUS", to_owner=999_999),
    )


def test_promise_names_a_place_that_exists(ledger: World, line: int) -> None:
    key = key_of(ledger, lot_of(ledger), place_id=999_999)
    refused(InvalidInput, ledger, promises=[Promise(line, key, 1)])


def serial(world: World, number: str = "S1", lot_number: str = "PL") -> tuple[Lot, Serial]:
    lot = world.lot("PACER", lot_number)
    row, _ = Serial.objects.get_or_create(
        item=lot.item, number=number, defaults={"lot": lot, "raw_number": number}
    )
    return lot, row


def test_serial_belongs_to_item_and_lot(ledger: World) -> None:
    lot, unit = serial(ledger)
    other = ledger.lot("PACER", "PL2")
    leg = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P, serial_id=unit.pk)
    for values in (
        {"serial_id": None},
        {"serial_id": 0},
        {"lot_id": other.pk},
        {"item_id": ledger.items["STENT"].pk, "lot_id": lot_of(ledger).pk},
    ):
        refused(InvalidInput, ledger, leg._replace(**values), why="unknown")
    post(ledger, leg)


def test_item_without_lots_takes_none(ledger: World) -> None:
    pump = Item.objects.create(code="PUMP", maker=ledger.supplier, has_lots=False, has_serials=True)
    lot = Lot.objects.create(item=pump, maker=ledger.supplier, number="X", raw_number="X")
    unit = Serial.objects.create(item=pump, number="U1", raw_number="U1")
    leg = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P, serial_id=unit.pk)
    refused(InvalidInput, ledger, leg, why="unknown")
    post(ledger, leg._replace(lot_id=None))


# --- TW003: what the code allows ----------------------------------------------------------------


@pytest.mark.parametrize("quantity", [0, -1])
def test_quantity_is_above_zero(ledger: World, quantity: int) -> None:
    refused(refusals.MoveNotAllowed, ledger, moved(ledger, quantity=quantity), why="quantity")


def test_serial_moves_as_one(ledger: World) -> None:
    lot, unit = serial(ledger)
    leg = ledger.leg(Code.RECEIVE, lot, 2, "SUP", "A-01", status=P, serial_id=unit.pk)
    refused(refusals.MoveNotAllowed, ledger, leg, why="quantity")


def test_code_goes_only_its_way(ledger: World) -> None:
    for code, source, target in (
        (Code.MOVE, "A-01", "A-01"),
        (Code.PACK, "A-01", "A-02"),
        (Code.MOVE, "A-01", "WAY"),
        (Code.PICK, "DOCK", "STAGE"),
        (Code.PICK, "A-01", "A-02"),
        (Code.SHIP, "A-01", "WAY"),
        (Code.DELIVER, "WAY", "A-01"),
        (Code.USE, "A-01", "USED"),
        (Code.CONSUME, "CUS", "PRD"),
        (Code.DESTROY, "A-01", "USED"),
    ):
        leg = ledger.leg(code, lot_of(ledger), 1, source, target)
        refused(refusals.MoveNotAllowed, ledger, leg, why="way")


def test_only_a_decision_changes_the_status(ledger: World) -> None:
    leg = moved(ledger, to_status=R)
    refused(refusals.MoveNotAllowed, ledger, leg, why="status")
    refused(refusals.MoveNotAllowed, ledger, leg._replace(from_status=P, to_status=Q), why="status")
    wrong = ledger.leg(Code.RELEASE, lot_of(ledger), 1, "A-01", "A-01", from_status=R, to_status=Q)
    refused(refusals.MoveNotAllowed, ledger, wrong, why="status")


def test_goods_enter_as_pending(ledger: World) -> None:
    lot = lot_of(ledger)
    for code, source in ((Code.RECEIVE, "SUP"), (Code.PRODUCE, "PRD"), (Code.ADJUST_IN, "ADJ")):
        for status in (Q, R):
            leg = ledger.leg(code, lot, 1, source, "A-01", status=status)
            refused(refusals.MoveNotAllowed, ledger, leg, why="enters qualified")
        post(ledger, leg._replace(from_status=P, to_status=P))


def test_returned_goods_are_inspected_again(ledger: World) -> None:  # REV-01
    lot = lot_of(ledger)
    for code, source, target in (
        (Code.PICK, "A-01", "STAGE"), (Code.SHIP, "STAGE", "WAY"), (Code.DELIVER, "WAY", "CUS"),
    ):  # fmt: skip
        post(ledger, ledger.leg(code, lot, 2, source, target))
    leg = ledger.leg(Code.RETURN_FROM_CUSTOMER, lot, 1, "CUS", "A-01")
    refused(refusals.MoveNotAllowed, ledger, leg, why="enters qualified")
    post(ledger, leg._replace(to_status=P))


def test_status_is_one_of_three(ledger: World) -> None:
    for source, target in ((4, 4), (0, 0)):
        leg = moved(ledger, from_status=source, to_status=target)
        refused(refusals.MoveNotAllowed, ledger, leg, why="enters qualified")


def test_reversal_makes_nothing_qualified(ledger: World) -> None:
    lot = lot_of(ledger)
    post(ledger, ledger.leg(Code.REJECT, lot, 1, "A-01", "A-01", to_status=R))
    rejected = StockMove.objects.latest("pk")
    before = everything()
    with pytest.raises(refusals.MoveNotAllowed):
        reverse([rejected.pk], "a slip", by=ledger.by(roles.SUPERVISOR))
    assert everything() == before


def test_only_some_codes_change_the_owner(ledger: World) -> None:
    leg = moved(ledger, to_owner_id=ledger.hospital.pk)
    refused(refusals.MoveNotAllowed, ledger, leg, why="owner")


def test_closed_place_takes_nothing_but_a_reversal(ledger: World) -> None:
    post(ledger, moved(ledger))
    taken = StockMove.objects.latest("pk")
    Place.objects.filter(code__in=("A-01", "A-02")).update(is_open=False)
    refused(refusals.MoveNotAllowed, ledger, moved(ledger), why="closed place")
    reverse([taken.pk], "a slip", by=ledger.by(roles.SUPERVISOR))
    post(ledger, ledger.leg(Code.PICK, lot_of(ledger), 1, "A-01", "STAGE"))


# --- TW004, TW005, TW007, TW015: state, expiry, temperature, signature ---------------------------

ALLOWED = {
    P: "receive putaway move release reject adjust_in adjust_out return_from_customer"
    " return_to_supplier produce reverse",
    Q: "putaway move pick pack ship deliver use consume reject adjust_out"
    " return_from_customer return_to_supplier destroy reverse",
    R: "putaway move adjust_out return_from_customer return_to_supplier destroy reverse",
}
WAYS = {
    Code.PUTAWAY: ("A-01", "A-02"),
    Code.MOVE: ("A-01", "A-02"),
    Code.PICK: ("A-01", "STAGE"),
    Code.PACK: ("A-01", "A-01"),
    Code.SHIP: ("STAGE", "WAY"),
    Code.DELIVER: ("WAY", "CUS"),
    Code.USE: ("CUS", "USED"),
    Code.CONSUME: ("A-01", "PRD"),
    Code.RELEASE: ("A-01", "A-01"),
    Code.REJECT: ("A-01", "A-01"),
    Code.ADJUST_OUT: ("A-01", "ADJ"),
    Code.RETURN_FROM_CUSTOMER: ("CUS", "A-01"),
    Code.RETURN_TO_SUPPLIER: ("A-01", "SUP"),
    Code.DESTROY: ("A-01", "DES"),
}
DECIDED = {(Code.RELEASE, P): Q, (Code.REJECT, P): R, (Code.REJECT, Q): R}


def leg_for(world: World, code: Code, status: Status, lot: Lot) -> Leg:
    source, target = WAYS[code]
    leg = world.leg(code, lot, 1, source, target, status=status)
    if code == Code.RETURN_FROM_CUSTOMER:
        leg = leg._replace(to_status=R if status == R else P)
    box = Container.objects.get_or_create(code="BOX")[0].pk if code == Code.PACK else None
    return leg._replace(to_status=DECIDED.get((code, status), leg.to_status), to_container_id=box)


@pytest.mark.parametrize("status", [P, Q, R])
@pytest.mark.parametrize("code", [c for c in WAYS if c not in (Code.RELEASE, Code.REJECT)])
def test_each_status_allows_what_the_policy_says(ledger: World, code: Code, status: Status) -> None:
    """INV-03: what is allowed fails for want of stock only, what is not names the status."""
    lot = ledger.lot("STENT", "NONE")
    name = code.name.lower()
    allowed = name in ALLOWED[status].split()
    kind = refusals.ShortStock if allowed else refusals.NotReleased
    refused(kind, ledger, leg_for(ledger, code, status, lot))


EXPIRED_ALLOWS = {
    "putaway", "move", "adjust_out", "return_from_customer", "return_to_supplier", "reject",
    "destroy",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(set(WAYS) - {Code.RELEASE}))
def test_expired_goods_may_only_be_kept_returned_or_destroyed(ledger: World, code: Code) -> None:
    """INV-07."""
    lot = ledger.lot("STENT", "OLD", date(2020, 1, 31))
    allowed = code.name.lower() in EXPIRED_ALLOWS
    kind = refusals.ShortStock if allowed else refusals.Expired
    error = refused(kind, ledger, leg_for(ledger, code, Q, lot))
    if not allowed:
        assert "2020-01-31" in str(error)


def test_expired_goods_are_not_received_or_released(ledger: World) -> None:
    lot = ledger.lot("STENT", "OLD", date(2020, 1, 31))
    receive = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P)
    refused(refusals.Expired, ledger, receive)
    release = ledger.leg(Code.RELEASE, lot, 1, "A-01", "A-01", from_status=P, to_status=Q)
    refused(refusals.Expired, ledger, release)


def test_usable_through_the_last_day_in_the_zone_of_the_site(ledger: World) -> None:  # INV-05
    lot = ledger.lot("STENT", "JUNE", date(2035, 6, 30))
    leg = ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE")
    set_clock(datetime(2035, 6, 30, 15, 59, tzinfo=UTC))  # 23:59 in Shanghai
    refused(refusals.ShortStock, ledger, leg)
    set_clock(datetime(2035, 6, 30, 16, 1, tzinfo=UTC))
    refused(refusals.Expired, ledger, leg)


def test_place_of_the_wrong_temperature_is_refused(ledger: World) -> None:  # INV-05
    cold = ledger.lot("REAGENT", "R1")
    leg = ledger.leg(Code.RECEIVE, cold, 5, "SUP", "C-01", status=P)
    warm = leg._replace(to_place_id=ledger.places["A-01"].pk)
    error = refused(refusals.UnsuitablePlace, ledger, warm, why="temperature")
    assert "between 2.0 and 8.0" in str(error)
    post(ledger, leg)
    post(ledger, leg._replace(to_place_id=ledger.places["DOCK"].pk))
    Place.objects.filter(code="C-01").update(temperature_c_min=1)
    refused(refusals.UnsuitablePlace, ledger, leg)
    Place.objects.filter(code="C-01").update(temperature_c_min=2, temperature_c_max=9)
    refused(refusals.UnsuitablePlace, ledger, leg)


def test_decision_needs_its_signature(ledger: World) -> None:  # QUA-04
    leg = ledger.leg(Code.REJECT, lot_of(ledger), 1, "A-01", "A-01", to_status=R)
    refused(refusals.MoveNotAllowed, ledger, leg, signed=False)
    post(ledger, leg)
    refused(refusals.MoveNotAllowed, ledger, leg, signed=False)


# --- TW001: what is there -----------------------------------------------------------------------


def test_every_short_row_is_named(ledger: World) -> None:  # INV-04
    other = ledger.lot("STENT", "L2")
    ledger.stock(other, 3, "A-02")
    error = refused(
        refusals.ShortStock,
        ledger,
        ledger.leg(Code.MOVE, lot_of(ledger), 11, "A-01", "A-02"),
        ledger.leg(Code.MOVE, other, 4, "A-02", "A-01"),
    )
    rows = {(r["lot"], r["on_hand"], r["asked"]) for r in error.details}
    assert rows == {("L1", 10, 11), ("L2", 3, 4)}


def test_promised_goods_are_not_taken(ledger: World, line: int) -> None:  # INV-04
    lot = lot_of(ledger)
    post(ledger, promises=[Promise(line, key_of(ledger, lot), 8)])
    assert Reservation.objects.get().quantity == 8
    refused(refusals.ShortStock, ledger, moved(ledger, quantity=3))
    refused(refusals.ShortStock, ledger, promises=[Promise(line, key_of(ledger, lot), 3)])
    post(ledger, moved(ledger, quantity=2))
    post(ledger, moved(ledger, quantity=3), promises=[Promise(line, key_of(ledger, lot), -3)])
    assert Reservation.objects.get().quantity == 5
    assert StockBalance.objects.get(place__code="A-01", status=Q).reserved == 5


def test_nothing_is_given_back_that_was_not_promised(ledger: World, line: int) -> None:
    lot = lot_of(ledger)
    actor = ledger.by(roles.SYSTEM)
    other = demand_line(ledger.shanghai, actor.person_id, database_now())
    refused(refusals.ShortStock, ledger, promises=[Promise(line, key_of(ledger, lot), -1)])
    post(ledger, promises=[Promise(line, key_of(ledger, lot), 3)])
    post(ledger, promises=[Promise(other, key_of(ledger, lot), 3)])
    refused(refusals.ShortStock, ledger, promises=[Promise(line, key_of(ledger, lot), -4)])
    refused(
        refusals.ShortStock,
        ledger,
        promises=[
            Promise(line, key_of(ledger, lot), -4),
            Promise(other, key_of(ledger, lot), 4),
        ],
    )


def test_only_goods_that_stand_somewhere_are_promised(ledger: World, line: int) -> None:
    lot = lot_of(ledger)
    for place in ("SUP", "PRD", "ADJ"):
        key = key_of(ledger, lot, place)
        refused(refusals.ShortStock, ledger, promises=[Promise(line, key, 1)])


def test_only_usable_goods_are_promised(ledger: World, line: int) -> None:  # INV-03 INV-07
    lot = lot_of(ledger)
    received = ledger.leg(Code.RECEIVE, lot, 5, "SUP", "A-01", status=P)
    post(ledger, received)
    pending = key_of(ledger, lot, status=P)
    refused(refusals.NotReleased, ledger, promises=[Promise(line, pending, 1)])
    old = ledger.lot("STENT", "SOON", date(2035, 1, 1))
    ledger.stock(old, 5)
    key = key_of(ledger, old)
    set_clock(datetime(2035, 1, 1, 15, 59, tzinfo=UTC))
    post(ledger, promises=[Promise(line, key, 1)])
    set_clock(datetime(2035, 1, 1, 16, 1, tzinfo=UTC))
    refused(refusals.Expired, ledger, promises=[Promise(line, key, 1)])
    post(ledger, promises=[Promise(line, key, -1)])


# --- TW006: blocks ------------------------------------------------------------------------------


@pytest.fixture
def zone(ledger: World) -> Place:
    """A zone above A-01."""
    made = Place.objects.create(
        code="Z", kind="zone", physical=True, site=ledger.shanghai, legal_entity=ledger.entity
    )
    Place.objects.filter(pk=made.pk).update(path=[made.pk])
    bin_ = ledger.places["A-01"]
    Place.objects.filter(pk=bin_.pk).update(path=[made.pk, bin_.pk], parent=made)
    return made


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
    ledger.stock(other, 5, "A-02")
    for scope in (
        Scope(lot_id=lot.pk),
        Scope(item_id=reagent.item_id),
        Scope(place_id=zone.pk),
        Scope(container_id=boxed[0].pk),
        Scope(lot_id=other.pk, place_id=zone.pk),
        Scope(item_id=other.item_id, container_id=boxed[0].pk),
    ):
        block(scope, BlockKind.RECALL, "recall 7", by=quality(ledger))
    post(ledger, ledger.leg(Code.PICK, other, 1, "A-02", "STAGE"))


def test_block_of_a_serial(ledger: World, line: int) -> None:
    lot, unit = serial(ledger)
    _, twin = serial(ledger, "S2")
    for each in (unit, twin):
        receive = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P, serial_id=each.pk)
        post(ledger, receive)
        post(ledger, receive._replace(
            code=Code.RELEASE, from_place_id=receive.to_place_id, to_status=Q))  # fmt: skip
    block(Scope(serial_id=unit.pk), BlockKind.HOLD, "complaint", by=quality(ledger))
    pick = ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE", serial_id=unit.pk)
    refused(refusals.Blocked, ledger, pick)
    key = key_of(ledger, lot, serial_id=unit.pk)
    refused(refusals.Blocked, ledger, promises=[Promise(line, key, 1)])
    post(ledger, pick._replace(serial_id=twin.pk))


BLOCKED_ALLOWS = {
    BlockKind.HOLD: "receive putaway move adjust_out return_from_customer return_to_supplier"
    " reject",
    BlockKind.RECALL: "receive putaway move adjust_out return_from_customer return_to_supplier"
    " reject destroy",
}


@pytest.mark.parametrize("kind", list(BlockKind))
def test_blocked_goods_may_only_be_kept_returned_or_rejected(
    ledger: World, kind: BlockKind
) -> None:
    lot = lot_of(ledger)
    for place, status in (("STAGE", Q), ("WAY", Q), ("CUS", Q)):
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


# --- TW008, TW013: time -------------------------------------------------------------------------


def test_moment_is_not_in_the_future(ledger: World) -> None:
    now = database_now()
    refused(refusals.TimeRefused, ledger, moved(ledger), happened_at=now + timedelta(seconds=121))
    post(ledger, moved(ledger), happened_at=now + timedelta(seconds=119))


def test_back_dating_needs_a_reason(ledger: World) -> None:
    now = database_now()
    set_clock(now + timedelta(days=1))
    now = database_now()
    early = now - timedelta(seconds=901)
    refused(refusals.TimeRefused, ledger, moved(ledger), happened_at=early)
    refused(refusals.TimeRefused, ledger, moved(ledger), happened_at=early, reason="")
    post(ledger, moved(ledger), happened_at=now - timedelta(seconds=899))
    post(ledger, moved(ledger), happened_at=early, reason="late paper")
    assert StockMove.objects.latest("pk").happened_at == early
    assert StockMove.objects.latest("pk").reason == "late paper"


@pytest.mark.parametrize("outside", ["from", "to"])
def test_closed_period_takes_nothing(ledger: World, outside: str) -> None:
    now = database_now()
    set_clock(now + timedelta(days=10))
    other = Party.objects.create(name_en="Other")
    theirs = type(ledger.entity).objects.create(code="HB", party=other)
    abroad = Place.objects.create(
        code="X-01", kind="bin", physical=True, site=ledger.chengdu, legal_entity=theirs
    )
    closed = now + timedelta(days=5)
    ClosedPeriod.objects.create(legal_entity=theirs, closed_until=closed, closed_at=now)
    leg = moved(ledger, to_place_id=abroad.pk)
    times = {"reason": "late", "happened_at": closed - timedelta(seconds=1)}
    post(ledger, moved(ledger), **times)
    post(ledger, leg, happened_at=closed, reason="late")
    if outside == "to":
        refused(refusals.TimeRefused, ledger, leg, **times)
    else:
        set_clock(now + timedelta(days=20))
        times = {"reason": "late", "happened_at": closed - timedelta(seconds=1)}
        away = leg._replace(from_place_id=abroad.pk, to_place_id=ledger.places["A-01"].pk)
        refused(refusals.TimeRefused, ledger, away, **times)


@pytest.fixture
def past(ledger: World) -> Iterator[tuple[World, Lot, datetime]]:
    """Ten since day 0; on day 10 eight go out and come back in on day 20; now is day 30."""
    lot = lot_of(ledger)
    start = database_now()
    set_clock(start + timedelta(days=10))
    post(ledger, ledger.leg(Code.MOVE, lot, 8, "A-01", "A-02"))
    set_clock(start + timedelta(days=20))
    post(ledger, ledger.leg(Code.MOVE, lot, 8, "A-02", "A-01"))
    set_clock(start + timedelta(days=30))
    return ledger, lot, start


def test_back_dating_makes_no_moment_of_the_past_short(
    past: tuple[World, Lot, datetime],
) -> None:
    world, lot, start = past
    early = {"happened_at": start + timedelta(days=5), "reason": "late paper"}
    leg = world.leg(Code.MOVE, lot, 3, "A-01", "B-01")
    error = refused(refusals.ShortStock, world, leg, **early)
    assert (error.details[0]["was"], error.details[0]["asked"]) == (2, 3)
    post(world, leg._replace(quantity=2), **early)
    later = {"happened_at": start + timedelta(days=21), "reason": "late paper"}
    post(world, leg._replace(quantity=8), **later)


def test_moves_of_one_moment_count_together(past: tuple[World, Lot, datetime]) -> None:
    """Out and back in at one moment is no dip in between."""
    world, lot, start = past
    when = {"happened_at": start + timedelta(days=25), "reason": "late"}
    away = world.leg(Code.MOVE, lot, 9, "A-01", "B-01")
    post(world, away, **when)
    back = away._replace(from_place_id=away.to_place_id, to_place_id=away.from_place_id)
    post(world, back, **when)
    post(world, away._replace(quantity=2), happened_at=start + timedelta(days=22), reason="late")


# --- TW009: reversals ---------------------------------------------------------------------------


def test_reversal_mirrors_a_move_once(ledger: World) -> None:
    leg = moved(ledger, quantity=4)
    post(ledger, leg)
    move = StockMove.objects.latest("pk")
    mirror = leg.mirrored(move.pk, Code.REVERSE, "slip")
    other = ledger.lot("STENT", "L2")
    ledger.stock(other, 5, "A-02")
    for values in (
        {"quantity": 3},
        {"reverses_id": None},
        {"reverses_id": 999_999},
        {"code": Code.MOVE},
        {"lot_id": other.pk},
        {"to_place_id": ledger.places["C-01"].pk},
        {"to_owner_id": ledger.hospital.pk},
        {"to_status": P},
    ):
        refused(refusals.ReversalRefused, ledger, mirror._replace(**values))
    post(ledger, leg)
    refused(Conflict, ledger, mirror, mirror)
    post(ledger, mirror)
    refused(refusals.ReversalRefused, ledger, mirror)
    taken_back = StockMove.objects.latest("pk")
    again = mirror.mirrored(taken_back.pk, Code.REVERSE, "slip")
    refused(refusals.ReversalRefused, ledger, again)


def test_reversal_takes_the_container_back(ledger: World) -> None:
    boxes = [Container.objects.create(code=f"C{n}") for n in range(2)]
    leg = ledger.leg(Code.PACK, lot_of(ledger), 4, "A-01", "A-01", to_container_id=boxes[0].pk)
    post(ledger, leg)
    mirror = leg.mirrored(StockMove.objects.latest("pk").pk, Code.REVERSE, "slip")
    refused(refusals.ReversalRefused, ledger, mirror._replace(to_container_id=boxes[1].pk))
    post(ledger, mirror)


def test_reverse_names_moves_that_exist(ledger: World) -> None:
    for ids in ([999_999], []):
        with pytest.raises(refusals.ReversalRefused):
            reverse(ids, "slip", by=ledger.by(roles.SUPERVISOR))
    with pytest.raises(InvalidInput):
        reverse([StockMove.objects.latest("pk").pk], " ", by=ledger.by(roles.SUPERVISOR))


# --- TW012, TW014: serials, genealogy -----------------------------------------------------------


def test_serial_stands_in_one_place(ledger: World) -> None:  # INV-05
    lot, unit = serial(ledger)
    leg = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P, serial_id=unit.pk)
    post(ledger, leg)
    elsewhere = leg._replace(to_place_id=ledger.places["B-01"].pk)
    error = refused(refusals.SerialElsewhere, ledger, elsewhere)
    assert "S1 already stands at A-01" in str(error)
    found = ledger.leg(Code.ADJUST_IN, lot, 1, "ADJ", "A-02", status=P, serial_id=unit.pk)
    refused(refusals.SerialElsewhere, ledger, found)
    post(ledger, ledger.leg(Code.MOVE, lot, 1, "A-01", "B-01", status=P, serial_id=unit.pk))


def test_serial_is_not_twice_in_one_place(ledger: World) -> None:
    lot, unit = serial(ledger)
    leg = ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P, serial_id=unit.pk)
    post(ledger, leg)
    refused(refusals.SerialElsewhere, ledger, leg)
    other, twin = serial(ledger, "S2")
    twice = [leg._replace(serial_id=twin.pk, to_place_id=ledger.places[p].pk)
             for p in ("A-01", "B-01")]  # fmt: skip
    assert other == lot
    refused(refusals.SerialElsewhere, ledger, *twice)


def test_genealogy_is_proved_by_moves_of_the_same_post(ledger: World) -> None:  # PRO-02
    raw, made = lot_of(ledger), ledger.lot("STENT", "MADE")
    other = ledger.lot("STENT", "OTHER")
    pacer, unit = serial(ledger)
    consume = ledger.leg(Code.CONSUME, raw, 2, "A-01", "PRD")
    produce = ledger.leg(Code.PRODUCE, made, 2, "PRD", "A-01", status=P)
    build = ledger.leg(Code.PRODUCE, pacer, 1, "PRD", "A-01", status=P, serial_id=unit.pk)
    for edge in (
        Edge(other.pk, None, made.pk, None, 2),
        Edge(raw.pk, None, other.pk, None, 2),
        Edge(made.pk, None, raw.pk, None, 2),
        Edge(raw.pk, unit.pk, made.pk, None, 2),
        Edge(raw.pk, None, made.pk, unit.pk, 2),
    ):
        refused(InvalidInput, ledger, consume, produce, build, edges=[edge])
    edge = Edge(raw.pk, None, made.pk, None, 2)
    refused(InvalidInput, ledger, produce, edges=[edge])
    refused(InvalidInput, ledger, consume, edges=[edge])
    refused(InvalidInput, ledger, edges=[edge])
    post(ledger, consume, produce, build, edges=[edge, Edge(raw.pk, None, pacer.pk, unit.pk, 1)])
    assert GenealogyEdge.objects.count() == 2
