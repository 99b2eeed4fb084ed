"""Lot logic 批次逻辑关系, bills of material and lot numbers: pure decisions. # PRO-01 PRO-02"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
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


def expiry(made_on: date, shelf_life_days: int | None, limit: date | None) -> date | None:
    """The last usable day: own shelf life, the day of making counted, or the inputs' limit."""
    own = made_on + timedelta(days=shelf_life_days - 1) if shelf_life_days else None
    return min((day for day in (own, limit) if day), default=None)


def links(inputs: Sequence[Consumed], outputs: Sequence[Made]) -> list[Link] | None:
    """Which input went into which output, with quantities that add up; None where it is not said.

    Where the outputs name their parts, those are the links. A serial that comes out again is
    itself. Where all outputs are one lot, every other input went into that lot as a whole. Serials
    without a lot share each input evenly, the first ones taking what does not divide; an input too
    small to be shared must be said.
    """
    if any(o.parts for o in outputs):
        return [Link(n, o.lot_id, o.serial_id, q) for o in outputs for n, q in o.parts]
    again = {o.serial_id: o for o in outputs if o.serial_id}
    lots = {o.lot_id for o in outputs}
    if len(lots) > 1:
        return None
    (lot_id,) = lots
    made = []
    for n, one in enumerate(inputs):
        same = again.get(one.serial_id or 0)
        if same is not None:
            made.append(Link(n, same.lot_id, same.serial_id, 1))
        elif lot_id is not None:
            made.append(Link(n, lot_id, None, one.quantity))
        else:
            shares = shared(one.quantity, [1] * len(outputs))
            if shares is None:
                return None
            each = zip(outputs, shares, strict=True)
            made.extend(Link(n, None, o.serial_id, q) for o, q in each)
    return made


def shared(quantity: int, weights: Sequence[int]) -> list[int] | None:
    """The quantity in whole shares by weight, each at least one; None where it is too small.

    The first ones take what does not divide.
    """
    rest = quantity - len(weights)
    if rest < 0:
        return None
    total = sum(weights)
    shares = [1 + rest * weight // total for weight in weights]
    for k in range(quantity - sum(shares)):
        shares[k] += 1
    return shares


def misfit(inputs: Sequence[Consumed], found: Sequence[Link]) -> int | None:
    """The number of the first input whose links do not add up to what was consumed, or None."""
    for n, one in enumerate(inputs):
        if sum(x.quantity for x in found if x.input == n) != one.quantity:
            return n
    return None


def mixed(
    lots: Iterable[tuple[int, int, int]], before: Iterable[tuple[int, int, int]] = ()
) -> int | None:
    """The first item of which two lots are in one output; rows are (output, item, input lot)."""
    seen: dict[tuple[int, int], int] = {(output, item): lot for output, item, lot in before}
    for output, item, lot in lots:
        if seen.setdefault((output, item), lot) != lot:
            return item
    return None


def by_output(
    found: Iterable[Link], items: Sequence[int], lots: Sequence[int | None]
) -> list[tuple[int, int, int]]:
    """(output lot or serial, item, input lot) of each link whose input is kept by lot."""
    rows = (
        (x.lot_id or x.serial_id or 0, items[x.input], lot)
        for x in found
        if (lot := lots[x.input]) is not None
    )
    return list(dict.fromkeys(rows))


# --- What an order needs ----------------------------------------------------------------------


def needed(units: int, quantity_per: int, per_quantity: int) -> int:
    """What so many units take of a component, without loss; never less than is needed."""
    return ceil(Fraction(units * quantity_per, per_quantity))


def required(units: int, quantity_per: int, per_quantity: int, scrap_share: Decimal) -> int:
    """What has to be issued for so many units, so that enough is left after the expected loss."""
    return ceil(Fraction(units * quantity_per, per_quantity) / (1 - Fraction(scrap_share)))


class Standing(NamedTuple):
    """Issued goods in the WIP place that may be consumed, in the order in which they are."""

    issued_id: int
    left: int


def backflush(need: int, there: Sequence[Standing]) -> tuple[list[tuple[int, int]], int]:
    """(issued id, quantity) that cover the need, and what is missing of it."""
    taken = []
    for one in there:
        quantity = min(need, one.left)
        if quantity:
            taken.append((one.issued_id, quantity))
            need -= quantity
    return taken, need


def circle(item_id: int, components: Mapping[int, set[int]]) -> bool:
    """Whether the item is needed, at some depth, to make itself; `components` by item."""
    seen: set[int] = set()
    ahead = set(components.get(item_id, ()))
    while ahead:
        if item_id in ahead:
            return True
        seen |= ahead
        ahead = {c for i in ahead for c in components.get(i, ())} - seen
    return False


# --- Lot numbers ------------------------------------------------------------------------------


def lot_number(pattern: str, *, entity: str, order: str, run: int, day: date) -> str:
    """The pattern with its words filled in: {entity} {order} {run} {yyyy} {yy} {mm} {dd}.

    {order} is the running number of the order in its year, {run} counts the order's lots.
    """
    words = {
        "{entity}": entity,
        "{order}": order,
        "{run}": f"{run:02d}",
        "{yyyy}": f"{day:%Y}",
        "{yy}": f"{day:%y}",
        "{mm}": f"{day:%m}",
        "{dd}": f"{day:%d}",
    }
    for word, value in words.items():
        pattern = pattern.replace(word, value)
    return pattern
