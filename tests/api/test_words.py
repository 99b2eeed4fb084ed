"""Statuses and the codes of moves are words wherever the API shows or takes them. # INT-02"""

import json
import uuid
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.api.test_reading import Get, getter, person
from tests.outbound import ordered
from tests.world import World
from traceward.api.limits import STRANGERS
from traceward.api.v1 import api
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.rules import CODES, STATUSES
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles
from traceward.kernel.org.roles import RoleName


@pytest.fixture
def stocked(world: World) -> World:
    STRANGERS.forget()
    lot = world.lot("STENT", "L1", date(2030, 12, 31))
    world.stock(lot, 8)
    world.post(world.leg(Code.RECEIVE, lot, 2, "SUP", "A-02", status=Status.PENDING))
    return world


@pytest.fixture
def get(stocked: World) -> Get:
    return getter(person(stocked, roles.AUDITOR))


def send(world: World, role: RoleName, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
    answer = Client().post(
        f"/api/v1/commands/{verb}",
        json.dumps(arguments),
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {token_for(person(world, role))}",
            "Idempotency-Key": str(uuid.uuid4()),
        },
    )
    told: dict[str, Any] = answer.json()
    return told


def test_each_status_and_code_has_its_word() -> None:
    assert STATUSES.words == dict(Status.choices)
    assert CODES.words == dict(Code.choices)


def test_lists_show_words_and_are_asked_with_them(stocked: World, get: Get) -> None:
    rows = get("stock/balances", place_kind="bin")[1]["rows"]
    assert sorted(row["status"] for row in rows) == ["pending inspection", "qualified"]
    (pending,) = get("stock/balances", place_kind="bin", status="pending inspection")[1]["rows"]
    assert pending["place_code"] == "A-02"
    assert get(f"stock/balances/{pending['id']}")[1]["status"] == "pending inspection"
    moves = get("stock/moves", code="release", fields="code,from_status,to_status")[1]["rows"]
    assert moves == [
        {"code": "release", "from_status": "pending inspection", "to_status": "qualified"}
    ]
    status, told = get("stock/moves", code="11")
    assert (status, told["field"]) == (422, "code")
    first = get("stock/balances", sort="status,id", limit=1)[1]
    more = get("stock/balances", sort="status,id", limit=100, cursor=first["next_cursor"])[1]
    seen = [row["status"] for row in (*first["rows"], *more["rows"])]
    assert seen == sorted(seen, key=list(STATUSES.numbers).index)


def test_questions_answer_words(stocked: World, get: Get) -> None:
    lot = stocked.lot("STENT", "L1").pk
    trace = get("trace/ask/forward", lots=lot)[1]["answer"]
    assert {w["status"] for w in trace["whereabouts"]} == {"pending inspection", "qualified"}
    story = get("trace/ask/timeline", nodes=lot)[1]["answer"]
    assert {act["code"] for act in story["acts"]} == {"receive", "release"}
    assert {group["code"] for group in story["groups"]} == {"receive", "release"}
    standing = get("stock/ask/on_hand", lots=lot)[1]["answer"]
    assert {row["status"] for row in standing} == {"pending inspection", "qualified"}


def test_commands_take_and_answer_words(stocked: World) -> None:
    lot = stocked.lot("STENT", "L1")
    line = {
        "item_id": lot.item_id,
        "lot_id": lot.pk,
        "quantity": 2,
        "from_place_id": stocked.places["A-02"].pk,
        "to_place_id": stocked.places["A-01"].pk,
        "owner_id": stocked.us.pk,
    }
    told = send(stocked, roles.STOREKEEPER, "stock.move", {"lines": [line]})
    assert told["details"][0]["status"] == "qualified", told
    for wrong in ("good", 9, 0):
        told = send(stocked, roles.STOREKEEPER, "stock.move", {"lines": [line | {"status": wrong}]})
        assert told["field"] == "lines.0.status", told
        assert "pending inspection, qualified, rejected" in told["title"]
    order = ordered(stocked)
    done = send(stocked, roles.PLANNER, "outbound.allocate", {"order_id": order.order_id})
    assert "answer" in done, done
    assert done["answer"]["lines"][0]["picks"][0]["key"][3] == "qualified", done


def test_the_document_describes_words_and_their_defaults() -> None:
    schemas = api.get_openapi_schema()["components"]["schemas"]
    words = list(STATUSES.numbers)
    assert schemas["Row.stock.balances"]["properties"]["status"]["enum"] == words
    assert schemas["Asked.Whereabouts"]["properties"]["status"]["enum"] == words
    taken = schemas["PutAway"]["properties"]["status"]
    assert (taken["enum"], taken["default"]) == (words, "qualified")
