"""Labels are printed: of goods with their UDI, of boxes with their SSCC, of places. # WMS-06

A label of a device is evidence: who printed how many of what, and what stood on them, stays on
record. PDF and printer's commands are made from that record, the same each time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from django.db.models import Exists, OuterRef

from traceward.domain.catalog.models import PackagingLevel
from traceward.domain.catalog.scanning import UnreadableCode
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Container, Lot, Serial, StockBalance
from traceward.domain.stock.queries import boxes_at
from traceward.domain.warehousing.models import LabelKind, LabelPrint, PrintedLabel
from traceward.domain.warehousing.papers import labels as papers
from traceward.domain.warehousing.papers.label_texts import (
    WRITTEN,
    Goods,
    box_texts,
    goods_text,
    place_text,
)
from traceward.domain.warehousing.papers.labels import LabelText
from traceward.kernel.base.gs1 import CodeProblem
from traceward.kernel.base.refusals import InvalidInput, TooLarge, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import (
    CHECKER,
    DISPATCHER,
    INSPECTOR,
    PICKER,
    PRODUCTION,
    QUALITY_CONTROLLER,
    STOREKEEPER,
    SUPERVISOR,
)
from traceward.kernel.org.scope import ScopeKey, scope_of

#: Different labels of one request, of boxes, which say the most, and labels with their copies.
MAX_LINES, MAX_BOXES, MAX_LABELS = 200, 100, 500
T = TypeVar("T")


@dataclass(frozen=True)
class GoodsLabel:
    """Labels of packs of one lot, or of one serial; of the base unit, unless a level is named."""

    lot_id: int | None = None
    serial_id: int | None = None
    packaging_id: int | None = None
    copies: int = 1


@dataclass(frozen=True)
class BoxLabel:
    """Labels of one box."""

    container_id: int
    copies: int = 1


@dataclass(frozen=True)
class PlaceLabel:
    """Labels of one place."""

    place_id: int
    copies: int = 1


class _Copied(Protocol):
    @property
    def copies(self) -> int: ...


@dataclass(frozen=True)
class LabelsPrinted:
    """What was printed: PDF and printer's commands are fetched by the id."""

    label_print_id: int
    #: Copies counted.
    printed: int


def label_scope(site_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Site, site_id, site="pk")


@command(
    "warehousing.print_goods_labels",
    roles=(STOREKEEPER, SUPERVISOR, INSPECTOR, PRODUCTION, QUALITY_CONTROLLER),
    scope=label_scope,
)
def print_goods_labels(
    site_id: int,
    labels: list[GoodsLabel],
    *,
    size: Literal["50x30", "70x40", "100x60"] = "50x30",
    by: Actor,
) -> LabelsPrinted:
    """It is on record who printed which UDI labels of goods that are or were at the site.

    Refused where the lot or serial was never there, and where the label would lack a number by
    which the goods are followed.
    """
    site = _site(site_id)
    _require_some(labels)
    numbers = _Numbers(site, labels)
    rows, texts = [], []
    for n, one in enumerate(labels):
        at = f"labels.{n}"
        goods = numbers.goods(one, at)
        try:
            texts.append(goods_text(goods, one.copies))
        except CodeProblem as problem:
            raise UnreadableCode.of(problem, f"{at}.{_named(one)}") from None
        rows.append(
            {"item": goods.item, "packaging": goods.packaging}
            | {"lot": goods.lot, "serial": goods.serial}
        )
    return _recorded(LabelKind.UDI, size, site, rows, texts, by)


@command(
    "warehousing.print_box_labels",
    roles=(STOREKEEPER, SUPERVISOR, PICKER, CHECKER, DISPATCHER),
    scope=label_scope,
)
def print_box_labels(
    site_id: int,
    labels: list[BoxLabel],
    *,
    size: Literal["100x150", "100x100"] = "100x150",
    by: Actor,
) -> LabelsPrinted:
    """It is on record who printed which logistic labels of boxes that are or were at the site."""
    site = _site(site_id)
    _require_some(labels, MAX_BOXES)
    ids = [one.container_id for one in labels]
    found = Container.objects.filter(boxes_at([site_id])).in_bulk(ids)
    boxes = [
        _there(found.get(pk), f"labels.{n}.container_id", BOX_ELSEWHERE, site)
        for n, pk in enumerate(ids)
    ]
    texts = box_texts(boxes, site, [one.copies for one in labels])
    return _recorded(LabelKind.SSCC, size, site, [{"container": box} for box in boxes], texts, by)


@command(
    "warehousing.print_place_labels",
    roles=(STOREKEEPER, SUPERVISOR),
    scope=label_scope,
)
def print_place_labels(
    site_id: int,
    labels: list[PlaceLabel],
    *,
    size: Literal["70x40", "100x60", "50x30"] = "70x40",
    by: Actor,
) -> LabelsPrinted:
    """It is on record who printed which labels of places of the site."""
    site = _site(site_id)
    _require_some(labels)
    ids = [one.place_id for one in labels]
    found = Place.objects.select_related("site").filter(site=site_id).in_bulk(ids)
    places = [
        _there(found.get(pk), f"labels.{n}.place_id", PLACE_ELSEWHERE, site)
        for n, pk in enumerate(ids)
    ]
    texts = [place_text(p, one.copies) for p, one in zip(places, labels, strict=True)]
    return _recorded(LabelKind.PLACE, size, site, [{"place": p} for p in places], texts, by)


BOX_ELSEWHERE = sentence("This box is not and was not at {site}. Choose one that is there.")
PLACE_ELSEWHERE = sentence("This place does not belong to {site}. Choose one of its own.")
GOODS_ELSEWHERE = sentence(
    "These goods are not and were not at {site}. Print their labels where they are."
)


def _there(row: T | None, field: str, told: str, site: Site) -> T:
    """The row; refused, at its field, where it is none of the site's."""
    if row is None:
        raise InvalidInput(told, field=field, site=site.names)
    return row


def _site(site_id: int) -> Site:
    site = Site.objects.select_related("legal_entity__party").filter(pk=site_id).first()
    if site is None:
        raise InvalidInput(sentence("Choose the site at which they are printed."), field="site_id")
    return site


def _require_some(labels: Sequence[_Copied], most: int = MAX_LINES) -> None:
    """Refused where there is nothing to print, or more than a printer is given at once."""
    if not labels:
        raise InvalidInput(sentence("Choose what the labels are for."), field="labels")
    if len(labels) > most:
        raise TooLarge(
            sentence("{count} different labels are too many at once; print at most {most}."),
            field="labels",
            count=len(labels),
            most=most,
        )
    total = 0
    for n, one in enumerate(labels):
        field = f"labels.{n}.copies"
        if not 1 <= one.copies <= MAX_LABELS:
            raise InvalidInput(
                sentence("Print 1 to {most} copies at a time."), field=field, most=MAX_LABELS
            )
        total += one.copies
        if total > MAX_LABELS:
            raise TooLarge(
                sentence("With these copies it is more than {most} labels. Print in parts."),
                field=field,
                most=MAX_LABELS,
            )


def _recorded(
    kind: LabelKind,
    size: str,
    site: Site,
    rows: Iterable[dict[str, Any]],
    texts: Sequence[LabelText],
    by: Actor,
) -> LabelsPrinted:
    """The labels stand on record as they will be printed; each was tried on its size."""
    wrong = papers.too_small_for(kind, papers.LAYOUTS[kind][size], texts)
    if wrong is not None:
        raise InvalidInput(
            sentence("The texts of label {number} have no room on {size} mm. Choose a larger one."),
            field="size",
            number=wrong + 1,
            size=size.replace("x", " × "),
        )
    made = LabelPrint.objects.create(
        kind=kind,
        size=size,
        site=site,
        legal_entity=site.legal_entity,
        person_id=by.person_id,
        at=by.now,
        labels=sum(one.copies for one in texts),
        command_id=by.work.command_id,
    )
    PrintedLabel.objects.bulk_create(
        PrintedLabel(
            label_print=made,
            line_number=n,
            copies=one.copies,
            code=one.code,
            texts=one.texts,
            **row,
        )
        for n, (row, one) in enumerate(zip(rows, texts, strict=True), 1)
    )
    return LabelsPrinted(made.pk, made.labels)


def _named(label: GoodsLabel) -> str:
    return "lot_id" if label.serial_id is None else "serial_id"


class _Numbers:
    """The lots, serials and packs that labels name, as far as they are or were at the site."""

    def __init__(self, site: Site, labels: Sequence[GoodsLabel]) -> None:
        self.site = site
        here = StockBalance.objects.filter(place__site=site)
        serials = {one.serial_id for one in labels if one.serial_id is not None}
        lots = {one.lot_id for one in labels if one.lot_id is not None}
        rows = Serial.objects.select_related("lot").filter(pk__in=serials)
        self.serials = rows.filter(Exists(here.filter(serial=OuterRef("pk")))).in_bulk()
        known = Lot.objects.filter(pk__in=lots)
        self.lots = known.filter(Exists(here.filter(lot=OuterRef("pk")))).in_bulk()
        items = {one.item_id for one in self.serials.values()}
        items |= {one.item_id for one in self.lots.values()}
        levels = PackagingLevel.objects.select_related("item__product").filter(item__in=items)
        self.levels = {level.pk: level for level in levels}
        self.base = {level.item_id: level for level in self.levels.values() if level.level == 0}

    def goods(self, label: GoodsLabel, at: str) -> Goods:
        """What the label is for; refused, at its field, where it cannot have one."""
        serial = self._serial(label, at)
        lot = self._lot(label, serial, at)
        item_id = serial.item_id if serial else lot.item_id if lot else 0
        level = self._level(label, item_id, at)
        item = level.item
        assert lot is not None or not item.has_lots, "without its lot nothing is ever posted"
        if serial is None and item.has_serials and level.base_units == 1:
            raise InvalidInput(
                sentence("Each unit of {item} has a serial number. Choose it."),
                field=f"{at}.serial_id",
                item=item.code,
            )
        if serial is not None and level.base_units > 1:
            raise InvalidInput(
                sentence("A serial number is of one unit; this pack holds {count}."),
                field=f"{at}.packaging_id",
                count=level.base_units,
            )
        return Goods(level, lot, serial)

    def _serial(self, label: GoodsLabel, at: str) -> Serial | None:
        if label.serial_id is None:
            return None
        found = self.serials.get(label.serial_id)
        return _there(found, f"{at}.serial_id", GOODS_ELSEWHERE, self.site)

    def _lot(self, label: GoodsLabel, serial: Serial | None, at: str) -> Lot | None:
        if label.lot_id is None:
            if serial is None:
                raise InvalidInput(
                    sentence("Choose the lot or serial number."), field=f"{at}.lot_id"
                )
            return serial.lot
        lot = _there(self.lots.get(label.lot_id), f"{at}.lot_id", GOODS_ELSEWHERE, self.site)
        if serial is not None and serial.lot_id != lot.pk:
            raise InvalidInput(
                sentence("The serial number {serial} is not of lot {lot}."),
                field=f"{at}.serial_id",
                serial=serial.raw_number,
                lot=lot.raw_number,
            )
        return lot

    def _level(self, label: GoodsLabel, item_id: int, at: str) -> PackagingLevel:
        """The pack that was named, or the base unit; one with a UDI-DI that we can write."""
        field = f"{at}.packaging_id"
        level = self.levels.get(label.packaging_id) if label.packaging_id else None
        if label.packaging_id is None:
            level = self.base.get(item_id)
        if level is None or level.item_id != item_id:
            told = (
                sentence("This packaging level is of another item. Choose one of these goods.")
                if label.packaging_id
                else sentence("The item has no UDI-DI. Have its packaging level added first.")
            )
            raise InvalidInput(told, field=field)
        if level.agency not in WRITTEN:
            raise InvalidInput(
                sentence("{di} is no UDI-DI of GS1, HIBC or MA, so no UDI can be made of it."),
                field=field,
                di=level.di,
            )
        return level
