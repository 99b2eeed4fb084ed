"""How far the goods of a receipt are: inspected, decided about, put away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from traceward.domain.quality import queries as quality
from traceward.domain.quality.commands.inspecting import context_of
from traceward.domain.quality.models import Inspection, InspectionState
from traceward.domain.quality.rules import missing_checks
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Person
from traceward.kernel.rules.queries import reader
from traceward.web.kit.documents import Stage, Way
from traceward.web.visitors import Visitor


@dataclass(frozen=True)
class Progress:
    """How far an inspection is, and what of it may be the visitor's."""

    inspection: Inspection
    #: Whether it waits for a decision only.
    is_recorded: bool
    #: Who received it does not inspect it, nor decide about it. # ORG-03
    may_record: bool
    may_decide: bool

    @property
    def is_open(self) -> bool:
        return self.inspection.state == InspectionState.OPEN


def progress_of(inspections: QuerySet[Inspection], to: Visitor) -> list[Progress]:
    """How far each is; at most four queries."""
    rows = list(inspections.select_related("item", "source"))
    open_ = [row for row in rows if row.state == InspectionState.OPEN]
    mine = to.person.pk if to.person else 0
    results = quality.results_of(row.pk for row in open_) if open_ else {}
    by_me = {pk for pk, found in results.items() if any(r.recorded_by_id == mine for r in found)}
    required = reader(quality.REQUIRED_CHECKS) if open_ else None
    is_another = reader(quality.DECIDER_IS_ANOTHER) if by_me else None
    made = []
    for row in rows:
        recorded = quality.required_results(results.get(row.pk, ()))
        context = context_of(row) if row.pk in results else {}
        lacks = required and missing_checks(required.value_for(context).value, recorded)
        is_own = row.pk in by_me and is_another and is_another.value_for(context).value
        is_recorded = row.pk in results and not lacks
        received = row.source.created_by_id == mine
        made.append(Progress(row, is_recorded, not received, not (is_own or received)))
    return made


def standing(receipts: Sequence[int], to: Visitor) -> dict[int, list[Progress]]:
    """The inspections of each receipt that were not withdrawn; read once a page."""
    key = ("inspections", *receipts)
    if key not in to.known:
        own = Inspection.objects.filter(source__in=receipts).order_by("pk")
        own = own.exclude(state=InspectionState.WITHDRAWN)
        found: dict[int, list[Progress]] = {pk: [] for pk in receipts}
        for one in progress_of(own.select_related("inspected_by", "decided_by"), to):
            found[one.inspection.source_id].append(one)
        to.known[key] = found
    known: dict[int, list[Progress]] = to.known[key]
    return known


def receipt_way(receipt: Mapping[str, Any], to: Visitor) -> Way:
    """Announced before it; inspected and decided before it is put away; who and when."""
    zh = to.language.startswith("zh")
    coming = Document.objects.select_related("created_by").get(pk=receipt["expected_id"])
    told = _when(coming.created_by, coming.created_at, to)
    first = [Stage("已通知" if zh else "Announced", is_done=True, about=told)]
    if not to.may("quality.inspections"):
        return first, []
    rows = standing([receipt["id"]], to)[receipt["id"]]
    decided = [one.inspection for one in rows if not one.is_open]
    recorded = [one for one in rows if one.is_open and one.is_recorded]
    inspected = [(row.inspected_by, row.inspected_at) for row in decided]
    judged = [(row.decided_by, row.decided_at) for row in decided]
    return first, [
        _stage(
            "验收" if zh else "Inspected", len(decided) + len(recorded), len(rows), inspected, to
        ),
        _stage("判定" if zh else "Decided", len(decided), len(rows), judged, to),
    ]


def _stage(
    text: str, done: int, of: int, by: Sequence[tuple[Person | None, datetime | None]], to: Visitor
) -> Stage:
    """How many lots are that far; who did the last of them, and when."""
    known = [(at, who) for who, at in by if at is not None and who is not None]
    last = max(known, key=lambda one: one[0], default=None)
    told = f" · {_when(last[1], last[0], to)}" if last else ""
    return Stage(text, bool(of) and done >= of, f"{done:,} / {of:,}{told}")


def _when(who: Person, at: datetime, to: Visitor) -> str:
    return f"{who.name(to.language)} {at.astimezone(ZoneInfo(to.time_zone)):%m-%d %H:%M}"
