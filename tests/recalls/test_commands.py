"""A recall holds and finds every unit, and ends only when all are accounted for. # TRC-03"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.inbound import code
from tests.outbound import allocated, reserved, shipped, sign_for, signed
from tests.refusing import colleague, only_at, refused
from tests.world import World
from traceward.domain.production.commands import transforming as production
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls import queries
from traceward.domain.recalls.commands import ScopeHeld, Target
from traceward.domain.recalls.models import (
    CheckHow,
    CheckResult,
    RecallCase,
    RecallLevel,
    RecallScope,
    ReportKind,
)
from traceward.domain.recalls.refusals import NotReconciled
from traceward.domain.recalls.rules import OpenPoint
from traceward.domain.sales.commands import using
from traceward.domain.sales.models import UsageLine
from traceward.domain.stock import refusals as stock
from traceward.domain.stock.models import Code, StockBlock
from traceward.kernel.base.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    SamePerson,
    SignatureRequired,
    WrongState,
)
from traceward.kernel.org import roles


@pytest.fixture
def spread(world: World) -> World:
    """Of 20 units: 2 in the department, 1 used, 3 on the way, 3 promised, the rest on the shelf."""
    world.stock(world.lot("STENT", "L1", date(2030, 12, 31)), 20)
    signed(world, quantity=3)
    item = using.UsedItem([code("STENT", "L1")], 1)
    using.use(world.places["DEP"].pk, [item], by=world.by(roles.COORDINATOR))
    world.going = shipped(world, quantity=3)
    allocated(world, quantity=3)
    return world


def opened(world: World, *targets: Target, **more) -> ScopeHeld:
    by = more.pop("by", None) or world.by(roles.QUALITY_HEAD)
    wanted = list(targets) or [Target(lot_id=world.lot("STENT", "L1").pk)]
    return recalls.open(
        world.shanghai.pk, RecallLevel.ONE, "strut may break", wanted, by=by, **more
    )


def reported(world: World, case_id: int) -> None:
    """The regulator was told of the decision and the plan."""
    for kind in (ReportKind.DECISION, ReportKind.PLAN):
        recalls.report(case_id, kind, by=world.by(roles.COMPLIANCE))


def checked(world: World, case_id: int) -> None:
    """Somebody went to the hospital and saw that it had acted."""
    how, result = CheckHow.VISIT, CheckResult.ACTED
    by = world.by(roles.COMPLIANCE)
    recalls.check_effectiveness(case_id, world.hospital.pk, how, result, by=by)


def kinds(case_id: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for unit in queries.list_units(case_id):
        found[unit.kind] = found.get(unit.kind, 0) + unit.quantity
    return found


def test_a_patient_is_kept_while_a_recall_of_the_goods_runs(spread: World) -> None:  # TRC-03
    line = UsageLine.objects.get().pk
    by = spread.by(roles.COMPLIANCE)
    opened(spread)
    with refused(WrongState, "usage_line_id"):
        using.erase_patient(line, "asked for", by=by)


def test_every_unit_is_found_and_the_ladder_adds_up(spread: World) -> None:  # TRC-03
    done = opened(spread)
    assert kinds(done.case_id) == {"bin": 14, "department": 2, "transit": 3, "used": 1}
    ladder = queries.ladder(done.case_id)
    assert [(r.what, r.quantity) for r in ladder.came_in] == [("supplier", 20)]
    assert ladder.went_out == ()
    assert ladder.difference == 0
    (consignee,) = queries.consignees(done.case_id)
    assert (consignee.delivered, consignee.standing, consignee.used) == (3, 2, 1)
    assert (consignee.party_id, consignee.on_the_way) == (spread.hospital.pk, 3)


def test_opening_blocks_at_once_and_names_the_orders_hit(spread: World) -> None:  # TRC-03
    done = opened(spread)
    assert (done.blocks, done.downstream) == (1, 0)
    assert [hit.quantity for hit in done.hits] == [3]
    assert reserved() == {}
    case = RecallCase.objects.get(pk=done.case_id)
    assert case.notify_until == case.decided_on + timedelta(days=1)
    assert StockBlock.objects.get().case_id == case.pk
    with refused(stock.Blocked):
        sign_for(spread, spread.going)


def test_what_was_made_of_it_is_recalled_too_also_what_comes_later(world: World) -> None:
    raw = world.lot("STENT", "RAW", date(2030, 12, 31))
    world.stock(raw, 10)

    def make(source: int, item: str, lot: str, place: str, status_from: str = "A-01") -> int:
        serials = [f"{lot}-1"] if item == "PACER" else []
        made = production.transform(
            world.shanghai.pk,
            [production.Input(raw.item_id, 2, world.places[status_from].pk, source)],
            [
                production.Output(
                    world.items[item].pk,
                    world.places[place].pk,
                    1,
                    lot,
                    serials,
                    date(2030, 12, 31),
                )
            ],
            by=world.by(roles.PRODUCTION),
        )
        return made.lot_ids[0]

    first = make(raw.pk, "REAGENT", "MID", "C-01")
    second = make(raw.pk, "PACER", "FIN", "A-02")
    done = opened(world, Target(lot_id=raw.pk))
    assert (done.blocks, done.downstream) == (3, 2)
    scope = RecallScope.objects.filter(case=done.case_id, is_downstream=True)
    assert set(scope.values_list("lot", flat=True)) == {first, second}
    assert kinds(done.case_id) == {"bin": 8}
    ladder = queries.ladder(done.case_id)
    assert [(r.what, r.quantity) for r in ladder.came_in] == [("production", 2), ("supplier", 10)]
    assert [(r.what, r.quantity) for r in ladder.went_out] == [("production", 4)]
    assert ladder.difference == 0
    again = recalls.block_scope(done.case_id, by=world.by(roles.QUALITY_CONTROLLER))
    assert (again.blocks, again.downstream) == (0, 2)


def test_a_case_that_says_nothing_of_use_is_refused(world: World) -> None:
    by = world.by(roles.QUALITY_HEAD)
    lot, item = world.lot("STENT", "L1"), world.items["REAGENT"]
    good = [Target(lot_id=lot.pk)]

    def ask(reason: str, targets: list[Target], **more) -> None:
        recalls.open(world.shanghai.pk, RecallLevel.TWO, reason, targets, by=by.asking(), **more)

    with refused(InvalidInput, "reason"):
        ask(" ", good)
    with refused(InvalidInput, "targets"):
        ask("x", [])
    for wrong in (
        Target(),
        Target(lot_id=999_999),
        Target(item_id=item.pk, lot_id=lot.pk),
        Target(serial_id=999_999),
    ):
        with refused(InvalidInput, "targets.1"):
            ask("x", [*good, wrong])
    tomorrow = timezone.now().date() + timedelta(days=2)
    with refused(InvalidInput, "decided_on"):
        ask("x", good, decided_on=tomorrow)
    with refused(NotFound, "site_id"):
        recalls.open(0, RecallLevel.TWO, "x", good, by=by.asking())


def test_consignees_are_told_once_and_their_answer_is_compared(spread: World) -> None:
    case = opened(spread).case_id
    by = spread.by(roles.QUALITY_HEAD)
    hospital = spread.hospital.pk
    with refused(NotFound, "consignee_id"):
        recalls.acknowledge(case, hospital, 3, by=by.asking())
    told = recalls.notify(case, by=by.asking())
    assert (told.consignee_ids, told.quantity) == ([hospital], 6)
    assert recalls.notify(case, by=by.asking()).consignee_ids == []
    with refused(InvalidInput, "found"):
        recalls.acknowledge(case, hospital, -1, by=by.asking())
    for found in (7, 10**12):
        with refused(InvalidInput, "found") as caught:
            recalls.acknowledge(case, hospital, found, by=by.asking())
        assert "was sent 6 of these goods" in str(caught.value)
    assert recalls.acknowledge(case, hospital, 2, by=by.asking()).expected == 3
    assert recalls.acknowledge(case, hospital, 3, "2 here, 1 used", by=by.asking()).found == 3


def test_a_recall_is_not_closed_while_units_are_unaccounted_for(spread: World) -> None:
    case = opened(spread).case_id
    with refused(SamePerson):
        recalls.close(case, "done", by=spread.by(roles.QUALITY_HEAD).reauthenticated())
    closer = colleague(roles.QUALITY_HEAD).reauthenticated()
    with refused(SignatureRequired):
        recalls.close(case, "done", by=replace(closer, is_reauthenticated=False))
    with refused(InvalidInput, "conclusion"):
        recalls.close(case, " ", by=closer.asking())
    with refused(NotReconciled) as caught:
        recalls.close(case, "done", by=closer.asking())
    assert [row["why"] for row in caught.value.details] == [
        "still on the way",
        "own stock not decided",
        "notice not answered",
        "decision not reported to the regulator",
        "plan not reported to the regulator",
    ]


def test_a_recall_is_not_closed_before_the_regulator_was_told(world: World) -> None:
    lot = world.lot("STENT", "L9", date(2030, 12, 31))
    by = world.by(roles.COMPLIANCE)
    case = opened(world, Target(lot_id=lot.pk), by=by).case_id
    closer = world.by(roles.QUALITY_HEAD).reauthenticated()
    for kind in (ReportKind.DECISION, ReportKind.PLAN):
        with refused(NotReconciled) as caught:
            recalls.close(case, "none was made", by=closer.asking())
        assert caught.value.details[0]["why"] == f"{kind.value} not reported to the regulator"
        named = [p["why"] for p in caught.value.details]
        assert f"points are open: {'; '.join(named)}." in str(caught.value), "each of them"
        recalls.report(case, kind, by=by.asking())
    assert recalls.close(case, "none was made", by=closer.asking()).units == 0


def test_a_reconciled_recall_is_closed_by_another_person(world: World) -> None:  # ORG-03
    lot = world.lot("STENT", "L1", date(2030, 12, 31))
    world.stock(lot, 5)
    signed(world, quantity=2)
    item = using.UsedItem([code("STENT", "L1")], 2)
    using.use(world.places["DEP"].pk, [item], by=world.by(roles.COORDINATOR))
    case = opened(world, by=world.by(roles.COMPLIANCE)).case_id
    recalls.notify(case, by=world.by(roles.COMPLIANCE))
    recalls.acknowledge(case, world.hospital.pk, 2, "both used", by=world.by(roles.COMPLIANCE))
    leg = world.leg(Code.REJECT, lot, 3, "A-01", "A-01", from_status=2, to_status=3)
    world.post(leg)
    reported(world, case)
    checked(world, case)
    closer = world.by(roles.QUALITY_HEAD).reauthenticated()
    assert recalls.close(case, "3 rejected, 2 used and followed up", by=closer).units == 5
    for again in (recalls.block_scope, recalls.notify):
        with refused(WrongState):
            again(case, by=world.by(roles.QUALITY_HEAD))


def test_a_grant_for_one_site_is_not_enough(spread: World) -> None:  # ORG-03
    case = opened(spread).case_id
    by = only_at(spread, roles.QUALITY_HEAD, spread.shanghai).reauthenticated()
    target = [Target(lot_id=spread.lot("STENT", "L1").pk)]
    attempts = (
        lambda: recalls.open(spread.shanghai.pk, RecallLevel.ONE, "x", target, by=by.asking()),
        lambda: recalls.block_scope(case, by=by.asking()),
        lambda: recalls.notify(case, by=by.asking()),
        lambda: recalls.acknowledge(case, spread.hospital.pk, 1, by=by.asking()),
        lambda: recalls.close(case, "x", by=by.asking()),
    )
    for attempt in attempts:
        with refused(NotAllowed):
            attempt()


def test_every_open_point_of_a_recall_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened(world).case_id
    points = [
        OpenPoint("notice not answered", {"zh": f"医院{n}", "en": f"Hospital {n}"}, n)
        for n in range(1, 13)
    ]
    monkeypatch.setattr(queries, "what_is_open", lambda *_: points)
    closer = colleague(roles.QUALITY_HEAD).reauthenticated()
    with refused(NotReconciled) as caught:
        recalls.close(case, "done", by=closer.asking())
    for n in range(1, 13):
        assert f"notice not answered: {n} (Hospital {n})" in caught.value.in_language("en")
        assert f"医院{n}" in caught.value.in_language("zh-hans")
