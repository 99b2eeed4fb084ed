"""What stands in a place is counted 盘点, and the books agree with the count. # WMS-04"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from traceward.domain.catalog.queries import items_with_facts, papers_of
from traceward.domain.places.models import Place
from traceward.domain.stock.commands.moves import Difference, post_differences, why_many
from traceward.domain.stock.commands.posting import Said
from traceward.domain.stock.models import Lot, Serial, Status, StockBalance
from traceward.domain.stock.refusals import goods_named
from traceward.domain.stock.rules import BalanceKey, StatusWord
from traceward.domain.warehousing.models import CountState, StockCount, StockCountLine
from traceward.kernel.base.refusals import InvalidInput, Phrase, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_lines, open_document
from traceward.kernel.org.models import Party
from traceward.kernel.org.roles import STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of


@dataclass(frozen=True)
class Counted:
    """So many base units of one lot or serial, in one status, of one owner."""

    item_id: int
    counted: int
    owner_id: int
    lot_id: int | None = None
    serial_id: int | None = None
    status: StatusWord = 2
    container_id: int | None = None

    def key(self, place_id: int) -> BalanceKey:
        """The balance that was counted."""
        return BalanceKey(
            self.item_id,
            self.lot_id,
            place_id,
            self.status,
            self.owner_id,
            self.serial_id,
            self.container_id,
        )


@dataclass(frozen=True)
class StockWasCounted:
    count_id: int
    #: How many lines differed from the books.
    differing: int


def place_scope(place_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Place, place_id)


def why_held(
    place_id: int, lines: list[Counted], *, explanation: str = "", by: Actor, **_: Any
) -> Phrase | None:
    """Differences as large as an adjustment that needs a second person need one too.

    What would be refused anyway is refused at once: whoever decides reads the explanation.
    """
    booked = _booked(place_id)
    _check(_counted_place(place_id), lines, booked, explanation)
    return (
        None
        if by.approved_by is not None
        else why_many([d for _, d in _differences(place_id, lines, booked)], by=by)
    )


@command("warehousing.count", roles=(STOREKEEPER, SUPERVISOR), scope=place_scope, hold=why_held)
def count(
    place_id: int, lines: list[Counted], *, explanation: str = "", by: Actor
) -> StockWasCounted:
    """Everything in the place was counted; the books say what the count says (GSP art. 77).

    Refused where something that stands there by the books was passed over, and where a difference
    is not explained. What was found too much waits for inspection.
    """
    place = _counted_place(place_id)
    booked = _booked(place_id)
    _check(place, lines, booked, explanation)
    differences = _differences(place_id, lines, booked)
    made = StockCount(place=place, counted_at=by.now, explanation=explanation.strip())
    open_document(made, site=place.site, state=CountState.RECORDED.value, by=by)
    _write_lines(made, lines, booked, by)
    if differences:
        said = Said("lines.{n}", of=[n for n, _ in differences])
        post_differences([d for _, d in differences], explanation, said=said, by=by)
    return StockWasCounted(made.pk, len(differences))


def _counted_place(place_id: int) -> Place:
    place = Place.objects.select_related("site").filter(pk=place_id, physical=True).first()
    if place is None:
        raise InvalidInput(sentence("Choose the place that was counted."), field="place_id")
    return place


def _check(
    place: Place, lines: Sequence[Counted], booked: dict[BalanceKey, int], explanation: str
) -> None:
    """Refused where something is unknown or was passed over, or a difference is not explained."""
    _check_lines(place, lines, booked)
    if not explanation.strip() and _differences(place.pk, lines, booked):
        raise InvalidInput(
            sentence("The count differs from the books. Say what was found out about it."),
            field="explanation",
        )


def _booked(place_id: int) -> dict[BalanceKey, int]:
    rows = StockBalance.objects.filter(place=place_id, on_hand__gt=0)
    found = rows.values_list(*BalanceKey._fields, "on_hand")
    return {BalanceKey(*key): left for *key, left in found}


def _differences(
    place_id: int, lines: Sequence[Counted], booked: dict[BalanceKey, int]
) -> list[tuple[int, Difference]]:
    """What differs, with the number of its line."""
    return [
        (
            n,
            Difference(
                x.item_id,
                place_id,
                x.counted - booked.get(x.key(place_id), 0),
                x.owner_id,
                x.lot_id,
                x.serial_id,
                x.status,
                x.container_id,
            ),
        )
        for n, x in enumerate(lines)
        if x.counted != booked.get(x.key(place_id), 0)
    ]


def _check_lines(place: Place, lines: Sequence[Counted], booked: dict[BalanceKey, int]) -> None:
    """Every balance of the place once, nothing below zero, and nothing that nobody knows."""
    seen: set[BalanceKey] = set()
    lots = dict(Lot.objects.filter(pk__in=_ids(lines, "lot_id")).values_list("pk", "item"))
    serials = Serial.objects.filter(pk__in=_ids(lines, "serial_id"))
    of_items = dict(serials.values_list("pk", "item"))
    known = items_with_facts(x.item_id for x in lines)
    owners = set(Party.objects.filter(pk__in=_ids(lines, "owner_id")).values_list("pk", flat=True))
    for n, line in enumerate(lines):
        is_known = (
            line.item_id in known
            and line.owner_id in owners
            and line.status in Status.values
            and (line.lot_id is None or lots.get(line.lot_id) == line.item_id)
            and (line.serial_id is None or of_items.get(line.serial_id) == line.item_id)
        )
        if not is_known:
            raise InvalidInput(
                sentence("Name an item, its lot or serial, owner and status that are known."),
                field=f"lines.{n}",
            )
        if line.counted < 0 or line.key(place.pk) in seen:
            raise InvalidInput(
                sentence("Give each lot or serial once, with what was counted: 0 or more."),
                field=f"lines.{n}",
            )
        seen.add(line.key(place.pk))
    passed_over = next((key for key in booked if key not in seen), None)
    if passed_over is not None:
        lot = Lot.objects.find(passed_over.lot_id or 0)
        serial = Serial.objects.find(passed_over.serial_id or 0)
        item = items_with_facts([passed_over.item_id])[passed_over.item_id]
        raise InvalidInput(
            sentence("{goods} stands in {place} by the books. Count it too, 0 where it is gone."),
            field="lines",
            goods=goods_named(item.code, str(lot or ""), str(serial or "")),
            place=place.code,
        )


def _ids(lines: Sequence[Counted], name: str) -> set[int]:
    return {getattr(line, name) for line in lines} - {None}


def _write_lines(
    made: StockCount, lines: Sequence[Counted], booked: dict[BalanceKey, int], by: Actor
) -> None:
    items = items_with_facts(x.item_id for x in lines)
    papers = papers_of(items.values(), made.site.day_at(by.now))
    StockCountLine.objects.bulk_create(
        StockCountLine(
            line=line,
            count=made,
            item_id=x.item_id,
            lot_id=x.lot_id,
            serial_id=x.serial_id,
            owner_id=x.owner_id,
            container_id=x.container_id,
            status=x.status,
            booked=booked.get(x.key(made.place_id), 0),
            counted=x.counted,
            **papers[x.item_id],
        )
        for line, x in zip(add_lines(made, len(lines)), lines, strict=True)
    )
