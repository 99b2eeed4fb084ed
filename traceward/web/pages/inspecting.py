"""How far the goods of a receipt are: inspected, decided about, put away; and what comes next."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from traceward.domain.quality import queries as quality
from traceward.domain.quality.commands.inspecting import context_of
from traceward.domain.quality.models import Inspection, InspectionState
from traceward.domain.quality.rules import missing_checks
from traceward.domain.stock.models import Status
from traceward.domain.warehousing.models import ReceiptState
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Person
from traceward.kernel.rules.queries import reader
from traceward.web.kit.documents import Stage, Way
from traceward.web.visitors import Visitor

OPEN, PUT_AWAY = "quality.open_inspections", "warehousing.put_away"
RECORD, DECIDE = "inbound.record_results", "inbound.decide_lots"


def all_recorded(inspections: Iterable[Inspection]) -> set[int]:
    """Those of which every required check has a result; two queries."""
    rows = list(inspections)
    required = reader(quality.REQUIRED_CHECKS)
    results = quality.results_of(row.pk for row in rows)
    return {
        row.pk
        for row in rows
        if not missing_checks(
            required.value_for(context_of(row)).value, quality.required_results(results[row.pk])
        )
    }


def _recorded(rows: Iterable[Inspection]) -> set[int]:
    """Those that wait for a decision only."""
    open_ = [row for row in rows if row.state == InspectionState.OPEN]
    return all_recorded(open_) if open_ else set()


def _standing(receipt: Mapping[str, Any], to: Visitor) -> tuple[list[Inspection], set[int]]:
    """The receipt's inspections, and those that wait for a decision only; read once a page."""
    key = f"inspections of {receipt['id']}"
    if key not in to.known:
        own = Inspection.objects.filter(source=receipt["id"])
        own = own.exclude(state=InspectionState.WITHDRAWN).order_by("pk")
        rows = list(own.select_related("item", "inspected_by", "decided_by"))
        to.known[key] = rows, _recorded(rows)
    found: tuple[list[Inspection], set[int]] = to.known[key]
    return found


def receipt_next(receipt: Mapping[str, Any], to: Visitor) -> tuple[str, ...]:
    """Open what is not inspected, record what was found, decide, put away what was decided.

    Whoever does it. Of some lots one thing may be due while another is of others: the main one
    stands first.
    """
    if receipt["state"] != ReceiptState.RECEIVED:
        return ()
    rows, recorded = _standing(receipt, to)
    open_ = [row.pk for row in rows if row.state == InspectionState.OPEN]
    decided = [line for line in receipt["lines"] if line["status"] != Status.PENDING.label]
    due = {
        OPEN: not rows,
        RECORD: not recorded.issuperset(open_),
        DECIDE: bool(recorded.intersection(open_)),
        PUT_AWAY: any(line["put_away"] < line["quantity"] for line in decided),
    }
    return tuple(verb for verb, is_due in due.items() if is_due)


def receipt_way(receipt: Mapping[str, Any], to: Visitor) -> Way:
    """Announced before it; inspected and decided before it is put away; who and when."""
    zh = to.language.startswith("zh")
    coming = Document.objects.select_related("created_by").get(pk=receipt["expected_id"])
    told = _when(coming.created_by, coming.created_at, to)
    first = [Stage("已通知" if zh else "Announced", is_done=True, about=told)]
    if not to.may("quality.inspections"):
        return first, []
    rows, recorded = _standing(receipt, to)
    decided = [row for row in rows if row.state == InspectionState.DECIDED]
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
