"""Every step of the work reads labels of every system by one way; what contradicts is refused."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from tests.inbound import JOURNEY, code, ordered
from tests.outbound import VAN, check, opened, picked, shipped, sign_for, standing
from tests.refusing import refused
from tests.warehousing import labels
from tests.world import World
from traceward.domain.catalog.models import PackagingLevel
from traceward.domain.catalog.scanning import AmbiguousCode, ContradictingScan, UnreadableCode
from traceward.domain.purchasing import commands as purchasing
from traceward.domain.sales.commands import using
from traceward.domain.stock.models import Code, Container, Lot, Serial, Status, StockMove
from traceward.domain.stock.refusals import ShortStock
from traceward.domain.warehousing.commands import checking, picking, receiving, shipping
from traceward.domain.warehousing.models import KeptScan, ReceiptLine
from traceward.domain.warehousing.refusals import WrongPick
from traceward.domain.warehousing.scanning import IncompleteLabel
from traceward.domain.warehousing.scanning.announced import NotAnnounced
from traceward.kernel.audit.models import AuditEntry
from traceward.kernel.base.refusals import InvalidInput
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles

GS1 = code("STENT", "L1")


@pytest.fixture
def coded(world: World) -> World:
    return labels.with_codes(world)


@pytest.fixture
def stocked(coded: World) -> World:
    coded.stock(coded.lot("STENT", "L1", date(2030, 12, 31)), 5)
    return coded


LABELS: dict[str, Callable[[], Sequence[str]]] = {
    "GS1": lambda: [GS1],
    "GS1 Digital Link": lambda: ["https://example.com/01/06901234567892/10/L1?17=301231"],
    "HIBC": lambda: [labels.hibc("L1")],
    "HIBC pair": lambda: labels.hibc_pair("L1"),
    "MA": lambda: [labels.ma("L1")],
    "MA address": lambda: [labels.ma_address("L1")],
    "MA XML": lambda: [labels.ma_xml("L1")],
    "own code and typed lot": lambda: ["STENT", "(10)L1(17)301231"],
    "two systems": lambda: [GS1, labels.hibc("L1")],
}


@pytest.mark.parametrize("system", LABELS)
def test_a_device_of_every_system_goes_the_whole_way(coded: World, system: str) -> None:
    codes = list(LABELS[system]())
    order_id = ordered(coded)
    notice = purchasing.notify(
        order_id, "N-1", [purchasing.Noticed(codes, 5)], by=coded.by(roles.BUYER)
    )
    done = receiving.receive(
        notice.notice_id,
        coded.places["DOCK"].pk,
        "DN-1",
        [receiving.Scan(codes, 5)],
        journey=JOURNEY,
        by=coded.by(roles.STOREKEEPER),
    )
    lot = Lot.objects.get(number="L1")
    assert (lot.item.code, lot.expires_on) == ("STENT", date(2030, 12, 31))
    assert ReceiptLine.objects.get(receipt_id=done.receipt_id).raw == "\n".join(codes)
    coded.post(
        coded.leg(Code.RELEASE, lot, 5, "DOCK", "DOCK", from_status=Status.PENDING, to_status=2)
    )
    coded.post(coded.leg(Code.PUTAWAY, lot, 5, "DOCK", "A-01"))
    going = opened(coded)
    scan = picking.PickScan(codes, "]C0A-01", 3)
    picking.pick(going.pick_id, [scan], by=coded.by(roles.PICKER))
    checking.check(
        going.pick_id,
        [checking.CheckScan(codes, 3)],
        is_package_intact=True,
        is_label_right=True,
        by=coded.by(roles.CHECKER),
    )
    sent = shipping.ship(going.pick_id, VAN, by=coded.by(roles.DISPATCHER))
    going.shipment_id = sent.shipment_id
    sign_for(coded, going)
    used = using.UsedItem(codes, 1, Erasable("P-1"))
    using.use(coded.places["DEP"].pk, [used], by=coded.by(roles.COORDINATOR))
    assert standing() == {"A-01": 2, "DEP": 2, "USED": 1}


def test_the_code_as_scanned_stands_in_the_move(stocked: World) -> None:
    going = opened(stocked)
    scan = picking.PickScan([labels.ma("L1")], "A-01", 3)
    picking.pick(going.pick_id, [scan], by=stocked.by(roles.PICKER))
    assert StockMove.objects.get(code=Code.PICK).di == labels.MA_DI


def test_every_scan_is_kept_as_it_came(stocked: World) -> None:  # INV-05 WMS-01
    going = opened(stocked)
    codes = [labels.hibc("L1"), "]d2" + "0106901234567892" + "17301231" + "10L1"]
    by = stocked.by(roles.PICKER)
    picking.pick(going.pick_id, [picking.PickScan(codes, "A-01", 3)], by=by)
    row = KeptScan.objects.get(document=going.pick_id)
    assert (row.raw, row.packs, row.lot.number) == ("\n".join(codes), 3, "L1")
    assert AuditEntry.objects.get(pk=row.command_id).verb == "warehousing.pick"
    check(stocked, going)
    assert KeptScan.objects.filter(document=going.pick_id).count() == 2


def test_a_refused_scan_is_on_record_as_it_came(stocked: World) -> None:  # INV-05
    going, by = opened(stocked), stocked.by(roles.PICKER)
    raw = code("STENT", "L1", "290131")
    with refused(ContradictingScan, "scans.0.codes"):
        picking.pick(going.pick_id, [picking.PickScan([raw], "A-01")], by=by)
    entry = AuditEntry.objects.get(request_id=by.request_id)
    assert entry.outcome == "refused"
    assert raw in entry.detail
    assert not KeptScan.objects.exists()


Step = Callable[[World, list[str]], Callable[[], object]]


def step_receive(world: World, codes: list[str]) -> Callable[[], object]:
    order_id = ordered(world)
    lines = [purchasing.Noticed([GS1], 5)]
    notice = purchasing.notify(order_id, f"N{order_id}", lines, by=world.by(roles.BUYER))
    dock, by = world.places["DOCK"].pk, world.by(roles.STOREKEEPER)
    return lambda: receiving.receive(notice.notice_id, dock, "DN-1", [receiving.Scan(codes)], by=by)


def step_pick(world: World, codes: list[str]) -> Callable[[], object]:
    going, by = opened(world), world.by(roles.PICKER)
    return lambda: picking.pick(going.pick_id, [picking.PickScan(codes, "A-01")], by=by)


def step_check(world: World, codes: list[str]) -> Callable[[], object]:
    going, by = picked(world), world.by(roles.CHECKER)
    return lambda: checking.check(
        going.pick_id,
        [checking.CheckScan(codes, 3)],
        is_package_intact=True,
        is_label_right=True,
        by=by,
    )


def step_use(world: World, codes: list[str]) -> Callable[[], object]:
    going, by = shipped(world), world.by(roles.COORDINATOR)
    sign_for(world, going)
    return lambda: using.use(world.places["DEP"].pk, [using.UsedItem(codes)], by=by)


#: What is wrong with a label → its codes, what the refusal names, and both values.
WRONG = {
    "expiry against the record": ([code("STENT", "L1", "290131")], "2029-01-31", "2030-12-31"),
    "month against the record": ([code("STENT", "L1", "290100")], "2029-01-31", "2030-12-31"),
    "HIBC against the record": (
        [labels.hibc("L1", expires=labels.expiry(2029, 1, 31))],
        "2029-01-31",
        "2030-12-31",
    ),
    "lot, MA against GS1": ([GS1, labels.ma("L2")], "L2", "L1"),
    "lot, HIBC against GS1": ([GS1, labels.hibc("L2")], "L2", "L1"),
    "expiry, MA against GS1": (
        [GS1, labels.ma("L1", expires=labels.expiry(2029))],
        "2029-12-31",
        "2030-12-31",
    ),
    "item, HIBC against GS1": ([GS1, labels.hibc("L1", item="PACER0")], "PACER", "STENT"),
    "two lots in GS1": ([GS1, "(10)L2"], "L2", "L1"),
}


@pytest.mark.parametrize("step", [step_receive, step_pick, step_check, step_use])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_contradicting_scan_is_refused_at_every_step(
    stocked: World, step: Step, wrong: str
) -> None:  # INV-05 INB-02 OUT-05
    codes, said, known = WRONG[wrong]
    act = step(stocked, codes)
    with refused(ContradictingScan) as caught:
        act()
    refusal = caught.value
    assert refusal.field.split(".")[:2] in (["scans", "0"], ["items", "0"])
    row = refusal.details[0]
    assert (row["said"], row["known"], row["raw"]) == (said, known, "\n".join(codes))
    for language in ("en", "zh-hans"):
        shown = refusal.in_language(language)
        assert said in shown
        assert known in shown


def serial_stock(world: World) -> None:
    for number, lot in (("S1", "P1"), ("S2", "P2")):
        row = world.lot("PACER", lot)
        Serial.objects.create(item=row.item, lot=row, number=number, raw_number=number)


def test_a_serial_of_another_lot_is_refused(coded: World) -> None:  # INV-05
    serial_stock(coded)
    by = coded.by(roles.COORDINATOR)
    for raw in (
        code("PACER", "P1", serial="S2"),
        labels.hibc("P1", "S2", item="PACER0"),
    ):
        item = using.UsedItem([raw], 1, Erasable("P-1"))
        with refused(ContradictingScan, "items.0.codes") as caught:
            using.use(coded.places["DEP"].pk, [item], by=by.asking())
        row = caught.value.details[0]
        assert (row["what"], row["said"], row["known"]) == ("lot", "P1", "P2")


def test_a_received_serial_known_in_another_lot_is_refused(coded: World) -> None:  # INB-02
    serial_stock(coded)
    raw = code("PACER", "P1", serial="S2")
    order_id = ordered(coded, "PACER")
    notice = purchasing.notify(
        order_id, "N-2", [purchasing.Noticed([raw], 1)], by=coded.by(roles.BUYER)
    )
    with refused(ContradictingScan, "scans.0.codes"):
        receiving.receive(
            notice.notice_id,
            coded.places["DOCK"].pk,
            "DN-2",
            [receiving.Scan([raw])],
            by=coded.by(roles.STOREKEEPER),
        )


def test_the_wrong_lot_is_refused_with_the_right_one_shown(stocked: World) -> None:  # OUT-05
    stocked.stock(stocked.lot("STENT", "L2", date(2030, 12, 31)), 5)
    going = opened(stocked)
    for codes in ([code("STENT", "L2")], [labels.hibc("L2")], [labels.ma("L2")]):
        with refused(WrongPick, "scans.0.codes") as caught:
            picking.pick(
                going.pick_id, [picking.PickScan(codes, "A-01")], by=stocked.by(roles.PICKER)
            )
        assert "L2" in str(caught.value)
        assert "L1" in str(caught.value)


def test_a_lot_of_the_wrong_announcement_is_refused(coded: World) -> None:  # INB-02
    act = step_receive(coded, [labels.hibc("L2")])
    with refused(NotAnnounced, "scans.0.codes"):
        act()


def test_a_label_of_ours_names_lot_or_serial(stocked: World) -> None:
    Lot.objects.filter(number="L1").update(own_lot="HA-0001")
    going = opened(stocked)
    for raw in ("L1", "]C0HA-0001", "l1"):
        scan = picking.PickScan([raw], "A-01")
        progress = picking.pick(going.pick_id, [scan], by=stocked.by(roles.PICKER))
    assert progress.left == 0


def test_a_lot_number_of_two_items_names_both(stocked: World) -> None:
    stocked.lot("REAGENT", "L1")
    going, by = opened(stocked), stocked.by(roles.PICKER)
    with refused(AmbiguousCode, "scans.0.codes") as caught:
        picking.pick(going.pick_id, [picking.PickScan(["L1"], "A-01")], by=by)
    assert {row["item"] for row in caught.value.details} == {"STENT", "REAGENT"}
    assert "REAGENT" in caught.value.in_language("zh-hans")
    scan = picking.PickScan(["L1", "STENT"], "A-01", 3)
    assert picking.pick(going.pick_id, [scan], by=by.asking()).left == 0


def test_a_label_without_its_number_asks_for_the_other_barcode(stocked: World) -> None:
    going, by = opened(stocked), stocked.by(roles.PICKER)
    with refused(IncompleteLabel, "scans.0.codes") as caught:
        picking.pick(going.pick_id, [picking.PickScan(["+T999WIDGET015"], "A-01")], by=by)
    assert "no lot" in str(caught.value)


def test_the_lot_of_a_known_serial_need_not_be_on_the_label(coded: World) -> None:
    serial_stock(coded)
    raw = "(01)06901234567908(21)S1"
    item = using.UsedItem([raw], 1, Erasable("P-1"))
    with refused(ShortStock, "items.0"):
        using.use(coded.places["DEP"].pk, [item], by=coded.by(roles.COORDINATOR))


def test_a_month_agrees_with_a_lot_known_by_its_day(coded: World) -> None:
    coded.stock(coded.lot("STENT", "L1", date(2030, 12, 15)), 5)
    going = opened(coded)
    raw = code("STENT", "L1", "301200")
    scan = picking.PickScan([raw], "A-01", 3)
    assert picking.pick(going.pick_id, [scan], by=coded.by(roles.PICKER)).left == 0


def test_the_place_is_read_without_what_the_scanner_adds(stocked: World) -> None:
    going, by = opened(stocked), stocked.by(roles.PICKER)
    with refused(UnreadableCode, "scans.0.place_code"):
        picking.pick(going.pick_id, [picking.PickScan([GS1], "]C0")], by=by)
    with refused(UnreadableCode, "scans.0.place_code"):
        picking.pick(going.pick_id, [picking.PickScan([GS1], "A\x1d01")], by=by.asking())


def test_sterilisation_lot_and_what_the_day_is_called_are_kept(coded: World) -> None:  # INV-05
    raw = labels.ma("L1") + ".DST-9"
    order_id = ordered(coded)
    notice = purchasing.notify(
        order_id, "N-1", [purchasing.Noticed([raw], 5)], by=coded.by(roles.BUYER)
    )
    receiving.receive(
        notice.notice_id,
        coded.places["DOCK"].pk,
        "DN-1",
        [receiving.Scan([raw], 5)],
        journey=JOURNEY,
        by=coded.by(roles.STOREKEEPER),
    )
    lot = Lot.objects.get(number="L1")
    assert (lot.sterilisation_lot, lot.expiry_basis) == ("ST-9", "valid until")


def test_goods_are_packed_into_a_container_known_by_its_code(stocked: World) -> None:
    going = picked(stocked)
    check(stocked, going)
    by = stocked.by(roles.PICKER)
    with refused(InvalidInput, "sscc"):
        shipping.pack(going.pick_id, sscc=GS1, by=by.asking())
    Container.objects.create(code="TOTE-1")
    assert shipping.pack(going.pick_id, sscc="]C0TOTE-1", by=by.asking()).sscc == "TOTE-1"


def test_a_pack_of_another_system_counts_its_base_units(stocked: World) -> None:  # MDM-01
    box = PackagingLevel.objects.create(
        item=stocked.items["STENT"], level=1, agency="HIBC", di="T999WIDGET02", base_units=3
    )
    going = opened(stocked)
    scan = picking.PickScan([labels.hibc_box("L1")], "A-01", 1)
    assert picking.pick(going.pick_id, [scan], by=stocked.by(roles.PICKER)).taken == 3
    assert KeptScan.objects.get().packaging_id == box.pk
