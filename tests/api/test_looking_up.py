"""Any code is looked up over HTTP: what it is, how it stands; wrong scans are refused there too."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.api.test_reading import Elsewhere, Get, getter, person
from tests.inbound import code
from tests.outbound import opened
from tests.warehousing import labels
from tests.world import World
from traceward.api.limits import STRANGERS
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org import roles

# WMS-01 INV-05


@pytest.fixture
def stocked(world: World) -> World:
    STRANGERS.forget()
    labels.with_codes(world)
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 5)
    world.stock(world.lot("STENT", "L2", date(2031, 12, 31)), 5)
    return world


@pytest.fixture
def get(stocked: World) -> Get:
    return getter(person(stocked, roles.PICKER))


def ask(get: Get, *codes: str, **more: Any) -> dict[str, Any]:
    status, answer = get("warehousing/ask/look_up", codes=list(codes), **more)
    assert status == 200, answer
    return answer["answer"]


def test_every_system_is_looked_up(get: Get) -> None:
    element_string = "]d2010690123456789217301231" + "10L1"
    for raw in (element_string, code("STENT", "L1"), labels.hibc("L1"), labels.ma_xml("L1")):
        answer = ask(get, raw, site_code="SH")
        assert answer["found"]["kind"] == "lot"
        assert answer["whereabouts"][0]["place"] == "A-01"
        assert answer["states"] == ["qualified"]
    pair = labels.hibc_pair("L1")
    assert ask(get, *pair)["goods"]["di"] == labels.HIBC_DI


def test_what_is_wrong_is_told_in_both_languages(get: Get) -> None:
    answer = ask(get, code("STENT", "L1"), labels.ma("L2"))
    assert (answer["misfits"][0]["said"], answer["misfits"][0]["known"]) == ("L2", "L1")
    assert answer["told"]["zh"].startswith("批号")
    assert ask(get, "NOBODY")["told"]["en"]


def test_what_cannot_be_asked_is_refused(get: Get) -> None:
    for asked in (
        {},
        {"codes": ["A"] * 11},
        {"codes": "A" * 1001},
        {"codes": "A", "site_code": "NOWHERE"},
    ):
        status, answer = get("warehousing/ask/look_up", **asked)
        assert status in (404, 422), answer


def test_stock_of_another_firm_is_not_told(stocked: World) -> None:  # SEC-01
    elsewhere = getter(Elsewhere(stocked, site=True).person)
    answer = ask(elsewhere, code("STENT", "L1"))
    assert (answer["whereabouts"], answer["states"]) == ([], [])


@pytest.mark.parametrize(
    ("codes", "kind", "said"),
    [
        ([code("STENT", "L1", "290131")], "ContradictingScan", "2030-12-31"),
        ([code("STENT", "L1"), labels.hibc("L2")], "ContradictingScan", "L2"),
        ([code("STENT", "L2", "311231")], "WrongPick", "L1"),
        (["NOBODY"], "UnreadableCode", "NOBODY"),
    ],
)
def test_a_wrong_scan_is_refused_through_the_api(
    stocked: World, codes: list[str], kind: str, said: str
) -> None:  # OUT-05
    going = opened(stocked)
    token = token_for(person(stocked, roles.PICKER))
    answer = Client().post(
        "/api/v1/commands/warehousing.pick",
        json.dumps({"pick_id": going.pick_id, "scans": [{"codes": codes, "place_code": "A-01"}]}),
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": "0190b6a0-0000-7000-8000-000000000001",
        },
    )
    problem = json.loads(answer.content)
    assert answer.status_code in (409, 422), problem
    assert kind in json.dumps(problem)
    assert said in json.dumps(problem, ensure_ascii=False)
