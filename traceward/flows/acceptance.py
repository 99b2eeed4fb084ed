"""A whole delivery is accepted at once: all results of its lots, then all decisions. # INB-03

Each line is held to the same rules as alone; where one is refused, none counts.
"""

from dataclasses import dataclass
from typing import Any

from traceward.domain.quality.commands import Found, Verdict, decide_all, record
from traceward.domain.quality.models import Inspection
from traceward.domain.warehousing.models import Receipt
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org.roles import INSPECTOR, QUALITY_CONTROLLER, QUALITY_HEAD
from traceward.kernel.org.scope import ScopeKey, scope_of

MEANING = "usage decision"


@dataclass(frozen=True)
class AllRecorded:
    """How many results are on record now, and inspections that still lack a required check."""

    results: int
    unfinished: list[int]


@dataclass(frozen=True)
class AllDecided:
    """Base units accepted and rejected, over all that was decided."""

    inspections: int
    accepted: int
    rejected: int


def receipt_scope(receipt_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Receipt, receipt_id)


@command("inbound.record_results", roles=(INSPECTOR, QUALITY_CONTROLLER), scope=receipt_scope)
def record_results(receipt_id: int, results: list[Found], *, by: Actor) -> AllRecorded:
    """What was found on the lots of the receipt is on record, in the order given."""
    if not results:
        raise InvalidInput(sentence("Say what was checked, and what was found."), field="results")
    inspections = _locked(receipt_id, [x.inspection_id for x in results], "results")
    _, missing = record(inspections, results, line="results.{n}", by=by)
    return AllRecorded(len(results), [pk for pk, names in missing.items() if names])


@command(
    "inbound.decide_lots",
    roles=(QUALITY_HEAD, QUALITY_CONTROLLER),
    scope=receipt_scope,
    signed=MEANING,
)
def decide_lots(receipt_id: int, verdicts: list[Verdict], *, by: Actor) -> AllDecided:
    """The lots of the receipt are qualified or rejected; each decision has a signature of its own.

    # INB-03 QUA-02 QUA-04
    """
    if not verdicts:
        raise InvalidInput(sentence("Say which lots are decided about."), field="verdicts")
    inspections = _locked(receipt_id, [x.inspection_id for x in verdicts], "verdicts")
    decided = decide_all(inspections, verdicts, line="verdicts.{n}", by=by)
    return AllDecided(
        len(decided), sum(x.accepted for x in decided), sum(x.rejected for x in decided)
    )


def _locked(receipt_id: int, inspection_ids: list[int], field: str) -> list[Inspection]:
    """The inspections, locked in key order; refused where one is none of the receipt's."""
    rows = Inspection.objects.select_related("source", "item", "lot").lock_all(inspection_ids)
    known = {row.pk for row in rows if row.source_id == receipt_id}
    for n, pk in enumerate(inspection_ids):
        if pk not in known:
            raise InvalidInput(
                sentence("This inspection is none of the receipt's. Choose one of its own."),
                field=f"{field}.{n}.inspection_id",
            )
    return list(rows)
