"""Consignees answer more than once, the regulator is told, and clocks run. # TRC-03"""

from datetime import date, timedelta

import pytest

from tests.inbound import code
from tests.ledger import database_now, set_clock
from tests.outbound import signed
from tests.recalls.test_commands import checked, opened, reported
from tests.refusing import refused
from tests.world import World
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls import queries
from traceward.domain.recalls.models import RecallAnswer, RecallCase, RemindHow, ReportKind
from traceward.domain.recalls.rules import Clock, working_days_after
from traceward.domain.sales.commands import using
from traceward.domain.stock.models import Code, Status
from traceward.kernel.base.refusals import InvalidInput, WrongState
from traceward.kernel.org import roles


@pytest.fixture
def at_the_hospital(world: World) -> World:
    """Of 8 units: 5 were delivered, 2 of them used; the rest is rejected already."""
    lot = world.lot("STENT", "L1", date(2030, 12, 31))
    world.stock(lot, 8)
    signed(world, quantity=5)
    item = using.UsedItem([code("STENT", "L1")], 2)
    using.use(world.places["DEP"].pk, [item], by=world.by(roles.COORDINATOR))
    world.post(world.leg(Code.REJECT, lot, 3, "A-01", "A-01", from_status=2, to_status=3))
    return world


def returned(world: World, quantity: int) -> None:
    """The hospital sends units back; they stand rejected at A-02."""
    lot = world.lot("STENT", "L1")
    owner = world.hospital.pk
    world.post(
        world.leg(
            Code.RETURN_FROM_CUSTOMER,
            *(lot, quantity, "DEP", "A-02"),
            from_owner=owner,
            from_status=Status.QUALIFIED,
            to_status=Status.PENDING,
        )
    )
    world.post(
        world.leg(
            Code.REJECT,
            *(lot, quantity, "A-02", "A-02"),
            from_status=Status.PENDING,
            to_status=Status.REJECTED,
        )
    )


def open_whys(case: int) -> list[str]:
    for point in queries.what_is_open(case):
        assert point.names["en"] == point.why
        assert point.names["zh"] not in ("", point.why)
    return [point.why for point in queries.what_is_open(case)]


def test_answers_follow_each_other_and_all_stay_on_record(at_the_hospital: World) -> None:
    world, hospital = at_the_hospital, at_the_hospital.hospital.pk
    case = opened(world).case_id
    by = world.by(roles.COMPLIANCE)
    reported(world, case)
    recalls.notify(case, by=by.asking())
    assert open_whys(case) == ["notice not answered", "effectiveness not checked"]
    checked(world, case)
    assert open_whys(case) == ["notice not answered"]
    assert recalls.acknowledge(case, hospital, 4, "one not found", by=by.asking()).expected == 5
    assert open_whys(case) == ["answer differs from the ledger"]
    recalls.acknowledge(case, hospital, 5, "found in the theatre", by=by.asking())
    assert open_whys(case) == ["still at the consignee"]
    returned(world, 3)
    assert open_whys(case) == []  # the answer was of a time when these were there
    assert list(RecallAnswer.objects.order_by("pk").values_list("found", flat=True)) == [4, 5]
    (answered,) = queries.progress(case).answers
    assert (answered.told, answered.found, answered.corrected) == (5, 5, 1)
    c = answered.consignee
    assert (c.delivered, c.returned, c.used, c.destroyed, c.standing) == (5, 3, 2, 0, 0)
    assert c.difference == 0


def test_returned_and_destroyed_goods_are_in_the_ladder(at_the_hospital: World) -> None:
    world, lot = at_the_hospital, at_the_hospital.lot("STENT", "L1")
    case = opened(world).case_id
    returned(world, 3)
    destroy = world.leg(Code.DESTROY, lot, 3, "A-02", "DES", status=Status.REJECTED)
    back = world.leg(
        Code.RETURN_TO_SUPPLIER,
        *(lot, 3, "A-01", "SUP"),
        status=Status.REJECTED,
        to_owner=world.supplier.pk,
    )
    world.post(destroy)
    world.post(back)
    ladder = queries.ladder(case)
    assert [(r.what, r.quantity) for r in ladder.came_in] == [("supplier", 8)]
    assert [(r.what, r.quantity) for r in ladder.went_out] == [("supplier", 3)]
    assert ladder.went_out[0].names == {"zh": "供货者", "en": "supplier"}
    assert [(r.what, r.quantity) for r in ladder.stands] == [("destruction", 3), ("used", 2)]
    assert (ladder.difference, ladder.consigned, ladder.in_process) == (0, 0, 0)


def test_reports_are_kept_and_stop_their_clocks(at_the_hospital: World) -> None:
    world = at_the_hospital
    case = opened(world, by=world.by(roles.COMPLIANCE)).case_id
    by = world.by(roles.COMPLIANCE)
    day = RecallCase.objects.get(pk=case).decided_on
    states = {c.what: c.state(day) for c in queries.clocks(case)}
    assert states == dict.fromkeys(
        ("decision reported", "consignees told", "plan reported"), "running"
    )
    assert queries.clocks(case)[1].names == {"zh": "通知收货单位", "en": "consignees told"}
    late = {c.what: c.state(day + timedelta(days=30)) for c in queries.clocks(case)}
    assert set(late.values()) == {"overdue"}
    recalls.report(case, ReportKind.DECISION, reference="R-1", by=by.asking())
    recalls.notify(case, by=by.asking())
    done = {c.what: c.state(day) for c in queries.clocks(case)}
    assert (done["decision reported"], done["consignees told"]) == ("in time", "running")
    with refused(InvalidInput, "note"):
        recalls.remind(case, [world.hospital.pk], RemindHow.PAPER, by=by.asking())
    recalls.remind(case, [world.hospital.pk], RemindHow.PAPER, "Wang Min, stores", by=by.asking())
    done = {c.what: c.state(day) for c in queries.clocks(case)}
    assert done["consignees told"] == "in time", "a notice counts once it is handed over"
    with refused(InvalidInput, "reported_on"):
        tomorrow = day + timedelta(days=1)
        recalls.report(case, ReportKind.PLAN, reported_on=tomorrow, by=by.asking())
    with refused(WrongState):
        recalls.report(case, ReportKind.SUMMARY, by=by.asking())
    set_clock(database_now() + timedelta(days=20))
    recalls.report(case, ReportKind.PLAN, by=by.asking())
    assert {c.what: c.state(day) for c in queries.clocks(case)}["plan reported"] == "late"


def test_the_summary_is_due_after_the_end(at_the_hospital: World) -> None:
    world = at_the_hospital
    case = opened(world, by=world.by(roles.COMPLIANCE)).case_id
    by = world.by(roles.COMPLIANCE)
    recalls.notify(case, by=by.asking())
    recalls.acknowledge(case, world.hospital.pk, 5, by=by.asking())
    returned(world, 3)
    reported(world, case)
    checked(world, case)
    recalls.close(case, "all back", by=world.by(roles.QUALITY_HEAD).reauthenticated())
    row = RecallCase.objects.get(pk=case)
    ended_on = row.site.day_at(row.closed_at)
    assert row.summary_until == working_days_after(ended_on, 10)
    recalls.report(case, ReportKind.SUMMARY, by=by.asking())
    assert {c.what: c.state(ended_on) for c in queries.clocks(case)}[
        "summary reported"
    ] == "in time"


def test_working_days_pass_over_weekends() -> None:
    friday = date(2026, 11, 27)
    assert working_days_after(friday, 1) == date(2026, 11, 30)
    assert working_days_after(friday, 5) == date(2026, 12, 4)
    assert working_days_after(friday, 0) == friday


def test_a_clock_tells_in_time_from_late() -> None:
    until = date(2026, 12, 1)
    day = timedelta(days=1)
    assert Clock("x", until, until).state(until) == "in time"
    assert Clock("x", until, until + day).state(until) == "late"
    assert Clock("x", until, None).state(until) == "running"
    assert Clock("x", until, None).state(until + day) == "overdue"
