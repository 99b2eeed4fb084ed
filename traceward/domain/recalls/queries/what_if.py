"""What would happen if these goods were recalled now, before anything is held. # TRC-03"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from traceward.domain.recalls import rules
from traceward.domain.recalls.models import RecallLevel
from traceward.domain.recalls.queries.found import Consignee, Group, Promise
from traceward.domain.recalls.queries.limits import NOTIFY
from traceward.domain.recalls.queries.meant import Target
from traceward.domain.recalls.queries.overlaps import Overlap
from traceward.domain.recalls.queries.reach import Reach, reach
from traceward.domain.recalls.rules import Ladder
from traceward.kernel.rules.queries import reader

#: Lots, serials and items that are named one by one.
NAMED = 200


@dataclass(frozen=True)
class Covered:
    """A lot, a serial or a whole item that would be held."""

    item_id: int
    lot_id: int | None
    serial_id: int | None
    #: Made of goods that are named, at any distance.
    is_downstream: bool


@dataclass(frozen=True)
class Losing:
    """A document that would lose what it was promised."""

    document_id: int
    number: str | None
    lines: int
    quantity: int


@dataclass(frozen=True)
class LevelLimit:
    """By when consignees would have to know, at this level, were it decided today."""

    level: int
    notify_until: date


@dataclass(frozen=True)
class WhatIf:
    """Everything that a recall of the goods would hold, touch and set off."""

    #: Lots, serials and items; of these what was made of others; the first of them.
    scopes: int
    downstream: int
    goods: tuple[Covered, ...]
    #: Base units that stand somewhere, and those on our shelves, which would be held.
    standing: int
    held: int
    ladder: Ladder
    groups: tuple[Group, ...]
    consignees: tuple[Consignee, ...]
    documents: tuple[Losing, ...]
    overlaps: tuple[Overlap, ...]
    limits: tuple[LevelLimit, ...]


def what_if(targets: Sequence[Target], now: datetime, today: date) -> WhatIf:
    """The same as a recall would find; refused as it would be."""
    return summed(reach(targets, now, today), today)


def summed(found: Reach, today: date) -> WhatIf:
    """The same, of what was found already."""
    days = reader(NOTIFY).value_for({}).value
    return WhatIf(
        scopes=len(found.goods),
        downstream=found.downstream,
        goods=tuple(
            Covered(*goods, is_downstream=target is None)
            for goods, target in islice(found.goods.items(), NAMED)
        ),
        standing=found.units,
        held=found.in_house,
        ladder=found.ladder,
        groups=tuple(found.standing),
        consignees=tuple(one.consignee for one in found.outside),
        documents=tuple(losing(found.promises)),
        overlaps=tuple(found.overlaps),
        limits=tuple(
            LevelLimit(level, rules.notify_until(days, level, today))
            for level in RecallLevel.values
        ),
    )


def losing(promises: Iterable[Promise]) -> list[Losing]:
    """By document, in the order in which the promises were made."""
    found: dict[int, Losing] = {}
    for one in promises:
        known = found.get(one.document_id, Losing(one.document_id, one.number, 0, 0))
        found[one.document_id] = Losing(
            one.document_id, one.number, known.lines + 1, known.quantity + one.quantity
        )
    return list(found.values())
