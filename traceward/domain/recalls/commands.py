"""A recall is opened, held, told to everybody concerned, answered, and closed. # TRC-03"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from traceward.domain.recalls import events, queries, rules
from traceward.domain.recalls.models import (
    CaseState,
    RecallCase,
    RecallLevel,
    RecallNotice,
    RecallScope,
)
from traceward.domain.stock.commands.blocks import OrderHit, Scope, block_all
from traceward.domain.stock.models import BlockKind, Lot, Serial, StockBlock
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotFound,
    Phrase,
    Refusal,
    phrase,
    sentence,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    amend,
    created,
    emit,
    enter,
    open_document,
    record_change,
    require_other_person,
    sign,
)
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_CONTROLLER, QUALITY_HEAD

MAX_SCOPES = 2_000
CLOSING = "recall closed"


class NotReconciled(Refusal):
    """Something of the recall is not accounted for. # TRC-03"""


@dataclass(frozen=True)
class Target:
    """What is recalled: a whole item, a lot of it, or one serial. The narrowest given counts."""

    item_id: int | None = None
    lot_id: int | None = None
    serial_id: int | None = None


@dataclass(frozen=True)
class ScopeHeld:
    """So many blocks were placed now, on what is recalled and what was made of it."""

    case_id: int
    case_uid: uuid.UUID
    blocks: int
    downstream: int
    #: Demand lines that lost their promise.
    hits: list[OrderHit]


#: Goods of a lot may stand anywhere in the group: every command here counts for all of it.
@command("recalls.open", roles=(QUALITY_HEAD, COMPLIANCE), scope=whole_group)
def open(
    site_id: int,
    level: RecallLevel,
    reason: str,
    targets: list[Target],
    *,
    decided_on: date | None = None,
    by: Actor,
) -> ScopeHeld:
    """A recall runs, and everything in its scope is blocked at once, wherever it is."""
    site = Site.objects.filter(pk=site_id).first()
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say what is wrong with the goods."), field="reason")
    if not targets:
        raise InvalidInput(
            sentence("Say what is recalled: items, lots or serials."), field="targets"
        )
    today = by.now.astimezone(ZoneInfo(site.time_zone)).date()
    if decided_on is not None and decided_on > today:
        raise InvalidInput(
            sentence("{decided_on} lies in the future. Enter the day of the decision."),
            field="decided_on",
            decided_on=str(decided_on),
        )
    scope = _resolved(targets)
    day = decided_on or today
    case = RecallCase(
        level=level.value,
        reason=reason.strip(),
        decided_on=day,
        notify_until=rules.notify_until(level.value, day),
    )
    open_document(case, site=site, state=CaseState.OPEN, by=by)
    RecallScope.objects.bulk_create(
        RecallScope(case=case, item_id=item, lot_id=lot, serial_id=serial)
        for item, lot, serial in scope
    )
    emit(events.RecallOpened(case.uid, case.level), subject=case.uid, by=by)
    return _hold(case, by)


def _resolved(targets: Sequence[Target]) -> list[tuple[int, int | None, int | None]]:
    """(item, lot, serial) of each target, once each."""
    lots = Lot.objects.in_bulk({t.lot_id for t in targets if t.lot_id})
    serials = Serial.objects.in_bulk({t.serial_id for t in targets if t.serial_id})
    found: dict[tuple[int, int | None, int | None], None] = {}
    for n, t in enumerate(targets):
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
            found[serial.item_id, serial.lot_id, serial.pk] = None
        else:
            found[items.pop(), lot.pk if lot else None, None] = None
    return list(found)


def _open_case(case_id: int) -> RecallCase:
    case: RecallCase = RecallCase.objects.lock(case_id)
    case.require(CaseState.OPEN)
    return case


@command(
    "recalls.block_scope", roles=(QUALITY_HEAD, COMPLIANCE, QUALITY_CONTROLLER), scope=whole_group
)
def block_scope(case_id: int, *, by: Actor) -> ScopeHeld:
    """Everything of the case is blocked, with what was made of it since it was opened.

    What is blocked already is left as it is, so this may be asked for again at any time.
    """
    return _hold(_open_case(case_id), by)


def _hold(case: RecallCase, by: Actor) -> ScopeHeld:
    """The scope has grown by what was made of it, and every row of it has an active block."""
    scopes = list(RecallScope.objects.filter(case=case).order_by("pk"))
    known = {(s.item_id, s.lot_id, s.serial_id) for s in scopes}
    grown = [row for row in queries.made_of(_nodes(scopes)) if not _is_covered(row, known)]
    if len(scopes) + len(grown) > MAX_SCOPES:
        raise InvalidInput(
            sentence("The scope has more than {limit} lots and serials. Recall whole items."),
            field="targets",
            limit=MAX_SCOPES,
        )
    scopes += RecallScope.objects.bulk_create(
        RecallScope(case=case, item_id=item, lot_id=lot, serial_id=serial, is_downstream=True)
        for item, lot, serial in grown
    )
    open_rows = _without_block(scopes)
    hits: list[OrderHit] = []
    if open_rows:
        done = block_all(
            [_scope_of(row) for row in open_rows],
            BlockKind.RECALL,
            case.reason,
            case_id=case.pk,
            by=by,
        )
        hits = done.hits
        placed_now = StockBlock.objects.in_bulk(done.block_uids, field_name="uid")
        for row, uid in zip(open_rows, done.block_uids, strict=True):
            row.block = placed_now[uid]
            record_change(row, {}, {"block": uid}, by=by)
        RecallScope.objects.bulk_update(open_rows, ["block"])
    placed = len(open_rows)
    if placed:
        event = events.ScopeBlocked(case.uid, placed, len(hits))
        emit(event, subject=case.uid, by=by)
    by.work.facts["blocks"] = placed
    downstream = sum(1 for row in scopes if row.is_downstream)
    return ScopeHeld(case.pk, case.uid, placed, downstream, hits)


def _without_block(scopes: Sequence[RecallScope]) -> list[RecallScope]:
    """The rows that nothing holds: new ones, and those whose block was lifted."""
    lifted = set(
        StockBlock.objects.filter(
            pk__in=[s.block_id for s in scopes if s.block_id], lifted_at__isnull=False
        ).values_list("pk", flat=True)
    )
    return [row for row in scopes if row.block_id is None or row.block_id in lifted]


def _nodes(scopes: Iterable[RecallScope]) -> set[int]:
    """The lots and serials that the scope means; of a whole item, all of them."""
    nodes: set[int] = set()
    for s in scopes:
        node = s.serial_id or s.lot_id
        if node:
            nodes.add(node)
        else:
            nodes.update(Lot.objects.filter(item=s.item_id).values_list("pk", flat=True))
            loose = Serial.objects.filter(item=s.item_id, lot=None)
            nodes.update(loose.values_list("pk", flat=True))
    return nodes


def _is_covered(
    row: tuple[int, int | None, int | None], known: set[tuple[int, int | None, int | None]]
) -> bool:
    """Whether the row itself, its lot or its whole item is in the scope already."""
    item, lot, _ = row
    return row in known or (item, lot, None) in known or (item, None, None) in known


def _scope_of(row: RecallScope) -> Scope:
    if row.serial_id is not None:
        return Scope(serial_id=row.serial_id)
    if row.lot_id is not None:
        return Scope(lot_id=row.lot_id)
    return Scope(item_id=row.item_id)


@dataclass(frozen=True)
class Told:
    """Consignees that are told now, with what they have, used units included."""

    consignee_ids: list[int]
    quantity: int


@command("recalls.notify", roles=(QUALITY_HEAD, COMPLIANCE), scope=whole_group)
def notify(case_id: int, *, by: Actor) -> Told:
    """Every consignee that got goods of the case has a notice; who has one is not told again."""
    case = _open_case(case_id)
    told = set(RecallNotice.objects.filter(case=case).values_list("consignee_id", flat=True))
    new = [c for c in queries.consignees(case_id) if c.party_id not in told]
    notices = RecallNotice.objects.bulk_create(
        RecallNotice(
            case=case,
            consignee_id=c.party_id,
            quantity=c.standing + c.used + c.on_the_way,
            notified_at=by.now,
        )
        for c in new
    )
    for notice in notices:
        created(notice, by=by, consignee=notice.consignee_id, quantity=notice.quantity)
    if new:
        event = events.ConsigneesNotified(case.uid, len(new))
        emit(event, subject=case.uid, by=by)
    return Told([c.party_id for c in new], sum(c.standing + c.used + c.on_the_way for c in new))


@dataclass(frozen=True)
class Acknowledged:
    """What the ledger says the consignee has or used, and what it says itself."""

    expected: int
    found: int


@command(
    "recalls.acknowledge", roles=(QUALITY_HEAD, COMPLIANCE, QUALITY_CONTROLLER), scope=whole_group
)
def acknowledge(
    case_id: int, consignee_id: int, found: int, answer: str = "", *, by: Actor
) -> Acknowledged:
    """The consignee has answered how many units it found, the used ones included.

    A later answer takes the place of an earlier one.
    """
    _open_case(case_id)
    known = RecallNotice.objects.filter(case=case_id, consignee=consignee_id).only("pk").first()
    if known is None:
        raise NotFound(
            sentence("This consignee was not told of the recall. Send the notice first."),
            field="consignee_id",
        )
    if found < 0:
        raise InvalidInput(sentence("The quantity cannot be below zero."), field="found")
    notice: RecallNotice = RecallNotice.objects.lock(known.pk)
    amend(notice, by=by, acknowledged_at=by.now, found=found, answer=answer.strip())
    there = {c.party_id: c.standing + c.used for c in queries.consignees(case_id)}
    return Acknowledged(expected=there.get(consignee_id, 0), found=found)


def _told(point: rules.OpenPoint) -> Phrase:
    if point.who is None:
        return phrase(sentence("{why}: {quantity}"), why=point.why, quantity=point.quantity)
    return phrase(
        sentence("{why}: {quantity} ({who})"),
        why=point.why,
        quantity=point.quantity,
        who=point.who,
    )


@dataclass(frozen=True)
class RecallEnded:
    """So many base units were found and accounted for."""

    units: int


@command("recalls.close", roles=(QUALITY_HEAD,), scope=whole_group, signed=CLOSING)
def close(case_id: int, conclusion: str, *, by: Actor) -> RecallEnded:
    """The recall is over: every unit is accounted for, and somebody else than its opener signed.

    The blocks stay until quality lifts them.
    """
    case = _open_case(case_id)
    require_other_person(case.created_by_id, by=by)
    if not conclusion.strip():
        raise InvalidInput(sentence("Say how the recall ended."), field="conclusion")
    points = queries.what_is_open(case_id)
    if points:
        raise NotReconciled(
            sentence(
                "{number} is not accounted for, {count} points are open. The first: {point}. "
                "Settle them, then close the recall."
            ),
            details=[{"why": p.why, "who": p.who, "quantity": p.quantity} for p in points[:50]],
            number=str(case),
            count=len(points),
            point=_told(points[0]),
        )
    found = sum(rung.quantity for rung in queries.ladder(case_id).stands)
    content = {"case": str(case.uid), "conclusion": conclusion.strip(), "units": found}
    sign(CLOSING, kind=case.KIND, uid=case.uid, content=content, by=by)
    amend(case, by=by, conclusion=conclusion.strip())
    enter(case, CaseState.CLOSED, by=by)
    emit(events.RecallClosed(case.uid), subject=case.uid, by=by)
    return RecallEnded(found)
