"""Whether inspected goods may be released, gate by gate."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from traceward.domain.quality.commands.releasing import OF_EVIDENCE, Judged, judge, together
from traceward.domain.quality.models import Inspection
from traceward.kernel.base.refusals import NotFound, Refusal, in_both, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.org.roles import AUDITOR, COMPLIANCE, QUALITY_CONTROLLER, QUALITY_HEAD
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey
from traceward.resources.kit import Ids, Reader, now, question


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


def _of_inspections(inspection_ids: Collection[int], **_: object) -> list[ScopeKey]:
    """Where they are; the whole group where one of them is not there."""
    rows = Inspection.objects.filter(pk__in=inspection_ids)
    keys = [ScopeKey(*row) for row in rows.values_list("legal_entity_id", "site_id")]
    return keys if len(keys) == len({*inspection_ids}) else [*keys, WHOLE_GROUP]


@question(
    "quality.judge_release",
    readers=(QUALITY_HEAD, QUALITY_CONTROLLER, COMPLIANCE, AUDITOR),
    scope=_of_inspections,
)
def judge_release(inspection_ids: Ids, *, to: Reader) -> list[Judgement]:
    """Whether the inspected goods may be released now, by whoever asks, and why not.

    The rules are those that `quality.decide` and `quality.release` refuse by. # QUA-02
    """
    found = {one.inspection.pk: one for one in judged(inspection_ids, now(), to=to)}
    missing = next((pk for pk in inspection_ids if pk not in found), None)
    if missing is not None:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="inspection_ids",
            what=str(Inspection._meta.verbose_name),
            id=missing,
        )
    alone = together([one.inspection for one in found.values()]).alone
    return [told_of(found[pk], alone.get(pk)) for pk in dict.fromkeys(inspection_ids)]


def judged(inspection_ids: Collection[int], at: datetime, *, to: Reader) -> list[Judged]:
    """These with what the gates say to who asks, of the sites that they may ask about.

    The question tells it in words, the release console with its evidence; as many statements for
    many as for one.
    """
    rows = Inspection.objects.select_related(*OF_EVIDENCE).filter(pk__in=inspection_ids)
    sites = to.sites()
    if sites is not None:
        rows = rows.filter(site__in=sites)
    return judge(list(rows.order_by("created_at", "pk")), Actor(to.person_id, "", "question"), at)


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
