"""Collecting legs while a command runs, and posting them once at its end."""

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from traceward.domain.stock.refusals import name_legs
from traceward.domain.stock.rules import Edge, Leg, Promise
from traceward.kernel.base.arrays import numbers
from traceward.kernel.base.refusals import TooLarge, sentence
from traceward.kernel.command.actor import Actor, UnitOfWork
from traceward.kernel.command.arguments import MAX_LINES
from traceward.kernel.command.devices import Device

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
    #: From which leg on, and what the caller calls the arguments that the legs came of.
    said: list[tuple[int, "Said"]] = field(default_factory=list)

    def name_of(self, n: int, is_place: bool) -> str:
        """The argument that this leg came of, or that says where it goes; "" where none does."""
        for first, said in reversed(self.said):
            if n >= first:
                return said.name(n - first, is_place)
        return ""


@dataclass(frozen=True)
class Said:
    """The arguments of which legs came: "{n}" is the line that a leg came of.

    `of` has the line of each leg where that is not its own number.
    """

    goods: str = ""
    place: str = ""
    of: Sequence[int] | None = None

    def name(self, n: int, is_place: bool) -> str:
        """The argument to name when the leg of this number, or where it goes, is refused."""
        name = (self.place if is_place else "") or self.goods
        if self.of is None:
            return name.format(n=n)
        return name.format(n=self.of[n]) if n < len(self.of) else ""


def collect(legs: Iterable[Leg], *, said: Said | None = None, by: Actor) -> Posting:
    """The legs will be posted when the outermost command ends; refusals name what was said."""
    posting = _posting(by)
    posting.said.append((len(posting.legs), said or Said()))
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
    if len(rows) > MAX_LINES:
        raise TooLarge(
            sentence("{count} lines are too many for one command; send at most {limit}."),
            count=len(rows),
            limit=MAX_LINES,
        )


def _posting(by: Actor) -> Posting:
    unit = by.work
    posting: Posting | None = unit.collected.get(CLOSER)
    if posting is None:
        device = by.device or Device()
        posting = Posting(
            happened_at=device.happened_at,
            device=device.name or None,
            clock_offset_ms=device.clock_offset_ms,
        )
        unit.collected[CLOSER] = posting
        unit.closers[CLOSER] = lambda: _post(unit, by.person_id, posting)
        unit.namers.append(lambda refusal: name_legs(refusal, posting.name_of))
    return posting


#: Leg's fields in the order in which stock_post takes them, and PostgreSQL's types of all arrays.
LEG_FIELDS = (
    "code", "document_id", "line_id", "item_id", "lot_id", "serial_id", "quantity",
    "from_place_id", "from_status", "from_owner_id", "from_container_id",
    "to_place_id", "to_status", "to_owner_id", "to_container_id",
    "reverses_id", "di", "reason",
)  # fmt: skip
LEG_CASTS = "i,b,b,b,b,b,b,b,i,b,b,b,i,b,b,b,t,t"
PROMISE_CASTS = "b,b,b,b,i,b,b,b,b"
EDGE_CASTS = "b,b,b,b,b"


def _holes(casts: str) -> str:
    names = {"i": "int[]", "b": "bigint[]", "t": "text[]"}
    return ",".join(f"%s::{names[cast]}" for cast in casts.split(","))


def _part(holes: str, nothing: str) -> tuple[str, str]:
    return holes, ",".join([nothing] * holes.count("%s"))


#: What stock_post takes after command and actor: with holes, and as constants where there is none.
SAID = _part("%s,%s,%s,%s", "NULL")
LEGS = _part(_holes(LEG_CASTS), "'{}'")
PROMISES = _part(f"{_holes(PROMISE_CASTS)},%s::timestamptz[]", "'{}'")
EDGES = _part(_holes(EDGE_CASTS), "'{}'")


def call(
    said: Sequence[Any], legs: Sequence[Any], promises: Sequence[Any], edges: Sequence[Any]
) -> tuple[str, list[Any]]:
    """The call of stock_post, and what follows command and actor; what is empty is a constant.

    So the whole statement has at most 50 parameters: with more the driver parses it anew each time.
    """
    parts = ((SAID, said), (LEGS, legs), (PROMISES, promises), (EDGES, edges))
    texts = [holes if values else nothing for (holes, nothing), values in parts]
    return f"stock_post(%s,%s,{','.join(texts)})", [v for _, values in parts for v in values]


def _arrays(columns: Iterable[Sequence[Any]], casts: str) -> list[list[Any] | str]:
    return [
        list(column) if kind == "t" and column.count(None) < len(column) else numbers(column)
        for kind, column in zip(casts.split(","), columns, strict=True)
    ]


def _leg_columns(legs: Sequence[Leg]) -> list[Sequence[Any]]:
    columns = dict(zip(Leg._fields, zip(*legs, strict=True), strict=True))
    return [columns[name] for name in LEG_FIELDS]


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
    legs, promises = posting.legs, _promise_rows(posting.promises)
    if not (legs or promises or posting.edges):
        return
    said = [
        posting.happened_at,
        posting.backdate_reason,
        posting.device,
        posting.clock_offset_ms,
    ]
    text, values = call(
        said if any(value is not None for value in said) else (),
        _arrays(_leg_columns(legs), LEG_CASTS) if legs else (),
        [*_arrays(zip(*promises, strict=True), PROMISE_CASTS), _ends(posting)] if promises else (),
        _arrays(zip(*posting.edges, strict=True), EDGE_CASTS) if posting.edges else (),
    )
    unit.calls.append((text, [unit.command_id, person_id, *values]))
    unit.facts["moves"] = len(legs)
    if promises:
        unit.facts["promises"] = len(promises)
