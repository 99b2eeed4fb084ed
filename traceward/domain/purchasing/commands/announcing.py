"""Suppliers announce; what came settles notice and order. # INB-01"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from traceward.domain.catalog.queries import items_with_facts, require_supply
from traceward.domain.catalog.scanning import Label, labels
from traceward.domain.purchasing import events, queries, rules
from traceward.domain.purchasing.commands.closing import end_notice
from traceward.domain.purchasing.commands.ordering import order_scope
from traceward.domain.purchasing.commands.serials import require_each_once, serial_doubts
from traceward.domain.purchasing.commands.warned import Warned, warned
from traceward.domain.purchasing.models import (
    NoticeState,
    OrderState,
    PurchaseOrder,
    ShippingNotice,
    ShippingNoticeLine,
)
from traceward.domain.stock.queries.wanted import require_quantity
from traceward.domain.warehousing.commands.receiving import Announcement, expect
from traceward.domain.warehousing.queries import refused_of, still_to_come
from traceward.domain.warehousing.scanning import goods_of
from traceward.domain.warehousing.scanning.announced import is_too_old
from traceward.kernel.base.days import require_near
from traceward.kernel.base.refusals import (
    Conflict,
    InvalidInput,
    Refusal,
    WrongState,
    sentence,
)
from traceward.kernel.base.rows import copy_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    add_line_ids,
    emit,
    enter,
    link,
    open_document,
    touch,
)
from traceward.kernel.org.roles import (
    BUYER,
    COORDINATOR,
    SYSTEM,
)
from traceward.kernel.org.scope import ScopeKey, scope_of

SAYS_LITTLE = sentence(
    "The label of {item} does not say lot and expiry; they are compared with nothing at the "
    "receipt. Ask the supplier for the whole label."
)
TOO_OLD = sentence(
    "{goods} is usable until {expires_on}: it is expired when it comes ({arrival}), and the "
    "receipt will refuse it. Ask the supplier for other goods."
)


class NotOrdered(Refusal):
    """The supplier announces what was not ordered, or more than is due. # INB-02"""


@dataclass(frozen=True)
class Noticed:
    """The barcodes of one pack as the supplier's file has them, and how many packs come."""

    codes: list[str]
    packs: int = 1


@dataclass(frozen=True)
class Notified:
    notice_id: int
    notice_uid: uuid.UUID
    lines: int
    base_units: int
    warnings: list[Warned] = field(default_factory=list)


@command(
    "purchasing.notify",
    roles=(BUYER, COORDINATOR, SYSTEM),
    scope=order_scope,
    from_states=(OrderState.APPROVED,),
)
def notify(
    order_id: int,
    reference: str,
    lines: list[Noticed],
    *,
    expected_on: date | None = None,
    by: Actor,
) -> Notified:
    """The supplier's shipping notice is on file, and the warehouse may receive what it announces.

    Warns of what the receipt will not be able to compare, or will refuse because it is too old,
    and of serials that stand somewhere, are announced elsewhere or are of another lot. Refused
    where a code cannot be read, a serial is named twice, an item was not ordered, more comes than
    is due, or a licence or certificate does not count any more.
    """
    found = PurchaseOrder.objects.lock(order_id)
    if found.state != OrderState.APPROVED:
        raise WrongState(
            sentence("{number} is “{state}”; only an approved order can be announced against."),
            field="order_id",
            number=str(found),
            state=found.state,
        )
    reference = reference.strip()
    _require_new_reference(found.supplier_id, reference)
    day = found.site.day_at(by.now)
    require_near(expected_on, day, "expected_on")
    read = _read(lines, day)
    items = items_with_facts(label.item_id for label in read)
    supplied = [items[label.item_id] for label in read]
    require_supply(supplied, found.supplier_id, found.site, day, field="lines.{n}.codes")
    filled = _fill(found, read, lines)
    notice = ShippingNotice(
        order=found, supplier_id=found.supplier_id, reference=reference, expected_on=expected_on
    )
    open_document(notice, site=found.site, state=NoticeState.ANNOUNCED.value, by=by)
    link(found, notice, "notice")
    touch(found, by=by)
    told = _write(notice, read, filled)
    expect(notice, found.supplier_id, told, ordered_on=found.ordered_on)
    emit(events.GoodsAnnounced(notice.uid, found.uid), subject=notice.uid, by=by)
    warnings = [
        *_warnings(read, max(day, expected_on or day)),
        *(warned(*doubt) for doubt in serial_doubts(read, notice.pk)),
    ]
    return Notified(notice.pk, notice.uid, len(told), sum(r.quantity for r in told), warnings)


def _require_new_reference(supplier_id: int, reference: str) -> None:
    if not reference:
        raise InvalidInput(sentence("Give the supplier's number of the notice."), field="reference")
    if ShippingNotice.objects.filter(supplier_id=supplier_id, reference=reference).exists():
        raise Conflict(
            sentence("The notice {reference} of this supplier is on file already."),
            field="reference",
            reference=reference,
        )


def _read(lines: Sequence[Noticed], today: date) -> list[Label]:
    if not lines:
        raise InvalidInput(sentence("The notice has no lines."), field="lines")
    read = labels([x.codes for x in lines], today, field="lines.{n}.codes")
    for n, (line, label) in enumerate(zip(lines, read, strict=True)):
        is_one = line.packs == 1 or not (label.has_serials and label.serial_number)
        if line.packs < 1 or not is_one:
            raise InvalidInput(
                sentence("The number of packs is at least 1, and 1 for what has a serial number."),
                field=f"lines.{n}.packs",
            )
        require_quantity(line.packs * label.base_units, f"lines.{n}.packs")
    require_each_once(read)
    return read


def _fill(
    found: PurchaseOrder, read: Sequence[Label], lines: Sequence[Noticed]
) -> list[rules.Filled]:
    announced = [
        (label.item_id, line.packs * label.base_units)
        for label, line in zip(read, lines, strict=True)
    ]
    filled, misfit = rules.fill(announced, queries.due_lines(found.pk))
    if misfit is not None:
        n, fits = misfit
        raise NotOrdered(
            sentence(
                "{announced} of {item} are announced, {due} are still due on {number}. "
                "Ask the supplier to correct the notice, or order more."
            ),
            field=f"lines.{n}.packs",
            announced=announced[n][1],
            item=read[n].item_code,
            due=fits,
            number=str(found),
        )
    return filled


def _write(
    notice: ShippingNotice, read: Sequence[Label], filled: Sequence[rules.Filled]
) -> list[Announcement]:
    """The lines are written; what they announce. Thousands at once are no model rows."""
    told, rows = [], []
    for line_id, part in zip(add_line_ids(notice, len(filled)), filled, strict=True):
        label = read[part.n]
        said = Announcement(
            line_id,
            label.item_id,
            part.quantity,
            label.lot_number if label.has_lots else "",
            label.serial_number if label.has_serials else "",
            label.expires.on if label.expires else None,
        )
        told.append(said)
        rows.append((*said, part.line_id, label.di, label.raw))
    names = (
        "line", "item", "quantity", "lot_number", "serial_number", "expires_on",
        "order_line", "di", "raw",
    )  # fmt: skip
    copy_rows(ShippingNoticeLine, names, rows, notice=notice.pk)
    return told


def _warnings(read: Sequence[Label], arrival: date) -> list[Warned]:
    """Once for each item whose labels say too little, and each lot that comes too old."""
    found: dict[tuple[object, ...], Warned] = {}
    for n, label in enumerate(read):
        if is_too_old(label, arrival):
            key: tuple[object, ...] = (label.item_id, label.lot_number, label.expires)
            message, values = (
                TOO_OLD,
                {
                    "goods": goods_of(label),
                    "expires_on": str(label.expires.on) if label.expires else "",
                    "arrival": str(arrival),
                },
            )
        elif (label.has_lots and not label.lot_number) or (
            label.has_expiry and label.expires is None
        ):
            key, message, values = (label.item_id,), SAYS_LITTLE, {"item": label.item_code}
        else:
            continue
        if key not in found:
            found[key] = warned(n, message, values)
    return list(found.values())


def notice_scope(expected_uid: uuid.UUID, **_: object) -> list[ScopeKey]:
    return scope_of(ShippingNotice, expected_uid, by="uid")


@dataclass(frozen=True)
class Settled:
    """What is still to come on the notice, and the states that follow from it."""

    still_to_come: int
    notice_state: str
    order_state: str


@command(
    "purchasing.settle",
    roles=(SYSTEM,),
    scope=notice_scope,
    subscribes=("GoodsReceived", "GoodsRefused"),
)
def settle(expected_uid: uuid.UUID, *, by: Actor) -> Settled:
    """Notice and order stand as received once all that they expect has come.

    A notice of which something was refused at the door ends as closed, and the order expects that
    again. Runs after every receipt and refusal; what was announced by no notice of ours is left
    alone. Doing it again changes nothing. Of a closed notice nothing is to come.
    """
    named = queries.NOTICE(expected_uid)
    if not named:
        return Settled(0, "", "")
    ((notice_id, order_id),) = named
    found = PurchaseOrder.objects.lock(order_id)
    notice = ShippingNotice.objects.lock(notice_id)
    rest = 0 if notice.state == NoticeState.CLOSED else still_to_come(notice.pk)
    if rest == 0 and notice.state == NoticeState.ANNOUNCED:
        if refused := refused_of(notice.pk):
            end_notice(notice, found, refused, by=by)
        else:
            enter(notice, NoticeState.RECEIVED.value, by=by)
    if found.state == OrderState.APPROVED and rest == 0 and queries.has_come(found, notice):
        enter(found, OrderState.RECEIVED.value, by=by)
        emit(events.OrderReceived(found.uid), subject=found.uid, by=by)
    return Settled(rest, notice.state, found.state)
