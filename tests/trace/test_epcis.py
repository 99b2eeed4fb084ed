"""Traces as EPCIS 2.0: the fields that the standard requires, and what our moves mean. # TRC-02"""

import json
import re
from typing import Any

import pytest

from tests import making
from tests.ledger import database_now
from tests.outbound import signed
from tests.trace.test_reading import job
from tests.world import World
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, Lot, Serial, StockMove
from traceward.domain.stock.rules import CODES
from traceward.domain.trace.queries import epcis
from traceward.domain.trace.queries.epcis import STEPS
from traceward.kernel.base.refusals import TooLarge
from traceward.kernel.org import roles

OFFSET = re.compile(r"[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
URI = re.compile(r"(https://id\.gs1\.org/\S+|urn:uuid:[0-9a-f-]{36})")
ACTIONS = ("OBSERVE", "ADD", "DELETE")
#: Required: one of each of these groups has something in it (EPCIS 2.0, section 7).
WHAT = {
    "ObjectEvent": [("epcList", "quantityList")],
    "AggregationEvent": [("childEPCs", "childQuantityList"), ("parentID",)],
    "TransformationEvent": [
        ("inputEPCList", "inputQuantityList"),
        ("outputEPCList", "outputQuantityList"),
    ],
}


def events(nodes: list[int], sites: list[int] | None = None, **more: Any) -> list[dict[str, Any]]:
    found = epcis(nodes, sites=sites, now=database_now(), **more)
    json.dumps(found)
    assert found["type"] == "EPCISDocument"
    assert found["schemaVersion"] == "2.0"
    assert TIME.fullmatch(found["creationDate"])
    assert found["@context"][0].startswith("https://ref.gs1.org/standards/epcis/2.0")
    listed: list[dict[str, Any]] = found["epcisBody"]["eventList"]
    for event in listed:
        well_formed(event)
    ids = [event["eventID"] for event in listed if "errorDeclaration" not in event]
    assert len(set(ids)) == len(ids)
    return listed


def well_formed(event: dict[str, Any]) -> None:
    """What every event must have, and what its kind must have."""
    assert TIME.fullmatch(event["eventTime"])
    assert OFFSET.fullmatch(event["eventTimeZoneOffset"])
    assert URI.fullmatch(event["eventID"])
    assert all(any(event.get(name) for name in group) for group in WHAT[event["type"]])
    if event["type"] == "TransformationEvent":
        assert "action" not in event
    else:
        assert event["action"] in ACTIONS
    for name in ("readPoint", "bizLocation"):
        assert name not in event or URI.fullmatch(event[name]["id"])
    for name, found in event.items():
        if name.endswith("QuantityList") or name == "quantityList":
            assert all(URI.fullmatch(one["epcClass"]) for one in found)
        if name in ("epcList", "childEPCs", "inputEPCList", "outputEPCList"):
            assert all(URI.fullmatch(one) for one in found)
    for one in event.get("bizTransactionList", ()):
        assert URI.fullmatch(one["bizTransaction"])


def test_every_code_of_a_move_has_its_business_step() -> None:
    assert set(STEPS) == set(CODES.words.values()) - {"reverse"}


def test_a_delivered_lot_as_events(world: World) -> None:
    lot = job(world)
    found = events([lot.pk])
    steps = [event["bizStep"] for event in found]
    for step in ("receiving", "inspecting", "picking", "shipping", "accepting", "dispensing"):
        assert step in steps
    shipped = next(event for event in found if event["bizStep"] == "shipping")
    assert shipped["disposition"] == "in_transit"
    assert "bizLocation" not in shipped  # on its way
    assert shipped["bizTransactionList"][0]["type"] == "desadv"
    assert sum(one["quantity"] for one in shipped["quantityList"]) == 3
    used = next(event for event in found if event["bizStep"] == "dispensing")
    assert (used["action"], used["disposition"]) == ("DELETE", "dispensed")
    assert found == events([lot.pk])  # ids are the same whenever it is told


def test_goods_are_named_by_their_gs1_keys(world: World) -> None:
    lot = world.lot("STENT", "L/1")
    world.stock(lot, 2)
    (event, *_) = events([lot.pk])
    name = event["quantityList"][0]["epcClass"]
    assert re.fullmatch(r"https://id\.gs1\.org/01/\d{14}/10/L%2F1", name)


def test_making_is_a_transformation_of_its_inputs(world: World) -> None:
    making.plant(world)
    order_id = making.issued(world)
    making.complete(world, order_id, making.pacers(world, "P1", "P2", "P3"))
    serial = Serial.objects.get(number="P1")
    raw = Lot.objects.get(number="RAW2")
    for nodes in ([serial.pk], [raw.pk]):
        (made,) = [e for e in events(nodes) if e["type"] == "TransformationEvent"]
        assert {one.rpartition("/")[2] for one in made["outputEPCList"]} == {"P1", "P2", "P3"}
        inputs = {one["epcClass"].rpartition("/")[2] for one in made["inputQuantityList"]}
        assert "RAW2" in inputs
        assert made["bizTransactionList"][0]["type"] == "prodorder"


def test_what_was_taken_back_is_declared_an_error(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    leg = world.leg(Code.MOVE, lot, 3, "A-01", "A-02")
    world.post(leg)
    move = StockMove.objects.get(lot=lot, code=Code.MOVE)
    world.post(leg.mirrored(move.pk, Code.REVERSE, "记错"))
    found = [event for event in events([lot.pk]) if event["bizStep"] == "storing"]
    first, declared = found[-2:]
    assert declared["eventID"] == first["eventID"]
    assert declared["errorDeclaration"]["reason"] == "did_not_occur"
    assert "errorDeclaration" not in first


def test_a_block_is_an_event_of_its_goods(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "外箱破损", by=world.by(roles.QUALITY_HEAD))
    held = events([lot.pk])[-1]
    assert held["bizStep"] == "holding"
    assert held["persistentDisposition"] == {"set": ["unavailable"]}


def test_events_of_others_are_not_told(world: World) -> None:  # ORG-02
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    signed(world, quantity=3)
    assert events([lot.pk], [world.shanghai.pk])
    assert events([lot.pk], [world.chengdu.pk]) == []


def test_too_many_moves_are_asked_for_in_parts(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    with pytest.raises(TooLarge, match="more than 1 moves"):
        epcis([lot.pk], sites=None, now=database_now(), limit=1)
