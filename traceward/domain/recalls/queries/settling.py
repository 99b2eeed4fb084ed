"""What a recall still asks for: goods to fetch back, to take in and to destroy. # TRC-03"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from traceward.domain.places.models import PlaceKind
from traceward.domain.recalls.models import CaseState, RecallCase, RecallScope
from traceward.domain.recalls.queries.found import BALANCES, Within, rows_within
from traceward.domain.sales.models import (
    CustomerReturn,
    CustomerReturnLine,
    Delivery,
    DeliveryLine,
    DeliveryState,
    ReturnState,
)
from traceward.domain.stock.models import Status, StockBalance
from traceward.domain.warehousing.models import (
    Destruction,
    DestructionState,
    Shipment,
    ShipmentLine,
    ShipmentState,
    TakenLine,
)
from traceward.domain.warehousing.queries import HANDED_OVER

#: Where goods may be taken from, to leave for good.
HERE = (PlaceKind.BIN, PlaceKind.DOCK, PlaceKind.STAGING)

# Where goods of the scope stand, balance by balance.
STOOD = f"""
{BALANCES}
SELECT x.id, x.item_id, x.lot_id, x.serial_id, x.place_id, p.kind, p.site_id, x.status,
       x.on_hand
FROM found u
JOIN stock_balance x ON x.id = u.id
JOIN places_place p ON p.id = x.place_id
WHERE x.on_hand > 0 AND p.kind = ANY (%(kinds)s)
ORDER BY p.site_id, x.id
"""  # noqa: S608  # composed of constants only


class Stands(NamedTuple):
    """A balance of goods of the scope."""

    id: int
    item_id: int
    lot_id: int | None
    serial_id: int | None
    place_id: int
    kind: str
    site_id: int
    status: int
    quantity: int

    @property
    def goods(self) -> tuple[int, int | None, int | None]:
        return self.item_id, self.lot_id, self.serial_id


@dataclass(frozen=True)
class Journey:
    """Goods of the scope that a shipment brought, or has on it: so many may come back."""

    shipment_id: int
    number: str
    #: Where it came from; where it goes, if that is ours.
    site_id: int
    to_site_id: int | None
    party_id: int
    is_on_the_way: bool
    quantity: int


@dataclass(frozen=True)
class UnderWay:
    """A document that was begun about goods of the scope, and is not at its end."""

    #: destruction or return.
    what: str
    document_id: int
    number: str
    state: str
    site_id: int
    party_id: int | None
    quantity: int


@dataclass(frozen=True)
class Settling:
    """What is still to be begun, and what is under way."""

    #: In the house: what may be destroyed, and what quality has to decide about before.
    here: tuple[Stands, ...] = ()
    pending: tuple[Stands, ...] = ()
    journeys: tuple[Journey, ...] = ()
    under_way: tuple[UnderWay, ...] = ()


def settling(case_id: int) -> Settling:
    """What the recall asks of the house and of those who fetch its goods; a few queries."""
    standing = stands(case_id)
    taken = _taken(standing)
    here: list[Stands] = []
    pending: list[Stands] = []
    for one in standing:
        left = one.quantity - taken.pop((one.goods, one.place_id), 0)
        if one.kind in HERE and left > 0:
            (pending if one.status == Status.PENDING else here).append(one._replace(quantity=left))
    return Settling(
        tuple(here),
        tuple(pending),
        tuple(_journeys(standing)),
        (*_destructions(standing), *_returns(standing)),
    )


def stands(within: Within) -> list[Stands]:
    """Balances of the scope in the house, on the way and at consignees."""
    kinds = [*HERE, *HANDED_OVER, PlaceKind.TRANSIT]
    return [Stands(*row) for row in rows_within(STOOD, within, kinds=[str(kind) for kind in kinds])]


def _of_goods(standing: Iterable[Stands]) -> Q:
    """Rows of these goods, by item, lot and serial."""
    rows = {one.goods for one in standing}
    lots = {lot for _, lot, _ in rows if lot is not None}
    serials = {serial for _, _, serial in rows if serial is not None}
    items = {item for item, lot, serial in rows if lot is None and serial is None}
    return Q(lot__in=lots) | Q(serial__in=serials) | Q(item__in=items)


GOODS = ("item", "lot", "serial")
PROPOSED = (DestructionState.PROPOSED.value, DestructionState.APPROVED.value)


def _open_takings(standing: list[Stands]) -> Any:
    places = {one.place_id for one in standing if one.kind in HERE}
    documents = Destruction.objects.filter(state__in=PROPOSED)
    return TakenLine.objects.filter(
        _of_goods(standing), line__document__in=documents.values("pk"), place__in=places
    )


def _taken(standing: list[Stands]) -> dict[tuple[Any, int], int]:
    """By goods and place, what is to be destroyed already."""
    sums: dict[tuple[Any, int], int] = defaultdict(int)
    for *goods, place, quantity in _open_takings(standing).values_list(*GOODS, "place", "quantity"):
        sums[tuple(goods), place] += quantity
    return sums


def _destructions(standing: list[Stands]) -> list[UnderWay]:
    sums = dict(
        _open_takings(standing)
        .values_list("line__document")
        .annotate(total=Sum("quantity"))
        .values_list("line__document", "total")
    )
    rows = Destruction.objects.filter(pk__in=sums).order_by("pk")
    return [
        UnderWay("destruction", d.pk, str(d), d.state, d.site_id, None, sums[d.pk]) for d in rows
    ]


def _returns(standing: list[Stands]) -> list[UnderWay]:
    places = {one.place_id for one in standing if one.kind not in HERE}
    announced = CustomerReturn.objects.filter(state=ReturnState.ANNOUNCED, from_place__in=places)
    lines = CustomerReturnLine.objects.filter(_of_goods(standing), of_return__in=announced)
    sums = dict(
        lines.values_list("of_return")
        .annotate(total=Sum("quantity"))
        .values_list("of_return", "total")
    )
    rows = announced.filter(pk__in=sums).order_by("pk")
    return [
        UnderWay("return", r.pk, str(r), r.state, r.site_id, r.customer_id, sums[r.pk])
        for r in rows
    ]


def _journeys(standing: list[Stands]) -> list[Journey]:
    """The shipments by which what stands outside came there, the newest first."""
    outside = [one for one in standing if one.kind not in HERE]
    left: dict[tuple[Any, int], int] = defaultdict(int)
    for one in outside:
        if one.kind == PlaceKind.TRANSIT or one.status == Status.QUALIFIED:
            left[one.goods, one.place_id] += one.quantity
    places = {one.place_id for one in outside}
    announced = CustomerReturnLine.objects.filter(
        of_return__from_place__in=places, of_return__state=ReturnState.ANNOUNCED
    )
    for *goods, place, quantity in announced.values_list(
        *GOODS, "of_return__from_place", "quantity"
    ):
        left[tuple(goods), place] -= quantity
    lines = ShipmentLine.objects.filter(
        Q(shipment__transit__in=places) | Q(shipment__deliver_to__in=places), _of_goods(outside)
    ).exclude(shipment__state=ShipmentState.CANCELLED)
    sent: dict[int, set[tuple[Any, ...]]] = defaultdict(set)
    for pk, *goods in lines.values_list("shipment", *GOODS):
        sent[pk].add(tuple(goods))
    known = Shipment.objects.filter(pk__in=sent).select_related("deliver_to").order_by("-pk")
    handed = _handed(list(sent))
    made = []
    for shipment in known:
        is_ours = shipment.deliver_to.kind not in HANDED_OVER
        for place, is_on_the_way in ((shipment.transit_id, True), (shipment.deliver_to_id, False)):
            quantity = 0
            for goods in sent[shipment.pk]:
                there = max(0, left[goods, place])
                own = there if is_on_the_way else min(there, max(0, handed[shipment.pk, goods]))
                left[goods, place] -= own
                quantity += own
            if quantity:
                made.append(
                    Journey(
                        shipment.pk,
                        str(shipment),
                        shipment.site_id,
                        shipment.deliver_to.site_id if is_ours else None,
                        shipment.consignee_id,
                        is_on_the_way,
                        quantity,
                    )
                )
    return made


def _handed(shipments: list[int]) -> dict[tuple[int, tuple[Any, ...]], int]:
    """By shipment and goods, what was signed for and is not on its way back."""
    left: dict[tuple[int, tuple[Any, ...]], int] = defaultdict(int)
    signed = DeliveryLine.objects.filter(line__document__in=_deliveries(shipments).values("pk"))
    of = dict(_deliveries(shipments).values_list("pk", "of_shipment"))
    for document, *goods, quantity in signed.values_list("line__document", *GOODS, "quantity"):
        left[of[document], tuple(goods)] += quantity
    back = CustomerReturnLine.objects.filter(of_return__of_shipment__in=shipments).exclude(
        of_return__state=ReturnState.CANCELLED
    )
    for row in back.select_related("of_return__of_shipment"):
        document = row.of_return
        if document.from_place_id == document.of_shipment.deliver_to_id:
            is_due = document.state == ReturnState.ANNOUNCED
            goods = (row.item_id, row.lot_id, row.serial_id)
            left[document.of_shipment_id, goods] -= row.quantity if is_due else row.received
    return left


def _deliveries(shipments: list[int]) -> Any:
    return Delivery.objects.filter(of_shipment__in=shipments, state=DeliveryState.SIGNED)


# --- What waits for those who settle it, whichever recall asks for it ---------------------------


def _running() -> Any:
    return RecallScope.objects.filter(case__state=CaseState.OPEN)


def recalled(path: str = "") -> Q:
    """Rows whose goods a running recall names; found from the side of the recalls."""
    rows = _running()
    of_lot = rows.filter(lot__isnull=False, serial=None).values("lot")
    of_serial = rows.filter(serial__isnull=False).values("serial")
    of_item = rows.filter(lot=None, serial=None).values("item")
    return (
        Q(**{f"{path}lot__in": of_lot})
        | Q(**{f"{path}serial__in": of_serial})
        | Q(**{f"{path}item__in": of_item})
    )


#: The same goods in both rows.
SAME = Q(item=OuterRef("item")) & (
    Q(serial=OuterRef("serial")) | Q(serial=None) & (Q(lot=OuterRef("lot")) | Q(lot=None))
)


def _total(rows: Any, column: str = "quantity") -> Any:
    """The sum of these rows of the same goods; 0 without."""
    sums = rows.order_by().values("item").annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(sums), 0)


def _proposed() -> Any:
    """Of a balance, what is to be destroyed already."""
    documents = Destruction.objects.filter(state__in=PROPOSED).values("pk")
    same = {name: OuterRef(name) for name in ("place", "status", "owner")}
    box = Q(container=OuterRef("container")) | Q(container=None)
    return _total(TakenLine.objects.filter(SAME, box, line__document__in=documents, **same))


def to_destroy() -> Q:
    """Balances in the house of what is recalled, with more than is proposed for destruction."""
    decided = (Status.QUALIFIED, Status.REJECTED)
    there = Q(on_hand__gt=0, place__kind__in=HERE, status__in=decided)
    return recalled() & there & Q(GreaterThan(F("on_hand"), _proposed()))


def proposed_of(balances: Iterable[int]) -> dict[int, int]:
    """By balance, how much of it is to be destroyed already."""
    rows = StockBalance.objects.filter(pk__in=balances).annotate(proposed=_proposed())
    return dict(rows.values_list("pk", "proposed"))


def _still_at(place: str) -> Any:
    """Whether more of the line's goods stand in the shipment's place than are announced to come."""
    at = OuterRef(f"shipment__{place}")
    there = StockBalance.objects.filter(SAME, place=at, on_hand__gt=0, status=Status.QUALIFIED)
    due = CustomerReturnLine.objects.filter(
        SAME, of_return__from_place=at, of_return__state=ReturnState.ANNOUNCED
    )
    return GreaterThan(_total(there, "on_hand"), _total(due))


def to_fetch() -> Q:
    """Shipments of which recalled goods are on the way or at the consignee, not called back yet.

    One of which a part is announced stays for the rest.
    """
    signed = DeliveryLine.objects.filter(
        SAME,
        line__document__in=Delivery.objects.filter(
            of_shipment=OuterRef(OuterRef("shipment")), state=DeliveryState.SIGNED
        ).values("pk"),
    )
    back = CustomerReturnLine.objects.filter(
        SAME,
        of_return__of_shipment=OuterRef("shipment"),
        of_return__from_place=OuterRef("shipment__deliver_to"),
    )
    is_due = Q(of_return__state=ReturnState.ANNOUNCED)
    called = _total(back.filter(is_due)) + _total(
        back.filter(of_return__state=ReturnState.RECEIVED), "received"
    )
    lines = ShipmentLine.objects.filter(recalled()).filter(
        _still_at("transit") | (_still_at("deliver_to") & GreaterThan(_total(signed), called))
    )
    sent = Q(pk__in=lines.values("shipment"), deliver_to__kind__in=HANDED_OVER)
    return sent & ~Q(state=ShipmentState.CANCELLED)


def cases_of(goods: Iterable[tuple[int, int | None, int | None]]) -> list[RecallCase]:
    """Running recalls that name some of these goods."""
    lots = {lot for _, lot, _ in goods if lot is not None}
    serials = {serial for _, _, serial in goods if serial is not None}
    items = {item for item, _, _ in goods}
    rows = _running().filter(
        Q(lot__in=lots, serial=None)
        | Q(serial__in=serials)
        | Q(item__in=items, lot=None, serial=None)
    )
    return list(RecallCase.objects.filter(pk__in=rows.values("case")).order_by("pk"))
