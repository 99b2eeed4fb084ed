"""How far the goods of a receipt are: inspected, decided about, put away; and what comes next."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from traceward.domain.quality import queries as quality
from traceward.domain.quality.commands.inspecting import context_of
from traceward.domain.quality.models import Inspection, InspectionState
from traceward.domain.quality.rules import missing_checks
from traceward.domain.warehousing.models import Receipt
from traceward.kernel.rules.queries import reader
from traceward.web.kit.documents import Stage, Way
from traceward.web.kit.suggestions import known
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


def receipts_next(receipts: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    """Open what is not inspected, record what was found, decide, put away what was decided.

    By receipt the verbs that are due, the main one first: of some lots one thing is due while
    another is of others. Three queries.
    """
    waiting = set(
        Receipt.objects.filter(pk__in=receipts, state="received").values_list("pk", flat=True)
    )
    rows = Inspection.objects.filter(source__in=waiting).exclude(state=InspectionState.WITHDRAWN)
    found = defaultdict(list)
    for row in rows.select_related("item"):
        found[row.source_id].append(row)
    open_ = [row for several in found.values() for row in several if row.state == "open"]
    recorded = all_recorded(open_) if open_ else set()
    made: dict[int, tuple[str, ...]] = {}
    for pk in receipts:
        own = [row for row in found[pk] if row.state == "open"]
        due = {
            OPEN: not found[pk],
            RECORD: any(row.pk not in recorded for row in own),
            DECIDE: any(row.pk in recorded for row in own),
            PUT_AWAY: len(own) < len(found[pk]),
        }
        made[pk] = tuple(verb for verb, is_due in due.items() if is_due and pk in waiting)
    return made


def receipt_next(receipt: Mapping[str, Any], _to: Visitor) -> tuple[str, ...]:
    """The same of one receipt."""
    return receipts_next([receipt["id"]])[receipt["id"]]


def receipt_way(receipt: Mapping[str, Any], to: Visitor) -> Way:
    """Announced before it; inspected and decided before it is put away; who and when."""
    zh = to.language.startswith("zh")
    name = "name_zh" if zh else "name_en"
    path = "expected__document__created_"
    at, own, other = Receipt.objects.values_list(
        f"{path}at", f"{path}by__{name}", f"{path}by__name_zh"
    ).get(pk=receipt["id"])
    first = [Stage("已通知" if zh else "Announced", True, _when(own or other, at, to))]
    rows = [row for row in known("quality.inspections", to, source_id=receipt["id"])
            if row["state"] != "withdrawn"]  # fmt: skip
    if not to.may("quality.inspections"):
        return first, []
    decided = [row for row in rows if row["state"] == "decided"]
    left = [row["id"] for row in rows if row["state"] == "open"]
    recorded = all_recorded(Inspection.objects.filter(pk__in=left).select_related("item"))
    between = [
        _stage("验收" if zh else "Inspected", len(decided) + len(recorded), rows, "inspected", to),
        _stage("判定" if zh else "Decided", len(decided), rows, "decided", to),
    ]
    return first, between


def _stage(
    text: str, done: int, rows: Sequence[Mapping[str, Any]], what: str, to: Visitor
) -> Stage:
    """How many lots are that far; who did the last of them, and when."""
    last = max(
        (row for row in rows if row[f"{what}_at"]), key=lambda row: row[f"{what}_at"], default=None
    )
    about = f"{done:,} / {len(rows):,}"
    if last is not None:
        names = (last[f"{what}_by_name_zh"], last[f"{what}_by_name_en"])
        who = next(filter(None, names if to.language.startswith("zh") else reversed(names)), "")
        about = f"{about} · {_when(who, last[f'{what}_at'], to)}"
    return Stage(text, bool(rows) and done >= len(rows), about)


def _when(who: Any, at: Any, to: Visitor) -> str:
    return f"{who} {at.astimezone(ZoneInfo(to.time_zone)):%m-%d %H:%M}"
