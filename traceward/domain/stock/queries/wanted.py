"""What an order's lines ask of the ledger: items, and of them a lot or a serial where named."""

from collections.abc import Sequence
from typing import Protocol

from traceward.domain.stock.models import Lot, Serial
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import InvalidInput, sentence

#: Base units of one line of an order or notice: more is a slip of the hand.
MAX_QUANTITY = 10**9


class Wanted(Protocol):
    """A line of an order; base units."""

    @property
    def item_id(self) -> int: ...
    @property
    def quantity(self) -> int: ...
    @property
    def lot_id(self) -> int | None: ...
    @property
    def serial_id(self) -> int | None: ...


_LOTS = Prepared(lambda ids: Lot.objects.filter(pk__in=ids).values_list("pk", "item"))
_SERIALS = Prepared(lambda ids: Serial.objects.filter(pk__in=ids).values_list("pk", "item"))


def require_quantity(quantity: int, field: str) -> None:
    """Refused where a line asks for nothing, or for more than anybody ever orders."""
    if quantity < 1:
        raise InvalidInput(sentence("The quantity must be a whole number above zero."), field=field)
    if quantity > MAX_QUANTITY:
        raise InvalidInput(
            sentence("More than {limit} base units in one line are a slip. Check the quantity."),
            field=field,
            limit=MAX_QUANTITY,
        )


def require_wanted(lines: Sequence[Wanted]) -> None:
    """Refused at the line whose quantity is none, or whose lot or serial is another item's."""
    lots = dict(_LOTS({x.lot_id for x in lines if x.lot_id}))
    serials = dict(_SERIALS({x.serial_id for x in lines if x.serial_id}))
    for n, line in enumerate(lines):
        require_quantity(line.quantity, f"lines.{n}.quantity")
        if line.lot_id and lots.get(line.lot_id) != line.item_id:
            raise InvalidInput(
                sentence("This lot is none of the item's."), field=f"lines.{n}.lot_id"
            )
        if line.serial_id and (serials.get(line.serial_id) != line.item_id or line.quantity != 1):
            raise InvalidInput(
                sentence("A serial must be one of the item's, and its quantity is 1."),
                field=f"lines.{n}.serial_id",
            )
