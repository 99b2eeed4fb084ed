"""Collecting legs while a command runs, and posting them once at its end."""

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from traceward.domain.stock import refusals  # noqa: F401  # registers the ledger's refusals
from traceward.domain.stock.rules import Edge, Leg, Promise
from traceward.kernel.base.refusals import TooLarge, sentence
from traceward.kernel.command.actor import Actor, UnitOfWork

MAX_LEGS = 20_000
CLOSER = "stock.post"


@dataclass
class Posting:
    """What the running command will post."""

    legs: list[Leg] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    happened_at: datetime | None = None
    backdate_reason: str | None = None
    device: str | None = None
    clock_offset_ms: int | None = None
    promises_expire_at: datetime | None = None


def collect(legs: Iterable[Leg], *, by: Actor) -> Posting:
    """The legs will be posted when the outermost command ends."""
    posting = _posting(by)
    posting.legs.extend(legs)
    _few_enough(posting.legs)
    return posting


def promise(
    promises: Iterable[Promise], *, expires_at: datetime | None = None, by: Actor
) -> Posting:
    """The promised quantities will change together with the balances."""
    posting = _posting(by)
    posting.promises.extend(promises)
    _few_enough(posting.promises)
    if expires_at is not None:
        posting.promises_expire_at = expires_at
    return posting


def relate(edges: Iterable[Edge], *, by: Actor) -> Posting:
    """The genealogy edges will be written together with the moves that prove them."""
    posting = _posting(by)
    posting.edges.extend(edges)
    _few_enough(posting.edges)
    return posting


def _few_enough(rows: Sized) -> None:
    if len(rows) > MAX_LEGS:
        raise TooLarge(
            sentence("{count} lines are too many for one command; send at most {limit}."),
            count=len(rows),
            limit=MAX_LEGS,
        )


def _posting(by: Actor) -> Posting:
    unit = by.work
    posting: Posting | None = unit.collected.get(CLOSER)
    if posting is None:
        posting = Posting()
        unit.collected[CLOSER] = posting
        unit.closers[CLOSER] = lambda: _post(unit, by.person_id, posting)
    return posting


LEG_CASTS = "i,b,b,b,b,b,b,b,i,b,b,b,i,b,b,b,t,t"
PROMISE_CASTS = "b,b,b,b,i,b,b,b,b"
EDGE_CASTS = "b,b,b,b,b"


def _holes(casts: str) -> str:
    names = {"i": "int[]", "b": "bigint[]", "t": "text[]"}
    return ",".join(f"%s::{names[cast]}" for cast in casts.split(","))


CALL = (
    f"SELECT stock_post(%s,%s,%s,%s,%s,%s,{_holes(LEG_CASTS)},{_holes(PROMISE_CASTS)},"
    f"%s::timestamptz[],{_holes(EDGE_CASTS)})"
)


def _numbers(values: Iterable[int | None]) -> str:
    """The array as PostgreSQL writes it; the driver takes a text many times faster than a list."""
    return "{" + ",".join(["NULL" if v is None else f"{v:d}" for v in values]) + "}"


def _columns(rows: list[tuple[Any, ...]], casts: str) -> list[list[Any] | str]:
    kinds = casts.split(",")
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    return [
        list(column) if kind == "t" else _numbers(column)
        for kind, column in zip(kinds, columns, strict=True)
    ]


def _leg_rows(legs: Iterable[Leg]) -> list[tuple[Any, ...]]:
    return [
        (
            leg.code,
            leg.document_id,
            leg.line_id,
            leg.item_id,
            leg.lot_id,
            leg.serial_id,
            leg.quantity,
            leg.from_place_id,
            leg.from_status,
            leg.from_owner_id,
            leg.from_container_id,
            leg.to_place_id,
            leg.to_status,
            leg.to_owner_id,
            leg.to_container_id,
            leg.reverses_id,
            leg.di,
            leg.reason,
        )
        for leg in legs
    ]


def _promise_rows(promises: Iterable[Promise]) -> list[tuple[Any, ...]]:
    return [
        (
            p.line_id,
            p.key.item_id,
            p.key.lot_id,
            p.key.place_id,
            p.key.status,
            p.key.owner_id,
            p.key.serial_id,
            p.key.container_id,
            p.change,
        )
        for p in promises
        if p.change
    ]


def _ends(posting: Posting) -> str:
    """Until when each promise holds, as PostgreSQL writes an array."""
    ends = (p.expires_at or posting.promises_expire_at for p in posting.promises if p.change)
    return "{" + ",".join([f'"{at.isoformat()}"' if at else "NULL" for at in ends]) + "}"


def _post(unit: UnitOfWork, person_id: int, posting: Posting) -> None:
    """One call, whatever the number of legs."""
    legs, promises = _leg_rows(posting.legs), _promise_rows(posting.promises)
    if not (legs or promises or posting.edges):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            CALL,
            [
                unit.command_id,
                person_id,
                posting.happened_at,
                posting.backdate_reason,
                posting.device,
                posting.clock_offset_ms,
                *_columns(legs, LEG_CASTS),
                *_columns(promises, PROMISE_CASTS),
                _ends(posting),
                *_columns([tuple(e) for e in posting.edges], EDGE_CASTS),
            ],
        )
    unit.facts["moves"] = len(legs)
    if promises:
        unit.facts["promises"] = len(promises)
