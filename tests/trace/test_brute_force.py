"""Traces against a walk of the moves in plain Python, over random stories with rework. # TRC-01"""

from collections import Counter
from itertools import count, product

from hypothesis import HealthCheck, example, given, note, settings

from tests.ledger import database_now
from tests.trace.genealogies import Story, Walk, stories
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.stock.models import GenealogyEdge, Lot
from traceward.domain.stock.queries import Moment
from traceward.domain.trace.queries import Start, Trace, backward, forward, mass_balances

#: The stories of one test are told in one database, each with lots of its own.
MARKS = count()
TOLD = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def start_of(node: int) -> Start:
    is_lot = Lot.objects.filter(pk=node).exists()
    return Start(lots=[node]) if is_lot else Start(serials=[node])


def told(world: World, acts: list[tuple[str, int, int, int]]) -> tuple[Story, list[Moment]]:
    story, moments = Story(world, f"G{next(MARKS)}"), []
    for act in acts:
        story.act(*act)
        moments.append(Moment(database_now()))
    note(f"{len(story.serials)} serials, {GenealogyEdge.objects.count()} edges")
    return story, moments


#: Rework (0 into 3 into 0), serials of both, a transfer, consignment, delivery, use, returns.
EVERYTHING = [
    ("turn", 0, 3, 2), ("turn", 99, 0, 2), ("turn", 3, 4, 1), ("serials", 1, 0, 1),
    ("transfer", 0, 0, 2), ("arrive", 0, 0, 4), ("consign", 0, 0, 4), ("transfer", 2, 0, 3),
    ("deliver", 0, 0, 2), ("deliver", 1, 0, 2), ("use", 0, 0, 2), ("use", 1, 0, 3),
    ("return", 1, 0, 3), ("destroy", 2, 0, 1), ("back", 0, 0, 2), ("undo", 0, 0, 1),
    ("receive", 4, 0, 2), ("lose", 1, 0, 2), ("find", 3, 0, 3), ("move", 2, 0, 2),
]  # fmt: skip


@TOLD
@given(acts=stories)
@example(acts=EVERYTHING)
def test_a_trace_is_what_a_walk_of_the_moves_finds(
    world: World, acts: list[tuple[str, int, int, int]]
) -> None:
    story, moments = told(world, acts)
    physical = dict(Place.objects.values_list("pk", "physical"))
    for moment in (None, moments[len(moments) // 2]):
        walk = Walk(moment.happened if moment else None)
        ahead, back = {}, {}
        for node in story.nodes:
            found = forward(start_of(node), sites=None, moment=moment)
            assert set(found.node_ids) == walk.after([node])
            assert {e.id for e in found.edges} == edges_among(walk, found)
            assert_stands(walk, found, physical)
            ahead[node] = set(found.node_ids)
            is_lot = node in walk.down or node not in walk.up
            members = {s.pk for s in story.serials if s.lot_id == node} if is_lot else set()
            behind = backward(start_of(node), sites=None, moment=moment)
            assert set(behind.node_ids) == walk.before({node} | members)
            back[node] = walk.before([node])
            assert back[node] <= set(behind.node_ids)
        for a, b in product(story.nodes, repeat=2):
            assert (b in ahead[a]) == (a in back[b])  # forward ∘ back
        for account in mass_balances(story.nodes, moment=moment):
            assert account.missing == 0
            assert account.in_process == 0
            assert account.stands == sum(
                n for (place, *_), n in walk.stands[account.node_id].items() if physical[place]
            )


def edges_among(walk: Walk, found: Trace) -> set[int]:
    nodes = set(found.node_ids)
    return {
        e.pk
        for e in GenealogyEdge.objects.all()
        if e.pk in walk.edges and (e.input_serial_id or e.input_lot_id) in nodes
    }


def assert_stands(walk: Walk, found: Trace, physical: dict[int, bool]) -> None:
    """Every unit stands where the walk has it, and the sums of each node are theirs."""
    seen: dict[int, Counter[tuple[int, int, int]]] = {n.id: Counter() for n in found.nodes}
    for w in found.whereabouts:
        seen[w.node_id][w.place_id, w.status, w.owner_id] += w.quantity
    for node in found.nodes:
        there = {k: n for k, n in walk.stands[node.id].items() if n and physical[k[0]]}
        assert dict(seen[node.id]) == there
        assert node.quantity == sum(there.values())
