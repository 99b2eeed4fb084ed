"""How far each line of a transfer is, what is on the way, and what is missing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum

from traceward.domain.stock.models import Code, Reservation, StockBalance, StockMove
from traceward.domain.stock.queries.asked import Asked, told_by
from traceward.domain.stock.rules import BalanceKey
from traceward.domain.transfers.models import (
    Discrepancy,
    DiscrepancyKind,
    TransferLine,
    TransferOrder,
    TransferState,
)
from traceward.domain.warehousing.models import (
    Pick,
    Receipt,
    Shipment,
    ShipmentLine,
    ShipmentState,
)
from traceward.domain.warehousing.queries import shipped_of


@dataclass(frozen=True)
class LineProgress:
    """Base units of a transfer's line at each step; what is on the way stands in transit."""

    line_id: int
    line_number: int
    item: str
    ordered: int
    promised: int
    picked: int
    #: Net of what came back to the giving site.
    shipped: int
    received: int
    written_off: int

    @property
    def on_the_way(self) -> int:
        return self.shipped - self.received - self.written_off


def _documents(order_ids: Collection[int]) -> list[int]:
    """The picks, shipments and receipts of the transfers: the moves of their lines are theirs."""
    shipments = Shipment.objects.filter(demand__in=order_ids).values_list("pk")
    picks = Pick.objects.filter(demand__in=order_ids).values_list("pk")
    receipts = Receipt.objects.filter(expected__document__in=shipments).values_list("pk")
    return [pk for (pk,) in picks.union(shipments, receipts)]


@told_by(TransferOrder)
def still_asked(line_ids: Collection[int]) -> dict[int, Asked]:
    """What has not left of these lines, or came back; four queries."""
    rows = list(TransferLine.objects.filter(pk__in=line_ids).select_related("order"))
    left: dict[int, int] = defaultdict(int, shipped_of(line_ids))
    sites = {row.pk: row.order.site_id for row in rows}
    came = StockMove.objects.filter(
        document__in=_documents({row.order_id for row in rows}),
        line__in=line_ids,
        code=Code.TRANSFER,
    ).select_related("to_place")
    for move in came:
        if move.line_id and move.to_place.site_id == sites[move.line_id]:
            left[move.line_id] -= move.quantity
    return {
        row.pk: Asked(row.item_id, row.quantity - left[row.pk], row.lot_id, row.serial_id)
        for row in rows
    }


def line_progress(order_id: int) -> list[LineProgress]:
    """The lines of the transfer with what the ledger says of them; five queries."""
    order = TransferOrder.objects.only("site_id").get(pk=order_id)
    rows = TransferLine.objects.filter(order=order_id).select_related("line", "item")
    ids = [row.pk for row in rows]
    moved: dict[tuple[int | None, int], int] = defaultdict(int)
    moves = StockMove.objects.filter(
        document__in=_documents([order_id]), line__in=ids
    ).select_related("reverses", "to_place")
    for move in moves:
        if move.reverses is not None:
            moved[move.line_id, move.reverses.code] -= move.quantity
        elif move.code == Code.MOVE:
            moved[move.line_id, Code.PICK] -= move.quantity
        elif move.code == Code.TRANSFER and move.to_place.site_id == order.site_id:
            moved[move.line_id, Code.SHIP] -= move.quantity
        else:
            moved[move.line_id, move.code] += move.quantity
    promises = Reservation.objects.filter(line__in=ids).values_list("line_id")
    promised = dict(promises.annotate(total=Sum("quantity")).values_list("line_id", "total"))
    return [
        LineProgress(
            row.pk,
            row.line.line_number,
            row.item.code,
            row.quantity,
            promised.get(row.pk, 0),
            *(
                moved[row.pk, step]
                for step in (Code.PICK, Code.SHIP, Code.TRANSFER, Code.WRITE_OFF)
            ),
        )
        for row in sorted(rows, key=lambda r: r.line.line_number)
    ]


@dataclass(frozen=True)
class OnTheWay:
    """So much of a shipment's line stands in its transit place, as last posted."""

    shipment_line: ShipmentLine
    key: BalanceKey
    quantity: int


def on_the_way(shipment: Shipment) -> list[OnTheWay]:
    """What of each line of the shipment stands in transit, in order of the lines; two queries."""
    return _on_the_way([shipment])[shipment.pk]


def _on_the_way(shipments: Sequence[Shipment]) -> dict[int, list[OnTheWay]]:
    """The same of several, by shipment; two queries for all of them."""
    standing: dict[int | None, dict[BalanceKey, int]] = defaultdict(dict)
    places = {shipment.transit_id for shipment in shipments}
    for row in StockBalance.objects.filter(place__in=places, on_hand__gt=0):
        standing[row.place_id][BalanceKey.of(row)] = row.on_hand
    lines: dict[int, list[ShipmentLine]] = defaultdict(list)
    rows = ShipmentLine.objects.filter(shipment__in=[shipment.pk for shipment in shipments])
    for line in rows.select_related("item", "lot", "serial").order_by("line__line_number"):
        lines[line.shipment_id].append(line)
    return {
        shipment.pk: list(_shared_out(lines[shipment.pk], dict(standing[shipment.transit_id])))
        for shipment in shipments
    }


def _shared_out(
    rows: Iterable[ShipmentLine], standing: dict[BalanceKey, int]
) -> Iterator[OnTheWay]:
    for row in rows:
        wanted = row.quantity
        for key, left in standing.items():
            is_same = (key.item_id, key.lot_id, key.serial_id, key.owner_id, key.container_id) == (
                row.item_id,
                row.lot_id,
                row.serial_id,
                row.owner_id,
                row.container_id,
            )
            part = min(wanted, left) if is_same else 0
            if part:
                standing[key] -= part
                wanted -= part
                yield OnTheWay(row, key, part)


@dataclass(frozen=True)
class Unsettled:
    """What of a transfer is on the way or missing, with its age: the list of what to look after."""

    transfer: str
    shipment: str
    from_site: str
    to_site: str
    item: str
    names: dict[str, str]
    lot: str
    serial: str
    quantity: int
    #: Base units of it that were noted missing when the shipment was unloaded.
    missing: int
    dispatched_at: datetime
    days: int


def unsettled(
    now: datetime, *, sites: Collection[int] | None, site_id: int | None = None
) -> list[Unsettled]:
    """Every shipment of a transfer of which something stands in transit, the oldest first. # TRF-06

    Of these sites and of the given one, as the giving or the receiving ones; None is every one.
    Five queries.
    """
    orders = TransferOrder.objects.filter(state=TransferState.APPROVED)
    found = Shipment.objects.filter(demand__in=orders, state=ShipmentState.SHIPPED)
    known = orders.select_related("site", "to_site").in_bulk(
        list(found.values_list("demand", flat=True))
    )
    shipments = []
    for shipment in found.order_by("dispatched_at", "pk"):
        order = known[shipment.demand_id]
        ends = {order.site_id, order.to_site_id}
        if (sites is None or ends & set(sites)) and (site_id is None or site_id in ends):
            shipments.append(shipment)
    missing = missing_of(*(shipment.pk for shipment in shipments))
    moving = _on_the_way(shipments)
    rows = []
    for shipment in shipments:
        order = known[shipment.demand_id]
        for part in moving[shipment.pk]:
            line = part.shipment_line
            rows.append(
                Unsettled(
                    str(order),
                    str(shipment),
                    order.site.code,
                    order.to_site.code,
                    line.item.code,
                    {"zh": line.item.name_zh, "en": line.item.name_en or line.item.name_zh},
                    line.lot.raw_number if line.lot else "",
                    line.serial.raw_number if line.serial else "",
                    part.quantity,
                    missing.get(line.pk, 0),
                    shipment.dispatched_at,
                    (now - shipment.dispatched_at).days,
                )
            )
    return rows


def missing_of(*shipment_ids: int) -> dict[int, int]:
    """By line of the shipments, the base units that are noted missing and not settled."""
    rows = Discrepancy.objects.filter(shipment__in=shipment_ids, kind=DiscrepancyKind.MISSING)
    still = rows.values_list("shipment_line").annotate(
        total=Sum(F("quantity") - F("found") - F("written_off"))
    )
    return {line: total for line, total in still.values_list("shipment_line", "total") if total}
