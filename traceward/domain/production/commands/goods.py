"""What a person says of goods that go in and come out."""

from dataclasses import dataclass, field
from datetime import date

from traceward.domain.stock.models import Precision


@dataclass(frozen=True)
class Input:
    """So many base units of a lot or serial, taken from a place."""

    item_id: int
    quantity: int
    place_id: int
    lot_id: int | None = None
    serial_id: int | None = None


@dataclass(frozen=True)
class Part:
    """So much of the input at this position of the list."""

    input: int
    quantity: int


@dataclass(frozen=True)
class Output:
    """A new lot of so many base units, or new serials of a lot or of none.

    An expiry that is left out is that of the shelf life or of the inputs, whichever is earlier.
    `parts` says what went into this output; it may be left out where all outputs are one lot.
    """

    item_id: int
    place_id: int
    quantity: int
    lot_number: str = ""
    serial_numbers: list[str] = field(default_factory=list)
    expires_on: date | None = None
    parts: list[Part] = field(default_factory=list)
    #: "month" where the label names no day: the expiry is then the last one of its month.
    expiry_precision: Precision = Precision.DAY


@dataclass(frozen=True)
class Transformed:
    transformation_id: int
    #: Lots that came out, in the order of the outputs; None where an output has none.
    lot_ids: list[int | None]
    serial_ids: list[int]
