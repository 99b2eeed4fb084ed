"""Moving, reversing, counting off: the plain verbs of the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from traceward.domain.places.models import Place, PlaceKind, Zone
from traceward.domain.places.queries import boundary_place
from traceward.domain.stock.commands.posting import Said, collect
from traceward.domain.stock.models import Code, Status, StockMove
from traceward.domain.stock.queries.known import require_known
from traceward.domain.stock.queries.wanted import require_quantity
from traceward.domain.stock.refusals import ReversalRefused, UnsuitablePlace
from traceward.domain.stock.rules import STATUSES, Leg, StatusWord
from traceward.kernel.base.refusals import InvalidInput, Phrase, phrase, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import apply_rules
from traceward.kernel.documents.models import Document
from traceward.kernel.org.roles import STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import WHOLE_GROUP, ScopeKey
from traceward.kernel.rules.queries import declare, reader

#: Quantity above which a count adjustment waits for another person. # ORG-03
HOLD_ADJUSTMENT_ABOVE = declare(
    "stock.adjust.hold_above", 100, "site", doc="Adjustments above this quantity are held."
)


@dataclass(frozen=True)
class Posted:
    """So many moves were posted."""

    moves: int


@dataclass(frozen=True)
class Line:
    """Goods to be moved inside a site, as they stand now."""

    item_id: int
    quantity: int
    from_place_id: int
    to_place_id: int
    owner_id: int
    lot_id: int | None = None
    serial_id: int | None = None
    status: StatusWord = 2
    from_container_id: int | None = None
    to_container_id: int | None = None


#: Status → marked zones in which such goods do not stand.
CLOSED_TO = {
    Status.PENDING: frozenset({Zone.QUALIFIED, Zone.DISPATCH, Zone.REJECTED}),
    Status.REJECTED: frozenset({Zone.QUALIFIED, Zone.DISPATCH, Zone.PENDING, Zone.RETURNS}),
}
#: The arguments that the legs of a move come of.
LINES = Said("lines.{n}", place="lines.{n}.to_place_id")
CONTAINERS = ("from_container_id", "to_container_id")


def places_scope(place_ids: Iterable[int]) -> list[ScopeKey]:
    """The legal entities and sites of these places."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT legal_entity_id, site_id FROM places_place WHERE id = ANY (%s)",
            [list(set(place_ids))],
        )
        return [ScopeKey(*row) for row in cursor.fetchall()] or [WHOLE_GROUP]


def move_scope(lines: list[Line], **_: Any) -> list[ScopeKey]:
    return places_scope({p for x in lines for p in (x.from_place_id, x.to_place_id)})


@command("stock.move", roles=(STOREKEEPER, SUPERVISOR), scope=move_scope)
def move(lines: list[Line], *, by: Actor) -> Posted:
    """Goods stand in other places inside the site, as they are."""
    require_known(lines, CONTAINERS, field="lines.{n}")
    _require_zones(lines)
    collect((_inside(line, Code.MOVE) for line in lines), said=LINES, by=by)
    return Posted(len(lines))


@command("stock.move_backdated", roles=(SUPERVISOR,), scope=move_scope)
def move_backdated(lines: list[Line], happened_at: datetime, reason: str, *, by: Actor) -> Posted:
    """Goods were moved earlier than now, for a reason, in a period that is still open."""
    if not reason.strip():
        raise InvalidInput(sentence("Say why this is entered later."), field="reason")
    if happened_at.tzinfo is None:
        raise InvalidInput(sentence("Give the moment with its time zone."), field="happened_at")
    require_known(lines, CONTAINERS, field="lines.{n}")
    _require_zones(lines)
    posting = collect((_inside(line, Code.MOVE) for line in lines), said=LINES, by=by)
    if posting.happened_at not in (None, happened_at):
        raise InvalidInput(
            sentence("The device says another moment. Give one of the two."), field="happened_at"
        )
    posting.happened_at, posting.backdate_reason = happened_at, reason
    return Posted(len(lines))


def _require_zones(lines: Sequence[Line]) -> None:
    """What nobody released, or quality rejected, goes to no zone of other goods (GSP art. 40).

    Released goods may be set apart: among 待验 or rejected goods nobody takes them for better.
    """
    asked = {line.to_place_id for line in lines if line.status in CLOSED_TO}
    if not asked:
        return
    places = Place.objects.in_bulk(asked)
    for n, line in enumerate(lines):
        place = places.get(line.to_place_id)
        if place is None or place.zone not in CLOSED_TO.get(Status(line.status), ()):
            continue
        raise UnsuitablePlace(
            sentence("{to} is for other goods than “{status}” ones. Choose a place for these."),
            field=f"lines.{n}.to_place_id",
            to=place.code,
            status=STATUSES[line.status],
        )


def _inside(line: Line, code: Code) -> Leg:
    return Leg(
        code=code,
        item_id=line.item_id,
        lot_id=line.lot_id,
        serial_id=line.serial_id,
        quantity=line.quantity,
        from_place_id=line.from_place_id,
        from_status=line.status,
        from_owner_id=line.owner_id,
        to_place_id=line.to_place_id,
        to_status=line.status,
        to_owner_id=line.owner_id,
        from_container_id=line.from_container_id,
        to_container_id=line.to_container_id,
    )


RECEIVED = sentence(
    "Move {move} belongs to a receipt. Count off what is not there, "
    "and let quality decide about what came."
)
#: Moves that a document stands on, and the way that leaves the document right. # ADR 0050
INSTEAD_OF_REVERSAL = {
    Code.PICK: sentence(
        "Move {move} belongs to a pick or a work order. Cancel the pick, or return the goods."
    ),
    Code.PACK: sentence("Move {move} belongs to a pick. Cancel the pick instead."),
    Code.MOVE: sentence(
        "Move {move} belongs to a document. Move the goods from where they stand instead."
    ),
    Code.PUTAWAY: sentence(
        "Move {move} belongs to a document. Move the goods from where they stand instead."
    ),
    Code.RECEIVE: RECEIVED,
    Code.SHIP: sentence("Move {move} belongs to a shipment. Cancel the shipment instead."),
    Code.DELIVER: sentence("Move {move} belongs to a delivery. Cancel the delivery instead."),
    Code.USE: sentence("Move {move} belongs to a usage record. Cancel that record instead."),
    Code.DESTROY: sentence(
        "Move {move} belongs to goods that were scrapped. Count in what is there after all."
    ),
    Code.CONSUME: sentence(
        "Move {move} belongs to a transformation. Cancel the transformation instead."
    ),
    Code.PRODUCE: sentence(
        "Move {move} belongs to a transformation. Cancel the transformation instead."
    ),
    **dict.fromkeys((Code.TRANSFER, Code.RETURN_FROM_CUSTOMER), RECEIVED),
    Code.WRITE_OFF: sentence(
        "Move {move} is a signed decision, which is not taken back. Count in what is found."
    ),
    Code.RETURN_TO_SUPPLIER: sentence(
        "Move {move} belongs to a return to the supplier. What was sent back comes in by a receipt."
    ),
    Code.DESTROY: sentence(
        "Move {move} belongs to a destruction, which has witnesses. Count in what is still there."
    ),
}


def reverse_scope(move_ids: list[int], **_: Any) -> list[ScopeKey]:
    rows = StockMove.objects.filter(pk__in=move_ids).values_list("from_place_id", "to_place_id")
    return places_scope({place for row in rows for place in row})


@command("stock.reverse", roles=(SUPERVISOR,), scope=reverse_scope)
def reverse(move_ids: list[int], reason: str, *, by: Actor) -> Posted:
    """The moves are taken back by new entries; what was written stays."""
    if not reason.strip():
        raise InvalidInput(sentence("Say why the move is reversed."), field="reason")
    found = list(StockMove.objects.filter(pk__in=move_ids).order_by("pk"))
    missing = sorted(set(move_ids) - {m.pk for m in found})
    if missing or not found:
        raise ReversalRefused(
            sentence(
                "Move {reverses} cannot be reversed: it does not exist or was reversed already."
            ),
            field="move_ids",
            reverses=missing[0] if missing else "—",
        )
    for m in found:
        if m.document_id is not None and m.code in INSTEAD_OF_REVERSAL:
            raise ReversalRefused(INSTEAD_OF_REVERSAL[Code(m.code)], field="move_ids", move=m.pk)
    legs = (leg_of(m).mirrored(m.pk, Code.REVERSE, reason) for m in found)
    collect(legs, said=Said("move_ids"), by=by)
    return Posted(len(found))


def take_back(document: Document, reason: str, *, by: Actor) -> int:
    """What the locked document moved is moved back by new entries; says how many base units.

    The ledger refuses it where the goods do not stand any more where the document brought them.
    """
    if not reason.strip():
        raise InvalidInput(sentence("Say why it is cancelled."), field="reason")
    moved = StockMove.objects.filter(document=document)
    gone = moved.filter(reverses__isnull=False).values("reverses")
    rows = moved.filter(reverses=None).exclude(pk__in=gone).order_by("pk")
    legs = [leg_of(m).mirrored(m.pk, Code.REVERSE, reason) for m in rows]
    assert legs, "a document in this state has moved something"
    collect(legs, by=by)
    return sum(x.quantity for x in legs)


def leg_of(m: StockMove) -> Leg:
    """The leg as it was posted."""
    return Leg(**{name: getattr(m, name) for name in Leg._fields})


@dataclass(frozen=True)
class Difference:
    """What a count found more (+) or less (−) than the ledger, at one place."""

    item_id: int
    place_id: int
    change: int
    owner_id: int
    lot_id: int | None = None
    serial_id: int | None = None
    status: StatusWord = 2
    container_id: int | None = None


#: What a difference names.
FOUND = ("place_id", "item_id", "lot_id", "serial_id", "owner_id", "container_id")


def adjust_scope(differences: list[Difference], **_: Any) -> list[ScopeKey]:
    return places_scope(d.place_id for d in differences)


def why_held(differences: list[Difference], reason: str, *, by: Actor, **_: Any) -> Phrase | None:
    """A large adjustment needs a second person, in one line or in many small ones.

    Units found and units missing add up, over all that the command changes at a site. What would
    be refused anyway is refused at once: nobody is asked to approve it.
    """
    _require_sound(differences, reason)
    if by.approved_by is not None:
        return None
    return why_many(differences, by=by)


def why_many(differences: Sequence[Difference], *, by: Actor) -> Phrase | None:
    """Why a second person is asked about these known differences, if one is."""
    places = dict(
        Place.objects.filter(pk__in={d.place_id for d in differences}).values_list("pk", "site_id")
    )
    totals: dict[int | None, int] = defaultdict(int)
    for d in differences:
        totals[places.get(d.place_id)] += abs(d.change)
    limits = reader(HOLD_ADJUSTMENT_ABOVE)
    for site, total in totals.items():
        decided = apply_rules(limits, {"site": site}, by=by)
        if total > decided.value:
            return phrase(
                sentence("An adjustment of {change} is above the limit of {limit}."),
                change=total,
                limit=decided.value,
            )
    return None


def _require_changes(differences: Sequence[Difference]) -> None:
    """Refused where a difference is none, or more than anybody ever counted."""
    for n, d in enumerate(differences):
        if d.change == 0:
            raise InvalidInput(
                sentence("A difference is other than zero. Leave out what was right."),
                field=f"differences.{n}.change",
            )
        require_quantity(abs(d.change), f"differences.{n}.change")


@command("stock.adjust", roles=(STOREKEEPER, SUPERVISOR), scope=adjust_scope, hold=why_held)
def adjust(differences: list[Difference], reason: str, *, by: Actor) -> Posted:
    """The ledger agrees with the count; what was found too much waits for inspection."""
    _require_sound(differences, reason)
    post_differences(differences, reason, said=Said("differences.{n}"), by=by)
    return Posted(len(differences))


def _require_sound(differences: Sequence[Difference], reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(sentence("Say what the count found and why."), field="reason")
    _require_changes(differences)
    require_known(differences, FOUND, field="differences.{n}")


def post_differences(
    differences: Sequence[Difference], reason: str, *, said: Said, by: Actor
) -> None:
    """Known differences are counted in and off; refusals name what was said."""
    places = Place.objects.in_bulk([d.place_id for d in differences])
    sites = sorted({p.site_id for p in places.values()})
    books = {site: boundary_place(site, PlaceKind.ADJUSTMENT).pk for site in sites}
    legs = [_adjustment(d, books[places[d.place_id].site_id], reason) for d in differences]
    collect(legs, said=said, by=by)


def _adjustment(d: Difference, book_id: int, reason: str) -> Leg:
    """A gain enters as 待验, so that no count can walk around the quality gate."""
    is_gain = d.change > 0
    status = 1 if is_gain else d.status
    inside, outside = (d.place_id, d.container_id), (book_id, None)
    (source, source_box), (target, target_box) = (outside, inside) if is_gain else (inside, outside)
    return Leg(
        code=Code.ADJUST_IN if is_gain else Code.ADJUST_OUT,
        item_id=d.item_id,
        lot_id=d.lot_id,
        serial_id=d.serial_id,
        quantity=abs(d.change),
        from_place_id=source,
        from_status=status,
        from_owner_id=d.owner_id,
        from_container_id=source_box,
        to_place_id=target,
        to_status=status,
        to_owner_id=d.owner_id,
        to_container_id=target_box,
        reason=reason,
    )
