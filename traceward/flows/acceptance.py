"""A whole delivery is accepted at once: all results of its lots, then all decisions. # INB-03

Each line is held to the same rules as alone; where one is refused, none counts.
"""

from dataclasses import dataclass
from typing import Any

from traceward.domain.quality.commands import decide, record_result
from traceward.domain.quality.models import Inspection
from traceward.domain.quality.rules import Share
from traceward.domain.warehousing.models import Receipt
from traceward.kernel.base.refusals import InvalidInput, Refusal, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org.roles import INSPECTOR, QUALITY_CONTROLLER, QUALITY_HEAD
from traceward.kernel.org.scope import ScopeKey, scope_of

MEANING = "usage decision"


@dataclass(frozen=True)
class Found:
    """One check of one inspection, as `quality.record_result` takes it."""

    inspection_id: int
    check: str
    is_passed: bool
    sample_quantity: int
    defective_quantity: int = 0
    note: str = ""


@dataclass(frozen=True)
class AllRecorded:
    """How many results are on record now, and inspections that still lack a required check."""

    results: int
    unfinished: list[int]


@dataclass(frozen=True)
class Verdict:
    """The usage decision about one inspection, as `quality.decide` takes it."""

    inspection_id: int
    shares: list[Share]
    conclusion: str
    defects: str = ""
    disposition: str = ""


@dataclass(frozen=True)
class AllDecided:
    """Base units accepted and rejected, over all that was decided."""

    inspections: int
    accepted: int
    rejected: int


def receipt_scope(receipt_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Receipt.objects.filter(pk=receipt_id))


@command("inbound.record_results", roles=(INSPECTOR, QUALITY_CONTROLLER), scope=receipt_scope)
def record_results(receipt_id: int, results: list[Found], *, by: Actor) -> AllRecorded:
    """What was found on the lots of the receipt is on record, in the order given."""
    if not results:
        raise InvalidInput(sentence("Say what was checked, and what was found."), field="results")
    _lock(receipt_id, [x.inspection_id for x in results], "results")
    missing: dict[int, list[str]] = {}
    for n, x in enumerate(results):
        with _line(f"results.{n}"):
            recorded = record_result(
                x.inspection_id,
                x.check,
                x.is_passed,
                x.sample_quantity,
                defective_quantity=x.defective_quantity,
                note=x.note,
                by=by,
            )
        missing[x.inspection_id] = recorded.missing
    return AllRecorded(len(results), [pk for pk, names in missing.items() if names])


@command(
    "inbound.decide_lots",
    roles=(QUALITY_HEAD, QUALITY_CONTROLLER),
    scope=receipt_scope,
    signed=MEANING,
)
def decide_lots(receipt_id: int, verdicts: list[Verdict], *, by: Actor) -> AllDecided:
    """The lots of the receipt are 合格 or 不合格; each decision has a signature of its own.

    # INB-03 QUA-02 QUA-04
    """
    if not verdicts:
        raise InvalidInput(sentence("Say which lots are decided about."), field="verdicts")
    _lock(receipt_id, [x.inspection_id for x in verdicts], "verdicts")
    accepted = rejected = 0
    for n, x in enumerate(verdicts):
        with _line(f"verdicts.{n}"):
            decided = decide(
                x.inspection_id,
                x.shares,
                x.conclusion,
                defects=x.defects,
                disposition=x.disposition,
                by=by,
            )
        accepted += decided.accepted
        rejected += decided.rejected
    return AllDecided(len(verdicts), accepted, rejected)


def _lock(receipt_id: int, inspection_ids: list[int], field: str) -> None:
    """The inspections, locked in key order; refused where one is none of the receipt's."""
    rows = Inspection.objects.lock_all(inspection_ids)
    known = {row.pk for row in rows if row.source_id == receipt_id}
    for n, pk in enumerate(inspection_ids):
        if pk not in known:
            raise InvalidInput(
                sentence("This inspection is none of the receipt's. Choose one of its own."),
                field=f"{field}.{n}.inspection_id",
            )


class _line:
    """A refusal inside it names the line before its own field."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Refusal):
            error.field = f"{self.name}.{error.field}" if error.field else self.name
