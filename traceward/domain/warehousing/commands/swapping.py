"""The serial at hand takes the place of the one that was promised. docs/adr/0210 # OUT-05"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from traceward.domain.places.models import PlaceKind
from traceward.domain.stock.models import Status, StockBalance
from traceward.domain.stock.queries.asked import TELLING
from traceward.domain.warehousing import queries
from traceward.domain.warehousing.models import Pick, PickLine
from traceward.domain.warehousing.queries import Promised
from traceward.domain.warehousing.scanning import Scanned
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.write import record_change

#: What of a pick line says which serial is fetched, and from where.
SWAPPED = ("serial", "place", "from_container")


class Swap(NamedTuple):
    """The line as it is now, and the promise that it was to fetch."""

    line: PickLine
    was: Promised


def swap(
    document: Pick,
    lines: Sequence[PickLine],
    place_code: str,
    seen: Scanned,
    named: Collection[int | None],
    by: Actor,
) -> Swap | None:
    """A line of the same item and lot fetches the scanned serial instead; none where it may not.

    The serial stands free and released in the scanned bin of the site, of the same owner. A serial
    that is scanned as well is not given up for it, nor one that the demand names. Whether the goods
    may be taken at all (blocks, recalls, expiry), the ledger decides as for any other.
    """
    goods = seen.goods
    fitting = [
        line
        for line in lines
        if not line.picked
        and line.serial_id not in named
        and (line.item_id, line.lot_id) == (goods.item_id, goods.lot_id)
    ]
    is_wanted = any(line.serial_id == goods.serial_id for line in lines)
    if goods.serial_id is None or is_wanted or not fitting:
        return None
    asked = TELLING[document.demand.kind]([line.demand_line_id for line in fitting])
    there = {row.owner_id: row for row in _free(document, place_code, seen)}
    for line in sorted(fitting, key=lambda x: x.place.code != place_code):
        row = there.get(line.owner_id)
        if row is None or asked[line.demand_line_id].serial_id is not None:
            continue
        was = queries.promise_of(line)
        before = {f"{name}_id": getattr(line, f"{name}_id") for name in SWAPPED}
        line.serial_id, line.place_id = row.serial_id, row.place_id
        line.from_container_id = row.container_id
        record_change(line, before, {name: getattr(line, name) for name in before}, by=by)
        return Swap(line, was)
    return None


def _free(document: Pick, place_code: str, seen: Scanned) -> list[StockBalance]:
    """Where the scanned serial stands in the bin, promised to nobody."""
    rows = StockBalance.objects.filter(
        item=seen.goods.item_id,
        lot=seen.goods.lot_id,
        serial=seen.goods.serial_id,
        status=Status.QUALIFIED,
        on_hand__gt=0,
        reserved=0,
        place__code=place_code,
        place__kind=PlaceKind.BIN,
        place__site=document.site_id,
    )
    return list(rows)
