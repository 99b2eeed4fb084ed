"""Today's work: for each role, what waits for it, as counts. Read from the database."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Model, QuerySet

from traceward.domain.catalog.models import Item, Product
from traceward.domain.partners.models import Licence, Partner
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.production.models import OrderState as WorkState
from traceward.domain.production.models import WorkOrder
from traceward.domain.purchasing.models import (
    NoticeState,
    PurchaseOrder,
    ShippingNotice,
    SupplierReturn,
)
from traceward.domain.purchasing.models import OrderState as PurchaseState
from traceward.domain.purchasing.models import ReturnState as SupplierReturnState
from traceward.domain.quality.models import Inspection, InspectionState, StockCheckLine
from traceward.domain.recalls.models import CaseState, RecallCase, RecallNotice
from traceward.domain.sales.models import CustomerReturn, OrderState, SalesOrder, SalesOrderLine
from traceward.domain.sales.models import ReturnState as CustomerReturnState
from traceward.domain.stock.models import ClosedPeriod, Reservation, Status, StockBalance, StockMove
from traceward.domain.transfers.models import TransferOrder, TransferState
from traceward.domain.warehousing.models import (
    Destruction,
    DestructionState,
    Pick,
    PickState,
    Receipt,
    ReceiptState,
    Shipment,
    ShipmentState,
)
from traceward.kernel.base.refusals import sentence
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.org.models import LegalEntity, Person, RoleGrant, Site
from traceward.kernel.org.roles import RoleName
from traceward.kernel.workflow.models import HeldCommand, HeldState

#: Papers and stock that end within so many days are somebody's work today.
PAPERS_DAYS, STOCK_DAYS = 90, 60


@dataclass(frozen=True)
class Work:
    """So much of something waits for the role."""

    role: RoleName
    what: str
    count: int


def _unpromised(today: date) -> QuerySet[SalesOrder]:
    promised = Reservation.objects.filter(quantity__gt=0).values("line__document")
    picked = Pick.objects.values("demand")
    rows = SalesOrder.objects.filter(state=OrderState.OPEN)
    return rows.exclude(pk__in=promised).exclude(pk__in=picked)


def _promised(today: date) -> QuerySet[SalesOrder]:
    promised = Reservation.objects.filter(quantity__gt=0).values("line__document")
    going = Pick.objects.exclude(state=PickState.SHIPPED).values("demand")
    return SalesOrder.objects.filter(pk__in=promised).exclude(pk__in=going)


def _unannounced(today: date) -> QuerySet[PurchaseOrder]:
    announced = ShippingNotice.objects.exclude(state=NoticeState.CLOSED).values("order")
    return PurchaseOrder.objects.filter(state=PurchaseState.APPROVED).exclude(pk__in=announced)


def _uninspected(today: date) -> QuerySet[Inspection]:
    return Inspection.objects.filter(state=InspectionState.OPEN, results=None)


def _undecided(today: date) -> QuerySet[Inspection]:
    rows = Inspection.objects.filter(state=InspectionState.OPEN, results__isnull=False)
    return rows.distinct()


def _unstored(today: date) -> QuerySet[Receipt]:
    open_ = Inspection.objects.filter(state=InspectionState.OPEN).values("source")
    return Receipt.objects.filter(state=ReceiptState.RECEIVED).exclude(pk__in=open_)


def _ending_stock(today: date) -> QuerySet[StockBalance]:
    return StockBalance.objects.filter(
        place__kind=PlaceKind.BIN,
        on_hand__gt=0,
        status=Status.QUALIFIED,
        lot__expires_on__lt=today + timedelta(days=STOCK_DAYS),
    )


def _ending_papers(today: date) -> QuerySet[Licence]:
    until = today + timedelta(days=PAPERS_DAYS)
    return Licence.objects.filter(revoked_at=None, valid_until__lt=until)


def _ending_certificates(today: date) -> QuerySet[Product]:
    return Product.objects.filter(valid_until__lt=today + timedelta(days=PAPERS_DAYS))


def _short_lines(today: date) -> QuerySet[SalesOrderLine]:
    """Lines of open orders to which nothing is promised although the order was looked at."""
    promised = Reservation.objects.filter(quantity__gt=0).values("line")
    looked_at = Reservation.objects.values("line__document")
    rows = SalesOrderLine.objects.filter(line__document__in=looked_at)
    shipped = Shipment.objects.values("demand")
    return rows.exclude(pk__in=promised).exclude(line__document__in=shipped)


def _unanswered(today: date) -> QuerySet[RecallNotice]:
    return RecallNotice.objects.filter(answers=None, case__state=CaseState.OPEN)


def _rejected(today: date) -> QuerySet[StockBalance]:
    return StockBalance.objects.filter(
        place__kind=PlaceKind.BIN, status=Status.REJECTED, on_hand__gt=0
    )


def _consigned(today: date) -> QuerySet[StockBalance]:
    """What stands at departments and is ours until it is used."""
    ours = LegalEntity.objects.values("party")
    rows = StockBalance.objects.filter(place__kind=PlaceKind.DEPARTMENT, on_hand__gt=0)
    return rows.filter(owner__in=ours)


def _on_hold(today: date) -> QuerySet[StockCheckLine]:
    """Lots and serials that a look at the shelves found doubtful, and that are still on hold."""
    return StockCheckLine.objects.filter(block__isnull=False, block__lifted_at=None)


def _under_way(today: date) -> QuerySet[WorkOrder]:
    return WorkOrder.objects.filter(state__in=(WorkState.PLANNED, WorkState.RELEASED))


def _open_months(today: date) -> int:
    """Months of our legal entities that are over and not closed."""
    count = 0
    for entity in LegalEntity.objects.all():
        closed = ClosedPeriod.objects.filter(legal_entity=entity).order_by("-closed_until")
        made = Document.objects.filter(legal_entity=entity).order_by("created_at")
        since = (
            closed.values_list("closed_until", flat=True).first()
            or made.values_list("created_at", flat=True).first()
        )
        if since is None:
            continue
        since = since.astimezone(ZoneInfo("Asia/Shanghai"))
        count += (today.year - since.year) * 12 + today.month - since.month
    return count


Rows = Callable[[date], QuerySet[Any] | int]


def _in(model: type[Model], state: str) -> Rows:
    """The rows of the model that stand in the state."""
    return lambda today: model._default_manager.filter(state=state)


def _in_waiting(model: type[Model]) -> Rows:
    """The rows of the model that quality has not approved."""
    return lambda today: model._default_manager.filter(is_qualified=False)


#: In the order in which goods go; each list can be opened and worked off.
LISTS: tuple[tuple[RoleName, str, Rows], ...] = (
    (
        roles.SUPERVISOR,
        sentence("purchase orders to approve"),
        _in(PurchaseOrder, PurchaseState.SUBMITTED),
    ),
    (roles.BUYER, sentence("orders that no supplier has announced"), _unannounced),
    (
        roles.STOREKEEPER,
        sentence("notices to receive"),
        _in(ShippingNotice, NoticeState.ANNOUNCED),
    ),
    (roles.INSPECTOR, sentence("lots to inspect"), _uninspected),
    (roles.QUALITY_CONTROLLER, sentence("lots that wait for release"), _undecided),
    (roles.STOREKEEPER, sentence("receipts to put away"), _unstored),
    (roles.SALES, sentence("orders to promise stock to"), _unpromised),
    (roles.STOREKEEPER, sentence("orders to give to the pickers"), _promised),
    (roles.PICKER, sentence("picks to fetch"), _in(Pick, PickState.OPEN)),
    (roles.CHECKER, sentence("picks to check"), _in(Pick, PickState.PICKED)),
    (roles.DISPATCHER, sentence("picks to send"), _in(Pick, PickState.CHECKED)),
    (roles.DRIVER, sentence("shipments to hand over"), _in(Shipment, ShipmentState.SHIPPED)),
    (
        roles.SUPERVISOR,
        sentence("large count differences to decide"),
        _in(HeldCommand, HeldState.WAITING),
    ),
    (
        roles.STOREKEEPER,
        sentence("returns of customers to receive"),
        _in(CustomerReturn, CustomerReturnState.ANNOUNCED),
    ),
    (
        roles.SUPERVISOR,
        sentence("returns to suppliers to approve"),
        _in(SupplierReturn, SupplierReturnState.PROPOSED),
    ),
    (
        roles.QUALITY_HEAD,
        sentence("destructions to decide"),
        _in(Destruction, DestructionState.PROPOSED),
    ),
    (roles.QUALITY_HEAD, sentence("doubtful lots on hold"), _on_hold),
    (roles.QUALITY_HEAD, sentence("new products to approve"), _in_waiting(Product)),
    (roles.QUALITY_HEAD, sentence("new partners to approve"), _in_waiting(Partner)),
    (roles.QUALITY_HEAD, sentence("recalls that run"), _in(RecallCase, CaseState.OPEN)),
    (roles.COMPLIANCE, sentence("hospitals that have not answered a recall"), _unanswered),
    (roles.COMPLIANCE, sentence("licences that end within 90 days or ended"), _ending_papers),
    (roles.DATA_OWNER, sentence("certificates that end within 90 days"), _ending_certificates),
    (roles.MAINTENANCE, sentence("bins with stock that ends within 60 days"), _ending_stock),
    (roles.QUALITY_CONTROLLER, sentence("bins with rejected goods"), _rejected),
    (roles.PLANNER, sentence("order lines without stock"), _short_lines),
    (roles.PLANNER, sentence("orders to promise stock to"), _unpromised),
    (roles.COORDINATOR, sentence("shipments to hand over"), _in(Shipment, ShipmentState.SHIPPED)),
    (
        roles.SUPERVISOR,
        sentence("transfers to approve"),
        _in(TransferOrder, TransferState.REQUESTED),
    ),
    (roles.PRODUCTION, sentence("work orders under way"), _under_way),
    (roles.COORDINATOR, sentence("lots and serials of ours at departments"), _consigned),
    (
        roles.EXECUTIVE,
        sentence("purchase orders to approve"),
        _in(PurchaseOrder, PurchaseState.SUBMITTED),
    ),
    (roles.FINANCE, sentence("months to close"), _open_months),
)


def todays_work(today: date) -> list[Work]:
    """What waits on this day."""
    found = ((role, what, rows(today)) for role, what, rows in LISTS)
    return [
        Work(role, what, rows if isinstance(rows, int) else rows.count())
        for role, what, rows in found
    ]


def today() -> date:
    """The sandbox's day, by the clock of our sites."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (tw_now() AT TIME ZONE 'Asia/Shanghai')::date")
        day: date = cursor.fetchone()[0]
    return day


@dataclass(frozen=True)
class Worker:
    """Somebody of a role, and the code of the site or legal entity they work at, if of one."""

    role: RoleName
    login: str
    person_id: int
    where: str


def one_of_each(today: date) -> list[Worker]:
    """For each role that somebody has, who sees most of what waits for it; the first of them.

    Who works on the floor is of one site, so that goods go all their way there.
    """
    waiting = _waiting_at(today)
    rows = RoleGrant.objects.filter(revoked_at=None).select_related(
        "role", "person", "site__legal_entity", "legal_entity"
    )
    granted: dict[str, list[RoleGrant]] = defaultdict(list)
    for grant in rows.order_by("pk"):
        granted[grant.role.code].append(grant)
    main, found = _main_site(granted, waiting), []
    for role in roles.ALL:
        if role == roles.SYSTEM or role.code not in granted:
            continue
        there = [grant for grant in granted[role.code] if role in NEAR and _covers(grant, main)]
        grants = there or granted[role.code]
        busiest = max(grants, key=lambda grant: _seen_by(grant, waiting[role]))
        place = busiest.site or busiest.legal_entity
        login, where = busiest.person.login, place.code if place else ""
        found.append(Worker(role, login, busiest.person_id, where))
    return found


#: Those through whose hands goods go, from the dock to the lorry.
FLOOR = (
    roles.STOREKEEPER,
    roles.INSPECTOR,
    roles.PICKER,
    roles.CHECKER,
    roles.DISPATCHER,
    roles.SUPERVISOR,
)


#: … and those who buy them, look after them, and see them released, brought and signed for.
NEAR = (
    *(*FLOOR, roles.BUYER, roles.MAINTENANCE, roles.QUALITY_CONTROLLER),
    *(roles.DRIVER, roles.SALES, roles.COORDINATOR),
)


def _covers(grant: RoleGrant, site_id: int | None) -> bool:
    """Whether it is of the site, or of its legal entity."""
    if grant.site_id or not grant.legal_entity_id:
        return grant.site_id == site_id
    return Site.objects.filter(pk=site_id or 0, legal_entity=grant.legal_entity_id).exists()


def _main_site(
    granted: dict[str, list[RoleGrant]], waiting: dict[RoleName, Counter[int]]
) -> int | None:
    """The site with somebody of most roles of the floor, and with work for most of them."""
    staffed: Counter[int] = Counter()
    for role in FLOOR:
        staffed.update({grant.site_id for grant in granted[role.code] if grant.site_id})
    return max(
        staffed,
        key=lambda pk: (
            staffed[pk],
            sum(waiting[role][pk] > 0 for role in FLOOR),
            sum(waiting[role][pk] for role in FLOOR),
            -pk,
        ),
        default=None,
    )


#: Where a row that waits stands, if at a site.
SITE_OF: dict[type[Model], str] = {
    StockBalance: "place__site",
    SalesOrderLine: "line__document__site",
    StockCheckLine: "line__document__site",
    HeldCommand: "",
    Licence: "",
    Product: "",
    Partner: "",
    RecallNotice: "",
}


def _waiting_at(today: date) -> dict[RoleName, Counter[int]]:
    """How much waits for each role, by site."""
    found: dict[RoleName, Counter[int]] = defaultdict(Counter)
    for role, _, rows_of in LISTS:
        rows = rows_of(today)
        site = "" if isinstance(rows, int) else SITE_OF.get(rows.model, "site")
        if site and not isinstance(rows, int):
            found[role].update(dict(rows.values_list(site).annotate(n=Count("pk", distinct=True))))
    return found


def _seen_by(grant: RoleGrant, waiting: Counter[int]) -> int:
    if grant.site_id:
        return waiting[grant.site_id]
    if grant.legal_entity_id:
        sites = Site.objects.filter(legal_entity=grant.legal_entity_id)
        return sum(waiting[pk] for pk in sites.values_list("pk", flat=True))
    return waiting.total()


def figures() -> dict[str, Any]:
    """How large the company is."""
    places = dict(Place.objects.values_list("kind").annotate(n=Count("pk")))
    first = StockMove.objects.order_by("pk").values_list("posted_at", flat=True).first()
    return {
        "entities": LegalEntity.objects.count(),
        "sites": Site.objects.count(),
        "hospitals": Partner.objects.filter(is_customer=True).count(),
        "departments": places.get(PlaceKind.DEPARTMENT.value, 0),
        "items": Item.objects.count(),
        "people": Person.objects.filter(is_system=False).count(),
        "documents": Document.objects.count(),
        "moves": StockMove.objects.count(),
        "since": first.date().isoformat() if first else "—",
    }
