"""Traces and recalls of a company that is there, compared with a plain walk of its moves."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from tests.recalls.test_everywhere import found, in_scope, standing
from tests.trace.genealogies import Walk
from tests.trace.test_brute_force import assert_stands
from traceward.domain.places.models import Place
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls import queries
from traceward.domain.recalls.models import RecallLevel
from traceward.domain.stock.models import GenealogyEdge, Serial, StockMove
from traceward.domain.stock.queries import Moment
from traceward.domain.trace.queries import Start, Trace, backward, forward, mass_balances
from traceward.kernel.command.actor import Actor
from traceward.kernel.org.models import Person, RoleGrant, Site
from traceward.kernel.org.roles import RoleName


def most_travelled(count: int | None = None) -> list[int]:
    """The lots with most moves between different places, and of all that were made of others."""
    between: Counter[int] = Counter()
    for move in StockMove.objects.exclude(lot=None):
        between[move.lot_id] += move.from_place_id != move.to_place_id
    made = GenealogyEdge.objects.exclude(output_lot=None).values_list("output_lot", flat=True)
    half = None if count is None else count // 2
    chosen = [lot for lot, _ in between.most_common(half)]
    chosen += sorted(set(made) - set(chosen), key=lambda lot: (-between[lot], lot))[:half]
    return chosen


def compare_traces(lots: Sequence[int], moment: Moment | None = None) -> None:
    """Both directions lead where the walk leads, to the quantities that it counts."""
    walk = Walk(moment.happened if moment else None)
    physical = dict(Place.objects.values_list("pk", "physical"))
    members: dict[int, set[int]] = {lot: set() for lot in lots}
    for pk, lot in Serial.objects.filter(lot__in=lots).values_list("pk", "lot"):
        members[lot].add(pk)
    into = {e.pk: e.input_serial_id or e.input_lot_id for e in GenealogyEdge.objects.all()}
    ahead: dict[int, set[int]] = {}
    behind: dict[int, set[int]] = {}
    for lot in lots:
        there = forward(Start(lots=[lot]), sites=None, moment=moment)
        assert set(there.node_ids) == walk.after([lot])
        assert _edges(there) == {e for e in walk.edges if into[e] in set(there.node_ids)}
        assert_stands(walk, there, physical)
        back = backward(Start(lots=[lot]), sites=None, moment=moment)
        assert set(back.node_ids) == walk.before({lot} | members[lot])
        assert_stands(walk, back, physical)
        ahead[lot], behind[lot] = set(there.node_ids), set(back.node_ids)
    _agree(lots, ahead, behind)
    for account in mass_balances(lots, moment=moment):
        assert account.missing == 0
        assert account.stands == sum(
            n for (place, *_), n in walk.stands[account.node_id].items() if physical[place]
        )


def _edges(trace: Trace) -> set[int]:
    return {e.id for e in trace.edges}


def _agree(lots: Sequence[int], ahead: dict[int, set[int]], behind: dict[int, set[int]]) -> None:
    """What one lot leads to leads back to it, and to none that does not lead there."""
    known = set(lots)
    for lot in lots:
        for other in ahead[lot] & known:
            assert lot in behind[other]
        for other in behind[lot] & known - {lot}:
            assert lot in ahead[other] or _serials_of(lot) & ahead[other]


def _serials_of(lot: int) -> set[int]:
    return set(Serial.objects.filter(lot=lot).values_list("pk", flat=True))


def compare_recalls(lots: Iterable[int], role: RoleName, site: int | None = None) -> None:
    """A recall of each lot finds every unit that the walk finds, and its ladder adds up."""
    walk = Walk()
    places = {p.pk: p for p in Place.objects.all()}
    at = site or Site.objects.order_by("pk").values_list("pk", flat=True)[0]
    for lot in lots:
        nodes = walk.after([lot])
        asked = [recalls.Target(lot_id=lot)]
        case = recalls.open(at, RecallLevel.ONE, "compared", asked, by=somebody(role)).case_id
        assert found(queries.list_units(case)) == standing(walk, nodes, places)
        assert in_scope(case) >= _lots_of(nodes)
        ladder = queries.ladder(case)
        assert (ladder.difference, ladder.in_process) == (0, 0)
        assert all(one.difference == 0 for one in queries.consignees(case))


def _lots_of(nodes: Collection[int]) -> set[int]:
    return set(nodes) - set(Serial.objects.filter(lot__in=nodes).values_list("pk", flat=True))


def somebody(role: RoleName) -> Actor:
    """The first person who has the role in the whole group, asking for something new."""
    grants = RoleGrant.objects.filter(role__code=role.code, revoked_at=None, site=None)
    person = Person.objects.get(pk=grants.order_by("pk").values_list("person", flat=True)[0])
    return Actor(person.pk, person.login).asking()
