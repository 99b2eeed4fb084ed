"""What comes next of rows on a first page, by their ids: only what is possible now, and for them.

A state alone does not say that a receipt has lots that wait, or that all of an order is promised:
each function asks for all rows at once. A row that is not named has nothing that comes next.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Exists, F, Model, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from traceward.domain.places.models import PlaceKind
from traceward.domain.production.models import ComponentLine, IssuedGoods, WorkOrder
from traceward.domain.production.models import OrderState as Making
from traceward.domain.purchasing.models import OrderState as Buying
from traceward.domain.purchasing.models import PurchaseOrder, PurchaseOrderLine
from traceward.domain.quality import queries as quality
from traceward.domain.quality.commands.inspecting import context_of
from traceward.domain.quality.models import Inspection, InspectionState, Result
from traceward.domain.recalls.models import (
    RecallAnswer,
    RecallCase,
    RecallNotice,
    RecallReport,
    RecallScope,
    ReportKind,
)
from traceward.domain.recalls.queries import consignees, what_is_open
from traceward.domain.sales.models import SalesOrder, SalesOrderLine
from traceward.domain.stock.models import Reservation, Status, StockBalance
from traceward.domain.transfers.models import (
    Discrepancy,
    DiscrepancyKind,
    TransferLine,
    TransferOrder,
)
from traceward.domain.warehousing.models import PickLine, PickState, ReceiptLine, Shipment
from traceward.kernel.documents.models import Document
from traceward.kernel.rules.queries import reader
from traceward.resources import progress
from traceward.web.kit.verbs import may_at
from traceward.web.visitors import Visitor

Coming = Mapping[Any, tuple[str, ...]]
Lead = Callable[[Sequence[Any], Visitor], Coming]
#: The verbs of a recall in the order in which they are due.
STEPS = (
    *("recalls.block_scope", "recalls.notify", "recalls.acknowledge"),
    *("recalls.report", "recalls.report", "recalls.close"),
)


def recalls(cases: Sequence[Any], _to: Visitor) -> Coming:
    """Hold what is not held, tell who got it, record their answers, report; one query.

    What is all done is closed, as soon as every unit is accounted for. Who may not do the one is
    not offered the next, but the case.
    """
    notices = RecallNotice.objects.filter(case=OuterRef("pk"))
    answers = RecallAnswer.objects.filter(notice=OuterRef("pk"))
    free = Q(block=None) | Q(block__lifted_at__isnull=False)
    reports = RecallReport.objects.filter(case=OuterRef("pk"))
    rows = RecallCase.objects.filter(pk__in=cases).values_list(
        "pk",
        Exists(RecallScope.objects.filter(free, case=OuterRef("pk"))),
        ~Exists(notices),
        Exists(notices.filter(~Exists(answers))),
        ~Exists(reports.filter(kind=ReportKind.DECISION)),
        ~Exists(reports.filter(kind=ReportKind.PLAN)),
    )
    found = {}
    for pk, *due in rows:
        steps = zip(STEPS, (*due, True), strict=True)
        verb = next(
            verb
            for verb, is_due in steps
            if is_due and not (verb == "recalls.notify" and _nobody_got_it(pk))
        )
        found[pk] = () if verb == STEPS[-1] and what_is_open(pk) else (verb,)
    return found


def _nobody_got_it(case_id: int) -> bool:
    return all(one.party_id is None for one in consignees(case_id))


def by_another(verb: str, model: type[Model], did_before: str) -> Lead:
    """The verb, to everybody but who did the step before. # ORG-03"""

    def lead(ids: Sequence[Any], to: Visitor) -> Coming:
        mine = to.person.pk if to.person else 0
        rows = model._default_manager.filter(pk__in=ids).exclude(**{did_before: mine})
        return dict.fromkeys(rows.values_list("pk", flat=True), (verb,))

    return lead


def document_by_another(verb: str) -> Lead:
    """The verb about a document, to everybody but who made it."""
    return by_another(verb, Document, "created_by")


def blocks(ids: Sequence[Any], _to: Visitor) -> Coming:
    """What is on hold is released; what a running recall covers stays, whoever placed the block."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM unnest(%s::bigint[]) id WHERE stock_block_keeper(id) IS NULL",
            [list(ids)],
        )
        return {pk: ("stock.lift_block",) for (pk,) in cursor.fetchall()}


def discrepancies(ids: Sequence[Any], to: Visitor) -> Coming:
    """What is missing and not found again is written off, by none who noted it."""
    mine = to.person.pk if to.person else 0
    rows = Discrepancy.objects.filter(pk__in=ids, kind=DiscrepancyKind.MISSING, decided_at=None)
    rows = rows.exclude(shipment__in=rows.filter(noted_by=mine).values("shipment"))
    return dict.fromkeys(rows.values_list("pk", flat=True), ("transfers.write_off",))


def inspections(ids: Sequence[Any], to: Visitor) -> Coming:
    """What lacks a result is inspected, the rest decided; by none who did the step before."""
    rows = Inspection.objects.filter(pk__in=ids, state=InspectionState.OPEN)
    return {
        row.pk: _named({"quality.record_result": lacks, "quality.decide": not lacks and may_decide})
        for row, lacks, may_decide in _inspected(rows, to)
    }


def _inspected(rows: Any, to: Visitor) -> Iterable[tuple[Inspection, bool, bool]]:
    """Each inspection, whether it lacks a result, and whether the visitor may decide about it."""
    rows = list(rows.select_related("item", "source"))
    mine = to.person.pk if to.person else 0
    found: dict[int, set[str]] = defaultdict(set)
    by_me = set()
    for result in Result.objects.filter(inspection__in=[row.pk for row in rows]):
        found[result.inspection_id].add(result.check_name)
        if result.recorded_by_id == mine:
            by_me.add(result.inspection_id)
    required = reader(quality.REQUIRED_CHECKS) if rows else None
    is_another = reader(quality.DECIDER_IS_ANOTHER) if by_me else None
    for row in rows:
        assert required is not None, "there are rows"
        lacks = not set(required.value_for(context_of(row)).value) <= found[row.pk]
        is_mine = row.pk in by_me and is_another and is_another.value_for(context_of(row)).value
        received = row.source.created_by_id == mine
        if received and lacks:
            continue  # who received it does not inspect it
        yield row, lacks, not is_mine and not received


def _named(verbs: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(verb for verb, is_due in verbs.items() if is_due)


def receipts(ids: Sequence[Any], to: Visitor) -> Coming:
    """Inspections are opened, results recorded, lots decided; what is decided is put away."""
    rows = Inspection.objects.filter(source__in=ids)
    begun = set(rows.values_list("source_id", flat=True))
    lacks: set[int] = set()
    ready: set[int] = set()
    barred: set[int] = set()
    for row, is_lacking, may_decide in _inspected(rows.filter(state=InspectionState.OPEN), to):
        if is_lacking:
            lacks.add(row.source_id)
        (ready if may_decide else barred).add(row.source_id)
    stands = StockBalance.objects.filter(
        Q(lot=OuterRef("lot")) | Q(lot=None, serial=OuterRef("serial")),
        place=OuterRef("receipt__place"),
        item=OuterRef("item"),
        status__in=(Status.QUALIFIED, Status.REJECTED),
        stands=True,
        on_hand__gt=0,
    )
    decided = ReceiptLine.objects.filter(Exists(stands), receipt__in=ids)
    stored = set(decided.values_list("receipt_id", flat=True))
    return {
        pk: _named(
            {
                "quality.open_inspections": pk not in begun,
                "inbound.record_results": pk in lacks,
                "inbound.decide_lots": pk in ready - lacks - barred,
                "warehousing.put_away": pk in stored,
            }
        )
        for pk in ids
    }


def picks(ids: Sequence[Any], to: Visitor) -> Coming:
    """Fetched, checked by who fetched none of it, packed where it is in no box, sent."""
    mine = to.person.pk if to.person else 0
    found: dict[int, tuple[str, ...]] = {}
    rows = PickLine.objects.filter(pick__in=ids).values_list("pick_id", "pick__state")
    facts = rows.annotate(left=Sum(F("quantity") - F("picked"))).annotate(
        mine=Sum("picked", filter=Q(picked_by=mine)),
        loose=Sum("picked", filter=Q(container=None)),
    )
    for pk, state, left, by_me, loose in facts:
        found[pk] = _named(
            {
                "warehousing.pick": state == PickState.OPEN and left,
                "warehousing.check": state == PickState.PICKED and not by_me,
                "warehousing.pack": state == PickState.CHECKED and loose,
                "warehousing.ship": state == PickState.CHECKED,
            }
        )
    return found


def shipments(ids: Sequence[Any], to: Visitor) -> Coming:
    """What was sold is signed for; what was transferred is received, where it arrives.

    Where something is missing already, that is settled first.
    """
    unsettled = Discrepancy.objects.filter(shipment=OuterRef("pk"), decided_at=None)
    rows = Shipment.objects.filter(~Exists(unsettled), pk__in=ids)
    found: dict[int, tuple[str, ...]] = {}
    for pk, kind, site in rows.values_list("pk", "demand__kind", "deliver_to__site_id"):
        if kind == SalesOrder.KIND:
            found[pk] = ("sales.sign_for",)
        elif kind == TransferOrder.KIND and may_at("transfers.receive", site, to):
            found[pk] = ("transfers.receive",)
    return found


def _promised(lines: Any, header: str, ids: Sequence[Any]) -> Iterable[tuple[int, int, int]]:
    """By document: base units that wait for a promise, and promised ones that no pick fetches."""
    shelf = Reservation.objects.filter(quantity__gt=0, balance__place__kind=PlaceKind.BIN)
    being_picked = PickLine.objects.filter(pick__state=PickState.OPEN).annotate(
        left=F("quantity") - F("picked")
    )
    rows = lines.filter(**{f"{header}__in": ids}).annotate(
        promised=progress.total(Reservation.objects.all(), "line"),
        shipped=progress.total(
            PickLine.objects.filter(pick__state=PickState.SHIPPED), "demand_line", "picked"
        ),
        on_shelf=progress.total(shelf, "line"),
        fetching=progress.total(being_picked, "demand_line", "left"),
    )
    sums: dict[int, list[int]] = {}
    names = (header, "quantity", "promised", "shipped", "on_shelf", "fetching")
    for pk, quantity, promised, shipped, on_shelf, fetching in rows.values_list(*names):
        one = sums.setdefault(pk, [0, 0])
        one[0] += max(quantity - promised - shipped, 0)
        one[1] += max(on_shelf - fetching, 0)
    return [(pk, to_promise, to_pick) for pk, (to_promise, to_pick) in sums.items()]


def sales_orders(ids: Sequence[Any], _to: Visitor) -> Coming:
    """What is promised is picked; what lacks a promise is promised."""
    return {
        pk: _named({"outbound.start_pick": to_pick, "outbound.allocate": to_promise})
        for pk, to_promise, to_pick in _promised(
            SalesOrderLine.objects.all(), "line__document", ids
        )
    }


def transfers(ids: Sequence[Any], _to: Visitor) -> Coming:
    """What is promised is picked; what lacks a promise is promised."""
    return {
        pk: _named({"transfers.start_pick": to_pick, "transfers.allocate": to_promise})
        for pk, to_promise, to_pick in _promised(TransferLine.objects.all(), "order", ids)
    }


def purchases(ids: Sequence[Any], to: Visitor) -> Coming:
    """Approved by another than who ordered; then announced, as far as nobody has announced it."""
    mine = to.person.pk if to.person else 0
    found: dict[int, tuple[str, ...]] = {}
    waiting = PurchaseOrder.objects.filter(pk__in=ids, state=Buying.SUBMITTED)
    for pk in waiting.exclude(created_by=mine).values_list("pk", flat=True):
        found[pk] = ("purchasing.approve",)
    lines = PurchaseOrderLine.objects.filter(order__in=ids, order__state=Buying.APPROVED).annotate(
        announced=progress.BOUGHT["announced"]
    )
    for pk in lines.filter(quantity__gt=F("announced")).values_list("order_id", flat=True):
        found[pk] = ("purchasing.notify",)
    return found


def work_orders(ids: Sequence[Any], _to: Visitor) -> Coming:
    """Released; what is promised is issued, what is missing promised, what is issued used up."""
    found: dict[int, tuple[str, ...]] = {}
    components = ComponentLine.objects.filter(order__in=ids)
    promised = Reservation.objects.filter(line__in=components.values("line"), quantity__gt=0)
    held: dict[int, int] = dict(
        promised.exclude(balance__place=F("line__document__workorder__wip"))
        .values_list("line_id")
        .annotate(total=Sum("quantity"))
    )
    out = IssuedGoods.objects.filter(component__order__in=ids).values_list("component_id")
    gone: dict[int, tuple[int, int]] = {
        pk: (total, rest)
        for pk, total, rest in out.annotate(
            total=Coalesce(Sum(F("quantity") - F("returned") - F("scrapped")), 0),
            rest=Coalesce(Sum(F("quantity") - F("returned") - F("scrapped") - F("consumed")), 0),
        )
    }
    lines: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for order, pk, quantity in components.values_list("order_id", "pk", "quantity"):
        lines[order].append((pk, quantity))
    for row in WorkOrder.objects.filter(pk__in=ids):
        own = [(quantity, held.get(pk, 0), *gone.get(pk, (0, 0))) for pk, quantity in lines[row.pk]]
        is_released = row.state == Making.RELEASED
        is_made = row.made + row.lost >= row.quantity
        has_rest = any(rest for *_, rest in own)
        found[row.pk] = _named(
            {
                "production.release": row.state == Making.PLANNED,
                "production.issue": is_released and any(h for _, h, _, _ in own),
                "production.allocate": is_released and any(q > h + o for q, h, o, _ in own),
                "production.complete": is_released and not is_made and has_rest,
                "production.return_issued": is_released and is_made and has_rest,
                "production.close": is_released and is_made and not has_rest,
            }
        )
    return found
