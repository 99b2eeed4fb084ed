"""A recall runs, its scope grows, and everything in it is held. # TRC-03"""

import dataclasses
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from traceward.domain.recalls import events, rules
from traceward.domain.recalls.models import (
    CaseState,
    RecallCase,
    RecallLevel,
    RecallScope,
    RecallTarget,
)
from traceward.domain.recalls.queries import targets as means
from traceward.domain.recalls.queries.overlaps import OPEN_ENDED, overlaps
from traceward.domain.recalls.queries.targets import Goods
from traceward.domain.stock.commands.blocks import OrderHit, Scope, block_all
from traceward.domain.stock.models import BlockKind, Lot, Serial, StockBlock
from traceward.domain.stock.queries.known import require_known
from traceward.domain.stock.rules import normalised
from traceward.kernel.base.days import require_happened
from traceward.kernel.base.refusals import InvalidInput, NotFound, fill, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    apply_rules,
    created,
    emit,
    open_document,
    record_change,
    touch,
)
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_CONTROLLER, QUALITY_HEAD, SYSTEM
from traceward.kernel.rules.queries import declare, reader

#: Lots and serials of one recall, and what may be asked for at once.
MAX_SCOPES = 10_000
MAX_TARGETS = 2_000

NOTIFY = declare(
    "recalls.notify_within_days",
    rules.NOTIFY_WITHIN_DAYS,
    doc="Days within which consignees are told, by level (Order 29 of 2017).",
)
PLAN = declare(
    "recalls.plan_within_working_days",
    rules.PLAN_WITHIN_WORKING_DAYS,
    doc="Working days after the decision within which investigation and plan are reported "
    "(Order 29 of 2017; from memory, not checked).",
)


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


#: The fields by which a target is found, besides the plain item, lot and serial; one at a time.
WAYS = ("serial_from", "supplier_lot", "document_id", "place_id")


#: Nothing waits for an answer to it: what may harm is blocked first.
RECALLED_TWICE = sentence(
    "{number} (level {level}) runs for {goods} of these goods already. If it is the same recall, "
    "continue that case with what is new, and withdraw this one (recalls.withdraw)."
)


@dataclass(frozen=True)
class RecalledTwice:
    """Another running case covers goods of this scope."""

    case_id: int
    number: str
    level: int
    goods: int
    zh: str
    en: str


@dataclass(frozen=True)
class ScopeHeld:
    """So many blocks were placed now, on what is recalled and what was made of it."""

    case_id: int
    case_uid: uuid.UUID
    blocks: int
    downstream: int
    #: Demand lines that lost their promise.
    hits: list[OrderHit]
    warnings: list[RecalledTwice] = field(default_factory=list)


@dataclass(frozen=True)
class CaughtUp:
    """So many blocks were placed on goods that came after their recall was opened."""

    blocks: int


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
    site = Site.objects.find(site_id)
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say what is wrong with the goods."), field="reason")
    today = site.day_at(by.now)
    require_happened(decided_on, today, "decided_on")
    meant = _meant(targets, by)
    day = decided_on or today
    within = apply_rules(reader(NOTIFY), {}, by=by).value
    plan = apply_rules(reader(PLAN), {}, by=by).value
    case = RecallCase(
        level=level.value,
        reason=reason.strip(),
        decided_on=day,
        notify_until=rules.notify_until(within, level.value, day),
        plan_until=rules.working_days_after(day, plan),
    )
    open_document(case, site=site, state=CaseState.OPEN, by=by)
    emit(events.RecallOpened(case.uid, case.level), subject=case.uid, by=by)
    return _widened(case, targets, meant, by)


@command(
    "recalls.add_scope",
    roles=(QUALITY_HEAD, COMPLIANCE),
    scope=whole_group,
    from_states=(CaseState.OPEN,),
)
def add_scope(case_id: int, targets: list[Target], *, by: Actor) -> ScopeHeld:
    """The running recall covers these goods too, and holds them at once."""
    case = open_case(case_id)
    return _widened(case, targets, _meant(targets, by), by)


@command(
    "recalls.block_scope",
    roles=(QUALITY_HEAD, COMPLIANCE, QUALITY_CONTROLLER),
    scope=whole_group,
    from_states=(CaseState.OPEN,),
)
def block_scope(case_id: int, *, by: Actor) -> ScopeHeld:
    """Everything of the case is blocked, with what came into it since it was opened.

    That is what was made of it, and serials, supplier's lots and outputs that its targets name and
    nobody knew before. What is blocked already is left as it is, so this may be asked for again.
    """
    case = open_case(case_id)
    rows = list(RecallTarget.objects.filter(case=case).order_by("pk"))
    names = [f.name for f in fields(Target)]
    again = [Target(**{name: getattr(row, name) for name in names}) for row in rows]
    meant = [
        (row, goods)
        for row, target in zip(rows, again, strict=True)
        for goods in _goods_of(target, 0, by)
    ]
    return _hold(case, meant, by)


@command(
    "recalls.catch_up",
    roles=(SYSTEM,),
    scope=whole_group,
    subscribes=("GoodsReceived", "GoodsTransformed", "TransferReceived", "ReturnReceived"),
)
def catch_up(*, by: Actor) -> CaughtUp:
    """What a running recall names is in its scope and blocked. Runs after every arrival.

    The worker runs it every ten minutes too: goods may be moved into a place that is recalled, and
    no event tells of that. Until then the ledger's gate lets nobody promise, release, take or send
    them (sql/gate.sql).
    """
    return CaughtUp(sum(block_scope(case_id, by=by).blocks for case_id in open_ended()))


def open_ended() -> list[int]:
    """The running recalls that name goods which nobody may know yet."""
    running = RecallTarget.objects.filter(OPEN_ENDED, case__closed_at__isnull=True)
    return sorted(set(running.values_list("case", flat=True)))


def open_case(case_id: int) -> RecallCase:
    """The case, locked; refused where it has ended."""
    case: RecallCase = RecallCase.objects.lock(case_id)
    case.require(CaseState.OPEN)
    return case


def _meant(targets: Sequence[Target], by: Actor) -> list[list[Goods]]:
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
    require_known(targets, ("supplier_id",), field="targets.{n}")
    for n, target in enumerate(targets):
        _check_times(target, f"targets.{n}")
    plain = _plain(targets)
    found = [
        plain[n] if n in plain else _goods_of(target, n, by) for n, target in enumerate(targets)
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
    rows = {n: t for n, t in enumerate(targets) if not any(getattr(t, way) for way in WAYS)}
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


def _goods_of(target: Target, n: int, by: Actor) -> list[Goods]:
    """What the target means by what is known now."""
    ways = [way for way in WAYS if getattr(target, way)]
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
        found = _in_place(target, n, by)
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
    if target.place_id is None and (target.from_at or target.until_at):
        raise InvalidInput(
            sentence("Say in which place the goods stood at that time, or leave the time out."),
            field=f"{field}.place_id",
        )


def _in_place(target: Target, n: int, by: Actor) -> list[Goods]:
    assert target.place_id is not None
    until = min(target.until_at or by.now, by.now)
    if target.from_at is None:
        raise InvalidInput(
            sentence("Say from when the goods stood there."), field=f"targets.{n}.from_at"
        )
    if target.from_at > until:
        raise InvalidInput(
            sentence("The time ends before it begins. Give the earlier moment first."),
            field=f"targets.{n}.until_at",
        )
    return means.of_place(target.place_id, target.from_at, until)


def _widened(
    case: RecallCase, targets: Sequence[Target], meant: Sequence[Sequence[Goods]], by: Actor
) -> ScopeHeld:
    """It is on record what was asked, and the scope has the goods of it."""
    rows = RecallTarget.objects.bulk_create(
        RecallTarget(case=case, added_at=by.now, added_by_id=by.person_id, **_columns(target))
        for target in targets
    )
    for row, target, goods in zip(rows, targets, meant, strict=True):
        asked = {name: value for name, value in _columns(target).items() if value}
        created(row, by=by, goods=len(goods), **asked)
    touch(case, by=by)
    pairs = [(row, g) for row, goods in zip(rows, meant, strict=True) for g in goods]
    return _hold(case, pairs, by)


def _columns(target: Target) -> dict[str, Any]:
    return {f.name: getattr(target, f.name) for f in fields(Target)}


def _hold(case: RecallCase, asked: Sequence[tuple[RecallTarget, Goods]], by: Actor) -> ScopeHeld:
    """The scope has what is asked and what was made of all of it, and every row of it an active
    block.
    """
    scopes = list(RecallScope.objects.filter(case=case).order_by("pk"))
    known = {Goods(s.item_id, s.lot_id, s.serial_id) for s in scopes}
    fresh: dict[Goods, RecallScope] = {}
    for target, goods in asked:
        if goods not in known and goods not in fresh:
            fresh[goods] = RecallScope(case=case, target=target, **goods._asdict())
    covered = known | fresh.keys()
    for goods in means.made_of(covered):
        if not _is_covered(goods, covered):
            fresh[goods] = RecallScope(case=case, is_downstream=True, **goods._asdict())
    if len(scopes) + len(fresh) > MAX_SCOPES:
        raise InvalidInput(
            sentence("The scope has more than {limit} lots and serials. Recall whole items."),
            field="targets",
            limit=MAX_SCOPES,
        )
    lifted = _lifted(scopes)
    hits = _blocked(case, list(fresh.values()), lifted, by)
    placed = len(fresh) + len(lifted)
    if placed:
        event = events.ScopeBlocked(case.uid, placed, len(hits))
        touch(case, by=by)
        emit(event, subject=case.uid, by=by)
    by.work.facts["blocks"] = placed
    downstream = sum(1 for row in (*scopes, *fresh.values()) if row.is_downstream)
    warnings = _warnings(case, covered | fresh.keys(), fresh, by)
    return ScopeHeld(case.pk, case.uid, placed, downstream, hits, warnings)


def _warnings(
    case: RecallCase, goods: Collection[Goods], fresh: Collection[Goods], by: Actor
) -> list[RecalledTwice]:
    """The other running cases that cover goods of this one; on record and told for what is new."""
    found = overlaps(goods, but=case.pk)
    new = overlaps(fresh, but=case.pk) if found and fresh else []
    if new:
        by.work.facts.setdefault("also in", []).extend(o.number for o in new)
        others = [o.case_uid for o in new]
        emit(events.RecallsOverlapped(case.uid, others), subject=case.uid, by=by)
    return [
        RecalledTwice(
            o.case_id,
            o.number,
            o.level,
            o.goods,
            fill(RECALLED_TWICE, dataclasses.asdict(o), "zh-hans"),
            fill(RECALLED_TWICE, dataclasses.asdict(o), "en"),
        )
        for o in found
    ]


def _is_covered(goods: Goods, known: set[Goods]) -> bool:
    """Whether the goods themselves, their lot or their whole item are in the scope already."""
    item, lot, _ = goods
    return goods in known or Goods(item, lot, None) in known or Goods(item, None, None) in known


def _lifted(scopes: Iterable[RecallScope]) -> list[RecallScope]:
    """The rows whose block was lifted."""
    rows = {s.block_id: s for s in scopes if s.block_id}
    gone = StockBlock.objects.filter(pk__in=rows, lifted_at__isnull=False).order_by("pk")
    return [rows[pk] for pk in gone.values_list("pk", flat=True)]


def _blocked(
    case: RecallCase, fresh: Sequence[RecallScope], lifted: Sequence[RecallScope], by: Actor
) -> list[OrderHit]:
    """The new rows are saved, and each of all these has an active block of its own."""
    rows = [*fresh, *lifted]
    if not rows:
        return []
    done = block_all(
        [_scope_of(row) for row in rows], BlockKind.RECALL, case.reason, case_id=case.pk, by=by
    )
    placed = StockBlock.objects.in_bulk(done.block_uids, field_name="uid")
    for row, uid in zip(rows, done.block_uids, strict=True):
        row.block = placed[uid]
        record_change(row, {}, {"block": uid}, by=by)
    RecallScope.objects.bulk_create(fresh)
    for row in lifted:  # a lifted block is a decision of its own, so there are few
        row.save(update_fields=["block"])
    return done.hits


def _scope_of(row: RecallScope) -> Scope:
    if row.serial_id is not None:
        return Scope(serial_id=row.serial_id)
    if row.lot_id is not None:
        return Scope(lot_id=row.lot_id)
    return Scope(item_id=row.item_id)
