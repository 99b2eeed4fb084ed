"""What comes next of documents and records, by their ids: what is due, and whether it is theirs.

Pages name these as their leads (`kit/steps.py`). Each asks for all rows at once; a row that is not
named has nothing that comes next.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from traceward.domain.places.models import PlaceKind
from traceward.domain.production.models import ComponentLine, IssuedGoods, WorkOrder
from traceward.domain.production.models import OrderState as Making
from traceward.domain.purchasing.models import OrderState as Buying
from traceward.domain.purchasing.models import PurchaseOrder, PurchaseOrderLine
from traceward.domain.quality.models import Inspection, InspectionState
from traceward.domain.recalls.models import (
    CaseState,
    RecallAnswer,
    RecallCase,
    RecallNotice,
    RecallReport,
    RecallScope,
    ReportKind,
)
from traceward.domain.recalls.queries import consignees, what_is_open
from traceward.domain.sales.models import OrderState as Selling
from traceward.domain.sales.models import SalesOrder, SalesOrderLine
from traceward.domain.stock.models import Reservation, Status, StockBalance
from traceward.domain.transfers.models import (
    Discrepancy,
    DiscrepancyKind,
    TransferLine,
    TransferOrder,
    TransferState,
)
from traceward.domain.warehousing.models import (
    PickLine,
    PickState,
    Receipt,
    ReceiptLine,
    ReceiptState,
    Shipment,
    ShipmentState,
)
from traceward.resources import progress
from traceward.web.kit.steps import Lead, Step, Steps, due
from traceward.web.pages.inspecting import progress_of, standing
from traceward.web.visitors import Visitor

#: The verbs of a recall in the order in which they are due.
STEPS = (
    *("recalls.block_scope", "recalls.notify", "recalls.acknowledge"),
    *("recalls.report", "recalls.report", "recalls.close"),
)


def recalls(cases: Sequence[Any], _to: Visitor) -> Steps:
    """Hold what is not held, tell who got it, record their answers, report; one query.

    Then it is checked whether it worked. What is all done is closed, as soon as every unit is
    accounted for, and its summary reported.
    Who may not do the one is not offered the next, but the case.
    """
    notices = RecallNotice.objects.filter(case=OuterRef("pk"))
    answers = RecallAnswer.objects.filter(notice=OuterRef("pk"))
    free = Q(block=None) | Q(block__lifted_at__isnull=False)
    reports = RecallReport.objects.filter(case=OuterRef("pk"))
    rows = RecallCase.objects.filter(pk__in=cases).values_list(
        "pk",
        "state",
        ~Exists(reports.filter(kind=ReportKind.SUMMARY)),
        Exists(RecallScope.objects.filter(free, case=OuterRef("pk"))),
        ~Exists(notices),
        Exists(notices.filter(~Exists(answers))),
        ~Exists(reports.filter(kind=ReportKind.DECISION)),
        ~Exists(reports.filter(kind=ReportKind.PLAN)),
    )
    found: dict[int, tuple[Step, ...]] = {}
    for pk, state, lacks_summary, *lacks in rows:
        if state == CaseState.OPEN:
            verb = next(
                verb
                for verb, is_due in zip(STEPS, (*lacks, True), strict=True)
                if is_due and not (verb == "recalls.notify" and _nobody_got_it(pk))
            )
            whys = [point.why for point in what_is_open(pk)] if verb == STEPS[-1] else []
            found[pk] = due(
                ("recalls.check_effectiveness", "effectiveness not checked" in whys),
                (verb, not whys),
            )
        elif state == CaseState.CLOSED and lacks_summary:
            found[pk] = due(("recalls.report", True))
    return found


def _nobody_got_it(case_id: int) -> bool:
    return all(one.party_id is None for one in consignees(case_id))


def _me(to: Visitor) -> int:
    return to.person.pk if to.person else 0


def by_another(verb: str, model: type[Model], did_before: str, after: str = "") -> Lead:
    """The verb, by another than who did the step before; then what follows it. # ORG-03"""

    def lead(ids: Sequence[Any], to: Visitor) -> Steps:
        rows = model._default_manager.filter(pk__in=ids).values_list("pk", did_before)
        return {pk: due((verb, True, by != _me(to)), (after, after)) for pk, by in rows}

    return lead


def blocks(ids: Sequence[Any], _to: Visitor) -> Steps:
    """What is on hold is released; what a running recall covers stays, whoever placed the block."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM unnest(%s::bigint[]) id WHERE stock_block_keeper(id) IS NULL",
            [list(ids)],
        )
        return {pk: due(("stock.lift_block", True)) for (pk,) in cursor.fetchall()}


def discrepancies(ids: Sequence[Any], to: Visitor) -> Steps:
    """What is missing and not found again is written off, by none who noted it."""
    missing = Discrepancy.objects.filter(kind=DiscrepancyKind.MISSING, decided_at=None)
    mine = Exists(missing.filter(shipment=OuterRef("shipment"), noted_by=_me(to)))
    rows = missing.filter(pk__in=ids).values_list("pk", mine)
    return {pk: due(("transfers.write_off", True, not is_own)) for pk, is_own in rows}


def inspections(ids: Sequence[Any], to: Visitor) -> Steps:
    """What lacks a result is inspected, the rest decided; by none who did the step before."""
    rows = Inspection.objects.filter(pk__in=ids, state=InspectionState.OPEN)
    return {
        one.inspection.pk: due(
            ("quality.record_result", not one.is_recorded, one.may_record),
            ("quality.decide", one.is_recorded, one.may_decide),
        )
        for one in progress_of(rows, to)
    }


def receipts(ids: Sequence[Any], to: Visitor) -> Steps:
    """Inspections are opened, results recorded, lots decided; what is decided is put away.

    A verb about all lots is open to who may do it for all of them.
    """
    stands = StockBalance.objects.filter(
        Q(lot=OuterRef("lot")) | Q(lot=None, serial=OuterRef("serial")),
        place=OuterRef("receipt__place"),
        item=OuterRef("item"),
        status__in=(Status.QUALIFIED, Status.REJECTED),
        stands=True,
        on_hand__gt=0,
    )
    decided = ReceiptLine.objects.filter(Exists(stands), receipt=OuterRef("pk"))
    rows = Receipt.objects.filter(pk__in=ids, state=ReceiptState.RECEIVED)
    stored = dict(rows.values_list("pk", Exists(decided)))
    found = standing(list(stored), to) if stored else {}
    made: dict[int, tuple[Step, ...]] = {}
    for pk, is_stored in stored.items():
        lots = [one for one in found[pk] if one.is_open]
        lack = [one for one in lots if not one.is_recorded]
        may_decide = not lack and all(one.may_decide for one in lots)
        made[pk] = due(
            ("quality.open_inspections", not found[pk]),
            ("inbound.record_results", lack, any(one.may_record for one in lack)),
            ("inbound.decide_lots", len(lots) > len(lack), may_decide),
            ("warehousing.put_away", is_stored),
        )
    return made


def picks(ids: Sequence[Any], to: Visitor) -> Steps:
    """Fetched, checked by who fetched none of it, packed where it is in no box, sent."""
    rows = PickLine.objects.filter(pick__in=ids).values_list("pick_id", "pick__state")
    facts = rows.annotate(left=Sum(F("quantity") - F("picked"))).annotate(
        mine=Sum("picked", filter=Q(picked_by=_me(to))),
        loose=Sum("picked", filter=Q(container=None)),
    )
    return {
        pk: due(
            ("warehousing.pick", state == PickState.OPEN and left),
            ("warehousing.check", state == PickState.PICKED, not by_me),
            ("warehousing.pack", state == PickState.CHECKED and loose),
            ("warehousing.ship", state == PickState.CHECKED),
        )
        for pk, state, left, by_me, loose in facts
    }


def shipments(ids: Sequence[Any], _to: Visitor) -> Steps:
    """What was sold is signed for; what was transferred is received.

    Where something is missing already, that is settled first.
    """
    unsettled = Discrepancy.objects.filter(shipment=OuterRef("pk"), decided_at=None)
    rows = Shipment.objects.filter(~Exists(unsettled), pk__in=ids, state=ShipmentState.SHIPPED)
    return {
        pk: due(
            ("sales.sign_for", kind == SalesOrder.KIND),
            ("transfers.receive", kind == TransferOrder.KIND),
        )
        for pk, kind in rows.values_list("pk", "demand__kind")
    }


#: What of the lines of an order is due, once any of them says so.
_DUE = """
WITH line AS MATERIALIZED ({lines})
SELECT of, bool_or(quantity > promised + shipped), bool_or(on_shelf > fetching),
  bool_or(promised + shipped > picked), bool_or(picked > checked), bool_or(checked > shipped),
  bool_or(shipped > arrived)
FROM line GROUP BY of"""


def _fetched(
    lines: QuerySet[Any], header: str, made: dict[str, Any], last: tuple[str, str], area: str
) -> dict[int, tuple[Step, ...]]:
    """What is promised is picked, what lacks a promise is promised; then it is checked and sent,
    until as much has arrived; one query. Picks and shipments are documents of their own."""
    shelf = Reservation.objects.filter(quantity__gt=0, balance__place__kind=PlaceKind.BIN)
    being_picked = PickLine.objects.filter(pick__state=PickState.OPEN).annotate(
        left=F("quantity") - F("picked")
    )
    verb, arrived = last
    names = ("promised", "picked", "checked", "shipped")
    facts = lines.annotate(
        of=F(header),
        arrived=made[arrived],
        on_shelf=progress.total(shelf, "line"),
        fetching=progress.total(being_picked, "demand_line", "left"),
        **{name: made[name] for name in names},
    ).values("of", "quantity", "arrived", "on_shelf", "fetching", *names)
    try:
        sql, values = facts.order_by().query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_DUE.format(lines=sql), values)  # as Django wrote it
        rows = cursor.fetchall()
    return {
        pk: due(
            (f"{area}.start_pick", to_start),
            (f"{area}.allocate", to_promise),
            ("warehousing.pick", to_pick and not to_start),
            ("warehousing.check", to_check),
            ("warehousing.ship", to_ship),
            (verb, to_arrive),
        )
        for pk, to_promise, to_start, to_pick, to_check, to_ship, to_arrive in rows
    }


def sales_orders(ids: Sequence[Any], _to: Visitor) -> Steps:
    """Promised, picked, checked, sent and signed for; then it is closed."""
    header = "line__document"
    open_ = {f"{header}__in": ids, f"{header}__state": Selling.OPEN}
    lines = SalesOrderLine.objects.filter(**open_)
    found = _fetched(lines, header, progress.SOLD, ("sales.sign_for", "signed"), "outbound")
    return {pk: steps or due(("sales.close", True)) for pk, steps in found.items()}


def transfers(ids: Sequence[Any], to: Visitor) -> Steps:
    """Approved by another than who asked, promised, picked, checked, sent, received, closed."""
    found: dict[int, tuple[Step, ...]] = {}
    asked = TransferOrder.objects.filter(pk__in=ids, state=TransferState.REQUESTED)
    for pk, by in asked.values_list("pk", "created_by"):
        found[pk] = due(("transfers.approve", True, by != _me(to)), ("transfers.cancel", True))
    lines = TransferLine.objects.filter(order__in=ids, order__state=TransferState.APPROVED)
    last = ("transfers.receive", "received")
    going = _fetched(lines, "order", progress.TRANSFERRED, last, "transfers")
    return found | {pk: steps or due(("transfers.close", True)) for pk, steps in going.items()}


def purchases(ids: Sequence[Any], to: Visitor) -> Steps:
    """Approved by another than who ordered; then announced, as far as nobody has announced it."""
    lines = PurchaseOrderLine.objects.annotate(announced=progress.BOUGHT["announced"])
    left = Exists(lines.filter(order=OuterRef("pk"), quantity__gt=F("announced")))
    rows = PurchaseOrder.objects.filter(pk__in=ids, state__in=(Buying.SUBMITTED, Buying.APPROVED))
    return {
        pk: due(
            ("purchasing.approve", state == Buying.SUBMITTED, by != _me(to)),
            ("purchasing.notify", state == Buying.APPROVED and is_left),
        )
        for pk, state, by, is_left in rows.values_list("pk", "state", "created_by", left)
    }


def work_orders(ids: Sequence[Any], _to: Visitor) -> Steps:
    """Released; what is promised is issued, what is missing promised, what is issued used up."""
    found: dict[int, tuple[Step, ...]] = {}
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
        found[row.pk] = due(
            ("production.release", row.state == Making.PLANNED),
            ("production.cancel_order", row.state == Making.PLANNED),
            ("production.issue", is_released and any(h for _, h, _, _ in own)),
            ("production.allocate", is_released and any(q > h + o for q, h, o, _ in own)),
            ("production.complete", is_released and not is_made and has_rest),
            ("production.return_issued", is_released and is_made and has_rest),
            ("production.close", is_released and is_made and not has_rest),
        )
    return found
