"""Held commands: asked for, decided by somebody else, checked again."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.ledger import database_now
from tests.refusing import granted_only, refused
from tests.world import World
from traceward.domain.stock.commands.moves import Difference, Line, adjust, move
from traceward.domain.stock.models import Reservation, Status, StockBalance, StockBlock, StockMove
from traceward.domain.stock.refusals import ShortStock
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base import refusals
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.commands import reject, release
from traceward.kernel.command.devices import Device
from traceward.kernel.command.run import Held
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, Role, RoleGrant
from traceward.kernel.workflow.models import HeldCommand


@pytest.fixture
def held(by: Actor, world: World) -> Held:
    """150 of 200 are counted off at A-01; that waits for another person."""
    lot = world.lot("STENT", "H1")
    world.stock(lot, 200)
    difference = Difference(lot.item_id, world.places["A-01"].pk, -150, world.us.pk, lot_id=lot.pk)
    asking = world.by(roles.STOREKEEPER)
    answer = adjust([difference], "counted twice", by=asking)
    assert isinstance(answer, Held)
    assert adjust([difference], "counted twice", by=asking) == answer, "a retry waits as well"
    row = AuditEntry.objects.get(request_id=asking.request_id)
    assert row.outcome == "held"
    assert row.facts["rules"] == ["default"]
    return answer


def on_hand(world: World, place: str = "A-01") -> int:
    rows = StockBalance.objects.filter(place=world.places[place], status=Status.QUALIFIED)
    return sum(rows.values_list("on_hand", flat=True))


def test_held_command_does_nothing_until_released(held: Held, world: World) -> None:
    assert on_hand(world) == 200
    assert HeldCommand.objects.get(uid=held.held_uid).state == "waiting"


def test_the_device_of_who_releases_is_not_the_device_of_the_goods(  # INV-01
    held: Held, world: World
) -> None:
    approver = world.by(roles.SUPERVISOR)
    at = database_now() - timedelta(minutes=1)
    release(held.held_uid, by=replace(approver, device=Device("PDA-9", 7, at)))
    made = StockMove.objects.latest("pk")
    assert (made.device, made.clock_offset_ms, made.happened_at) == (None, None, made.posted_at)
    facts = AuditEntry.objects.get(request_id=approver.request_id).facts
    assert facts["device"]["happened_at"] == at.isoformat()


def test_released_command_runs_in_the_name_of_who_asked(held: Held, world: World) -> None:
    approver = world.by(roles.SUPERVISOR)
    decided = release(held.held_uid, by=approver)
    assert (decided.state, decided.answer) == ("released", {"moves": 1})
    assert on_hand(world) == 50
    requester = world.people[roles.STOREKEEPER.code].person_id
    assert StockMove.objects.latest("pk").actor_id == requester
    facts = AuditEntry.objects.get(request_id=approver.request_id).facts
    assert (facts["requested_by"], facts["approved_by"]) == (requester, approver.person_id)
    with pytest.raises(refusals.WrongState):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    assert on_hand(world) == 50


def test_release_is_refused_when_the_world_has_changed(held: Held, world: World) -> None:
    lot = world.lot("STENT", "H1")
    world.post(world.leg(3, lot, 100, "A-01", "A-02"))
    with pytest.raises(ShortStock):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    row = HeldCommand.objects.get(uid=held.held_uid)
    assert (row.state, row.decided_by_id) == ("waiting", None)
    assert on_hand(world) == 100
    reject(held.held_uid, "goods were moved meanwhile", by=world.by(roles.SUPERVISOR))


def test_release_is_refused_when_the_requester_lost_the_right(held: Held, world: World) -> None:
    requester = world.people[roles.STOREKEEPER.code].person_id
    RoleGrant.objects.filter(person_id=requester).update(revoked_at=database_now())
    with pytest.raises(refusals.NotAllowed):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    RoleGrant.objects.filter(person_id=requester).update(revoked_at=None)
    Person.objects.filter(pk=requester).update(is_active=False)
    with pytest.raises(refusals.NotAllowed):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    assert on_hand(world) == 200


def test_rejected_command_is_not_carried_out(held: Held, world: World) -> None:
    with pytest.raises(refusals.InvalidInput):
        reject(held.held_uid, " ", by=world.by(roles.SUPERVISOR))
    assert reject(held.held_uid, "count again", by=world.by(roles.SUPERVISOR)).state == "rejected"
    with pytest.raises(refusals.WrongState):
        release(held.held_uid, by=world.by(roles.SUPERVISOR))
    assert on_hand(world) == 200


def test_nobody_decides_about_an_own_request(held: Held, world: World) -> None:  # ORG-03
    requester = world.people[roles.STOREKEEPER.code]
    supervisor = Role.objects.get(code=roles.SUPERVISOR.code)
    RoleGrant.objects.create(
        person_id=requester.person_id,
        role=supervisor,
        granted_at=database_now() - timedelta(days=1),
    )
    with pytest.raises(refusals.SamePerson):
        release(held.held_uid, by=requester.asking())
    with pytest.raises(refusals.SamePerson):
        reject(held.held_uid, "no", by=requester.asking())


def test_decision_counts_where_the_request_does(held: Held, world: World) -> None:
    by = world.by(roles.SUPERVISOR)
    elsewhere = granted_only(by, site_id=world.chengdu.pk)
    with refused(refusals.NotAllowed):
        release(held.held_uid, by=elsewhere)
    with refused(refusals.NotAllowed):
        reject(held.held_uid, "no", by=elsewhere.asking())
    here = granted_only(by, site_id=world.shanghai.pk)
    assert release(held.held_uid, by=here).state == "released"


def test_unknown_request_is_not_found(by: Actor, world: World) -> None:
    with pytest.raises(refusals.NotFound):
        release(uuid.uuid4(), by=world.by(roles.SUPERVISOR))


def test_caller_cannot_claim_an_approval(by: Actor, world: World) -> None:  # ORG-03
    lot = world.lot("STENT", "H2")
    world.stock(lot, 200)
    claiming = replace(world.by(roles.STOREKEEPER), approved_by=by.person_id)
    difference = Difference(lot.item_id, world.places["A-01"].pk, -150, world.us.pk, lot_id=lot.pk)
    assert isinstance(adjust([difference], "counted", by=claiming), Held)
    assert on_hand(world) == 200


def test_refused_command_leaves_no_trace_in_the_stock(by: Actor, world: World) -> None:
    lot = world.lot("STENT", "H3")
    world.stock(lot, 5)
    before = list(StockBalance.objects.order_by("pk").values())
    line = Line(
        lot.item_id, 6, world.places["A-01"].pk, world.places["A-02"].pk, world.us.pk, lot.pk
    )
    with pytest.raises(ShortStock):
        move([line], by=world.by(roles.STOREKEEPER))
    assert list(StockBalance.objects.order_by("pk").values()) == before
    assert not Reservation.objects.exists()
    assert not StockBlock.objects.exists()


@pytest.mark.parametrize("wrong", ["item_id", "lot_id"])
def test_what_nobody_knows_is_refused_and_not_held(world: World, wrong: str) -> None:  # ORG-03
    lot = world.lot("STENT", "H1")
    world.stock(lot, 200)
    known = Difference(lot.item_id, world.places["A-01"].pk, -150, world.us.pk, lot_id=lot.pk)
    with refused(refusals.NotFound, f"differences.0.{wrong}"):
        adjust([replace(known, **{wrong: 10**9})], "lost", by=world.by(roles.STOREKEEPER))
    with refused(refusals.InvalidInput, "reason"):
        adjust([known], " ", by=world.by(roles.STOREKEEPER))
    assert not HeldCommand.objects.exists()
