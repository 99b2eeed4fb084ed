"""What waits for inspection, what was found, and which places were not looked at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from traceward.domain.places.models import Place
from traceward.domain.quality.models import Inspection, Result, StockCheck
from traceward.domain.stock.models import (
    Code,
    GenealogyEdge,
    Status,
    StockBalance,
    StockMove,
    VoidTransformation,
)
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.org.models import Site
from traceward.kernel.rules.queries import declare

#: Checks that must have a result before the decision. # INB-02
REQUIRED_CHECKS = declare(
    "quality.inspection.checks",
    ["packaging", "label", "certificate"],
    "item",
    "product_line",
    "site",
    doc="Checks without which no usage decision is taken; other ones are additional.",
)
#: Segregation of duties: whoever recorded a result does not decide. # ORG-03
DECIDER_IS_ANOTHER = declare(
    "quality.decide.other_person",
    True,
    "product_line",
    "site",
    doc="The usage decision is taken by somebody other than the inspector.",
)
#: What one re-authentication may sign: so many lots, of at most this class, each looked through by
#: the same person within so many minutes. # QUA-04
TOGETHER = declare(
    "quality.release.together",
    20,
    "site",
    doc="Lots released with one re-authentication at most; 1 has each signed by itself.",
)
TOGETHER_CLASS = declare(
    "quality.release.together_class",
    2,
    "product_line",
    "site",
    doc="The highest device class that is released with others; above it each is signed by itself.",
)
LOOKED_MINUTES = declare(
    "quality.release.looked_minutes",
    60,
    "product_line",
    "site",
    doc="Minutes within which whoever releases goods has looked through their evidence.",
)


@dataclass(frozen=True)
class Brought:
    """What a document brought in of one lot, of one owner."""

    item_id: int
    lot_id: int | None
    owner_id: int
    supplier_id: int
    quantity: int


#: Moves that bring goods in which wait for inspection: from a supplier, from production, from
#: another site, back from a customer.
BRINGING = (Code.RECEIVE, Code.PRODUCE, Code.TRANSFER, Code.RETURN_FROM_CUSTOMER)


def brought_in(document_id: int) -> list[Brought]:
    """By item and lot, what the document's moves brought in pending inspection and still stands.

    Who gave it is whose place it came from: the supplier, the customer who sends it back; else
    its former owner.
    """
    return [Brought(*row) for row in _BROUGHT(document_id)]


_BROUGHT = Prepared(
    lambda document: (
        StockMove.objects.filter(document_id=document, code__in=BRINGING, to_status=Status.PENDING)
        .exclude(
            pk__in=StockMove.objects.filter(document_id=document, reverses__isnull=False).values(
                "reverses"
            )
        )
        .annotate(giver=Coalesce("from_place__party_id", "from_owner_id"))
        .values_list("item_id", "lot_id", "to_owner_id", "giver")
        .annotate(total=Sum("quantity"))
        .order_by("item_id", "lot_id")
    )
)


_RESULTS = Prepared(lambda ids: Result.objects.filter(inspection__in=ids).order_by("pk"))


def results_of(inspection_ids: Iterable[int]) -> dict[int, list[Result]]:
    """The results of each inspection, the oldest first; one query."""
    found: dict[int, list[Result]] = {pk: [] for pk in inspection_ids}
    for row in _RESULTS(list(found)):
        found[row.inspection_id].append(row)
    return found


def required_results(results: Iterable[Result]) -> dict[str, bool]:
    """By check that the rules asked for, whether its last result is passed."""
    return {r.check_name: r.is_passed for r in results if not r.is_additional}


#: A document, and of what it brought in the item and lot.
Source = tuple[int, int, int | None]


def serials_brought(inspections: Iterable[Inspection]) -> dict[Source, set[int | None]]:
    """The serials that each inspection's source brought in of its goods; one query."""
    wanted = {(row.source_id, row.item_id, row.lot_id) for row in inspections}
    found: dict[Source, set[int | None]] = {key: set() for key in wanted}
    goods = _SERIALS({source for source, _, _ in wanted}, {item for _, item, _ in wanted})
    for source, item, lot, serial in goods:
        if (source or 0, item, lot) in found:
            found[source or 0, item, lot].add(serial)
    return found


_SERIALS = Prepared(
    lambda documents, items: StockMove.objects.filter(
        document_id__in=documents,
        item_id__in=items,
        code__in=BRINGING,
        to_status=Status.PENDING,
    ).values_list("document_id", "item_id", "lot_id", "serial_id")
)


class Waiting(NamedTuple):
    """What waits for inspection in one place, as a balance tells it."""

    site_id: int
    item_id: int
    lot_id: int | None
    owner_id: int
    place_id: int
    place_code: str
    serial_id: int | None
    container_id: int | None
    on_hand: int


def waiting_of(inspections: Iterable[Inspection]) -> list[Waiting]:
    """What stands pending at the sites of these inspections, of their items; one query."""
    rows = [(row.site_id, row.item_id) for row in inspections]
    found = _WAITING({site for site, _ in rows}, {item for _, item in rows})
    return [Waiting(*row) for row in found]


_WAITING = Prepared(
    lambda sites, items: (
        StockBalance.objects.filter(
            stands=True,
            on_hand__gt=0,
            status=Status.PENDING,
            place__site__in=sites,
            item__in=items,
        )
        .order_by("pk")
        .values_list(
            *("place__site_id", "item_id", "lot_id", "owner_id", "place_id", "place__code"),
            *("serial_id", "container_id", "on_hand"),
        )
    )
)


#: A lot, or a serial.
Goods = tuple[int | None, int | None]


def inputs_of(lots: Iterable[int], serials: Iterable[int]) -> dict[Goods, set[Goods]]:
    """By what was made, lot or serial, what went into it; one query."""
    found: dict[Goods, set[Goods]] = {}
    for out_lot, out_serial, in_lot, in_serial in _INPUTS(list(lots), list(serials)):
        for made in (out_lot, None), (None, out_serial):
            found.setdefault(made, set()).add((in_lot, in_serial))
    return found


_INPUTS = Prepared(
    lambda lots, serials: (
        GenealogyEdge.objects.filter(Q(output_lot__in=lots) | Q(output_serial__in=serials))
        .exclude(command_id__in=VoidTransformation.objects.values("command_id"))
        .values_list("output_lot_id", "output_serial_id", "input_lot_id", "input_serial_id")
    )
)


def blocks_on(goods: Sequence[Waiting]) -> dict[int, list[int]]:
    """By position, the ids of the blocks that stand on these goods where they are; one query."""
    found: dict[int, list[int]] = {}
    if goods:
        columns = [[getattr(row, name) for row in goods] for name in BLOCKED_BY]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT n, block_id FROM stock_blocks_on(%s::bigint[], %s::bigint[], %s::bigint[],"
                " %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], tw_now())"
                " ORDER BY block_id",
                [*columns, columns[2], columns[3]],
            )
            for n, block in cursor.fetchall():
                found.setdefault(n - 1, []).append(block)
    return found


BLOCKED_BY = ("lot_id", "serial_id", "container_id", "place_id", "item_id")


#: Base units by (item, lot, serial).
Standing = dict[tuple[int, int | None, int | None], int]


def standing_in(place_id: int) -> Standing:
    """What stands in the place and in what lies below it."""
    rows = StockBalance.objects.filter(place__path__contains=[place_id], on_hand__gt=0)
    totals = rows.values_list("item_id", "lot_id", "serial_id").annotate(total=Sum("on_hand"))
    return {(item, lot, serial): total for item, lot, serial, total in totals}


@dataclass(frozen=True)
class Unread:
    """A place that keeps a temperature and was not read in this half of the day."""

    place_id: int
    code: str
    half: str


def unread_places(site_id: int, day: date, now: datetime) -> list[Unread]:
    """Where no temperature was read in the morning or afternoon of that day, as far as it is over.

    GSP art. 74: without automatic monitoring, once each morning and once each afternoon. The
    topmost places that keep a temperature count; a reading below them is one of theirs.
    """
    zone = ZoneInfo(Site.objects.values_list("time_zone", flat=True).get(pk=site_id))
    noon = datetime.combine(day, time(12), zone)
    halves = (
        ("morning", noon - timedelta(hours=12), noon),
        ("afternoon", noon, noon + timedelta(hours=12)),
    )
    keeping = Place.objects.filter(site=site_id, is_open=True, temperature_c_min__isnull=False)
    tops = [
        p
        for p in keeping.select_related("parent").order_by("code")
        if p.parent is None or p.parent.temperature_c_min is None
    ]
    found = []
    for half, start, end in halves:
        if now < end:
            continue
        read = StockCheck.objects.filter(
            site=site_id, checked_at__gte=start, checked_at__lt=end, temperature_c__isnull=False
        )
        places = {pk for path in read.values_list("place__path", flat=True) for pk in path}
        found += [Unread(p.pk, p.code, half) for p in tops if p.pk not in places]
    return found
