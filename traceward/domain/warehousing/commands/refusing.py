"""Goods that are not taken over at the door 拒收, and why. # INB-02"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from traceward.domain.catalog.queries import items_with_facts
from traceward.domain.catalog.scanning import Label, labels
from traceward.domain.places.models import Place
from traceward.domain.stock.queries.wanted import require_quantity
from traceward.domain.stock.rules import is_expired
from traceward.domain.warehousing import events, queries
from traceward.domain.warehousing.commands.journeys import (
    MEASURED,
    Journey,
    check_handover,
    range_of,
    suits,
)
from traceward.domain.warehousing.commands.receiving import (
    delivery_to,
    place_scope,
    receiving_place,
)
from traceward.domain.warehousing.models import (
    ExpectedDelivery,
    RefusalDeliverer,
    RefusalState,
    RefusedDelivery,
    RefusedLine,
)
from traceward.domain.warehousing.rules import Announced, RefusalReason
from traceward.domain.warehousing.scanning.announced import REFUSE
from traceward.kernel.base.refusals import InvalidInput, Refusal, sentence
from traceward.kernel.base.rows import copy_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import add_line_ids, emit, link, open_document, touch
from traceward.kernel.documents.models import Document
from traceward.kernel.org.roles import STOREKEEPER, SUPERVISOR


@dataclass(frozen=True)
class RefusedGoods:
    """So many base units of an announced line, or of goods that no line announces.

    The latter are said by their barcodes, or by words; they count against no line.
    """

    quantity: int
    line_id: int | None = None
    #: Why, where it is not for the reason of the whole.
    reason: RefusalReason | None = None
    seen: str = ""
    codes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RefusedAtDoor:
    """The record of the refusal, how much it is about, and what the notice still lets come."""

    refusal_id: int
    refusal_uid: uuid.UUID
    lines: int
    base_units: int
    still_to_come: int


class _Refused(NamedTuple):
    """A line as it is written, in the order of `COLUMNS`."""

    expected_line_id: int | None
    item_id: int | None
    quantity: int
    reason: RefusalReason
    seen: str
    raw: str


COLUMNS = ("line", "expected_line", "item", "quantity", "reason", "seen", "raw")


@command(REFUSE, roles=(STOREKEEPER, SUPERVISOR), scope=place_scope)
def refuse_delivery(
    document_id: int,
    place_id: int,
    reason: RefusalReason,
    seen: str,
    *,
    lines: list[RefusedGoods] | None = None,
    delivery_note: str = "",
    journey: Journey | None = None,
    by: Actor,
) -> RefusedAtDoor:
    """What a supplier brought was refused at the door, all of it or these lines, and went back.

    Nothing enters the stock (GSP art. 60-63). Without lines it is all that is still to come of the
    document. What was refused is not waited for: the supplier announces it anew. # INB-02
    """
    place = receiving_place(place_id)
    document = Document.objects.lock(document_id)
    delivery = delivery_to(place, document)
    if not seen.strip():
        raise InvalidInput(sentence("Say what was seen at the door."), field="seen")
    left = [] if delivery.is_ended else queries.announced(document.pk)
    refused = _refused(lines, left, reason, document)
    _check_evidence(refused, {x.line_id: x for x in left}, place.site.day_at(by.now), lines)
    journey = journey or Journey()
    _check_papers(delivery_note, refused)
    _check_measured(journey, refused)
    check_handover(journey, by)
    made = _open(delivery, place, reason, seen, delivery_note, journey, by)
    ids = add_line_ids(made, len(refused))
    rows = [(pk, *line) for pk, line in zip(ids, refused, strict=True)]
    copy_rows(RefusedLine, COLUMNS, rows, refusal=made.pk)
    touch(document, by=by)
    emit(events.GoodsRefused(made.uid, document.uid), subject=made.uid, by=by)
    total = sum(line.quantity for line in refused)
    counted = sum(line.quantity for line in refused if line.expected_line_id)
    to_come = sum(line.open_quantity for line in left) - counted
    return RefusedAtDoor(made.pk, made.uid, len(refused), total, to_come)


def _refused(
    lines: Sequence[RefusedGoods] | None,
    announced: Sequence[Announced],
    reason: RefusalReason,
    document: Document,
) -> list[_Refused]:
    """What is refused of the announced lines and besides; no more than is still to come."""
    of_line = {x.line_id: x for x in announced}
    if lines is not None and not lines:
        raise InvalidInput(
            sentence("Say which lines are refused, or leave the lines out to refuse all of it."),
            field="lines",
        )
    if lines is None:
        lines = [RefusedGoods(x.open_quantity, x.line_id) for x in announced if x.open_quantity]
    if not lines:
        raise InvalidInput(
            sentence("Nothing of {document} is still to come. Say which goods are refused."),
            field="lines",
            document=str(document),
        )
    left = defaultdict(int, {x.line_id: x.open_quantity for x in announced})
    found = []
    for n, x in enumerate(lines):
        require_quantity(x.quantity, f"lines.{n}.quantity")
        raw = "\n".join(x.codes)
        said = x.reason or reason, x.seen.strip(), raw
        if x.line_id is None:
            if not raw.strip() and not x.seen.strip():
                raise InvalidInput(
                    sentence("Say what came that nobody announced: scan it, or write it down."),
                    field=f"lines.{n}.codes",
                )
            found.append(_Refused(None, None, x.quantity, *said))
            continue
        _require_due(n, x, left[x.line_id], document, is_known=x.line_id in of_line)
        left[x.line_id] -= x.quantity
        found.append(_Refused(x.line_id, of_line[x.line_id].item_id, x.quantity, *said))
    return found


#: Why labels of other goods, or none that can be read, are scanned for a line.
OTHER_LABELS = (
    RefusalReason.WRONG_GOODS,
    RefusalReason.PAPERS_DIFFER,
    RefusalReason.UNREADABLE,
    RefusalReason.OTHER,
)


def _check_evidence(
    refused: Sequence[_Refused],
    announced: Mapping[int, Announced],
    today: date,
    lines: Sequence[RefusedGoods] | None,
) -> None:
    """What was scanned of a line is of its item, and what expired is past its day."""
    for n, line in enumerate(refused):
        if line.expected_line_id is None:
            continue
        label = _label_of(lines[n].codes, today) if lines is not None else None
        is_other = label is not None and label.item_id != line.item_id
        if label is not None and is_other and line.reason not in OTHER_LABELS:
            raise InvalidInput(
                sentence(
                    "The label is one of {item}, which is not what the line announces. Refuse it "
                    "as other goods, or scan a label of the line."
                ),
                field=f"lines.{n}.codes",
                item=label.item_code,
            )
        said = label.expires.on if label is not None and label.expires else None
        until = said or announced[line.expected_line_id].expires_on
        if line.reason is RefusalReason.EXPIRED and until and not is_expired(until, today):
            raise InvalidInput(
                sentence(
                    "These goods may be used until {until}: they have not expired. Scan the label "
                    "that says otherwise, or choose another reason."
                ),
                field=f"lines.{n}.reason" if lines is not None else "reason",
                until=str(until),
            )


def _label_of(codes: Sequence[str], today: date) -> Label | None:
    """The label, where it can be read and is one of ours; whatever it is, it is written down."""
    if not codes:
        return None
    try:
        (label,) = labels([codes], today)
    except Refusal:
        return None
    return label


def _require_due(n: int, x: RefusedGoods, left: int, document: Document, *, is_known: bool) -> None:
    if not is_known:
        raise InvalidInput(
            sentence(
                "{document} expects no such line. Choose one of its lines, or leave the line out "
                "for goods that nobody announced."
            ),
            field=f"lines.{n}.line_id",
            document=str(document),
        )
    if x.quantity > left:
        raise InvalidInput(
            sentence("{left} of this line are still to come. Refuse no more than that."),
            field=f"lines.{n}.quantity",
            left=left,
        )


def _check_papers(delivery_note: str, refused: Iterable[_Refused]) -> None:
    is_missing = any(line.reason is RefusalReason.PAPERS_MISSING for line in refused)
    if not delivery_note.strip() and not is_missing:
        raise InvalidInput(
            sentence(
                "Give the number of the delivery note 随货同行单, or refuse the goods because "
                "papers are missing."
            ),
            field="delivery_note",
        )


def _check_measured(journey: Journey, refused: Sequence[_Refused]) -> None:
    """Who refuses for a temperature says which one, and it is none that the label allows.

    Who refuses because there is no record of it gives no temperatures of the way.
    """
    on_the_way = ("transit_c_min", "transit_c_max")
    given = [name for name in on_the_way if getattr(journey, name) is not None]
    if given and any(line.reason is RefusalReason.NO_TEMPERATURE for line in refused):
        raise InvalidInput(
            sentence(
                "There is a temperature of the way, so there is a record. Leave it out, or choose "
                "another reason."
            ),
            field=f"journey.{given[0]}",
        )
    wrong = [line for line in refused if line.reason is RefusalReason.TEMPERATURE]
    measured = [x for x in (getattr(journey, name) for name in MEASURED) if x is not None]
    if wrong and not measured:
        raise InvalidInput(
            sentence("Enter the temperature that was measured."), field="journey.arrival_c"
        )
    items = items_with_facts(line.item_id for line in wrong if line.item_id)
    for item in items.values():
        if range_of(item) and all(suits(item, value) for value in measured):
            raise InvalidInput(
                sentence(
                    "{item} may be kept at {range}, and so it was. Check what was measured, or "
                    "choose another reason."
                ),
                field="journey.arrival_c",
                item=item.code,
                range=range_of(item),
            )


def _open(
    delivery: ExpectedDelivery,
    place: Place,
    reason: RefusalReason,
    seen: str,
    delivery_note: str,
    journey: Journey,
    by: Actor,
) -> RefusedDelivery:
    """The record of what was refused, and by whom it was brought."""
    made = RefusedDelivery(
        expected=delivery,
        supplier=delivery.supplier,
        supplier_name=delivery.supplier.name("zh"),
        place=place,
        reason=reason,
        seen=seen.strip(),
        delivery_note=delivery_note.strip(),
        transport_mode=journey.transport_mode.strip(),
        departed_at=journey.departed_at,
        arrived_at=by.now,
        arrival_c=journey.arrival_c,
        transit_c_min=journey.transit_c_min,
        transit_c_max=journey.transit_c_max,
    )
    open_document(made, site=place.site, state=RefusalState.REFUSED.value, by=by)
    link(delivery.document, made, "refusal")
    assert journey.deliverer, "asked for by check_handover"
    RefusalDeliverer.objects.create(refusal=made, text=journey.deliverer.reveal())
    return made
