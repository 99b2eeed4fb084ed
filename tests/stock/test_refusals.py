"""Every branch of `stock_post` that refuses: it names what is wrong and changes nothing.

Each test differs from a post that passes in the one thing that is refused.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.ledger import database_now, demand_line, post_twice, set_clock
from tests.stock.posting import P, Q, R, everything, key_of, lot_of, moved, post, refused, serial
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place
from traceward.domain.stock import refusals
from traceward.domain.stock.commands import posting
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.commands.moves import reverse
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    GenealogyEdge,
    Lot,
    Reservation,
    Serial,
    StockBalance,
    StockMove,
)
from traceward.domain.stock.rules import Edge, Leg, Promise
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotFound
from traceward.kernel.command.actor import UnitOfWork
from traceward.kernel.command.database_errors import sqlstate
from traceward.kernel.documents.models import DocumentLine
from traceward.kernel.org import roles

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
        assert len(error.details) == 1
    post(ledger, moved(ledger))


def test_quantity_is_there(ledger: World) -> None:
    """The command's own check lets none through; the ledger does not rely on it."""
    assert posted_directly(ledger, 0, moved(ledger, quantity=None)) == "TW003"


def test_document_and_line_that_exist_are_taken(ledger: World, line: int) -> None:
    document = DocumentLine.objects.get(pk=line).document_id
    post(ledger, moved(ledger, document_id=document, line_id=line))
    move = StockMove.objects.latest("pk")
    assert (move.document_id, move.line_id) == (document, line)


def test_command_that_is_on_record_posts_no_more(ledger: World) -> None:
    scope = Scope(item_id=lot_of(ledger).item_id)
    block(scope, BlockKind.HOLD, "a look", by=ledger.by(roles.QUALITY_HEAD))
    entry = AuditEntry.objects.latest("pk")
    assert not StockMove.objects.filter(command_id=entry.pk).exists()
    other = ledger.lot("REAGENT", "R1")
    late = ledger.leg(Code.RECEIVE, other, 1, "SUP", "C-01", status=P)
    assert posted_directly(ledger, entry.pk, late) == "TW016"


def posted_directly(world: World, command_id: int, *legs: Leg) -> str:
    """The SQLSTATE with which stock_post itself refuses the legs."""
    unit = UnitOfWork("testing.direct", command_id)
    posting._post(unit, world.by(roles.SYSTEM).person_id, posting.Posting(list(legs)))
    [(call, values)] = unit.calls
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {call}", values)  # our own
    return sqlstate(error.value)


def test_containers_owners_and_documents_exist(ledger: World) -> None:
    for values in (
        {"from_container_id": 999_999},
        {"to_container_id": 999_999},
        {"document_id": 999_999},
        {"line_id": 999_999},
    ):
        refused(InvalidInput, ledger, moved(ledger, **values))
    refused(NotFound, ledger, moved(ledger, from_owner_id=999_999, to_owner_id=999_999))
    refused(
        NotFound,
        ledger,
        ledger.leg(Code.DELIVER, lot_of(ledger), 1, "WAY", "CUS", to_owner=999_999),
    )


def test_promise_names_a_place_that_exists(ledger: World, line: int) -> None:
    key = key_of(ledger, lot_of(ledger), place_id=999_999)
    refused(InvalidInput, ledger, promises=[Promise(line, key, 1)])


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
    pump = Item.objects.create(
        code="PUMP",
        maker=ledger.supplier,
        material_category="raw",
        has_lots=False,
        has_serials=True,
    )
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


def test_goods_go_between_sites_by_transit_only(ledger: World) -> None:
    lot = lot_of(ledger)
    far = Place.objects.create(
        code="FAR", kind="staging", physical=True, site=ledger.chengdu, legal_entity=ledger.entity
    )
    ledger.places["FAR"] = far
    for code, source, target in (
        (Code.MOVE, "A-01", "B-01"), (Code.PUTAWAY, "A-01", "B-01"), (Code.PICK, "A-01", "FAR"),
    ):  # fmt: skip
        leg = ledger.leg(code, lot, 1, source, target)
        error = refused(refusals.MoveNotAllowed, ledger, leg, why="site")
        assert "different sites" in str(error)
    post(ledger, ledger.leg(Code.PICK, lot, 1, "A-01", "STAGE"))
    post(ledger, ledger.leg(Code.SHIP, lot, 1, "STAGE", "WAY"))
    back = ledger.leg(Code.RETURN_FROM_CUSTOMER, lot, 1, "WAY", "B-01", to_status=P)
    post(ledger, back)


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


# --- TW001: what is there -----------------------------------------------------------------------


def test_every_short_row_is_named(ledger: World) -> None:  # INV-04
    other, enough = ledger.lot("STENT", "L2"), ledger.lot("STENT", "L3")
    ledger.stock(other, 3, "A-02")
    ledger.stock(enough, 2)
    error = refused(
        refusals.ShortStock,
        ledger,
        ledger.leg(Code.MOVE, enough, 2, "A-01", "A-02"),
        ledger.leg(Code.RECEIVE, enough, 1, "SUP", "A-01", status=P),
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


def test_what_is_promised_and_given_back_at_once_changes_nothing(ledger: World, line: int) -> None:
    key = key_of(ledger, lot_of(ledger))
    post(ledger, promises=[Promise(line, key, 3)])
    before = everything()
    post(ledger, promises=[Promise(line, key, 2), Promise(line, key, -2)])
    assert everything() == before


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
    young = ledger.lot("STENT", "YOUNG", date(2040, 1, 1))
    post(ledger, received._replace(lot_id=young.pk))
    both = [Promise(line, key_of(ledger, young, status=P), 1), Promise(line, key, 1)]
    for promises in (both[1:], both, both[::-1]):
        refused(refusals.Expired, ledger, promises=promises)
    post(ledger, promises=[Promise(line, key, -1)])


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
    post(ledger, ledger.leg(Code.MOVE, lot, 1, "A-01", "A-02", status=P, serial_id=unit.pk))


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
    pair = [Edge(raw.pk, None, made.pk, None, 2), Edge(raw.pk, None, pacer.pk, unit.pk, 1)]
    for edge in (
        Edge(other.pk, None, made.pk, None, 2),
        Edge(raw.pk, None, other.pk, None, 2),
        Edge(made.pk, None, raw.pk, None, 2),
        Edge(raw.pk, unit.pk, made.pk, None, 2),
        Edge(raw.pk, None, made.pk, unit.pk, 2),
        Edge(raw.pk, None, made.pk, None, 3),
    ):
        refused(InvalidInput, ledger, consume, produce, build, edges=[*pair, edge])
    edge = Edge(raw.pk, None, made.pk, None, 2)
    refused(InvalidInput, ledger, produce, edges=[edge])
    refused(InvalidInput, ledger, consume, edges=[edge])
    refused(InvalidInput, ledger, edges=[edge])
    post(ledger, consume, produce, build, edges=pair)
    assert GenealogyEdge.objects.count() == 2


def test_what_is_consumed_and_produced_has_its_genealogy(ledger: World) -> None:  # PRO-02
    raw, made, more = lot_of(ledger), ledger.lot("STENT", "MADE"), ledger.lot("STENT", "MORE")
    second = ledger.lot("STENT", "SECOND")
    ledger.stock(second, 5)
    consumes = [ledger.leg(Code.CONSUME, lot, 1, "A-01", "PRD") for lot in (raw, second)]
    produces = [ledger.leg(Code.PRODUCE, lot, 1, "PRD", "A-01", status=P) for lot in (made, more)]
    both, one = [*consumes, *produces], [*consumes, produces[0]]
    cross = [Edge(a.pk, None, b.pk, None, 1) for a in (raw, second) for b in (made, more)]
    refused(InvalidInput, ledger, *both, why="comes from nowhere")
    refused(InvalidInput, ledger, *both, edges=cross[:2], why="leads nowhere")
    refused(InvalidInput, ledger, *both, edges=[cross[0], cross[2]], why="comes from nowhere")
    refused(InvalidInput, ledger, *one, edges=[cross[0]], why="leads nowhere")
    refused(InvalidInput, ledger, *consumes, edges=cross[:1], why="not produced")
    refused(InvalidInput, ledger, *produces, edges=cross[:1], why="not consumed")
    post(ledger, *both, edges=[cross[0], cross[3]])
    post(ledger, consumes[0])
    post(ledger, produces[0])


def test_inputs_are_consumed_and_outputs_produced(ledger: World) -> None:  # PRO-02
    raw, second = lot_of(ledger), ledger.lot("STENT", "SECOND")
    made, more = ledger.lot("STENT", "MADE"), ledger.lot("STENT", "MORE")
    pacers, unit = serial(ledger)
    ledger.stock(second, 5)
    consumes = [ledger.leg(Code.CONSUME, lot, 1, "A-01", "PRD") for lot in (raw, second)]
    produces = [ledger.leg(Code.PRODUCE, lot, 1, "PRD", "A-01", status=P) for lot in (made, more)]
    proved = [Edge(raw.pk, None, made.pk, None, 1), Edge(second.pk, None, more.pk, None, 1)]
    for extra, why in (
        (Edge(made.pk, None, more.pk, None, 1), "not consumed"),
        (Edge(raw.pk, None, second.pk, None, 1), "not produced"),
    ):
        refused(InvalidInput, ledger, *consumes, *produces, edges=[*proved, extra], why=why)
    build = ledger.leg(Code.PRODUCE, pacers, 1, "PRD", "A-01", status=P, serial_id=unit.pk)
    _, twin = serial(ledger, "S2")
    builds = [build, build._replace(serial_id=twin.pk)]
    one = Edge(raw.pk, None, pacers.pk, unit.pk, 1)
    refused(InvalidInput, ledger, consumes[0], *builds, edges=[one], why="comes from nowhere")
    post(ledger, consumes[0], *builds, edges=[Edge(raw.pk, None, pacers.pk, None, 1)])
    here, there = (ledger.places[code].pk for code in ("A-01", "PRD"))
    for made_unit in builds:
        post(ledger, made_unit._replace(code=Code.RELEASE, from_place_id=here, to_status=Q))
    used = [
        b._replace(code=Code.CONSUME, from_place_id=here, to_place_id=there,
                   from_status=Q, to_status=Q)
        for b in builds
    ]  # fmt: skip
    last = Edge(pacers.pk, unit.pk, made.pk, None, 1)
    refused(InvalidInput, ledger, *used, produces[0], edges=[last], why="leads nowhere")


# --- once a command -----------------------------------------------------------------------------


def test_command_posts_once(ledger: World) -> None:
    before = everything()
    with pytest.raises(DatabaseError, match="refused") as error:
        post_twice([moved(ledger)], by=ledger.by(roles.SYSTEM))
    assert error.value.__cause__.sqlstate == "TW016"  # type: ignore[union-attr]
    assert everything() == before


def test_what_is_left_of_a_promise_ends_when_it_did(ledger: World, line: int) -> None:
    key, ends = key_of(ledger, lot_of(ledger)), database_now() + timedelta(days=1)
    post(ledger, promises=[Promise(line, key, 5)], expires_at=ends)
    post(ledger, promises=[Promise(line, key, -2)])
    kept = Reservation.objects.get()
    assert (kept.quantity, kept.expires_at) == (3, ends)
    post(ledger, promises=[Promise(line, key, 1)], expires_at=ends + timedelta(days=1))
    kept.refresh_from_db()
    assert (kept.quantity, kept.expires_at) == (4, ends + timedelta(days=1))
