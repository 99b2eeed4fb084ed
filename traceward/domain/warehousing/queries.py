"""What is to be fetched, whether it may go out, and what the papers of a shipment say."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import DateTimeField, Exists, Func, OuterRef, Q, QuerySet, Sum

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.queries import (
    need_of,
    require_certificates,
    require_for_sale,
)
from traceward.domain.partners.models import CustomerClass, Partner
from traceward.domain.partners.queries import require_all_licences, require_partner
from traceward.domain.partners.rules import Act, Verdict
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.places.queries import offer_of, open_bins
from traceward.domain.places.rules import Offer, Want, best
from traceward.domain.stock.models import (
    Code,
    Container,
    Reservation,
    StockBalance,
    StockBlock,
    StockMove,
)
from traceward.domain.stock.rules import BalanceKey, normalised
from traceward.domain.warehousing.models import (
    ExpectedLine,
    PickLine,
    PickState,
    ReceiptLine,
    RefusedLine,
    Shipment,
    ShipmentLine,
)
from traceward.domain.warehousing.rules import Announced
from traceward.kernel.base.prepared import Prepared


class Goods(NamedTuple):
    """What tells goods apart wherever they stand."""

    item_id: int
    lot_id: int | None
    serial_id: int | None


def promised(demand_id: int, site_id: int) -> QuerySet[Reservation]:
    """What is promised to the lines of the demand from bins of the site, in walking order."""
    return (
        Reservation.objects.filter(
            line__document=demand_id,
            quantity__gt=0,
            balance__place__kind=PlaceKind.BIN,
            balance__place__site=site_id,
        )
        .select_related("balance__item")
        .order_by(
            "balance__place__pick_rank",
            "balance__place__code",
            "balance__item",
            "balance__lot__expires_on",
            "balance__serial__number",
            "pk",
        )
    )


def stored(**where: Any) -> QuerySet[StockMove]:
    """Moves that put goods of receipts away, and were not taken back."""
    gone = Exists(StockMove.objects.filter(reverses=OuterRef("pk")))
    return StockMove.objects.filter(~gone, code=Code.PUTAWAY, **where)


class Promised(NamedTuple):
    """A demand line and the balance that is promised to it."""

    line_id: int
    key: BalanceKey


def standing(line_ids: Iterable[int]) -> dict[Promised, int]:
    """How much is promised to these demand lines now, by balance."""
    rows = _STANDING(set(line_ids))
    return {Promised(line, BalanceKey(*key)): quantity for line, quantity, *key in rows}


_STANDING = Prepared(
    lambda lines: Reservation.objects.filter(line_id__in=lines, quantity__gt=0).values_list(
        "line_id", "quantity", *(f"balance__{name}" for name in BalanceKey._fields)
    )
)


def being_picked(demand_id: int) -> dict[Promised, int]:
    """How much of each promise open picks will still fetch."""
    taken: dict[Promised, int] = defaultdict(int)
    rows = PickLine.objects.filter(pick__demand=demand_id, pick__state=PickState.OPEN)
    for row in rows:
        taken[promise_of(row)] += row.quantity - row.picked
    return taken


def shipped_of(line_ids: Collection[int]) -> dict[int, int]:
    """By demand line, how much of it has left."""
    rows = PickLine.objects.filter(demand_line__in=line_ids, pick__state=PickState.SHIPPED)
    left = rows.values_list("demand_line").annotate(total=Sum("picked"))
    return dict(left.values_list("demand_line", "total"))


def promise_of(row: PickLine) -> Promised:
    """The promise that the pick line is to fetch, at its bin."""
    return Promised(
        row.demand_line_id,
        BalanceKey(
            row.item_id,
            row.lot_id,
            row.place_id,
            2,
            row.owner_id,
            row.serial_id,
            row.from_container_id,
        ),
    )


def moved_on(lines: Iterable[PickLine]) -> set[int]:
    """The containers picked from that stand somewhere else by now. # INV-10"""
    places: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        if line.from_container_id is not None:
            places[line.from_container_id].add(line.place_id)
    rows = StockBalance.objects.filter(container__in=places, on_hand__gt=0)
    stand = rows.values_list("container_id", "place_id")
    return {box for box, place in stand if box is not None and places[box] != {place}}


def blocking(keys: Sequence[BalanceKey]) -> list[dict[str, Any]]:
    """The blocks that cover these balances, as rows for the ledger's own refusal."""
    if not keys:
        return []
    columns = zip(*keys, strict=True)
    item, lot, place, _, _, serial, container = (list(c) for c in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.n, x.kind, i.code, lt.raw_number, se.raw_number, pl.code, b.reason,"
            " stock_block_level(b)"
            " FROM stock_blocks_on(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],"
            " %s::bigint[], %s::bigint[], %s::bigint[], tw_now()) x"
            " JOIN stock_block b ON b.id = x.block_id"
            " JOIN catalog_item i ON i.id = (%s::bigint[])[x.n]"
            " JOIN places_place pl ON pl.id = (%s::bigint[])[x.n]"
            " LEFT JOIN stock_lot lt ON lt.id = (%s::bigint[])[x.n]"
            " LEFT JOIN stock_serial se ON se.id = (%s::bigint[])[x.n] ORDER BY x.n, b.id LIMIT 50",
            [lot, serial, container, place, item, container, place, item, place, lot, serial],
        )
        names = ("n", "kind", "item", "lot", "serial", "place", "reason")
        return [
            {**dict(zip(names, row, strict=True)), **json.loads(level)}
            for *row, level in cursor.fetchall()
        ]


def recalled(goods: Sequence[Goods], code: Code) -> list[dict[str, Any]]:
    """What of these goods a running recall keeps from such a move, as rows of the ledger's refusal.

    Also what it names and does not cover yet: no block tells of that. docs/adr/0190
    """
    items, lots, serials = (list(column) for column in zip(*goods, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stock_gate(%s::int[], %s::bigint[], %s::bigint[], %s::bigint[])",
            [[code.value] * len(items), items, lots, serials],
        )
        (found,) = cursor.fetchone()
    rows = json.loads(found) if found else []
    return [{k: v for k, v in row.items() if k != "n"} for row in rows]


def require_may_go_out(
    seller_id: int, customer_id: int, items: Sequence[Item], day: date, *, field: str = ""
) -> dict[int, Verdict]:
    """Refused unless both parties' licences and the certificates cover the items. # OUT-03

    Nor do raw and semi-finished goods go out. The items come with their product. By item id, the
    customer's licence that covers it; `field` may hold "{n}".
    """
    act = act_of_customer(require_partner(customer_id, "customer"))
    require_for_sale(items, field=field)
    buying = {item.pk: need_of(item, customer_id, act) for item in items}
    selling = {item.pk: need_of(item, seller_id, Act.TRADE) for item in items}
    groups = [[needs[item.pk] for item in items] for needs in (buying, selling)]
    verdicts = require_all_licences(groups, day, field=field)
    require_certificates(items, day, field=field)
    return {pk: verdicts[need] for pk, need in buying.items() if need is not None}


def act_of_customer(partner: Partner) -> Act:
    """What the customer does with what it buys."""
    return Act.USE if partner.customer_class == CustomerClass.HOSPITAL else Act.TRADE


def require_may_leave(
    from_id: int, to_id: int, deliver_to: Place, items: Sequence[Item], day: date
) -> None:
    """Refused unless the goods may go there: to a customer, or to a place of the group. # OUT-03"""
    if deliver_to.kind in HANDED_OVER:
        require_may_go_out(from_id, to_id, items, day)
    else:
        require_may_be_transferred(from_id, to_id, items, day)


#: Kinds of place where somebody outside signs for the goods.
HANDED_OVER = frozenset({PlaceKind.CUSTOMER, PlaceKind.DEPARTMENT})


def require_may_be_transferred(
    from_id: int, to_id: int, items: Sequence[Item], day: date, *, field: str = ""
) -> None:
    """Refused unless both legal entities' licences cover the items. # TRF-01 OUT-03

    From one legal entity to another it is a trade, so the goods have to be such as may be sold, and
    the certificates count; within one nothing is sold: what may not be sold any more can still be
    brought together, and so can raw material.
    """
    parties = dict.fromkeys((from_id, to_id))
    if len(parties) > 1:
        require_for_sale(items, field=field)
    groups = [[need_of(item, party, Act.TRADE) for item in items] for party in parties]
    require_all_licences(groups, day, field=field)
    if len(parties) > 1:
        require_certificates(items, day, field=field)


@dataclass(frozen=True)
class NoteLine:
    """A line of the 随货同行单."""

    device_name: str
    model: str
    specification: str
    registration_number: str
    registrant_name: str
    maker_name: str
    contract_maker_name: str
    production_licence: str
    lot: str
    serial: str
    expires_on: date | None
    service_life: str
    udi_di: str
    storage_conditions: str
    unit: str
    quantity: int
    sscc: str
    expiry_precision: str


@dataclass(frozen=True)
class DeliveryNote:
    """随货同行单 and 运输记录 of a shipment (GSP art. 91, 96)."""

    number: str
    supplier: str
    consignee: str
    address: str
    phone: str
    place: str
    dispatched_on: date
    transport_mode: str
    carrier: str
    waybill: str
    vehicle_plate: str
    driver: str
    conditions: str
    lines: tuple[NoteLine, ...]


def delivery_note(shipment_id: int) -> DeliveryNote:
    """The papers that travel with the shipment; two queries."""
    shipment = Shipment.objects.select_related("site", "deliver_to", "driver").get(pk=shipment_id)
    rows = ShipmentLine.objects.filter(shipment=shipment_id).select_related(
        "lot", "serial", "container"
    )
    return DeliveryNote(
        number=str(shipment),
        supplier=shipment.shipper_name,
        consignee=shipment.consignee_name,
        address=shipment.consignee_address,
        phone=shipment.consignee_phone,
        place=shipment.deliver_to.name("zh") or shipment.deliver_to.code,
        dispatched_on=shipment.site.day_at(shipment.dispatched_at),
        transport_mode=shipment.transport_mode,
        carrier=shipment.carrier_name,
        waybill=shipment.waybill,
        vehicle_plate=shipment.vehicle_plate,
        driver=shipment.driver.name("zh") if shipment.driver else "",
        conditions=shipment.transport_conditions,
        lines=tuple(_note_line(row) for row in rows.order_by("line__line_number")),
    )


def _note_line(row: ShipmentLine) -> NoteLine:
    return NoteLine(
        device_name=row.device_name,
        model=row.model,
        specification=row.specification,
        registration_number=row.registration_number,
        registrant_name=row.registrant_name,
        maker_name=row.maker_name,
        contract_maker_name=row.contract_maker_name,
        production_licence=row.production_licence,
        lot=row.lot.raw_number if row.lot else "",
        serial=row.serial.raw_number if row.serial else "",
        expires_on=row.lot.expires_on if row.lot else None,
        service_life=row.service_life,
        udi_di=row.udi_di,
        storage_conditions=row.storage_conditions,
        unit=row.unit,
        quantity=row.quantity,
        sscc=row.container.code if row.container else "",
        expiry_precision=row.lot.expiry_precision if row.lot else "",
    )


@dataclass(frozen=True)
class Pallet:
    """A container and the codes of those that stand in it."""

    code: str
    holds: tuple[str, ...]


def pallets_of(codes: Sequence[str]) -> list[Pallet]:
    """The containers that hold these containers and no others, the innermost first. # INV-10"""
    known = dict(Container.objects.filter(code__in=codes).values_list("pk", "code"))
    newest, found = set(known), list[Pallet]()
    while newest:
        parents = Container.objects.filter(pk__in=newest, parent__isnull=False).values("parent")
        outer = dict(Container.objects.filter(pk__in=parents).values_list("pk", "code"))
        inside: dict[int, dict[int, str]] = defaultdict(dict)
        rows = Container.objects.filter(parent__in=outer).order_by("pk")
        for parent, pk, code in rows.values_list("parent_id", "pk", "code"):
            inside[parent or 0][pk] = code
        newest = {pk for pk in outer if pk not in known and set(inside[pk]) <= set(known)}
        known |= {pk: outer[pk] for pk in newest}
        found += [Pallet(outer[pk], tuple(inside[pk].values())) for pk in sorted(newest)]
    return found


def left_on_the_way(shipment: Shipment) -> int:
    """How many base units stand in the shipment's transit place."""
    rows = StockBalance.objects.filter(place=shipment.transit_id)
    total: int | None = rows.aggregate(total=Sum("on_hand"))["total"]
    return total or 0


# --- Inbound: what was announced, and where it may be put away -------------------------------


_EXPECTED = Prepared(
    lambda document: (
        ExpectedLine.objects.filter(delivery_id=document)
        .order_by("line_id")
        .values_list("line_id", "item_id", "quantity", "lot_number", "serial_number", "expires_on")
    )
)
_RECEIVED = Prepared(
    lambda document: (
        ReceiptLine.objects.filter(expected_line__delivery_id=document)
        .values_list("expected_line_id")
        .annotate(total=Sum("quantity"))
    )
)


_REFUSED = Prepared(
    lambda document: (
        RefusedLine.objects.filter(expected_line__delivery_id=document)
        .values_list("expected_line_id")
        .annotate(total=Sum("quantity"))
    )
)


def announced(document_id: int) -> list[Announced]:
    """What each announced line of the document says, and how much of it still has to come.

    What was refused at the door is not waited for.
    """
    settled = defaultdict(int, _RECEIVED(document_id))
    for line_id, quantity in _REFUSED(document_id):
        settled[line_id] += quantity
    return [
        Announced(
            line_id,
            item_id,
            quantity - settled[line_id],
            normalised(lot),
            normalised(serial),
            expires_on,
        )
        for line_id, item_id, quantity, lot, serial, expires_on in _EXPECTED(document_id)
    ]


def still_to_come(document_id: int) -> int:
    """Base units that the document announces, neither received nor refused yet; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT sum(e.quantity) FROM warehousing_expected_line e"
            " WHERE e.delivery_id = %s), 0)::bigint - coalesce((SELECT sum(r.quantity)"
            " FROM warehousing_receipt_line r JOIN warehousing_expected_line e"
            " ON e.line_id = r.expected_line_id WHERE e.delivery_id = %s), 0)::bigint"
            " - coalesce((SELECT sum(x.quantity) FROM warehousing_refusal_line x"
            " JOIN warehousing_expected_line e ON e.line_id = x.expected_line_id"
            " WHERE e.delivery_id = %s), 0)::bigint",
            [document_id] * 3,
        )
        ((rest,),) = cursor.fetchall()
    return int(rest)


def refused_of(document_id: int) -> int:
    """Base units of the document that were refused at the door."""
    return sum(quantity for _, quantity in _REFUSED(document_id))


def want_of(item: Item, zone: str) -> Want:
    """What the item asks of a place in which it stands with the status of that zone."""
    return Want(zone, item.storage_c_min, item.storage_c_max)


def _places_shut_to(item_id: int, lot_id: int | None) -> set[int]:
    """The places of which a block would keep these goods."""
    rows = StockBlock.objects.filter(
        Q(until=None) | Q(until__gt=Func(function="tw_now", output_field=DateTimeField())),
        Q(item=None) | Q(item=item_id),
        Q(lot=None) | Q(lot=lot_id),
        lifted_at=None,
        serial=None,
        container=None,
        place__isnull=False,
    )
    return {pk for pk in rows.values_list("place_id", flat=True) if pk is not None}


def suggested_bin(site_id: int, item_id: int, lot_id: int | None, want: Want) -> Offer | None:
    """The bin to propose at the site: where the lot stands, else an empty one, else the nearest.

    None that is blocked, itself or by what it is part of: what is put there could not leave.
    """
    shut = _places_shut_to(item_id, lot_id)
    places = [place for place in open_bins(site_id) if shut.isdisjoint(place.path)]
    standing_there = StockBalance.objects.filter(
        place_id__in=[p.pk for p in places], on_hand__gt=0
    ).values_list("place_id", "lot_id")
    lots_in: dict[int, set[int | None]] = defaultdict(set)
    for place_id, lot in standing_there:
        lots_in[place_id].add(lot)
    offers = (
        offer_of(
            place,
            holds_lot=lot_id is not None and lot_id in lots_in[place.pk],
            is_empty=not lots_in[place.pk],
        )
        for place in places
    )
    return best(offers, want)
