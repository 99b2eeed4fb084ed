"""What is at hand at a station between two scans; it travels with the page, as checked data."""

from collections import defaultdict
from typing import Annotated
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from traceward.kernel.base.codes import MAX_BARCODES
from traceward.kernel.base.gs1 import SCAN_LIMIT

#: Scans that are held until they are booked together; packs that one scan may stand for.
MOST_SCANS, MOST_PACKS = 2_000, 100_000
#: Letters that the hand may have as the page sends it.
MOST_LETTERS = 400_000
Code = Annotated[str, Field(min_length=1, max_length=SCAN_LIMIT)]


@checked(frozen=True)
class Taken:
    """One label that was scanned: its barcodes, where, and how many such packs."""

    codes: tuple[Code, ...]
    place: Annotated[str, Field(max_length=60)] = ""
    packs: Annotated[int, Field(ge=1, le=MOST_PACKS)] = 1
    is_damaged: bool = False
    #: Lines of the task that it belongs to, with base units of each.
    parts: Annotated[tuple[tuple[int, int], ...], Field(max_length=MOST_SCANS)] = ()

    @property
    def quantity(self) -> int:
        return sum(quantity for _, quantity in self.parts)

    @property
    def line(self) -> int:
        return self.parts[0][0] if self.parts else 0


@checked(frozen=True)
class Hand:
    """What is at hand between two scans."""

    step: Annotated[str, Field(max_length=30)] = ""
    #: Where the person stands, and the line that they are at.
    place: Annotated[str, Field(max_length=60)] = ""
    line: int = 0
    #: Barcodes of a label whose others are still to be scanned.
    codes: Annotated[tuple[Code, ...], Field(max_length=MAX_BARCODES)] = ()
    #: Packs that the next scan stands for.
    packs: Annotated[int, Field(ge=1, le=MOST_PACKS)] = 1
    #: What the last scan did, as long as it can be taken back.
    last: Taken | None = None
    basket: Annotated[tuple[Taken, ...], Field(max_length=MOST_SCANS)] = ()
    #: Lines that are left for later, and those of which there was not enough.
    skipped: Annotated[tuple[int, ...], Field(max_length=MOST_SCANS)] = ()
    short: Annotated[tuple[int, ...], Field(max_length=MOST_SCANS)] = ()
    #: The version of the document as it was shown last, and base units that it asked for then.
    seen: Annotated[int, Field(ge=0)] = 0
    left: Annotated[int, Field(ge=0)] = 0
    #: The request that may have booked the basket: its answer was lost. docs/adr/0270
    booking: UUID | None = None


HAND = TypeAdapter(Hand)


def held(hand: Hand) -> dict[int, int]:
    """By line, base units that lie in the basket."""
    found: dict[int, int] = defaultdict(int)
    for taken in hand.basket:
        for line, quantity in taken.parts:
            found[line] += quantity
    return found


def hand_of(text: str) -> Hand:
    """The hand that the page sent; an empty one where it is none."""
    if not text or len(text) > MOST_LETTERS:
        return Hand()
    try:
        return HAND.validate_json(text)
    except ValidationError:
        return Hand()
