"""Which other running recalls cover the same goods."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from traceward.domain.recalls.models import CaseState, RecallScope
from traceward.domain.recalls.queries.targets import Goods


@dataclass(frozen=True)
class Overlap:
    """A running case, and how many rows of the scope it covers too, in whole or in part."""

    case_id: int
    case_uid: uuid.UUID
    number: str
    level: int
    goods: int


def overlaps(goods: Collection[Goods], *, but: int) -> list[Overlap]:
    """The other running cases that cover some of these goods, oldest first; one query.

    A lot overlaps with its item and its serials, whichever of them was recalled first.
    """
    rows = RecallScope.objects.filter(
        case__state=CaseState.OPEN, item__in={g.item_id for g in goods}
    ).exclude(case=but)
    named: dict[tuple[int, uuid.UUID, str, int], set[Goods]] = defaultdict(set)
    for case, uid, number, level, *goods_of in rows.values_list(
        "case", "case__uid", "case__number", "case__level", "item", "lot", "serial"
    ):
        named[case, uid, number or "", level].add(Goods(*goods_of))
    found = []
    for key, theirs in sorted(named.items()):
        touched = {wider for one in theirs for wider in _wider(one)}
        count = sum(1 for g in goods if g in touched or not theirs.isdisjoint(_wider(g)))
        if count:
            found.append(Overlap(*key, goods=count))
    return found


def _wider(goods: Goods) -> set[Goods]:
    """The goods themselves, their lot and their whole item."""
    item, lot, _ = goods
    return {goods, Goods(item, lot, None), Goods(item, None, None)}
