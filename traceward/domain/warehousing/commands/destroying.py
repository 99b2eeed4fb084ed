"""Goods leave for good: what stands is chosen, and what cannot be used is destroyed. # REV-01"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from traceward.domain.catalog.queries import items_with_facts, papers_of
from traceward.domain.places.models import PlaceKind
from traceward.domain.places.queries import boundary_place
from traceward.domain.stock.commands import Said, collect
from traceward.domain.stock.models import Code, StockBalance
from traceward.domain.stock.rules import BalanceKey, Leg
from traceward.domain.warehousing import events
from traceward.domain.warehousing.commands.clearing import end_receipts
from traceward.domain.warehousing.models import Destruction, DestructionState, TakenLine
from traceward.kernel.base.refusals import InvalidInput, NotFound, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.keys import people_among
from traceward.kernel.command.run import command
from traceward.kernel.command.write import (
    add_lines,
    amend,
    emit,
    enter,
    open_document,
    require_other_person,
    sign,
)
from traceward.kernel.documents.models import Document
from traceward.kernel.org.models import Site
from traceward.kernel.org.roles import QUALITY_HEAD, STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey, scope_of

APPROVED = "approve destruction"
DESTROYED = "destroyed before witnesses"


@dataclass(frozen=True)
class Taking:
    """So many base units of what stands somewhere: the id of its stock balance."""

    balance_id: int
    quantity: int


def write_taken(document: Document, lines: Sequence[Taking], *, by: Actor) -> list[TakenLine]:
    """What is to leave by the document, as it stands now at its site, with the device's papers.

    Refused where it does not stand in our own places there. Called by the commands that let goods
    go for good; the ledger is asked again when they go.
    """
    if not lines:
        raise InvalidInput(sentence("Choose goods that stand at the site."), field="lines")
    here = StockBalance.objects.filter(
        place__site=document.site_id, place__kind__in=("bin", "dock", "staging"), on_hand__gt=0
    )
    found = here.in_bulk([x.balance_id for x in lines])
    seen: set[int] = set()
    for n, x in enumerate(lines):
        row = found.get(x.balance_id)
        if row is None or x.balance_id in seen:
            raise InvalidInput(
                sentence("Choose goods that stand at the site, each once."),
                field=f"lines.{n}.balance_id",
            )
        if not 1 <= x.quantity <= row.on_hand:
            raise InvalidInput(
                sentence("{there} of them are there. Choose 1 to {there}."),
                field=f"lines.{n}.quantity",
                there=row.on_hand,
            )
        seen.add(x.balance_id)
    items = items_with_facts(row.item_id for row in found.values())
    papers = papers_of(items.values(), document.site.day_at(by.now))
    return TakenLine.objects.bulk_create(
        TakenLine(
            line=number,
            item_id=row.item_id,
            lot_id=row.lot_id,
            serial_id=row.serial_id,
            owner_id=row.owner_id,
            place_id=row.place_id,
            status=row.status,
            container_id=row.container_id,
            quantity=x.quantity,
            **papers[row.item_id],
        )
        for number, x in zip(add_lines(document, len(lines)), lines, strict=True)
        for row in (found[x.balance_id],)
    )


def taken_legs(
    document: Document, code: Code, to_place_id: int, to_owner_id: int | None, reason: str
) -> Iterable[Leg]:
    """From where the document's goods stood to the place outside, in their status."""
    rows = TakenLine.objects.filter(line__document=document.pk).order_by("line__line_number")
    for row in rows:
        key = BalanceKey.of(row)
        gone = key._replace(
            place_id=to_place_id, owner_id=to_owner_id or key.owner_id, container_id=None
        )
        yield Leg.between(
            code, key, gone, row.quantity, document_id=document.pk, line_id=row.pk, reason=reason
        )


@dataclass(frozen=True)
class DestructionStep:
    """The state of the destruction after the step, and how many base units it is about."""

    destruction_id: int
    quantity: int
    state: str


def site_scope(site_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Site, site_id, site="pk")


def destruction_scope(destruction_id: int, **_: Any) -> list[ScopeKey]:
    return scope_of(Destruction, destruction_id)


@command("warehousing.propose_destruction", roles=(STOREKEEPER, SUPERVISOR), scope=site_scope)
def propose_destruction(
    site_id: int, lines: list[Taking], reason: str, method: str, *, by: Actor
) -> DestructionStep:
    """Quality is asked whether the goods may be destroyed; they stand where they are.

    Refused where the site has no place of kind “destruction”, by which they would leave.
    """
    site = Site.objects.find(site_id)
    if site is None:
        raise NotFound(sentence("There is no site with id {id}."), field="site_id", id=site_id)
    for name, value in (("reason", reason), ("method", method)):
        if not value.strip():
            raise InvalidInput(
                sentence("Say why the goods are destroyed, and by which method."), field=name
            )
    boundary_place(site_id, PlaceKind.DESTRUCTION)  # told now, not when all have signed
    document = Destruction(reason=reason.strip(), method=method.strip())
    open_document(document, site=site, state=DestructionState.PROPOSED.value, by=by)
    rows = write_taken(document, lines, by=by)
    return DestructionStep(document.pk, sum(row.quantity for row in rows), document.state)


@command(
    "warehousing.approve_destruction",
    roles=(QUALITY_HEAD,),
    scope=destruction_scope,
    signed=APPROVED,
    from_states=(DestructionState.PROPOSED,),
)
def approve_destruction(destruction_id: int, *, by: Actor) -> DestructionStep:
    """Quality has decided with a signature that the goods are destroyed; not by who proposed it."""
    document: Destruction = Destruction.objects.lock(destruction_id)
    require_other_person(document.created_by_id, by=by)
    enter(document, DestructionState.APPROVED.value, by=by)
    amend(document, by=by, approved_by_id=by.person_id, approved_at=by.now)
    sign(APPROVED, kind=document.KIND, uid=document.uid, content=_content(document), by=by)
    return DestructionStep(document.pk, _quantity(document), document.state)


def _content(document: Destruction) -> dict[str, Any]:
    """What the signatures are bound to."""
    rows = TakenLine.objects.filter(line__document=document.pk).order_by("line__line_number")
    return {
        "destruction": str(document.uid),
        "reason": document.reason,
        "method": document.method,
        "lines": [[r.item_id, r.lot_id, r.serial_id, r.place_id, r.quantity] for r in rows],
        "witnesses": [document.first_witness_id, document.second_witness_id],
    }


def _quantity(document: Destruction) -> int:
    rows = TakenLine.objects.filter(line__document=document.pk)
    return sum(rows.values_list("quantity", flat=True))


@command(
    "warehousing.destroy",
    roles=(STOREKEEPER, SUPERVISOR),
    scope=destruction_scope,
    signed=DESTROYED,
    from_states=(DestructionState.APPROVED,),
)
def destroy(destruction_id: int, witness_ids: list[int], *, by: Actor) -> DestructionStep:
    """The goods are destroyed before two witnesses, neither of whom destroyed them.

    # REV-01
    The ledger refuses what is promised, on hold or not decided about by quality.
    """
    document: Destruction = Destruction.objects.lock(destruction_id)
    document.require(DestructionState.APPROVED)
    witnesses = _witnesses(witness_ids, by)
    place = boundary_place(document.site_id, PlaceKind.DESTRUCTION)
    legs = list(taken_legs(document, Code.DESTROY, place.pk, None, document.reason))
    end_receipts(legs, document.site_id, by=by)
    collect(legs, said=Said("destruction_id"), by=by)
    enter(document, DestructionState.DESTROYED.value, by=by)
    amend(
        document,
        by=by,
        destroyed_by_id=by.person_id,
        destroyed_at=by.now,
        first_witness_id=witnesses[0],
        second_witness_id=witnesses[1],
    )
    sign(DESTROYED, kind=document.KIND, uid=document.uid, content=_content(document), by=by)
    quantity = _quantity(document)
    emit(events.GoodsDestroyed(document.uid, quantity), subject=document.uid, by=by)
    return DestructionStep(document.pk, quantity, document.state)


def _witnesses(ids: Sequence[int], by: Actor) -> list[int]:
    if len(set(ids)) != 2 or len(ids) != 2:
        raise InvalidInput(
            sentence("Name two different people as witnesses, neither of them yourself."),
            field="witness_ids",
        )
    people = people_among(ids)
    for n, pk in enumerate(ids):
        if pk == by.person_id:
            raise InvalidInput(
                sentence("You destroy the goods yourself. Name another person as witness."),
                field=f"witness_ids.{n}",
            )
        if pk not in people:
            raise InvalidInput(
                sentence(
                    "{id} is no person who works here now: not known, left, or the account of a "
                    "program. Name somebody who saw it."
                ),
                field=f"witness_ids.{n}",
                id=pk,
            )
    return list(ids)


@command(
    "warehousing.cancel_destruction",
    roles=(STOREKEEPER, SUPERVISOR, QUALITY_HEAD),
    scope=destruction_scope,
    from_states=(DestructionState.PROPOSED, DestructionState.APPROVED),
)
def cancel_destruction(destruction_id: int, reason: str, *, by: Actor) -> DestructionStep:
    """The goods are not destroyed; they stand where they are."""
    document: Destruction = Destruction.objects.lock(destruction_id)
    if not reason.strip():
        raise InvalidInput(sentence("Say why the goods are not destroyed."), field="reason")
    by.work.facts["reason"] = reason
    enter(document, DestructionState.CANCELLED.value, by=by)
    return DestructionStep(document.pk, _quantity(document), document.state)
