"""Whether inspected goods may be released, gate by gate."""

from dataclasses import dataclass

from traceward.domain.quality.commands.releasing import OF_EVIDENCE, Judged, judge, together
from traceward.domain.quality.models import Inspection
from traceward.kernel.base.refusals import NotFound, Refusal, in_both, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.org.roles import AUDITOR, COMPLIANCE, QUALITY_CONTROLLER, QUALITY_HEAD
from traceward.kernel.org.scope import ScopeKey, scope_of
from traceward.resources.kit import Id, Reader, now, question


@dataclass(frozen=True)
class GateJudged:
    """One thing that has to be fulfilled, whether it is, why not, and the verb that settles it."""

    gate: dict[str, str]
    is_fulfilled: bool
    why: dict[str, str]
    settled_with: str


@dataclass(frozen=True)
class Judgement:
    """What the gates say of an inspection's goods, to who asks."""

    inspection_id: int
    #: What a look and a release call the evidence as it stands now.
    evidence: str
    is_clear: bool
    #: Why it is not signed together with others; nothing, where it may be.
    alone_because: dict[str, str]
    judged: list[GateJudged]


def _of_inspection(inspection_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(Inspection, inspection_id)


@question(
    "quality.judge_release",
    readers=(QUALITY_HEAD, QUALITY_CONTROLLER, COMPLIANCE, AUDITOR),
    scope=_of_inspection,
)
def judge_release(inspection_id: Id, *, to: Reader) -> Judgement:
    """Whether the inspected goods may be released now, by whoever asks, and why not.

    The rules are those that `quality.decide` and `quality.release` refuse by. # QUA-02
    """
    found = Inspection.objects.select_related(*OF_EVIDENCE).filter(pk=inspection_id)
    inspection = found.first()
    if inspection is None:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="inspection_id",
            what=str(Inspection._meta.verbose_name),
            id=inspection_id,
        )
    (judged,) = judge([inspection], Actor(to.person_id, "", "question"), now())
    return told_of(judged, together([inspection]).alone.get(inspection_id))


def told_of(judged: Judged, alone: Refusal | None) -> Judgement:
    """The same in words."""
    return Judgement(
        judged.inspection.pk,
        judged.evidence,
        judged.is_clear,
        _in_both(alone),
        [
            GateJudged(in_both(gate.name), why is None, _in_both(why), gate.settled_with)
            for gate, why in judged.said
        ],
    )


def _in_both(refusal: Refusal | None) -> dict[str, str]:
    if refusal is None:
        return {}
    return {"zh": refusal.in_language("zh-hans"), "en": refusal.in_language("en")}
