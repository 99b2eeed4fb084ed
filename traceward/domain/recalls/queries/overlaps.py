"""Which other running recalls cover the same goods."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from traceward.domain.recalls.models import CaseState, RecallScope, RecallTarget
from traceward.domain.recalls.queries.targets import Goods

#: The targets that name goods which nobody may know yet; as recalls_is_open_ended.
OPEN_ENDED = (
    ~Q(serial_from="") | ~Q(supplier_lot="") | Q(document__isnull=False) | Q(place__isnull=False)
)
#: The fields that say what a target means.
MEANING = (
    "item_id",
    "lot_id",
    "serial_id",
    "serial_from",
    "serial_to",
    "supplier_lot",
    "supplier_id",
    "document_id",
    "place_id",
    "from_at",
    "until_at",
)


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


def covered_elsewhere(case_id: int) -> set[int]:
    """The rows of the case's scope that other running cases cover as a whole."""
    mine = _scope(RecallScope.objects.filter(case=case_id))
    others = RecallScope.objects.filter(
        case__state=CaseState.OPEN, item__in={goods.item_id for goods in mine.values()}
    ).exclude(case=case_id)
    theirs = set(_scope(others).values())
    return {pk for pk, goods in mine.items() if not theirs.isdisjoint(_wider(goods))}


def left_behind(case_id: int) -> list[int]:
    """The blocks that withdrawn cases left with this one, of goods that no other case holds now.

    Whoever else covers them runs no more, or covers only a part of them.
    """
    mine = set(_scope(RecallScope.objects.filter(case=case_id)).values())
    items = {goods.item_id for goods in mine}
    left = RecallScope.objects.filter(
        case__state=CaseState.WITHDRAWN, block__lifted_at__isnull=True, item__in=items
    ).exclude(block=None)
    if not (waiting := _scope(left.exclude(case=case_id))):
        return []
    running = RecallScope.objects.filter(case__state=CaseState.OPEN, item__in=items)
    theirs = set(_scope(running.exclude(case=case_id)).values())
    free = [
        pk
        for pk, goods in waiting.items()
        if not mine.isdisjoint(_wider(goods)) and theirs.isdisjoint(_wider(goods))
    ]
    return sorted(RecallScope.objects.filter(pk__in=free).values_list("block", flat=True))


def not_covered_by(case_id: int, other_id: int) -> int:
    """How many rows of the case's scope the other does not cover as a whole, and how many of its
    targets the other does not name that go on naming goods: those that nobody may know yet.
    """
    mine = _scope(RecallScope.objects.filter(case=case_id))
    theirs = set(_scope(RecallScope.objects.filter(case=other_id)).values())
    rows = sum(1 for goods in mine.values() if theirs.isdisjoint(_wider(goods)))
    named = {_meaning(target) for target in RecallTarget.objects.filter(case=other_id)}
    targets = sum(
        1
        for target in RecallTarget.objects.filter(case=case_id).filter(OPEN_ENDED)
        if _meaning(target) not in named
        and theirs.isdisjoint(
            {
                Goods(target.item_id or 0, target.lot_id, None),
                Goods(target.item_id or 0, None, None),
            }
        )
    )
    return rows + targets


def _scope(rows: QuerySet[RecallScope]) -> dict[int, Goods]:
    return {pk: Goods(*goods) for pk, *goods in rows.values_list("pk", "item", "lot", "serial")}


def _meaning(target: RecallTarget) -> tuple[object, ...]:
    return tuple(getattr(target, name) for name in MEANING)
