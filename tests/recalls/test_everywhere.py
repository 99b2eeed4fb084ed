"""A recall finds every unit, compared with a walk of the moves in plain Python. # TRC-03"""

from collections import Counter

from hypothesis import example, given

from tests.recalls.test_commands import opened
from tests.trace.genealogies import Story, Walk, stories
from tests.trace.test_brute_force import EVERYTHING, MARKS, TOLD
from tests.world import World
from traceward.domain.places.models import OPEN_ENDED, Place
from traceward.domain.recalls import queries
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.models import RecallScope
from traceward.domain.stock.models import Lot, Serial, StockBlock, StockMove
from traceward.kernel.org.models import Party

AT_CUSTOMERS = ("customer", "department")


@TOLD
@given(acts=stories)
@example(acts=EVERYTHING)
def test_a_recall_finds_every_unit_that_a_walk_finds(
    world: World, acts: list[tuple[str, int, int, int]]
) -> None:
    """Of a lot that was split, sent on, consumed, reworked, consigned, used in part, returned."""
    story = Story(world, f"R{next(MARKS)}")
    for act in acts:
        story.act(*act)
    walk = Walk()
    nodes = walk.after([story.lots[0].pk])
    places = {p.pk: p for p in Place.objects.all()}
    case = opened(world, Target(lot_id=story.lots[0].pk)).case_id
    units = queries.list_units(case)
    assert found(units) == standing(walk, nodes, places)
    assert in_scope(case) >= nodes - {s.pk for s in Serial.objects.filter(lot__in=nodes)}
    assert not StockBlock.objects.filter(case=case, lifted_at__isnull=False).exists()
    ladder = queries.ladder(case)
    assert ladder.difference == 0
    assert ladder.in_process == 0
    came, went = through(nodes, places)
    assert {r.what: r.quantity for r in ladder.came_in} == came
    assert {r.what: r.quantity for r in ladder.went_out} == went
    consigned = sum(
        n
        for node in nodes
        for (place, _, owner), n in walk.stands[node].items()
        if places[place].kind in AT_CUSTOMERS and owner == world.us.pk
    )
    assert ladder.consigned == consigned
    for consignee in queries.consignees(case):
        assert consignee.difference == 0
        there = sum(
            n
            for node in nodes
            for (place, *_), n in walk.stands[node].items()
            if places[place].kind in AT_CUSTOMERS and places[place].party_id == consignee.party_id
        )
        assert consignee.standing == there


def in_scope(case: int) -> set[int]:
    return {r.serial_id or r.lot_id for r in RecallScope.objects.filter(case=case)}


def found(units: list[queries.Unit]) -> Counter[tuple[str, str, str, int, str]]:
    seen: Counter[tuple[str, str, str, int, str]] = Counter()
    for u in units:
        seen[u.lot, u.serial, u.place, u.status, u.owner["en"]] += u.quantity
    return seen


def standing(
    walk: Walk, nodes: set[int], places: dict[int, Place]
) -> Counter[tuple[str, str, str, int, str]]:
    """Every unit that is physically anywhere, in the same words."""
    lots = {lot.pk: lot.raw_number for lot in Lot.objects.all()}
    serials = {s.pk: s for s in Serial.objects.all()}
    owners = {p.pk: p.name_en for p in Party.objects.all()}
    there: Counter[tuple[str, str, str, int, str]] = Counter()
    for node in nodes:
        serial = serials.get(node)
        lot = lots[serial.lot_id or 0] if serial else lots[node]
        for (place, status, owner), n in walk.stands[node].items():
            if n and places[place].physical:
                name = serial.raw_number if serial else ""
                there[lot, name, places[place].code, status, owners[owner]] += n
    return there


def through(nodes: set[int], places: dict[int, Place]) -> tuple[dict[str, int], dict[str, int]]:
    """What came and went through each kind of open-ended place, move by move."""
    came: Counter[str] = Counter()
    went: Counter[str] = Counter()
    undone = set(StockMove.objects.exclude(reverses=None).values_list("reverses", flat=True))
    for move in StockMove.objects.all():
        if (move.serial_id or move.lot_id) not in nodes:
            continue
        if move.pk in undone or move.reverses_id is not None:
            continue
        if places[move.from_place_id].kind in OPEN_ENDED:
            came[places[move.from_place_id].kind] += move.quantity
        if places[move.to_place_id].kind in OPEN_ENDED:
            went[places[move.to_place_id].kind] += move.quantity
    return dict(came), dict(went)
