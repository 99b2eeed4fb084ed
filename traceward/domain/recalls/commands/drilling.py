"""召回演练: a recall is tried on live data, timed and scored, and touches no stock. # TRC-04"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from traceward.domain.recalls import events, rules
from traceward.domain.recalls.models import (
    DrillAct,
    DrillAction,
    DrillAspect,
    DrillConsignee,
    DrillFinding,
    DrillPoint,
    DrillState,
    DrillTarget,
    FindingSide,
    RecallDrill,
    RecallLevel,
)
from traceward.domain.recalls.queries.limits import DRILL_MINUTES, DRILL_MONTHS, DRILL_WEIGHTS
from traceward.domain.recalls.queries.meant import Target
from traceward.domain.recalls.queries.reach import Reach, reach
from traceward.domain.recalls.queries.what_if import losing
from traceward.domain.recalls.rules import DrillFacts, Scored
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, apply_rules, emit, enter, open_document
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_HEAD
from traceward.kernel.rules.queries import reader


@dataclass(frozen=True)
class Drilled:
    """What the drill found, and its score out of a hundred."""

    drill_id: int
    scopes: int
    downstream: int
    #: Base units that stand somewhere.
    standing: int
    consignees: int
    #: Demand lines that would lose their promise.
    promises: int
    milliseconds: int
    score: Decimal


@command("recalls.drill", roles=(QUALITY_HEAD, COMPLIANCE), scope=whole_group)
def drill(
    site_id: int, level: RecallLevel, reason: str, targets: list[Target], *, by: Actor
) -> Drilled:
    """What a recall of these goods would reach is on record, timed and scored.

    Nothing is blocked, nobody is told and no promise falls: what a recall would do stands as
    drafts of the drill.
    """
    site = Site.objects.find(site_id)
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    if not reason.strip():
        raise InvalidInput(
            sentence("Say what is supposed to be wrong with the goods."), field="reason"
        )
    today = site.day_at(by.now)
    found = reach(targets, by.now, today)
    minutes = apply_rules(reader(DRILL_MINUTES), {}, by=by).value[str(level.value)]
    weights = apply_rules(reader(DRILL_WEIGHTS), {}, by=by).value
    months = apply_rules(reader(DRILL_MONTHS), {}, by=by).value
    points = rules.drill_points(_facts(found, minutes), weights)
    row = RecallDrill(
        level=level.value,
        reason=reason.strip(),
        began_at=by.now,
        limit_minutes=minutes,
        **{f"{step}_ms": milliseconds for step, milliseconds in found.took.items()},
        scopes=len(found.goods),
        downstream=found.downstream,
        standing=found.units,
        held=found.in_house,
        consigned=found.ladder.consigned,
        in_process=found.ladder.in_process,
        difference=found.ladder.difference,
        consignees=len(found.outside),
        promises=len(found.promises),
        promised=sum(one.quantity for one in found.promises),
        score=rules.drill_score(points),
        next_on=rules.months_after(today, months),
    )
    open_document(row, site=site, state=DrillState.DRILLING, by=by)
    _keep(row, targets, found, points)
    by.work.facts |= {"goods": len(found.goods), "units": found.units, "score": str(row.score)}
    emit(events.RecallDrilled(row.uid, row.level, str(row.score)), subject=row.uid, by=by)
    return Drilled(
        *(row.pk, row.scopes, row.downstream, row.standing, row.consignees, row.promises),
        *(sum(found.took.values()), row.score),
    )


@dataclass(frozen=True)
class DrillEnded:
    """Its score out of a hundred, with the time that it took."""

    score: Decimal


@command(
    "recalls.conclude_drill",
    roles=(QUALITY_HEAD, COMPLIANCE),
    scope=whole_group,
    from_states=(DrillState.DRILLING,),
)
def conclude_drill(drill_id: int, conclusion: str, *, by: Actor) -> DrillEnded:
    """The drill is over, with what was learnt; the time until now counts in its score."""
    row: RecallDrill = RecallDrill.objects.lock(drill_id)
    row.require(DrillState.DRILLING)
    if not conclusion.strip():
        raise InvalidInput(sentence("Say what the drill has shown."), field="conclusion")
    took = (by.now - row.began_at) // timedelta(milliseconds=1)
    part, whole = rules.in_time(took, row.limit_minutes * 60_000)
    known = list(DrillPoint.objects.filter(drill=row).order_by("pk"))
    points = [Scored(p.aspect, p.weight, p.part, p.whole) for p in known]
    for n, one in enumerate(known):
        if one.aspect == DrillAspect.IN_TIME:
            points[n] = Scored(one.aspect, one.weight, part, whole)
            amend(one, by=by, part=part, whole=whole, points=points[n].points)
    score = rules.drill_score(points)
    amend(row, by=by, conclusion=conclusion.strip(), concluded_at=by.now, score=score)
    enter(row, DrillState.CONCLUDED, by=by)
    emit(events.DrillConcluded(row.uid, str(score)), subject=row.uid, by=by)
    return DrillEnded(score)


def _facts(found: Reach, minutes: int) -> DrillFacts:
    outside = [g for g in found.standing if g.kind in rules.AT_CONSIGNEE]
    named = [one for one in found.outside if one.consignee.party_id is not None]
    return DrillFacts(
        came_in=sum(rung.quantity for rung in found.ladder.came_in),
        difference=found.ladder.difference,
        outside=sum(g.quantity for g in outside),
        named=sum(g.quantity for g in outside if g.consignee_id is not None or g.kind == "transit"),
        consignees=len(named),
        with_contact=sum(one.has_contact for one in named),
        with_licence=sum(one.has_licence for one in named),
        took=sum(found.took.values()),
        limit=minutes * 60_000,
    )


def _keep(
    row: RecallDrill, targets: Sequence[Target], found: Reach, points: Sequence[Scored]
) -> None:
    DrillTarget.objects.bulk_create(DrillTarget(drill=row, **vars(target)) for target in targets)
    DrillFinding.objects.bulk_create(_findings(row, found))
    DrillConsignee.objects.bulk_create(_consignees(row, found))
    DrillAction.objects.bulk_create(_actions(row, found))
    DrillPoint.objects.bulk_create(
        DrillPoint(drill=row, points=one.points, **dataclasses.asdict(one)) for one in points
    )


def _findings(row: RecallDrill, found: Reach) -> Iterator[DrillFinding]:
    for side, rungs in (
        (FindingSide.CAME_IN, found.ladder.came_in),
        (FindingSide.WENT_OUT, found.ladder.went_out),
    ):
        for rung in rungs:
            yield DrillFinding(
                drill=row, side=side.value, place_kind=rung.what, quantity=rung.quantity
            )
    for group in found.standing:
        values = group._asdict()
        kind = values.pop("kind")
        yield DrillFinding(drill=row, side=FindingSide.STANDS.value, place_kind=kind, **values)


def _consignees(row: RecallDrill, found: Reach) -> Iterator[DrillConsignee]:
    for one in found.outside:
        values = dataclasses.asdict(one.consignee)
        values.pop("names")
        yield DrillConsignee(
            drill=row,
            consignee_id=values.pop("party_id"),
            has_contact=one.has_contact,
            has_licence=one.has_licence,
            **values,
        )


def _actions(row: RecallDrill, found: Reach) -> Iterator[DrillAction]:
    """In the order in which a recall does them."""
    for goods, target in found.goods.items():
        yield DrillAction(
            drill=row, act=DrillAct.HOLD.value, is_downstream=target is None, **goods._asdict()
        )
    for lost in losing(found.promises):
        yield DrillAction(
            drill=row,
            act=DrillAct.RELEASE.value,
            document_id=lost.document_id,
            quantity=lost.quantity,
        )
    sites: dict[int, int] = {}
    for group in found.standing:
        if group.kind in rules.OWN and not group.is_rejected:
            sites[group.site_id] = sites.get(group.site_id, 0) + group.quantity
    for site, quantity in sites.items():
        yield DrillAction(drill=row, act=DrillAct.ISOLATE.value, site_id=site, quantity=quantity)
    for one_outside in found.outside:
        who = one_outside.consignee
        if who.party_id is None:
            continue
        there = who.standing + who.on_the_way
        for act, quantity in ((DrillAct.TELL, there + who.used), (DrillAct.FETCH, there)):
            if quantity or act == DrillAct.TELL:
                yield DrillAction(
                    drill=row, act=act.value, consignee_id=who.party_id, quantity=quantity
                )
