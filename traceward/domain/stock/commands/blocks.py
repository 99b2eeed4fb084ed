"""Quality blocks 冻结/召回: placed over a scope, lifted with a reason; they move nothing."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from traceward.domain.places.models import Place
from traceward.domain.stock import events
from traceward.domain.stock.models import BlockKind, StockBlock
from traceward.kernel.base.refusals import InvalidInput, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, created, emit, sign
from traceward.kernel.org.roles import COMPLIANCE, QUALITY_CONTROLLER, QUALITY_HEAD
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey

#: One exclusive lock: posts take it shared, so a block that has committed always wins.
BLOCK_LOCK = 7202


@dataclass(frozen=True)
class Scope:
    """What a block covers: every filled field must match."""

    lot_id: int | None = None
    serial_id: int | None = None
    container_id: int | None = None
    place_id: int | None = None
    item_id: int | None = None


@dataclass(frozen=True)
class OrderHit:
    """A demand line that lost its promise."""

    line_id: int
    balance_id: int
    quantity: int


@dataclass(frozen=True)
class BlockPlaced:
    block_uid: uuid.UUID
    hits: list[OrderHit]


def block_scope(scope: Scope, **_: Any) -> list[ScopeKey]:
    """A block of a place counts at its site; one of a lot or item in the whole group."""
    place = Place.objects.filter(pk=scope.place_id).first() if scope.place_id else None
    return [ScopeKey(place.legal_entity_id, place.site_id)] if place else [WHOLE_GROUP]


@command("stock.block", roles=(QUALITY_HEAD, QUALITY_CONTROLLER, COMPLIANCE), scope=block_scope)
def block(
    scope: Scope,
    kind: BlockKind,
    reason: str,
    *,
    case_id: int | None = None,
    until: datetime | None = None,
    by: Actor,
) -> BlockPlaced:
    """The goods in the scope are blocked, wherever they stand and whatever arrives later."""
    if not reason.strip():
        raise InvalidInput(sentence("Say why the goods are blocked."), field="reason")
    if scope == Scope():
        raise InvalidInput(
            sentence("Say what is blocked: a lot, serial, container, place or item."),
            field="scope",
        )
    if until is not None and until.tzinfo is None:
        raise InvalidInput(sentence("Give the moment with its time zone."), field="until")
    if until is not None and until <= by.now:
        raise InvalidInput(
            sentence("{until} is over. Give a later end, or none."),
            field="until",
            until=until.isoformat(),
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BLOCK_LOCK])
    row = StockBlock.objects.create(
        kind=kind.value,
        lot_id=scope.lot_id,
        serial_id=scope.serial_id,
        container_id=scope.container_id,
        place_id=scope.place_id,
        item_id=scope.item_id,
        reason=reason,
        case_id=case_id,
        until=until,
        placed_at=by.now,
        command_id=by.work.command_id,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM stock_block_reservations(%s, %s)", [row.pk, by.work.command_id]
        )
        hits = [OrderHit(*hit) for hit in cursor.fetchall()]
    created(row, by=by, kind=row.kind, reason=reason)
    by.work.facts["orders_hit"] = len(hits)
    emit(events.StockBlocked(row.uid, row.kind, len(hits)), subject=row.uid, by=by)
    return BlockPlaced(row.uid, hits)


def lift_scope(block_uid: uuid.UUID, **_: Any) -> list[ScopeKey]:
    row = StockBlock.objects.filter(uid=block_uid).first()
    return block_scope(Scope(place_id=row.place_id if row else None))


@command("stock.lift_block", roles=(QUALITY_HEAD,), scope=lift_scope, signed="lift block")
def lift_block(block_uid: uuid.UUID, reason: str, *, by: Actor) -> BlockPlaced:
    """The block no longer counts; what it covered is as it was before."""
    if not reason.strip():
        raise InvalidInput(sentence("Say why the block is lifted."), field="reason")
    found = StockBlock.objects.filter(uid=block_uid).only("pk").first()
    row = StockBlock.objects.lock(found.pk if found else 0)
    if row.lifted_at is not None:
        raise WrongState(sentence("This block was lifted already."), state="lifted")
    sign(
        "lift block",
        kind="stock.block",
        uid=row.uid,
        content={"block": str(row.uid), "reason": reason},
        by=by,
    )
    amend(row, by=by, lifted_at=by.now, lift_reason=reason)
    emit(events.BlockLifted(row.uid), subject=row.uid, by=by)
    return BlockPlaced(row.uid, [])
