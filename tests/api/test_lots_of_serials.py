"""A lot whose units carry serials is asked for as a lot: account, story, temperatures. # TRC-01"""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.test_reading import Get, getter, person
from tests.outbound import VAN, shipped, sign_for
from tests.world import World
from traceward.api.limits import STRANGERS
from traceward.domain.purchasing.models import SupplierReturn
from traceward.domain.quality.models import StockCheck
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, Lot, Serial, Status
from traceward.domain.trace.queries import mass_balances, timeline
from traceward.domain.trace.queries.accounts import FLOWS, STANDS, STOOD, TRANSFORMED
from traceward.domain.trace.queries.papers import FACTS
from traceward.domain.trace.queries.timeline import ACTS, GROUPS
from traceward.domain.warehousing.models import RefusedDelivery
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles

OUT = ((Code.PICK, "A-01", "STAGE"), (Code.SHIP, "STAGE", "WAY"), (Code.DELIVER, "WAY", "DEP"))


def units(world: World, count: int, number: str = "P1") -> tuple[Lot, list[Serial]]:
    """So many serials of one lot stand qualified at A-01."""
    lot = world.lot("PACER", number)
    serials = [
        Serial.objects.create(item=lot.item, lot=lot, number=n, raw_number=n)
        for n in (f"{number}-S{n}" for n in range(count))
    ]
    step(world, lot, serials, Code.RECEIVE, "SUP", "A-01", status=Status.PENDING)
    step(
        world, lot, serials, Code.RELEASE, "A-01", "A-01",
        from_status=Status.PENDING, to_status=Status.QUALIFIED,
    )  # fmt: skip
    return lot, serials


def step(world: World, lot: Lot, serials: list[Serial], move: Code, *way: str, **more: Any) -> None:
    world.post(*(world.leg(move, lot, 1, *way, serial_id=s.pk, **more) for s in serials))


@pytest.fixture
def get(world: World) -> Get:
    STRANGERS.forget()
    return getter(person(world, roles.AUDITOR))


def ask(get: Get, question: str, **asked: Any) -> Any:
    status, answer = get(f"trace/ask/{question}", **asked)
    assert status == 200, answer
    return answer["answer"]


@pytest.fixture
def lot(world: World) -> tuple[Lot, list[Serial]]:
    """Of five units two stand in a department and one of these was used."""
    lot, serials = units(world, 5)
    for move in OUT:
        step(world, lot, serials[:2], *move)
    step(world, lot, serials[:1], Code.USE, "DEP", "USED")
    units(world, 2, "P2")
    return lot, serials


def test_the_account_of_a_lot_holds_its_serials(get: Get, lot: tuple[Lot, list[Serial]]) -> None:
    of, serials = lot
    (account,) = ask(get, "mass_balances", nodes=of.pk)
    assert (account["node_id"], account["received"], account["missing"]) == (of.pk, 5, 0)
    assert (account["inside"], account["delivered"], account["used"]) == (3, 1, 1)
    (one,) = ask(get, "mass_balances", nodes=serials[0].pk)
    assert (one["received"], one["used"], one["missing"]) == (1, 1, 0)
    (then,) = ask(get, "mass_balances", nodes=of.pk, happened="2020-01-01T00:00:00Z")
    assert (then["received"], then["stands"], then["missing"]) == (0, 0, 0)
    (own,) = mass_balances([of.pk])  # as a node of a trace, where each serial is one of its own
    assert (own.came, own.stands) == (0, 0)


def test_the_past_account_of_a_lot_closes_too(get: Get, lot: tuple[Lot, list[Serial]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now()")
        now = cursor.fetchone()[0].isoformat()
    (account,) = ask(get, "mass_balances", nodes=lot[0].pk, happened=now)
    assert (account["received"], account["inside"], account["missing"]) == (5, 3, 0)


def test_what_was_consumed_of_a_lot_may_be_in_process(world: World) -> None:
    of, serials = units(world, 3)
    step(world, of, serials[:1], Code.CONSUME, "A-01", "PRD")
    (account,) = mass_balances([of.pk], with_members=True)
    assert (account.consumed, account.transformed, account.missing) == (1, 0, 0)


def test_the_story_of_a_lot_is_that_of_its_serials(
    world: World, get: Get, lot: tuple[Lot, list[Serial]]
) -> None:
    of, serials = lot
    block(Scope(serial_id=serials[4].pk), BlockKind.HOLD, "wet", by=world.by(roles.QUALITY_HEAD))
    story = ask(get, "timeline", nodes=of.pk)
    assert story["total"] == 5 + 5 + 2 * 3 + 1
    assert {act["node_id"] for act in story["acts"]} == {s.pk for s in serials}
    assert [a["node_id"] for a in story["acts"] if a["what"] == "blocked"] == [serials[4].pk]
    both = ask(get, "timeline", nodes=[of.pk, serials[0].pk])
    assert both == story  # nothing twice
    alone = ask(get, "timeline", nodes=serials[0].pk)
    assert alone["total"] == 6


def test_many_serials_take_as_many_queries_as_few(world: World) -> None:
    def counted(number: str, count: int) -> int:
        of, _ = units(world, count, number)
        with CaptureQueriesContext(connection) as seen:
            timeline([of.pk], sites=None)
            mass_balances([of.pk], with_members=True)
        return len(seen)

    assert counted("Q1", 1) == counted("Q2", 7)


def facts(story: dict[str, Any], kind: str) -> dict[str, str]:
    (paper,) = (p for p in story["papers"] if p["kind"] == kind)
    return {fact["name"]: fact["value"] for fact in paper["facts"]}


def test_the_story_tells_the_temperatures_on_the_way(world: World, get: Get) -> None:
    of = world.lot("STENT", "L1")
    world.stock(of, 8)
    sign_for(world, shipped(world), arrival_c=Decimal("6.5"))
    story = ask(get, "timeline", nodes=of.pk)
    assert facts(story, "warehousing.shipment")["departure_c"] == f"{VAN.departure_c}.0"
    assert facts(story, "sales.delivery")["arrival_c"] == "6.5"


def test_every_paper_of_moved_goods_tells_what_was_measured() -> None:
    for model in Document.__subclasses__():
        measured = {
            f.name for f in model._meta.local_fields if f.name.endswith(("_c", "_min", "_max"))
        }
        if model not in (StockCheck, RefusedDelivery):  # no goods move under these
            assert measured <= set(FACTS.get(model, ())), model
    assert "departure_c" in FACTS[SupplierReturn]


@pytest.mark.parametrize("question", [FLOWS, STANDS, STOOD, TRANSFORMED, ACTS, GROUPS])
def test_units_of_a_lot_are_found_by_its_index(world: World, question: str) -> None:
    of, _ = units(world, 3)
    nothing = ("happened", "posted", "sequence", "sites", "after_at", "after_id")
    asked: dict[str, Any] = dict.fromkeys(nothing) | {"members": True, "limit": 200}
    nodes = f"{{{of.pk}}}" if question in (ACTS, GROUPS) else [of.pk]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {question}", {**asked, "nodes": nodes})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "stock_move_lot" in plan or "stock_balance_lot" in plan
    for table in ("stock_move", "stock_balance", "stock_serial", "stock_genealogy"):
        assert f"Seq Scan on {table}" not in plan, plan
