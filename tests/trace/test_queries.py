"""Traces against a plain walk, both ways, over random genealogies with rework. # TRC-01"""

import random
from collections import defaultdict
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import World, post_legs
from traceward.domain.stock.commands.posting import relate
from traceward.domain.stock.models import Code, GenealogyEdge, Lot, Serial, Status, StockBalance
from traceward.domain.stock.queries import Moment
from traceward.domain.stock.rules import Edge, Leg
from traceward.domain.trace.queries import Start, backward, documents, forward, mass_balances
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org import roles
from traceward.kernel.org.scope import WHOLE_GROUP


@command("testing.transform", roles=(roles.SYSTEM,), scope=lambda **_: [WHOLE_GROUP])
def transform(legs: list[Leg], edges: list[Edge], *, by: Actor) -> int:
    """Legs and edges as they are given; for tests only."""
    post_legs(legs=legs, by=by)
    relate(edges, by=by)
    return len(edges)


@pytest.fixture
def company(world: World) -> World:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO org_role_permission (uid, role_id, permission)"
            " SELECT gen_random_uuid(), id, 'testing.transform' FROM org_role"
            " WHERE code = 'system' ON CONFLICT DO NOTHING"
        )
    return world


def turn(world: World, inputs: list[Lot], outputs: list[Lot], quantity: int = 2) -> None:
    """So much of each input becomes so much of each output, released at once."""
    consumed = [world.leg(Code.CONSUME, lot, quantity, "A-01", "PRD") for lot in inputs]
    produced = [
        world.leg(Code.PRODUCE, lot, quantity, "PRD", "A-01", status=Status.PENDING)
        for lot in outputs
    ]
    edges = [Edge(i.pk, None, o.pk, None, quantity) for i in inputs for o in outputs]
    by = world.by(roles.SYSTEM).reauthenticated()
    transform(legs=[*consumed, *produced], edges=edges, by=by)
    for lot in outputs:
        world.post(
            world.leg(
                Code.RELEASE,
                lot,
                quantity,
                "A-01",
                "A-01",
                from_status=Status.PENDING,
                to_status=Status.QUALIFIED,
            )
        )


def closure(start: int, steps: dict[int, set[int]]) -> set[int]:
    seen, waiting = {start}, [start]
    while waiting:
        for node in steps.get(waiting.pop(), set()) - seen:
            seen.add(node)
            waiting.append(node)
    return seen


def test_random_genealogies_with_rework(company: World) -> None:  # TRC-01
    chance = random.Random(20261122)
    lots = [company.lot("STENT", f"T{n}") for n in range(12)]
    for lot in lots[:4]:
        company.stock(lot, 200)
    made = list(lots[:4])
    for _ in range(14):
        inputs = chance.sample(made, chance.randint(1, 2))
        outputs = chance.sample(lots, chance.randint(1, 2))  # an input may come out again: rework
        if any(StockBalance.objects.filter(lot=i, on_hand__gte=4).count() == 0 for i in inputs):
            continue
        turn(company, inputs, outputs)
        made.extend(lot for lot in outputs if lot not in made)
    turn(company, [lots[0]], [lots[5]])
    turn(company, [lots[5]], [lots[0]])  # reworked: now there is a cycle for certain
    down: dict[int, set[int]] = defaultdict(set)
    up: dict[int, set[int]] = defaultdict(set)
    for edge in GenealogyEdge.objects.all():
        down[edge.input_lot_id].add(edge.output_lot_id)
        up[edge.output_lot_id].add(edge.input_lot_id)
    assert lots[0].pk in down[lots[5].pk]
    assert lots[5].pk in down[lots[0].pk]
    ahead = {}
    for lot in lots:
        found = forward(Start(lots=[lot.pk]), sites=None)
        assert set(found.node_ids) == closure(lot.pk, down)
        assert {(e.input_id, e.output_id) for e in found.edges} == {
            (a, b) for a in found.node_ids for b in down[a]
        }
        ahead[lot.pk] = set(found.node_ids)
        back = backward(Start(lots=[lot.pk]), sites=None)
        assert set(back.node_ids) == closure(lot.pk, up)
        quantities_equal_the_ledger(found)
    for a in lots:
        for b in lots:
            back = set(backward(Start(lots=[b.pk]), sites=None).node_ids)
            assert (b.pk in ahead[a.pk]) == (a.pk in back)
    for account in mass_balances([lot.pk for lot in lots]):
        assert account.missing == 0


def quantities_equal_the_ledger(found) -> None:
    for node in found.nodes:
        rows = StockBalance.objects.filter(lot_id=node.id, on_hand__gt=0, physical=True)
        assert node.quantity == sum(r.on_hand for r in rows)


def test_serials_follow_their_lot_and_lead_on(company: World) -> None:
    lot, made = company.lot("PACER", "PL"), company.lot("STENT", "KIT")
    raw = company.lot("STENT", "RAW")
    company.stock(raw, 10)
    serials = [
        Serial.objects.create(item=lot.item, lot=lot, number=f"S{n}", raw_number=f"S{n}")
        for n in range(2)
    ]
    by = company.by(roles.SYSTEM).reauthenticated()
    legs = [company.leg(Code.CONSUME, raw, 4, "A-01", "PRD")]
    legs += [
        company.leg(Code.PRODUCE, lot, 1, "PRD", "A-01", status=Status.PENDING, serial_id=s.pk)
        for s in serials
    ]
    transform(legs=legs, edges=[Edge(raw.pk, None, lot.pk, None, 4)], by=by)
    for s in serials:
        company.post(
            company.leg(
                Code.RELEASE,
                lot,
                1,
                "A-01",
                "A-01",
                from_status=Status.PENDING,
                to_status=Status.QUALIFIED,
                serial_id=s.pk,
            )
        )
    legs = [
        company.leg(Code.CONSUME, lot, 1, "A-01", "PRD", serial_id=serials[0].pk),
        company.leg(Code.PRODUCE, made, 1, "PRD", "A-01", status=Status.PENDING),
    ]
    with pytest.raises(InvalidInput):  # the lot did not go in as a whole: the serial did
        transform(legs=legs, edges=[Edge(lot.pk, None, made.pk, None, 1)], by=by.asking())
    edges = [Edge(lot.pk, serials[0].pk, made.pk, None, 1)]
    transform(legs=legs, edges=edges, by=by.asking())
    first, second = (s.pk for s in serials)
    assert set(forward(Start(lots=[raw.pk]), sites=None).node_ids) == {
        raw.pk,
        lot.pk,
        first,
        second,
        made.pk,
    }
    assert set(forward(Start(serials=[second]), sites=None).node_ids) == {second}
    assert set(backward(Start(lots=[made.pk]), sites=None).node_ids) == {
        made.pk,
        first,
        lot.pk,
        raw.pk,
    }
    assert set(backward(Start(lots=[lot.pk]), sites=None).node_ids) == {
        lot.pk,
        first,
        second,
        raw.pk,
    }


def test_whereabouts_name_customers_use_and_transit(company: World) -> None:  # TRC-01
    lot = company.lot("STENT", "W")
    company.stock(lot, 10)
    company.post(company.leg(Code.PICK, lot, 7, "A-01", "STAGE"))
    company.post(company.leg(Code.SHIP, lot, 6, "STAGE", "WAY"))
    company.post(company.leg(Code.DELIVER, lot, 5, "WAY", "CUS"))
    company.post(company.leg(Code.USE, lot, 2, "CUS", "USED"))
    found = forward(Start(lots=[lot.pk]), sites=None)
    [node] = found.nodes
    assert (node.quantity, node.inside, node.in_transit) == (10, 4, 1)
    assert (node.delivered, node.used, node.destroyed) == (3, 2, 0)
    places = {w.place_kind: w.quantity for w in found.whereabouts}
    assert places == {"bin": 3, "staging": 1, "transit": 1, "customer": 3, "used": 2}
    assert forward(Start(lots=[lot.pk]), sites=[company.chengdu.pk]).whereabouts == ()
    [account] = mass_balances([lot.pk])
    assert (account.came, account.stands, account.missing) == (10, 10, 0)
    by_place = forward(Start(places=[company.places["CUS"].pk]), sites=None)
    assert by_place.node_ids == (lot.pk,)
    assert documents([lot.pk], sites=None) == []


def test_mass_balance_shows_what_is_missing(company: World) -> None:
    lot = company.lot("STENT", "M")
    company.stock(lot, 10)
    [account] = mass_balances([lot.pk])
    assert (account.came, account.went, account.stands, account.missing) == (10, 0, 10, 0)


def test_the_number_of_queries_does_not_grow(company: World) -> None:
    lots = [company.lot("STENT", f"Q{n}") for n in range(6)]
    company.stock(lots[0], 50)
    with CaptureQueriesContext(connection) as before:
        forward(Start(lots=[lots[0].pk]), sites=None)
    for a, b in pairwise(lots):
        turn(company, [a], [b])
    with CaptureQueriesContext(connection) as after:
        assert len(forward(Start(lots=[lots[0].pk]), sites=None).nodes) == 6
    assert len(after) == len(before)


def test_nothing_is_found_from_nowhere(company: World) -> None:
    found = forward(Start(), sites=None)
    assert (found.nodes, found.edges, found.whereabouts) == ((), (), ())


def test_an_edge_without_consumption_is_refused(company: World) -> None:
    a, b = company.lot("STENT", "X1"), company.lot("STENT", "X2")
    company.stock(a, 5)
    legs = [company.leg(Code.MOVE, a, 1, "A-01", "A-02")]
    by = company.by(roles.SYSTEM).reauthenticated()
    with pytest.raises(InvalidInput):
        transform(legs=legs, edges=[Edge(a.pk, None, b.pk, None, 1)], by=by)
    assert GenealogyEdge.objects.count() == 0


def test_as_of_a_moment_before_the_turn(company: World) -> None:
    a, b = company.lot("STENT", "Y1"), company.lot("STENT", "Y2")
    company.stock(a, 5)
    turn(company, [a], [b])
    with connection.cursor() as cursor:
        cursor.execute("SELECT tw_now(), tw_now() - interval '1 second'")
        now, before = cursor.fetchone()
    assert set(forward(Start(lots=[a.pk]), sites=None, moment=Moment(now)).node_ids) == {
        a.pk,
        b.pk,
    }
    then = forward(Start(lots=[a.pk]), sites=None, moment=Moment(before))
    assert then.node_ids == (a.pk,)
    assert then.whereabouts == ()
    as_now = forward(Start(lots=[a.pk]), sites=None, moment=Moment(now))
    assert sorted(as_now.whereabouts) == sorted(forward(Start(lots=[a.pk]), sites=None).whereabouts)
    assert as_now.nodes == forward(Start(lots=[a.pk]), sites=None).nodes
