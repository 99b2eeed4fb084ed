"""Goods are put away 上架 where their status and storage condition allow. # INB-04"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Sum

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place, PlaceKind, Zone
from traceward.domain.places.queries import offer_of
from traceward.domain.places.rules import suits
from traceward.domain.stock.commands import Said, collect
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.refusals import UnsuitablePlace
from traceward.domain.stock.rules import STATUSES, Leg, StatusWord
from traceward.domain.warehousing import queries
from traceward.domain.warehousing.commands.clearing import is_cleared
from traceward.domain.warehousing.models import Receipt, ReceiptLine, ReceiptState
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import InvalidInput, Phrase, phrase, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import enter, touch
from traceward.kernel.org.roles import STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of


@dataclass(frozen=True)
class PutAway:
    """So many base units of a receipt line, from where they wait to the place that keeps them."""

    receipt_line_id: int
    quantity: int
    to_place_id: int
    status: StatusWord = Status.QUALIFIED
    #: Where the goods stand now; the receipt's place where it is not said.
    from_place_id: int | None = None


@dataclass(frozen=True)
class Stored:
    """So many base units were put away; the receipt is in this state."""

    base_units: int
    state: str


#: What the suitability of a bin is judged and told by.
SUITS = ("code", "storage_c_min", "storage_c_max")
#: A receipt line, and whether the goods were decided about when they were put away.
Step = tuple[int | None, bool]

ZONE_OF = {
    Status.PENDING: Zone.PENDING,
    Status.QUALIFIED: Zone.QUALIFIED,
    Status.REJECTED: Zone.REJECTED,
}


def receipt_scope(receipt_id: int, **_: object) -> list[ScopeKey]:
    return scope_of(Receipt, receipt_id)


@command("warehousing.put_away", roles=(STOREKEEPER, SUPERVISOR), scope=receipt_scope)
def put_away(receipt_id: int, lines: list[PutAway], *, by: Actor) -> Stored:
    """Received goods stand in bins that suit their status and storage condition.

    An unsuitable bin is refused, and a suitable one named. # INB-04 INV-05
    """
    receipt = Receipt.objects.lock(receipt_id)
    us = receipt.legal_entity.party_id
    known = {row.pk: row for row in _LINES(receipt.pk, {x.receipt_line_id for x in lines})}
    named = {p for x in lines for p in (x.to_place_id, _source(receipt, x))}
    places = {place.pk: place for place in _PLACES(receipt.site_id, named)}
    away = _put_away_before(receipt)
    legs = []
    for n, line in enumerate(lines):
        row = known.get(line.receipt_line_id)
        place = places.get(line.to_place_id)
        if row is None or place is None:
            raise InvalidInput(
                sentence("Give a line of {document} and a place of its site."),
                field=f"lines.{n}",
                document=str(receipt),
            )
        _require_brought(n, receipt, row, line, places, away)
        _require_suitable(n, row, place, line.status)
        legs.append(_stored(receipt, row, line, us))
    if not legs:
        raise InvalidInput(sentence("Say what is put away, and where."), field="lines")
    said = Said("lines.{n}", place="lines.{n}.to_place_id")
    collect(legs, said=said, by=by)
    if receipt.state == ReceiptState.RECEIVED and _is_stored(receipt, away):
        enter(receipt, ReceiptState.PUT_AWAY.value, by=by)
    elif receipt.state == ReceiptState.RECEIVED and is_cleared(receipt, legs):
        enter(receipt, ReceiptState.CLEARED.value, by=by)
    else:
        touch(receipt, by=by)
    return Stored(sum(leg.quantity for leg in legs), receipt.state)


def _source(receipt: Receipt, line: PutAway) -> int:
    return receipt.place_id if line.from_place_id is None else line.from_place_id


def _put_away_before(receipt: Receipt) -> dict[Step, int]:
    """What was put away of each receipt line, once while pending and once decided."""
    found: dict[Step, int] = defaultdict(int)
    for line_id, status, quantity in _PUT_AWAY(receipt.pk):
        found[line_id, status != Status.PENDING] += quantity
    return found


_LINES = Prepared(
    lambda receipt, lines: (
        ReceiptLine.objects.filter(receipt=receipt, pk__in=lines)
        .select_related("item")
        .only("item", "lot", "serial", "quantity", *(f"item__{name}" for name in SUITS))
    )
)
_PLACES = Prepared(lambda site, places: Place.objects.filter(site=site, pk__in=places))
_CAME = Prepared(
    lambda receipt: (
        ReceiptLine.objects.filter(receipt=receipt)
        .values_list("receipt_id")
        .annotate(total=Sum("quantity"))
    )
)
_PUT_AWAY = Prepared(
    lambda receipt: queries.stored(document_id=receipt).values_list(
        "line_id", "to_status", "quantity"
    )
)


def _require_brought(
    n: int,
    receipt: Receipt,
    row: ReceiptLine,
    line: PutAway,
    places: Mapping[int, Place],
    away: dict[Step, int],
) -> None:
    """From a place of the site, and no more than the line brought; counted as put away."""
    if _source(receipt, line) not in places:
        raise InvalidInput(
            sentence("Give the place of {site} where the goods stand now."),
            field=f"lines.{n}.from_place_id",
            site=receipt.site.code,
        )
    step = row.pk, line.status != Status.PENDING
    left = row.quantity - away[step]
    if line.quantity > left:
        raise InvalidInput(
            sentence(
                "{document} brought {came} of {item} here, of which {left} are not put away. "
                "Put away no more than that; move goods that stand in bins."
            ),
            field=f"lines.{n}.quantity",
            document=str(receipt),
            came=row.quantity,
            item=row.item.code,
            left=left,
        )
    away[step] += line.quantity


def _require_suitable(n: int, row: ReceiptLine, place: Place, status: int) -> None:
    """Refused at the scan of the bin, with a suitable one shown."""
    want = queries.want_of(row.item, ZONE_OF[Status(status)])
    offer = offer_of(place, holds_lot=False, is_empty=True)
    if place.kind == PlaceKind.BIN and place.is_open and suits(offer, want):
        return
    other = queries.suggested_bin(place.site_id, row.item_id, row.lot_id, want)
    raise UnsuitablePlace(
        sentence("{to} does not suit {item} ({needs}). Put it into {better} instead.")
        if other
        else sentence(
            "{to} does not suit {item} ({needs}), and no bin of the site does that is open and not "
            "blocked. Have one opened."
        ),
        field=f"lines.{n}.to_place_id",
        to=place.code,
        item=row.item.code,
        needs=_needs(row.item, status),
        better=other.code if other else None,
    )


def _needs(item: Item, status: int) -> Phrase:
    """What the goods need of a bin: its zone, and its temperature where the label asks for one."""
    if item.storage_c_min is None or item.storage_c_max is None:
        return phrase(sentence("{status}"), status=STATUSES[status])
    return phrase(
        sentence("{status}, {low} to {high} °C"),
        status=STATUSES[status],
        low=f"{float(item.storage_c_min):g}",
        high=f"{float(item.storage_c_max):g}",
    )


def _stored(receipt: Receipt, row: ReceiptLine, line: PutAway, us: int) -> Leg:
    """Goods are received loose, and stay so; what stands in a box is moved with the box."""
    return Leg(
        code=Code.PUTAWAY,
        item_id=row.item_id,
        lot_id=row.lot_id,
        serial_id=row.serial_id,
        quantity=line.quantity,
        from_place_id=_source(receipt, line),
        from_status=line.status,
        from_owner_id=us,
        from_container_id=None,
        to_place_id=line.to_place_id,
        to_status=line.status,
        to_owner_id=us,
        to_container_id=None,
        document_id=receipt.pk,
        line_id=row.pk,
    )


def _is_stored(receipt: Receipt, away: Mapping[Step, int]) -> bool:
    """Whether all that was received stands in bins, decided."""
    ((_, came),) = _CAME(receipt.pk)
    return sum(quantity for (_, is_decided), quantity in away.items() if is_decided) >= came
