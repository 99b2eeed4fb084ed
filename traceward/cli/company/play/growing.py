"""More moves, for benchmarks: goods go to the next bin and back, in big documents. # B4

The stock is the same afterwards; the history is as long as wished.
"""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import F, Q

from traceward.cli.company.play.known import Known
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.stock.commands.moves import Line, move
from traceward.domain.stock.models import Status, StockBalance, StockBlock, StockMove
from traceward.kernel.org import roles

#: So many lines has a document at most, and so many of them one balance.
LINES, EACH = 10_000, 50


def grow(known: Known, wanted: int) -> None:
    """So many moves are in the ledger, or as many documents more as that takes."""
    there = {site: _lines(site_id) for site, site_id in known.sites.items()}
    missing = wanted - StockMove.objects.count()
    while missing > 0 and any(there.values()):
        for site, lines in there.items():
            for document in (lines, [_back(line) for line in lines]):
                if document and missing > 0:
                    move(document, by=known.by(roles.STOREKEEPER, site))
                    missing -= len(document)


def _lines(site_id: int) -> list[Line]:
    """Units of what may be moved there, one a line, each to the next bin of its zone."""
    after = _neighbours(site_id)
    blocked = StockBlock.objects.filter(lifted_at=None, lot__isnull=False).values("lot")
    rows = StockBalance.objects.filter(
        ~Q(lot__in=blocked),
        place__in=after,
        status=Status.QUALIFIED,
        serial=None,
        container=None,
        on_hand__gt=F("reserved"),
    ).order_by("pk")
    found: list[Line] = []
    for row in rows:
        line = Line(row.item_id, 1, row.place_id, after[row.place_id], row.owner_id, row.lot_id)
        found += [line] * min(row.on_hand - row.reserved, EACH, LINES - len(found))
    return found


def _neighbours(site_id: int) -> dict[int, int]:
    """For each bin for qualified goods, the next one of its zone."""
    zones: dict[int | None, list[int]] = defaultdict(list)
    bins = Place.objects.filter(site=site_id, kind=PlaceKind.BIN, zone="qualified", is_open=True)
    for pk, zone in bins.order_by("pick_rank", "pk").values_list("pk", "parent_id"):
        zones[zone].append(pk)
    return {pk: after for row in zones.values() for pk, after in _pairs(row) if pk != after}


def _pairs(row: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip(row, [*row[1:], row[0]], strict=True))


def _back(line: Line) -> Line:
    return Line(
        line.item_id,
        line.quantity,
        line.to_place_id,
        line.from_place_id,
        line.owner_id,
        line.lot_id,
    )
