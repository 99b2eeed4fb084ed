"""Flows between stations against what stands there, over random stories; key events. # TRC-01"""

from collections import Counter
from datetime import timedelta

from hypothesis import example, given

from tests.ledger import database_now, set_clock
from tests.outbound import signed
from tests.trace.genealogies import stories
from tests.trace.test_brute_force import EVERYTHING, TOLD, start_of, told
from tests.world import World
from traceward.domain.stock.commands.blocks import Scope, block
from traceward.domain.stock.models import BlockKind, Code, StockMove
from traceward.domain.stock.queries import Moment
from traceward.domain.trace.queries import Start, events, flows, forward, goods
from traceward.kernel.org import roles

KINDS = {"customer": "consignee", "department": "consignee"}
OUTSIDE = ("supplier", "production", "adjustment")


@TOLD
@given(acts=stories)
@example(acts=EVERYTHING)
def test_what_came_and_did_not_leave_stands_there(
    world: World, acts: list[tuple[str, int, int, int]]
) -> None:
    story, moments = told(world, acts)
    kinds = {"transit", "used", "destruction"}
    for moment in (None, moments[len(moments) // 2]):
        for node in story.nodes:
            left = Counter[str]()
            for one in flows([node], sites=None, moment=moment):
                left[one.to_kind] += one.quantity
                left[one.from_kind] -= one.quantity
            stands = Counter[str]()
            for there in forward(start_of(node), sites=None, moment=moment).whereabouts:
                if there.node_id == node or node in _members(story, there.node_id):
                    kind = KINDS.get(there.place_kind, there.place_kind)
                    stands[kind if kind in (*kinds, "consignee") else "site"] += there.quantity
            inside = {kind: n for kind, n in left.items() if kind not in OUTSIDE and n}
            assert inside == {kind: n for kind, n in stands.items() if n}


def _members(story, serial: int) -> list[int]:
    """The lot of a serial: flows of a lot are those of its serials, too."""
    return [one.lot_id for one in story.serials if one.pk == serial and one.lot_id]


def test_between_two_moments_there_is_what_the_later_has_more(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    first = Moment(database_now())
    set_clock(first.happened + timedelta(hours=1))
    signed(world, quantity=3)
    before = _sums(flows([lot.pk], sites=None, moment=first))
    between = _sums(flows([lot.pk], sites=None, since=first.happened))
    assert before + between == _sums(flows([lot.pk], sites=None))
    assert {kind for _, kind in between} == {"transit", "consignee"}


def _sums(found) -> Counter[tuple[str, str]]:
    sums = Counter[tuple[str, str]]()
    for one in found:
        sums[one.from_kind, one.to_kind] += one.quantity
    return sums


def test_flows_and_events_of_others_are_not_told(world: World) -> None:  # ORG-02
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    signed(world, quantity=3)
    assert flows([lot.pk], sites=[world.shanghai.pk])
    assert flows([lot.pk], sites=[world.chengdu.pk]) == []
    assert events([lot.pk], sites=[world.chengdu.pk]).total == 0
    assert goods(Start(lots=[lot.pk]), sites=[world.chengdu.pk]).goods == ()


def test_an_event_is_one_document_at_one_moment(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    signed(world, quantity=3)
    set_clock(database_now() + timedelta(hours=1))
    block(Scope(lot_id=lot.pk), BlockKind.HOLD, "外箱破损", by=world.by(roles.QUALITY_HEAD))
    found = events([lot.pk], sites=None)
    assert found.events[0].what == "blocked"
    assert found.events[0].reason == "外箱破损"
    assert [e.at for e in found.events] == sorted((e.at for e in found.events), reverse=True)
    every = events([lot.pk], sites=None, every=True)
    assert every.total > found.total
    moved = sum(e.moves for e in every.events)
    assert moved == StockMove.objects.filter(lot=lot).count()
    assert not {2, 3, 4, 5} & {e.code for e in found.events}


def test_events_come_in_pages(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    signed(world, quantity=3)
    all_of_them = events([lot.pk], sites=None, every=True)
    seen, before = [], None
    for _ in range(all_of_them.total):
        page = events([lot.pk], sites=None, every=True, before=before, limit=1)
        assert page.total == all_of_them.total
        seen += page.events
        before = page.next
    assert tuple(seen) == all_of_them.events
    assert before is None


def test_nothing_has_no_flows(world: World) -> None:
    lot = world.lot("STENT", "NEVER")
    assert flows([lot.pk], sites=None) == []
    assert events([lot.pk], sites=None).total == 0


def test_a_reversal_says_what_it_takes_back(world: World) -> None:
    lot = world.lot("STENT", "L1")
    world.stock(lot, 8)
    there = world.leg(Code.PUTAWAY, lot, 5, "A-01", "A-02")
    world.post(there)
    move = StockMove.objects.get(lot=lot, code=Code.PUTAWAY)
    world.post(there.mirrored(move.pk, Code.REVERSE, "by mistake"))
    (undone,) = [e for e in events([lot.pk], sites=None).events if e.code == Code.REVERSE]
    assert (undone.reverses, undone.quantity) == (Code.PUTAWAY, 5)
    others = [e for e in events([lot.pk], sites=None, every=True).events if e.id != undone.id]
    assert {e.reverses for e in others} == {None}
