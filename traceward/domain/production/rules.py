"""Lot logic 批次逻辑关系: may outputs come of inputs, and which went into which. # PRO-02"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple


class Consumed(NamedTuple):
    """An input: its lot and serial, quantity in base units, and the limits it brings."""

    lot_id: int | None
    serial_id: int | None
    quantity: int
    made_on: date | None
    expires_on: date | None


class Made(NamedTuple):
    """An output unit or lot. `parts` are (input number, quantity of it), empty for "all of all"."""

    lot_id: int | None
    serial_id: int | None
    parts: tuple[tuple[int, int], ...] = ()


class Link(NamedTuple):
    """So much of the input (by number) went into this lot or serial."""

    input: int
    lot_id: int | None
    serial_id: int | None
    quantity: int


def latest_expiry(inputs: Sequence[Consumed]) -> date | None:
    """The last day on which anything made of these may be used; None without a limit."""
    return min((i.expires_on for i in inputs if i.expires_on), default=None)


def earliest_making(inputs: Sequence[Consumed]) -> date | None:
    """No output can have been made before this day."""
    return max((i.made_on for i in inputs if i.made_on), default=None)


def links(inputs: Sequence[Consumed], outputs: Sequence[Made]) -> list[Link] | None:
    """Which input went into which output, with quantities that add up; None where it is not said.

    Where the outputs name their parts, those are the links. Where all outputs are one lot, every
    input went into that lot as a whole. Serials without a lot share each input evenly, the first
    ones taking what does not divide; an input too small to be shared must be said.
    """
    if any(o.parts for o in outputs):
        return [Link(n, o.lot_id, o.serial_id, q) for o in outputs for n, q in o.parts]
    lots = {o.lot_id for o in outputs}
    if len(lots) > 1:
        return None
    (lot_id,) = lots
    if lot_id is not None:
        return [Link(n, lot_id, None, i.quantity) for n, i in enumerate(inputs)]
    if any(i.quantity < len(outputs) for i in inputs):
        return None
    made = []
    for n, one in enumerate(inputs):
        share, rest = divmod(one.quantity, len(outputs))
        for k, output in enumerate(outputs):
            made.append(Link(n, None, output.serial_id, share + (k < rest)))
    return made


def misfit(inputs: Sequence[Consumed], found: Sequence[Link]) -> int | None:
    """The number of the first input whose links do not add up to what was consumed, or None."""
    for n, one in enumerate(inputs):
        if sum(x.quantity for x in found if x.input == n) != one.quantity:
            return n
    return None
