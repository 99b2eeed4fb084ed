"""Receiving by scanned UDI: what agrees comes in, pending; what does not is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.inbound import JOURNEY, announced, code, received
from tests.refusing import only_at, refused
from tests.world import World
from traceward.domain.catalog.models import Item, PackagingLevel, Product
from traceward.domain.catalog.queries import CertificateLacking
from traceward.domain.catalog.scanning import ContradictingScan, UnknownCode, UnreadableCode
from traceward.domain.partners.models import Licence, Partner
from traceward.domain.partners.queries import LicenceLacking, NotQualified
from traceward.domain.places.models import Place
from traceward.domain.stock.models import Lot, Status, StockBalance, StockMove
from traceward.domain.stock.refusals import Expired
from traceward.domain.warehousing.commands.journeys import Journey
from traceward.domain.warehousing.commands.receiving import NotAnnounced, Scan, receive
from traceward.domain.warehousing.models import Receipt, ReceiptLine
from traceward.domain.warehousing.refusals import ColdChainBroken
from traceward.domain.warehousing.scanning import IncompleteLabel
from traceward.kernel.base.refusals import InvalidInput, NotAllowed, NotFound
from traceward.kernel.command.erasable import Erasable
from traceward.kernel.org import roles
from traceward.kernel.outbox.models import Event

LOT = code("STENT", "L1")


def take(world: World, notice_id: int, *scans: tuple[str, int], **values) -> object:
    return receive(
        notice_id,
        values.pop("place_id", world.places["DOCK"].pk),
        values.pop("delivery_note", "DN-7"),
        [Scan([raw], packs) for raw, packs in scans],
        journey=values.pop("journey", JOURNEY),
        by=values.pop("by", world.by(roles.STOREKEEPER)),
        **values,
    )


def test_received_goods_stand_pending_and_ours(world: World) -> None:  # INB-01 INB-03
    done = received(world, (LOT, 6))
    lot = Lot.objects.get(number="L1")
    assert done.base_units == 6
    assert (lot.expires_on, lot.expiry_raw) == (date(2030, 12, 31), "301231")
    balance = StockBalance.objects.get(lot=lot, place=world.places["DOCK"])
    assert (balance.on_hand, balance.status) == (6, Status.PENDING)
    assert balance.owner_id == world.us.pk
    move = StockMove.objects.get(lot=lot)
    assert (move.di, move.document_id) == ("06901234567892", done.receipt_id)
    assert move.from_owner_id == world.supplier.pk
    receipt = Receipt.objects.get(pk=done.receipt_id)
    assert receipt.number.startswith("GR-HA-")
    assert receipt.delivery_note == "DN-1"
    assert Event.objects.get(name="warehousing.receive.GoodsReceived").subject == receipt.uid


def test_receipt_line_keeps_the_papers_of_that_day(world: World) -> None:  # INB-02 GSP art. 65
    done = received(world, (LOT, 2))
    line = ReceiptLine.objects.get(receipt_id=done.receipt_id)
    assert line.registration_number == "国械注准20223130001"
    assert line.registrant_name == "北辰器械"
    assert line.production_licence == f"L{world.supplier.pk}"
    assert (line.raw, line.expires_on) == (LOT, date(2030, 12, 31))


def test_month_precision_means_the_last_day(world: World) -> None:  # INV-05
    received(world, (code("STENT", "L2", "300200"), 1))
    lot = Lot.objects.get(number="L2")
    assert (lot.expires_on, lot.expiry_precision) == (date(2030, 2, 28), "month")


def test_a_pack_counts_its_base_units(world: World) -> None:  # MDM-01
    PackagingLevel.objects.create(
        item=world.items["STENT"], level=1, di="16901234567899", base_units=5
    )
    pack = "(01)16901234567899(17)301231(10)L1"
    coming = announced(world, (LOT, 10))
    assert take(world, coming.notice_id, (pack, 1), (LOT, 2)).base_units == 7


def test_serials_are_received_one_by_one(world: World) -> None:
    one, two = (code("PACER", "P1", serial=f"S{n}") for n in (1, 2))
    coming = announced(world, (one, 1), (two, 1), item="PACER")
    take(world, coming.notice_id, (one, 1), (two, 1))
    assert StockBalance.objects.filter(place=world.places["DOCK"], on_hand=1).count() == 2
    with refused(InvalidInput, "scans.0.packs"):
        take(world, coming.notice_id, (one, 2))


def test_another_serial_than_announced_is_refused(world: World) -> None:  # INB-02
    coming = announced(world, (code("PACER", "P1", serial="S1"), 1), item="PACER")
    with refused(NotAnnounced, "scans.0.codes") as caught:
        take(world, coming.notice_id, (code("PACER", "P1", serial="S9"), 1))
    assert caught.value.values["announced"] == "S1"
    assert caught.value.values["scanned"] == "S9"


def test_another_lot_than_announced_is_refused_with_both(world: World) -> None:  # INB-02
    coming = announced(world, (LOT, 5))
    with refused(NotAnnounced, "scans.0.codes") as caught:
        take(world, coming.notice_id, (code("STENT", "X9"), 1))
    assert "L1" in str(caught.value)
    assert "X9" in str(caught.value)


def test_another_expiry_than_announced_is_refused_with_both(world: World) -> None:  # INB-02
    coming = announced(world, (LOT, 5))
    with refused(NotAnnounced, "scans.1.codes") as caught:
        take(world, coming.notice_id, (LOT, 1), (code("STENT", "L1", "291231"), 1))
    assert "2030-12-31" in str(caught.value)
    assert "2029-12-31" in str(caught.value)


def test_an_item_that_was_not_announced_is_refused(world: World) -> None:
    coming = announced(world, (LOT, 5))
    with refused(NotAnnounced, "scans.0.codes"):
        take(world, coming.notice_id, (code("PACER", "P1", serial="S1"), 1))


def test_more_than_announced_is_refused_over_several_receipts(world: World) -> None:  # INB-02
    coming = announced(world, (LOT, 5))
    take(world, coming.notice_id, (LOT, 3))
    with refused(NotAnnounced, "scans.0.packs") as caught:
        take(world, coming.notice_id, (LOT, 3))
    assert caught.value.values["announced"] == "2"
    take(world, coming.notice_id, (LOT, 2))


@pytest.mark.parametrize("raw", ["", "rubbish", "(01)06901234567893(10)L1", "(17)301231(10)L1"])
def test_a_code_that_cannot_be_read_is_refused(world: World, raw: str) -> None:
    coming = announced(world, (LOT, 5))
    with refused(UnreadableCode, "scans.0.codes"):
        take(world, coming.notice_id, (raw, 1))


def test_a_code_of_no_item_of_ours_is_refused(world: World) -> None:
    coming = announced(world, (LOT, 5))
    with refused(UnknownCode, "scans.0.codes"):
        take(world, coming.notice_id, ("(01)09521234543213(17)301231(10)L1", 1))


def test_a_label_without_lot_is_refused(world: World) -> None:
    coming = announced(world, (LOT, 5))
    with refused(IncompleteLabel, "scans.0.codes"):
        take(world, coming.notice_id, (code("STENT"), 1))


def test_two_barcodes_of_one_pack_are_read_together(world: World) -> None:
    coming = announced(world, (LOT, 5))
    done = receive(
        coming.notice_id,
        world.places["DOCK"].pk,
        "DN-2",
        [Scan(["(01)06901234567892", "(17)301231(10)L1"], 1)],
        journey=JOURNEY,
        by=world.by(roles.STOREKEEPER),
    )
    assert done.base_units == 1


def test_expired_goods_are_refused(world: World) -> None:  # INV-07
    old = code("STENT", "OLD", "240101")
    coming = announced(world, (old, 5))
    with refused(Expired, "scans.0.codes"):
        take(world, coming.notice_id, (old, 1))


def test_an_expired_serial_without_a_lot_is_refused(world: World) -> None:  # INV-07
    pacer, di = world.items["PACER"], "09521234567899"
    world.items["PUMP"] = Item.objects.create(
        code="PUMP", product=pacer.product, maker=pacer.maker, has_lots=False, has_serials=True
    )
    PackagingLevel.objects.create(item=world.items["PUMP"], level=0, di=di, base_units=1)
    old = f"(01){di}(17)240101(21)S1"
    coming = announced(world, (old, 1), item="PUMP")
    with refused(Expired, "scans.0.codes") as caught:
        take(world, coming.notice_id, (old, 1))
    assert "S1 expired after 2024-01-01" in str(caught.value)


def test_a_lot_known_with_another_expiry_is_refused(world: World) -> None:  # INV-05
    world.lot("STENT", "L1", date(2029, 1, 1))
    coming = announced(world, (LOT, 5))
    with refused(ContradictingScan, "scans.0.codes") as caught:
        take(world, coming.notice_id, (LOT, 1))
    assert caught.value.details[0]["raw"] == LOT


def test_nothing_announced_nothing_received(world: World) -> None:
    coming = announced(world, (LOT, 5))
    with refused(NotAnnounced, "document_id"):
        take(world, coming.order_id, (LOT, 1))
    with refused(NotFound):
        take(world, 0, (LOT, 1))
    with refused(InvalidInput, "scans"):
        take(world, coming.notice_id)


def test_goods_are_received_at_a_dock_or_in_a_pending_zone(world: World) -> None:  # GSP art. 62
    coming = announced(world, (LOT, 5))
    with refused(InvalidInput, "place_id"):
        take(world, coming.notice_id, (LOT, 1), place_id=world.places["A-01"].pk)
    Place.objects.filter(code="A-02").update(zone="pending")
    take(world, coming.notice_id, (LOT, 1), place_id=world.places["A-02"].pk)


def test_no_delivery_note_or_damaged_goods_are_refused(world: World) -> None:  # INB-02
    coming = announced(world, (LOT, 5))
    with refused(InvalidInput, "delivery_note"):
        take(world, coming.notice_id, (LOT, 1), delivery_note=" ")
    with refused(NotAnnounced, "is_intact"):
        take(world, coming.notice_id, (LOT, 1), is_intact=False)


def test_an_ended_licence_of_the_supplier_blocks_receipt(world: World) -> None:  # MDM-04
    coming = announced(world, (LOT, 5))
    Licence.objects.filter(party=world.supplier).update(valid_until=date(2024, 1, 1))
    with refused(LicenceLacking, "scans.0") as caught:
        take(world, coming.notice_id, (LOT, 1))
    assert "production licence" in str(caught.value)
    assert "expired" in str(caught.value)


def test_our_own_licence_must_cover_what_comes(world: World) -> None:  # MDM-04
    coming = announced(world, (LOT, 5))
    Licence.objects.filter(party=world.us).update(classes=[2])
    with refused(LicenceLacking, "scans.0") as caught:
        take(world, coming.notice_id, (LOT, 1))
    assert "Huan Medical" in str(caught.value)


def test_an_ended_certificate_blocks_receipt(world: World) -> None:  # MDM-04
    coming = announced(world, (LOT, 5))
    Product.objects.update(valid_until=date(2024, 1, 1))
    with refused(CertificateLacking, "scans.0"):
        take(world, coming.notice_id, (LOT, 1))


def test_a_supplier_who_is_qualified_no_longer_blocks_receipt(world: World) -> None:  # MDM-03
    coming = announced(world, (LOT, 5))
    Partner.objects.filter(party=world.supplier).update(is_qualified=False)
    with refused(NotQualified):
        take(world, coming.notice_id, (LOT, 1))


def journey(**values) -> Journey:
    measured = {
        "departed_at": datetime(2026, 11, 20, tzinfo=UTC),
        "arrival_c": Decimal(5),
        "transit_c_min": Decimal(3),
        "transit_c_max": Decimal(7),
    }
    return Journey("refrigerated truck", Erasable("老周"), **{**measured, **values})


def test_cold_goods_come_with_their_temperatures(world: World) -> None:  # INB-02 GSP art. 63
    cold = code("REAGENT", "R1")
    coming = announced(world, (cold, 5), item="REAGENT")
    with refused(ColdChainBroken, "journey.departed_at"):
        take(world, coming.notice_id, (cold, 1))
    with refused(ColdChainBroken, "journey.transit_c_max") as caught:
        take(world, coming.notice_id, (cold, 1), journey=journey(transit_c_max=Decimal("8.1")))
    assert "8.1" in str(caught.value)
    for left in (datetime(2999, 1, 1, tzinfo=UTC), datetime(2026, 11, 20)):  # noqa: DTZ001  # on purpose
        with refused(InvalidInput, "journey.departed_at"):
            take(world, coming.notice_id, (cold, 1), journey=journey(departed_at=left))
    done = take(world, coming.notice_id, (cold, 1), journey=journey(transit_c_max=Decimal(8)))
    assert Receipt.objects.get(pk=done.receipt_id).transit_c_max == Decimal(8)


def test_a_grant_for_another_site_does_not_count(world: World) -> None:  # ORG-03
    coming = announced(world, (LOT, 5))
    elsewhere = only_at(world, roles.STOREKEEPER, world.chengdu)
    with refused(NotAllowed):
        take(world, coming.notice_id, (LOT, 1), by=elsewhere)
    with refused(NotAllowed):
        take(world, coming.notice_id, (LOT, 1), by=world.by(roles.INSPECTOR))


def test_a_label_that_is_scanned_twice_is_told_as_scanned(world: World) -> None:
    coming = announced(world, (LOT, 5))
    with refused(NotAnnounced, "scans.1.codes") as caught:
        take(world, coming.notice_id, (LOT, 5), (LOT, 1))
    assert "STENT 批号 L1 已扫过（第 1 次扫码）" in caught.value.in_language("zh-hans")
