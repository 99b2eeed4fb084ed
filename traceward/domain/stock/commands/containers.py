"""Containers with all that is in them: moved inside a site, aggregated and disaggregated. # INV-10

A container stands where its goods stand: it has no place of its own, and an empty one is nowhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from traceward.domain.places.models import Place, PlaceKind
from traceward.domain.stock import events
from traceward.domain.stock.commands.moves import Posted, places_scope
from traceward.domain.stock.commands.posting import collect, promise
from traceward.domain.stock.models import Code, Container, Reservation, StockBalance
from traceward.domain.stock.refusals import NestingRefused
from traceward.domain.stock.rules import BalanceKey, Leg, Promise, is_expired
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState, sentence
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.run import command
from traceward.kernel.command.write import emit, record_change
from traceward.kernel.org.roles import STOREKEEPER, SUPERVISOR
from traceward.kernel.org.scope import ScopeKey

WITHIN = """
WITH RECURSIVE down AS (
  SELECT unnest(%s::bigint[]) AS id
  UNION SELECT c.id FROM stock_container c JOIN down d ON c.parent_id = d.id
) SELECT id FROM down
"""


def content_of(container_ids: Sequence[int]) -> list[StockBalance]:
    """What stands in these containers and in those inside them."""
    with connection.cursor() as cursor:
        cursor.execute(WITHIN, [list(container_ids)])
        boxes = [row[0] for row in cursor.fetchall()]
    rows = StockBalance.objects.filter(container__in=boxes, on_hand__gt=0, physical=True)
    return list(rows.select_related("place__site", "lot").order_by("pk"))


def move_scope(container_id: int, to_place_id: int, **_: Any) -> list[ScopeKey]:
    return places_scope([to_place_id, *(row.place_id for row in content_of([container_id]))])


@command("stock.move_container", roles=(STOREKEEPER, SUPERVISOR), scope=move_scope)
def move_container(container_id: int, to_place_id: int, *, by: Actor) -> Posted:
    """The container stands in another place of the site, with all that is in it.

    One move for each line of its content; what is promised of it stays promised. # INV-10
    """
    container = Container.objects.lock(container_id)
    if container.parent_id is not None:
        raise WrongState(
            sentence("{container} stands in another container. Move that one, or take it out."),
            field="container_id",
            container=container.code,
        )
    target = Place.objects.find(to_place_id)
    if target is None:
        raise NotFound(
            sentence("There is no place with id {id}."), field="to_place_id", id=to_place_id
        )
    content = content_of([container_id])
    _require_movable(container, content, target)
    legs = [_leg(row, target) for row in content]
    collect(legs, by=by)
    promise(_carried(content, target, by), by=by)
    by.work.facts["container"] = container.code
    return Posted(len(legs))


def _require_movable(container: Container, content: Sequence[StockBalance], target: Place) -> None:
    """It holds goods, in one place, of which no pick has taken hold. # INV-10"""
    places = {row.place_id: row.place for row in content}
    if not places:
        raise InvalidInput(
            sentence("{container} is empty: there is nothing to move."),
            field="container_id",
            container=container.code,
        )
    if len(places) > 1:
        raise NestingRefused(
            sentence(
                "{container} stands in several places ({places}). Count it, or move its goods "
                "together first."
            ),
            field="container_id",
            container=container.code,
            places=", ".join(sorted(p.code for p in places.values())),
        )
    (here,) = places.values()
    if here.pk == target.pk:
        raise InvalidInput(
            sentence("{container} stands at {place} already. Choose another place."),
            field="to_place_id",
            container=container.code,
            place=here.code,
        )
    if here.kind == PlaceKind.STAGING and any(row.reserved for row in content):
        raise WrongState(
            sentence("{container} belongs to a pick. Ship it, or cancel the pick."),
            field="container_id",
            container=container.code,
        )


def _leg(row: StockBalance, target: Place) -> Leg:
    """The whole balance goes there, as it is and in its own container."""
    key = BalanceKey.of(row)
    return Leg.between(Code.MOVE, key, key._replace(place_id=target.pk), row.on_hand)


def _carried(content: Sequence[StockBalance], target: Place, by: Actor) -> list[Promise]:
    """Each promise goes along, until when it holds; one of an expired lot ends."""
    balances = {row.pk: row for row in content}
    today = by.now.astimezone(ZoneInfo(content[0].place.site.time_zone)).date()
    made = []
    for held in Reservation.objects.filter(balance__in=balances, quantity__gt=0).order_by("pk"):
        row = balances[held.balance_id]
        key = BalanceKey.of(row)
        made.append(Promise(held.line_id, key, -held.quantity))
        if not is_expired(row.lot.expires_on if row.lot else None, today):
            there = key._replace(place_id=target.pk)
            made.append(Promise(held.line_id, there, held.quantity, held.expires_at))
    return made


# --- Aggregation ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nested:
    """The container that the other one stands in from now on; null: none."""

    container_id: int
    parent_id: int | None


def nest_scope(container_id: int, parent_id: int | None = None, **_: Any) -> list[ScopeKey]:
    """Where their goods stand."""
    return places_scope(row.place_id for row in content_of(_both(container_id, parent_id)))


@command("stock.nest_container", roles=(STOREKEEPER, SUPERVISOR), scope=nest_scope)
def nest_container(container_id: int, parent_id: int, *, by: Actor) -> Nested:
    """The container stands in another one, in the same place; EPCIS calls it aggregation."""
    return _nest(container_id, parent_id, by)


@command("stock.unnest_container", roles=(STOREKEEPER, SUPERVISOR), scope=nest_scope)
def unnest_container(container_id: int, *, by: Actor) -> Nested:
    """The container stands by itself again; what is in it stays in it."""
    return _nest(container_id, None, by)


def _nest(container_id: int, parent_id: int | None, by: Actor) -> Nested:
    rows = {row.pk: row for row in Container.objects.lock_all(_both(container_id, parent_id))}
    for name, pk in (("container_id", container_id), ("parent_id", parent_id)):
        if pk is not None and pk not in rows:
            raise NotFound(sentence("There is no container with id {id}."), field=name, id=pk)
    container = rows[container_id]
    if container.parent_id == parent_id:
        raise WrongState(
            sentence("{container} stands like that already."),
            field="container_id",
            container=container.code,
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT stock_nest(%s, %s)", [container_id, parent_id])
    record_change(container, {"parent": container.parent_id}, {"parent": parent_id}, by=by)
    parent_uid = rows[parent_id].uid if parent_id is not None else None
    emit(events.ContainerNested(container.uid, parent_uid), subject=container.uid, by=by)
    return Nested(container_id, parent_id)


def whole_containers(taken: Iterable[tuple[int | None, int]]) -> set[int]:
    """The containers of which so many base units are all; out of others they are taken. # INV-10"""
    left: dict[int, int] = defaultdict(int)
    for container_id, quantity in taken:
        if container_id is not None:
            left[container_id] -= quantity
    for row in StockBalance.objects.filter(container__in=list(left), on_hand__gt=0):
        left[row.container_id or 0] += row.on_hand
    return {box for box, rest in left.items() if not rest}


def _both(container_id: int, parent_id: int | None) -> list[int]:
    return [container_id] if parent_id is None else [container_id, parent_id]
