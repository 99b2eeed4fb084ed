"""What any scanned or typed code is here: what it names, how that stands, what does not fit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q

from traceward.domain.catalog.models import PackagingLevel
from traceward.domain.catalog.scanning import (
    AmbiguousCode,
    ContradictingScan,
    Label,
    Misfit,
    labels_of,
    read,
)
from traceward.domain.places.models import OPEN_ENDED, Place
from traceward.domain.stock.models import Container, Lot, Serial, Status, StockBlock
from traceward.domain.stock.queries import Standing, Which, blocks_at, boxes_at, on_hand
from traceward.domain.stock.rules import is_expired
from traceward.domain.warehousing.scanning.boxes import BoxFound, box_found, with_inner
from traceward.domain.warehousing.scanning.gone import FINAL, Days, Left, left, no_days
from traceward.domain.warehousing.scanning.goods import (
    identities,
    misfits,
    options_of,
    unknown_goods,
)
from traceward.kernel.base.codes import OWN, LabelText
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.documents.models import Document

#: Balances that are read for one code, and rows of whereabouts that are told.
MAX_BALANCES = 10_000
MAX_WHEREABOUTS = 50


@dataclass(frozen=True)
class Told:
    """A sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Candidate:
    """One thing that a code may stand for."""

    #: "item", "lot", "serial", "container", "place" or "document".
    kind: str
    id: int
    name: str
    #: Of a lot or serial, the item's code; of a place or document, its kind.
    of: str = ""


@dataclass(frozen=True)
class GoodsFound:
    """What a label says of its goods, and the records it leads to; an id is null where unknown."""

    item_id: int
    item_code: str
    item_zh: str
    item_en: str
    packaging_id: int
    level: int
    #: Base units in one pack.
    base_units: int
    base_unit: str
    agency: str
    di: str
    lot_id: int | None = None
    lot: str = ""
    serial_id: int | None = None
    serial: str = ""
    #: The record's where the lot is known, else the label's; "day" or "month".
    expires_on: date | None = None
    expiry_precision: str = ""
    produced_on: date | None = None
    #: How many the label says are in the pack.
    label_quantity: int | None = None


@dataclass(frozen=True)
class StandsAt:
    """Base units in one place, in one state."""

    place_id: int
    place: str
    place_kind: str
    site_id: int
    #: The status; "used" or "destroyed" where that became of them.
    status: str
    quantity: int
    reserved: int
    is_expired: bool
    is_on_hold: bool
    is_recalled: bool


@dataclass(frozen=True)
class Blocked:
    """A block that lies on the lot, serial, item, container or place itself."""

    kind: str
    reason: str
    placed_at: datetime


@dataclass(frozen=True)
class LookedUp:
    """What a code is; `found` is null where it is nothing known, or may be several things."""

    codes: tuple[str, ...]
    #: The code systems on the label: GS1, HIBC, MA, AHM; "own" where none claims it.
    systems: tuple[str, ...] = ()
    found: Candidate | None = None
    goods: GoodsFound | None = None
    #: What is in it, where it is a container.
    box: BoxFound | None = None
    #: Whether it is expired, on hold or recalled, the statuses in which the asker may see it, and
    #: "used", "destroyed" and so on of what went for good.
    states: tuple[str, ...] = ()
    blocks: tuple[Blocked, ...] = ()
    #: The largest quantities first; not all where there are more than can be told.
    whereabouts: tuple[StandsAt, ...] = ()
    #: Of a lot's or serial's goods, what went for good: when, where, under which document.
    left: tuple[Left, ...] = ()
    is_complete: bool = True
    misfits: tuple[Misfit, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    #: What was read and what to do, where something is wrong or not known.
    told: Told | None = None


def look_up(
    codes: Sequence[str],
    *,
    sites: Collection[int] | None,
    now: datetime,
    today: date,
    days: Days = no_days,
) -> LookedUp:
    """What the barcodes of one label, or one typed text, stand for. # WMS-01 INV-05

    Nothing is refused: what cannot be read, or may be several things, is told. `sites` are those
    whose stock, places and documents the asker may see, None for all; `days` tells the day that a
    document names itself.
    """
    empty = LookedUp(tuple(codes))
    try:
        (label,) = read([codes], today, field="codes")
    except Refusal as refusal:
        return _told(empty, refusal)
    empty = replace(empty, systems=tuple(r.system for r in label.readings) or (OWN,))
    others = list(_others(label, sites))
    try:
        (pack,) = labels_of([label], field="codes", named=options_of([label]))
    except AmbiguousCode as refusal:
        rows = [Candidate(r["kind"], r["id"], r["name"], r["item"]) for r in refusal.details]
        return replace(_told(empty, refusal), candidates=(*rows, *others))
    except Refusal as refusal:
        return _of_others(_told(empty, refusal), others, sites, now)
    answer, lot, serial = _of_goods(empty, pack, sites, now, today)
    answer = _with_left(answer, lot, serial, sites, days)
    if others and answer.found is not None:
        return replace(empty, candidates=(answer.found, *others))
    return answer


def _told(answer: LookedUp, refusal: Refusal) -> LookedUp:
    """What a refusal says, as an answer."""
    told = Told(refusal.in_language("zh-hans"), refusal.in_language("en"))
    if not isinstance(refusal, ContradictingScan):
        return replace(answer, told=told)
    row = {k: v for k, v in refusal.details[0].items() if k not in ("n", "raw")}
    return replace(answer, told=told, misfits=(Misfit(**row),))


def _others(label: LabelText, sites: Collection[int] | None) -> Iterator[Candidate]:
    """Containers, places and documents that have the code."""
    texts = {*label.texts, *label.doubtful}
    codes = texts | {r.sscc for r in label.readings if r.sscc}
    if not codes:
        return
    boxes = Container.objects.filter(code__in=codes)
    for box in boxes if sites is None else boxes.filter(boxes_at(sites)):
        yield Candidate("container", box.pk, box.code)
    places = Place.objects.filter(code__in=texts)
    for place in places if sites is None else places.filter(site__in=sites):
        yield Candidate("place", place.pk, place.code, place.kind)
    documents = Document.objects.filter(number__in=texts)
    for document in documents if sites is None else documents.filter(site__in=sites):
        yield Candidate("document", document.pk, str(document.number), document.kind)


def _of_others(
    told: LookedUp, others: Sequence[Candidate], sites: Collection[int] | None, now: datetime
) -> LookedUp:
    """The answer where the code names no goods."""
    if len(others) != 1:
        return replace(told, candidates=tuple(others))
    (found,) = others
    answer = replace(told, found=found, told=None, misfits=())
    if found.kind == "document":
        state = Document.objects.values_list("state", flat=True).get(pk=found.id)
        return replace(answer, states=(state,))
    if found.kind == "container":
        ids = with_inner(found.id)
        rows = on_hand(sites=sites, now=now, which=Which(containers=ids), limit=MAX_BALANCES)
        answer = replace(answer, box=box_found(found.id, ids, _there(rows), sites))
        return _standing(answer, rows, Q(container=found.id), sites, now)
    inside = Place.objects.filter(path__contains=[found.id]).values_list("pk", flat=True)
    rows = on_hand(sites=sites, now=now, which=Which(places=inside), limit=MAX_BALANCES)
    return _standing(answer, rows, Q(place=found.id), sites, now)


def _of_goods(
    empty: LookedUp,
    label: Label,
    sites: Collection[int] | None,
    now: datetime,
    today: date,
) -> tuple[LookedUp, Lot | None, Serial | None]:
    """The answer for a label of goods: the narrowest record that is known, and how it stands."""
    known = identities([label])
    lot, serial = known.lot_of(label), known.serial_of(label)
    found, which, scope = _narrowest(label, lot, serial)
    answer = replace(
        empty,
        found=found,
        goods=_goods(label, lot, serial),
        misfits=tuple(misfits(label, known)),
    )
    is_unknown = (label.lot_number and lot is None) or (label.serial_number and serial is None)
    if is_unknown and not answer.misfits:
        answer = _told(answer, unknown_goods(label, "codes", 0))
    rows = on_hand(sites=sites, now=now, which=which, limit=MAX_BALANCES)
    standing = _standing(answer, rows, scope, sites, now)
    if lot is not None and is_expired(lot.expires_on, today):
        standing = replace(standing, states=tuple(dict.fromkeys(("expired", *standing.states))))
    return standing, lot, serial


def _with_left(
    answer: LookedUp,
    lot: Lot | None,
    serial: Serial | None,
    sites: Collection[int] | None,
    days: Days,
) -> LookedUp:
    """The answer with what became of goods that are in nobody's stock any more.

    Of a serial, where it is nowhere; of a lot, where some of it was used or destroyed.
    """
    is_final = [at.place_kind in FINAL for at in answer.whereabouts]
    if serial is not None and all(is_final):
        gone = left(serial_id=serial.pk, sites=sites, limit=1, days=days)
    elif serial is None and lot is not None and any(is_final):
        gone = left(lot_id=lot.pk, sites=sites, limit=MAX_WHEREABOUTS, days=days)
    else:
        return answer
    states = tuple(dict.fromkeys((*answer.states, *(one.how for one in gone))))
    return replace(answer, left=tuple(gone), states=states)


def _narrowest(label: Label, lot: Lot | None, serial: Serial | None) -> tuple[Candidate, Which, Q]:
    if serial is not None:
        found = Candidate("serial", serial.pk, serial.raw_number, label.item_code)
        scope = Q(serial=serial.pk) | Q(lot=serial.lot_id, serial=None, lot__isnull=False)
        return found, Which(serials=[serial.pk]), scope
    if lot is not None:
        found = Candidate("lot", lot.pk, lot.raw_number, label.item_code)
        return found, Which(lots=[lot.pk]), Q(lot=lot.pk, serial=None)
    found = Candidate("item", label.item_id, label.item_code)
    return found, Which(items=[label.item_id]), Q(item=label.item_id, lot=None, serial=None)


def _goods(label: Label, lot: Lot | None, serial: Serial | None) -> GoodsFound:
    pack = PackagingLevel.objects.select_related("item").get(pk=label.packaging_id)
    expires = label.expires
    return GoodsFound(
        item_id=label.item_id,
        item_code=label.item_code,
        item_zh=pack.item.name("zh"),
        item_en=pack.item.name("en"),
        packaging_id=pack.pk,
        level=pack.level,
        base_units=pack.base_units,
        base_unit=pack.item.base_unit,
        agency=label.agency,
        di=label.di,
        lot_id=lot.pk if lot else None,
        lot=lot.raw_number if lot else label.lot_number,
        serial_id=serial.pk if serial else None,
        serial=serial.raw_number if serial else label.serial_number,
        expires_on=lot.expires_on if lot else expires.on if expires else None,
        expiry_precision=lot.expiry_precision if lot else expires.precision if expires else "",
        produced_on=label.produced.on if label.produced else lot.made_on if lot else None,
        label_quantity=label.quantity,
    )


def _there(rows: Iterable[Standing]) -> list[Standing]:
    """What stands somewhere; not what came from, or went to, places that are no place."""
    return [row for row in rows if row.on_hand > 0 and row.place_kind not in OPEN_ENDED]


def _standing(
    answer: LookedUp,
    rows: Sequence[Standing],
    scope: Q,
    sites: Collection[int] | None,
    now: datetime,
) -> LookedUp:
    """The answer with where it stands, in what state, and what blocks it."""
    there = _there(rows)
    whereabouts = _by_place(there)
    is_open = Q(until=None) | Q(until__gt=now)
    fence = Q() if sites is None else blocks_at(sites)
    blocks = StockBlock.objects.filter(scope, is_open, fence, lifted_at=None).order_by("pk")
    blocked = tuple(Blocked(b.kind, b.reason, b.placed_at) for b in blocks[:MAX_WHEREABOUTS])
    return replace(
        answer,
        states=tuple(_states(there, blocked)),
        blocks=blocked,
        whereabouts=tuple(whereabouts[:MAX_WHEREABOUTS]),
        is_complete=len(rows) < MAX_BALANCES and len(whereabouts) <= MAX_WHEREABOUTS,
    )


def _states(rows: Iterable[Standing], blocked: Iterable[Blocked]) -> Iterator[str]:
    """Each state that holds for any of it, once: what forbids first."""
    states = {Status(row.status).label for row in rows if row.place_kind not in FINAL}
    kinds = {block.kind for block in blocked}
    derived = (
        ("expired", any(row.is_expired for row in rows)),
        ("recalled", "recall" in kinds or any(row.is_recalled for row in rows)),
        ("on hold", "hold" in kinds or any(row.is_on_hold for row in rows)),
    )
    yield from (name for name, is_so in derived if is_so)
    yield from (str(status.label) for status in Status if status.label in states)
    kinds = {row.place_kind for row in rows}
    yield from (word for kind, word in FINAL.items() if kind in kinds)


def _by_place(rows: Sequence[Standing]) -> list[StandsAt]:
    """Quantities by place and state, the largest first."""
    total: dict[tuple[int, int, bool, bool, bool], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        key = (row.place_id, row.status, row.is_expired, row.is_on_hold, row.is_recalled)
        total[key][0] += row.on_hand
        total[key][1] += row.reserved
    places = Place.objects.in_bulk({key[0] for key in total})
    found = [
        StandsAt(
            place_id,
            places[place_id].code,
            places[place_id].kind,
            places[place_id].site_id,
            FINAL.get(places[place_id].kind) or str(Status(status).label),
            quantity,
            reserved,
            *flags,
        )
        for (place_id, status, *flags), (quantity, reserved) in total.items()
    ]
    return sorted(found, key=lambda at: (-at.quantity, at.place, at.status))
