"""What is made of what, how far orders are, and what stands in WIP."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from traceward.domain.catalog.models import Item
from traceward.domain.production.models import (
    Bom,
    BomLine,
    BomLineKind,
    ComponentLine,
    Direction,
    IssuedGoods,
    Transformation,
    TransformationLine,
    TransformationState,
    WorkOrder,
)
from traceward.domain.stock.models import (
    Code,
    GenealogyEdge,
    Lot,
    StockBalance,
    StockMove,
    VoidTransformation,
)
from traceward.domain.stock.queries.asked import Asked, told_by
from traceward.kernel.rules.queries import declare

MIXES_LOTS = declare(
    "production.mixes_lots",
    True,
    "item",
    "product_line",
    "site",
    doc="Whether several lots of this component may go into one output lot.",
)
LOT_NUMBER = declare(
    "production.lot_number",
    "{entity}{yy}{order}{run}",
    "item",
    "product_line",
    "site",
    doc="How an output lot is numbered where no number is given: {entity} {order} {run} {yyyy} "
    "{yy} {mm} {dd}.",
)
OVER_PRODUCTION = declare(
    "production.over_production_percent",
    0,
    "item",
    "product_line",
    "site",
    doc="How many per cent more than ordered may be made.",
)


def context_of(item: Item, site_id: int) -> dict[str, object]:
    """What the parameters of production are looked up by."""
    return {"item": item.pk, "product_line": item.product_line, "site": site_id}


def known_lots(wanted: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Lot]:
    """By item and number, the lots that the items' own maker has already."""
    rows = Lot.objects.filter(
        item_id__in={item for item, _ in wanted},
        number__in={number for _, number in wanted if number},
        maker_id=F("item__maker_id"),
    )
    return {(row.item_id, row.number): row for row in rows}


@told_by(WorkOrder)
def asked(line_ids: Collection[int]) -> dict[int, Asked]:
    """All that the lines take: what was issued to them stands promised in WIP."""
    rows = ComponentLine.objects.filter(pk__in=line_ids)
    return {row.pk: Asked(row.item_id, row.quantity) for row in rows}


class Spot(NamedTuple):
    """Goods at a place."""

    item_id: int
    lot_id: int | None
    serial_id: int | None
    place_id: int


def statuses_at(wanted: Iterable[Spot]) -> dict[Spot, list[StockBalance]]:
    """What stands of the goods at the places, in whatever status; one query."""
    spots = set(wanted)
    rows = StockBalance.objects.filter(
        item_id__in={x.item_id for x in spots},
        place_id__in={x.place_id for x in spots},
        on_hand__gt=0,
    ).filter(
        Q(lot_id__in={x.lot_id for x in spots if x.lot_id})
        | Q(serial_id__in={x.serial_id for x in spots if x.serial_id})
    )
    found: dict[Spot, list[StockBalance]] = defaultdict(list)
    for row in rows.select_related("lot", "item").order_by("pk"):
        key = Spot(row.item_id, row.lot_id, row.serial_id, row.place_id)
        if key in spots:
            found[key].append(row)
    return found


def went_into(outputs: Iterable[int], item_ids: Iterable[int]) -> list[tuple[int, int, int]]:
    """(output lot, item, input lot) of what went into these lots before and was not taken back."""
    void = VoidTransformation.objects.values("command_id")
    rows = GenealogyEdge.objects.filter(
        output_lot_id__in=set(outputs), input_lot__item_id__in=set(item_ids)
    ).exclude(command_id__in=void)
    return list(rows.values_list("output_lot_id", "input_lot__item_id", "input_lot_id").distinct())


# --- Bills of material ------------------------------------------------------------------------


def effective_bom(item_id: int, day: date) -> Bom | None:
    """The latest version that counts on that day."""
    rows = Bom.objects.filter(item=item_id, effective_from__lte=day)
    return rows.exclude(effective_until__lt=day).order_by("-version").first()


def components_of(day: date) -> dict[int, set[int]]:
    """By item, its components in the versions that count on that day or later."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = BomLine.objects.filter(kind=BomLineKind.COMPONENT).exclude(bom__effective_until__lt=day)
    for made, component in rows.values_list("bom__item_id", "item_id"):
        found[made].add(component)
    return found


def by_products(order: WorkOrder) -> set[int]:
    """Items that may come out besides the order's own."""
    rows = BomLine.objects.filter(bom=order.bom_id, kind=BomLineKind.BY_PRODUCT)
    return set(rows.values_list("item_id", flat=True))


# --- Orders -----------------------------------------------------------------------------------


def issued_to(order_id: int) -> QuerySet[IssuedGoods]:
    """What was issued to the order, in the order in which it is used up."""
    rows = IssuedGoods.objects.filter(component__order=order_id)
    related = rows.select_related("component__item", "lot", "serial")
    return related.order_by("component", F("lot__expires_on").asc(nulls_last=True), "pk")


def lot_numbers_of(order_id: int) -> set[tuple[int, str]]:
    """(item, number) of the lots that came out of the order and were not taken back."""
    rows = TransformationLine.objects.filter(
        transformation__order=order_id,
        transformation__state=TransformationState.DONE,
        direction=Direction.OUTPUT,
        lot__isnull=False,
    )
    return set(rows.values_list("item_id", "lot__number").distinct())


def lots_of_serials(order: WorkOrder) -> dict[str, str]:
    """By serial number, the lot of the order's own item that it is of; for what is reworked."""
    rows = IssuedGoods.objects.filter(
        component__order=order, component__item=order.item_id, serial__lot__isnull=False
    )
    return dict(rows.values_list("serial__number", "serial__lot__raw_number"))


def lots_of_others(lot_ids: Iterable[int], order_id: int | None) -> set[int]:
    """Which of the lots were received, or made by another order; None stands for kits."""
    own = Transformation.objects.filter(order=order_id).values("pk")
    moves = StockMove.objects.filter(
        lot_id__in=set(lot_ids), code__in=(Code.RECEIVE, Code.PRODUCE), reverses=None
    )
    foreign = moves.exclude(code=Code.PRODUCE, document_id__in=own)
    return {pk for pk in foreign.values_list("lot_id", flat=True).distinct() if pk}


@dataclass(frozen=True)
class ComponentProgress:
    """A component of an order: base units needed, issued, and what became of them."""

    line_id: int
    item: str
    required: int
    issued: int
    consumed: int
    returned: int
    scrapped: int

    @property
    def in_wip(self) -> int:
        return self.issued - self.consumed - self.returned - self.scrapped


@dataclass(frozen=True)
class OrderProgress:
    """How far an order is; `yield_share` is made ÷ begun, None before anything came out."""

    number: str
    state: str
    planned: int
    made: int
    lost: int
    components: tuple[ComponentProgress, ...]

    @property
    def yield_share(self) -> float | None:
        begun = self.made + self.lost
        return self.made / begun if begun else None


def order_progress(order_id: int) -> OrderProgress:
    """What the order took and gave so far; three queries. # PRO-01"""
    order = WorkOrder.objects.get(pk=order_id)
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in IssuedGoods.objects.filter(component__order=order_id):
        each = (row.quantity, row.consumed, row.returned, row.scrapped)
        sums[row.component_id] = [a + b for a, b in zip(sums[row.component_id], each, strict=True)]
    lines = ComponentLine.objects.filter(order=order_id).select_related("item").order_by("pk")
    return OrderProgress(
        str(order),
        order.state,
        order.quantity,
        order.made,
        order.lost,
        tuple(
            ComponentProgress(line.pk, line.item.code, line.quantity, *sums[line.pk])
            for line in lines
        ),
    )
