"""What a target means: the items, lots and serials that are recalled by it. # TRC-03"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Func, Q, QuerySet, TextField

from traceward.domain.places.models import Place
from traceward.domain.recalls.rules import NumberRange
from traceward.domain.stock.models import Code, Lot, Serial, StockMove
from traceward.domain.stock.queries import Moment, Which, stood
from traceward.domain.stock.rules import normalised
from traceward.domain.trace.queries import Start, reached
from traceward.domain.warehousing.models import ReceiptLine


class Goods(NamedTuple):
    """An item, a lot of it or one serial: the narrowest that is given counts."""

    item_id: int
    lot_id: int | None
    serial_id: int | None


IN_RANGE = """
SELECT s.item_id, s.lot_id, s.id FROM stock_serial s
WHERE s.item_id = %(item)s AND starts_with(s.number, %(prefix)s)
  AND CASE WHEN substr(s.number, %(after)s) ~ '^[0-9]+$'
      THEN substr(s.number, %(after)s)::numeric BETWEEN %(first)s::numeric AND %(last)s::numeric
      ELSE false END
ORDER BY s.id
"""


def serials_in(item_id: int, numbers: NumberRange) -> list[Goods]:
    """The serials of the item that are known and lie in the range."""
    values = {"item": item_id, "after": len(numbers.prefix) + 1, **numbers._asdict()}
    values |= {"first": str(numbers.first), "last": str(numbers.last)}
    with connection.cursor() as cursor:
        cursor.execute(IN_RANGE, values)
        return [Goods(*row) for row in cursor.fetchall()]


def of_supplier_lot(number: str, supplier_id: int | None) -> list[Goods]:
    """The lots that the supplier calls so: by its own number, or where it has none, the maker's.

    However it is spelt, as lots are (`normalised`). With a supplier, those of them that it
    delivered or made.
    """
    called = Func(F("supplier_lot"), function="recalls_normalised", output_field=TextField())
    own = Q(~Q(supplier_lot=""), supplier_number=normalised(number))
    rows = Lot.objects.annotate(supplier_number=called)
    rows = rows.filter(own | Q(number=normalised(number)))
    if supplier_id is not None:
        came = ReceiptLine.objects.filter(receipt__supplier=supplier_id, lot__in=rows)
        rows = rows.filter(Q(maker=supplier_id) | Q(pk__in=came.values("lot")))
    else:
        rows = rows.filter(own | Q(supplier_lot=""))
    return [Goods(item, lot, None) for item, lot in rows.order_by("pk").values_list("item", "pk")]


def received(
    item_id: int, supplier_id: int | None, from_at: datetime | None, until_at: datetime
) -> list[Goods]:
    """Lots and serials of the item that came in between the two moments."""
    came = StockMove.objects.filter(item=item_id, code=Code.RECEIVE, happened_at__lte=until_at)
    if from_at is not None:
        came = came.filter(happened_at__gte=from_at)
    if supplier_id is not None:
        lines = ReceiptLine.objects.filter(receipt__supplier=supplier_id, item=item_id)
        came = came.filter(Q(lot__in=lines.values("lot")) | Q(serial__in=lines.values("serial")))
    return _of_moves(came)


def of_document(document_id: int) -> list[Goods]:
    """What came out of the production, or else what moved under the document and what followed."""
    moved = StockMove.objects.filter(document=document_id)
    made = moved.filter(code=Code.PRODUCE)
    taken_back = StockMove.objects.filter(reverses__in=made).values("reverses")
    if made.exists():
        return _of_moves(made.exclude(pk__in=taken_back))
    return [Goods(*node) for node in reached(Start(documents=[document_id]), further=False)]


def _of_moves(moves: QuerySet[StockMove]) -> list[Goods]:
    rows = moves.values_list("item", "lot", "serial").distinct()
    return sorted((Goods(*row) for row in rows), key=lambda g: (g.lot_id or 0, g.serial_id or 0))


def of_place(place_id: int, from_at: datetime, until_at: datetime) -> list[Goods]:
    """Everything that stood in the place, or in one below it, between the two moments.

    A lot counts as a whole: which of its units stood there, the ledger does not know.
    """
    places = list(Place.objects.filter(path__contains=[place_id]).values_list("pk", flat=True))
    there = {
        Goods(row.item_id, row.lot_id, row.serial_id)
        for row in stood(Moment(from_at), sites=None, which=Which(places=places))
    }
    came = StockMove.objects.filter(
        to_place__in=places, happened_at__gt=from_at, happened_at__lte=until_at
    )
    there |= set(_of_moves(came))
    return sorted(there, key=lambda g: (g.lot_id or 0, g.serial_id or 0))


def made_of(scope: Iterable[Goods]) -> list[Goods]:
    """The goods themselves and all that was made of them at any distance, as lots and serials.

    A serial whose whole lot is among them is left out.
    """
    rows = list(scope)
    whole = {g.item_id for g in rows if g.lot_id is None and g.serial_id is None}
    lots = {g.lot_id for g in rows if g.lot_id and g.serial_id is None}
    serials = {g.serial_id for g in rows if g.serial_id}
    if whole:
        lots |= set(Lot.objects.filter(item__in=whole).values_list("pk", flat=True))
        loose = Serial.objects.filter(item__in=whole, lot=None)
        serials |= set(loose.values_list("pk", flat=True))
    found = [Goods(*node) for node in reached(Start(lots=sorted(lots), serials=sorted(serials)))]
    all_lots = {g.lot_id for g in found if g.serial_id is None}
    return [g for g in found if g.serial_id is None or g.lot_id not in all_lots]
