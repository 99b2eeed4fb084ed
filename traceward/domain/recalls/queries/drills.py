"""What a drill has found, as it was kept: nothing is asked of the ledger again. # TRC-04"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum

from traceward.domain.recalls.models import (
    CaseState,
    DrillAction,
    DrillConsignee,
    DrillFinding,
    DrillPoint,
    FindingSide,
    RecallDrill,
    RecallScope,
)
from traceward.domain.recalls.queries.found import Consignee, Group, rung
from traceward.domain.recalls.queries.progress import Answered, Progress
from traceward.domain.recalls.queries.reach import Outside
from traceward.domain.recalls.rules import Ladder, Scored
from traceward.domain.stock.models import Lot
from traceward.domain.warehousing.models import ShipmentLine
from traceward.kernel.org.models import Party


@dataclass(frozen=True)
class Drafts:
    """What a recall would have done of one kind: so many drafts, so many units."""

    act: str
    count: int
    quantity: int


@dataclass(frozen=True)
class DrillResult:
    """Everything that the page of a drill shows at once."""

    ladder: Ladder
    groups: tuple[Group, ...]
    outside: tuple[Outside, ...]
    points: tuple[Scored, ...]
    drafts: tuple[Drafts, ...]

    @property
    def progress(self) -> Progress:
        """As a recall of which nobody was told yet."""
        answers = tuple(
            Answered(one.consignee, None, None, None, None, 0, "", 0) for one in self.outside
        )
        return Progress(self.ladder, self.groups, answers, (), ())


def drill_result(drill_id: int) -> DrillResult:
    """In a constant number of queries."""
    drill = RecallDrill.objects.get(pk=drill_id)
    found = list(
        DrillFinding.objects.filter(drill=drill)
        .values_list("side", "place_kind", "is_consigned", "is_rejected")
        .annotate(Sum("rows"), Sum("quantity"))
        .order_by("side", "place_kind", "is_consigned", "is_rejected")
    )
    groups = tuple(
        Group(kind, 0, None, is_consigned, is_rejected, rows, quantity)
        for side, kind, is_consigned, is_rejected, rows, quantity in found
        if side == FindingSide.STANDS
    )
    sums: dict[tuple[str, str], int] = {}
    for side, kind, _, _, _, quantity in found:
        sums[side, kind] = sums.get((side, kind), 0) + quantity
    by_side = {
        wanted: tuple(rung(kind, n) for (side, kind), n in sums.items() if side == wanted)
        for wanted in FindingSide.values
    }
    ladder = Ladder(
        by_side[FindingSide.CAME_IN],
        by_side[FindingSide.WENT_OUT],
        by_side[FindingSide.STANDS],
        drill.consigned,
        drill.in_process,
    )
    points = DrillPoint.objects.filter(drill=drill).order_by("pk")
    drafts = (
        DrillAction.objects.filter(drill=drill)
        .values_list("act")
        .annotate(Count("pk"), Sum("quantity"))
        .order_by("act")
    )
    return DrillResult(
        ladder,
        groups,
        tuple(_outside(list(DrillConsignee.objects.filter(drill=drill).order_by("pk")))),
        tuple(Scored(one.aspect, one.weight, one.part, one.whole) for one in points),
        tuple(Drafts(act, count, quantity or 0) for act, count, quantity in drafts),
    )


#: Lines of shipments, the newest, among which a lot to try is looked for.
NEWEST = 500


def lot_to_try() -> Lot | None:
    """Of what was sent lately, the lot that the most consignees got and that no drill has had.

    One that is recalled is not tried; where all were, the one with the most consignees.
    """
    sent = ShipmentLine.objects.filter(lot__isnull=False).order_by("-pk")
    newest = sent.values_list("lot", "shipment__consignee")[:NEWEST]
    who: dict[int, set[int]] = defaultdict(set)
    for lot, consignee in newest:
        who[lot].add(consignee)
    recalled = RecallScope.objects.filter(case__state=CaseState.OPEN, lot__in=who)
    left = set(who) - set(recalled.values_list("lot", flat=True))
    had = set(DrillAction.objects.filter(lot__in=left).values_list("lot", flat=True))
    ranked = sorted(left - had or left, key=lambda lot: (-len(who[lot]), -lot))
    return Lot.objects.get(pk=ranked[0]) if ranked else None


#: What a consignee has, as a drill keeps it.
SUMS = (
    *("delivered", "returned", "used", "destroyed", "passed_on", "standing", "consigned"),
    "on_the_way",
)


def _outside(rows: Sequence[DrillConsignee]) -> list[Outside]:
    parties = Party.objects.in_bulk({one.consignee_id for one in rows if one.consignee_id})
    return [
        Outside(
            Consignee(
                one.consignee_id,
                parties[one.consignee_id].names if one.consignee_id else {},
                **{name: getattr(one, name) for name in SUMS},
            ),
            one.has_contact,
            one.has_licence,
        )
        for one in rows
    ]
