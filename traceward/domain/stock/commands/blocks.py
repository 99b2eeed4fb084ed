"""Quality blocks 冻结/召回: placed over a scope, lifted with a reason; they move nothing."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connection

from traceward.domain.places.models import Place
from traceward.domain.stock import events
from traceward.domain.stock.models import BlockKind, StockBlock
from traceward.domain.stock.queries.known import require_known
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, moment, sentence
from traceward.kernel.base.rows import add_rows, save_rows
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import amend, created, emit, set_values, sign, signed
from traceward.kernel.documents.models import Document
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


SCOPED = tuple(field.name for field in fields(Scope))


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


@dataclass(frozen=True)
class BlocksPlaced:
    #: In the order of the scopes.
    block_uids: list[uuid.UUID]
    hits: list[OrderHit]


def block_scope(scope: Scope, **_: Any) -> list[ScopeKey]:
    """A block of a place counts at its site; one of a lot or item in the whole group."""
    return scopes_of_all([scope])


def scopes_of_all(scopes: Sequence[Scope], **_: Any) -> list[ScopeKey]:
    """Each of them: the sites of those that name a place, the whole group for any other."""
    sites = {
        pk: ScopeKey(entity, site)
        for pk, entity, site in Place.objects.filter(
            pk__in={s.place_id for s in scopes if s.place_id}
        ).values_list("pk", "legal_entity_id", "site_id")
    }
    keys = {sites.get(s.place_id or 0, WHOLE_GROUP) for s in scopes}
    return list(keys) or [WHOLE_GROUP]


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
    if scope == Scope():
        raise InvalidInput(
            sentence("Say what is blocked: a lot, serial, container, place or item."),
            field="scope",
        )
    _check([scope], reason, case_id, until, field="scope", by=by)
    (row,), hits = _placed([scope], kind, reason, case_id, until, by)
    emit(events.StockBlocked(row.uid, row.kind, len(hits)), subject=row.uid, by=by)
    return BlockPlaced(row.uid, hits)


@command(
    "stock.block_all", roles=(QUALITY_HEAD, QUALITY_CONTROLLER, COMPLIANCE), scope=scopes_of_all
)
def block_all(
    scopes: list[Scope],
    kind: BlockKind,
    reason: str,
    *,
    case_id: int | None = None,
    until: datetime | None = None,
    by: Actor,
) -> BlocksPlaced:
    """The goods in each of the scopes are blocked by a block of its own, at one moment."""
    if not scopes:
        raise InvalidInput(
            sentence("Say what is blocked: a lot, serial, container, place or item."),
            field="scopes",
        )
    for n, scope in enumerate(scopes):
        if scope == Scope():
            raise InvalidInput(
                sentence("Say what is blocked: a lot, serial, container, place or item."),
                field=f"scopes.{n}",
            )
    _check(scopes, reason, case_id, until, field="scopes.{n}", by=by)
    rows, hits = _placed(scopes, kind, reason, case_id, until, by)
    emit(events.ScopesBlocked(kind.value, len(rows), len(hits)), by=by)
    return BlocksPlaced([row.uid for row in rows], hits)


def _check(
    scopes: Sequence[Scope],
    reason: str,
    case_id: int | None,
    until: datetime | None,
    *,
    field: str,
    by: Actor,
) -> None:
    """Refused without a reason, with an end that is over, and where nothing is named."""
    if not reason.strip():
        raise InvalidInput(sentence("Say why the goods are blocked."), field="reason")
    if until is not None and until.tzinfo is None:
        raise InvalidInput(sentence("Give the moment with its time zone."), field="until")
    if until is not None and until <= by.now:
        raise InvalidInput(
            sentence("{until} is over. Give a later end, or none."),
            field="until",
            until=moment(until),
        )
    if case_id is not None and Document.objects.find(case_id) is None:
        raise NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            field="case_id",
            what="document",
            id=case_id,
        )
    require_known(scopes, SCOPED, field=field)


def _placed(
    scopes: Sequence[Scope],
    kind: BlockKind,
    reason: str,
    case_id: int | None,
    until: datetime | None,
    by: Actor,
) -> tuple[list[StockBlock], list[OrderHit]]:
    """A block for each scope, and the promises that they took; in a constant number of queries."""
    shut_out_posts()
    rows = StockBlock.objects.bulk_create(
        StockBlock(
            kind=kind.value,
            reason=reason,
            case_id=case_id,
            until=until,
            placed_at=by.now,
            command_id=by.work.command_id,
            **vars(scope),
        )
        for scope in scopes
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM stock_block_reservations(%s, %s)",
            [[row.pk for row in rows], by.work.command_id],
        )
        hits = [OrderHit(*hit) for hit in cursor.fetchall()]
    for row in rows:
        created(row, by=by, kind=row.kind, reason=reason)
    by.work.facts["orders_hit"] = by.work.facts.get("orders_hit", 0) + len(hits)
    return rows, hits


def shut_out_posts() -> None:
    """No post is in flight, and no block is placed elsewhere, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BLOCK_LOCK])


def lift_scope(block_uid: uuid.UUID, **_: Any) -> list[ScopeKey]:
    row = StockBlock.objects.filter(uid=block_uid).first()
    return block_scope(Scope(place_id=row.place_id if row else None))


@command("stock.lift_block", roles=(QUALITY_HEAD,), scope=lift_scope, signed="lift block")
def lift_block(block_uid: uuid.UUID, reason: str, *, by: Actor) -> BlockPlaced:
    """The block no longer counts; what it covered is as it was before.

    Refused while a recall runs that placed it or covers the same goods: only its end lets go of
    them (`recalls.close`, `recalls.withdraw`). # TRC-03
    """
    if not reason.strip():
        raise InvalidInput(sentence("Say why the block is lifted."), field="reason")
    row: StockBlock = StockBlock.objects.lock_uid(block_uid)
    if row.lifted_at is not None:
        raise WrongState(sentence("This block was lifted already."), state="lifted")
    _require_no_keeper(row)
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


def lift_all(block_ids: Sequence[int], reason: str, *, by: Actor) -> int:
    """These blocks count no longer: part of a signed command that ends the case they were for."""
    rows = StockBlock.objects.lock_all(block_ids)
    add_rows(
        signed(
            "lift block",
            kind="stock.block",
            uid=row.uid,
            content={"block": str(row.uid), "reason": reason},
            by=by,
        )
        for row in rows
    )
    for row in rows:
        set_values(row, by=by, lifted_at=by.now, lift_reason=reason)
    save_rows(rows, ("lifted_at", "lift_reason"))
    return len(rows)


def _require_no_keeper(row: StockBlock) -> None:
    """Refused while a running case keeps the block; the database refuses the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stock_block_keeper(%s)", [row.pk])
        found = cursor.fetchone()
    if found and found[0]:
        raise WrongState(
            sentence(
                "This block stays while {number} runs, which covers these goods. It is lifted "
                "after that case was closed or withdrawn."
            ),
            field="block_uid",
            number=found[0],
            state="held",
        )
