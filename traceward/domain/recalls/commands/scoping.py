"""A recall runs, its scope grows, and everything in it is held. # TRC-03"""

import dataclasses
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from traceward.domain.recalls import events, rules
from traceward.domain.recalls.commands.origin import Origin, columns_of
from traceward.domain.recalls.models import (
    CaseState,
    RecallCase,
    RecallLevel,
    RecallScope,
    RecallTarget,
)
from traceward.domain.recalls.queries.limits import NOTIFY, PLAN
from traceward.domain.recalls.queries.meant import Target, expanded, goods_of, meant
from traceward.domain.recalls.queries.overlaps import OPEN_ENDED, overlaps
from traceward.domain.recalls.queries.targets import Goods
from traceward.domain.stock.commands.blocks import OrderHit, Scope, block_all
from traceward.domain.stock.models import BlockKind, StockBlock
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
from traceward.kernel.rules.queries import reader

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
    origin: Origin | None = None,
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
    asked = meant(targets, by.now)
    day = decided_on or today
    from_whom = columns_of(origin, day, today)
    within = apply_rules(reader(NOTIFY), {}, by=by).value
    plan = apply_rules(reader(PLAN), {}, by=by).value
    case = RecallCase(
        level=level.value,
        reason=reason.strip(),
        decided_on=day,
        notify_until=rules.notify_until(within, level.value, day),
        plan_until=rules.working_days_after(day, plan),
        **from_whom,
    )
    open_document(case, site=site, state=CaseState.OPEN, by=by)
    emit(events.RecallOpened(case.uid, case.level), subject=case.uid, by=by)
    return _widened(case, targets, asked, by)


@command(
    "recalls.add_scope",
    roles=(QUALITY_HEAD, COMPLIANCE),
    scope=whole_group,
    from_states=(CaseState.OPEN,),
)
def add_scope(case_id: int, targets: list[Target], *, by: Actor) -> ScopeHeld:
    """The running recall covers these goods too, and holds them at once."""
    case = open_case(case_id)
    return _widened(case, targets, meant(targets, by.now), by)


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
    asked = [
        (row, goods)
        for row, target in zip(rows, again, strict=True)
        for goods in goods_of(target, 0, by.now)
    ]
    return _hold(case, asked, by)


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


def _widened(
    case: RecallCase, targets: Sequence[Target], asked: Sequence[Sequence[Goods]], by: Actor
) -> ScopeHeld:
    """It is on record what was asked, and the scope has the goods of it."""
    rows = RecallTarget.objects.bulk_create(
        RecallTarget(case=case, added_at=by.now, added_by_id=by.person_id, **_columns(target))
        for target in targets
    )
    for row, target, goods in zip(rows, targets, asked, strict=True):
        said = {name: value for name, value in _columns(target).items() if value}
        created(row, by=by, goods=len(goods), **said)
    touch(case, by=by)
    pairs = [(row, g) for row, goods in zip(rows, asked, strict=True) for g in goods]
    return _hold(case, pairs, by)


def _columns(target: Target) -> dict[str, Any]:
    return {f.name: getattr(target, f.name) for f in fields(Target)}


def _hold(case: RecallCase, asked: Sequence[tuple[RecallTarget, Goods]], by: Actor) -> ScopeHeld:
    """The scope has what is asked and what was made of all of it, and every row of it an active
    block.
    """
    scopes = list(RecallScope.objects.filter(case=case).order_by("pk"))
    named: dict[Goods, RecallTarget] = {}
    for target, goods in asked:
        named.setdefault(goods, target)
    known = (Goods(s.item_id, s.lot_id, s.serial_id) for s in scopes)
    new, covered = expanded(known, named)
    fresh = [
        RecallScope(case=case, target=named.get(goods), is_downstream=is_made, **goods._asdict())
        for goods, is_made in new.items()
    ]
    lifted = _lifted(scopes)
    hits = _blocked(case, fresh, lifted, by)
    placed = len(fresh) + len(lifted)
    if placed:
        event = events.ScopeBlocked(case.uid, placed, len(hits))
        touch(case, by=by)
        emit(event, subject=case.uid, by=by)
    by.work.facts["blocks"] = placed
    downstream = sum(1 for row in (*scopes, *fresh) if row.is_downstream)
    warnings = _warnings(case, covered, new, by)
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
