"""Goods are put away 上架 where their status and storage condition allow. # INB-04"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place, PlaceKind, Zone
from traceward.domain.places.queries import offer_of
from traceward.domain.places.rules import suits
from traceward.domain.stock.commands import collect
from traceward.domain.stock.models import Code, Status, StockMove
from traceward.domain.stock.refusals import UnsuitablePlace
from traceward.domain.stock.rules import Leg
from traceward.domain.warehousing import queries
from traceward.domain.warehousing.models import Receipt, ReceiptLine, ReceiptState
from traceward.kernel.base.refusals import InvalidInput, Phrase, phrase, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import enter
from traceward.kernel.org.roles import STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey


@dataclass(frozen=True)
class PutAway:
    """So many base units of a receipt line, from where they wait to the place that keeps them."""

    receipt_line_id: int
    quantity: int
    to_place_id: int
    status: Status = Status.QUALIFIED
    #: Where the goods stand now; the receipt's place where it is not said.
    from_place_id: int | None = None


@dataclass(frozen=True)
class Stored:
    """So many base units were put away; the receipt is in this state."""

    base_units: int
    state: str


ZONE_OF = {
    Status.PENDING: Zone.PENDING,
    Status.QUALIFIED: Zone.QUALIFIED,
    Status.REJECTED: Zone.REJECTED,
}


def receipt_scope(receipt_id: int, **_: object) -> list[ScopeKey]:
    rows = Receipt.objects.filter(pk=receipt_id).values_list("legal_entity_id", "site_id")
    return [ScopeKey(*row) for row in rows] or [WHOLE_GROUP]


@command("warehousing.put_away", roles=(STOREKEEPER, SUPERVISOR), scope=receipt_scope)
def put_away(receipt_id: int, lines: list[PutAway], *, by: Actor) -> Stored:
    """Received goods stand in bins that suit their status and storage condition.

    An unsuitable bin is refused, and a suitable one named. # INB-04 INV-05
    """
    receipt = Receipt.objects.lock(receipt_id)
    us = receipt.legal_entity.party_id
    rows = ReceiptLine.objects.filter(
        receipt=receipt, pk__in={x.receipt_line_id for x in lines}
    ).select_related("item")
    known = {row.pk: row for row in rows}
    places = Place.objects.in_bulk({x.to_place_id for x in lines})
    legs = []
    for n, line in enumerate(lines):
        row = known.get(line.receipt_line_id)
        place = places.get(line.to_place_id)
        if row is None or place is None or place.site_id != receipt.site_id:
            raise InvalidInput(
                sentence("Give a line of {document} and a place of its site."),
                field=f"lines.{n}",
                document=str(receipt),
            )
        _require_suitable(n, row, place, line.status)
        legs.append(_stored(receipt, row, line, us))
    if not legs:
        raise InvalidInput(sentence("Say what is put away, and where."), field="lines")
    collect(legs, by=by)
    if receipt.state == ReceiptState.RECEIVED and _is_stored(receipt, lines):
        enter(receipt, ReceiptState.PUT_AWAY.value, by=by)
    return Stored(sum(leg.quantity for leg in legs), receipt.state)


def _require_suitable(n: int, row: ReceiptLine, place: Place, status: Status) -> None:
    """Refused at the scan of the bin, with a suitable one shown."""
    want = queries.want_of(row.item, ZONE_OF[status])
    offer = offer_of(place, holds_lot=False, is_empty=True)
    if place.kind == PlaceKind.BIN and place.is_open and suits(offer, want):
        return
    other = queries.suggested_bin(place.site_id, row.lot_id, want)
    raise UnsuitablePlace(
        sentence("{to} does not suit {item} ({needs}). Put it into {better} instead.")
        if other
        else sentence(
            "{to} does not suit {item} ({needs}), and no bin of the site does. Have one opened."
        ),
        field=f"lines.{n}.to_place_id",
        to=place.code,
        item=row.item.code,
        needs=_needs(row.item, status),
        better=other.code if other else None,
    )


def _needs(item: Item, status: Status) -> Phrase:
    """What the goods need of a bin: its zone, and its temperature where the label asks for one."""
    if item.storage_c_min is None or item.storage_c_max is None:
        return phrase(sentence("{status}"), status=status.label)
    return phrase(
        sentence("{status}, {low} to {high} °C"),
        status=status.label,
        low=f"{float(item.storage_c_min):g}",
        high=f"{float(item.storage_c_max):g}",
    )


def _stored(receipt: Receipt, row: ReceiptLine, line: PutAway, us: int) -> Leg:
    return Leg(
        code=Code.PUTAWAY,
        item_id=row.item_id,
        lot_id=row.lot_id,
        serial_id=row.serial_id,
        quantity=line.quantity,
        from_place_id=line.from_place_id or receipt.place_id,
        from_status=line.status,
        from_owner_id=us,
        to_place_id=line.to_place_id,
        to_status=line.status,
        to_owner_id=us,
        document_id=receipt.pk,
        line_id=row.pk,
    )


def _is_stored(receipt: Receipt, lines: Sequence[PutAway]) -> bool:
    """Whether all that was received stands in bins, decided, once these lines are posted."""
    moves = StockMove.objects.filter(document_id=receipt.pk)
    done = moves.filter(code=Code.PUTAWAY).exclude(to_status=Status.PENDING)
    before = done.aggregate(total=Sum("quantity"))["total"] or 0
    now = sum(x.quantity for x in lines if x.status != Status.PENDING)
    came = receipt.lines.aggregate(total=Sum("quantity"))["total"] or 0
    return before + now >= came
