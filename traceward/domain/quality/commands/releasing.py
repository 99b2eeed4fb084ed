"""Goods are released by whoever looked through their evidence: one by one, or many signed at once.

A look is a command of its own, so it is on record who saw which evidence, and when. A release names
the evidence that was looked at; where it has changed since, it is refused. docs/adr/0259
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from traceward.domain.quality import queries
from traceward.domain.quality.commands import gates
from traceward.domain.quality.commands.deciding import MEANING, Decided, Verdict, decide_all
from traceward.domain.quality.commands.inspecting import context_of, inspection_scope
from traceward.domain.quality.models import Inspection, InspectionState
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    Refusal,
    WrongState,
    sentence,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import apply_rules
from traceward.kernel.org.roles import QUALITY_CONTROLLER, QUALITY_HEAD
from traceward.kernel.rules.queries import reader

LOOK = "quality.look_through"
#: Looks of one person that are asked about at most, the last ones.
LOOKS = 500
OF_EVIDENCE = ("item__product", "lot", "source", "site")


class EvidenceChanged(Conflict):
    """What was looked through is not what there is now. # QUA-04"""

    is_final = False


class NotLookedThrough(Refusal):
    """Whoever releases has not looked through the evidence, or too long ago. # QUA-04"""

    is_final = False


@dataclass(frozen=True)
class Judged:
    """What each gate says of an inspection's goods now, to one person."""

    inspection: Inspection
    #: Each gate with its refusal; None where it is fulfilled.
    said: tuple[tuple[gates.Gate, Refusal | None], ...]
    #: What tells this evidence from what it was, or will be.
    evidence: str
    facts: gates.Evidence

    @property
    def is_clear(self) -> bool:
        return all(why is None for _, why in self.said)

    @property
    def refusal(self) -> Refusal | None:
        """The first that is not fulfilled."""
        return next((why for _, why in self.said if why is not None), None)


def judge(inspections: Sequence[Inspection], by: Actor, now: datetime) -> list[Judged]:
    """Each with what the gates say; as many statements for many as for one.

    They come with `OF_EVIDENCE`.
    """
    days = {row.site_id: row.site.day_at(now) for row in inspections}
    facts = gates.Evidence(inspections, days, by)
    made = []
    for row in inspections:
        found = tuple((gate, gates.refusal_of(gate, row, facts, by)) for gate in gates.ALL)
        mark = facts.mark(row, [(gate.name, why is None) for gate, why in found])
        made.append(Judged(row, found, mark, facts))
    return made


@dataclass(frozen=True)
class Look:
    """That a person looked through the evidence of an inspection."""

    inspection_id: int
    evidence: str
    at: datetime


def looks_of(person_id: int, now: datetime, within: timedelta) -> dict[int, Look]:
    """By inspection, the person's last look at it within that time; one query."""
    found: dict[int, Look] = {}
    for at, facts in _looks(person_id, now - within, now):
        given = facts["arguments"]
        look = Look(given["inspection_id"], given["evidence"], at)
        found.setdefault(look.inspection_id, look)
    return found


def _looks(
    person_id: int, after: datetime, until: datetime
) -> list[tuple[datetime, dict[str, Any]]]:
    rows = AuditEntry.objects.filter(
        actor=person_id, verb=LOOK, outcome="done", at__gt=after, at__lte=until
    ).order_by("-pk")[:LOOKS]
    return [(row.at, row.facts) for row in rows]


def standing_looks(judged: Sequence[Judged], person_id: int, now: datetime) -> dict[int, Look]:
    """By inspection, the person's look at the evidence as it is now, where it counts still."""
    windows = reader(queries.LOOKED_MINUTES)
    within = {
        one.inspection.pk: timedelta(minutes=windows.value_for(context_of(one.inspection)).value)
        for one in judged
    }
    found = looks_of(person_id, now, max(within.values(), default=timedelta()))
    return {
        one.inspection.pk: look
        for one in judged
        if (look := found.get(one.inspection.pk)) is not None
        and look.evidence == one.evidence
        and look.at > now - within[one.inspection.pk]
    }


@dataclass(frozen=True)
class LookedThrough:
    inspection_id: int
    #: Until when it counts for a release.
    until: datetime


@command(
    LOOK,
    roles=(QUALITY_HEAD, QUALITY_CONTROLLER),
    scope=inspection_scope,
    from_states=(InspectionState.OPEN,),
)
def look_through(inspection_id: int, evidence: str, *, by: Actor) -> LookedThrough:
    """The person has looked through the evidence of the inspected goods, as it stands now.

    `evidence` is what `quality.judge_release` calls it. # QUA-02 QUA-04
    """
    inspection, judged = _judged(inspection_id, by)
    inspection.require(InspectionState.OPEN)
    _require_same(judged, evidence)
    return LookedThrough(inspection.pk, by.now + _counts_for(inspection, by))


@command(
    "quality.release",
    roles=(QUALITY_HEAD, QUALITY_CONTROLLER),
    scope=inspection_scope,
    signed=MEANING,
    from_states=(InspectionState.OPEN,),
)
def release(inspection_id: int, evidence: str, conclusion: str, *, by: Actor) -> Decided:
    """All of the inspected goods are qualified, signed by whoever looked through their evidence.

    Refused while any gate of `quality.judge_release` is not fulfilled, and where the evidence is
    not the one that the same person looked through lately. # INB-03 QUA-02 QUA-04
    """
    inspection, judged = _judged(inspection_id, by)
    inspection.require(InspectionState.OPEN)
    if judged.refusal is not None:
        raise judged.refusal
    _require_same(judged, evidence)
    within = _counts_for(inspection, by)
    look = looks_of(by.person_id, by.now, within).get(inspection_id)
    if look is None or look.evidence != evidence:
        raise NotLookedThrough(
            sentence(
                "{number}: you have not looked through this evidence within {minutes} minutes. "
                "Open it and look through it first."
            ),
            field="evidence",
            number=str(inspection),
            minutes=int(within / timedelta(minutes=1)),
        )
    if not conclusion.strip():
        raise InvalidInput(sentence("Write the conclusion."), field="conclusion")
    by.work.facts["looked_at"] = look.at.isoformat()
    verdict = Verdict(inspection_id, judged.facts.shares(inspection), conclusion)
    (decided,) = decide_all([inspection], [verdict], evidence=evidence, by=by)
    return decided


def _judged(inspection_id: int, by: Actor) -> tuple[Inspection, Judged]:
    """The locked inspection, and what the gates say of it."""
    inspection: Inspection = Inspection.objects.lock(inspection_id)
    (judged,) = judge([inspection], by, by.now)
    return inspection, judged


def _require_same(judged: Judged, evidence: str) -> None:
    if judged.evidence != evidence:
        raise EvidenceChanged(
            sentence(
                "{number}: the evidence has changed since you looked at it. Look through it again."
            ),
            field="evidence",
            number=str(judged.inspection),
        )


def _counts_for(inspection: Inspection, by: Actor) -> timedelta:
    rule = apply_rules(reader(queries.LOOKED_MINUTES), context_of(inspection), by=by)
    return timedelta(minutes=rule.value)


@dataclass(frozen=True)
class Together:
    """What one re-authentication may sign of these, and why each of the others may not. # QUA-04"""

    most: int
    device_class: int
    alone: dict[int, Refusal]


def together(inspections: Sequence[Inspection]) -> Together:
    """The strictest rules of their sites; those of a higher class are signed each by itself."""
    contexts = [context_of(row) for row in inspections]
    counts, classes = reader(queries.TOGETHER), reader(queries.TOGETHER_CLASS)
    most = min((counts.value_for(c).value for c in contexts), default=queries.TOGETHER.default)
    highest = [classes.value_for(c).value for c in contexts]
    alone: dict[int, Refusal] = {}
    for row, limit in zip(inspections, highest, strict=True):
        product = row.item.product
        if product is not None and product.device_class > limit:
            alone[row.pk] = WrongState(
                sentence(
                    "{number} is a device of class {device_class}; above class {limit} each is "
                    "signed by itself."
                ),
                number=str(row),
                device_class=product.device_class,
                limit=limit,
            )
    return Together(most, min(highest, default=queries.TOGETHER_CLASS.default), alone)


def require_together(inspections: Sequence[Inspection]) -> None:
    """Refused where one re-authentication may not sign all of these."""
    if len(inspections) < 2:
        return
    allowed = together(inspections)
    if len(inspections) > allowed.most:
        raise WrongState(
            sentence("One entry of your password signs {limit} lots at most; these are {count}."),
            limit=allowed.most,
            count=len(inspections),
        )
    for refusal in allowed.alone.values():
        raise refusal
