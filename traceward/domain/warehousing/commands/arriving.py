"""Goods that the ledger knows already come in: from another site, or back from a customer.

Called by the commands of the areas above, each of which says what may come and in which status;
nobody receives with a verb of warehousing's alone what does not come from a supplier.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from traceward.domain.catalog.models import Item
from traceward.domain.catalog.queries import items_with_facts, papers_of
from traceward.domain.places.models import Place, Zone
from traceward.domain.stock.commands import Said, collect
from traceward.domain.stock.models import Code, Status
from traceward.domain.stock.rules import BalanceKey, Leg
from traceward.domain.warehousing import events, rules
from traceward.domain.warehousing.commands.journeys import MEASURED, Journey, check_course, suits
from traceward.domain.warehousing.commands.receiving import open_receipt
from traceward.domain.warehousing.models import (
    ExpectedDelivery,
    Receipt,
    ReceiptLine,
)
from traceward.domain.warehousing.queries import Goods
from traceward.domain.warehousing.scanning import Scanned, goods_of, scanned
from traceward.domain.warehousing.scanning.announced import NotAnnounced
from traceward.domain.warehousing.scanning.judging import Judged
from traceward.kernel.base.refusals import InvalidInput, sentence
from traceward.kernel.base.rows import add_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.write import add_lines, emit
from traceward.kernel.documents.models import Document


@dataclass(frozen=True)
class Pack:
    """The barcodes of one pack, how many such packs came, and whether they are damaged."""

    codes: list[str]
    packs: int = 1
    is_damaged: bool = False


@dataclass(frozen=True)
class Coming:
    """So much of what stands there may come, for this line of the document that announced it."""

    line_id: int
    key: BalanceKey
    quantity: int
    #: The line that the moves point at: the order's.
    demand_line_id: int | None = None


@dataclass(frozen=True)
class Came:
    """So much of it has come in one of the packs."""

    coming: Coming
    quantity: int
    is_damaged: bool
    seen: Scanned


@dataclass(frozen=True)
class TakenOver:
    receipt: Receipt
    parts: tuple[Came, ...]
    #: Items whose way was too warm, too cold or is not on record, with the reason.
    faults: Mapping[int, str]


#: In which status a part enters, where nothing else keeps it from being qualified.
Judge = Callable[[Came, Item], Status]


def take_over(
    delivery: ExpectedDelivery,
    place: Place,
    packs: Sequence[Pack],
    coming: Sequence[Coming],
    *,
    code: Code,
    judge: Judge,
    owner_id: int,
    delivery_note: str,
    journey: Journey,
    by: Actor,
) -> TakenOver:
    """The scanned goods stand in the place, out of their boxes, and a receipt says how they came.

    Damaged goods, what stood in a zone for 待验 or returns, and cold chain without a record or out
    of its limits enter 待验, whatever the judge says. Refused where more is scanned than may come.
    """
    if not packs:
        raise InvalidInput(sentence("Nothing was scanned."), field="packs")
    check_course(journey, by)
    today = place.site.day_at(by.now)
    seen = scanned([(p.codes, p.packs) for p in packs], today, field="packs.{n}")
    parts = _matched(packs, seen, coming, delivery.document, "packs.{n}")
    items = items_with_facts(part.coming.key.item_id for part in parts)
    faults = journey_faults(items.values(), journey)
    statuses = [
        Status.PENDING
        if part.is_damaged
        or part.coming.key.item_id in faults
        or place.zone in (Zone.PENDING, Zone.RETURNS)
        else judge(part, items[part.coming.key.item_id])
        for part in parts
    ]
    receipt = open_receipt(delivery, place, delivery_note, journey, by)
    lines = _write_lines(receipt, parts, items, by)
    legs = _legs(receipt, lines, parts, statuses, code, owner_id)
    collect(legs, said=Said("packs", place="place_id"), by=by)
    if Status.PENDING in statuses:
        emit(events.GoodsReceived(receipt.uid, delivery.document.uid), subject=receipt.uid, by=by)
    return TakenOver(receipt, tuple(parts), faults)


def _matched(
    packs: Sequence[Pack],
    seen: Sequence[Scanned],
    coming: Sequence[Coming],
    document: Document,
    field: str,
) -> list[Came]:
    """Each scan in what may come, in order; refused where it is not among it, or is too much."""
    left = {n: c.quantity for n, c in enumerate(coming)}
    of_goods: dict[Goods, list[int]] = defaultdict(list)
    for k, c in enumerate(coming):
        of_goods[Goods(c.key.item_id, c.key.lot_id, c.key.serial_id)].append(k)
    parts = []
    for n, (pack, scan) in enumerate(zip(packs, seen, strict=True)):
        missing = scan.quantity
        for k in of_goods[scan.goods]:
            part = min(missing, left[k])
            left[k] -= part
            missing -= part
            if part:
                parts.append(Came(coming[k], part, pack.is_damaged, scan))
        if missing:
            raise NotAnnounced(
                sentence(
                    "{goods}: {scanned} were scanned, {left} of them are on {document}. "
                    "Put aside what is too much, and report it."
                ),
                field=field.format(n=n),
                goods=goods_of(scan.label),
                scanned=scan.quantity,
                left=scan.quantity - missing,
                document=str(document),
            )
    return parts


def judged(
    coming: Sequence[Coming],
    document: Document,
    codes: Sequence[str],
    packs: int,
    held: Mapping[int, int],
    day: date,
) -> list[Judged]:
    """The document's lines that the packs belong to, besides what is `held` by line already.

    Refused as `take_over` would refuse them; nothing is written.
    """
    seen = scanned([(codes, packs)], day, field="codes")
    stood: dict[int, int] = defaultdict(int)
    for one in coming:
        stood[one.line_id] += one.quantity
    left = limited(coming, {n: stood[n] - held.get(n, 0) for n in stood})
    parts = _matched([Pack(list(codes), packs)], seen, left, document, "codes")
    (label,) = (one.label for one in seen)
    says = (label.item_code, label.lot_number, label.serial_number)
    by_line: dict[int, int] = defaultdict(int)
    for part in parts:
        by_line[part.coming.line_id] += part.quantity
    return [Judged(line, quantity, *says) for line, quantity in by_line.items()]


NO_RECORD = sentence("there is no temperature record of the way")
OUT_OF_LIMITS = sentence("it was too warm or too cold on the way")


def journey_faults(items: Iterable[Item], journey: Journey) -> dict[int, str]:
    """By item, what was wrong with its way, where something was (GSP art. 63, 67, 95). # INV-05"""
    measured = [getattr(journey, name) for name in MEASURED]
    faults = {}
    for item in items:
        is_cold = rules.needs_cold_chain(item.storage_c_max)
        if not all(suits(item, value) for value in measured):
            faults[item.pk] = OUT_OF_LIMITS
        elif is_cold and (journey.departed_at is None or None in measured):
            faults[item.pk] = NO_RECORD
    return faults


def _write_lines(
    receipt: Receipt, parts: Sequence[Came], items: dict[int, Item], by: Actor
) -> list[ReceiptLine]:
    papers = papers_of(items.values(), receipt.site.day_at(by.now))
    return add_rows(
        ReceiptLine(
            line=line,
            receipt=receipt,
            expected_line_id=part.coming.line_id,
            **part.seen.goods._asdict(),
            packaging_id=part.seen.label.packaging_id,
            quantity=part.quantity,
            raw=part.seen.label.raw,
            expires_on=part.seen.label.expires.on if part.seen.label.expires else None,
            is_damaged=part.is_damaged,
            **papers[part.coming.key.item_id],
        )
        for line, part in zip(add_lines(receipt, len(parts)), parts, strict=True)
    )


def _legs(
    receipt: Receipt,
    lines: Sequence[ReceiptLine],
    parts: Sequence[Came],
    statuses: Sequence[Status],
    code: Code,
    owner_id: int,
) -> Iterable[Leg]:
    """From where each part stands to our place; what was rejected once stays rejected."""
    for line, part, status in zip(lines, parts, statuses, strict=True):
        key = part.coming.key
        came = key._replace(
            place_id=receipt.place_id,
            status=status if key.status == Status.QUALIFIED else key.status,
            owner_id=owner_id,
            container_id=None,
        )
        yield Leg.between(
            code,
            key,
            came,
            part.quantity,
            document_id=receipt.pk,
            line_id=part.coming.demand_line_id or line.pk,
            di=part.seen.label.di,
        )


def limited(coming: Iterable[Coming], limits: Mapping[int, int]) -> list[Coming]:
    """No more of each line than its limit, in order."""
    left = dict(limits)
    found = []
    for one in coming:
        quantity = min(one.quantity, left.get(one.line_id, 0))
        if quantity:
            left[one.line_id] -= quantity
            found.append(replace(one, quantity=quantity))
    return found
