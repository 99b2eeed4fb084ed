"""What has a serial and no lot is kept as exactly as what has both. # INV-02"""

from datetime import timedelta

import pytest

from tests.ledger import database_now
from tests.stock.posting import P, Q, lot_of, moved, post, refused
from tests.world import World
from traceward.domain.catalog.models import Item
from traceward.domain.stock import refusals
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    Container,
    GenealogyEdge,
    Reservation,
    Serial,
    StockBalance,
    StockMove,
)
from traceward.domain.stock.rules import BalanceKey, Edge, Leg, Promise
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.org import roles


@pytest.fixture
def pump(ledger: World) -> Leg:
    """A pump stands released at A-01; a leg that moves it to A-02."""
    return pump_of(ledger, "N1")


def pump_of(world: World, number: str) -> Leg:
    item, _ = Item.objects.get_or_create(
        code="PUMP",
        maker=world.supplier,
        material_category="raw",
        has_lots=False,
        has_serials=True,
    )
    unit = Serial.objects.create(item=item, number=number, raw_number=number)
    leg = moved(world, item_id=item.pk, lot_id=None, serial_id=unit.pk)
    here, supplier = world.places["A-01"].pk, world.places["SUP"].pk
    into = leg._replace(code=Code.RECEIVE, from_place_id=supplier, to_place_id=here)
    post(world, into._replace(from_status=P, to_status=P))
    post(world, leg._replace(code=Code.RELEASE, from_status=P, to_place_id=here))
    return leg


def key_of(leg: Leg) -> BalanceKey:
    return BalanceKey(leg.item_id, None, leg.from_place_id, Q, leg.from_owner_id, leg.serial_id)


def stands(leg: Leg) -> list[tuple[int, int]]:
    """Where the unit stands qualified, and how much of it is promised there."""
    here = StockBalance.objects.filter(serial_id=leg.serial_id, on_hand=1, physical=True)
    return list(here.values_list("place_id", "reserved"))


def test_it_is_promised_given_back_and_moved(ledger: World, pump: Leg, line: int) -> None:
    post(ledger, promises=[Promise(line, key_of(pump), 1)])
    assert stands(pump) == [(pump.from_place_id, 1)]
    error = refused(refusals.ShortStock, ledger, pump)
    assert "PUMP" in str(error)
    again = [Promise(line, key_of(pump), -2)]
    refused(refusals.ShortStock, ledger, promises=again)
    post(ledger, promises=[Promise(line, key_of(pump), -1)])
    assert Reservation.objects.get(line_id=line).quantity == 0
    post(ledger, pump)
    assert stands(pump) == [(pump.to_place_id, 0)]
    refused(refusals.ShortStock, ledger, pump)


def test_its_serial_is_of_its_item(ledger: World, pump: Leg) -> None:
    valve = Item.objects.create(
        code="VALVE",
        maker=ledger.supplier,
        material_category="raw",
        has_lots=False,
        has_serials=True,
    )
    refused(InvalidInput, ledger, pump._replace(item_id=valve.pk), why="unknown")
    post(ledger, pump)


def test_a_promise_beside_it_counts_once(ledger: World, pump: Leg, line: int) -> None:
    lot = lot_of(ledger)
    key = BalanceKey(lot.item_id, lot.pk, pump.from_place_id, Q, pump.from_owner_id)
    post(ledger, pump, promises=[Promise(line, key, 3)])
    assert StockBalance.objects.get(lot=lot, place_id=pump.from_place_id, status=Q).reserved == 3


def test_it_is_reversed_as_it_was(ledger: World, pump: Leg) -> None:
    post(ledger, pump)
    into = StockMove.objects.latest("pk")
    mirror = pump.mirrored(into.pk, Code.REVERSE, "slip")
    other = pump_of(ledger, "N2")
    post(ledger, other)
    refused(refusals.ReversalRefused, ledger, mirror._replace(serial_id=other.serial_id))
    post(ledger, mirror)
    assert stands(pump) == [(pump.from_place_id, 0)]
    post(ledger, pump)
    refused(refusals.ReversalRefused, ledger, mirror)


def test_it_makes_no_moment_of_the_past_short(ledger: World, pump: Leg) -> None:
    before = database_now() - timedelta(days=1)
    error = refused(refusals.ShortStock, ledger, pump, happened_at=before, reason="late")
    assert error.details[0]["serial"] == "N1"


def test_it_is_blocked_in_its_box(ledger: World, pump: Leg) -> None:
    box = Container.objects.create(code="BOX")
    boxed = pump._replace(code=Code.PACK, to_place_id=pump.from_place_id, to_container_id=box.pk)
    post(ledger, boxed)
    block(Scope(item_id=pump.item_id), BlockKind.HOLD, "thin", by=ledger.by(roles.QUALITY_HEAD))
    stage = ledger.places["STAGE"].pk
    picked = pump._replace(code=Code.PICK, to_place_id=stage, from_container_id=box.pk)
    error = refused(refusals.Blocked, ledger, picked)
    assert "PUMP" in str(error)


def test_it_is_an_input_and_an_output(ledger: World, pump: Leg) -> None:  # PRO-02
    shop = ledger.places["PRD"].pk
    unit = Serial.objects.create(item_id=pump.item_id, number="N9", raw_number="N9")
    consume = pump._replace(code=Code.CONSUME, to_place_id=shop)
    produce = consume._replace(
        code=Code.PRODUCE, serial_id=unit.pk, from_place_id=shop, to_place_id=pump.from_place_id,
        from_status=P, to_status=P,
    )  # fmt: skip
    error = refused(InvalidInput, ledger, consume, produce, why="comes from nowhere")
    assert "PUMP" in str(error)
    edge = Edge(None, pump.serial_id, None, unit.pk, 1)
    refused(InvalidInput, ledger, produce, edges=[edge], why="not consumed")
    refused(InvalidInput, ledger, consume, edges=[edge], why="not produced")
    twice = Edge(None, pump.serial_id, None, unit.pk, 2)
    refused(InvalidInput, ledger, consume, produce, edges=[twice], why="more than consumed")
    post(ledger, consume, produce, edges=[edge])
    kept = GenealogyEdge.objects.values_list("input_serial_id", "output_serial_id")
    assert list(kept) == [(pump.serial_id, unit.pk)]
