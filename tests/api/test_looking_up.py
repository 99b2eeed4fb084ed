"""Any code is looked up over HTTP: what it is, how it stands; wrong scans are refused there too."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.api.test_lots_of_serials import OUT, step, units
from tests.api.test_reading import Elsewhere, Get, getter, person
from tests.inbound import code
from tests.outbound import opened
from tests.warehousing import labels
from tests.world import World
from traceward.api.limits import STRANGERS
from traceward.domain.sales.commands import using
from traceward.domain.sales.models import Usage
from traceward.domain.stock.models import Code
from traceward.kernel.command.erasable import Erasable
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


def test_a_used_unit_is_told_as_used(stocked: World, get: Get) -> None:
    lot, (used, thrown, back, _) = units(stocked, 4)
    for move in OUT:
        step(stocked, lot, [used], *move)
    item = using.UsedItem([code("PACER", "P1", serial=used.number)], 1, patient=Erasable("P-7F3K"))
    using.use(stocked.places["DEP"].pk, [item], by=stocked.by(roles.COORDINATOR))
    step(stocked, lot, [thrown], Code.DESTROY, "A-01", "DES")
    owner = {"to_owner": stocked.supplier.pk}
    step(stocked, lot, [back], Code.RETURN_TO_SUPPLIER, "A-01", "SUP", **owner)
    answer = ask(get, "P1-S0", site_code="SH")
    assert answer["states"] == ["used"]
    assert [at["status"] for at in answer["whereabouts"]] == ["used"]
    (one,) = answer["left"]
    assert (one["how"], one["place"], one["partner_zh"]) == ("used", "DEP", "江城医院")
    assert one["document_kind"] == "sales.usage"
    assert one["document_number"].startswith("US")
    day = Usage.objects.get().used_on.isoformat()
    assert (one["on"], "P-7F3K" in str(one)) == (day, False)
    assert one["said"]["zh"] == f"患者使用：江城医院（DEP），数量 1，{day}。"
    assert "Jiangcheng Hospital" in one["said"]["en"]
    assert ask(get, "P1-S1")["states"] == ["destroyed"]
    answer = ask(get, "P1-S2")
    assert (answer["states"], answer["whereabouts"]) == (["returned to supplier"], [])
    assert "北辰器械" in answer["left"][0]["said"]["zh"]
    answer = ask(get, "P1-S3")
    assert (answer["states"], answer["left"]) == (["qualified"], [])
    elsewhere = getter(Elsewhere(stocked, site=True).person)
    answer = ask(elsewhere, "P1-S0")
    assert (answer["states"], answer["left"]) == ([], [])  # SEC-01
    lot_told = ask(get, code("PACER", "P1"))
    assert lot_told["states"] == ["qualified", "used", "destroyed", "returned to supplier"]
    assert {one["how"]: one["quantity"] for one in lot_told["left"]}["used"] == 1


def test_a_use_that_was_taken_back_was_none(stocked: World, get: Get) -> None:
    lot = stocked.lot("STENT", "L1")
    for move in OUT:
        stocked.post(stocked.leg(move[0], lot, 2, *move[1:]))
    item = using.UsedItem([code("STENT", "L1")], 1)
    used = using.use(stocked.places["DEP"].pk, [item], by=stocked.by(roles.COORDINATOR))
    assert ask(get, "L1")["states"] == ["qualified", "used"]
    using.cancel_usage(used.usage_id, "wrong", by=stocked.by(roles.COORDINATOR).reauthenticated())
    answer = ask(get, "L1")
    assert (answer["states"], answer["left"]) == (["qualified"], [])


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
