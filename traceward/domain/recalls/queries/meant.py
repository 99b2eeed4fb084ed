"""What is asked to be recalled, and the goods that it means now, with all that was made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from traceward.domain.recalls import rules
from traceward.domain.recalls.queries import targets as means
from traceward.domain.recalls.queries.targets import Goods
from traceward.domain.stock.models import Lot, Serial
from traceward.domain.stock.queries.known import require_known
from traceward.domain.stock.rules import normalised
from traceward.kernel.base.refusals import InvalidInput, sentence

#: Lots and serials of one recall, and what may be asked for at once.
MAX_SCOPES = 10_000
MAX_TARGETS = 2_000


@dataclass(frozen=True)
class Target:
    """What is recalled; the fields that are given narrow each other.

    A whole item, a lot of it, one serial; serials of an item from one number to another; a
    supplier's lot; what came out of a production or moved under another document; what stood in a
    place between two moments (until now where no second one is given).
    """

    item_id: int | None = None
    lot_id: int | None = None
    serial_id: int | None = None
    serial_from: str = ""
    serial_to: str = ""
    supplier_lot: str = ""
    supplier_id: int | None = None
    document_id: int | None = None
    place_id: int | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


#: The records that a target may name, of which lots and serials are looked up as goods.
NAMED = ("item_id", "supplier_id", "place_id")
#: The fields by which a target is found, besides the plain item, lot and serial; one at a time.
WAYS = ("serial_from", "supplier_lot", "document_id", "place_id")


def meant(targets: Sequence[Target], now: datetime) -> list[list[Goods]]:
    """The goods of each target; refused where one of them says nothing, or names nothing known."""
    if not targets:
        raise InvalidInput(
            sentence("Say what is recalled: items, lots or serials."), field="targets"
        )
    if len(targets) > MAX_TARGETS:
        raise InvalidInput(
            sentence("{count} targets are too many at once; send at most {limit}."),
            field="targets",
            count=len(targets),
            limit=MAX_TARGETS,
        )
    require_known(targets, NAMED, field="targets.{n}")
    for n, target in enumerate(targets):
        _check_times(target, f"targets.{n}")
    plain = _plain(targets)
    found = [
        plain[n] if n in plain else goods_of(target, n, now) for n, target in enumerate(targets)
    ]
    for n, goods in enumerate(found):
        if not goods:
            raise InvalidInput(
                sentence("No lot and no serial is known that this names. Check it."),
                field=f"targets.{n}",
            )
    return found


def _plain(targets: Sequence[Target]) -> dict[int, list[Goods]]:
    """By position, the goods of the targets that name an item, a lot or a serial; two queries."""
    rows = {
        n: t
        for n, t in enumerate(targets)
        if not any(getattr(t, way) for way in WAYS) and not _is_by_time(t)
    }
    lots = Lot.objects.in_bulk({t.lot_id for t in rows.values() if t.lot_id})
    serials = Serial.objects.in_bulk({t.serial_id for t in rows.values() if t.serial_id})
    found = {}
    for n, t in rows.items():
        lot, serial = lots.get(t.lot_id or 0), serials.get(t.serial_id or 0)
        items = {x for x in (t.item_id, lot and lot.item_id, serial and serial.item_id) if x}
        is_lost = (t.lot_id and lot is None) or (t.serial_id and serial is None)
        is_split = lot and serial and serial.lot_id != lot.pk
        if is_lost or is_split or len(items) != 1:
            raise InvalidInput(
                sentence("Item, lot and serial do not exist or do not belong together."),
                field=f"targets.{n}",
            )
        if serial is not None:
            found[n] = [Goods(serial.item_id, serial.lot_id, serial.pk)]
        else:
            found[n] = [Goods(items.pop(), lot.pk if lot else None, None)]
    return found


def _is_by_time(target: Target) -> bool:
    """Whether it names what of an item came in during a time."""
    return target.place_id is None and bool(target.from_at or target.until_at)


def goods_of(target: Target, n: int, now: datetime) -> list[Goods]:
    """What the target means by what is known now."""
    ways = [way for way in WAYS if getattr(target, way)]
    if not ways and _is_by_time(target):
        until = min(target.until_at or now, now)
        _check_order(target.from_at, until, n)
        assert target.item_id is not None
        found = means.received(target.item_id, target.supplier_id, target.from_at, until)
        return [g for g in found if _is_narrowed_to(target, g)]
    if not ways:
        return _plain([target])[0]
    if len(ways) > 1:
        raise InvalidInput(
            sentence("Give serials, a supplier's lot, a document or a place; one target for each."),
            field=f"targets.{n}",
        )
    if target.serial_from:
        found = _in_range(target, n)
    elif target.supplier_lot:
        found = means.of_supplier_lot(target.supplier_lot, target.supplier_id)
    elif target.document_id:
        found = means.of_document(target.document_id)
    else:
        found = _in_place(target, n, now)
    return [g for g in found if _is_narrowed_to(target, g)]


def _is_narrowed_to(target: Target, goods: Goods) -> bool:
    return (
        target.item_id in (None, goods.item_id)
        and target.lot_id in (None, goods.lot_id)
        and target.serial_id in (None, goods.serial_id)
    )


def _in_range(target: Target, n: int) -> list[Goods]:
    if target.item_id is None:
        raise InvalidInput(
            sentence("Say of which item these serials are."), field=f"targets.{n}.item_id"
        )
    last = target.serial_to or target.serial_from
    numbers = rules.number_range(normalised(target.serial_from), normalised(last))
    if numbers is None:
        raise InvalidInput(
            sentence(
                "{first} to {last} is no range: both begin alike and end in a number, "
                "the lower one first."
            ),
            field=f"targets.{n}.serial_to",
            first=target.serial_from,
            last=last,
        )
    return means.serials_in(target.item_id, numbers)


def _check_times(target: Target, field: str) -> None:
    for name in ("from_at", "until_at"):
        value = getattr(target, name)
        if value is not None and value.tzinfo is None:
            raise InvalidInput(
                sentence("Give the moment with its time zone."), field=f"{field}.{name}"
            )
    is_of_item = target.item_id and not any(getattr(target, way) for way in WAYS)
    if _is_by_time(target) and not is_of_item:
        raise InvalidInput(
            sentence(
                "Say in which place the goods stood at that time, or of which item they came in "
                "then; or leave the time out."
            ),
            field=f"{field}.place_id",
        )


def _check_order(from_at: datetime | None, until: datetime, n: int) -> None:
    if from_at is not None and from_at > until:
        raise InvalidInput(
            sentence("The time ends before it begins. Give the earlier moment first."),
            field=f"targets.{n}.until_at",
        )


def _in_place(target: Target, n: int, now: datetime) -> list[Goods]:
    assert target.place_id is not None
    until = min(target.until_at or now, now)
    if target.from_at is None:
        raise InvalidInput(
            sentence("Say from when the goods stood there."), field=f"targets.{n}.from_at"
        )
    _check_order(target.from_at, until, n)
    return means.of_place(target.place_id, target.from_at, until)


def expanded(
    known: Iterable[Goods], asked: Iterable[Goods]
) -> tuple[dict[Goods, bool], set[Goods]]:
    """What a scope gets to what it has: each with whether it was made of something in it; and all.

    Refused where that is more than one recall may have.
    """
    old = set(known)
    fresh = dict.fromkeys((g for g in asked if g not in old), False)
    everything = old | fresh.keys()
    for goods in means.made_of(everything):
        if not _is_covered(goods, everything):
            fresh[goods] = True
    if len(old) + len(fresh) > MAX_SCOPES:
        raise InvalidInput(
            sentence("The scope has more than {limit} lots and serials. Recall whole items."),
            field="targets",
            limit=MAX_SCOPES,
        )
    return fresh, old | fresh.keys()


def _is_covered(goods: Goods, known: set[Goods]) -> bool:
    """Whether the goods themselves, their lot or their whole item are in the scope already."""
    item, lot, _ = goods
    return goods in known or Goods(item, lot, None) in known or Goods(item, None, None) in known
