"""What stands on a label: of goods at a packaging level, of a box, of a place."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceward.domain.catalog.models import Agency, Item, PackagingLevel
from traceward.domain.catalog.rules import storage_words, unit_words
from traceward.domain.places.models import Place, Zone
from traceward.domain.stock.models import Container, Lot, Precision, Serial, StockBalance
from traceward.domain.warehousing.models import Pick, PickLine, PickState
from traceward.domain.warehousing.papers.labels import LabelText
from traceward.domain.warehousing.scanning.boxes import MAX_DEPTH
from traceward.kernel.base.gs1 import CodeDate, CodeProblem, build_hri, write_date
from traceward.kernel.base.hibc import Hibc, build_hibc
from traceward.kernel.base.ma import MaCode, build_ma
from traceward.kernel.org.models import Site

#: What the day of expiry is called on the maker's label, in Chinese and as the symbol for it.
EXPIRY = {
    "expiry": ("失效日期", "EXP"),
    "valid until": ("有效期至", "VALID TO"),
    "best before": ("最佳使用", "BEST BY"),
}
ZONES = {
    Zone.PENDING.value: "待验区 Pending",
    Zone.QUALIFIED.value: "合格品区 Qualified",
    Zone.REJECTED.value: "不合格品区 Rejected",
    Zone.RETURNS.value: "退货区 Returns",
    Zone.DISPATCH.value: "发货区 Dispatch",
}
#: So many lines of contents are printed; how many others there are is said.
MAX_CONTENTS = 8
#: Systems in which a whole UDI can be written.
WRITTEN = frozenset({Agency.GS1.value, Agency.HIBC.value, Agency.MA.value})


@dataclass(frozen=True)
class Goods:
    """One pack of an item: of which lot, with which serial number."""

    packaging: PackagingLevel
    lot: Lot | None = None
    serial: Serial | None = None

    @property
    def item(self) -> Item:
        return self.packaging.item


def udi_of(goods: Goods) -> str:
    """Device identifier, days, lot, serial: what the record knows, as its code system writes it.

    `CodeProblem` where a number has characters that no code of the system can have.
    """
    agency, di, lot = goods.packaging.agency, goods.packaging.di, goods.lot
    number, serial = lot.raw_number if lot else "", goods.serial.raw_number if goods.serial else ""
    expires, made = _expires(lot), _made(lot)
    if agency == Agency.GS1:
        elements = [("01", di)]
        elements += [("11", made.raw)] if made else []
        elements += [("17", expires.raw)] if expires else []
        elements += [("10", number)] if number else []
        elements += [("21", serial)] if serial else []
        return build_hri(elements)
    known: dict[str, Any] = {"lot": number, "serial": serial, "produced": made}
    if agency == Agency.HIBC:
        labeler, product, unit = di[:4], di[4:-1], int(di[-1])
        return build_hibc(Hibc(labeler, product, unit, expires=expires, **known))
    is_valid_until = lot is not None and lot.expiry_basis == "valid until"
    dated: dict[str, Any] = {"valid_until" if is_valid_until else "expires": expires}
    return build_ma(MaCode(di, **known, **dated))


def _expires(lot: Lot | None) -> CodeDate | None:
    if lot is None or lot.expires_on is None:
        return None
    precision: Any = lot.expiry_precision
    return CodeDate(lot.expires_on, precision, write_date(lot.expires_on, precision))


def _made(lot: Lot | None) -> CodeDate | None:
    if lot is None or lot.made_on is None:
        return None
    return CodeDate(lot.made_on, "day", write_date(lot.made_on))


def goods_text(goods: Goods, copies: int) -> LabelText:
    """The label of one pack: name, numbers, days and how it is kept."""
    item, lot, level = goods.item, goods.lot, goods.packaging
    product = item.product
    texts = {
        **_names(item),
        "kind": " ".join(dict.fromkeys(filter(None, (item.model, item.specification)))),
        "lot": lot.raw_number if lot else "",
        "serial": goods.serial.raw_number if goods.serial else "",
        **_expiry_words(lot),
        "expires": _day(lot) or item.service_life,
        "made": str(lot.made_on) if lot and lot.made_on else "",
        "storage": storage_words(item.storage_c_min, item.storage_c_max, item.storage_note),
        "registration": product.registration_number if product else "",
        "pack": _counted(level.base_units, item.base_unit) if level.base_units > 1 else "",
    }
    return LabelText(udi_of(goods), texts, copies)


def _counted(quantity: int, unit: str) -> str:
    return f"{quantity:,} {unit_words(unit, both=True)}"


def _expiry_words(lot: Lot | None) -> dict[str, str]:
    zh, en = EXPIRY.get(lot.expiry_basis if lot else "", EXPIRY["expiry"])
    return {"expiry_zh": zh, "expiry_en": en}


def _names(named: Any) -> dict[str, str]:
    """The name in Chinese, and in English where that is another."""
    zh, en = named.name("zh"), named.name("en")
    return {"name_zh": zh, "name_en": en if en != zh else ""}


def _day(lot: Lot | None) -> str:
    """The day of expiry as the label has it, or just its month."""
    if lot is None or lot.expires_on is None:
        return ""
    is_month = lot.expiry_precision == Precision.MONTH
    return f"{lot.expires_on:%Y-%m}" if is_month else str(lot.expires_on)


def place_text(place: Place, copies: int) -> LabelText:
    """The label of a place: its code, large, and for what it is."""
    texts = {
        **_names(place),
        "place": place.code,
        "zone": ZONES.get(place.zone, ""),
        "temperature": storage_words(place.temperature_c_min, place.temperature_c_max, ""),
        "site": place.site.name("zh"),
    }
    return LabelText(place.code, texts, copies)


def box_texts(boxes: Sequence[Container], site: Site, copies: Sequence[int]) -> list[LabelText]:
    """The labels of these boxes: what is in each and in those within it, for whom, from whom.

    As many queries for many boxes as for few.
    """
    within = _within(boxes)
    inner = {pk for ids in within.values() for pk in ids}
    contents, going = _contents(inner), _going(inner)
    shipper = site.legal_entity.party.name("zh")
    made = []
    for box, count in zip(boxes, copies, strict=True):
        lines: dict[tuple[int, int | None], _Line] = {}
        for one in (one for pk in within[box.pk] for one in contents[pk]):
            key = (one.item.pk, one.lot.pk if one.lot else None)
            so_far = lines[key].quantity if key in lines else 0
            lines[key] = _Line(one.item, one.lot, so_far + one.quantity)
        pick = next((going[pk] for pk in sorted(within[box.pk]) if pk in going), None)
        texts = {
            "shipper": shipper,
            "site": site.name("zh"),
            "consignee": (pick.consignee_name or pick.consignee.name("zh")) if pick else "",
            "address": pick.delivery_address if pick else "",
            "order": str(pick.demand) if pick else "",
            "pick": str(pick) if pick else "",
            **_told(list(lines.values())),
        }
        made.append(LabelText(_code_of(box), texts, count))
    return made


@dataclass(frozen=True)
class _Line:
    """So many base units of one lot, in one box."""

    item: Item
    lot: Lot | None
    quantity: int


def _told(lines: Sequence[_Line]) -> dict[str, Any]:
    """What is in a box, the most of it first; how many lines have no room is said."""
    totals: dict[str, int] = defaultdict(int)
    for line in lines:
        totals[line.item.base_unit] += line.quantity
    shown = sorted(lines, key=lambda one: (-one.quantity, one.item.code))[:MAX_CONTENTS]
    others = len(lines) - len(shown)
    return {
        "total": "、".join(_counted(total, unit) for unit, total in totals.items()) or "—",
        "is_mixed": len(lines) > 1,
        "contents": [
            {
                "name": one.item.name("zh"),
                "lot": one.lot.raw_number if one.lot else "",
                **_expiry_words(one.lot),
                "expires": _day(one.lot),
                "quantity": f"{one.quantity:,} {unit_words(one.item.base_unit)}",
            }
            for one in shown
        ],
        "more": f"另有 {others} 行 and {others} more" if others else "",
    }


def _within(boxes: Sequence[Container]) -> dict[int, set[int]]:
    """By box, itself and those in it, however deep."""
    found = {box.pk: {box.pk} for box in boxes}
    outer = {box.pk: {box.pk} for box in boxes}
    for _ in range(MAX_DEPTH):
        rows = Container.objects.filter(parent__in=outer).values_list("pk", "parent")
        inner: dict[int, set[int]] = defaultdict(set)
        for pk, parent in rows:
            inner[pk] |= outer[parent or 0]
        for pk, roots in inner.items():
            for root in roots:
                found[root].add(pk)
        if not inner:
            break
        outer = dict(inner)
    return found


def _contents(boxes: Collection[int]) -> Mapping[int, list[_Line]]:
    """By box, what stands in it."""
    rows = (
        StockBalance.objects.filter(container__in=boxes, on_hand__gt=0)
        .select_related("item", "lot")
        .order_by("pk")
    )
    found: dict[int, list[_Line]] = defaultdict(list)
    for row in rows:
        found[row.container_id or 0].append(_Line(row.item, row.lot, row.on_hand))
    return found


def _going(boxes: Collection[int]) -> dict[int, Pick]:
    """By box, the newest pick that packed into it and was not cancelled."""
    rows = (
        PickLine.objects.filter(container__in=boxes)
        .exclude(pick__state=PickState.CANCELLED)
        .select_related("pick__consignee", "pick__demand")
        .order_by("pk")
    )
    return {row.container_id or 0: row.pick for row in rows}


def _code_of(box: Container) -> str:
    """The code as GS1's where it is an SSCC; as it stands where it is one of our own."""
    try:
        return build_hri([("00", box.code)])
    except CodeProblem:
        return box.code
