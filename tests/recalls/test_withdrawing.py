"""A recall that was opened by mistake, or twice, is withdrawn. # TRC-03"""

from dataclasses import replace
from datetime import date

import pytest

from tests.outbound import allocated, signed
from tests.recalls.test_commands import opened
from tests.refusing import colleague, only_at, refused
from tests.world import World
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls import queries
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.models import RecallCase, RecallNotice, ReportKind
from traceward.domain.recalls.refusals import NotCovered, ToldOutside
from traceward.domain.stock import refusals
from traceward.domain.stock.models import Code, StockBlock
from traceward.domain.trace import queries as trace
from traceward.kernel.audit.models import Signature
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    SamePerson,
    SignatureRequired,
    WrongState,
)
from traceward.kernel.command.actor import Actor
from traceward.kernel.documents.models import DocumentLink
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Event


@pytest.fixture
def stocked(world: World) -> World:
    """Of 10 units of L1, 3 were delivered."""
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 10)
    signed(world, quantity=3)
    return world


@pytest.fixture
def head(world: World) -> Actor:
    """Somebody else than the opener, who has given the password."""
    return colleague(roles.QUALITY_HEAD).reauthenticated()


def taken(world: World) -> None:
    world.post(world.leg(Code.PICK, world.lot("STENT", "L1"), 1, "A-01", "STAGE"))


def test_what_was_opened_by_mistake_is_withdrawn_and_the_goods_are_free(
    stocked: World, head: Actor
) -> None:
    case = opened(stocked).case_id
    done = recalls.withdraw(case, "the wrong lot", by=head)
    assert (done.lifted, done.kept) == (1, 0)
    row = RecallCase.objects.get(pk=case)
    assert (row.state, row.conclusion, row.continued_in) == ("withdrawn", "the wrong lot", None)
    assert row.closed_at == StockBlock.objects.get().lifted_at
    assert StockBlock.objects.get().lift_reason == "the wrong lot"
    assert Signature.objects.filter(subject_uid=row.uid, meaning="recall withdrawn").exists()
    event = Event.objects.get(name="recalls.withdraw.RecallWithdrawn")
    assert event.data["blocks_lifted"] == 1
    taken(stocked)
    allocated(stocked, quantity=2)
    lifted = trace.timeline([stocked.lot("STENT", "L1").pk], sites=None).acts
    assert ("the wrong lot", case) in {(a.reason, a.document_id) for a in lifted}
    progress = queries.progress(case)
    assert (progress.open_points, progress.clocks) == ((), ())
    for again in (
        lambda: recalls.withdraw(case, "again", by=head.asking()),
        lambda: recalls.close(case, "again", by=head.asking()),
        lambda: recalls.block_scope(case, by=head.asking()),
    ):
        with refused(WrongState):
            again()


def test_who_opened_it_is_told_who_else_may_end_it(stocked: World) -> None:
    case = opened(stocked).case_id
    by = stocked.by(roles.QUALITY_HEAD).reauthenticated()
    for end in (recalls.withdraw, recalls.close):
        with refused(SamePerson) as caught:
            end(case, "x", by=by.asking())
        assert str(RecallCase.objects.get(pk=case)) in str(caught.value)
        assert "opened" in str(caught.value)
        assert "Quality head" in str(caught.value)


def test_it_is_signed_reasoned_and_for_the_whole_group(stocked: World, head: Actor) -> None:
    case = opened(stocked).case_id
    there = only_at(stocked, roles.QUALITY_HEAD, stocked.shanghai).reauthenticated()
    with refused(SignatureRequired):
        recalls.withdraw(case, "x", by=replace(head, is_reauthenticated=False))
    with refused(InvalidInput, "reason"):
        recalls.withdraw(case, " ", by=head.asking())
    with refused(NotAllowed):
        recalls.withdraw(case, "x", by=stocked.by(roles.SALES).reauthenticated())
    with refused(NotAllowed):
        recalls.withdraw(case, "x", by=there)
    with refused(NotFound, "continued_in_id"):
        recalls.withdraw(case, "x", continued_in_id=10**12, by=head.asking())
    with refused(InvalidInput, "continued_in_id"):
        recalls.withdraw(case, "x", continued_in_id=case, by=head.asking())


@pytest.mark.parametrize("is_told", ["consignees", "regulator"])
def test_what_was_told_outside_goes_on_in_a_case_that_covers_it(
    stocked: World, head: Actor, is_told: str
) -> None:
    lot = stocked.lot("STENT", "L1")
    case = opened(stocked).case_id
    if is_told == "consignees":
        recalls.notify(case, by=stocked.by(roles.COMPLIANCE))
    else:
        recalls.report(case, ReportKind.DECISION, by=stocked.by(roles.COMPLIANCE))
    with refused(ToldOutside, "continued_in_id"):
        recalls.withdraw(case, "twice", by=head.asking())
    other = opened(stocked, Target(lot_id=stocked.lot("STENT", "L2").pk)).case_id
    with refused(NotCovered, "continued_in_id"):
        recalls.withdraw(case, "twice", continued_in_id=other, by=head.asking())
    recalls.add_scope(other, [Target(item_id=lot.item_id)], by=stocked.by(roles.QUALITY_HEAD))
    done = recalls.withdraw(case, "twice", continued_in_id=other, by=head.asking())
    assert (done.lifted, done.kept) == (0, 1)
    assert RecallCase.objects.get(pk=case).continued_in_id == other
    assert DocumentLink.objects.filter(earlier=case, later=other).exists()
    assert RecallNotice.objects.filter(case=case).exists() == (is_told == "consignees")
    with refused(refusals.Blocked):
        taken(stocked)
    done = recalls.withdraw(other, "neither", by=head.asking())
    assert (done.lifted, done.kept) == (3, 0)  # its two, and the one that had stayed with it
    assert not StockBlock.objects.filter(lifted_at=None).exists()
    taken(stocked)


def test_what_is_named_for_later_must_be_named_there_too(stocked: World, head: Actor) -> None:
    lot = stocked.lot("STENT", "L1")
    type(lot).objects.filter(pk=lot.pk).update(supplier_lot="V-77")
    case = opened(stocked, Target(supplier_lot="V-77")).case_id
    other = opened(stocked, Target(lot_id=lot.pk)).case_id
    by = stocked.by(roles.QUALITY_HEAD)
    with refused(NotCovered, "continued_in_id"):
        recalls.withdraw(case, "twice", continued_in_id=other, by=head.asking())
    recalls.add_scope(other, [Target(supplier_lot="V-77")], by=by.asking())
    done = recalls.withdraw(case, "twice", continued_in_id=other, by=head.asking())
    assert (done.lifted, done.kept) == (0, 1)


def test_only_goods_that_no_other_recall_covers_are_free(stocked: World, head: Actor) -> None:
    one, two = stocked.lot("STENT", "L1"), stocked.lot("STENT", "L2", date(2030, 12, 31))
    stocked.stock(two, 2)
    case = opened(stocked, Target(lot_id=one.pk), Target(lot_id=two.pk)).case_id
    opened(stocked, Target(lot_id=one.pk))
    done = recalls.withdraw(case, "by mistake", by=head)
    assert (done.lifted, done.kept) == (1, 1)
    stocked.post(stocked.leg(Code.PICK, two, 1, "A-01", "STAGE"))
    with refused(refusals.Blocked):
        taken(stocked)


def test_what_was_left_with_a_case_goes_with_the_last_that_covers_it(
    stocked: World, head: Actor
) -> None:
    first, second, third = (opened(stocked).case_id for _ in range(3))
    found = [recalls.withdraw(case, "x", by=head.asking()) for case in (first, second, third)]
    assert [(done.lifted, done.kept) for done in found] == [(0, 1), (0, 1), (3, 0)]
    taken(stocked)


def test_what_was_left_stays_where_quality_decides(stocked: World, head: Actor) -> None:
    """A case about other goods takes nothing along."""
    two = stocked.lot("STENT", "L2", date(2030, 12, 31))
    first, _other = opened(stocked).case_id, opened(stocked)
    aside = opened(stocked, Target(lot_id=two.pk)).case_id
    recalls.withdraw(first, "x", by=head.asking())
    assert recalls.withdraw(aside, "x", by=head.asking()).lifted == 1
    with refused(refusals.Blocked):
        taken(stocked)


def test_whoever_looks_again_is_told_of_other_recalls(stocked: World) -> None:
    first = opened(stocked)
    other = opened(stocked)
    again = recalls.block_scope(first.case_id, by=stocked.by(roles.QUALITY_HEAD))
    assert [w.case_id for w in again.warnings] == [other.case_id]
    assert "recalls.withdraw" in again.warnings[0].en
