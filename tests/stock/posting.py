"""What the tests of the post share: a leg that passes, and the one way in which it does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.databases import ADMIN
from tests.ledger import post_all
from tests.world import World
from traceward.domain.stock.models import (
    Code,
    Container,
    GenealogyEdge,
    Lot,
    Reservation,
    Serial,
    Status,
    StockBalance,
    StockMove,
    VoidTransformation,
)
from traceward.domain.stock.rules import BalanceKey, Leg
from traceward.kernel.base.refusals import Refusal
from traceward.kernel.org import roles

P, Q, R = Status.PENDING, Status.QUALIFIED, Status.REJECTED

WAYS = {
    Code.PUTAWAY: ("A-01", "A-02"),
    Code.MOVE: ("A-01", "A-02"),
    Code.PICK: ("A-01", "STAGE"),
    Code.PACK: ("A-01", "A-01"),
    Code.SHIP: ("STAGE", "WAY"),
    Code.DELIVER: ("WAY", "CUS"),
    Code.USE: ("CUS", "USED"),
    Code.CONSUME: ("A-01", "PRD"),
    Code.RELEASE: ("A-01", "A-01"),
    Code.REJECT: ("A-01", "A-01"),
    Code.ADJUST_OUT: ("A-01", "ADJ"),
    Code.RETURN_FROM_CUSTOMER: ("CUS", "A-01"),
    Code.RETURN_TO_SUPPLIER: ("A-01", "SUP"),
    Code.DESTROY: ("A-01", "DES"),
    Code.TRANSFER: ("WAY", "B-01"),
    Code.WRITE_OFF: ("WAY", "ADJ"),
}
DECIDED = {(Code.RELEASE, P): Q, (Code.REJECT, P): R, (Code.REJECT, Q): R}


def post(world: World, *legs: Leg, **others: Any) -> int:
    return post_all(list(legs), by=world.by(roles.SYSTEM), **others)


def everything() -> list[Any]:
    models = (StockMove, StockBalance, Reservation, GenealogyEdge, VoidTransformation)
    return [list(m.objects.order_by("pk").values()) for m in models]


def refused(kind: type[Refusal], world: World, *legs: Leg, why: str = "", **others: Any) -> Refusal:
    """The post is refused in this kind, and nothing has changed."""
    before = everything()
    with pytest.raises(kind) as error:
        post(world, *legs, **others)
    assert type(error.value) is kind
    assert everything() == before
    if why:
        assert error.value.details[0]["why"] == why
    assert "{" not in str(error.value)
    return error.value


@contextmanager
def policy(action: str, state: str, is_allowed: bool) -> Iterator[None]:
    """The action is allowed on goods in this state, or not; afterwards as before."""
    turn = (
        "UPDATE stock_status_policy SET allowed = %s"
        " WHERE action = %s AND state = %s AND allowed <> %s"
    )
    database = settings.DATABASES["default"]["NAME"]
    with psycopg.connect(ADMIN, dbname=database, autocommit=True) as owner:
        owner.execute("SET ROLE traceward_owner")
        assert owner.execute(turn, [is_allowed, action, state, is_allowed]).rowcount == 1
        try:
            yield
        finally:
            owner.execute(turn, [not is_allowed, action, state, not is_allowed])


def lot_of(world: World) -> Lot:
    return world.lot("STENT", "L1")


def moved(world: World, **values: Any) -> Leg:
    return world.leg(Code.MOVE, lot_of(world), 1, "A-01", "A-02")._replace(**values)


def key_of(world: World, lot: Lot, place: str = "A-01", **values: Any) -> BalanceKey:
    made = BalanceKey(lot.item_id, lot.pk, world.places[place].pk, Q, world.us.pk)
    return made._replace(**values)


def serial(world: World, number: str = "S1", lot_number: str = "PL") -> tuple[Lot, Serial]:
    lot = world.lot("PACER", lot_number)
    row, _ = Serial.objects.get_or_create(
        item=lot.item, number=number, defaults={"lot": lot, "raw_number": number}
    )
    return lot, row


def leg_for(world: World, code: Code, status: Status, lot: Lot) -> Leg:
    source, target = WAYS[code]
    leg = world.leg(code, lot, 1, source, target, status=status)
    if code == Code.RETURN_FROM_CUSTOMER:
        leg = leg._replace(to_status=R if status == R else P)
    box = Container.objects.get_or_create(code="BOX")[0].pk if code == Code.PACK else None
    return leg._replace(to_status=DECIDED.get((code, status), leg.to_status), to_container_id=box)
