"""Goods are used on patients; who the patient was stands in an erasable row. # SAL-03"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Max, Min, Q

from traceward.domain.catalog.models import Item
from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.sales import events, rules
from traceward.domain.sales.commands.consigning import sell
from traceward.domain.sales.models import PatientReference, Usage, UsageLine, UsageState
from traceward.domain.stock.commands import Said, collect
from traceward.domain.stock.commands.moves import take_back
from traceward.domain.stock.models import Code, StockBalance, StockMove
from traceward.domain.stock.refusals import ShortStock
from traceward.domain.stock.rules import BalanceKey, Leg
from traceward.domain.warehousing.commands.scans import keep_scans
from traceward.domain.warehousing.queries import Goods, recalled
from traceward.domain.warehousing.scanning import Scanned, goods_of, scanned
from traceward.kernel.base.days import require_happened
from traceward.kernel.base.refusals import InvalidInput, WrongState, sentence
from traceward.kernel.base.rows import add_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.command.notes import NoteErased, empty_note, erase_note, read_note
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_lines, emit, enter, open_document
from traceward.kernel.org.roles import COMPLIANCE, COORDINATOR, QUALITY_HEAD, SALES, STOREKEEPER
from traceward.kernel.org.scope import ScopeKey, scope_of


@dataclass(frozen=True)
class UsedItem:
    """Barcodes of the label, base units used, and for implantables the patient's pseudonym.

    A pseudonym is Latin letters, digits and - _ . / only, without blanks, at most 200 of them;
    never a name, nor the number of an identity card or of a mobile phone.
    """

    codes: list[str]
    quantity: int = 1
    patient: Erasable | None = None


@dataclass(frozen=True)
class Used:
    usage_id: int
    #: Ids of the usage's lines, in the order of what was scanned.
    line_ids: list[int]
    quantity: int
    #: Codes of items sold by this although a licence did not count on the day; quality is told.
    unlicensed: list[str] = field(default_factory=list)


def place_scope(place_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Place, place_id)


@command("sales.use", roles=(COORDINATOR, SALES, STOREKEEPER), scope=place_scope)
def use(place_id: int, items: list[UsedItem], *, used_on: date | None = None, by: Actor) -> Used:
    """The goods were used up in the department; they are the customer's now, if they were ours.

    What was ours until now is sold by that, at the price of the order that brought it; where a
    licence did not count on the day of use, quality is told, and nothing is refused. # REV-02
    Moves, audit entry and events say what was used where, never on whom.
    """
    place = Place.objects.select_related("site").find(place_id)
    if place is None or place.kind not in (PlaceKind.CUSTOMER, PlaceKind.DEPARTMENT):
        raise InvalidInput(
            sentence("Choose the department or customer's place where it was used."),
            field="place_id",
        )
    today = place.site.day_at(by.now)
    require_happened(used_on, today, "used_on")
    if not items:
        raise InvalidInput(sentence("Scan what was used."), field="items")
    read = scanned([(x.codes, 1) for x in items], today, field="items.{n}.codes")
    _check_patients(items, read)
    if used_on is not None and used_on < today:
        _require_there(place, [x.goods for x in read], used_on)
    usage = Usage(place=place, used_on=used_on or today)
    open_document(usage, site=place.site, state=UsageState.RECORDED, by=by)
    keep_scans(usage, read, by=by)
    lines = add_lines(usage, len(items))
    taken = [(x.goods, item.quantity) for x, item in zip(read, items, strict=True)]
    rows = add_rows(
        UsageLine(line=line, quantity=quantity, **goods._asdict())
        for line, (goods, quantity) in zip(lines, taken, strict=True)
    )
    add_rows(
        PatientReference(usage_line=row, text=item.patient.reveal())
        for row, item in zip(rows, items, strict=True)
        if item.patient
    )
    legs = list(_legs(usage, place, rows, read))
    unlicensed = sell(usage, place, rows, legs, by)
    collect(legs, said=Said("items.{n}.codes", of=range(len(items))), by=by)
    emit(events.GoodsUsed(usage.uid, len(rows)), subject=usage.uid, by=by)
    return Used(usage.pk, [line.pk for line in lines], sum(q for _, q in taken), unlicensed)


#: How goods come to where they are used; what is counted in may have stood there before.
ARRIVALS = (Code.DELIVER, Code.MOVE, Code.TRANSFER)


def _require_there(place: Place, goods: list[Goods], day: date) -> None:
    """Refused where the day is before one of these came: a serial the last time, a lot the first.

    A use that was cancelled is no arrival, so that the right day can be recorded after it.
    """
    lots, serials = {g.lot_id for g in goods}, {g.serial_id for g in goods} - {None}
    came = StockMove.objects.filter(
        Q(serial__in=serials) | Q(serial=None, lot__in=lots), to_place=place, code__in=ARRIVALS
    ).exclude(from_place=place)
    rows = came.values_list("item", "lot", "serial").annotate(
        Min("happened_at"), Max("happened_at")
    )
    since = {Goods(*key): last if key[2] else first for *key, first, last in rows}
    for one in goods:
        if one in since and day < place.site.day_at(since[one]):
            raise InvalidInput(
                sentence(
                    "On {day} it was not there yet: it came to {place} on {since}. Enter the day "
                    "on which it was used."
                ),
                field="used_on",
                day=str(day),
                place=place.code,
                since=str(place.site.day_at(since[one])),
            )


def _check_patients(items: list[UsedItem], read: list[Scanned]) -> None:
    """An implantable is used with the patient's pseudonym, unit by unit."""
    implantable = set(
        Item.objects.filter(
            pk__in={x.goods.item_id for x in read}, is_implantable=True
        ).values_list("pk", flat=True)
    )
    for n, (item, seen) in enumerate(zip(items, read, strict=True)):
        if item.quantity < 1:
            raise InvalidInput(
                sentence("The quantity must be a whole number above zero."),
                field=f"items.{n}.quantity",
            )
        if seen.goods.item_id in implantable and not item.patient:
            raise InvalidInput(
                sentence("{item} is implantable. Enter the pseudonym of the patient."),
                field=f"items.{n}.patient",
                item=seen.label.item_code,
            )
        if item.patient:
            _check_pseudonym(item.patient.reveal(), f"items.{n}.patient")


def _check_pseudonym(text: str, field: str) -> None:
    """Who the patient is stands at the hospital only. # SAL-03"""
    if not rules.is_pseudonym(text):
        raise InvalidInput(
            sentence(
                "A pseudonym has letters A–Z, digits and - _ . / only, and no blanks. Enter the "
                "patient's pseudonym, not a name."
            ),
            field=field,
        )
    if rules.names_a_person(text):
        raise InvalidInput(
            sentence(
                "This is the number of an identity card or a mobile phone. Enter the patient's "
                "pseudonym."
            ),
            field=field,
        )


def _legs(
    usage: Usage, place: Place, rows: Iterable[UsageLine], read: list[Scanned]
) -> Iterable[Leg]:
    """From the department to its used place; what is the customer's own already goes first."""
    target = _used_place(place)
    wanted = {seen.goods.item_id for seen in read}
    balances = list(
        StockBalance.objects.filter(place=place, item__in=wanted, status=2, on_hand__gt=0)
    )
    balances.sort(key=lambda b: (b.owner_id != place.party_id, b.owner_id, b.pk))
    of_goods: dict[Goods, list[StockBalance]] = defaultdict(list)
    for b in balances:
        of_goods[Goods(b.item_id, b.lot_id, b.serial_id)].append(b)
    left = {balance.pk: balance.on_hand for balance in balances}
    for n, (row, seen) in enumerate(zip(rows, read, strict=True)):
        missing = row.quantity
        for b in of_goods[seen.goods]:
            part = min(missing, left[b.pk])
            left[b.pk] -= part
            missing -= part
            if part:
                yield _leg(usage, row, b, target, place.party_id or b.owner_id, part, seen)
        if missing:
            raise ShortStock(
                sentence(
                    "{place} has {there} of {goods}; {asked} were said to be used. "
                    "Check what was scanned, or have the delivery signed for."
                ),
                field=f"items.{n}",
                place=place.code,
                there=row.quantity - missing,
                asked=row.quantity,
                goods=goods_of(seen.label),
            )


def _leg(
    usage: Usage,
    row: UsageLine,
    b: StockBalance,
    target: Place,
    owner_id: int,
    quantity: int,
    seen: Scanned,
) -> Leg:
    key = BalanceKey.of(b)
    used = key._replace(place_id=target.pk, owner_id=owner_id, container_id=None)
    return Leg.between(
        Code.USE,
        key,
        used,
        quantity,
        document_id=usage.pk,
        line_id=row.pk,
        di=seen.label.di,
    )


def _used_place(place: Place) -> Place:
    """Where the department's used goods are booked: its own, its hospital's, or the site's."""
    rows = Place.objects.filter(kind=PlaceKind.USED, site=place.site_id, is_open=True)
    fitting = [p for p in rows if p.parent_id == place.pk or p.party_id in (None, place.party_id)]
    if not fitting:
        raise InvalidInput(
            sentence("{place} has no place for used goods. Have one opened."),
            field="place_id",
            place=place.code,
        )
    return min(fitting, key=lambda p: (p.parent_id != place.pk, p.party_id is None, p.pk))


NO_PATIENT = sentence("No patient is recorded for this usage line.")


@dataclass(frozen=True)
class PatientRead:
    """The pseudonym is for the reader's eyes; what is stored of this answer does not have it."""

    patient: Erasable


def usage_scope(usage_line_id: int, **_: Any) -> list[ScopeKey]:
    where = ("line__document__legal_entity_id", "line__document__site_id")
    return scope_of(UsageLine, usage_line_id, *where)


@command("sales.read_patient", roles=(QUALITY_HEAD, COMPLIANCE), scope=usage_scope)
def read_patient(usage_line_id: int, reason: str, *, by: Actor) -> PatientRead:
    """It is on record who looked up the patient of this usage line, and why."""
    row = PatientReference.objects.filter(usage_line=usage_line_id).first()
    return PatientRead(read_note(row, reason, NO_PATIENT, field="usage_line_id", by=by))


@command("sales.erase_patient", roles=(COMPLIANCE,), scope=usage_scope)
def erase_patient(usage_line_id: int, reason: str, *, by: Actor) -> NoteErased:
    """The pseudonym is gone; that goods were used, and where, stays.

    Not while a recall runs over the goods: the hospital finds the patient by it. # TRC-03
    """
    line = UsageLine.objects.filter(pk=usage_line_id).first()
    goods = [Goods(line.item_id, line.lot_id, line.serial_id)] if line else []
    found = recalled(goods, Code.USE) if goods else []
    if found:
        raise WrongState(
            sentence(
                "These goods are being recalled ({reason}), and the patient is found by this "
                "alone. Erase it when the recall is closed."
            ),
            field="usage_line_id",
            reason=found[0]["reason"],
        )
    row = PatientReference.objects.filter(usage_line=usage_line_id).first()
    return erase_note(row, reason, NO_PATIENT, field="usage_line_id", by=by)


def record_scope(usage_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Usage, usage_id)


@dataclass(frozen=True)
class UsageUndone:
    """So many base units stand in the department again."""

    quantity: int


@command(
    "sales.cancel_usage",
    roles=(COORDINATOR,),
    scope=record_scope,
    from_states=(UsageState.RECORDED,),
)
def cancel_usage(usage_id: int, reason: str, *, by: Actor) -> UsageUndone:
    """A use that was recorded by mistake is cancelled: the goods stand in the department again.

    Whose they were, theirs they are again; the patients' pseudonyms are gone.
    """
    usage: Usage = Usage.objects.lock(usage_id)
    enter(usage, UsageState.CANCELLED, by=by)
    quantity = take_back(usage, reason, by=by)
    noted = PatientReference.objects.filter(usage_line__line__document=usage_id)
    for row in PatientReference.objects.lock_all(noted.values_list("pk", flat=True)):
        empty_note(row, reason, by=by)
    emit(events.UsageCancelled(usage.uid), subject=usage.uid, by=by)
    return UsageUndone(quantity)
