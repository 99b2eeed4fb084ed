"""What a recall can be asked for, and that its scope can grow. # TRC-03"""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.inbound import code, received
from tests.ledger import database_now, set_clock
from tests.recalls.test_commands import kinds, opened, reported
from tests.refusing import refused
from tests.world import World
from traceward.domain.production.commands import transforming as production
from traceward.domain.recalls import commands as recalls
from traceward.domain.recalls import queries
from traceward.domain.recalls.commands import Target
from traceward.domain.recalls.models import CaseState, RecallCase, RecallScope, RecallTarget
from traceward.domain.recalls.rules import NumberRange, number_range
from traceward.domain.stock.models import Code, Lot, Serial, Status, StockBlock
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput, WrongState
from traceward.kernel.documents.models import Document
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Event

EXPIRY = date(2030, 12, 31)


def scope_of(case_id: int) -> set[tuple[str, str]]:
    """Lot and serial numbers in the scope."""
    rows = RecallScope.objects.filter(case=case_id).select_related("lot", "serial")
    return {(str(r.lot or ""), str(r.serial or "")) for r in rows}


@pytest.fixture
def pacers(world: World) -> World:
    """Serials SN0007 to SN0012 of one lot, and one of another prefix, stand at A-01."""
    lot = world.lot("PACER", "P1", EXPIRY)
    numbers = [*(f"SN{n:04}" for n in range(7, 13)), "XN0009", "SN0009B"]
    serials = Serial.objects.bulk_create(
        Serial(item=lot.item, lot=lot, number=n, raw_number=n) for n in numbers
    )
    legs = [
        world.leg(Code.RECEIVE, lot, 1, "SUP", "A-01", status=Status.PENDING, serial_id=s.pk)
        for s in serials
    ]
    world.post(*legs)
    return world


def test_a_range_of_serials_is_recalled_and_no_other(pacers: World) -> None:
    item = pacers.items["PACER"].pk
    done = opened(pacers, Target(item_id=item, serial_from="sn0008", serial_to="SN0010"))
    assert scope_of(done.case_id) == {("P1", f"SN{n:04}") for n in (8, 9, 10)}
    assert kinds(done.case_id) == {"bin": 3}
    assert queries.ladder(done.case_id).difference == 0
    alone = opened(pacers, Target(item_id=item, serial_from="XN0009"))
    assert scope_of(alone.case_id) == {("P1", "XN0009")}


def test_a_range_says_of_what_and_from_where_to_where(pacers: World) -> None:
    item = pacers.items["PACER"].pk
    with refused(InvalidInput, "targets.0.item_id"):
        opened(pacers, Target(serial_from="SN0008"))
    for first, last in (("SN0010", "SN0008"), ("SN0008", "XN0010"), ("SN", "SN9")):
        with refused(InvalidInput, "targets.0.serial_to"):
            opened(pacers, Target(item_id=item, serial_from=first, serial_to=last))
    with refused(InvalidInput, "targets.0"):  # nobody knows such serials
        opened(pacers, Target(item_id=item, serial_from="SN0100", serial_to="SN0200"))


def test_ranges_are_told_by_their_numbers() -> None:
    assert number_range("SN0098", "SN0102") == NumberRange("SN", 98, 102)
    assert number_range("7", "7") == NumberRange("", 7, 7)
    assert number_range("A1B2", "A2B3") is None


def test_a_suppliers_lot_is_recalled_where_it_was_received(world: World) -> None:
    lot = world.lot("STENT", "L1", EXPIRY)
    Lot.objects.filter(pk=lot.pk).update(supplier_lot="V-77")
    world.stock(lot, 4)
    done = opened(world, Target(supplier_lot="V-77"))
    assert scope_of(done.case_id) == {("L1", "")}
    spelt = opened(world, Target(supplier_lot=" v-７7"))
    assert scope_of(spelt.case_id) == {("L1", "")}
    with refused(InvalidInput, "targets.0"):
        opened(world, Target(supplier_lot="V-77", supplier_id=world.hospital.pk))
    with refused(InvalidInput, "targets.0"):
        opened(world, Target(supplier_lot="V-77", item_id=world.items["PACER"].pk))
    makers_own = opened(world, Target(supplier_lot="l1", supplier_id=world.supplier.pk))
    assert scope_of(makers_own.case_id) == {("L1", "")}


def made(world: World, source: Lot, item: str, number: str, place: str) -> production.Transformed:
    return production.transform(
        world.shanghai.pk,
        [production.Input(source.item_id, 2, world.places["A-01"].pk, source.pk)],
        [production.Output(world.items[item].pk, world.places[place].pk, 1, number, [], EXPIRY)],
        by=world.by(roles.PRODUCTION),
    )


def test_what_came_out_of_a_production_is_recalled_not_what_went_in(world: World) -> None:
    raw = world.lot("STENT", "RAW", EXPIRY)
    world.stock(raw, 10)
    first = made(world, raw, "REAGENT", "MID", "C-01")
    made(world, raw, "REAGENT", "OTHER", "C-01")
    done = opened(world, Target(document_id=first.transformation_id))
    assert scope_of(done.case_id) == {("MID", "")}


def test_what_moved_under_any_other_document_is_recalled(world: World) -> None:
    receipt = received(world, (code("STENT", "L1"), 4))
    done = opened(world, Target(document_id=receipt.receipt_id))
    assert kinds(done.case_id) == {"dock": 4}
    assert RecallTarget.objects.get().document_id == receipt.receipt_id


def test_what_stood_in_a_place_for_a_while_is_recalled(world: World) -> None:
    """What was there before, came in between, and left again; not what came later or elsewhere."""
    begin = database_now()
    names = ("BEFORE", "BETWEEN", "LEFT", "LATER", "ELSEWHERE", "GONE")
    lots = {name: world.lot("STENT", name, EXPIRY) for name in names}

    def at(hours: int) -> None:
        set_clock(begin + timedelta(hours=hours))

    at(1)
    world.stock(lots["BEFORE"], 5)
    world.stock(lots["GONE"], 5)
    world.stock(lots["ELSEWHERE"], 5, "C-01")
    world.post(world.leg(Code.MOVE, lots["GONE"], 5, "A-01", "C-01"))
    at(3)
    world.stock(lots["BETWEEN"], 5, "A-02")
    world.stock(lots["LEFT"], 5)
    world.post(world.leg(Code.MOVE, lots["LEFT"], 5, "A-01", "C-01"))
    at(6)
    world.stock(lots["LATER"], 5)
    zone, hour = world.places["ZONE"].pk, timedelta(hours=1)
    window = {"from_at": begin + 2 * hour, "until_at": begin + 4 * hour}
    done = opened(world, Target(place_id=zone, **window))
    assert scope_of(done.case_id) == {("BEFORE", ""), ("BETWEEN", ""), ("LEFT", "")}
    narrower = Target(place_id=zone, item_id=world.items["PACER"].pk, **window)
    with refused(InvalidInput, "targets.0"):
        opened(world, narrower)
    until_now = opened(world, Target(place_id=world.places["A-01"].pk, from_at=begin + 5 * hour))
    assert scope_of(until_now.case_id) == {("BEFORE", ""), ("LATER", "")}


def test_what_of_an_item_came_in_since_a_moment_is_recalled(world: World) -> None:
    """Without a place: what was received of the item then, of one supplier where it is named."""
    begin = database_now()
    item = world.items["STENT"].pk
    for hours, lot in ((1, "BEFORE"), (3, "SINCE"), (6, "LATER")):
        set_clock(begin + timedelta(hours=hours))
        world.stock(world.lot("STENT", lot, EXPIRY), 2)
    world.stock(world.lot("REAGENT", "OTHER", EXPIRY), 2, "C-01")
    set_clock(begin + timedelta(hours=4))
    world.post(world.leg(Code.MOVE, world.lot("STENT", "BEFORE", EXPIRY), 1, "A-01", "A-02"))
    set_clock(begin + timedelta(hours=7))
    received(world, (code("STENT", "BOUGHT"), 4))
    since = begin + timedelta(hours=2)

    def lots(**more: Any) -> set[str]:
        case = opened(world, Target(item_id=item, **more)).case_id
        return {lot for lot, _ in scope_of(case)}

    assert lots(from_at=since) == {"SINCE", "LATER", "BOUGHT"}, "moved then is not received then"
    assert lots(from_at=since, until_at=begin + timedelta(hours=5)) == {"SINCE"}
    assert lots(until_at=since) == {"BEFORE"}
    assert lots(from_at=since, supplier_id=world.supplier.pk) == {"BOUGHT"}
    with refused(InvalidInput, "targets.0"):
        opened(world, Target(item_id=item, from_at=since, supplier_id=world.hospital.pk))


def test_a_place_needs_its_time(world: World) -> None:
    place, now = world.places["A-01"].pk, database_now()
    with refused(InvalidInput, "targets.0.from_at"):
        opened(world, Target(place_id=place))
    with refused(InvalidInput, "targets.0.from_at"):
        opened(world, Target(place_id=place, from_at=now.replace(tzinfo=None)))
    lot = world.lot("STENT", "L1").pk
    with refused(InvalidInput, "targets.0.until_at"):  # found by tests/api/test_hostile.py
        opened(world, Target(lot_id=lot, until_at=now.replace(tzinfo=None)))
    with refused(InvalidInput, "targets.0.place_id"):
        opened(world, Target(lot_id=lot, from_at=now))
    with refused(InvalidInput, "targets.0.until_at"):
        earlier = now - timedelta(hours=1)
        opened(world, Target(place_id=place, from_at=now, until_at=earlier))
    with refused(InvalidInput, "targets.0"):
        opened(world, Target(place_id=place, from_at=now, supplier_lot="V"))


def test_a_second_scope_is_added_to_a_running_recall(world: World) -> None:
    first, second = (world.lot("STENT", n, EXPIRY) for n in ("L1", "L2"))
    world.stock(first, 2)
    world.stock(second, 3)
    case = opened(world, Target(lot_id=first.pk)).case_id
    more = recalls.add_scope(
        case, [Target(lot_id=first.pk), Target(lot_id=second.pk)], by=world.by(roles.COMPLIANCE)
    )
    assert (more.blocks, scope_of(case)) == (1, {("L1", ""), ("L2", "")})
    assert kinds(case) == {"bin": 5}
    assert RecallTarget.objects.filter(case=case).count() == 3  # what was asked stays as asked
    assert StockBlock.objects.filter(case=case).count() == 2
    with refused(InvalidInput, "targets"):
        recalls.add_scope(case, [], by=world.by(roles.COMPLIANCE))


def test_what_becomes_known_later_comes_into_the_scope(pacers: World) -> None:
    lot = pacers.lot("PACER", "P1", EXPIRY)
    asked = Target(item_id=lot.item_id, serial_from="SN0012", serial_to="SN0015")
    case = opened(pacers, asked).case_id
    late = Serial.objects.create(item=lot.item, lot=lot, number="SN0014", raw_number="SN0014")
    again = recalls.block_scope(case, by=pacers.by(roles.QUALITY_CONTROLLER))
    assert again.blocks == 1
    assert ("P1", late.number) in scope_of(case)


def test_an_ended_recall_takes_no_more_scope(world: World) -> None:
    lot = world.lot("STENT", "L9", EXPIRY)
    case = opened(world, Target(lot_id=lot.pk), by=world.by(roles.COMPLIANCE)).case_id
    reported(world, case)
    recalls.close(case, "none was made", by=world.by(roles.QUALITY_HEAD).reauthenticated())
    with refused(WrongState):
        recalls.add_scope(case, [Target(lot_id=lot.pk)], by=world.by(roles.COMPLIANCE))


def test_hundreds_of_lots_take_as_many_statements_as_one(
    world: World, django_assert_max_num_queries
) -> None:
    lots = Lot.objects.bulk_create(
        Lot(item=world.items["STENT"], maker=world.supplier, number=f"H{n}", raw_number=f"H{n}")
        for n in range(300)
    )
    with django_assert_max_num_queries(60):
        done = opened(world, *(Target(lot_id=lot.pk) for lot in lots))
    assert done.blocks == 300


def test_a_second_recall_of_the_same_goods_is_opened_and_says_so(world: World) -> None:  # TRC-03
    lot, other = world.lot("STENT", "L1", EXPIRY), world.lot("STENT", "L2", EXPIRY)
    world.stock(lot, 4)
    world.stock(other, 4)
    first = opened(world, Target(lot_id=lot.pk))
    apart = opened(world, Target(lot_id=other.pk))
    assert first.warnings == apart.warnings == []
    second = opened(world, Target(lot_id=lot.pk))
    assert second.blocks == 1
    (warned,) = second.warnings
    number = RecallCase.objects.get(pk=first.case_id).number
    assert (warned.case_id, warned.number, warned.level, warned.goods) == (
        first.case_id,
        number,
        1,
        1,
    )
    assert number in warned.en
    assert number in warned.zh
    assert "{" not in warned.en + warned.zh
    entry = AuditEntry.objects.filter(verb="recalls.open", outcome="done").latest("pk")
    assert entry.facts["also in"] == [number]
    event = Event.objects.get(name__endswith="RecallsOverlapped")
    assert event.data["others"] == [str(first.case_uid)]


@pytest.mark.parametrize("is_wide_first", [True, False])
def test_a_whole_item_overlaps_with_its_lots(world: World, is_wide_first: bool) -> None:
    lot = world.lot("STENT", "L1", EXPIRY)
    world.stock(lot, 4)
    targets = [Target(item_id=lot.item_id), Target(lot_id=lot.pk)]
    first, then = targets if is_wide_first else reversed(targets)
    case = opened(world, first).case_id
    assert [w.case_id for w in opened(world, then).warnings] == [case]


def test_what_a_case_covers_itself_or_a_closed_one_covered_is_no_warning(world: World) -> None:
    lot = world.lot("STENT", "L1", EXPIRY)
    world.stock(lot, 4)
    first = opened(world, Target(lot_id=lot.pk)).case_id
    head = world.by(roles.QUALITY_HEAD)
    assert recalls.add_scope(first, [Target(lot_id=lot.pk)], by=head.asking()).warnings == []
    Document.objects.filter(pk=first).update(state=CaseState.CLOSED)
    assert opened(world, Target(lot_id=lot.pk)).warnings == []
    wider = recalls.add_scope(
        opened(world, Target(lot_id=world.lot("STENT", "L9", EXPIRY).pk)).case_id,
        [Target(item_id=lot.item_id)],
        by=head.asking(),
    )
    assert [w.level for w in wider.warnings] == [1]
