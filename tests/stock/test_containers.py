"""Containers move with all that is in them, and stand in one another in one place. # INV-10"""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.ledger import database_now, set_clock
from tests.refusing import refused
from tests.stock.posting import P, Q, key_of, lot_of, policy, post, serial
from tests.world import World
from traceward.domain.places.models import Place
from traceward.domain.stock import checks
from traceward.domain.stock.commands.blocks import Scope, block, lift_block
from traceward.domain.stock.commands.containers import (
    move_container,
    nest_container,
    unnest_container,
)
from traceward.domain.stock.models import (
    BlockKind,
    Code,
    Container,
    Reservation,
    StockBalance,
    StockMove,
)
from traceward.domain.stock.refusals import Blocked, MoveNotAllowed, NestingRefused
from traceward.domain.stock.rules import Promise
from traceward.kernel.audit.checks import CHECKS
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, NotFound, WrongState
from traceward.kernel.org import roles


def boxed(world: World, code: str, quantity: int = 2, place: str = "A-01") -> Container:
    """So many of L1 in a new box at the place."""
    box = Container.objects.create(code=code)
    leg = world.leg(Code.PACK, lot_of(world), quantity, place, place, to_container_id=box.pk)
    post(world, leg)
    return box


def stand(box: Container) -> dict[tuple[str, int], int]:
    rows = StockBalance.objects.filter(container=box, on_hand__gt=0)
    return {(r.place.code, r.status): r.on_hand for r in rows.select_related("place")}


def move(world: World, box: Container, place: str) -> int:
    to = world.places[place].pk
    return move_container(box.pk, to, by=world.by(roles.STOREKEEPER)).moves


def nest(world: World, box: Container, parent: Container) -> None:
    nest_container(box.pk, parent.pk, by=world.by(roles.STOREKEEPER))


def unnest(world: World, box: Container) -> None:
    unnest_container(box.pk, by=world.by(roles.STOREKEEPER))


# --- moving -------------------------------------------------------------------------------------


def test_a_container_moves_with_all_that_is_in_it(ledger: World, line: int) -> None:  # INV-10
    box, pallet = boxed(ledger, "BOX"), boxed(ledger, "PALLET", 3)
    nest(ledger, box, pallet)
    lot, unit = serial(ledger)
    post(ledger, ledger.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=P, serial_id=unit.pk,
                            to_container_id=box.pk))  # fmt: skip
    ends = database_now() + timedelta(days=2)
    held = key_of(ledger, lot_of(ledger), container_id=box.pk)
    post(ledger, promises=[Promise(line, held, 2)], expires_at=ends)
    last = StockMove.objects.latest("pk").pk
    assert move(ledger, pallet, "A-02") == 3
    assert set(StockMove.objects.filter(pk__gt=last).values_list("code", flat=True)) == {Code.MOVE}
    assert stand(box) == {("A-02", Q): 2, ("A-02", P): 1}
    assert stand(pallet) == {("A-02", Q): 3}
    [kept] = Reservation.objects.filter(quantity__gt=0).select_related("balance__place")
    assert (kept.balance.place.code, kept.quantity, kept.expires_at) == ("A-02", 2, ends)
    assert StockBalance.objects.get(place__code="A-01", container=None, status=Q).on_hand == 5
    assert CHECKS[checks.CONTAINERS]("default") == []


def test_a_promise_of_what_expired_meanwhile_ends(ledger: World, line: int) -> None:  # INV-07
    soon = ledger.lot("STENT", "SOON", date(2035, 1, 1))
    ledger.stock(soon, 4)
    box = Container.objects.create(code="BOX")
    post(ledger, ledger.leg(Code.PACK, soon, 4, "A-01", "A-01", to_container_id=box.pk))
    post(ledger, promises=[Promise(line, key_of(ledger, soon, container_id=box.pk), 4)])
    set_clock(database_now().replace(year=2035, month=1, day=3))
    move(ledger, box, "A-02")
    assert stand(box) == {("A-02", Q): 4}
    assert not Reservation.objects.filter(quantity__gt=0).exists()


def test_a_container_that_cannot_move_stays(ledger: World, line: int) -> None:
    box, pallet = boxed(ledger, "BOX"), boxed(ledger, "PALLET")
    nest(ledger, box, pallet)
    empty = Container.objects.create(code="EMPTY")
    with refused(WrongState, "container_id"):
        move(ledger, box, "A-02")
    with refused(InvalidInput, "container_id"):
        move(ledger, empty, "A-02")
    with refused(InvalidInput, "to_place_id"):
        move(ledger, pallet, "A-01")
    with refused(NotFound, "to_place_id"):
        move_container(pallet.pk, 0, by=ledger.by(roles.STOREKEEPER))
    with refused(NotFound):
        move_container(0, ledger.places["A-02"].pk, by=ledger.by(roles.STOREKEEPER))
    with refused(MoveNotAllowed):
        move(ledger, pallet, "B-01")
    with refused(MoveNotAllowed):
        move(ledger, pallet, "WAY")
    post(ledger, ledger.leg(Code.MOVE, lot_of(ledger), 1, "A-01", "A-02",
                            from_container_id=box.pk, to_container_id=box.pk))  # fmt: skip
    with refused(NestingRefused, "container_id"):
        move(ledger, pallet, "C-01")


def test_a_container_of_a_pick_stays_at_the_staging_area(ledger: World, line: int) -> None:
    box = Container.objects.create(code="BOX")
    post(ledger, ledger.leg(Code.PICK, lot_of(ledger), 3, "A-01", "STAGE",
                            to_container_id=box.pk))  # fmt: skip
    held = key_of(ledger, lot_of(ledger), "STAGE", container_id=box.pk)
    post(ledger, promises=[Promise(line, held, 3)])
    with refused(WrongState, "container_id"):
        move(ledger, box, "A-01")
    post(ledger, promises=[Promise(line, held, -3)])
    assert move(ledger, box, "A-01") == 1


def test_a_blocked_container_does_not_leave_its_block(ledger: World) -> None:
    box = boxed(ledger, "BOX")
    scope = Scope(place_id=ledger.places["ZONE"].pk)
    block(scope, BlockKind.HOLD, "flood", by=ledger.by(roles.QUALITY_HEAD))
    with refused(Blocked):
        move(ledger, box, "C-01")
    assert move(ledger, box, "A-02") == 1


# --- aggregation --------------------------------------------------------------------------------


def test_nested_and_taken_out_again(ledger: World) -> None:  # INV-10
    box, pallet = boxed(ledger, "BOX"), boxed(ledger, "PALLET")
    nest(ledger, box, pallet)
    box.refresh_from_db()
    assert box.parent_id == pallet.pk
    entry = AuditEntry.objects.latest("pk")
    assert entry.verb == "stock.nest_container"
    assert f'"parent":"{pallet.pk}"' in entry.detail
    with refused(WrongState, "container_id"):
        nest(ledger, box, pallet)
    unnest(ledger, box)
    box.refresh_from_db()
    assert box.parent_id is None
    assert stand(box) == {("A-01", Q): 2}
    with refused(WrongState, "container_id"):
        unnest(ledger, box)


def test_an_empty_container_nests_anywhere(ledger: World) -> None:
    pallet, empty = boxed(ledger, "PALLET"), Container.objects.create(code="EMPTY")
    nest(ledger, empty, pallet)
    unnest(ledger, empty)
    nest(ledger, pallet, empty)


def test_containers_are_known(ledger: World) -> None:
    box = boxed(ledger, "BOX")
    by = ledger.by(roles.STOREKEEPER)
    with refused(NotFound, "parent_id"):
        nest_container(box.pk, 0, by=by)
    with refused(NotFound, "container_id"):
        nest_container(0, box.pk, by=by.asking())
    with refused(NotFound, "container_id"):
        unnest_container(0, by=by.asking())


def test_containers_nest_in_one_place_only(ledger: World) -> None:
    ledger.stock(lot_of(ledger), 5, "A-02")
    box, pallet, far = (
        boxed(ledger, "BOX"),
        boxed(ledger, "PALLET"),
        boxed(ledger, "FAR", 1, "A-02"),
    )
    for inner, outer in ((far, pallet), (pallet, far)):
        with refused(NestingRefused, "container_id") as error:
            nest(ledger, inner, outer)
        assert "A-01, A-02" in str(error.value)
    empty = Container.objects.create(code="EMPTY")
    nest(ledger, empty, pallet)
    with refused(NestingRefused, "container_id"):
        nest(ledger, far, empty)
    nest(ledger, box, empty)
    with refused(NestingRefused, "container_id"):
        nest(ledger, far, box)


def test_no_container_stands_in_itself_or_six_deep(ledger: World) -> None:
    boxes = [Container.objects.create(code=f"N{n}") for n in range(7)]
    with refused(NestingRefused, "container_id"):
        nest(ledger, boxes[0], boxes[0])
    for inner, outer in zip(boxes[1:4], boxes[:3], strict=True):
        nest(ledger, inner, outer)
    with refused(NestingRefused, "container_id") as error:
        nest(ledger, boxes[0], boxes[3])
    assert "in itself" in str(error.value)
    nest(ledger, boxes[5], boxes[4])
    with refused(NestingRefused, "container_id") as error:
        nest(ledger, boxes[4], boxes[3])
    assert "five" in str(error.value)
    unnest(ledger, boxes[5])
    nest(ledger, boxes[4], boxes[3])
    with refused(NestingRefused, "container_id"):
        nest(ledger, boxes[5], boxes[4])


def test_a_closed_container_takes_and_gives_nothing(ledger: World) -> None:
    box, pallet = boxed(ledger, "BOX"), boxed(ledger, "PALLET")
    Container.objects.filter(pk=pallet.pk).update(is_closed=True)
    with refused(NestingRefused, "container_id") as error:
        nest(ledger, box, pallet)
    assert "PALLET is closed" in str(error.value)
    Container.objects.filter(pk=pallet.pk).update(is_closed=False)
    Container.objects.filter(pk=box.pk).update(is_closed=True)
    nest(ledger, box, pallet)
    Container.objects.filter(pk=pallet.pk).update(is_closed=True)
    with refused(NestingRefused, "container_id"):
        unnest(ledger, box)


def test_a_blocked_container_is_not_taken_out_or_put_in(ledger: World) -> None:
    box, pallet, hull = boxed(ledger, "BOX"), boxed(ledger, "PALLET"), boxed(ledger, "HULL")
    nest(ledger, pallet, hull)
    lot = lot_of(ledger)
    by = ledger.by(roles.QUALITY_HEAD)
    for scope in (
        Scope(lot_id=lot.pk),
        Scope(place_id=ledger.places["ZONE"].pk),
        Scope(container_id=box.pk),
        Scope(container_id=pallet.pk),
        Scope(container_id=hull.pk),
    ):
        placed = block(scope, BlockKind.HOLD, "wet", by=by.asking())
        with refused(NestingRefused, "container_id") as error:
            nest(ledger, box, pallet)
        assert "blocked (wet)" in str(error.value)
        lift_block(placed.block_uid, "dry", by=by.asking().reauthenticated())
    nest(ledger, box, pallet)
    until = database_now() + timedelta(hours=1)
    block(Scope(container_id=hull.pk), BlockKind.RECALL, "wet", until=until, by=by.asking())
    with refused(NestingRefused, "container_id"):
        unnest(ledger, box)
    set_clock(until)
    unnest(ledger, box)


# --- the guards in the database -----------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_container SET parent_id = NULL",
        "UPDATE places_place SET path = '{}'",
        "UPDATE places_place SET parent_id = NULL",
    ],
)
def test_the_application_cannot_write_what_follows(ledger: World, statement: str) -> None:
    """SEC-05: where containers and places stand decides what a block covers."""
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        connection.cursor().execute(statement)
    assert error.value.__cause__.sqlstate == "42501"  # type: ignore[union-attr]


def test_the_path_of_a_place_follows_from_its_parent(ledger: World) -> None:
    zone = ledger.places["ZONE"]
    made = Place.objects.create(
        code="NEW", kind="bin", physical=True, site=zone.site, legal_entity=zone.legal_entity,
        parent=zone, path=[1, 2, 3],
    )  # fmt: skip
    made.refresh_from_db()
    assert made.path == [zone.pk, made.pk]
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        Place.objects.create(
            code="FAR", kind="bin", physical=True, site=ledger.chengdu,
            legal_entity=zone.legal_entity, parent=zone,
        )  # fmt: skip
    assert error.value.__cause__.sqlstate == "TW011"  # type: ignore[union-attr]


def test_what_was_taken_out_of_a_container_no_longer_counts(ledger: World) -> None:  # INV-10
    """Nor where it stood, nor what it is blocked for."""
    box, pallet = boxed(ledger, "BOX"), boxed(ledger, "PALLET", place="A-01")
    move(ledger, box, "A-02")
    post(ledger, ledger.leg(Code.MOVE, lot_of(ledger), 2, "A-02", "A-01",
                            from_container_id=box.pk))  # fmt: skip
    block(Scope(lot_id=lot_of(ledger).pk), BlockKind.HOLD, "damp", by=ledger.by(roles.QUALITY_HEAD))
    parent = Container.objects.create(code="NEW")
    nest(ledger, box, parent)
    with refused(NestingRefused, "container_id"):
        nest(ledger, pallet, parent)


def test_a_container_is_nested_beside_blocks_of_others(ledger: World) -> None:
    """Blocks of other containers, lifted ones and those whose time is over do not count."""
    box, parent, other = boxed(ledger, "BOX"), boxed(ledger, "PARENT"), boxed(ledger, "OTHER")
    quality = ledger.by(roles.QUALITY_HEAD)
    block(Scope(container_id=other.pk), BlockKind.HOLD, "torn", by=quality)
    lifted = block(Scope(container_id=box.pk), BlockKind.HOLD, "wet", by=quality.asking())
    until = database_now() + timedelta(hours=1)
    ended = Scope(container_id=parent.pk)
    block(ended, BlockKind.HOLD, "damp", until=until, by=quality.asking())
    lift_block(lifted.block_uid, "dry", by=quality.asking().reauthenticated())
    with refused(NestingRefused, "container_id"):
        nest(ledger, box, parent)
    set_clock(until)
    nest(ledger, box, parent)


def test_the_policy_says_whether_held_goods_are_packed(ledger: World) -> None:
    box, pallet = boxed(ledger, "BOX"), boxed(ledger, "PALLET")
    head = ledger.by(roles.QUALITY_HEAD)
    block(Scope(container_id=box.pk), BlockKind.HOLD, "a look", by=head)
    with refused(NestingRefused) as error:
        nest(ledger, box, pallet)
    assert [row["container"] for row in error.value.details] == ["BOX"]
    with policy("pack", "on_hold", True):
        nest(ledger, box, pallet)


def test_a_box_whose_goods_went_elsewhere_is_taken_out(ledger: World) -> None:
    """A move of its own took them away, box and all; what stands apart comes apart."""
    box, pallet = boxed(ledger, "BOX"), boxed(ledger, "PALLET")
    nest(ledger, box, pallet)
    post(ledger, ledger.leg(Code.MOVE, lot_of(ledger), 2, "A-01", "A-02",
                            from_container_id=box.pk, to_container_id=box.pk))  # fmt: skip
    unnest(ledger, box)
    with refused(NestingRefused):
        nest(ledger, box, pallet)


def test_goods_that_are_gone_stand_nowhere(ledger: World) -> None:
    """What was counted away counts in the box that it was missing from."""
    box, pallet = boxed(ledger, "BOX", 3), boxed(ledger, "PALLET")
    post(ledger, ledger.leg(Code.ADJUST_OUT, lot_of(ledger), 1, "A-01", "ADJ", reason="count",
                            from_container_id=box.pk, to_container_id=box.pk))  # fmt: skip
    nest(ledger, box, pallet)
